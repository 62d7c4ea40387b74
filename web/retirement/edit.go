package retirement

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// mostPeople and mostModels bound what a form offers to choose from.
const (
	mostPeople = 1000
	mostModels = 200
)

// EditList is where the sections are chosen: the plan's own page.
func (h Handlers) EditList(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Retirement(slug))
}

// Edit is one section as a form.
func (h Handlers) Edit(c echo.Context) error {
	key, view, err := h.section(c)
	if err != nil {
		return err
	}
	if d := retirement.MayWrite(auth.Actor(c), view.Context.Model); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	if !writable(view.Plan) {
		return respond.SeeOther(c, link.Retirement(view.Context.Model.Slug))
	}
	v := h.editView(view, key)
	v.Typed = inputsOf(view.Plan.Body, key)
	if v.Status != retirement.NotStarted || c.QueryParam("check") != "" {
		today := day.Of(h.Clock())
		v.Problems = atInputs(ui.ProblemsOf(retirement.CompleteSection(key, view.Plan.Body, view.Context, today)), v.Typed)
	}
	return h.drawEdit(c, http.StatusOK, v)
}

// section reads the plan and the section that the path names.
func (h Handlers) section(c echo.Context) (key string, view store.PlanView, err error) {
	if key, err = form.Param(c, "section"); err != nil {
		return "", view, err
	}
	if _, known := retirement.FindSection(key); !known {
		return "", view, fault.New(fault.NotFound, "A retirement plan has no such section.")
	}
	if view, err = h.load(c); err != nil {
		return "", view, err
	}
	if view.Plan == nil {
		return "", view, noPlan()
	}
	return key, view, nil
}

func writable(p *retirement.Plan) bool {
	return p.State == retirement.Draft || p.State == retirement.ChangesRequested
}

// editView is the form of a section before anything stands in it.
func (h Handlers) editView(view store.PlanView, key string) views.EditView {
	s, _ := retirement.FindSection(key)
	p, ctx := view.Plan, view.Context
	return views.EditView{
		Model: ctx.Model, Kind: ctx.Model.Kind, Number: p.Number, Section: s, Place: place(key) + 1,
		Status: p.Body.Status(key, ctx, day.Of(h.Clock())), Required: retirement.Required(key, ctx.Depth),
		Revision: p.Revision, Was: was(p, key), VendorEnd: ctx.VendorEnd.Human(), Ends: p.Body.Ends().Human(),
	}
}

// drawEdit adds what the section offers to choose from.
func (h Handlers) drawEdit(c echo.Context, status int, v views.EditView) error {
	var err error
	switch v.Section.Key {
	case "people":
		v.People, err = h.people(c, v.Typed)
	case "steps", "assets":
		v.Names, err = h.names(c, v.Model)
	case "candidate":
		v.Models, err = h.candidates(c, v.Model.Slug)
		for _, host := range vendors.Hosts() {
			v.Hosts = append(v.Hosts, string(host))
		}
	}
	if err != nil {
		return err
	}
	refused := v.Refused || v.Refusal != "" || v.Conflict != nil
	p := frame(c, v.Model, v.Section.Title+" in the retirement plan", refused)
	p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement plan", Href: link.Retirement(v.Model.Slug)}, ui.Crumb{Label: v.Section.Title})
	return respond.HTML(c, status, views.Edit(p, v))
}

// mostNames bounds what is suggested where a name is typed: every row offers them again.
const mostNames = 40

// names are the people of the model's team, its owner and deputy first.
func (h Handlers) names(c echo.Context, m registry.Model) ([]string, error) {
	list, err := h.Store.People(c.Request().Context(), "", "", 0, mostPeople)
	if err != nil {
		return nil, err
	}
	var first, team []string
	for _, p := range list {
		switch {
		case !p.Active():
		case p.ID == m.OwnerID, p.ID == m.DeputyID:
			first = append(first, p.Name)
		case m.TeamID != 0 && slices.Contains(p.TeamIDs, m.TeamID):
			team = append(team, p.Name)
		}
	}
	names := append(first, team...)
	return names[:min(len(names), mostNames)], nil
}

// people are the active ones, and whoever is chosen already, so that a choice is never lost from sight.
func (h Handlers) people(c echo.Context, inputs views.Typed) ([]ui.Option, error) {
	list, err := h.Store.People(c.Request().Context(), "", "", 0, mostPeople)
	if err != nil {
		return nil, err
	}
	chosen := map[string]bool{}
	for _, id := range inputs {
		chosen[id] = true
	}
	var out []ui.Option
	for _, p := range list {
		o := ui.Option{Value: idText(p.ID), Label: p.Name}
		switch {
		case !p.Active() && !chosen[o.Value]:
			continue
		case !p.Active():
			o.Label += " (no longer active)"
		}
		out = append(out, o)
	}
	return out, nil
}

// candidates are models to suggest, without the model itself.
func (h Handlers) candidates(c echo.Context, self string) ([]string, error) {
	page, err := h.Store.Models(c.Request().Context(), registry.Filter{Sort: "name"}, "", mostModels)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, r := range page.Rows {
		if r.Slug != self && r.Stage != registry.Retired {
			out = append(out, r.Slug)
		}
	}
	return out, nil
}

// atInputs moves a sentence to an input that is in sight: what takes over is chosen before it is named.
func atInputs(problems ui.Problems, inputs views.Typed) ui.Problems {
	for i, p := range problems {
		if p.Field == "candidate.model" && inputs["candidate.kind"] == "" {
			problems[i].Field = "candidate.kind"
		}
	}
	return problems
}

func place(key string) int {
	for i, s := range retirement.Sections {
		if s.Key == key {
			return i
		}
	}
	return -1
}
