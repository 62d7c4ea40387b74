package maturity

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/maturity"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Team is a team's score with its models, what raises it most, and what it would be.
func (h Handlers) Team(c echo.Context) error {
	team, models, err := h.teamOf(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), h.Clock()
	score, err := h.Store.TeamScore(ctx, team.ID)
	if err != nil {
		return err
	}
	today := day.Of(now)
	days, err := h.Store.GroupDays(ctx, store.ScopeTeam, team.ID, today.Add(-trendDays))
	if err != nil {
		return err
	}
	facts := factsOf(models)
	change, known := score.Trend()
	v := views.TeamView{Slug: team.Slug, Name: team.Name, Department: team.Department, Rollup: score.Rollup, Trend: views.Trend(change, known),
		Chart: views.TrendChart("trend", "Score of "+team.Name, groupDays(days), today.Add(-trendDays), today),
		Next:  scorecard.NextActions(facts, nextActions, now), Cut: len(models) > modelsOnPage,
		MayEdit: org.May(auth.Actor(c), org.Register, team.ID).Allowed}
	for _, m := range models[:min(len(models), modelsOnPage)] {
		v.Models = append(v.Models, views.ModelRow{Slug: m.Slug, Name: m.Name, Kind: m.Kind, Risk: m.Risk, Phase: m.Phase, Score: m.Score,
			Capped: m.Score < m.Raw, Cap: m.Cap, Sections: m.Sections, Stray: m.Stray})
	}
	if v.Cadence, err = h.cadence(c, models); err != nil {
		return err
	}
	if v.Flow, v.FlowBefore, err = h.lastFlow(c, store.ScopeTeam, team.ID); err != nil {
		return err
	}
	if err := h.whatIf(c, &v, facts); err != nil {
		return err
	}
	p := respond.Props(c, team.Name)
	p.Crumbs = []ui.Crumb{crumb("Maturity", link.Teams()), crumb(team.Name, "")}
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Team(p, v))
}

func (h Handlers) teamOf(c echo.Context) (org.Team, []store.TeamModelScore, error) {
	slug, err := form.Param(c, "team")
	if err != nil {
		return org.Team{}, nil, err
	}
	team, err := h.Store.TeamBySlug(c.Request().Context(), slug)
	if err != nil {
		return team, nil, err
	}
	models, err := h.Store.TeamModels(c.Request().Context(), team.ID)
	return team, models, err
}

func factsOf(models []store.TeamModelScore) []scorecard.TeamModel {
	out := make([]scorecard.TeamModel, 0, len(models))
	for _, m := range models {
		out = append(out, scorecard.TeamModel{Slug: m.Slug, Name: m.Name, Facts: m.Facts})
	}
	return out
}

// cadence is whether the models in production keep up with the world; those that do not come first.
func (h Handlers) cadence(c echo.Context, models []store.TeamModelScore) ([]views.CadenceRow, error) {
	var ids []int64
	for _, m := range models {
		if m.Phase == scorecard.Serving && len(ids) < modelsOnPage {
			ids = append(ids, m.ID)
		}
	}
	advice, err := h.Store.Advice(c.Request().Context(), ids, h.Policy)
	if err != nil {
		return nil, err
	}
	var rows []views.CadenceRow
	for _, m := range models {
		if a, serves := advice[m.ID]; serves && !m.Stray {
			rows = append(rows, views.CadenceRow{Slug: m.Slug, Name: m.Name, Advice: a})
		}
	}
	rank := func(r views.CadenceRow) int {
		switch {
		case r.Known() && !r.Fine():
			return 0
		case !r.Known():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(rows, func(a, b views.CadenceRow) int { return rank(a) - rank(b) })
	return rows, nil
}

// whatIf offers the actions that raise the team most, and scores it again with those that are ticked. An
// action is written as model:key, so that the address alone is the question.
func (h Handlers) whatIf(c echo.Context, v *views.TeamView, facts []scorecard.TeamModel) error {
	now := h.Clock()
	ticked := c.QueryParams()["do"]
	if len(ticked) > mostTicked {
		return fault.Newf(fault.Malformed, "At most %d actions are ticked at once.", mostTicked)
	}
	offered := scorecard.TeamActions(facts, ifChoices, now)
	for _, a := range v.Next {
		if !slices.ContainsFunc(offered, func(o scorecard.TeamAction) bool { return o.Slug == a.Slug && o.Key == a.Key }) {
			offered = append(offered, a)
		}
	}
	for _, a := range offered {
		value := a.Slug + ":" + a.Key
		v.Choices = append(v.Choices, views.Choice{Value: value, Label: a.Title, Hint: a.Name + ", alone " + gainWords(a.TeamGain), Ticked: slices.Contains(ticked, value)})
	}
	done := map[string][]string{}
	n := 0
	for _, t := range ticked {
		slug, key, _ := strings.Cut(t, ":")
		i := slices.IndexFunc(facts, func(m scorecard.TeamModel) bool { return m.Slug == slug })
		if i < 0 || scorecard.ActionTitle(key) == key {
			return fault.New(fault.Malformed, "There is no such action in this team. Choose from those that are listed.")
		}
		if !slices.Contains(done[slug], key) {
			done[slug], n = append(done[slug], key), n+1
		}
		if !slices.ContainsFunc(v.Choices, func(x views.Choice) bool { return x.Value == t }) {
			v.Choices = append(v.Choices, views.Choice{Value: t, Label: scorecard.ActionTitle(key), Hint: facts[i].Name, Ticked: true})
		}
	}
	if n > 0 {
		v.If = ifOf(facts, done, n, h)
	}
	return nil
}

func gainWords(gain float64) string {
	if scorecard.Text(gain) == "0.0" {
		return "it changes nothing yet"
	}
	return "it adds " + scorecard.Text(gain)
}

func ifOf(facts []scorecard.TeamModel, done map[string][]string, n int, h Handlers) *views.IfView {
	now := h.Clock()
	was, _ := scorecard.WhatIf(facts, nil, now).Score()
	r := views.IfView{Actions: n}
	r.Score, r.Known = scorecard.WhatIf(facts, done, now).Score()
	r.Gain = r.Score - was
	for _, m := range facts {
		keys := done[m.Slug]
		if len(keys) == 0 {
			continue
		}
		would := scorecard.Mended(m.Facts, keys...)
		r.Models = append(r.Models, views.IfRow{Name: m.Name, Was: scorecard.Score(m.Facts, now).Score, Would: scorecard.Score(would, now).Score, Gone: would.Phase == scorecard.Gone})
	}
	return &r
}

// TeamCSV is every model of the team with the same figures as the page.
func (h Handlers) TeamCSV(c echo.Context) error {
	team, models, err := h.teamOf(c)
	if err != nil {
		return err
	}
	head := []string{"model", "slug", "kind", "risk_tier", "counts_as", "score", "tier", "before_caps", "cap"}
	for _, s := range scorecard.Sections {
		head = append(head, strings.ToLower(s.Title()))
	}
	var rows [][]string
	for _, m := range models {
		r := []string{m.Name, m.Slug, string(m.Kind), strconv.Itoa(int(m.Risk)), string(m.Phase), scorecard.Text(m.Score), string(m.Tier), scorecard.Text(m.Raw), strconv.Itoa(m.Cap)}
		for _, s := range scorecard.Sections {
			cell := ""
			for _, x := range m.Sections {
				if percent, known := x.Percent(); x.Section == s && known {
					cell = scorecard.Text(percent)
				}
			}
			r = append(r, cell)
		}
		rows = append(rows, r)
	}
	return respond.CSV(c, team.Slug+"-models.csv", head, respond.Rows(rows))
}
