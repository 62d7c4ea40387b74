package respond

import (
	"encoding/csv"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/models/intake"
)

// CSV streams rows as a file to keep. Cells that a spreadsheet would run as a formula are quoted. The
// first row is fetched before anything is sent, so that what fails at once is still an error page.
func CSV(c echo.Context, filename string, head []string, rows iter.Seq2[[]string, error]) error {
	next, stop := iter.Pull2(rows)
	defer stop()
	row, err, more := next()
	if more && err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+safeName(filename)+`"`)
	c.Response().WriteHeader(http.StatusOK)
	w := csv.NewWriter(c.Response())
	if err := w.Write(intake.SafeCells(head)); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	for ; more; row, err, more = next() {
		if err != nil {
			return fmt.Errorf("csv after it began: %w", err)
		}
		if err := w.Write(intake.SafeCells(row)); err != nil {
			return fmt.Errorf("csv: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, s)
}

// Rows makes a sequence of a list that is in memory already.
func Rows(list [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}
