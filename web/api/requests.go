package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// RequestRow is a transition request in a list.
type RequestRow struct {
	ID         int64      `json:"id"`
	Model      string     `json:"model"`
	Version    string     `json:"version"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	Move       string     `json:"move" doc:"forward, back or rollback."`
	State      string     `json:"state" enum:"open,applied,rejected,withdrawn,superseded"`
	Requester  string     `json:"requester"`
	Reason     string     `json:"reason"`
	BreakGlass bool       `json:"break_glass" doc:"Glass was broken: the review came after."`
	OpenedAt   time.Time  `json:"opened_at"`
	DueAt      *time.Time `json:"due_at,omitempty" doc:"Reviews are late after this."`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	URL        string     `json:"url"`
}

// Request is one transition request with everything it is decided on.
type Request struct {
	RequestRow
	Digest    string     `json:"digest" doc:"The SHA-256 of what there is to decide; a review sends it back."`
	Decision  string     `json:"decision,omitempty" doc:"The reason given with a rejection or withdrawal."`
	Checks    []Check    `json:"checks" doc:"The gate now; of a decided request, as it was then."`
	Approvals Approvals  `json:"approvals"`
	Reviews   []Reviewed `json:"reviews"`
	Comments  []Said     `json:"comments"`
	May       May        `json:"may"`
}

// Reviewed is one verdict.
type Reviewed struct {
	Reviewer Person    `json:"reviewer"`
	Verdict  string    `json:"verdict" enum:"approve,request_changes,reject"`
	Comment  string    `json:"comment,omitempty"`
	Digest   string    `json:"digest"`
	At       time.Time `json:"at"`
	Counts   bool      `json:"counts" doc:"It is on the facts as they are, by somebody who may decide."`
	Void     string    `json:"void,omitempty" doc:"Why it does not count."`
}

// Said is one line of the conversation.
type Said struct {
	Person Person    `json:"person"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

// May says what whoever asks may do now, and why not.
type May struct {
	Approve Decision `json:"approve"`
	Review  Decision `json:"review" doc:"Ask for changes or reject."`
}

// Decision is yes, or no with the reason.
type Decision struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason,omitempty"`
}

func (a *API) requests() {
	register(a, org.Read, Operation{ID: "listRequests", Method: http.MethodGet, Path: "/requests", Group: "Requests", Title: "List transition requests", About: "Newest first."}, a.listRequests)
	register(a, org.Read, Operation{ID: "request", Method: http.MethodGet, Path: "/requests/{request}", Group: "Requests", Title: "Read a request"}, a.readRequest)
	register(a, org.Decide, Operation{ID: "addReview", Method: http.MethodPost, Path: "/requests/{request}/reviews", Group: "Requests", Title: "Review a request",
		About: "The digest is that of the request as it was read: 409 when something of it has changed. The approval that completes the quorum applies the request."}, a.addReview)
}

// InRequest is a path about one request.
type InRequest struct {
	Request int64 `path:"request" minimum:"1" doc:"The request's number."`
}

func (a *API) listRequests(ctx context.Context, in *struct {
	Paging
	State string `query:"state" enum:"open,applied,rejected,withdrawn,superseded"`
	Model string `query:"model" maxLength:"200" doc:"The model's short name."`
	Team  string `query:"team" maxLength:"200" doc:"The team's short name."`
	To    string `query:"to" enum:"experiment,registered,validated,staged,production,retired"`
}) (*Listed[RequestRow], error) {
	f := store.RequestFilter{State: lifecycle.State(in.State), Team: in.Team, To: registry.Stage(in.To)}
	if in.Model != "" {
		m, err := a.Store.Model(ctx, in.Model)
		if fault.Is(err, fault.NotFound) {
			return listed(store.Page[store.RequestRow]{}, a.requestRow), nil
		}
		if err != nil {
			return nil, err
		}
		f.Model = m.ID
	}
	page, err := a.Store.Requests(ctx, f, in.Cursor, in.Limit)
	return listed(page, a.requestRow), err
}

