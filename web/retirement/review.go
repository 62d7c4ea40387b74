package retirement

import (
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Review records a reviewer's verdict on the plan as it was read.
func (h Handlers) Review(c echo.Context) error {
	var in struct {
		Verdict string `form:"verdict"`
		Note    string `form:"note" is:"text" max:"2000"`
		Digest  string `form:"digest"`
	}
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	values, err := form.Decode(c, &in)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	actor := auth.Actor(c)
	if err == nil {
		_, err = h.Store.ChangePlan(c.Request().Context(), slug, 0, h.Policy,
			func(p *retirement.Plan, world retirement.Context, now time.Time) error {
				return p.Review(actor, retirement.Verdict(in.Verdict), in.Digest, in.Note, world, now)
			})
	}
	if err != nil {
		return h.undecided(c, slug, values.Get("note"), err)
	}
	return respond.SeeOther(c, link.Retirement(slug), decided(retirement.Verdict(in.Verdict)))
}

// undecided draws the page as it stands now: what is decided about is always the plan that is shown.
func (h Handlers) undecided(c echo.Context, slug, note string, why error) error {
	f, status, ok := respond.Fault(why)
	if !ok {
		return why
	}
	view, err := h.Store.Plan(c.Request().Context(), slug, h.Policy)
	if err != nil {
		return err
	}
	v, err := h.planView(c, view)
	if err != nil {
		return err
	}
	v.Fault = f
	if inReview(view) {
		v.Review = views.ReviewForm{Note: note, Problems: atForm(f)}
	}
	return draw(c, status, v)
}

func inReview(view store.PlanView) bool {
	return view.Plan != nil && view.Plan.State == retirement.Submitted
}

// atForm puts what is wrong with the plan itself, rather than with the form, beside no field of the form.
func atForm(f *fault.Fault) ui.Problems {
	if f.Kind == fault.Invalid {
		return f.Problems
	}
	out := ui.Problems{{Sentence: f.Sentence}}
	for _, p := range f.Problems {
		out = append(out, fault.Problem{Sentence: views.Label(p.Field) + ": " + p.Sentence})
	}
	return out
}

func decided(v retirement.Verdict) string {
	switch v {
	case retirement.Approve:
		return "Plan approved. It is in force."
	case retirement.RequestChanges:
		return "Changes requested. The team can write again."
	}
	return "Plan rejected."
}
