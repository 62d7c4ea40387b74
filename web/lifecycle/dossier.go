package lifecycle

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const (
	mostReviewers = 300 // looked at for who could still review
	namedAtMost   = 8
	mostStory     = 300 // events of a request's conversation
	mostServed    = 100
)

// dossierParts are what a refused form adds to the page.
type dossierParts struct {
	decision, talk views.FormView
	since          []ui.TimelineEvent // not nil: the verdict came too late
}

// Request is the dossier of one transition request.
func (h Handlers) Request(c echo.Context) error {
	return h.drawRequest(c, http.StatusOK, dossierParts{})
}

func (h Handlers) readDossier(c echo.Context) (*lifecycle.Dossier, error) {
	id, err := form.ID(c, "request")
	if err != nil {
		return nil, err
	}
	return h.Store.Dossier(c.Request().Context(), id, h.Policy)
}

func (h Handlers) drawRequest(c echo.Context, status int, parts dossierParts) error {
	d, err := h.readDossier(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.now()
	v := h.dossierView(c, d, now)
	v.Decision, v.Talk, v.Since = parts.decision, parts.talk, parts.since
	for _, step := range []func() error{
		func() error { return h.compare(ctx, d, &v) },
		func() (err error) {
			if d.State == lifecycle.Open { // what was decided stays explained by the request's own record
				v.Beside = besideProduction(&d.Facts)
				v.Parts, err = h.partsOf(ctx, &d.Facts, v.Tally.Void)
			}
			return err
		},
		func() error { return h.story(ctx, d, &v) },
		func() error { return h.whoCan(ctx, d, &v) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	p := respond.Props(c, v.Model.Name+" "+v.Version.Label+" to "+string(d.To))
	p.Error = v.Decision.Fault != nil || v.Talk.Fault != nil || v.Since != nil
	p.Crumbs = []ui.Crumb{{Label: "Requests", Href: link.Requests()}, {Label: "Request " + idText(d.ID)}}
	p.Wide = true
	return respond.HTML(c, status, views.Dossier(p, v))
}

// dossierView is what follows from the dossier alone.
func (h Handlers) dossierView(c echo.Context, d *lifecycle.Dossier, now time.Time) views.DossierView {
	a, f := actorOf(c), &d.Facts
	v := views.DossierView{Request: d.Request, Model: f.Model, Version: f.Version, Vendor: f.Vendor.Verdict, Tally: d.Standings(now), Plan: planView(f), Digest: d.Digest,
		Review: d.MayReview(a), Approve: d.MayApprove(a, now), Settle: d.MaySettle(a), Reword: d.MayEditReason(a), Withdraw: d.MayWithdraw(a), Say: d.MaySay(a), Now: now}
	checks := d.Decided
	if d.State == lifecycle.Open {
		checks, v.Digest = d.Gate(now).Checks, d.CurrentDigest(now)
	}
	v.Gate = views.NewGateView("Gate to "+string(d.To), checks, f.Model.Slug, f.Version.Label, d.State == lifecycle.Open && v.Reword.Allowed, now)
	for _, r := range d.Standing(now) {
		v.Standing = append(v.Standing, views.ReviewerRow{Name: r.Reviewer, Note: counts(r), Verdict: r.Verdict, At: r.At})
	}
	for _, r := range v.Tally.Void {
		v.Void = append(v.Void, views.ReviewerRow{Name: r.Reviewer, Verdict: r.Verdict, At: r.At, Why: d.Barred(r, now)})
	}
	return v
}

// counts says in which parts of the quorum a review counts.
func counts(r lifecycle.Review) string {
	note := "reviewer of the team"
	if r.OtherTeam {
		note = "from another team"
	}
	if slices.Contains(r.Roles, "risk_reviewer") {
		note = "risk role, " + note
	}
	return note + ", "
}

// compare sets the version beside the one in production, or, once it was applied, beside the one it replaced.
func (h Handlers) compare(ctx context.Context, d *lifecycle.Dossier, v *views.DossierView) error {
	var other *registry.Version
	s := d.Facts.Serving
	switch {
	case d.State == lifecycle.Applied && d.To == registry.Production:
		replaced, err := h.replaced(ctx, d)
		if err != nil {
			return err
		}
		other = replaced
		if other != nil {
			v.Against = other.Label + ", which it replaced"
		}
	case s != nil && s.Version.ID != d.VersionID:
		other = &s.Version
		v.Against = other.Label + ", in production"
		v.Changes = evaluations(s.Version, s.Evidence, d)
	}
	if other == nil {
		return nil
	}
	v.Changes = append(registry.DiffVersions(other, &d.Facts.Version), v.Changes...)
	v.Texts = registry.DiffPrompts(other, &d.Facts.Version)
	return nil
}

// replaced is the version that this request took out of production, nil when there was none.
func (h Handlers) replaced(ctx context.Context, d *lifecycle.Dossier) (*registry.Version, error) {
	rows, err := h.Store.ServingHistory(ctx, d.ModelID, mostServed)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(r store.ServingRow) bool { return r.RequestID == d.ID })
	if i < 0 || i+1 == len(rows) || !rows[i+1].Until.Equal(rows[i].Since) {
		return nil, nil // nothing served just before
	}
	_, old, err := h.Store.Version(ctx, d.Facts.Model.Slug, rows[i+1].Version)
	return &old, err
}

// story is the conversation: who asked, what changed since, who said what, in order.
func (h Handlers) story(ctx context.Context, d *lifecycle.Dossier, v *views.DossierView) error {
	events, err := h.Store.Events(ctx, store.EventFilter{Model: d.ModelID, From: d.OpenedAt.UnixMilli()}, mostStory)
	if err != nil {
		return err
	}
	if len(events) > 0 {
		v.ReadSeq = events[0].Seq
	}
	slices.Reverse(events)
	for _, e := range events {
		if e.Subject.Kind == "request" && e.Subject.ID == d.ID {
			if (e.Verb == "request.rejected" || e.Verb == "request.withdrawn" || e.Verb == "request.superseded") && v.DecidedBy == "" {
				v.DecidedBy = e.Actor
			}
			if said(e.Verb) {
				continue // told below, with its words
			}
		} else if !d.DecidedAt.IsZero() && e.At.After(d.DecidedAt) || !touches(e, d) {
			continue
		}
		v.Story = append(v.Story, views.Tell(e, d.Facts.Model.Slug))
	}
	for _, r := range d.Reviews {
		v.Story = append(v.Story, views.TellReview(r, d.OwesReview() || !d.DebtSettledAt.IsZero()))
		if r.At.Equal(d.DecidedAt) {
			v.DecidedBy = r.Reviewer
		}
	}
	for _, x := range d.Comments {
		v.Story = append(v.Story, views.TellComment(x))
	}
	slices.SortStableFunc(v.Story, func(a, b ui.TimelineEvent) int { return a.At.Compare(b.At) })
	if v.DecidedBy == "" && d.State == lifecycle.Applied {
		v.DecidedBy = cmp.Or(v.DecidedBy, d.Requester)
	}
	return nil
}

// said are the events whose words stand in the reviews and comments themselves.
func said(verb string) bool {
	return slices.Contains([]string{"request.approved", "request.changes_requested", "request.rejected", "request.commented", "request.debt_settled"}, verb)
}

// touches reports whether an event of the model is about what this request rests on.
func touches(e audit.Event, d *lifecycle.Dossier) bool {
	switch e.Subject.Kind {
	case "model", "plan":
		return true
	case "version":
		return e.Subject.ID == d.VersionID && e.Verb != "version.added"
	case "waiver":
		return e.Subject.Label == d.Facts.Model.Slug+"@"+d.Facts.Version.Label
	case "evidence":
		return slices.ContainsFunc(d.Facts.Evidence, func(x evidenceOf) bool { return x.ID == e.Subject.ID })
	}
	return false
}

// whoCan names people who could still give an approval.
func (h Handlers) whoCan(ctx context.Context, d *lifecycle.Dossier, v *views.DossierView) error {
	if d.State != lifecycle.Open || v.Tally.Needed.Count == 0 {
		return nil
	}
	people, err := h.Store.Reviewers(ctx, mostReviewers)
	if err != nil {
		return err
	}
	for _, p := range d.Eligible(people, v.Now) {
		if len(v.Eligible) == namedAtMost {
			v.More++
			continue
		}
		name := p.Name
		if p.Has("risk_reviewer") {
			name += ", risk role"
		}
		if !slices.Contains(p.TeamIDs, d.Facts.Model.TeamID) {
			name += ", another team"
		}
		v.Eligible = append(v.Eligible, name)
	}
	return nil
}
