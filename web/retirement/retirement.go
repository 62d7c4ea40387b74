// Package retirement serves the pages of how models end: a model's plan in all its states, its sections
// as forms, the decision of its reviewer, and the list of all plans. What a plan must hold and who may do
// what is the rules'; what is shown is components'.
package retirement

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/components/layout"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
	Portal string // the portal's address, without a slash at its end
}

// load reads the plan of the model in the path.
func (h Handlers) load(c echo.Context) (store.PlanView, error) {
	slug, err := form.Param(c, "model")
	if err != nil {
		return store.PlanView{}, err
	}
	return h.Store.Plan(c.Request().Context(), slug, h.Policy)
}

// frame is the frame of a page about this model's plan.
func frame(c echo.Context, m registry.Model, title string, refused bool) layout.Props {
	p := respond.Props(c, title+" of "+m.Name)
	if refused {
		p = respond.Refused(c, title+" of "+m.Name)
	}
	p.Crumbs = []ui.Crumb{{Label: "Models", Href: link.Models()}, {Label: m.Name, Href: link.Model(m.Slug)}}
	return p
}

func noPlan() error {
	return fault.New(fault.NotFound, "This model has no retirement plan yet.")
}

// said is what is told after a change.
func said(format string, args ...any) string { return fmt.Sprintf(format, args...) }
