package retirement

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// AskAnswer is what a consumer's signed link opens. Reading it changes nothing: mail programs follow
// links by themselves. Whoever holds the link is the consumer, signed in or not.
func (h Handlers) AskAnswer(c echo.Context) error {
	view, err := h.letter(c)
	if err != nil {
		return h.noLetter(c, err)
	}
	v := h.letterView(c, view)
	x := view.Consumer
	v.Typed = retirement.Reply{Answer: x.Answer, Until: x.Until, Reason: x.Reason, By: x.By}
	return h.drawLetter(c, http.StatusOK, v)
}

// Answer keeps what a consumer says through their link.
func (h Handlers) Answer(c echo.Context) error {
	var in struct {
		Answer string `form:"answer"`
		Until  string `form:"until"`
		Reason string `form:"reason" is:"text" max:"2000"`
		By     string `form:"by" max:"200"`
	}
	view, err := h.letter(c)
	if err != nil {
		return h.noLetter(c, err)
	}
	typed, err := form.Decode(c, &in)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	if err == nil {
		r := retirement.Reply{Answer: retirement.Answer(in.Answer), Until: day.Day(in.Until), Reason: in.Reason, By: in.By}
		_, err = h.Store.Answer(store.WithSource(c.Request().Context(), sourceOf(c, view)), view.Letter.Link, r, h.Policy)
	}
	if err == nil {
		return respond.SeeOther(c, link.Answer(c.Param("token")), "Thank you. Your answer is recorded.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	// As it stands now: a newer letter may have gone out while this one was being answered.
	if view, err = h.letter(c); err != nil {
		return h.noLetter(c, err)
	}
	v := h.letterView(c, view)
	v.Refusal = f
	v.Typed = retirement.Reply{Answer: retirement.Answer(typed.Get("answer")), Until: day.Day(typed.Get("until")), Reason: typed.Get("reason"), By: typed.Get("by")}
	return h.drawLetter(c, status, v)
}

// sourceOf is the consumer as the trail names them: no person of the portal, but whoever had the letter.
func sourceOf(c echo.Context, view store.Answered) store.Source {
	return store.Source{Actor: org.Actor{Person: org.Person{Name: view.Consumer.Name}, Via: "link"},
		RequestID: c.Response().Header().Get(echo.HeaderXRequestID), From: c.RealIP()}
}

// letter reads what the token in the path opens.
func (h Handlers) letter(c echo.Context) (store.Answered, error) {
	c.Response().Header().Set("X-Robots-Tag", "noindex, nofollow")
	key, err := h.Store.LinkKey()
	if err != nil {
		return store.Answered{}, err
	}
	l, err := retirement.ReadAnswerLink(key, c.Param("token"), h.Clock())
	if err != nil {
		return store.Answered{}, err
	}
	return h.Store.AnswerView(c.Request().Context(), l, h.Policy)
}

func (h Handlers) letterView(c echo.Context, view store.Answered) views.LetterView {
	return views.LetterView{Token: c.Param("token"), Letter: view.Letter, Given: view.Consumer, Closed: view.Closed, Today: day.Of(h.Clock())}
}

func (h Handlers) drawLetter(c echo.Context, status int, v views.LetterView) error {
	p := respond.Props(c, v.Letter.Model+" is being retired")
	p.Error, p.NoChrome = status >= http.StatusBadRequest, true
	return respond.HTML(c, status, views.Letter(p, v))
}

// noLetter is the page of a link that opens nothing: the same for all that were never ours.
func (h Handlers) noLetter(c echo.Context, why error) error {
	f, known := fault.As(why)
	if !known || f.Kind != fault.NotFound && f.Kind != fault.Conflict {
		return why
	}
	title := "This link opens nothing"
	if f.Kind == fault.Conflict {
		title = "This link has ended"
	}
	p := respond.Props(c, title)
	p.NoChrome = true
	return respond.HTML(c, respond.Status(f.Kind), views.LetterClosed(p, title, f.Sentence))
}
