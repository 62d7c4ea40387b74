package registry

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// NewVersion shows the form that makes a version, empty or with the facts of another one.
func (h Handlers) NewVersion(c echo.Context) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	from := q.Text("from")
	view := views.VersionView{FormView: views.FormView{Stored: vendorOf(q, views.Stored{})}, Copied: from}
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return err
	}
	if from != "" {
		_, v, err := h.Store.Version(ctx, slug, from)
		if err != nil {
			return err
		}
		view.Stored = vendorOf(q, storedVersion(&v)) // a successor's id stands over the copied one
		view.Stored["summary"] = ""
		for i, p := range v.Release.Prompts {
			if p.Text != "" { // its hash follows from the text, which is about to change
				view.Stored[views.Row("prompts", i, "sha256")] = ""
			}
		}
	}
	labels, err := h.Store.Labels(ctx, m.ID)
	if err != nil {
		return err
	}
	view.Stored["label"] = nextLabel(labels)
	return h.drawVersion(c, http.StatusOK, m, nil, view)
}

// nextLabel suggests the label after the newest one: v8 after v7, 2.1.4 after 2.1.3.
func nextLabel(labels []string) string {
	if len(labels) == 0 {
		return "v1"
	}
	stem := strings.TrimRight(labels[0], "0123456789")
	n, err := strconv.Atoi(labels[0][len(stem):])
	if err != nil {
		return ""
	}
	for n++; slices.Contains(labels, stem+strconv.Itoa(n)); n++ {
	}
	return stem + strconv.Itoa(n)
}

// vendorOf takes a vendor model over from the address: the form asks for the verdict on it as it changes.
func vendorOf(q *form.Query, stored views.Stored) views.Stored {
	for _, name := range []string{"host", "model_id", "upgrade_policy"} {
		if q.Has(name) {
			stored[name] = q.Cursor(name)
		}
	}
	return stored
}

// AddVersion makes a version.
func (h Handlers) AddVersion(c echo.Context) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return err
	}
	return h.saveVersion(c, m, nil, func(in versionForm, d registry.VersionDraft, labels []string) (registry.Version, error) {
		return h.Store.AddVersion(ctx, slug, func(m *registry.Model) (*registry.Version, error) {
			return registry.NewVersion(auth.Actor(c), m, d, labels, h.Clock())
		})
	})
}

