package lifecycle

import (
	"github.com/labstack/echo/v4"

	"fmt"
	"strconv"
	"strings"
	"sundial/components/layout"
	"sundial/components/link"
	"sundial/web/respond"

	views "sundial/components/lifecycle"
	"sundial/components/ui"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

type evidenceOf = evidence.Evidence

func idText(n int64) string { return strconv.FormatInt(n, 10) }

// planView is the retirement plan in short: how it will end, for whoever decides in minutes.
func planView(f *lifecycle.Facts) views.PlanView {
	p := f.Plan.Plan
	if p == nil {
		if f.Plan.DraftState != "" {
			return views.PlanView{State: "Not approved", Tone: ui.Bad, Why: "It is " + strings.ReplaceAll(f.Plan.DraftState, "_", " ") + "."}
		}
		return views.PlanView{State: "None on file", Tone: ui.Bad, Why: "No plan, no production."}
	}
	b := p.Body
	v := views.PlanView{Known: true, State: "Approved and living", Tone: ui.Good, Trigger: triggerWords(b.Trigger), End: b.Ends(), Latest: f.Plan.Runway.LatestStart,
		Candidate: candidateWords(b.Candidate), Rollback: b.Rollback.WindowDays, Consumers: len(b.Consumers.List), Assets: len(b.Assets)}
	if len(f.Plan.Findings) > 0 {
		v.State, v.Tone, v.Why = "Stale: counts as none", ui.Bad, f.Plan.Findings[0].Sentence
	} else if !retirement.ConfirmedFor(p, f.Version.BuiltAt) {
		v.State, v.Tone, v.Why = "Not confirmed for this version", ui.Warn, "It was approved before this version was made; somebody who answers for the model confirms it."
	}
	return v
}

func triggerWords(t retirement.Trigger) string {
	if t.Criterion.Measurable() {
		words := fmt.Sprintf("%s %s %g over %d days", t.Criterion.Metric, t.Criterion.Operator, *t.Criterion.Threshold, t.Criterion.WindowDays)
		if t.Explanation != "" {
			words += ". " + t.Explanation
		}
		return words
	}
	if t.Date.Known() {
		return "On " + t.Date.Human() + ". " + t.Explanation
	}
	return t.Explanation
}

func candidateWords(c retirement.Candidate) string {
	switch {
	case c.None:
		return "Nothing: " + c.DecisionGoesTo
	case c.VendorID != "":
		return c.VendorID + " on " + c.Host
	}
	return strings.TrimSpace(c.Model + " " + c.Version)
}

// evaluations compares what both versions measured last, metric by metric: the figures behind the checks.
func evaluations(serving registry.Version, theirs []evidence.Evidence, d *lifecycle.Dossier) []registry.Change {
	before, after := latest(theirs, serving.Digest()), latest(d.Facts.Evidence, d.Facts.Version.Digest())
	var names []string
	for _, m := range append(before, after...) {
		names = append(names, m.Name)
	}
	var out []registry.Change
	seen := map[string]bool{}
	for _, name := range names {
		a, b := valueOf(before, name), valueOf(after, name)
		if !seen[name] && a != b {
			out = append(out, registry.Change{Group: "Evaluation", Field: name, Before: a, After: b})
		}
		seen[name] = true
	}
	return out
}

// latest are the metrics of the newest evaluation that is of the version as it is.
func latest(list []evidence.Evidence, digest string) []evidence.Metric {
	var newest evidence.Evidence
	for _, e := range list {
		if e.Kind == evidence.Evaluation && !e.Withdrawn && e.VersionDigest == digest && !e.RecordedAt.Before(newest.RecordedAt) {
			newest = e
		}
	}
	return newest.Metrics
}

func valueOf(list []evidence.Metric, name string) string {
	for _, m := range list {
		if m.Name == name {
			return fmt.Sprintf("%g (needs %s %g)", m.Value, m.Operator, m.Threshold)
		}
	}
	return ""
}

func reasonPage(c echo.Context, d *lifecycle.Dossier, shown views.FormView, title string) (layout.Props, views.ReasonView) {
	p := respond.Props(c, title)
	p.Error = shown.Fault != nil
	p.Crumbs = []ui.Crumb{{Label: "Requests", Href: link.Requests()}, {Label: "Request " + idText(d.ID), Href: link.Request(d.ID)}, {Label: title}}
	return p, views.ReasonView{FormView: shown, Request: d.Request, Title: d.Facts.Model.Name + " " + d.Facts.Version.Label + " to " + string(d.To)}
}
