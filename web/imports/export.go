package imports

import (
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// RowsCSV is the report of an import as a file.
func (h Handlers) RowsCSV(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	outcome := readOutcome(q)
	if err := q.Err(); err != nil {
		return err
	}
	head := []string{"row", "outcome", "name", "model", "problems", "changes", "values kept", "identity"}
	return respond.CSV(c, "import-"+strconv.FormatInt(job.ID, 10)+"-rows.csv", head, h.reportRows(c, job.ID, filterOf(outcome)))
}

var errEnough = errors.New("the reader of the file is gone")

func (h Handlers) reportRows(c echo.Context, id int64, f store.ImportedFilter) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		err := h.Store.EachImportedRow(c.Request().Context(), id, f, func(r store.ImportedRow) error {
			if !yield(reportRow(r), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func reportRow(r store.ImportedRow) []string {
	var problems, changes, kept []string
	for _, p := range r.Problems {
		problems = append(problems, p.Sentence)
	}
	for _, x := range r.Changes {
		changes = append(changes, x.Title()+": "+quoted(x.Before)+" to "+quoted(x.After))
		if x.Kept != "" {
			kept = append(kept, x.Title()+": "+x.Kept)
		}
	}
	return []string{strconv.FormatInt(r.Row, 10), string(r.Outcome), r.Name, r.Slug, strings.Join(problems, " "), strings.Join(changes, "\n"), strings.Join(kept, "\n"), r.Identity}
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return `"` + s + `"`
}

// ProblemsCSV is everything that checking the file found, as a file.
func (h Handlers) ProblemsCSV(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	if job.Mapping.Name == "" {
		return fault.New(fault.NotFound, "The columns of this file are not mapped yet.")
	}
	raw, err := h.Store.Blob(c.Request().Context(), job.FileSHA256)
	if err != nil {
		return err
	}
	batch, err := intake.Load(raw, job.Format, job.Mapping)
	if err != nil {
		return err
	}
	rows := make([][]string, 0, len(batch.Problems))
	for _, p := range batch.Problems {
		rows = append(rows, []string{strconv.Itoa(p.Row), strconv.Itoa(p.Line), string(p.Severity), p.Column, p.Rule.Title(), p.Sentence})
	}
	return respond.CSV(c, "import-"+strconv.FormatInt(job.ID, 10)+"-problems.csv", []string{"row", "line", "severity", "column", "rule", "what was found"}, respond.Rows(rows))
}