// EditVersion shows the form that changes a version.
func (h Handlers) EditVersion(c echo.Context) error {
	m, v, err := h.versionOf(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	view := views.VersionView{FormView: views.FormView{Stored: vendorOf(q, storedVersion(&v)), Revision: revisionText(v.Revision)}}
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawVersion(c, http.StatusOK, m, &v, view)
}

// SaveVersion changes a version.
func (h Handlers) SaveVersion(c echo.Context) error {
	m, v, err := h.versionOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	return h.saveVersion(c, m, &v, func(in versionForm, d registry.VersionDraft, labels []string) (registry.Version, error) {
		if in.Revision <= 0 {
			return v, fault.New(fault.Malformed, "This form is not complete. Reload the page and try again.")
		}
		return h.Store.ChangeVersion(ctx, m.Slug, v.Label, in.Revision, func(m *registry.Model, v *registry.Version) error {
			return v.Edit(auth.Actor(c), m, d, labels, h.Clock())
		})
	})
}

func (h Handlers) versionOf(c echo.Context) (m registry.Model, v registry.Version, err error) {
	slug, err := slugOf(c)
	if err != nil {
		return m, v, err
	}
	label, err := form.Param(c, "version")
	if err != nil {
		return m, v, err
	}
	return h.Store.Version(c.Request().Context(), slug, label)
}

// saveVersion runs the rule on what was sent, unless a button only asked for another row or for the
// verdict on a vendor id. v is nil for a version to be made.
func (h Handlers) saveVersion(c echo.Context, m registry.Model, v *registry.Version, change func(versionForm, registry.VersionDraft, []string) (registry.Version, error)) error {
	ctx := c.Request().Context()
	var in versionForm
	values, decoded := form.Decode(c, &in)
	if _, err := problemsOf(decoded); err != nil {
		return err
	}
	shape := shapeOf(m.Kind)
	view := views.VersionView{FormView: views.FormView{Revision: revisionText(in.Revision)}}
	var again bool
	if view.Stored, view.Focus, again = shape.redraw(values); again || values.Get("check") != "" {
		return h.drawVersion(c, http.StatusOK, m, v, view)
	}
	if may := org.May(auth.Actor(c), org.Edit, m.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	labels, err := h.Store.Labels(ctx, m.ID)
	if err != nil {
		return err
	}
	picked := h.picks(ctx, &in, view.Stored)
	if _, err := problemsOf(picked); err != nil {
		return err
	}
	draft, lines := in.draft(m.Kind)
	lines = merge(picked, lines)
	var saved registry.Version
	if unread := merge(decoded, lines); unread != nil {
		err = merge(unread, h.tryVersion(c, m, v, draft, labels))
	} else if saved, err = change(in, draft, labels); err == nil {
		return respond.SeeOther(c, link.Version(m.Slug, saved.Label), savedWords(v, saved))
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	view.Fault = in.placed(f)
	if f.Kind == fault.Stale && v != nil {
		if err := h.staleVersion(ctx, &view, m, v.Label); err != nil {
			return err
		}
	}
	return h.drawVersion(c, status, m, v, view)
}

// tryVersion runs the rule on copies, only to hear what else is wrong with a form that cannot be read.
func (h Handlers) tryVersion(c echo.Context, m registry.Model, v *registry.Version, d registry.VersionDraft, labels []string) error {
	if v == nil {
		_, err := registry.NewVersion(auth.Actor(c), &m, d, labels, h.Clock())
		return err
	}
	scratch := *v
	return scratch.Edit(auth.Actor(c), &m, d, labels, h.Clock())
}

func savedWords(v *registry.Version, saved registry.Version) string {
	if v == nil {
		return saved.Label + " is added."
	}
	return "Saved."
}

func (h Handlers) staleVersion(ctx context.Context, view *views.VersionView, m registry.Model, label string) error {
	_, now, err := h.Store.Version(ctx, m.Slug, label)
	if err != nil {
		return err
	}
	kept := storedVersion(&now)
	if now.BuildFixed() { // the form no longer holds how it was built, so that cannot clash
		for name := range kept {
			if view.Stored[name] == "" && !slices.Contains(saidOfVersions, name) {
				delete(kept, name)
			}
		}
	}
	return h.stale(ctx, &view.FormView, shapeOf(m.Kind), kept, "version", now.ID, now.Revision, said(versionWords))
}

func (h Handlers) drawVersion(c echo.Context, status int, m registry.Model, v *registry.Version, view views.VersionView) error {
	ctx := c.Request().Context()
	view.Slug, view.Name, view.Kind = m.Slug, m.Name, m.Kind
	var err error
	if view.Labels, err = h.Store.Labels(ctx, m.ID); err != nil {
		return err
	}
	title := "Add a version"
	if v != nil {
		title = "Edit " + v.Label
		view.Label, view.BuildFixed = v.Label, v.BuildFixed()
		if v.Stage == registry.Retired {
			view.Refused = v.Label + " is retired and can no longer be changed."
		}
	}
	if may := mayEdit(c, m.TeamID); !may.Allowed {
		view.Refused = may.Reason
	}
	if err := h.choices(ctx, m, &view); err != nil {
		return err
	}
	if id := view.Stored["model_id"]; id != "" {
		id = strings.TrimSpace(id)
		if policy := view.Stored["upgrade_policy"]; policy != "" && view.Stored["host"] == string(vendors.AzureOpenAI) {
			id += "@" + policy // a deployment is as fixed as its policy says
		}
		verdict := vendors.Classify(view.Stored["host"], id)
		view.Verdict = &verdict
	}
	p := props(c, view.FormView, title, crumb("Models", link.Models()), crumb(m.Name, link.Model(m.Slug)), crumb(title, ""))
	return respond.HTML(c, status, views.EditVersion(p, view))
}

// Diff sets any two versions of a model side by side.
func (h Handlers) Diff(c echo.Context) error {
	slug, err := slugOf(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	a, b := q.Text("a"), q.Text("b")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if a == "" || b == "" {
		if a, b, err = h.lastTwo(ctx, slug, a, b); err != nil {
			return err
		}
	}
	m, first, second, err := h.Store.VersionPair(ctx, slug, a, b)
	if err != nil {
		return err
	}
	view := views.DiffView{Slug: m.Slug, Name: m.Name, A: first, B: second, Changes: registry.DiffVersions(&first, &second), Texts: registry.DiffPrompts(&first, &second)}
	if view.Labels, err = h.Store.Labels(ctx, m.ID); err != nil {
		return err
	}
	title := "Compare " + first.Label + " and " + second.Label
	p := respond.Props(c, title)
	p.Crumbs, p.Wide = append(p.Crumbs, crumb("Models", link.Models()), crumb(m.Name, link.Model(m.Slug)), crumb("Compare", "")), true
	return respond.HTML(c, http.StatusOK, views.Diff(p, view))
}

// lastTwo fills in what the address leaves open: the newest version and the one before it.
func (h Handlers) lastTwo(ctx context.Context, slug, a, b string) (string, string, error) {
	m, err := h.Store.Model(ctx, slug)
	if err != nil {
		return "", "", err
	}
	labels, err := h.Store.Labels(ctx, m.ID)
	if err != nil {
		return "", "", err
	}
	if len(labels) < 2 {
		return "", "", fault.New(fault.NotFound, "There are no two versions to compare.")
	}
	if b == "" {
		b = labels[0]
	}
	if a == "" {
		a = labels[1]
	}
	return a, b, nil
}
