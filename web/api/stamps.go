package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sundial/models/org"
	"sundial/models/store"
	"sundial/models/telemetry"
)

// StampLine is one count. It documents the body of a call; ten thousand of them are read by the rule's
// own reader, which is many times as fast as the framework's.
type StampLine struct {
	Bucket       time.Time `json:"bucket" doc:"The hour in which they were counted; a finer moment is truncated to it. At most 90 days ago." example:"2026-03-03T14:00:00Z"`
	App          string    `json:"app" minLength:"1" maxLength:"100" doc:"Who asked for the predictions." example:"checkout"`
	Stamp        string    `json:"stamp,omitempty" maxLength:"200" doc:"model@version, or model@version+sha256:HEX with 12 or more digits of the prompt's hash. Instead of model, version and prompt_sha256." example:"payment-fraud@v3"`
	Model        string    `json:"model,omitempty" maxLength:"64" doc:"The model's short name. Without a version it counts as traffic that could not be stamped."`
	Version      string    `json:"version,omitempty" maxLength:"40"`
	PromptSHA256 string    `json:"prompt_sha256,omitempty" maxLength:"71" doc:"12 to 64 hexadecimal digits."`
	RequestedID  string    `json:"requested_id,omitempty" maxLength:"200" doc:"The vendor's id that was asked for."`
	ServedID     string    `json:"served_id,omitempty" maxLength:"200" doc:"The vendor's id that answered."`
	Count        int64     `json:"count" minimum:"1" maximum:"1000000000000" doc:"How many predictions."`
}

// StampsTaken says what became of the counts.
type StampsTaken struct {
	Accepted int      `json:"accepted" doc:"How many counts were kept: all that were sent."`
	Unknown  []string `json:"unknown" doc:"Stamps that name no model, version or prompt of Sundial's; at most 100."`
	Zombies  []string `json:"zombies" doc:"Stamps of versions that are retired and still answer; at most 100."`
}

// Stamped is what a stamp leads to.
type Stamped struct {
	Stamp   string       `json:"stamp"`
	Known   bool         `json:"known" doc:"False when the version exists but has no prompt of this hash."`
	Version Version      `json:"version" doc:"How it was built."`
	Served  []ServedTime `json:"served" doc:"When it served, newest first; empty when it never did."`
	Serving *InService   `json:"serving,omitempty" doc:"What the model serves now; missing when it serves nothing."`
	Zombie  bool         `json:"zombie" doc:"It is retired."`
	Last    *time.Time   `json:"last_seen,omitempty" doc:"The last hour in which predictions were reported for the version."`
	Apps    []StampedBy  `json:"apps" doc:"Who called it in the last 30 days, most first."`
}

// ServedTime is a time in which a version served.
type ServedTime struct {
	Since          time.Time  `json:"since"`
	Until          *time.Time `json:"until,omitempty" doc:"Missing while it serves."`
	How            string     `json:"how" doc:"promotion, rollback or break-glass."`
	ApprovedBy     []string   `json:"approved_by"`
	ApprovedDigest string     `json:"approved_digest,omitempty"`
}

// StampedBy is an app that called a version.
type StampedBy struct {
	App   string    `json:"app"`
	Count int64     `json:"count"`
	Last  time.Time `json:"last_seen"`
}

func (a *API) stamps() {
	register(a, org.Report, Operation{ID: "sendStamps", Method: http.MethodPost, Path: "/stamps", Group: "Stamps", Title: "Send counts of stamps",
		About: "Counts only, never prompts or outputs, up to 10,000 in a call. The answer comes after they are kept. One count that cannot be read refuses the call and says where. Under an Idempotency-Key a call counts once, also when it is sent again after a crash, for two days.",
		Body:  telemetry.MaxBytes, Time: time.Minute, OwnKeys: true, OwnBody: true}, a.sendStamps)
	doc := a.huma.OpenAPI()
	post := doc.Paths["/stamps"].Post
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[[]StampLine](), true, "")
	most := telemetry.MaxLines
	schema.MaxItems = &most
	post.RequestBody.Content["application/json"] = &huma.MediaType{Schema: schema}
	register(a, org.Read, Operation{ID: "stamp", Method: http.MethodGet, Path: "/stamps/{stamp}", Group: "Stamps", Title: "Look a stamp up",
		About: "From what a prediction carries to how that version was built, who approved it, and what serves now."}, a.lookUp)
}

func (a *API) sendStamps(ctx context.Context, in *struct {
	Key     string `header:"Idempotency-Key" maxLength:"200" hidden:"true"`
	RawBody []byte `contentType:"application/json" required:"true"`
}) (*struct{ Body StampsTaken }, error) {
	lines, err := telemetry.ReadLines(in.RawBody, a.now())
	if err != nil {
		return nil, atIndex(err)
	}
	taken, err := a.Store.TakeStamps(ctx, store.StampCall{Key: in.Key, Body: in.RawBody, Lines: lines})
	if err != nil {
		return nil, err
	}
	return &struct{ Body StampsTaken }{StampsTaken{taken.Accepted, texts(taken.Unknown), texts(taken.Zombies)}}, nil
}

// atIndex writes the place of a problem in a list as the framework does: body[3].count.
func atIndex(err error) error {
	p := ProblemOf(err)
	for i, x := range p.Errors {
		p.Errors[i] = Wrong{Location: strings.Replace(x.Location, "body.[", "body[", 1), Field: x.Field, Message: x.Message}
	}
	return p
}

// texts is a list that is never null.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (a *API) lookUp(ctx context.Context, in *struct {
	Stamp string `path:"stamp" maxLength:"200" doc:"model@version or model@version+sha256:HEX." example:"payment-fraud@v3"`
}) (*Entity[Stamped], error) {
	st, err := telemetry.ParseStamp(in.Stamp)
	if err != nil {
		return nil, located("path", err)
	}
	found, err := a.Store.ByStamp(ctx, st)
	if err != nil {
		return nil, err
	}
	out := Stamped{Stamp: st.String(), Known: found.Known, Version: a.versionOf(found.Model, found.Version), Served: []ServedTime{}, Apps: []StampedBy{},
		Zombie: !found.Version.Live(), Last: moment(found.Last)}
	for _, r := range found.Served {
		s := ServedTime{Since: r.Since.UTC(), Until: moment(r.Until), How: r.How, ApprovedBy: []string{}, ApprovedDigest: r.ApprovedDigest}
		for _, by := range r.ApprovedBy {
			s.ApprovedBy = append(s.ApprovedBy, by.Name)
		}
		out.Served = append(out.Served, s)
	}
	if found.Serving != nil {
		out.Serving = &InService{Version: found.Serving.Version, Since: found.Serving.Since.UTC()}
	}
	for _, x := range found.Apps {
		out.Apps = append(out.Apps, StampedBy{x.App, x.Count, x.Last})
	}
	return entity(0, out), nil
}
