// Package lifecycle serves a version's way: its page, evidence, requests and their reviews, waivers,
// broken glass, and what is or was in production. What is allowed is models/lifecycle's; a model's own
// page is web/registry's, its retirement plan web/retirement's.
package lifecycle

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/lifecycle"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time
}

func (h Handlers) now() time.Time { return h.Clock().UTC().Truncate(time.Millisecond) }

// versionIn is the model's slug and the version's label in the path.
func versionIn(c echo.Context) (slug, label string, err error) {
	if slug, err = form.Param(c, "model"); err != nil {
		return
	}
	label, err = form.Param(c, "version")
	return
}

// prospect reads the version in the path with everything its gates look at.
func (h Handlers) prospect(c echo.Context) (*lifecycle.Dossier, error) {
	slug, label, err := versionIn(c)
	if err != nil {
		return nil, err
	}
	return h.Store.Prospect(c.Request().Context(), slug, label, h.Policy)
}

// openRequest is the version's request that waits, nil when there is none.
func (h Handlers) openRequest(ctx context.Context, version int64) (*views.OpenRow, error) {
	page, err := h.Store.Requests(ctx, store.RequestFilter{Version: version, State: lifecycle.Open}, "", 1)
	if err != nil || len(page.Rows) == 0 {
		return nil, err
	}
	r := page.Rows[0]
	return &views.OpenRow{ID: r.ID, To: r.To, Requester: r.Requester, OpenedAt: r.OpenedAt}, nil
}

func pendingReason(open *views.OpenRow) string {
	return "Request " + strconv.FormatInt(open.ID, 10) + " is open already. Decide or withdraw that one first."
}

// crumbs is the way to a version's pages.
func crumbs(m registry.Model, label string, more ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Label: "Models", Href: link.Models()}, {Label: m.Name, Href: link.Model(m.Slug)}, {Label: label, Href: link.Version(m.Slug, label)}}, more...)
}

// typed is what stands in the named fields.
func typed(v form.Values, names ...string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = v.Get(name)
	}
	return out
}

// refused is a form as it was sent, with what was wrong. A sentence about something that is no field of
// the form, such as a check of the gate, stands in the summary without a link.
func refused(v form.Values, f *fault.Fault, names ...string) views.FormView {
	at := make([]fault.Problem, 0, len(f.Problems))
	for _, p := range f.Problems {
		if !slices.Contains(names, p.Field) {
			p.Field = ""
		}
		at = append(at, p)
	}
	return views.FormView{Typed: typed(v, names...), Fault: &fault.Fault{Kind: f.Kind, Sentence: f.Sentence, Problems: at}}
}

// readable is the fault of a decoded form, when it is one to show at the form; others are returned.
func readable(err error) (*fault.Fault, error) {
	if err == nil {
		return nil, nil
	}
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		return f, nil
	}
	return nil, err
}

// names are the people behind ids.
func (h Handlers) names(ctx context.Context, ids ...int64) (map[int64]org.Person, error) {
	return h.Store.PeopleByID(ctx, ids)
}

// reasonOf is the sentence of a decision that says no, "" of one that says yes.
func reasonOf(d org.Decision) string {
	if d.Allowed {
		return ""
	}
	return d.Reason
}

func tellAll(events []audit.Event, slug string) []ui.TimelineEvent {
	out := make([]ui.TimelineEvent, 0, len(events))
	for _, e := range events {
		out = append(out, views.Tell(e, slug))
	}
	return out
}

func actorOf(c echo.Context) org.Actor { return auth.Actor(c) }
