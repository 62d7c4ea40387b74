package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// ModelRow is a model in a list.
type ModelRow struct {
	Slug         string    `json:"slug"`
	Name         string    `json:"name"`
	Kind         string    `json:"kind" enum:"trained,genai"`
	Stage        string    `json:"stage" enum:"experiment,registered,validated,staged,production,retired"`
	Tier         int       `json:"tier" doc:"1 is the highest risk; 0 when nobody has said."`
	Team         string    `json:"team,omitempty" doc:"The team's short name."`
	Owner        string    `json:"owner,omitempty" doc:"The owner's name."`
	InProduction string    `json:"in_production,omitempty" doc:"The label of the version that serves."`
	Plan         string    `json:"plan,omitempty" doc:"The state of its retirement plan."`
	Reported     string    `json:"reported,omitempty" doc:"What an imported inventory said of it."`
	UpdatedAt    time.Time `json:"updated_at"`
}

func modelRow(r registry.Row) ModelRow {
	return ModelRow{Slug: r.Slug, Name: r.Name, Kind: string(r.Kind), Stage: string(r.Stage), Tier: int(r.Tier), Team: r.TeamSlug, Owner: r.Owner,
		InProduction: r.Serving, Plan: r.Plan, Reported: r.Reported, UpdatedAt: r.UpdatedAt.UTC()}
}

// Model is one model.
type Model struct {
	Slug              string     `json:"slug"`
	Name              string     `json:"name"`
	Kind              string     `json:"kind" enum:"trained,genai"`
	Purpose           string     `json:"purpose"`
	Team              *Team      `json:"team,omitempty"`
	Owner             *Person    `json:"owner,omitempty"`
	Deputy            *Person    `json:"deputy,omitempty"`
	Tier              int        `json:"tier" doc:"1 is the highest risk; 0 when nobody has said."`
	Stage             string     `json:"stage" enum:"experiment,registered,validated,staged,production,retired" doc:"Its furthest living version's."`
	SLA               SLA        `json:"sla"`
	DeprecationOn     day.Day    `json:"deprecation_on,omitempty"`
	RetrainingDays    int        `json:"retraining_days,omitempty" doc:"Every how many days its team says that it is trained anew."`
	Consumers         []Consumer `json:"consumers"`
	NoConsumersReason string     `json:"no_consumers_reason,omitempty"`
	InProduction      *InService `json:"in_production,omitempty" doc:"Missing while nothing serves."`
	Plan              *PlanState `json:"plan,omitempty" doc:"Missing while no retirement plan was filed."`
	Score             *Score     `json:"score,omitempty" doc:"How mature it is; missing before it was first scored and when it is retired."`
	Reported          string     `json:"reported,omitempty" doc:"What an imported inventory said of it."`
	CreatedAt         time.Time  `json:"created_at"`
	UpdatedAt         time.Time  `json:"updated_at"`
	URL               string     `json:"url" doc:"Its page."`
}

// SLA is what consumers may expect; what is missing is not promised.
type SLA struct {
	AvailabilityPercent float64 `json:"availability_percent,omitempty" example:"99.5"`
	LatencyP95Millis    int     `json:"latency_p95_ms,omitempty"`
	QualityMetric       string  `json:"quality_metric,omitempty" maxLength:"400"`
	QualityOperator     string  `json:"quality_operator,omitempty" enum:",>=,<="`
	QualityThreshold    float64 `json:"quality_threshold,omitempty"`
	Support             string  `json:"support,omitempty" maxLength:"800"`
}

// Consumer depends on a model.
type Consumer struct {
	Name        string `json:"name" maxLength:"400"`
	Contact     string `json:"contact" maxLength:"800"`
	Criticality string `json:"criticality" doc:"low, medium or high."`
	Integration string `json:"integration,omitempty" maxLength:"800"`
	NoticeDays  int    `json:"notice_days,omitempty"`
}

// InService says what serves.
type InService struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
}

// PlanState says how far a model's retirement plan is.
type PlanState struct {
	InForce bool     `json:"in_force" doc:"An approved plan exists."`
	Stale   []string `json:"stale" doc:"Why the plan in force no longer holds; empty when it does."`
	Draft   string   `json:"draft,omitempty" doc:"The state of a number that is not in force yet."`
	EndsOn  day.Day  `json:"ends_on,omitempty" doc:"When the model is meant to be gone."`
}

func (a *API) models() {
	register(a, org.Read, Operation{ID: "listModels", Method: http.MethodGet, Path: "/models", Group: "Models", Title: "List models",
		About: "The inventory, newest change first."}, a.listModels)
	register(a, org.Register, Operation{ID: "addModel", Method: http.MethodPost, Path: "/models", Group: "Models", Title: "Register a model",
		About: "What it lacks for a stage is the gate's business; what is said must be right.", Status: http.StatusCreated}, a.addModel)
	register(a, org.Read, Operation{ID: "model", Method: http.MethodGet, Path: "/models/{model}", Group: "Models", Title: "Read a model"}, a.readModel)
	register(a, org.Edit, Operation{ID: "changeModel", Method: http.MethodPatch, Path: "/models/{model}", Group: "Models", Title: "Change a model",
		About: "Fields that are not sent stay as they are. An SLA and a list of consumers are replaced whole; an empty text takes a value away."}, a.changeModel)
}

