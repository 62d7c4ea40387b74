package maturity_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/scorecard"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

// scored is a site with a model in production, one on its way, and scores.
func scored(t *testing.T) *webtest.Site {
	t.Helper()
	site := webtest.New(t)
	site.ServeRelease(t, "bot", "v1")
	site.Model(t, "coming", registry.Trained, 3)
	score(t, site)
	return site
}

func score(t testing.TB, site *webtest.Site) {
	t.Helper()
	if _, err := site.Store.ScoreAll(site.World.As(site.Admin), site.Policy); err != nil {
		t.Fatal(err)
	}
}

func TestALeaderDrillsDown(t *testing.T) {
	site := scored(t)
	b := site.As(site.Leader)
	p := b.Get("/teams").Is(200, "Maturity", "1 model counts", "Fraud", "Credit", "Models by tier", "In production", "Reviews owed")
	leads(t, p, "/teams/fraud", "/teams/credit", "/teams.csv")
	if p.Queries > 8 {
		t.Errorf("the leadership page takes %d queries", p.Queries)
	}
	p = b.Get("/teams/fraud").Is(200, "Fraud", "The three actions that raise this team most", "Model bot", "Model coming", "does not count yet", "What if").Lacks("Model nobody")
	leads(t, p, "/models/bot/maturity", "/teams")
	p = b.Get("/models/bot/maturity").Is(200, "Model bot", "No quality was measured within its window", "An approved retirement plan", "Stamp coverage", "Not measured")
	leads(t, p, "/models/bot/monitoring", "/teams/fraud", "/teams")
	p = b.Get("/models/coming/maturity").Is(200, "Before production", "Not asked before production.")
	leads(t, p, "/models/coming/versions/new")
	leads(t, b.Get("/models/bot").Is(200, "Maturity"), "/models/bot/maturity")
	b.Get("/teams/credit").Is(200, "No models").Lacks("What if")
	b.Get("/models/nobody/maturity").Is(404)
	b.Get("/teams/nobody").Is(404)
}

// leads holds a page to have these links.
func leads(t *testing.T, p *webtest.Page, links ...string) {
	t.Helper()
	for _, l := range links {
		if !slices.Contains(p.Links(), l) {
			t.Errorf("no link to %s among %v", l, p.Links())
		}
	}
}

func TestTheBoardSortsAndFilters(t *testing.T) {
	site := scored(t)
	b := site.As(site.Leader)
	for _, sort := range []string{"name", "-name", "score", "-score", "trend", "-capped", "A", "-G"} {
		p := b.Get("/teams?sort="+sort).Is(200, "Fraud", "Credit")
		direction := map[bool]string{false: `aria-sort="ascending"`, true: `aria-sort="descending"`}[strings.HasPrefix(sort, "-")]
		if strings.Count(p.Body, direction) != 1 {
			t.Errorf("sorted by %s, the heads do not say so", sort)
		}
		if key := strings.TrimPrefix(sort, "-"); key != "name" && strings.Index(p.Body, "/teams/credit") < strings.Index(p.Body, "/teams/fraud") && key != "capped" {
			t.Errorf("sorted by %s, the team without models comes first", sort)
		}
	}
	b.Get("/teams?department=risk").Is(200, "Fraud")
	b.Get("/teams?department=nothing").Is(200, "No teams match").Lacks("/teams/fraud")
	for _, bad := range []string{"sort=x", "sort=H", "sort=score%27"} {
		b.Get("/teams?" + bad).Is(400)
	}
}

func TestWhatIfScoresAgain(t *testing.T) {
	site := scored(t)
	b := site.As(site.Leader)
	p := b.Get("/teams/fraud?do=bot:quality&do=bot:coverage").Is(200, "With 2 actions done", "would go from")
	if strings.Count(p.Body, "checked") != 2 {
		t.Errorf("%d boxes are ticked, want 2", strings.Count(p.Body, "checked"))
	}
	facts, err := site.Store.TeamModels(site.World.As(site.Admin), site.Fraud.ID)
	if err != nil {
		t.Fatal(err)
	}
	var list []scorecard.TeamModel
	for _, m := range facts {
		list = append(list, scorecard.TeamModel{Slug: m.Slug, Name: m.Name, Facts: m.Facts})
	}
	would, _ := scorecard.WhatIf(list, map[string][]string{"bot": {"quality", "coverage"}}, site.Store.Now()).Score()
	p.Is(200, scorecard.Text(would))
	b.Swap("GET", "/teams/fraud?do=bot:quality", "what-if", nil).Is(200, "With 1 action done").Lacks("The three actions")
	for _, bad := range []string{"do=bot:nothing", "do=nobody:quality", "do=x", strings.Repeat("do=bot:quality&", 51)} {
		b.Get("/teams/fraud?" + bad).Is(400)
	}
	b.Get("/teams/fraud").Is(200).Lacks("would go from")
}

