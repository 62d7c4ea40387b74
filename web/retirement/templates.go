package retirement

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/layout"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/web/form"
	"sundial/web/respond"
)

// Templates lists the plan templates, for whoever keeps them.
func (h Handlers) Templates(c echo.Context) error {
	list, err := h.Store.PlanTemplates(c.Request().Context())
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.Templates(respond.Props(c, "Plan templates"), views.TemplatesView{Rows: list, Now: h.Clock()}))
}

// TemplatesCSV is the list as a file.
func (h Handlers) TemplatesCSV(c echo.Context) error {
	list, err := h.Store.PlanTemplates(c.Request().Context())
	if err != nil {
		return err
	}
	var rows [][]string
	for _, t := range list {
		state := "offered"
		if t.Retired {
			state = "retired"
		}
		rows = append(rows, []string{t.Slug, t.Name, t.Summary, string(t.Kind), string(t.Body.Trigger.Kind), strconv.Itoa(t.Number), state, t.ByName})
	}
	return respond.CSV(c, "plan-templates.csv", []string{"template", "name", "summary", "kind", "trigger", "version", "state", "changed by"}, respond.Rows(rows))
}

// Template is one template as it stands, or an earlier number of it.
func (h Handlers) Template(c echo.Context) error {
	q := form.ReadQuery(c)
	number := int(q.Int("number", 1, 1_000_000))
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawTemplate(c, http.StatusOK, number, nil)
}

func (h Handlers) drawTemplate(c echo.Context, status, number int, why *fault.Fault) error {
	slug, err := form.Param(c, "template")
	if err != nil {
		return err
	}
	numbers, err := h.Store.PlanTemplateNumbers(c.Request().Context(), slug)
	if err != nil {
		return err
	}
	v := views.TemplateView{Template: numbers[0], Latest: numbers[0].Number, Numbers: numbers, Now: h.Clock(), Fault: why}
	if number != 0 {
		found := false
		for _, t := range numbers {
			if t.Number == number {
				v.Template, found = t, true
			}
		}
		if !found {
			return fault.New(fault.NotFound, "This template has no such version.")
		}
	}
	return respond.HTML(c, status, views.Template(templateFrame(c, v.Template, "", why != nil), v))
}

// templateFrame is the frame of a page about a template.
func templateFrame(c echo.Context, t retirement.Template, page string, refused bool) layout.Props {
	title := "Plan template " + t.Name
	if page != "" {
		title = page + " of the plan template " + t.Name
	}
	p := respond.Props(c, title)
	if refused {
		p = respond.Refused(c, title)
	}
	p.Crumbs = []ui.Crumb{{Label: "Plan templates", Href: link.PlanTemplates()}, {Label: t.Name}}
	if page != "" {
		p.Crumbs = []ui.Crumb{{Label: "Plan templates", Href: link.PlanTemplates()}, {Label: t.Name, Href: link.PlanTemplate(t.Slug)}, {Label: page}}
	}
	return p
}

type templateInput struct {
	Name     string `form:"name"`
	Slug     string `form:"slug"`
	Summary  string `form:"summary" is:"text" max:"300"`
	Kind     string `form:"kind"`
	From     string `form:"from"`
	Revision int    `form:"revision"`
}

func (in templateInput) draft() retirement.TemplateDraft {
	return retirement.TemplateDraft{Slug: in.Slug, Name: in.Name, Summary: in.Summary, Kind: registry.Kind(in.Kind)}
}

// NewTemplate is the empty form.
func (h Handlers) NewTemplate(c echo.Context) error {
	return h.drawTemplateForm(c, http.StatusOK, views.TemplateFormView{})
}

