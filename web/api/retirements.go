package api

import (
	"context"
	"net/http"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
)

// Retirement is how a model's newest retirement goes: the one that runs, or the last there was.
type Retirement struct {
	Model      string             `json:"model"`
	Number     int                `json:"number"`
	Kind       string             `json:"kind" enum:"retirement,rehearsal"`
	Version    string             `json:"version" doc:"What serves and is to end."`
	Phase      string             `json:"phase" enum:"triggered,announced,dual_run,cutover,drain,rollback_window,disabled,disposition,sealed,retired,rolled_back,aborted,rehearsed"`
	PhaseSince time.Time          `json:"phase_since"`
	Open       bool               `json:"open" doc:"It still runs."`
	EndsOn     day.Day            `json:"ends_on,omitempty" doc:"When the model is to be gone."`
	Reason     string             `json:"reason" doc:"What triggered it."`
	Plan       int                `json:"plan" doc:"The number of the plan that it carries out."`
	Conditions []PhaseCondition   `json:"conditions" doc:"What has to be so before the phase ends."`
	Steps      []CutoverStep      `json:"steps"`
	Consumers  []ConsumerStanding `json:"consumers"`
	DossierSHA string             `json:"dossier_sha256,omitempty" doc:"Of the sealed dossier."`
	UpdatedAt  time.Time          `json:"updated_at"`
	URL        string             `json:"url"`
}

// PhaseCondition is one thing that has to be so, and the fact it rests on.
type PhaseCondition struct {
	Key      string  `json:"key"`
	Title    string  `json:"title"`
	State    string  `json:"state" enum:"met,waiting,blocked,skipped"`
	Fact     string  `json:"fact"`
	Mend     string  `json:"mend,omitempty" doc:"What to do while it is not met."`
	Due      day.Day `json:"due,omitempty"`
	Attested bool    `json:"attested" doc:"It is met by two persons' word, and not measured."`
}

// CutoverStep is a step of the plan's cutover.
type CutoverStep struct {
	Step       int        `json:"step" doc:"Its number in the plan, by which it is completed."`
	Title      string     `json:"title"`
	Owner      string     `json:"owner,omitempty"`
	Check      string     `json:"check,omitempty" doc:"How one sees that it worked."`
	Reversible bool       `json:"reversible"`
	Due        day.Day    `json:"due,omitempty"`
	Done       bool       `json:"done"`
	DoneBy     string     `json:"done_by,omitempty"`
	DoneAt     *time.Time `json:"done_at,omitempty"`
	Note       string     `json:"note,omitempty"`
}