// The file, the page, the answer to a machine and the database say the same number, whatever the state of
// the organisation. A state is reached by a few changes of facts.
func TestTheSameNumberEverywhere(t *testing.T) {
	site := scored(t)
	r := rand.New(rand.NewPCG(5, 2026))
	site.ServeRelease(t, "second", "v1")
	for i := range states {
		for range 1 + r.IntN(3) {
			change(t, site, r, i)
		}
		if _, err := site.Store.ScoreDue(site.World.As(site.Admin), site.Policy); err != nil {
			t.Fatal(err)
		}
		agree(t, site, site.As(site.Leader), i) // days pass: nobody stays signed in
		if t.Failed() {
			return
		}
	}
}

// change makes another organisation of this one.
func change(t *testing.T, site *webtest.Site, r *rand.Rand, i int) {
	t.Helper()
	slug := []string{"bot", "second", "coming"}[r.IntN(3)]
	var err error
	switch r.IntN(5) {
	case 0:
		err = ignore(site.Store.SetDisabled(site.World.As(site.Admin), []int64{site.Owner.ID, site.Deputy.ID}[r.IntN(2)], r.IntN(2) == 0))
	case 1:
		_, err = site.Store.ChangeModel(site.World.As(site.Admin), slug, 0, func(m *registry.Model) error {
			m.Tier = registry.Tier(1 + r.IntN(3))
			m.Reported = []string{"", "operating", "developing"}[r.IntN(3)]
			m.TeamID = []int64{site.Fraud.ID, site.Other.ID, 0}[r.IntN(3)]
			m.Note("model.edited", m.Subject(), nil, map[string]any{"tier": m.Tier, "round": i})
			return nil
		})
	case 2:
		now := site.Store.Now()
		_, err = site.Store.AddReports(site.World.As(site.Admin), slug, func(*registry.Model, time.Time) ([]telemetry.Report, error) {
			metric := telemetry.Metrics[r.IntN(len(telemetry.Metrics))]
			return []telemetry.Report{{Metric: metric, Value: r.Float64(), From: now.Add(-2 * time.Hour), To: now.Add(-time.Duration(1+r.IntN(50)) * time.Minute), Source: "grafana", ReceivedAt: now}}, nil
		})
	case 3:
		site.Clock.Add(time.Duration(r.IntN(3*24)) * time.Hour)
	case 4:
		_, err = site.Store.ChangeModel(site.World.As(site.Admin), slug, 0, func(m *registry.Model) error {
			if r.IntN(2) == 0 {
				m.Consumers = nil
			} else {
				m.Consumers = []registry.Consumer{{Name: fmt.Sprintf("App %d", i), Contact: "x@example.test", Criticality: "low", Integration: "API", NoticeDays: 1}}
			}
			m.Note("model.consumers", m.Subject(), nil, map[string]any{"round": i})
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ignore lets somebody be disabled who is so already.
func ignore(err error) error {
	if err != nil && strings.Contains(err.Error(), "already") {
		return nil
	}
	return err
}

func agree(t *testing.T, site *webtest.Site, leader *webtest.Browser, i int) {
	t.Helper()
	board, err := site.Store.Board(site.World.As(site.Admin))
	if err != nil {
		t.Fatal(err)
	}
	page := leader.Get("/teams").Is(200)
	lines, err := csv.NewReader(strings.NewReader(leader.Get("/teams.csv").Is(200).Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	file := map[string]string{}
	for _, l := range lines[1:] {
		file[l[1]] = l[3]
	}
	inventory := inventoryOf(t, leader)
	machine := map[string]*float64{}
	var teams struct {
		Items []struct {
			Slug  string
			Score *float64
		}
	}
	read(t, leader.Get("/api/v1/teams").Is(200), &teams)
	for _, x := range teams.Items {
		machine[x.Slug] = x.Score
	}
	if s, known := board.Org.Rollup.Score(); known && !strings.Contains(page.Text(), scorecard.Text(s)+" "+string(board.Org.Rollup.Tier())) {
		t.Errorf("state %d: the page does not say %s for the organisation", i, scorecard.Text(s))
	}
	for _, g := range board.Teams {
		score, known := g.Rollup.Score()
		want := ""
		if known {
			want = scorecard.Text(score)
		}
		if file[g.Slug] != want {
			t.Errorf("state %d: %s is %q in the file, %q in the database", i, g.Name, file[g.Slug], want)
		}
		if g.Slug == "" {
			continue
		}
		if is := machine[g.Slug]; known != (is != nil) || known && *is != score {
			t.Errorf("state %d: %s is %v for machines, %v in the database", i, g.Name, is, score)
		}
		if known && !strings.Contains(leader.Get("/teams/"+g.Slug).Is(200).Text(), want+" "+string(g.Rollup.Tier())) {
			t.Errorf("state %d: the page of %s does not say %s", i, g.Name, want)
		}
		models, err := site.Store.TeamModels(site.World.As(site.Admin), g.ID)
		if err != nil {
			t.Fatal(err)
		}
		var members []scorecard.Member
		for _, m := range models {
			if want := scorecard.Text(m.Score) + " " + string(m.Tier); !m.Stray && inventory[m.Slug] != want {
				t.Errorf("state %d: %s is %q in the list of models, %q in its team", i, m.Slug, inventory[m.Slug], want)
			}
			members = append(members, scorecard.MemberOf(m.Slug, scorecard.Score(m.Facts, site.Store.Now())))
		}
		if again, ok := scorecard.RollUp(members).Score(); ok != known || again != score {
			t.Errorf("state %d: %s is kept as %v and scored again %v", i, g.Name, score, again)
		}
	}
}

// inventoryOf is the list of models: each one's score and tier, on the page and in its file.
func inventoryOf(t *testing.T, b *webtest.Browser) map[string]string {
	t.Helper()
	page := b.Get("/models").Is(200).Text()
	lines, err := csv.NewReader(strings.NewReader(b.Get("/models.csv").Is(200).Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	score, tier := slices.Index(lines[0], "score"), slices.Index(lines[0], "maturity")
	out := map[string]string{}
	for _, l := range lines[1:] {
		if out[l[0]] = l[score] + " " + l[tier]; l[score] != "" && !strings.Contains(page, out[l[0]]) {
			t.Errorf("the page of models does not say %s for %s", out[l[0]], l[0])
		}
	}
	return out
}

func TestScoresByAPI(t *testing.T) {
	site := scored(t)
	b := site.As(site.Leader)
	var m struct {
		Score, Raw float64
		Cap        int
		Tier       string
		Caps       []struct{ Reason string }
		Criteria   []struct {
			Key, Fact, Outcome, Explanation string
			Points                          int
			Strength, Earned                float64
		}
	}
	read(t, b.Get("/api/v1/models/bot/maturity").Is(200), &m)
	if m.Cap != 89 || len(m.Criteria) != 27 || len(m.Caps) != 1 || m.Criteria[0].Key != "owner" || m.Criteria[0].Earned != 4 || m.Criteria[0].Fact == "" {
		t.Errorf("%+v", m)
	}
	var short struct {
		Score struct {
			Score float64
			Tier  string
		}
	}
	read(t, b.Get("/api/v1/models/bot").Is(200), &short)
	if short.Score.Score != m.Score || short.Score.Tier != m.Tier {
		t.Errorf("the model says %v, its maturity %v", short.Score, m.Score)
	}
	var team struct {
		Score    *float64
		Models   int
		Sections map[string]float64
	}
	read(t, b.Get("/api/v1/teams/fraud/maturity").Is(200), &team)
	if team.Score == nil || *team.Score != m.Score || team.Models != 1 || len(team.Sections) != 7 {
		t.Errorf("%+v", team)
	}
	team.Score = nil
	read(t, b.Get("/api/v1/teams/credit/maturity").Is(200), &team)
	if team.Score != nil {
		t.Errorf("a team without models has the score %v", *team.Score)
	}
	before := url.QueryEscape(day.Of(site.Store.Now()).Add(-1).Time().Format(time.RFC3339))
	b.Get("/api/v1/models/bot/maturity?at=" + before).Is(404)
	b.Get("/api/v1/teams/fraud/maturity?at=" + before).Is(404)
	today := url.QueryEscape(site.Store.Now().Format(time.RFC3339))
	site.Clock.Add(48 * time.Hour)
	b = site.As(site.Leader)
	read(t, b.Get("/api/v1/teams/fraud/maturity?at="+today).Is(200), &team)
	if team.Score == nil || *team.Score != m.Score {
		t.Errorf("two days ago the team was %v, want %v", team.Score, m.Score)
	}
}

func read(t *testing.T, p *webtest.Page, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.Body), into); err != nil {
		t.Fatalf("%v in %s", err, p.Body)
	}
}