// InModel is a path about one model. What calls embed is exported: the framework passes over the rest.
type InModel struct {
	Model string `path:"model" maxLength:"200" doc:"The model's short name." example:"payment-fraud"`
}

func (a *API) listModels(ctx context.Context, in *struct {
	Paging
	Query string `query:"q" maxLength:"200" doc:"Part of the name, short name or purpose."`
	Team  string `query:"team" maxLength:"200" doc:"The team's short name."`
	Stage string `query:"stage" enum:"experiment,registered,validated,staged,production,retired"`
	Kind  string `query:"kind" enum:"trained,genai"`
	Tier  int    `query:"tier" minimum:"1" maximum:"3"`
	Owner string `query:"owner" maxLength:"320" doc:"The owner's e-mail address or id, or me for what you own or stand in for."`
}) (*Listed[ModelRow], error) {
	f := registry.Filter{Query: in.Query, Team: in.Team, Stage: registry.Stage(in.Stage), Kind: registry.Kind(in.Kind), Tier: registry.Tier(in.Tier)}
	if in.Owner == "me" {
		f.Mine = actorIn(ctx).ID
	} else {
		var err error
		if f.Owner, err = a.person(ctx, "owner", in.Owner); err != nil {
			return nil, located("query", err)
		}
	}
	page, err := a.Store.Models(ctx, f, in.Cursor, in.Limit)
	return listed(page, modelRow), err
}

// ModelDraft is what registering a model asks.
type ModelDraft struct {
	Slug    string `json:"slug" maxLength:"200" doc:"Its name in addresses and stamps: a to z, digits, single dashes." example:"payment-fraud"`
	Name    string `json:"name" maxLength:"1600" example:"Payment fraud"`
	Kind    string `json:"kind" enum:"trained,genai"`
	Purpose string `json:"purpose,omitempty" maxLength:"32000"`
	Team    string `json:"team" maxLength:"200" doc:"The short name of the team that answers for it." example:"fraud"`
	Owner   string `json:"owner,omitempty" maxLength:"320" doc:"Who answers for it, by e-mail address or id." example:"owner@example.test"`
	Deputy  string `json:"deputy,omitempty" maxLength:"320" doc:"Who stands in, by e-mail address or id."`
	Tier    int    `json:"tier,omitempty" minimum:"0" maximum:"3" doc:"The risk: 1 is the highest; 0 when nobody has said yet."`
}

func (a *API) addModel(ctx context.Context, in *struct{ Body ModelDraft }) (*Entity[Model], error) {
	b := in.Body
	team, e1 := a.team(ctx, "team", b.Team)
	owner, e2 := a.person(ctx, "owner", b.Owner)
	deputy, e3 := a.person(ctx, "deputy", b.Deputy)
	if err := all(e1, e2, e3); err != nil {
		return nil, err
	}
	dir, err := a.Store.Directory(ctx, owner, deputy)
	if err != nil {
		return nil, err
	}
	m, err := registry.NewModel(actorIn(ctx), registry.Draft{
		Basics: registry.Basics{Name: b.Name, Slug: b.Slug, Kind: registry.Kind(b.Kind), Purpose: b.Purpose, Tier: registry.Tier(b.Tier)},
		People: registry.People{TeamID: team, OwnerID: owner, DeputyID: deputy}}, dir, a.now())
	if err != nil {
		return nil, err
	}
	if err := a.Store.AddModel(ctx, m); err != nil {
		return nil, err
	}
	out, err := a.readModel(ctx, &InModel{m.Slug})
	if err == nil {
		out.Location = Prefix + link.Model(m.Slug)
	}
	return out, err
}

func (a *API) readModel(ctx context.Context, in *InModel) (*Entity[Model], error) {
	v, err := a.Store.ModelView(ctx, in.Model, a.Policy)
	if err != nil {
		return nil, err
	}
	m := a.modelOf(v)
	if m.Score, err = a.scoreOf(ctx, v.Facts.Model.ID); err != nil {
		return nil, err
	}
	out := entity(v.Facts.Model.Revision, m)
	return out, a.ends(ctx, in.Model, out)
}

