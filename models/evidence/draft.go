package evidence

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Draft is what somebody reports, before anything about it was checked.
type Draft struct {
	Kind           Kind
	Outcome        Outcome
	Metrics        []Metric
	DatasetDigest  string
	Suite          string
	SuiteSHA256    string
	URL            string
	ArtifactSHA256 string
	Note           string
	ExpiresAt      time.Time // zero: by the policy's freshness alone
}

// The bounds of a draft, in characters and entries.
const (
	MaxMetrics = 50
	maxLine    = 200
	maxURL     = 2000
	maxNote    = 4000
)

// Operators lists how a value may be held against its threshold.
var Operators = []string{">=", "<=", ">", "<"}

// New records a result for a version as it is now. Every refusal stands at its field.
func New(a org.Actor, m *registry.Model, v *registry.Version, d Draft, now time.Time) (*Evidence, error) {
	if may := MayRecord(a, m, v); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	d = d.tidy()
	if err := d.check(now); err != nil {
		return nil, err
	}
	e := &Evidence{
		ModelID: m.ID, VersionID: v.ID, VersionDigest: v.Digest(), Parts: v.Parts(), Kind: d.Kind, Outcome: d.Outcome, Metrics: d.Metrics,
		DatasetDigest: d.DatasetDigest, Suite: d.Suite, SuiteSHA256: d.SuiteSHA256, URL: d.URL, ArtifactSHA256: d.ArtifactSHA256,
		Note: d.Note, ExpiresAt: d.ExpiresAt, RecordedBy: a.ID, RecordedVia: a.Via, RecordedAt: now,
	}
	e.Trail.Note("evidence.recorded", e.Subject(), nil, map[string]any{
		"version": v.Label, "version_digest": e.VersionDigest, "kind": e.Kind, "outcome": e.Outcome, "metrics": e.Metrics,
		"dataset": e.DatasetDigest, "suite": e.SuiteSHA256, "artifact": e.ArtifactSHA256, "url": e.URL})
	return e, nil
}

// MayRecord says whether this person may record evidence for this version.
func MayRecord(a org.Actor, m *registry.Model, v *registry.Version) org.Decision {
	if a.ID == 0 {
		return org.Decision{Reason: "Sign in first: evidence names who recorded it."}
	}
	if may := org.May(a, org.Edit, m.TeamID); !may.Allowed {
		return may
	}
	if v.Stage == registry.Retired {
		return org.Decision{Reason: v.Label + " is retired; its evidence is closed."}
	}
	return org.Decision{Allowed: true}
}

// MayWithdraw says whether this person may take the evidence back: whoever recorded it, or the model's team.
func (e *Evidence) MayWithdraw(a org.Actor, m *registry.Model) org.Decision {
	switch {
	case a.ID == 0:
		return org.Decision{Reason: "Sign in first."}
	case e.Withdrawn:
		return org.Decision{Reason: "This evidence is withdrawn already."}
	}
	return org.May(a, org.Edit, m.TeamID)
}

// Withdraw takes evidence back, with a reason. It stays on record and no longer counts.
func (e *Evidence) Withdraw(a org.Actor, m *registry.Model, reason string) error {
	if e.Withdrawn {
		return fault.New(fault.Conflict, "This evidence is withdrawn already.")
	}
	if may := e.MayWithdraw(a, m); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	reason = tidyText(reason)
	var p fault.Problems
	if reason == "" {
		p.Add("reason", "Say why it no longer counts.")
	}
	text(&p, "reason", reason, maxNote)
	if err := p.Err(); err != nil {
		return err
	}
	e.Withdrawn = true
	e.Trail.Note("evidence.withdrawn", e.Subject(), map[string]any{"kind": e.Kind, "outcome": e.Outcome}, map[string]any{"reason": reason})
	return nil
}

// tidy trims, writes digests one way and leaves out rows of a form that nobody filled in.
func (d Draft) tidy() Draft {
	d.Suite, d.URL, d.DatasetDigest = strings.TrimSpace(d.Suite), strings.TrimSpace(d.URL), strings.TrimSpace(d.DatasetDigest)
	d.SuiteSHA256, d.ArtifactSHA256 = PlainSHA256(d.SuiteSHA256), PlainSHA256(d.ArtifactSHA256)
	d.Note = tidyText(d.Note)
	if s := PlainSHA256(d.DatasetDigest); sha256Hex.MatchString(s) {
		d.DatasetDigest = "sha256:" + s
	}
	d.Metrics = slices.Clone(d.Metrics)
	for i := range d.Metrics {
		d.Metrics[i].Name = strings.TrimSpace(d.Metrics[i].Name)
	}
	if !d.ExpiresAt.IsZero() {
		d.ExpiresAt = d.ExpiresAt.UTC().Truncate(time.Millisecond)
	}
	return d
}

