package imports

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/web/form"
	"sundial/web/respond"
)

// Row is what became of one row of a file, and everything that was kept of it.
func (h Handlers) Row(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	row, err := form.ID(c, "row")
	if err != nil {
		return err
	}
	r, records, err := h.Store.ImportedRow(c.Request().Context(), job.ID, row)
	if err != nil {
		return err
	}
	v := views.RowPageView{Job: job, Row: rowView(r)}
	for _, rec := range records {
		if rec.Inventory != job.Inventory || rec.Identity != r.Identity {
			continue
		}
		v.Fields = fieldsOf(rec.Fields, 200)
		if rec.ImportID != job.ID {
			v.Since = rec.FileName
		}
	}
	p := respond.Props(c, "Row "+ui.Number(row)+" of "+job.FileName)
	p.Crumbs = []ui.Crumb{{Label: "Imports", Href: link.Imports()}, {Label: job.FileName, Href: link.Import(job.ID)}, {Label: "Row " + ui.Number(row)}}
	return respond.HTML(c, http.StatusOK, views.Row(p, v))
}