func (a *API) modelOf(v *store.ModelView) Model {
	f := v.Facts
	m := f.Model
	out := Model{Slug: m.Slug, Name: m.Name, Kind: string(m.Kind), Purpose: m.Purpose, Owner: personOf(f.Owner), Deputy: personOf(f.Deputy), Tier: int(m.Tier),
		Stage: string(m.Stage), SLA: SLA(m.SLA), DeprecationOn: m.DeprecationOn, RetrainingDays: m.RetrainingDays, Consumers: []Consumer{}, NoConsumersReason: m.NoConsumersReason, Reported: m.Reported,
		CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC(), URL: a.page(link.Model(m.Slug))}
	if f.Team.ID != 0 {
		t := teamOf(f.Team)
		out.Team = &t
	}
	for _, c := range m.Consumers {
		out.Consumers = append(out.Consumers, Consumer(c))
	}
	if f.Serving != nil {
		out.InProduction = &InService{Version: f.Serving.Version.Label, Since: f.Serving.Record.Since.UTC()}
	}
	if plan := f.Plan; plan.Plan != nil || plan.DraftState != "" {
		out.Plan = &PlanState{InForce: plan.Plan != nil, Stale: []string{}, Draft: plan.DraftState}
		for _, x := range plan.Findings {
			out.Plan.Stale = append(out.Plan.Stale, x.Sentence)
		}
		if plan.Plan != nil {
			out.Plan.EndsOn = plan.Plan.Body.Ends()
		}
	}
	return out
}

// ModelPatch names what is to change.
type ModelPatch struct {
	Name              *string     `json:"name,omitempty" maxLength:"1600"`
	Slug              *string     `json:"slug,omitempty" maxLength:"200" doc:"Fixed with the first version."`
	Kind              *string     `json:"kind,omitempty" enum:"trained,genai" doc:"Fixed with the first version."`
	Purpose           *string     `json:"purpose,omitempty" maxLength:"32000"`
	Tier              *int        `json:"tier,omitempty" minimum:"0" maximum:"3"`
	Team              *string     `json:"team,omitempty" maxLength:"200"`
	Owner             *string     `json:"owner,omitempty" maxLength:"320" doc:"By e-mail address or id."`
	Deputy            *string     `json:"deputy,omitempty" maxLength:"320" doc:"By e-mail address or id."`
	SLA               *SLA        `json:"sla,omitempty"`
	DeprecationOn     *string     `json:"deprecation_on,omitempty" maxLength:"10" example:"2027-03-31"`
	RetrainingDays    *int        `json:"retraining_days,omitempty" minimum:"0" maximum:"1095" doc:"Of a trained model: every how many days it is trained anew; 0 takes it back."`
	Consumers         *[]Consumer `json:"consumers,omitempty" maxItems:"200"`
	NoConsumersReason *string     `json:"no_consumers_reason,omitempty" maxLength:"2000"`
}

func (a *API) changeModel(ctx context.Context, in *struct {
	InModel
	IfMatch string `header:"If-Match" doc:"The ETag of what was read. Without it the answer is 428, with an old one 412."`
	Body    ModelPatch
}) (*Entity[Model], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	m, err := a.Store.Model(ctx, in.Model)
	if err != nil {
		return nil, err
	}
	patch, err := a.patch(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	dir, err := a.Store.Directory(ctx, m.OwnerID, m.DeputyID, deref(patch.OwnerID), deref(patch.DeputyID))
	if err != nil {
		return nil, err
	}
	saved, err := a.Store.ChangeBasics(ctx, in.Model, rev, func(m *registry.Model, versions bool) error {
		return m.Edit(actorIn(ctx), patch, dir, versions, a.now())
	})
	if err != nil && !registry.Unchanged(err) {
		return nil, preconditioned(relabel(err, modelField))
	}
	return a.readModel(ctx, &InModel{saved.Slug})
}

func (a *API) patch(ctx context.Context, b ModelPatch) (registry.Patch, error) {
	p := registry.Patch{Name: b.Name, Slug: b.Slug, Purpose: b.Purpose, Kind: (*registry.Kind)(b.Kind), NoConsumersReason: b.NoConsumersReason,
		SLA: (*registry.SLA)(b.SLA), DeprecationOn: (*day.Day)(b.DeprecationOn), RetrainingDays: b.RetrainingDays}
	if b.Tier != nil {
		p.Tier = new(registry.Tier(*b.Tier))
	}
	if b.Consumers != nil {
		list := make([]registry.Consumer, 0, len(*b.Consumers))
		for _, c := range *b.Consumers {
			list = append(list, registry.Consumer(c))
		}
		p.Consumers = &list
	}
	var e1, e2, e3 error
	if b.Team != nil {
		var id int64
		id, e1 = a.team(ctx, "team", *b.Team)
		p.TeamID = &id
	}
	if b.Owner != nil {
		var id int64
		id, e2 = a.person(ctx, "owner", *b.Owner)
		p.OwnerID = &id
	}
	if b.Deputy != nil {
		var id int64
		id, e3 = a.person(ctx, "deputy", *b.Deputy)
		p.DeputyID = &id
	}
	return p, all(e1, e2, e3)
}

// modelField is where a body has what a page's form calls otherwise.
func modelField(field string) string {
	switch {
	case field == "availability":
		return "sla.availability_percent"
	case field == "latency":
		return "sla.latency_p95_ms"
	case strings.HasPrefix(field, "quality_"), field == "support":
		return "sla." + field
	}
	return field
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
