package vendors

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	"sundial/components/ui"
	views "sundial/components/vendors"
	"sundial/models/fault"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// Reading is a reading that waits, beside what the catalogue says now.
func (h Handlers) Reading(c echo.Context) error {
	v, err := h.reading(c)
	if err != nil {
		return err
	}
	return drawReading(c, http.StatusOK, v)
}

func (h Handlers) reading(c echo.Context) (views.DecideView, error) {
	id, err := form.ID(c, "reading")
	if err != nil {
		return views.DecideView{}, err
	}
	r, all, err := h.Store.Reading(c.Request().Context(), id)
	if err != nil {
		return views.DecideView{}, err
	}
	v := views.DecideView{Reading: r, Now: h.Clock()}
	actor := auth.Actor(c)
	v.MayConfirm, v.MayRefuse = r.MayDecide(actor, true).Reason, r.MayDecide(actor, false).Reason
	v.Outcome, err = vendors.Weigh(all, r, false)
	return v, err
}

func drawReading(c echo.Context, status int, v views.DecideView) error {
	p := respond.Props(c, "Confirm "+v.Reading.ModelID)
	p.Error = v.Fault != nil
	p.Crumbs = []ui.Crumb{{Label: "Vendor models", Href: link.Vendors()}, {Label: v.Reading.ModelID, Href: link.VendorModel(string(v.Reading.Host), v.Reading.ModelID)}, {Label: "To confirm"}}
	return respond.HTML(c, status, views.Decide(p, v))
}

type decision struct {
	Decision string `form:"decision"`
	Answer   string `form:"answer" is:"text" max:"2000"`
}

// Decide confirms or refuses a reading.
func (h Handlers) Decide(c echo.Context) error {
	id, err := form.ID(c, "reading")
	if err != nil {
		return err
	}
	var in decision
	_, err = form.Decode(c, &in)
	if err == nil && in.Decision != "confirm" && in.Decision != "refuse" {
		err = fault.New(fault.Malformed, "This form is not complete. Reload the page and try again.")
	}
	var r vendors.Reading
	if err == nil {
		r, err = h.Store.DecideReading(c.Request().Context(), id, h.Policy, func(r *vendors.Reading) error {
			return r.Decide(auth.Actor(c), in.Decision == "confirm", in.Answer, h.Clock())
		})
	}
	if f, status, ok := respond.Fault(err); ok && f.Kind != fault.NotFound {
		v, err := h.reading(c)
		if err != nil {
			return err
		}
		v.Fault, v.Answer = f, in.Answer
		return drawReading(c, status, v)
	}
	if err != nil {
		return err
	}
	said := "Refused. It does not count."
	if r.State == vendors.Counted {
		said = "Confirmed. It counts from now on."
	}
	return respond.SeeOther(c, link.VendorModel(string(r.Host), r.ModelID), said)
}
