package lifecycle

import (
	"context"
	"strconv"
	"strings"

	views "sundial/components/lifecycle"
	"sundial/components/ui"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
)

const mostSuites = 100 // that a form offers

// partsOf is a release part by part beside the version in production, with what a changed part made void.
// reviews are those of the open request, as far as they no longer count.
func (h Handlers) partsOf(ctx context.Context, f *lifecycle.Facts, reviews []lifecycle.Review) (views.PartsView, error) {
	var v views.PartsView
	if f.Version.Kind != registry.GenAI {
		return v, nil
	}
	var other registry.Parts
	if f.Serving != nil && f.Serving.Version.ID != f.Version.ID {
		other, v.Against = f.Serving.Version.Parts(), f.Serving.Version.Label+", in production"
	}
	registered, err := h.registered(ctx, f.Version.Release)
	if err != nil {
		return v, err
	}
	for _, p := range f.Version.Release.PartList() {
		v.Rows = append(v.Rows, views.PartRow{Part: p, Same: other[p.Key] == p.SHA256, Registered: registered[p.Key]})
	}
	v.Void = voided(f, reviews)
	return v, nil
}

// registered finds the pages of the prompts and the suite that a release uses, by part.
func (h Handlers) registered(ctx context.Context, r registry.Release) (map[string][]views.RegisteredPart, error) {
	out := map[string][]views.RegisteredPart{}
	var hashes []string
	for _, p := range r.Prompts {
		hashes = append(hashes, p.SHA256)
	}
	prompts, err := h.Store.RegisteredPrompts(ctx, hashes)
	if err != nil {
		return nil, err
	}
	for _, p := range prompts {
		out["prompts"] = append(out["prompts"], views.RegisteredPrompt(p.Name, p.Number))
	}
	if hash := r.EvaluationSuite.SHA256; hash != "" {
		s, err := h.Store.SuiteByHash(ctx, r.EvaluationSuite.Name, hash)
		switch {
		case err == nil:
			out["suite"] = []views.RegisteredPart{views.RegisteredSuite(s.Suite, s.Label)}
		case !fault.Is(err, fault.NotFound):
			return nil, err
		}
	}
	return out, nil
}

// voided says what no longer counts because a part of the release changed: the latest evidence of each kind
// and approvals of the open request.
func voided(f *lifecycle.Facts, reviews []lifecycle.Review) []string {
	var out []string
	now, digest := f.Version.Parts(), f.Version.Digest()
	seen := map[evidence.Kind]bool{}
	for _, e := range f.Evidence { // newest first
		if e.Withdrawn || seen[e.Kind] {
			continue
		}
		seen[e.Kind] = true
		if e.VersionDigest != digest {
			out = append(out, registry.ChangedWords(e.Parts.Changed(now))+", so the "+strings.ToLower(e.Kind.Title())+" of "+ui.FormatDate(e.RecordedAt)+" no longer counts.")
		}
	}
	for _, r := range reviews {
		if changed := r.Parts.Changed(now); len(changed) > 0 {
			out = append(out, registry.ChangedWords(changed)+", so "+r.Reviewer+"'s approval of "+ui.FormatDate(r.At)+" no longer counts.")
		}
	}
	return out
}

// voidReviews are the approvals of an open request that no longer count.
func (h Handlers) voidReviews(ctx context.Context, open *views.OpenRow) ([]lifecycle.Review, error) {
	if open == nil {
		return nil, nil
	}
	d, err := h.Store.Dossier(ctx, open.ID, h.Policy)
	if err != nil {
		return nil, err
	}
	return d.Standings(h.now()).Void, nil
}

// besideProduction compares the latest evaluation of a version with that of the one in production.
func besideProduction(f *lifecycle.Facts) views.ComparisonView {
	s := f.Serving
	if s == nil || s.Version.ID == f.Version.ID {
		return views.ComparisonView{}
	}
	this, known := evidence.Latest(f.Evidence, f.Version.Digest(), "")
	other, also := evidence.Latest(s.Evidence, s.Version.Digest(), "")
	if !known || !also {
		return views.ComparisonView{}
	}
	v := views.ComparisonView{Rows: evidence.Compare(this.Metrics, other.Metrics), This: f.Version.Label, Other: s.Version.Label}
	if f.Version.Kind == registry.GenAI && !evidence.SameDigest(this.SuiteSHA256, other.SuiteSHA256) {
		v.Suites = "They were measured with different suites, so equal names may mean different questions."
	}
	return v
}

// runOf is the choice of a suite for a run of this version: the one that was asked for, else the one that
// the release names.
func (h Handlers) runOf(ctx context.Context, f *lifecycle.Facts, asked bool, id int64) (views.RunView, error) {
	named := f.Version.Release.EvaluationSuite
	own := named.SHA256
	choices, err := h.Store.SuiteChoices(ctx, f.Model.TeamID, named, mostSuites)
	if err != nil {
		return views.RunView{}, err
	}
	v := views.RunView{Chosen: "0"}
	for _, c := range choices {
		o := ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Suite + " " + c.Label, Group: c.Team}
		if evidence.SameDigest(c.SHA256, own) {
			o.Label += ownWords(c, named)
			if !asked { // the first is the one of the release's name, where there is one
				asked, id = true, c.ID
			}
		}
		v.Suites = append(v.Suites, o)
	}
	if !asked || id == 0 {
		return v, nil
	}
	c, err := h.Store.SuiteByVersion(ctx, id)
	if err != nil {
		return v, err
	}
	v.Chosen, v.Name, v.Version, v.Own = strconv.FormatInt(c.ID, 10), c.Suite+" "+c.Label, &c.SuiteVersion, evidence.SameDigest(c.SHA256, own)
	return v, nil
}

// ownWords tell the release's own suite from one that has the same questions under another name.
func ownWords(c store.SuiteChoice, named registry.Suite) string {
	if c.Suite != named.Name {
		return ", with the same hash as the release's own"
	}
	return ", the release's own"
}

// runDraft is what a run of a registered suite amounts to. Thresholds come from the suite, never from the form.
func runDraft(in evidenceForm, c store.SuiteChoice) (evidence.Draft, error) {
	values := make([]string, 0, len(c.Thresholds))
	for _, m := range in.Metrics {
		values = append(values, m.Value)
	}
	return evidence.RunOf(c.Suite, c.SuiteVersion, values, in.draft())
}
