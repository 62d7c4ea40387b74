package admin

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/layout"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Webhooks answers for the addresses that are told what happens.
type Webhooks struct {
	Store *store.Store
	Clock func() time.Time
	// MayCall says why an address may not be called, "" when it may be tried.
	MayCall func(address string) string
}

// List shows every endpoint.
func (h Webhooks) List(c echo.Context) error {
	all, err := h.Store.Endpoints(c.Request().Context())
	if err != nil {
		return err
	}
	v := views.WebhooksView{Now: h.Clock()}
	for _, e := range all {
		v.Rows = append(v.Rows, lineOf(e))
	}
	return respond.HTML(c, http.StatusOK, views.Webhooks(respond.Props(c, "Webhooks"), v))
}

func lineOf(e store.EndpointStand) views.WebhookLine {
	return views.WebhookLine{Endpoint: e.Endpoint, Waiting: e.Waiting, Oldest: e.Oldest, Last: e.Last}
}

// endpoint finds the endpoint of the path.
func (h Webhooks) endpoint(c echo.Context) (views.WebhookLine, error) {
	id, err := form.ID(c, "endpoint")
	if err != nil {
		return views.WebhookLine{}, err
	}
	e, err := h.Store.Endpoint(c.Request().Context(), id)
	return lineOf(e), err
}

type endpointInput struct {
	URL         string   `form:"url" max:"1000"`
	Description string   `form:"description"`
	Types       []string `form:"types"`
	Revision    int64    `form:"revision"`
}

func (in endpointInput) endpoint() notice.Endpoint {
	e := notice.Endpoint{URL: in.URL, Description: in.Description}
	for _, t := range in.Types {
		if !e.Wants(notice.Type(t)) || len(e.Types) == 0 {
			e.Types = append(e.Types, notice.Type(t))
		}
	}
	return e
}

// New is the empty form.
func (h Webhooks) New(c echo.Context) error {
	return h.form(c, http.StatusOK, respond.Props(c, "Add an endpoint"), views.WebhookFormView{})
}

func (h Webhooks) form(c echo.Context, status int, p layout.Props, v views.WebhookFormView) error {
	return respond.HTML(c, status, views.WebhookForm(p, v))
}

// read decodes the form and checks it, the address against the network's rules too.
func (h Webhooks) read(c echo.Context) (endpointInput, form.Values, error) {
	var in endpointInput
	values, err := form.Decode(c, &in)
	var address error
	if in.URL != "" {
		if sentence := h.MayCall(in.URL); sentence != "" {
			address = fault.At("url", sentence)
		}
	}
	return in, values, both(both(err, in.endpoint().Check(), ""), address, "")
}

func typedEndpoint(values form.Values, f *fault.Fault) views.WebhookFormView {
	return views.WebhookFormView{URL: values.Get("url"), Description: values.Get("description"), Types: values.All("types"),
		Revision: values.Get("revision"), Fault: f}
}

// Add keeps an address and shows its secret on this answer alone.
func (h Webhooks) Add(c echo.Context) error {
	in, values, err := h.read(c)
	var added notice.Endpoint
	var secret string
	if err == nil {
		added, secret, err = h.Store.AddEndpoint(c.Request().Context(), in.endpoint())
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.form(c, status, respond.Refused(c, "Add an endpoint"), typedEndpoint(values, f))
	}
	if err != nil {
		return err
	}
	v := views.WebhookSecretView{ID: added.ID, Name: views.WebhookLine{Endpoint: added}.Name(), Secret: secret}
	return respond.HTML(c, http.StatusOK, views.WebhookSecret(respond.Props(c, "The endpoint's secret"), v))
}

// Edit shows an endpoint as it is kept.
func (h Webhooks) Edit(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	return h.form(c, http.StatusOK, respond.Props(c, "Change endpoint"), keptEndpoint(e))
}

func keptEndpoint(e views.WebhookLine) views.WebhookFormView {
	v := views.WebhookFormView{ID: e.ID, Name: e.Name(), URL: e.URL, Description: e.Description, Revision: strconv.FormatInt(e.Revision, 10)}
	for _, t := range e.Types {
		v.Types = append(v.Types, string(t))
	}
	return v
}

// Change changes address, description and events.
func (h Webhooks) Change(c echo.Context) error {
	now, err := h.endpoint(c)
	if err != nil {
		return err
	}
	in, values, err := h.read(c)
	if err == nil {
		// A form without its revision is no form of ours, and stale.
		err = h.Store.ChangeEndpoint(c.Request().Context(), now.ID, max(in.Revision, 1), in.endpoint())
	}
	if f, status, ok := respond.Fault(err); ok {
		v := typedEndpoint(values, f)
		v.ID, v.Name = now.ID, now.Name()
		if f.Kind == fault.Stale {
			kept := keptEndpoint(now)
			v.Revision = kept.Revision
			v.Clashes = clashes([3]string{"Address", v.URL, kept.URL}, [3]string{"Description", v.Description, kept.Description},
				[3]string{"Events", strings.Join(v.Types, ", "), strings.Join(kept.Types, ", ")})
		}
		return h.form(c, status, respond.Refused(c, "Change endpoint"), v)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Webhook(now.ID), "Endpoint saved.")
}

// Pause stops telling, Resume begins again, Test asks for a test message.
func (h Webhooks) Pause(c echo.Context) error {
	return h.do(c, h.Store.PauseEndpoint, "Endpoint paused.")
}
func (h Webhooks) Resume(c echo.Context) error {
	return h.do(c, h.Store.ResumeEndpoint, "Endpoint resumed.")
}
func (h Webhooks) Test(c echo.Context) error {
	return h.do(c, h.Store.TestEndpoint, "A test message is on its way. It stands below within seconds.")
}

func (h Webhooks) do(c echo.Context, act func(context.Context, int64) error, said string) error {
	id, err := form.ID(c, "endpoint")
	if err != nil {
		return err
	}
	if err := act(c.Request().Context(), id); err != nil {
		return err
	}
	return respond.SeeOther(c, link.Webhook(id), said)
}

// AskRotate asks before an endpoint gets another secret.
func (h Webhooks) AskRotate(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.AskRotateWebhook(respond.Props(c, "Rotate a secret"), e, strconv.FormatInt(e.Revision, 10), h.Clock()))
}

// Rotate gives an endpoint another secret and shows it on this answer alone.
func (h Webhooks) Rotate(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	var in struct {
		Revision int64 `form:"revision"`
	}
	if _, err := form.Decode(c, &in); err != nil {
		return err
	}
	secret, err := h.Store.RotateSecret(c.Request().Context(), e.ID, max(in.Revision, 1))
	if err != nil {
		return err
	}
	v := views.WebhookSecretView{ID: e.ID, Name: e.Name(), Secret: secret, Rotated: true, Until: h.Clock().Add(notice.OldSecret)}
	return respond.HTML(c, http.StatusOK, views.WebhookSecret(respond.Props(c, "The endpoint's new secret"), v))
}

// AskDelete asks before an endpoint is forgotten.
func (h Webhooks) AskDelete(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.AskDeleteWebhook(respond.Props(c, "Delete an endpoint"), e))
}

// Delete forgets an endpoint.
func (h Webhooks) Delete(c echo.Context) error {
	e, err := h.endpoint(c)
	if err != nil {
		return err
	}
	if err := h.Store.DeleteEndpoint(c.Request().Context(), e.ID); err != nil {
		return err
	}
	return respond.SeeOther(c, link.Webhooks(), "Endpoint deleted.")
}
