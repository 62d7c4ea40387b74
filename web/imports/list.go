package imports

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/models/intake"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// List is every import, the newest first.
func (h Handlers) List(c echo.Context) error {
	q := form.ReadQuery(c)
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Imports(ctx, after, pageRows)
	if err != nil {
		return err
	}
	v := views.ListView{MayImport: mayImport(c), Now: h.Clock()}
	if v.Open, v.OpenMore, err = h.Store.CountQuestions(ctx, store.QuestionFilter{State: intake.QuestionOpen}); err != nil {
		return err
	}
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, views.ListRow{Job: r.Job, By: r.By})
	}
	if page.Prev != "" {
		v.Newer, v.First = link.With(link.Imports(), "after", page.Prev), link.Imports()
	}
	if page.Next != "" {
		v.Older = link.With(link.Imports(), "after", page.Next)
	}
	return respond.HTML(c, http.StatusOK, views.List(respond.Props(c, "Imports"), v))
}
