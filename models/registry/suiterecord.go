package registry

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

// SuiteRecord is an evaluation suite that a team registered. What it measures stands in its versions.
type SuiteRecord struct {
	ID        int64
	Name      string // lower-case with dashes, part of its address
	TeamID    int64
	Purpose   string
	Revision  int64
	CreatedAt time.Time
	UpdatedAt time.Time

	audit.Trail `json:"-"`
}

// SuiteVersion is one state of a suite: which bytes it is, where they are, and what passes. It never
// changes: another threshold is another version.
type SuiteVersion struct {
	ID         int64
	SuiteID    int64
	Label      string
	SHA256     string // of the suite as it is kept: the archive or the commit's tree, as the team defines it
	Repo       string
	Path       string
	Commit     string
	URL        string
	Thresholds []Threshold
	Note       string
	AuthorID   int64
	CreatedAt  time.Time
}

// Threshold is what a metric must reach for a run to pass.
type Threshold struct {
	Metric   string  `json:"metric"`
	Operator string  `json:"operator"` // >=, <=, >, <
	Value    float64 `json:"value"`
}

// Operators are the ways to hold a value against a threshold.
var Operators = []string{">=", "<=", ">", "<"}

// String is a threshold as people read it: "accuracy >= 0.9".
func (t Threshold) String() string { return fmt.Sprintf("%s %s %g", t.Metric, t.Operator, t.Value) }

// SuiteDraft is what a person says of a suite and of one version of it.
type SuiteDraft struct {
	Name    string // only when the suite is made
	TeamID  int64
	Purpose string
	Version SuiteVersionDraft
}

// SuiteVersionDraft is what a person or pipeline says of one version.
type SuiteVersionDraft struct {
	Label, SHA256, Repo, Path, Commit, URL, Note string
	Thresholds                                   []ThresholdDraft
}

// ThresholdDraft is a row as it was typed.
type ThresholdDraft struct{ Metric, Operator, Value string }

// NewSuite registers a suite with its first version.
func NewSuite(a org.Actor, d SuiteDraft, now time.Time) (*SuiteRecord, *SuiteVersion, error) {
	var t typed
	s := &SuiteRecord{Name: t.slug("name", d.Name), TeamID: d.TeamID, Revision: 1, CreatedAt: now, UpdatedAt: now}
	s.Purpose = t.text("purpose", d.Purpose, longestText)
	ownedBy(&t, a, d.TeamID, "a suite")
	v := d.Version.tidy(&t, nil)
	if err := t.Err(); err != nil {
		return nil, nil, err
	}
	v.AuthorID, v.CreatedAt = a.ID, now
	s.Note("suite.registered", s.Subject(), nil, map[string]any{"name": s.Name, "team": s.TeamID, "purpose": s.Purpose, "version": v.Label, "sha256": v.SHA256, "thresholds": v.Thresholds})
	return s, v, nil
}

// Edit changes what a suite is for and whose it is.
func (s *SuiteRecord) Edit(a org.Actor, d SuiteDraft, now time.Time) error {
	if may := org.May(a, org.Edit, s.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	var t typed
	d.Purpose = t.text("purpose", d.Purpose, longestText)
	if d.TeamID != s.TeamID {
		ownedBy(&t, a, d.TeamID, "a suite")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	set(&c, "purpose", &s.Purpose, d.Purpose)
	set(&c, "team", &s.TeamID, d.TeamID)
	s.UpdatedAt = now
	return c.note(&s.Trail, "suite.edited", s.Subject())
}

// AddVersion adds another version. have are those that the suite has.
func (s *SuiteRecord) AddVersion(a org.Actor, d SuiteVersionDraft, have []SuiteVersion, now time.Time) (*SuiteVersion, error) {
	if may := org.May(a, org.Edit, s.TeamID); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	var t typed
	v := d.tidy(&t, have)
	if len(have) >= mostSuiteVersions {
		t.Addf("", "A suite has at most %d versions. Register another one.", mostSuiteVersions)
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	v.SuiteID, v.AuthorID, v.CreatedAt = s.ID, a.ID, now
	s.UpdatedAt = now
	s.Note("suite.version_added", s.Subject(), nil, map[string]any{"version": v.Label, "sha256": v.SHA256, "thresholds": v.Thresholds, "note": v.Note})
	return v, nil
}

const (
	mostThresholds    = 50
	mostSuiteVersions = 1000
)

// tidy checks a version and gives it back as it is kept.
func (d SuiteVersionDraft) tidy(t *typed, have []SuiteVersion) *SuiteVersion {
	v := &SuiteVersion{Label: t.label("label", d.Label), SHA256: t.sha256("sha256", d.SHA256), Repo: t.repo("repo", d.Repo), Path: t.line("path", d.Path, 500),
		Commit: t.commit("commit", d.Commit), URL: t.link("url", d.URL), Note: t.text("note", d.Note, 2000)}
	if v.SHA256 == "" {
		t.Add("sha256", "Enter the SHA-256 of the suite's archive or file: it says which questions were asked.")
	}
	if v.Commit != "" && v.Repo == "" {
		t.Add("repo", "Name the repository that this commit is in.")
	}
	for _, h := range have {
		switch {
		case strings.EqualFold(h.Label, v.Label):
			t.Addf("label", "There is a version %s already.", v.Label)
		case h.SHA256 == v.SHA256 && v.SHA256 != "":
			t.Addf("sha256", "Version %s has this hash already. A changed threshold is part of the suite: keep it in its files, so that the hash says so.", h.Label)
		}
	}
	v.Thresholds = tidyThresholds(t, d.Thresholds)
	return v
}

func tidyThresholds(t *typed, list []ThresholdDraft) []Threshold {
	var out []Threshold
	for i, d := range list {
		if blank(d.Metric, d.Value) {
			continue
		}
		field := func(name string) string { return at("thresholds", i, name) }
		x := Threshold{Metric: t.name(field("metric"), d.Metric, 100), Operator: d.Operator}
		if x.Metric == "" {
			t.Add(field("metric"), "Name the metric.")
		}
		if slices.ContainsFunc(out, func(h Threshold) bool { return strings.EqualFold(h.Metric, x.Metric) && x.Metric != "" }) {
			t.Add(field("metric"), "This metric is named twice.")
		}
		t.oneOf(field("operator"), x.Operator, "Choose >=, <=, > or <.", Operators...)
		n, err := strconv.ParseFloat(strings.TrimSpace(d.Value), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			t.Add(field("value"), "Enter a number, with a point for decimals.")
		}
		x.Value = n
		out = append(out, x)
	}
	switch {
	case len(out) == 0:
		t.Add("thresholds[0].metric", "Name at least one metric and what it must reach: otherwise every run passes.")
	case len(out) > mostThresholds:
		t.Addf("thresholds[0].metric", "At most %d metrics are taken.", mostThresholds)
	}
	return out
}

// InRelease is the suite version as a release holds it.
func (v SuiteVersion) InRelease(name string) Suite {
	return Suite{Name: name, Version: v.Label, SHA256: v.SHA256}
}

// Subject names the suite in the audit trail.
func (s *SuiteRecord) Subject() audit.Subject {
	return audit.Subject{Kind: "suite", ID: s.ID, Label: s.Name}
}
