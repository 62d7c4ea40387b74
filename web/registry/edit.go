package registry

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/layout"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/form"
	"sundial/web/respond"
)

// part is one form about a model: its fields, how they read from what is kept, how they are said, and
// how the page is drawn.
type part struct {
	shape  shape
	stored func(registry.Model) views.Stored
	words  map[string]string
	act    org.Act
	draw   func(h Handlers, c echo.Context, status int, p layout.Props, v views.EditView, m registry.Model) error
}

// edit shows a part as it is kept.
func (h Handlers) edit(c echo.Context, p part) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	m, err := h.Store.Model(c.Request().Context(), slug)
	if err != nil {
		return err
	}
	return h.drawPart(c, http.StatusOK, p, m, views.FormView{Stored: p.stored(m), Revision: revisionText(m.Revision)})
}

// rule changes a model; versions says whether it has any.
type rule func(m *registry.Model, versions bool) error

// save runs the rule on what was sent, unless a button only asked for another row. prepare reads what
// the rule wants to know of the world.
func (h Handlers) save(c echo.Context, p part, in any, revision *int64, prepare func(ctx context.Context, m registry.Model) (rule, error)) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug) // before anything is read: what one may not see is not found
	if err != nil {
		return err
	}
	values, decoded := form.Decode(c, in)
	if _, err := problemsOf(decoded); err != nil {
		return err
	}
	f := views.FormView{Revision: revisionText(*revision)}
	var again bool
	if f.Stored, f.Focus, again = p.shape.redraw(values); again {
		return h.drawPart(c, http.StatusOK, p, m, f)
	}
	if *revision <= 0 {
		return fault.New(fault.Malformed, "This form is not complete. Reload the page and try again.")
	}
	if may := org.May(auth.Actor(c), p.act, m.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	change, err := prepare(ctx, m)
	if err != nil {
		return err
	}
	saved := m
	if decoded != nil {
		err = merge(decoded, change(&saved, false)) // on a copy: only to hear what else is wrong
	} else {
		saved, err = h.Store.ChangeBasics(ctx, slug, *revision, change)
	}
	if err == nil {
		return respond.SeeOther(c, link.Model(saved.Slug), "Saved.")
	}
	var status int
	var ok bool
	if f.Fault, status, ok = respond.Fault(err); !ok {
		return err
	}
	if f.Fault.Kind == fault.Stale {
		if m, err = h.Store.Model(ctx, slug); err != nil {
			return err
		}
		if err := h.stale(ctx, &f, p.shape, p.stored(m), "model", m.ID, m.Revision, said(p.words)); err != nil {
			return err
		}
	}
	return h.drawPart(c, status, p, m, f)
}

func (h Handlers) drawPart(c echo.Context, status int, p part, m registry.Model, f views.FormView) error {
	view := views.EditView{FormView: f, Slug: m.Slug, Name: m.Name}
	if may := org.May(auth.Actor(c), p.act, m.TeamID); !may.Allowed {
		view.Refused = may.Reason
	}
	frame := props(c, f, "Edit "+m.Name, crumb("Models", link.Models()), crumb(m.Name, link.Model(m.Slug)), crumb("Edit", ""))
	return p.draw(h, c, status, frame, view, m)
}

// props is the frame of a page with a form on it.
func props(c echo.Context, f views.FormView, title string, crumbs ...ui.Crumb) layout.Props {
	p := respond.Props(c, title)
	if f.Fault != nil {
		p = respond.Refused(c, title)
	}
	p.Crumbs = crumbs
	return p
}

func crumb(label, href string) ui.Crumb { return ui.Crumb{Label: label, Href: href} }
