package lifecycle

import (
	"context"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

type evidenceForm struct {
	Kind           string       `form:"kind"`
	Outcome        string       `form:"outcome"`
	Metrics        []metricForm `form:"metrics"`
	DatasetDigest  string       `form:"dataset_digest"`
	Suite          string       `form:"suite"`
	SuiteSHA256    string       `form:"suite_sha256"`
	URL            string       `form:"url" max:"2000"`
	ArtifactSHA256 string       `form:"artifact_sha256"`
	Note           string       `form:"note" is:"text" max:"4000"`
	ExpiresAt      day.Day      `form:"expires_at"`
	SuiteVersion   int64        `form:"suite_version"` // a registered one, whose thresholds hold
	Shown          int64        `form:"shown"`         // the one that the form's values are of
	Use            string       `form:"use"`
	Add            string       `form:"add"`
}

type metricForm struct {
	Name      string `form:"name"`
	Value     string `form:"value"`
	Operator  string `form:"operator"`
	Threshold string `form:"threshold"`
}

// plainFields are those of the form that are no rows.
var plainFields = []string{"outcome", "dataset_digest", "suite", "suite_sha256", "url", "artifact_sha256", "note", "expires_at"}

// filled leaves out rows that nobody filled in, so that the sentences of the rule stand at the right ones.
func (f *evidenceForm) filled() {
	var kept []metricForm
	for _, m := range f.Metrics {
		if m.Name != "" || m.Value != "" || m.Threshold != "" {
			kept = append(kept, m)
		}
	}
	f.Metrics = kept
}

func (f evidenceForm) draft() evidence.Draft {
	d := evidence.Draft{Kind: evidence.Kind(f.Kind), Outcome: evidence.Outcome(f.Outcome), DatasetDigest: f.DatasetDigest, Suite: f.Suite,
		SuiteSHA256: f.SuiteSHA256, URL: f.URL, ArtifactSHA256: f.ArtifactSHA256, Note: f.Note}
	for _, m := range f.Metrics {
		d.Metrics = append(d.Metrics, evidence.Metric{Name: m.Name, Value: number(m.Value), Operator: m.Operator, Threshold: number(m.Threshold)})
	}
	if f.ExpiresAt.Known() {
		d.ExpiresAt = f.ExpiresAt.Add(1).Time() // the day itself still counts
	}
	return d
}

// number is what was typed, or no number at all, which the rule refuses in words.
func number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

func (f evidenceForm) typed(values form.Values) map[string]string {
	out := typed(values, plainFields...)
	for i, m := range f.Metrics {
		at := func(field string) string { return "metrics[" + strconv.Itoa(i) + "]." + field }
		out[at("name")], out[at("value")], out[at("operator")], out[at("threshold")] = m.Name, m.Value, m.Operator, m.Threshold
	}
	return out
}

func (f evidenceForm) refused(values form.Values, problem *fault.Fault) *fault.Fault {
	fields := append(slices.Collect(maps.Keys(f.typed(values))), "metrics[0].name")
	return refused(values, problem, fields...).Fault
}

// NewEvidence shows the form for one kind of evidence.
func (h Handlers) NewEvidence(c echo.Context) error {
	q := form.ReadQuery(c)
	kind := evidence.Kind(q.Choice("kind", kindNames()...))
	asked, suite := q.Has("suite"), q.Int("suite", 0, 1<<40)
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawEvidence(c, http.StatusOK, kind, 2, suiteAsked{asked, suite}, views.FormView{})
}

func kindNames() []string {
	out := make([]string, 0, len(evidence.Kinds))
	for _, k := range evidence.Kinds {
		out = append(out, string(k))
	}
	return out
}

// suiteAsked is the registered suite version that a form is about; 0 for none, which may have been chosen
// or not.
type suiteAsked struct {
	asked bool
	id    int64
}

// RecordEvidence records a result for the version as it is now.
func (h Handlers) RecordEvidence(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	var in evidenceForm
	values, err := form.Decode(c, &in)
	decoded, err := readable(err)
	if err != nil {
		return err
	}
	if in.SuiteVersion == 0 {
		in.filled()
	}
	shown, suite := views.FormView{Typed: in.typed(values), Fault: decoded}, suiteAsked{true, in.SuiteVersion}
	if in.Add != "" {
		shown.Fault = nil
		return h.drawEvidence(c, http.StatusOK, evidence.Kind(in.Kind), len(in.Metrics)+1, suite, shown)
	}
	if in.Use != "" || in.SuiteVersion != in.Shown {
		shown.Fault = nil
		return h.drawEvidence(c, http.StatusOK, evidence.Kind(in.Kind), 2, suite, shown)
	}
	draft := in.draft()
	if err = asError(decoded); err == nil {
		draft, err = h.draftOf(c.Request().Context(), in)
	}
	if err == nil {
		_, err = h.Store.AddEvidence(c.Request().Context(), slug, label, func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
			return evidence.New(actorOf(c), m, v, draft, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok && f.Kind != fault.NotFound {
		shown.Fault = in.refused(values, f)
		return h.drawEvidence(c, status, evidence.Kind(in.Kind), max(len(in.Metrics), 1), suite, shown)
	}
	if err != nil {
		return err
	}
	said := draft.Kind.Title() + " recorded."
	if in.SuiteVersion != 0 {
		said = "Evaluation recorded: it " + string(draft.Outcome) + "."
	}
	return respond.SeeOther(c, link.Version(slug, label)+"#evidence", said)
}

func asError(f *fault.Fault) error {
	if f == nil {
		return nil
	}
	return f
}

// draftOf is what was typed, or the run of a registered suite.
func (h Handlers) draftOf(ctx context.Context, in evidenceForm) (evidence.Draft, error) {
	if in.SuiteVersion == 0 {
		return in.draft(), nil
	}
	c, err := h.Store.SuiteByVersion(ctx, in.SuiteVersion)
	if err != nil {
		return evidence.Draft{}, err
	}
	return runDraft(in, c)
}

func (h Handlers) drawEvidence(c echo.Context, status int, kind evidence.Kind, rows int, suite suiteAsked, shown views.FormView) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	f := d.Facts
	if !kind.Known() {
		kind = evidence.Evaluation
	}
	view := views.EvidenceFormView{FormView: shown, Model: f.Model, Version: f.Version, Kind: kind, Rows: max(rows, 1),
		Suite: f.Version.Release.EvaluationSuite, Fresh: freshWords(h.Policy, kind), Reason: reasonOf(evidence.MayRecord(actorOf(c), &f.Model, &f.Version))}
	if kind == evidence.Evaluation && f.Model.Kind == registry.GenAI {
		if view.Run, err = h.runOf(c.Request().Context(), &f, suite.asked, suite.id); err != nil {
			return err
		}
	}
	for _, set := range f.Version.Lineage.Datasets {
		if set.Digest != "" && set.Role != "training" {
			view.Data = append(view.Data, set.Digest)
		}
	}
	p := respond.Props(c, "Record evidence for "+f.Model.Name+" "+f.Version.Label)
	p.Error = shown.Fault != nil
	p.Crumbs = crumbs(f.Model, f.Version.Label, ui.Crumb{Label: "Record evidence"})
	return respond.HTML(c, status, views.NewEvidence(p, view))
}

func freshWords(p lifecycle.Policy, kind evidence.Kind) string {
	if age := p.FreshFor(kind); age > 0 {
		return "It counts for " + ui.Count(int64(age/(24*time.Hour)), "day", "days") + "."
	}
	return "It does not grow old under this policy."
}

// AskWithdrawEvidence asks why evidence no longer counts.
func (h Handlers) AskWithdrawEvidence(c echo.Context) error {
	return h.drawWithdrawEvidence(c, http.StatusOK, views.FormView{})
}

// WithdrawEvidence takes it back.
func (h Handlers) WithdrawEvidence(c echo.Context) error {
	slug, label, err := versionIn(c)
	if err != nil {
		return err
	}
	id, err := form.ID(c, "evidence")
	if err != nil {
		return err
	}
	var in struct {
		Reason string `form:"reason" is:"text"`
	}
	values, err := form.Decode(c, &in)
	if err == nil {
		err = h.Store.WithdrawEvidence(c.Request().Context(), slug, label, id, func(m *registry.Model, e *evidence.Evidence) error {
			return e.Withdraw(actorOf(c), m, in.Reason)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawWithdrawEvidence(c, status, refused(values, f, "reason"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Version(slug, label)+"#evidence", "The evidence is withdrawn.")
}

func (h Handlers) drawWithdrawEvidence(c echo.Context, status int, shown views.FormView) error {
	id, err := form.ID(c, "evidence")
	if err != nil {
		return err
	}
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	rows, err := h.evidenceRows(c.Request().Context(), actorOf(c), &d.Facts)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Evidence.ID != id {
			continue
		}
		p := respond.Props(c, "Withdraw evidence")
		p.Error = shown.Fault != nil
		p.Crumbs = crumbs(d.Facts.Model, d.Facts.Version.Label, ui.Crumb{Label: "Withdraw evidence"})
		return respond.HTML(c, status, views.WithdrawEvidence(p, views.WithdrawView{FormView: shown, Model: d.Facts.Model, Version: d.Facts.Version,
			Row: row, Reason: reasonOf(row.Evidence.MayWithdraw(actorOf(c), &d.Facts.Model))}))
	}
	return fault.New(fault.NotFound, "There is no such evidence.")
}