// AddTemplate adds a template, empty or with the sections of another.
func (h Handlers) AddTemplate(c echo.Context) error {
	var in templateInput
	_, err := form.Decode(c, &in)
	actor, ctx := auth.Actor(c), c.Request().Context()
	var from retirement.Template
	if err == nil && in.From != "" {
		if from, err = h.Store.PlanTemplate(ctx, in.From); fault.Is(err, fault.NotFound) {
			err = fault.At("from", "There is no such template.")
		}
	}
	if err == nil {
		_, err = h.Store.AddPlanTemplate(ctx, func(now time.Time) (*retirement.Template, error) {
			return retirement.NewTemplate(actor, in.draft(), from.Body, now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawTemplateForm(c, status, views.TemplateFormView{Typed: in.draft(), From: in.From, Fault: f})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.PlanTemplate(in.Slug), said("Template %s added. Fill in its sections.", in.Name))
}

// EditTemplate is the form of a template's name and use.
func (h Handlers) EditTemplate(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	return h.drawTemplateForm(c, http.StatusOK, views.TemplateFormView{Slug: t.Slug, Number: t.Number,
		Typed: retirement.TemplateDraft{Slug: t.Slug, Name: t.Name, Summary: t.Summary, Kind: t.Kind}})
}

// SaveTemplate changes a template's name and use.
func (h Handlers) SaveTemplate(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	var in templateInput
	_, err = form.Decode(c, &in)
	actor := auth.Actor(c)
	if err == nil {
		_, err = h.Store.ChangePlanTemplate(c.Request().Context(), t.Slug, in.Revision, func(t *retirement.Template, now time.Time) error {
			return t.Describe(actor, in.draft(), now)
		})
	}
	if f, status, ok := respond.Fault(err); ok {
		v := views.TemplateFormView{Slug: t.Slug, Number: in.Revision, Typed: in.draft(), Fault: f}
		if f.Kind == fault.Stale {
			v.Number, v.Theirs, v.TheirsChanged = t.Number, t, true
		}
		return h.drawTemplateForm(c, status, v)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.PlanTemplate(t.Slug), "Name and use saved.")
}

func (h Handlers) drawTemplateForm(c echo.Context, status int, v views.TemplateFormView) error {
	title := "Change a plan template"
	if v.Slug == "" {
		title = "Add a plan template"
		list, err := h.Store.PlanTemplates(c.Request().Context())
		if err != nil {
			return err
		}
		for _, t := range list {
			v.Others = append(v.Others, ui.Option{Value: t.Slug, Label: t.Name})
		}
	}
	p := respond.Props(c, title)
	if v.Fault != nil {
		p = respond.Refused(c, title)
	}
	p.Crumbs = []ui.Crumb{{Label: "Plan templates", Href: link.PlanTemplates()}, {Label: title}}
	return respond.HTML(c, status, views.TemplateForm(p, v))
}

func (h Handlers) template(c echo.Context) (retirement.Template, error) {
	slug, err := form.Param(c, "template")
	if err != nil {
		return retirement.Template{}, err
	}
	return h.Store.PlanTemplate(c.Request().Context(), slug)
}

// AskRetireTemplate asks before a template is no longer offered.
func (h Handlers) AskRetireTemplate(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.RetireTemplate(templateFrame(c, t, "Retire", false), t))
}

// RetireTemplate stops offering a template.
func (h Handlers) RetireTemplate(c echo.Context) error {
	actor := auth.Actor(c)
	return h.turnTemplate(c, "Template %s is no longer offered.", func(t *retirement.Template, now time.Time) error { return t.Retire(actor, now) })
}

// ReviveTemplate offers it again.
func (h Handlers) ReviveTemplate(c echo.Context) error {
	actor := auth.Actor(c)
	return h.turnTemplate(c, "Template %s is offered again.", func(t *retirement.Template, now time.Time) error { return t.Revive(actor, now) })
}

func (h Handlers) turnTemplate(c echo.Context, done string, turn func(*retirement.Template, time.Time) error) error {
	var in struct {
		Revision int `form:"revision"`
	}
	slug, err := form.Param(c, "template")
	if err != nil {
		return err
	}
	if _, err = form.Decode(c, &in); err != nil {
		return err
	}
	t, err := h.Store.ChangePlanTemplate(c.Request().Context(), slug, in.Revision, turn)
	if f, status, ok := respond.Fault(err); ok {
		return h.drawTemplate(c, status, 0, f)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.PlanTemplate(slug), said(done, t.Name))
}
