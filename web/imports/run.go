package imports

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/models/intake"
	"sundial/web/form"
	"sundial/web/respond"
)

// Run lets an import begin. Its rows come in without this request.
func (h Handlers) Run(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	var in struct {
		Revision int64 `form:"revision"`
	}
	if _, err = form.Decode(c, &in); err == nil {
		_, err = h.Store.StartImport(c.Request().Context(), job.ID, in.Revision)
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.drawJob(c, status, job, f)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Import(job.ID))
}

// AskCancel asks before an import is stopped.
func (h Handlers) AskCancel(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	if job.Progress.State.Over() {
		return respond.SeeOther(c, link.Import(job.ID))
	}
	return respond.HTML(c, http.StatusOK, views.Cancel(frame(c, job, "Cancel the import of "+job.FileName, false), job))
}

// Cancel stops an import. What came in stays.
func (h Handlers) Cancel(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	job, err = h.Store.ChangeImport(c.Request().Context(), job.ID, 0, (*intake.Job).Cancel)
	if f, status, ok := respond.Fault(err); ok {
		return h.drawJob(c, status, job, f)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.Import(job.ID), "Import cancelled.")
}

// Again begins another import of the same file, read and mapped in the same way.
func (h Handlers) Again(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	raw, err := h.Store.Blob(ctx, job.FileSHA256)
	if err != nil {
		return err
	}
	again, err := h.Store.AddImport(ctx, job.FileName, raw, job.Format)
	if err != nil {
		return err
	}
	if job.Mapping.Name == "" {
		return respond.SeeOther(c, link.ImportFormat(again.ID))
	}
	return respond.SeeOther(c, link.ImportMappingFrom(again.ID, job.Mapping.Name))
}