// ConsumerStanding is a consumer and what they said.
type ConsumerStanding struct {
	Name       string     `json:"name"`
	Answer     string     `json:"answer,omitempty" enum:"accept,need_time,object" doc:"Left out while they have not answered."`
	Until      day.Day    `json:"until,omitempty" doc:"Until when they need the model."`
	Reason     string     `json:"reason,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	Confirmed  bool       `json:"confirmed" doc:"The answer counts: it is their own, or a second person confirmed it."`
	Overruled  bool       `json:"overruled" doc:"It was decided to go on against them."`
	Discovered bool       `json:"discovered" doc:"Known from stamps alone."`
	NoticeEnds day.Day    `json:"notice_ends,omitempty"`
}

func (a *API) retirements() {
	const path, plan, group = "/models/{model}/retirement", "/models/{model}/retirement-plan", "Retirement"
	register(a, org.Read, Operation{ID: "retirement", Method: http.MethodGet, Path: path, Group: group, Title: "Read how a model's retirement goes",
		About: "The one that runs, or the last there was; 404 where none was begun."}, a.readRetirement)
	register(a, org.Request, Operation{ID: "triggerRetirement", Method: http.MethodPost, Path: plan + "/trigger", Group: group, Status: http.StatusCreated, Title: "Begin a model's retirement",
		About: "By the plan in force. Its owner, deputy and cutover lead do this. 409 without an approved plan, or when it is under way."}, a.trigger)
	register(a, org.Request, Operation{ID: "completeStep", Method: http.MethodPost, Path: plan + "/steps/{step}/complete", Group: group, Title: "Say that a step of the cutover was done",
		About: "Steps are done in their order: 409 when another comes first, or outside the cutover."}, a.completeStep)
}

func (a *API) readRetirement(ctx context.Context, in *InModel) (*Entity[Retirement], error) {
	v, err := a.Store.Retirement(ctx, in.Model, 0, a.Policy)
	if err != nil {
		return nil, err
	}
	if v.Workflow == nil {
		return nil, fault.New(fault.NotFound, "No retirement of this model has begun.")
	}
	return entity(v.Workflow.Revision, a.retirementOf(v)), nil
}

func (a *API) retirementOf(v store.RetirementView) Retirement {
	w, c := v.Workflow, v.World
	out := Retirement{Model: c.Model.Slug, Number: w.Number, Kind: string(w.Kind), Version: w.VersionLabel, Phase: string(w.Phase), PhaseSince: w.PhaseSince.UTC(), Open: w.Open(),
		EndsOn: w.EndsOn, Reason: w.Cause.Sentence, Plan: w.PlanNumber, DossierSHA: w.DossierSHA, UpdatedAt: w.UpdatedAt.UTC(), URL: a.page(link.Workflow(c.Model.Slug)),
		Conditions: []PhaseCondition{}, Steps: []CutoverStep{}, Consumers: []ConsumerStanding{}}
	for _, x := range w.Conditions(c) {
		out.Conditions = append(out.Conditions, PhaseCondition{Key: x.Key, Title: x.Title, State: string(x.State), Fact: x.Fact, Mend: x.Mend, Due: x.Due, Attested: x.ByWord})
	}
	for _, s := range w.StepsInOrder() {
		done, is := w.Done(s.Order)
		out.Steps = append(out.Steps, CutoverStep{Step: s.Order, Title: s.Title, Owner: s.Owner, Check: s.Check, Reversible: s.Reversible, Due: w.DueOn(s.Order),
			Done: is, DoneBy: done.By, DoneAt: moment(done.At), Note: done.Note})
	}
	for _, x := range w.Consumers {
		out.Consumers = append(out.Consumers, ConsumerStanding{Name: x.Name, Answer: string(x.Answer), Until: x.Until, Reason: x.Reason, AnsweredAt: moment(x.AnsweredAt),
			Confirmed: x.Answer != "" && !x.Pending(), Overruled: x.OverruledBy != "", Discovered: x.Discovered, NoticeEnds: x.NoticeEnds()})
	}
	return out
}

func (a *API) trigger(ctx context.Context, in *struct {
	InModel
	Body struct {
		Reason string `json:"reason" maxLength:"8000" doc:"Why the model ends now."`
	}
}) (*Entity[Retirement], error) {
	_, err := a.Store.BeginRetirement(ctx, in.Model, a.Policy, func(s retirement.Start, c *retirement.World) (*retirement.Workflow, error) {
		return retirement.Begin(actorIn(ctx), retirement.Ending, retirement.Cause{Kind: "person", Sentence: in.Body.Reason}, s, c)
	})
	if err != nil {
		return nil, err
	}
	out, err := a.readRetirement(ctx, &in.InModel)
	if err == nil {
		out.Location = Prefix + link.Retirement(in.Model)
	}
	return out, err
}

func (a *API) completeStep(ctx context.Context, in *struct {
	InModel
	Step int `path:"step" minimum:"1" maximum:"999" doc:"The step's number in the plan."`
	Body struct {
		Note string `json:"note,omitempty" maxLength:"8000" doc:"What was seen."`
	}
}) (*Entity[Retirement], error) {
	_, err := a.Store.ChangeRetirement(ctx, in.Model, 0, 0, a.Policy, func(w *retirement.Workflow, c *retirement.World) error {
		return w.CompleteStep(actorIn(ctx), in.Step, in.Body.Note, c)
	})
	if err != nil {
		return nil, err
	}
	return a.readRetirement(ctx, &in.InModel)
}