func (a *API) requestRow(r store.RequestRow) RequestRow {
	return RequestRow{ID: r.ID, Model: r.Slug, Version: r.Version, From: string(r.From), To: string(r.To), Move: string(r.Move), State: string(r.State),
		Requester: r.Requester, Reason: r.Reason, BreakGlass: r.BreakGlass, OpenedAt: r.OpenedAt.UTC(), DueAt: moment(r.DueAt), DecidedAt: moment(r.DecidedAt),
		URL: a.page(link.Request(r.ID))}
}

func (a *API) readRequest(ctx context.Context, in *InRequest) (*Entity[Request], error) {
	d, err := a.Store.Dossier(ctx, in.Request, a.Policy)
	if err != nil {
		return nil, err
	}
	return entity(d.Revision, a.requestOf(d, actorIn(ctx))), nil
}

func (a *API) requestOf(d *lifecycle.Dossier, actor org.Actor) Request {
	now, slug, label := a.now(), d.Facts.Model.Slug, d.Facts.Version.Label
	tally := d.Standings(now)
	out := Request{Digest: d.Digest, Decision: d.Decision, Approvals: approvalsOf(tally.Needed, tally.Have), Reviews: []Reviewed{}, Comments: []Said{},
		May: May{Approve: Decision(d.MayApprove(actor, now)), Review: Decision(d.MayReview(actor))},
		RequestRow: RequestRow{ID: d.ID, Model: slug, Version: label, From: string(d.From), To: string(d.To), Move: string(d.Move), State: string(d.State),
			Requester: d.Requester, Reason: d.Reason, BreakGlass: d.Request.BreakGlass, OpenedAt: d.OpenedAt.UTC(), DueAt: moment(d.DueAt), DecidedAt: moment(d.DecidedAt),
			URL: a.page(link.Request(d.ID))}}
	checks := d.Decided
	if d.State == lifecycle.Open {
		out.Digest, checks = d.CurrentDigest(now), d.Gate(now).Checks
	}
	out.Checks = a.checks(checks, slug, label)
	for _, r := range d.Reviews {
		why := d.Barred(r, now)
		out.Reviews = append(out.Reviews, Reviewed{Reviewer: Person{ID: r.ReviewerID, Name: r.Reviewer}, Verdict: string(r.Verdict), Comment: r.Comment,
			Digest: r.Digest, At: r.At.UTC(), Counts: why == "", Void: why})
	}
	for _, c := range d.Comments {
		out.Comments = append(out.Comments, Said{Person: Person{ID: c.PersonID, Name: c.Person}, Text: c.Text, At: c.At.UTC()})
	}
	return out
}

// Verdict is what a review sends.
type Verdict struct {
	Verdict string `json:"verdict" enum:"approve,request_changes,reject"`
	Comment string `json:"comment,omitempty" maxLength:"32000" doc:"Asked for with request_changes and reject."`
	Digest  string `json:"digest" maxLength:"200" doc:"That of what was read."`
}

func (a *API) addReview(ctx context.Context, in *struct {
	InRequest
	Body Verdict
}) (*Entity[Request], error) {
	b := in.Body
	d, err := a.Store.ChangeDossier(ctx, in.Request, a.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(actorIn(ctx), lifecycle.Verdict(b.Verdict), b.Digest, b.Comment, now)
	})
	if byGate(err) {
		p := *ProblemOf(err)
		p.Type, p.Title, p.Errors = "urn:sundial:problem:gate", "The gate holds this back", nil
		p.Checks = a.checks(d.Gate(a.now()).Red(), d.Facts.Model.Slug, d.Facts.Version.Label)
		return nil, &p
	}
	if err != nil {
		return nil, err
	}
	return a.readRequest(ctx, &in.InRequest)
}

// byGate reports whether checks of a gate refused something.
func byGate(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.Invalid && len(f.Problems) > 0 && strings.HasPrefix(f.Problems[0].Field, "check.")
}
