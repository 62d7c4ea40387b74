package retirement

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// EditTemplateSection is one section of a template as a form: the same fields as in a plan.
func (h Handlers) EditTemplateSection(c echo.Context) error {
	key, t, err := h.templateSection(c)
	if err != nil {
		return err
	}
	v := templateEdit(t, key)
	v.Typed = inputsOf(t.Body, key)
	return drawTemplateEdit(c, http.StatusOK, t, v)
}

func (h Handlers) templateSection(c echo.Context) (key string, t retirement.Template, err error) {
	if key, err = form.Param(c, "section"); err != nil {
		return "", t, err
	}
	if !slices.ContainsFunc(retirement.TemplateSections, func(s retirement.Section) bool { return s.Key == key }) {
		return "", t, fault.New(fault.NotFound, "A template has no such section.")
	}
	t, err = h.template(c)
	return key, t, err
}

func templateEdit(t retirement.Template, key string) views.EditView {
	s, _ := retirement.FindSection(key)
	return views.EditView{Section: s, Kind: t.Kind, Revision: int64(t.Number), Template: t.Name,
		Action: link.PlanTemplateSection(t.Slug, key), Back: link.PlanTemplate(t.Slug)}
}

// SaveTemplateSection keeps one section, or draws it again with one row more or less.
func (h Handlers) SaveTemplateSection(c echo.Context) error {
	var in saved
	values, decodeErr := form.Decode(c, &in)
	if decodeErr != nil && !fault.Is(decodeErr, fault.Invalid) {
		return decodeErr
	}
	key, t, err := h.templateSection(c)
	if err != nil {
		return err
	}
	typed := read(key, t.Body, values)
	if in.Add != "" || in.Remove != "" {
		return drawTemplateRows(c, t, typed, in)
	}
	if !typed.problems.Any() && decodeErr == nil {
		typed.compact()
	}
	typed.problems.Merge("", inSection(key, decodeErr))
	if err = typed.problems.Err(); err == nil && int64(t.Number) == in.Revision && t.Same(key, typed.body) {
		return respond.SeeOther(c, link.PlanTemplate(t.Slug), "Nothing was changed.")
	}
	if err == nil {
		actor := auth.Actor(c)
		_, err = h.Store.ChangePlanTemplate(c.Request().Context(), t.Slug, int(in.Revision), func(t *retirement.Template, now time.Time) error {
			return t.EditSection(actor, key, typed.body, now)
		})
	}
	if err != nil {
		return h.refuseTemplate(c, t.Slug, typed, in, err)
	}
	s, _ := retirement.FindSection(key)
	return respond.SeeOther(c, link.PlanTemplate(t.Slug), said("%s saved.", s.Title))
}

func drawTemplateRows(c echo.Context, t retirement.Template, typed *typed, in saved) error {
	v := templateEdit(t, typed.key)
	v.Revision = in.Revision
	typed.problems = fault.Problems{} // half a form is not judged
	if in.Add != "" {
		v.Focus = typed.add(in.Add)
	} else {
		typed.remove(in.Remove)
		typed.problems = fault.Problems{}
	}
	v.Typed, v.Problems = typed.inputs, typed.problems.List()
	return drawTemplateEdit(c, http.StatusOK, t, v)
}

// refuseTemplate draws the form again with what was typed and why it was not kept.
func (h Handlers) refuseTemplate(c echo.Context, slug string, typed *typed, in saved, why error) error {
	f, status, ok := respond.Fault(why)
	if !ok {
		return why
	}
	t, err := h.Store.PlanTemplate(c.Request().Context(), slug)
	if err != nil {
		return err
	}
	v := templateEdit(t, typed.key)
	v.Typed = typed.inputs
	switch f.Kind {
	case fault.Stale:
		v.Conflict = &views.Conflict{Who: t.ByName, When: t.At}
		theirs := inputsOf(t.Body, typed.key)
		for _, name := range union(typed.body, t.Body, typed.key) {
			if typed.inputs[name] != theirs[name] && applies(name, typed.inputs.Get) {
				v.Conflict.Clashes = append(v.Conflict.Clashes, ui.Clash{Label: views.Label(name),
					Yours: views.Shown(name, typed.inputs[name], map[int64]org.Person{}), Theirs: views.Shown(name, theirs[name], map[int64]org.Person{})})
			}
		}
	case fault.Invalid:
		v.Refused, v.Problems, v.Revision = true, atInputs(f.Problems, typed.inputs), in.Revision
	default:
		v.Refusal, v.Revision = f.Sentence, in.Revision
	}
	return drawTemplateEdit(c, status, t, v)
}

func drawTemplateEdit(c echo.Context, status int, t retirement.Template, v views.EditView) error {
	if v.Section.Key == "candidate" {
		for _, host := range vendors.Hosts() {
			v.Hosts = append(v.Hosts, string(host))
		}
	}
	return respond.HTML(c, status, views.Edit(templateFrame(c, t, v.Section.Title, v.Refused || v.Refusal != "" || v.Conflict != nil), v))
}
