package api

import (
	"context"
	"net/http"
	"time"

	"sundial/components/link"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// Gate says whether a version may be in a stage, by every check and approval.
type Gate struct {
	To        string    `json:"to" enum:"experiment,registered,validated,staged,production,retired"`
	Allowed   bool      `json:"allowed" doc:"Every check passes and every approval is given: the version may go, or is there and may stay."`
	Digest    string    `json:"digest" doc:"The SHA-256 of the version this is about."`
	Checks    []Check   `json:"checks"`
	Approvals Approvals `json:"approvals"`
	Request   int64     `json:"request,omitempty" doc:"The open request for this move."`
}

// Approvals is how far the reviews are.
type Approvals struct {
	Needed          int `json:"needed" doc:"How many people must agree."`
	Have            int `json:"have" doc:"How many do, on the facts as they are."`
	NeededRisk      int `json:"needed_risk" doc:"How many of them are risk reviewers."`
	HaveRisk        int `json:"have_risk"`
	NeededOtherTeam int `json:"needed_other_team" doc:"How many of them are from another team."`
	HaveOtherTeam   int `json:"have_other_team"`
}

func approvalsOf(needed, have lifecycle.Quorum) Approvals {
	return Approvals{Needed: needed.Count, Have: have.Count, NeededRisk: needed.Risk, HaveRisk: have.Risk,
		NeededOtherTeam: needed.OtherTeam, HaveOtherTeam: have.OtherTeam}
}

// Check is one rule of a gate, computed from facts.
type Check struct {
	Key        string     `json:"key" doc:"The rule, by a name that stays."`
	Title      string     `json:"title"`
	Outcome    string     `json:"outcome" enum:"pass,fail,not_applicable,waived,unknown"`
	Why        string     `json:"why" doc:"Why it matters."`
	Fact       string     `json:"fact" doc:"What it rests on."`
	ObservedAt *time.Time `json:"observed_at,omitempty" doc:"When that was recorded."`
	FixURL     string     `json:"fix_url" doc:"The page where it is mended."`
}

func (a *API) checks(list []lifecycle.Check, slug, label string) []Check {
	out := make([]Check, 0, len(list))
	for _, c := range list {
		out = append(out, Check{Key: c.Key, Title: c.Title, Outcome: string(c.Outcome), Why: c.Why, Fact: c.Fact, ObservedAt: moment(c.ObservedAt),
			FixURL: a.page(link.Mend(c.Mend, c.Key, slug, label))})
	}
	return out
}

func (a *API) gates() {
	register(a, org.Read, Operation{ID: "gate", Method: http.MethodGet, Path: "/models/{model}/versions/{version}/gate", Group: "Transitions", Title: "Ask whether a version may be in a stage",
		About: "What a pipeline asks before it deploys. 409 when no move leads from the version's stage to the other.", May: []int{http.StatusConflict}}, a.readGate)
	register(a, org.Request, Operation{ID: "addTransition", Method: http.MethodPost, Path: "/models/{model}/versions/{version}/transitions", Group: "Transitions", Title: "Ask to move a version to another stage",
		About:  "Opens a request for review. Where no review is asked it is applied at once, if the gate is green; otherwise the answer is 422 with the checks that are not.",
		Status: http.StatusCreated}, a.addTransition)
}

func (a *API) readGate(ctx context.Context, in *struct {
	InVersion
	To string `query:"to" required:"true" enum:"experiment,registered,validated,staged,production,retired" doc:"The stage."`
}) (*Entity[Gate], error) {
	d, err := a.Store.Prospect(ctx, in.Model, in.Version, a.Policy)
	if err != nil {
		return nil, err
	}
	f, to := &d.Facts, registry.Stage(in.To)
	out := Gate{To: in.To, Digest: f.Version.Digest()}
	if f.Version.Stage == to { // it is there: may it stay?
		gate := lifecycle.GateTo(f, to, a.Policy, a.now())
		out.Allowed, out.Checks = gate.Green(), a.checks(gate.Checks, in.Model, in.Version)
		return entity(0, out), nil
	}
	outlook, err := d.Outlook(to, a.now())
	if err != nil {
		return nil, err
	}
	have, request, err := a.approvals(ctx, f.Version.ID, to)
	if err != nil {
		return nil, err
	}
	out.Request, out.Approvals, out.Checks = request, approvalsOf(outlook.Needs, have), a.checks(outlook.Gate.Checks, in.Model, in.Version)
	out.Allowed = outlook.Gate.Green() && outlook.Needs.Count == 0
	return entity(0, out), nil
}

// approvals are those of the open request for this move. The one that completes them applies the request,
// so an open one is never allowed yet.
func (a *API) approvals(ctx context.Context, version int64, to registry.Stage) (have lifecycle.Quorum, request int64, err error) {
	page, err := a.Store.Requests(ctx, store.RequestFilter{Version: version, State: lifecycle.Open}, "", 1)
	if err != nil || len(page.Rows) == 0 || page.Rows[0].To != to {
		return have, 0, err
	}
	d, err := a.Store.Dossier(ctx, page.Rows[0].ID, a.Policy)
	if err != nil {
		return have, 0, err
	}
	return d.Standings(a.now()).Have, d.ID, nil
}

func (a *API) addTransition(ctx context.Context, in *struct {
	InVersion
	Body struct {
		To     string `json:"to" enum:"experiment,registered,validated,staged,production,retired"`
		Reason string `json:"reason" maxLength:"32000" doc:"Why, in a sentence that somebody can read in a year."`
	}
}) (*Entity[Request], error) {
	to := registry.Stage(in.Body.To)
	d, err := a.Store.OpenRequest(ctx, in.Model, in.Version, a.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(actorIn(ctx), to, in.Body.Reason, now)
	})
	if err != nil {
		return nil, a.withChecks(ctx, err, in.InVersion, to)
	}
	out, err := a.readRequest(ctx, &InRequest{d.ID})
	if err == nil {
		out.Location = Prefix + link.Request(d.ID)
	}
	return out, err
}

// withChecks puts the checks that held a move back beside the refusal.
func (a *API) withChecks(ctx context.Context, err error, in InVersion, to registry.Stage) error {
	if !byGate(err) {
		return err
	}
	d, e := a.Store.Prospect(ctx, in.Model, in.Version, a.Policy)
	if e != nil {
		return e
	}
	outlook, e := d.Outlook(to, a.now())
	if e != nil {
		return e
	}
	p := *ProblemOf(err)
	p.Type, p.Title, p.Errors = "urn:sundial:problem:gate", "The gate holds this back", nil
	p.Checks = a.checks(outlook.Gate.Red(), in.Model, in.Version)
	return &p
}
