package lifecycle

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/respond"
)

const (
	pageRequests = 20
	pageEvents   = 30
)

// Version is a version's page: what it is, what stands between it and the next stage, and what to do.
func (h Handlers) Version(c echo.Context) error {
	d, err := h.prospect(c)
	if err != nil {
		return err
	}
	ctx, f := c.Request().Context(), d.Facts
	v := views.VersionView{Model: f.Model, Version: f.Version, Author: f.Author.Name, Verdict: f.Vendor.Verdict, Now: h.now()}
	if f.Serving != nil {
		v.Serving = f.Serving.Version.Label
		if f.Serving.Version.ID == f.Version.ID {
			v.Since = f.Serving.Record.Since
		}
	}
	for _, step := range []func() error{
		func() (err error) { v.Open, err = h.openRequest(ctx, f.Version.ID); return },
		func() error {
			void, err := h.voidReviews(ctx, v.Open)
			if err == nil {
				v.Parts, err = h.partsOf(ctx, &f, void)
			}
			v.Beside = besideProduction(&f)
			return err
		},
		func() (err error) { v.Evidence, err = h.evidenceRows(ctx, actorOf(c), &f); return },
		func() (err error) {
			page, err := h.Store.Requests(ctx, store.RequestFilter{Version: f.Version.ID}, "", pageRequests)
			v.Requests = requestRows(page.Rows)
			return err
		},
		func() error {
			events, err := h.Store.Events(ctx, store.EventFilter{Kind: "version", Subject: f.Version.ID}, pageEvents)
			v.History = tellAll(events, f.Model.Slug)
			v.Steps = stepsOf(f.Version, v.Open, v.Now)
			return err
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	v.Waivers, v.Cadence = waiversOf(&f, v.Now), lifecycle.Reevaluation(&f, h.Policy, v.Now)
	h.ahead(d, actorOf(c), &v)
	if err := h.turnOffRollback(ctx, f.Model.Slug, v.Acts); err != nil {
		return err
	}
	v.Edit, v.Record = editAct(&f, actorOf(c)), recordAct(&f, actorOf(c))
	p := respond.Props(c, f.Model.Name+" "+f.Version.Label)
	p.Crumbs = crumbs(f.Model, f.Version.Label)
	p.Crumbs[len(p.Crumbs)-1].Href = ""
	return respond.HTML(c, http.StatusOK, views.Version(p, v))
}

// turnOffRollback says why there is no way back where no earlier version may return.
func (h Handlers) turnOffRollback(ctx context.Context, slug string, acts []views.Act) error {
	for i := range acts {
		if acts[i].Href != link.Rollback(slug) {
			continue
		}
		serving, _, err := h.Store.ProductionAt(ctx, slug, time.Time{})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if serving.Returnable == "" {
			acts[i].Reason = "No earlier version is inside its rollback window."
		}
	}
	return nil
}

// ahead fills in the gate to the next stage and every move that this person may make.
func (h Handlers) ahead(d *lifecycle.Dossier, a org.Actor, v *views.VersionView) {
	f := &d.Facts
	slug, label := f.Model.Slug, f.Version.Label
	if next := lifecycle.NextStage(f.Version.Stage); next != "" {
		outlook, err := d.Outlook(next, v.Now)
		if err == nil {
			v.Next = string(next)
			v.Gate = views.NewGateView("Gate to "+v.Next, outlook.Gate.Checks, slug, label, org.May(a, org.Edit, f.Model.TeamID).Allowed, v.Now)
			v.Waivable = outlook.Move == lifecycle.Forward && waivableAmong(outlook.Gate.Red())
			v.Promote = views.Act{Label: promoteLabel(outlook, next), Href: link.NewTransition(slug, label, v.Next), Reason: reasonOf(d.MayPropose(a, next, v.Now))}
		}
	}
	v.Acts = h.moves(d, a, v)
}

func waivableAmong(red []lifecycle.Check) bool {
	for _, c := range red {
		if !c.Iron {
			return true
		}
	}
	return false
}

func promoteLabel(o lifecycle.Outlook, next registry.Stage) string {
	switch {
	case o.Move == lifecycle.Rollback:
		return "Roll back to this version"
	case o.Needs.Count == 0:
		return "Promote to " + string(next)
	}
	return "Request promotion to " + string(next)
}

// moves are what else may be done with a version: back, the previous one back, closing it, breaking glass.
func (h Handlers) moves(d *lifecycle.Dossier, a org.Actor, v *views.VersionView) []views.Act {
	f := &d.Facts
	slug, label, stage := f.Model.Slug, f.Version.Label, f.Version.Stage
	var out []views.Act
	if stage == registry.Production && org.May(a, org.Request, f.Model.TeamID).Allowed {
		out = append(out, views.Act{Lead: "Something is wrong with it? The version before it may return with one expedited review.", Label: "Roll back", Href: link.Rollback(slug)})
	}
	works := org.May(a, org.Edit, f.Model.TeamID).Allowed // the others need not read what they may not do
	if rank := stage.Rank(); works && rank > 0 && stage != registry.Retired {
		back := registry.Stages[rank-1]
		out = append(out, views.Act{Lead: "A fact turned out wrong? It goes the whole way again from an earlier stage.", Label: "Move back",
			Href: link.NewTransition(slug, label, string(back)), Reason: moveReason(d.MayPropose(a, back, v.Now), v.Open)})
	}
	if may := lifecycle.MayClose(&f.Version, v.Now); works && stage != registry.Production && stage != registry.Retired {
		out = append(out, views.Act{Lead: "It leads nowhere? Close it with a reason; it stays on record.", Label: "Close this version",
			Href: link.Close(slug, label), Reason: reasonOf(may)})
	}
	if stage == registry.Staged && d.Policy.MayBreakGlass(a).Allowed {
		out = append(out, views.Act{Lead: "An emergency that cannot wait for reviewers? A review is owed afterwards.", Label: "Break glass", Href: link.BreakGlass(slug, label)})
	}
	return out
}

func moveReason(may org.Decision, open *views.OpenRow) string {
	if may.Allowed && open != nil {
		return pendingReason(open)
	}
	return reasonOf(may)
}

func editAct(f *lifecycle.Facts, a org.Actor) views.Act {
	act := views.Act{Label: "Edit " + f.Version.Label, Href: link.EditVersion(f.Model.Slug, f.Version.Label), Reason: reasonOf(org.May(a, org.Edit, f.Model.TeamID))}
	if f.Version.Stage == registry.Retired {
		act.Reason = "It is retired."
	}
	return act
}

func recordAct(f *lifecycle.Facts, a org.Actor) views.Act {
	return views.Act{Label: "Record evidence", Href: link.NewEvidence(f.Model.Slug, f.Version.Label), Reason: reasonOf(evidence.MayRecord(a, &f.Model, &f.Version))}
}

// stepsOf draws where a version stands; what it waits for stands at the stage it would reach.
func stepsOf(v registry.Version, open *views.OpenRow, now time.Time) []ui.Step {
	names := make([]string, 0, len(registry.Stages))
	for _, s := range registry.Stages {
		names = append(names, string(s))
	}
	steps := ui.StageSteps(names, string(v.Stage), map[string]string{string(v.Stage): "since " + ui.FormatDate(v.StageSince)})
	for i, s := range registry.Stages {
		if open != nil && open.To == s {
			steps[i].Note, steps[i].Href = "waits for review", link.Request(open.ID)
		}
	}
	if v.Stage == registry.Retired && v.ServedSince.IsZero() { // closed: it never reached what lies between
		for i := range steps[:len(steps)-1] {
			steps[i].State = ui.StepSkipped
		}
	}
	return steps
}

// evidenceRows say of each piece of evidence what it is worth now.
func (h Handlers) evidenceRows(ctx context.Context, a org.Actor, f *lifecycle.Facts) ([]views.EvidenceRow, error) {
	ids := make([]int64, 0, len(f.Evidence))
	for _, e := range f.Evidence {
		ids = append(ids, e.RecordedBy)
	}
	people, err := h.names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	now, digest := h.now(), f.Version.Digest()
	out := make([]views.EvidenceRow, 0, len(f.Evidence))
	for _, e := range f.Evidence {
		row := views.EvidenceRow{Evidence: e, Recorder: people[e.RecordedBy].Name, FreshUntil: e.FreshUntil(h.Policy.FreshFor(e.Kind))}
		row.Counts, row.Why = e.Standing(digest, now, h.Policy.FreshFor(e.Kind))
		if !e.Withdrawn && e.VersionDigest != digest {
			row.Why = e.WhyVoid(digest, f.Version.Parts())
		}
		if e.MayWithdraw(a, &f.Model).Allowed {
			row.Withdraw = link.WithdrawEvidence(f.Model.Slug, f.Version.Label, e.ID)
		}
		out = append(out, row)
	}
	return out, nil
}

func waiversOf(f *lifecycle.Facts, now time.Time) []views.WaiverRow {
	out := make([]views.WaiverRow, 0, len(f.Waivers))
	for i := len(f.Waivers) - 1; i >= 0; i-- { // newest first
		out = append(out, waiverRow(f.Waivers[i], f, now))
	}
	return out
}

func waiverRow(w lifecycle.Waiver, f *lifecycle.Facts, now time.Time) views.WaiverRow {
	return views.WaiverRow{Waiver: w, Title: lifecycle.CheckTitle(w.Key), Model: f.Model.Name, Slug: f.Model.Slug, Version: f.Version.Label,
		InForce: w.InForce(f.Version.ID, f.Version.Digest(), day.Of(now))}
}
