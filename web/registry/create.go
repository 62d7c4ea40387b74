package registry

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

// draftForm is what the form that registers a model sends.
type draftForm struct {
	Name    string `form:"name" max:"400"`
	Slug    string `form:"slug"`
	Kind    string `form:"kind"`
	Purpose string `form:"purpose" is:"text"`
	Tier    int    `form:"tier"`
	Team    int64  `form:"team"`
	Owner   int64  `form:"owner"`
	Deputy  int64  `form:"deputy"`
}

func (f draftForm) draft() registry.Draft {
	return registry.Draft{Basics: registry.Basics{Name: f.Name, Slug: f.Slug, Kind: registry.Kind(f.Kind), Purpose: f.Purpose, Tier: registry.Tier(f.Tier)},
		People: registry.People{TeamID: f.Team, OwnerID: f.Owner, DeputyID: f.Deputy}}
}

// basicsForm is what the form about a model's name and purpose sends.
type basicsForm struct {
	Name     string `form:"name" max:"400"`
	Slug     string `form:"slug"`
	Kind     string `form:"kind"`
	Purpose  string `form:"purpose" is:"text"`
	Tier     int    `form:"tier"`
	Revision int64  `form:"revision"`
}

func (f basicsForm) basics() registry.Basics {
	return registry.Basics{Name: f.Name, Slug: f.Slug, Kind: registry.Kind(f.Kind), Purpose: f.Purpose, Tier: registry.Tier(f.Tier)}
}

type peopleForm struct {
	Team   int64 `form:"team"`
	Owner  int64 `form:"owner"`
	Deputy int64 `form:"deputy"`

	Revision int64 `form:"revision"`
}

func (f peopleForm) people() registry.People {
	return registry.People{TeamID: f.Team, OwnerID: f.Owner, DeputyID: f.Deputy}
}

var (
	basicsShape = shape{plain: []string{"name", "slug", "kind", "purpose", "tier"}}
	peopleShape = shape{plain: []string{"team", "owner", "deputy"}}
	newShape    = shape{plain: append(append([]string{}, basicsShape.plain...), peopleShape.plain...)}
)

// New shows the form that registers a model. The person who registers is its owner until they say otherwise.
func (h Handlers) New(c echo.Context) error {
	actor := auth.Actor(c)
	stored := views.Stored{"owner": idText(actor.ID)}
	if len(actor.TeamIDs) == 1 {
		stored["team"] = idText(actor.TeamIDs[0])
	}
	return h.drawNew(c, http.StatusOK, views.FormView{Stored: stored})
}

// Register adds a model.
func (h Handlers) Register(c echo.Context) error {
	ctx, actor := c.Request().Context(), auth.Actor(c)
	var in draftForm
	values, decoded := form.Decode(c, &in)
	if _, err := problemsOf(decoded); err != nil {
		return err
	}
	dir, err := h.Store.Directory(ctx, in.Owner, in.Deputy)
	if err != nil {
		return err
	}
	m, err := registry.NewModel(actor, in.draft(), dir, h.Clock())
	if err = merge(decoded, err); err == nil {
		err = h.Store.AddModel(ctx, m)
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawNew(c, status, views.FormView{Stored: newShape.typed(values), Fault: f})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Model(m.Slug), m.Name+" is registered.")
}

func (h Handlers) drawNew(c echo.Context, status int, f views.FormView) error {
	ctx, actor := c.Request().Context(), auth.Actor(c)
	view := views.NewView{FormView: f}
	var err error
	if view.Teams, err = h.teamOptions(ctx, actor, org.Register, 0); err != nil {
		return err
	}
	var team int64
	if len(actor.TeamIDs) > 0 {
		team = actor.TeamIDs[0]
	}
	if view.People, err = h.peopleOptions(ctx, team); err != nil {
		return err
	}
	return respond.HTML(c, status, views.New(props(c, f, "Register a model", crumb("Models", link.Models()), crumb("Register", "")), view))
}
