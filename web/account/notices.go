package account

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/account"
	"sundial/components/link"
	"sundial/models/notice"
	"sundial/web/form"
	"sundial/web/respond"
)

// Notices shows what one hears of by mail.
func (h Handlers) Notices(c echo.Context) error {
	chosen, err := h.Store.Choices(c.Request().Context(), auth.Actor(c).ID)
	if err != nil {
		return err
	}
	v := h.noticesView(c)
	for _, m := range notice.Matters {
		v.Chosen[m.Key] = string(chosen.Of(m))
	}
	return respond.HTML(c, http.StatusOK, views.Notices(respond.Props(c, "Your notices"), v))
}

func (h Handlers) noticesView(c echo.Context) views.NoticesView {
	v := views.NoticesView{Mail: h.Mail != "", Chosen: map[string]string{}}
	if address, ok := notice.Address(auth.Actor(c).Email); ok {
		v.Address = address
	}
	return v
}

// ChooseNotices keeps what one wants to hear of.
func (h Handlers) ChooseNotices(c echo.Context) error {
	var none struct{} // the fields are the matters, by their keys
	values, err := form.Decode(c, &none)
	if err != nil {
		return err
	}
	v, chosen := h.noticesView(c), notice.Choices{}
	for _, m := range notice.Matters {
		v.Chosen[m.Key] = values.Get(m.Key)
		chosen[m.Key] = notice.Choice(values.Get(m.Key))
	}
	err = h.Store.Choose(c.Request().Context(), auth.Actor(c).ID, chosen)
	if f, status, ok := respond.Fault(err); ok {
		v.Fault = f
		return respond.HTML(c, status, views.Notices(respond.Refused(c, "Your notices"), v))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Notices(), "Saved. It holds for what happens from now on.")
}

// TestNotices sends oneself a test mail.
func (h Handlers) TestNotices(c echo.Context) error {
	if err := h.Store.PostTest(c.Request().Context(), auth.Actor(c).ID); err != nil {
		return err
	}
	said := "A test mail is on its way to you."
	if h.Mail == "" {
		said = "A test mail waits in the queue: no mail server is set."
	}
	return respond.SeeOther(c, link.Notices(), said)
}