func (d Draft) check(now time.Time) error {
	var p fault.Problems
	if !slices.Contains(Kinds, d.Kind) {
		p.Add("kind", "Choose what kind of evidence this is.")
	}
	if !slices.Contains([]Outcome{Passed, Failed, Inconclusive}, d.Outcome) {
		p.Add("outcome", "Choose how it came out.")
	}
	d.checkMetrics(&p)
	digest(&p, "dataset_digest", d.DatasetDigest)
	hash(&p, "suite_sha256", d.SuiteSHA256)
	hash(&p, "artifact_sha256", d.ArtifactSHA256)
	line(&p, "suite", d.Suite, maxLine)
	address(&p, d.URL)
	text(&p, "note", d.Note, maxNote)
	switch {
	case d.ExpiresAt.IsZero():
	case !d.ExpiresAt.After(now):
		p.Add("expires_at", "This is past. Evidence that is out of date when it is recorded counts for nothing.")
	case d.ExpiresAt.After(now.AddDate(10, 0, 0)):
		p.Add("expires_at", "Choose a day within the next ten years.")
	}
	if d.URL == "" && d.ArtifactSHA256 == "" && len(d.Metrics) == 0 && d.Note == "" {
		p.Add("url", "Give a link, an artefact's hash, a metric or a note: something that a reviewer can look at.")
	}
	return p.Err()
}

func (d Draft) checkMetrics(p *fault.Problems) {
	if len(d.Metrics) > MaxMetrics {
		p.Addf("metrics", "At most %d metrics are taken at once.", MaxMetrics)
		return
	}
	if d.Kind == Evaluation && d.Outcome == Passed && len(d.Metrics) == 0 {
		p.Add("metrics[0].name", "An evaluation that passed names at least one metric with its threshold.")
	}
	seen := map[string]bool{}
	for i, m := range d.Metrics {
		at := func(part string) string { return fmt.Sprintf("metrics[%d].%s", i, part) }
		switch {
		case m.Name == "":
			p.Add(at("name"), "Name the metric.")
		case seen[strings.ToLower(m.Name)]:
			p.Add(at("name"), "This metric is named twice.")
		}
		seen[strings.ToLower(m.Name)] = true
		line(p, at("name"), m.Name, 100)
		if !slices.Contains(Operators, m.Operator) {
			p.Add(at("operator"), "Choose >=, <=, > or <.")
		}
		if !finite(m.Value) {
			p.Add(at("value"), "Enter a number, with a point for decimals.")
		}
		if !finite(m.Threshold) {
			p.Add(at("threshold"), "Enter a number, with a point for decimals.")
		}
		if d.Outcome == Passed && slices.Contains(Operators, m.Operator) && finite(m.Value) && finite(m.Threshold) && !m.Holds() {
			p.Addf("outcome", "It cannot have passed: %s", m.Shortfall())
		}
	}
}

// Shortfall says in a sentence which threshold a metric misses.
func (m Metric) Shortfall() string {
	return fmt.Sprintf("%s is %g, which is not %s %g.", m.Name, m.Value, m.Operator, m.Threshold)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// PlainSHA256 is a SHA-256 as it is kept and compared: lower case, without "sha256:" before it.
func PlainSHA256(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "sha256:")
}

// SameDigest reports whether two spellings name the same content. Nothing is not the same as nothing.
func SameDigest(a, b string) bool { return a != "" && PlainSHA256(a) == PlainSHA256(b) }

func hash(p *fault.Problems, field, s string) {
	if s != "" && !sha256Hex.MatchString(s) {
		p.Add(field, "A SHA-256 has 64 digits and letters a to f.")
	}
}

// digest takes a SHA-256, or the version id of whatever store keeps the data.
func digest(p *fault.Problems, field, s string) {
	line(p, field, s, maxLine)
	rest, is := strings.CutPrefix(strings.ToLower(s), "sha256:")
	switch {
	case is && !sha256Hex.MatchString(rest):
		p.Add(field, "After sha256: come 64 digits and letters a to f.")
	case strings.ContainsAny(s, " \t"):
		p.Add(field, "A digest holds no blanks.")
	}
}

func address(p *fault.Problems, s string) {
	line(p, "url", s, maxURL)
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		p.Add("url", "Enter a whole address, such as https://wiki.example.org/review-42, without a password in it.")
	}
}

func line(p *fault.Problems, field, s string, most int) {
	text(p, field, s, most)
	if strings.ContainsAny(s, "\n\t") {
		p.Add(field, "This is one line.")
	}
}

func text(p *fault.Problems, field, s string, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n > most:
		p.Addf(field, "Use at most %d characters; this has %d.", most, n)
	case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		p.Add(field, "This holds characters that cannot be shown.")
	}
}

func tidyText(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
