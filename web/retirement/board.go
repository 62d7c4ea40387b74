package retirement

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	views "sundial/components/retirement"
	"sundial/models/day"
	"sundial/models/retirement"
	"sundial/web/form"
	"sundial/web/respond"
)

// Board is everything that is on its way out, by phase; with a phase it is a list.
func (h Handlers) Board(c echo.Context) error {
	q := form.ReadQuery(c)
	f, after := readBoard(q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	teams, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	v := views.BoardView{Filter: f, Listed: f.Listed(), Teams: teamOptions(teams), CSV: boardAddress(link.RetirementsBoardCSV(), f, ""),
		Today: day.Of(h.Clock()), Now: h.Clock()}
	if !v.Listed {
		if v.Columns, err = h.Store.RetirementBoard(ctx, f); err != nil {
			return err
		}
		return respond.HTML(c, http.StatusOK, views.Board(respond.Props(c, "Retirements"), v))
	}
	page, err := h.Store.Retirements(ctx, f, after, pageRows)
	if err != nil {
		return err
	}
	v.Rows = page.Rows
	if page.Next != "" {
		v.Older = boardAddress(link.Retirements(), f, page.Next)
	}
	if after != "" {
		v.First = boardAddress(link.Retirements(), f, "")
	}
	return respond.HTML(c, http.StatusOK, views.Board(respond.Props(c, "Retirements"), v))
}

func readBoard(q *form.Query) retirement.BoardFilter {
	kinds, phases := []string{""}, []string{"", "ended", "late"}
	for _, k := range retirement.BoardKinds {
		kinds = append(kinds, k.Value)
	}
	for _, p := range retirement.Phases {
		phases = append(phases, string(p))
	}
	f := retirement.BoardFilter{Kind: retirement.WorkflowKind(q.Choice("kind", kinds...)), Team: q.Text("team")}
	switch phase := q.Choice("phase", phases...); phase {
	case "ended":
		f.Ended = true
	case "late":
		f.Late = true
	default:
		f.Phase = retirement.Phase(phase)
	}
	return f
}

func boardAddress(path string, f retirement.BoardFilter, after string) string {
	phase := string(f.Phase)
	switch {
	case f.Ended:
		phase = "ended"
	case f.Late:
		phase = "late"
	}
	return link.With(path, "kind", string(f.Kind), "phase", phase, "team", f.Team, "after", after)
}

var boardHead = []string{"model", "name", "kind", "number", "version", "phase", "since", "gone on", "late", "waits for", "team", "owner", "tier", "begun", "cause", "ended", "why it ended"}

// BoardCSV is the filtered list as a file.
func (h Handlers) BoardCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	f := readBoard(q)
	if err := q.Err(); err != nil {
		return err
	}
	return respond.CSV(c, "retirements.csv", boardHead, h.boardRecords(c.Request().Context(), f))
}

func (h Handlers) boardRecords(ctx context.Context, f retirement.BoardFilter) iter.Seq2[[]string, error] {
	today := day.Of(h.Clock())
	return func(yield func([]string, error) bool) {
		err := h.Store.EachRetirement(ctx, f, func(r retirement.BoardRow) error {
			if !yield(boardRecord(r, today), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

func boardRecord(r retirement.BoardRow, today day.Day) []string {
	w, ended := r.Workflow, ""
	if !r.Finished.IsZero() {
		ended = string(day.Of(r.Finished))
	}
	return []string{r.Slug, r.Model, string(w.Kind), strconv.Itoa(w.Number), w.VersionLabel, string(w.Phase), string(day.Of(r.Since)), string(w.EndsOn),
		strconv.FormatBool(w.Late(today)), w.Waits(), r.Team, r.Owner, strconv.Itoa(r.Tier), string(day.Of(w.CreatedAt)), w.Cause.Sentence, ended, w.EndReason}
}
