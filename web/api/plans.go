package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
)

// Plan is a model's retirement plan: its newest number, and which one is in force.
type Plan struct {
	Model       string     `json:"model"`
	Number      int        `json:"number"`
	State       string     `json:"state" enum:"draft,submitted,changes_requested,approved,rejected,superseded"`
	Digest      string     `json:"digest" doc:"The SHA-256 of what the plan says; a review sends it back."`
	InForce     int        `json:"in_force,omitempty" doc:"The number that is in force."`
	EndsOn      day.Day    `json:"ends_on,omitempty" doc:"When the model is meant to be gone."`
	Open        []Wrong    `json:"open" doc:"What the plan still lacks before it can be submitted."`
	Stale       []string   `json:"stale" doc:"Why the number in force no longer holds."`
	ApprovedBy  *Person    `json:"approved_by,omitempty"`
	ApprovedAt  *time.Time `json:"approved_at,omitempty"`
	ReviewNote  string     `json:"review_note,omitempty" doc:"What the last review said."`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	Body        PlanBody   `json:"plan"`
	UpdatedAt   time.Time  `json:"updated_at"`
	URL         string     `json:"url"`
}

// PlanBody is what a plan says, section by section.
type PlanBody struct {
	Trigger   Trigger                `json:"trigger,omitempty"`
	Dates     retirement.Dates       `json:"dates,omitempty"`
	Candidate retirement.Candidate   `json:"candidate,omitempty"`
	Consumers Consumers              `json:"consumers,omitempty"`
	Steps     []retirement.Step      `json:"steps,omitempty" maxItems:"200"`
	Rollback  retirement.Rollback    `json:"rollback,omitempty"`
	Assets    []retirement.DataAsset `json:"assets,omitempty" maxItems:"200"`
	Access    []retirement.Access    `json:"access,omitempty" maxItems:"200"`
	Archive   []retirement.Archive   `json:"archive,omitempty" maxItems:"200"`
	People    Carriers               `json:"people,omitempty"`
}

// Trigger says what would end the model: a criterion that is measured, or a date.
type Trigger struct {
	Kind        string                `json:"kind,omitempty" doc:"performance, vendor_end_of_life, cost, regulation, replaced, unused or incident."`
	Criterion   *retirement.Criterion `json:"criterion,omitempty"`
	Date        day.Day               `json:"date,omitempty"`
	Explanation string                `json:"explanation,omitempty" maxLength:"8000"`
}

// Consumers is who depends on the model, or why nobody does.
type Consumers struct {
	List       []Consumer `json:"list,omitempty" maxItems:"400"`
	NoneReason string     `json:"none_reason,omitempty" maxLength:"8000"`
}

// Carriers are those who carry the retirement, by e-mail address or id.
type Carriers struct {
	Owner       string `json:"owner,omitempty" maxLength:"320"`
	Deputy      string `json:"deputy,omitempty" maxLength:"320"`
	CutoverLead string `json:"cutover_lead,omitempty" maxLength:"320"`
	DataSteward string `json:"data_steward,omitempty" maxLength:"320"`
}

func (a *API) plans() {
	const path, group = "/models/{model}/retirement-plan", "Retirement"
	register(a, org.Read, Operation{ID: "plan", Method: http.MethodGet, Path: path, Group: group, Title: "Read a model's retirement plan"}, a.readPlan)
	register(a, org.Request, Operation{ID: "putPlan", Method: http.MethodPut, Path: path, Group: group, Title: "Draft a model's retirement plan",
		About: "Takes the whole plan. Where a decided one is there, this drafts its next number, and the one in force stays so. If-Match is asked for once there is a plan."}, a.putPlan)
	register(a, org.Request, Operation{ID: "submitPlan", Method: http.MethodPost, Path: path + "/submit", Group: group, Title: "Submit a plan for review",
		About: "422 names what it lacks."}, a.submitPlan)
	register(a, org.Decide, Operation{ID: "reviewPlan", Method: http.MethodPost, Path: path + "/reviews", Group: group, Title: "Review a plan",
		About: "The digest is that of the plan as it was read: 409 when it has changed."}, a.reviewPlan)
}

func (a *API) readPlan(ctx context.Context, in *InModel) (*Entity[Plan], error) {
	v, err := a.Store.Plan(ctx, in.Model, a.Policy)
	if err != nil {
		return nil, err
	}
	if v.Plan == nil {
		return nil, fault.New(fault.NotFound, "This model has no retirement plan.")
	}
	out := entity(v.Plan.Revision, a.planOf(v))
	return out, a.ends(ctx, in.Model, out)
}

func (a *API) planOf(v store.PlanView) Plan {
	p, today := v.Plan, day.Of(a.now())
	out := Plan{Model: v.Context.Model.Slug, Number: p.Number, State: string(p.State), Digest: p.Digest(), EndsOn: p.Body.Ends(), Open: []Wrong{}, Stale: []string{},
		ApprovedAt: moment(p.ApprovedAt), ReviewNote: p.ReviewNote, ConfirmedAt: moment(p.ConfirmedAt), Body: planBodyOf(p.Body), UpdatedAt: p.UpdatedAt.UTC(),
		URL: a.page(link.Retirement(v.Context.Model.Slug))}
	out.ApprovedBy = personOf(v.Context.People[p.ApprovedBy])
	if p.State.Open() {
		if f, bad := fault.As(retirement.Complete(p.Body, v.Context, today)); bad {
			for _, x := range f.Problems {
				out.Open = append(out.Open, wrong("plan."+x.Field, x.Sentence))
			}
		}
	}
	if v.InForce != nil {
		out.InForce = v.InForce.Number
		for _, x := range retirement.Stale(v.InForce, v.InForceContext, today) {
			out.Stale = append(out.Stale, x.Sentence)
		}
	}
	return out
}

