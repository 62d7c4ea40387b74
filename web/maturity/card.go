package maturity

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	views "sundial/components/maturity"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Card is a model's score with every criterion and the fact it rests on.
func (h Handlers) Card(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.Clock()
	s, err := h.Store.ModelScore(ctx, slug, h.Policy)
	if err != nil {
		return err
	}
	today := day.Of(now)
	days, err := h.Store.ModelDays(ctx, s.Model.ID, today.Add(-trendDays))
	if err != nil {
		return err
	}
	v := views.CardView{Slug: s.Model.Slug, Name: s.Model.Name, Team: s.Team.Name, TeamSlug: s.Team.Slug, Card: s.Card, Rules: s.Rules, ReadAt: s.At, Now: now,
		Trend: views.TrendChart("trend", "Score", modelDays(days), today.Add(-trendDays), today), Changes: changesOf(days)}
	v.Actions = scorecard.BestActions(s.Facts, now)
	p := respond.Props(c, "Maturity of "+s.Model.Name)
	p.Crumbs = []ui.Crumb{crumb("Maturity", link.Teams())}
	if s.Team.Slug != "" {
		p.Crumbs = append(p.Crumbs, crumb(s.Team.Name, link.Team(s.Team.Slug)))
	}
	p.Crumbs = append(p.Crumbs, crumb(s.Model.Name, ""))
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Card(p, v))
}

func modelDays(days []store.ModelDay) []views.DayScore {
	out := make([]views.DayScore, 0, len(days))
	for _, d := range days {
		out = append(out, views.DayScore{Day: d.Day, Score: d.Score, Known: d.Phase != scorecard.Gone, Note: string(d.Tier)})
	}
	return out
}

// changesOf tells each kept day by what moved since the one before, newest first.
func changesOf(days []store.ModelDay) []views.ChangeRow {
	var out []views.ChangeRow
	for i, d := range days {
		row := views.ChangeRow{At: d.Day.Time(), Score: d.Score, Tier: d.Tier, What: "First scored."}
		if i > 0 {
			row.What = moved(days[i-1], d)
		}
		out = append(out, row)
	}
	slices.Reverse(out)
	return out
}

func moved(was, is store.ModelDay) string {
	var up, down []string
	for _, l := range is.Lines {
		c, known := scorecard.CriterionOf(l.Key)
		i := slices.IndexFunc(was.Lines, func(x store.KeptLine) bool { return x.Key == l.Key })
		switch {
		case !known || i < 0:
		case l.Earned > was.Lines[i].Earned:
			up = append(up, c.Title+" +"+ui.ChartNumber(l.Earned-was.Lines[i].Earned))
		case l.Earned < was.Lines[i].Earned:
			down = append(down, c.Title+" −"+ui.ChartNumber(was.Lines[i].Earned-l.Earned))
		}
	}
	var parts []string
	if is.Rules != was.Rules {
		parts = append(parts, "Scored by other rules.")
	}
	if is.Phase != was.Phase {
		parts = append(parts, "It counts another way.")
	}
	if is.Cap != was.Cap {
		parts = append(parts, "Cap from "+ui.Number(int64(was.Cap))+" to "+ui.Number(int64(is.Cap))+".")
	}
	if list := slices.Concat(up, down); len(list) > 0 {
		parts = append(parts, strings.Join(list, ", ")+".")
	}
	if len(parts) == 0 {
		return "A date or a waiver moved, no criterion did."
	}
	return strings.Join(parts, " ")
}
