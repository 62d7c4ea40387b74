package imports

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Show is an import where it stands: the step it waits for, its progress, or its report.
func (h Handlers) Show(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	if to := next(job); to != link.Import(job.ID) && mayImport(c) == "" {
		return respond.SeeOther(c, to)
	}
	return h.drawJob(c, http.StatusOK, job, nil)
}

func (h Handlers) drawJob(c echo.Context, status int, job intake.Job, refusal *fault.Fault) error {
	if !fixed(job) {
		v := views.PreviewView{Job: job, May: mayImport(c), Refusal: refusal, Now: h.Clock()}
		if v.May == "" && job.Progress.State != intake.JobPreviewed {
			v.May = "Map its columns first."
		}
		return respond.HTML(c, status, views.Preview(frame(c, job, "Check the import of "+job.FileName, refusal != nil), v))
	}
	q := form.ReadQuery(c)
	outcome, after := readOutcome(q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	v := views.RunView{Job: job, May: mayImport(c) == "", Outcome: outcome, Refusal: refusal, Now: h.Clock()}
	ctx := c.Request().Context()
	if job.StartedBy != 0 {
		p, err := h.Store.Person(ctx, job.StartedBy)
		if err != nil {
			return err
		}
		v.By = p.Name
	}
	if job.Progress.State.Over() {
		page, err := h.Store.ImportedRows(ctx, job.ID, filterOf(outcome), after, pageRows)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			v.Rows = append(v.Rows, rowView(r))
		}
		if page.Prev != "" {
			v.Newer, v.First = link.ImportRows(job.ID, outcome, page.Prev), link.ImportRows(job.ID, outcome, "")
		}
		if page.Next != "" {
			v.Older = link.ImportRows(job.ID, outcome, page.Next)
		}
	}
	return respond.HTML(c, status, views.Run(frame(c, job, "Import of "+job.FileName, refusal != nil), v))
}

// readOutcome is which rows of a report are asked for.
func readOutcome(q *form.Query) string {
	allowed := []string{"", "kept", "warned"}
	for _, o := range intake.Outcomes {
		allowed = append(allowed, string(o))
	}
	return q.Choice("outcome", allowed...)
}

func filterOf(outcome string) store.ImportedFilter {
	switch outcome {
	case "kept":
		return store.ImportedFilter{Kept: true}
	case "warned":
		return store.ImportedFilter{Warned: true}
	}
	return store.ImportedFilter{Outcome: intake.Outcome(outcome)}
}

func rowView(r store.ImportedRow) views.RowView {
	return views.RowView{Row: r.Row, Name: r.Name, Outcome: r.Outcome, Model: r.Model, Slug: r.Slug, Changes: r.Changes, Problems: r.Problems, Kept: r.Kept}
}
