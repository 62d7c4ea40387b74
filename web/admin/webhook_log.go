package admin

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const logPage = 25

// Show is an endpoint with its log.
func (h Webhooks) Show(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	v := views.WebhookView{WebhookLine: e, Now: h.Clock(), State: q.Choice("state", "", string(store.Pending), string(store.Delivered), string(store.Undone))}
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Deliveries(ctx, e.ID, store.DeliveryState(v.State), after, logPage)
	if err != nil {
		return err
	}
	count, err := h.Store.CountDeliveries(ctx, e.ID, store.DeliveryState(v.State))
	if err != nil {
		return err
	}
	for _, d := range page.Rows {
		v.Log = append(v.Log, deliveryLine(d))
	}
	v.Count = ui.Count(int64(count.N), "message", "messages")
	if count.More {
		v.Count = ui.Number(int64(count.N)) + "+ messages"
	}
	here := link.WebhookLog(e.ID, v.State, "")
	v.Older, v.Newer = follow(here, page.Next), follow(here, page.Prev)
	if after != "" {
		v.First = here
	}
	return respond.HTML(c, http.StatusOK, views.Webhook(respond.Props(c, e.Name()), v))
}

func deliveryLine(d store.Delivery) views.DeliveryLine {
	return views.DeliveryLine{ID: d.ID, Event: d.EventSeq, Type: string(d.Type), State: string(d.State), Attempts: d.Attempts,
		NextAt: d.NextAt, CreatedAt: d.CreatedAt, Last: d.Last}
}

// Delivery is one message with what was answered.
func (h Webhooks) Delivery(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	id, err := form.ID(c, "delivery")
	if err != nil {
		return err
	}
	d, answers, err := h.Store.Delivery(c.Request().Context(), e.ID, id)
	if err != nil {
		return err
	}
	v := views.DeliveryView{DeliveryLine: deliveryLine(d), Endpoint: e, MessageID: d.MessageID, Body: indented(d.Body), Answers: answers, Now: h.Clock()}
	switch {
	case !e.Enabled:
		v.Reason = "Resume the endpoint first."
	case d.State == store.Pending && !d.NextAt.After(v.Now):
		v.Reason = "It goes out within seconds."
	}
	return respond.HTML(c, http.StatusOK, views.Delivery(respond.Props(c, string(d.Type)), v))
}

// indented is a message as people read it; what is signed and sent has no blanks.
func indented(body string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
		return body
	}
	return b.String()
}

// Resend puts a message back in the queue.
func (h Webhooks) Resend(c echo.Context) error {
	endpoint, err := form.ID(c, "endpoint")
	if err != nil {
		return err
	}
	id, err := form.ID(c, "delivery")
	if err != nil {
		return err
	}
	if err := h.Store.Resend(c.Request().Context(), endpoint, id); err != nil {
		return err
	}
	return respond.SeeOther(c, link.WebhookDelivery(endpoint, id), "The message is sent again, under the id it had.")
}