func planBodyOf(b retirement.Body) PlanBody {
	out := PlanBody{Trigger: Trigger{Kind: string(b.Trigger.Kind), Date: b.Trigger.Date, Explanation: b.Trigger.Explanation}, Dates: b.Dates, Candidate: b.Candidate,
		Consumers: Consumers{NoneReason: b.Consumers.NoneReason}, Steps: b.Steps, Rollback: b.Rollback, Assets: b.Assets, Access: b.Access, Archive: b.Archive,
		People: Carriers{Owner: idText(b.People.Owner), Deputy: idText(b.People.Deputy), CutoverLead: idText(b.People.CutoverLead), DataSteward: idText(b.People.DataSteward)}}
	if b.Trigger.Criterion.Given() {
		out.Trigger.Criterion = &b.Trigger.Criterion
	}
	for _, c := range b.Consumers.List {
		out.Consumers.List = append(out.Consumers.List, Consumer(c))
	}
	return out
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// planBody is what was sent, with people found.
func (a *API) planBody(ctx context.Context, b PlanBody) (retirement.Body, error) {
	out := retirement.Body{Trigger: retirement.Trigger{Kind: retirement.TriggerKind(b.Trigger.Kind), Criterion: deref(b.Trigger.Criterion), Date: b.Trigger.Date,
		Explanation: b.Trigger.Explanation}, Dates: b.Dates, Candidate: b.Candidate, Consumers: retirement.Consumers{NoneReason: b.Consumers.NoneReason},
		Steps: b.Steps, Rollback: b.Rollback, Assets: b.Assets, Access: b.Access, Archive: b.Archive}
	for _, c := range b.Consumers.List {
		out.Consumers.List = append(out.Consumers.List, registry.Consumer(c))
	}
	var errs []error
	for _, x := range []struct {
		role, who string
		into      *int64
	}{{"owner", b.People.Owner, &out.People.Owner}, {"deputy", b.People.Deputy, &out.People.Deputy},
		{"cutover_lead", b.People.CutoverLead, &out.People.CutoverLead}, {"data_steward", b.People.DataSteward, &out.People.DataSteward}} {
		id, err := a.person(ctx, "people."+x.role, x.who)
		*x.into = id
		errs = append(errs, err)
	}
	return out, all(errs...)
}

func (a *API) putPlan(ctx context.Context, in *struct {
	InModel
	IfMatch string `header:"If-Match" doc:"The ETag of the plan that was read; leave it out for the first."`
	Body    PlanBody
}) (*Entity[Plan], error) {
	v, err := a.Store.Plan(ctx, in.Model, a.Policy)
	if err != nil {
		return nil, err
	}
	rev, err := planRevision(v.Plan, in.IfMatch)
	if err != nil {
		return nil, err
	}
	body, err := a.planBody(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	actor := actorIn(ctx)
	if v.Plan != nil && v.Plan.State.Open() {
		_, err = a.Store.ChangePlan(ctx, in.Model, rev, a.Policy, func(p *retirement.Plan, world retirement.Context, now time.Time) error {
			return p.Replace(actor, body, world, now)
		})
	} else {
		_, err = a.Store.FilePlan(ctx, in.Model, a.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
			return draftPlan(actor, v, rev, body, now)
		})
	}
	if err != nil {
		return nil, preconditioned(err)
	}
	return a.readPlan(ctx, &in.InModel)
}

// planRevision is the revision that a plan is drafted from, 0 for the first.
func planRevision(p *retirement.Plan, ifMatch string) (int64, error) {
	switch {
	case p == nil && ifMatch == "":
		return 0, nil
	case p == nil:
		return 0, problem(http.StatusPreconditionFailed, "This model has no retirement plan yet. Leave If-Match out.")
	}
	rev, err := revision(ifMatch)
	if err == nil && rev == 0 {
		rev = p.Revision
	}
	return rev, err
}

// draftPlan files the first number, or the one after the one that was read.
func draftPlan(actor org.Actor, v store.PlanView, rev int64, body retirement.Body, now time.Time) (*retirement.Plan, error) {
	if (v.Plan == nil) != (rev == 0) || v.Plan != nil && v.Plan.Revision != rev {
		return nil, fault.New(fault.Stale, "Somebody else has changed this since you read it. Nothing was saved.")
	}
	var p *retirement.Plan
	var err error
	if v.Plan == nil {
		p, err = retirement.NewPlan(v.Context.Model, actor, now)
	} else {
		p, err = v.Plan.NextDraft(actor, v.Context, now)
	}
	if err != nil {
		return nil, err
	}
	return p, p.Replace(actor, body, v.Context, now)
}

func (a *API) submitPlan(ctx context.Context, in *InModel) (*Entity[Plan], error) {
	_, err := a.Store.ChangePlan(ctx, in.Model, 0, a.Policy, func(p *retirement.Plan, world retirement.Context, now time.Time) error {
		return p.Submit(actorIn(ctx), world, now)
	})
	if err != nil {
		return nil, located("plan", err)
	}
	return a.readPlan(ctx, in)
}

func (a *API) reviewPlan(ctx context.Context, in *struct {
	InModel
	Body Verdict
}) (*Entity[Plan], error) {
	b := in.Body
	_, err := a.Store.ChangePlan(ctx, in.Model, 0, a.Policy, func(p *retirement.Plan, world retirement.Context, now time.Time) error {
		return p.Review(actorIn(ctx), retirement.Verdict(b.Verdict), b.Digest, b.Comment, world, now)
	})
	if err != nil {
		return nil, relabel(err, func(field string) string {
			if field == "note" {
				return "comment"
			}
			return field
		})
	}
	return a.readPlan(ctx, &in.InModel)
}
