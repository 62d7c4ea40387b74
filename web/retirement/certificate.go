package retirement

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/paper"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Certificate is the page of a model that was retired, and of one that is sealed and watched.
func (h Handlers) Certificate(c echo.Context) error {
	view, err := h.certificate(c)
	if err != nil {
		return err
	}
	w := view.Workflow
	v := views.CertificateView{Workflow: w, Paper: view.Paper, SHA256: view.SHA256, Issued: view.Issued, Now: h.Clock(),
		WatchEnds: day.Of(w.WatchFrom).Add(retirement.WatchDays), MayAudit: org.May(auth.Actor(c), org.ReadAudit, 0).Allowed}
	p := frame(c, registry.Model{Name: view.Paper.Model, Slug: view.Paper.Slug}, "Retirement certificate", false)
	p.Crumbs = append(p.Crumbs, ui.Crumb{Label: "Retirement plan", Href: link.Retirement(view.Paper.Slug)}, ui.Crumb{Label: "Certificate"})
	return respond.HTML(c, http.StatusOK, views.Certificate(p, v))
}

// CertificatePDF is the certificate's file, byte for byte as its hash stands in the trail.
func (h Handlers) CertificatePDF(c echo.Context) error {
	view, err := h.certificate(c)
	if err != nil {
		return err
	}
	if view.SHA256 == "" {
		return fault.New(fault.NotFound, "This certificate is made when the watch was clean.")
	}
	name := fmt.Sprintf("%s-retirement-certificate-%d.pdf", view.Paper.Slug, view.Paper.Number)
	return h.download(c, name, "application/pdf", view.SHA256)
}

// Dossier is the sealed dossier, byte for byte as it was hashed.
func (h Handlers) Dossier(c echo.Context) error {
	view, err := h.certificate(c)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-retirement-dossier-%d.json", view.Paper.Slug, view.Workflow.Number)
	return h.download(c, name, echo.MIMEApplicationJSON, view.Paper.DossierSHA)
}

// certificate reads what a model's certificate says. One that is due and that the job has not made yet,
// which looks once a minute, is made now: whoever just saw the watch end wants it.
func (h Handlers) certificate(c echo.Context) (store.CertificateView, error) {
	slug, err := form.Param(c, "model")
	if err != nil {
		return store.CertificateView{}, err
	}
	ctx := c.Request().Context()
	view, err := h.Store.Certificate(ctx, slug, h.Policy, h.Portal)
	if err != nil || view.SHA256 != "" || view.Workflow.Phase != retirement.Retired {
		return view, err
	}
	// The certificate is the portal's and not the reader's, and whoever gives up reading does not undo it.
	if err := h.Store.IssueCertificate(context.WithoutCancel(ctx), view.Workflow.ID, h.Policy, h.Portal, paper.Print); err != nil {
		return view, err
	}
	return h.Store.Certificate(ctx, slug, h.Policy, h.Portal)
}

// download sends a kept file. It never changes, so its hash is its tag.
func (h Handlers) download(c echo.Context, name, kind, sha string) error {
	etag := `"` + sha + `"`
	head := c.Response().Header()
	head.Set("ETag", etag)
	head.Set(echo.HeaderCacheControl, "private, no-cache")
	if slices.Contains(strings.Split(strings.ReplaceAll(c.Request().Header.Get("If-None-Match"), " ", ""), ","), etag) {
		return c.NoContent(http.StatusNotModified)
	}
	raw, err := h.Store.Blob(c.Request().Context(), sha)
	if err != nil {
		return err
	}
	head.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return c.Blob(http.StatusOK, kind, raw)
}
