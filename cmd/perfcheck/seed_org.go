package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
)

// organisation is what is seeded. Everything about a record follows from its number, so that any
// table can be written without another.
type organisation struct {
	models, teams int
	now           time.Time
}

const (
	departments    = 25
	perTeam        = 5 // people
	versionsInFive = 15
	issuer         = "https://idp.example.test"

	visitorID  = 1 // whoever looks at the pages
	reviewerID = 2 // of no team
	firstOwner = 11
)

func (o organisation) events() int { return 10 * o.models }

// chance is the dice of one record.
func chance(kind uint64, n int) *rand.Rand { return rand.New(rand.NewPCG(kind, uint64(n))) }

func (o organisation) tables(c *chain) []table {
	return []table{
		{"departments", "id, slug, name", count(departments, func(i int) []any {
			return []any{i, fmt.Sprintf("department-%d", i), subjects[i%len(subjects)] + " division"}
		}), true},
		{"teams", "id, department_id, slug, name, oidc_group", count(o.teams, o.team), true},
		{"people", "id, issuer, subject, email, name, roles, team_ids, disabled, last_seen_at, created_at", count(firstOwner-1+o.teams*perTeam, o.person), true},
		{"models", "id, slug, name, kind, purpose, team_id, owner_id, deputy_id, tier, stage, stage_rank, sla, deprecation_on, consumers, serving_version_id, plan_state, created_at, updated_at", o.each(o.modelRows), true},
		{"versions", "id, model_id, label, kind, stage, summary, built, digest, vendor_host, vendor_model, author_id, rollback_target, rollout_plan, monitoring, stage_since, served_since, superseded_at, rollback_until, created_at, updated_at", o.each(o.versionRows), true},
		{"evidence", "model_id, version_id, version_digest, kind, outcome, metrics, dataset_digest, recorded_by, recorded_at", o.each(o.evidenceRows), false},
		{"requests", "id, model_id, version_id, from_stage, to_stage, move, reason, state, requester_id, opened_at, due_at, decided_at, decided_by, policy_version, digest", o.each(o.requestRows), true},
		{"reviews", "request_id, reviewer_id, roles, verdict, digest, at", o.each(o.reviewRows), false},
		{"serving_records", "model_id, version_id, since, until, request_id, how, approved_digest, approved_by", o.each(o.servingRows), false},
		{"plans", "model_id, number, state, body, facts, author_id, review_by, submitted_at, approved_at, created_at, updated_at", o.each(o.planRows), false},
		{"audit_events", "seq, at, actor_id, actor, via, verb, subject_kind, subject_id, subject_label, model_id, before_json, after_json, request_id, address, prev_hash, hash", o.eventRows(c), false},
	}
}

// count is rows 1 to n.
func count(n int, row func(int) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for i := 1; i <= n; i++ {
			if !yield(row(i)) {
				return
			}
		}
	}
}

// each is the rows that every model has in one table.
func (o organisation) each(rows func(model) [][]any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for i := 1; i <= o.models; i++ {
			for _, r := range rows(o.model(i)) {
				if !yield(r) {
					return
				}
			}
		}
	}
}

func (o organisation) team(i int) []any {
	return []any{i, 1 + i%departments, fmt.Sprintf("team-%d", i), fmt.Sprintf("%s %s %d", subjects[i%len(subjects)], "team", i), fmt.Sprintf("group-%d", i)}
}

func (o organisation) person(i int) []any {
	roles, teams := `["contributor"]`, "[]"
	switch {
	case i == visitorID:
		roles = `["admin","auditor"]`
	case i < firstOwner:
		roles = `["reviewer","risk_reviewer"]`
	default:
		teams = fmt.Sprintf("[%d]", 1+(i-firstOwner)/perTeam)
	}
	d := chance(1, i)
	name := pick(d, firstNames) + " " + pick(d, lastNames)
	return []any{i, issuer, fmt.Sprintf("person-%d", i), fmt.Sprintf("person-%d@example.test", i), name, roles, teams,
		i >= firstOwner && i%97 == 0, o.now.UnixMilli(), o.now.AddDate(-3, 0, 0).UnixMilli()}
}

// model is what the other tables want to know of one.
type model struct {
	registry.Model
	stage    registry.Stage
	versions int
	complete bool // nothing is missing: it may go to production
	firstID  int64
	version  registry.Version // the newest
}

// model makes one: about a third serve, a tenth wait for production, a twentieth lack an owner.
func (o organisation) model(i int) model {
	d := chance(2, i)
	subject, task := pick(d, subjects), pick(d, tasks)
	team := int64(1 + int(float64(o.teams)*math.Pow(d.Float64(), 1.6))) // some teams have many
	m := model{versions: i%5 + 1, firstID: int64((i/5)*versionsInFive + []int{0, 1, 3, 6, 10}[i%5] + 1)}
	m.Model = registry.Model{ID: int64(i), Name: fmt.Sprintf("%s %s %s", subject, task, pick(d, regions)), Kind: registry.Trained,
		Purpose: fmt.Sprintf("Helps the %s people to %s and says how sure it is; a person looks at what is in doubt.", strings.ToLower(subject), uses[d.IntN(len(uses))]),
		TeamID:  team, Tier: registry.Tier(spread(d, 4, 14, 44)),
		SLA: registry.SLA{AvailabilityPercent: 99.5, LatencyP95Millis: 200}, DeprecationOn: day.Of(o.now).Add(400 + d.IntN(400)),
		Consumers: []registry.Consumer{{Name: pick(d, subjects) + " desk", Contact: "desk@example.test", Criticality: "high", Integration: "API", NoticeDays: 30}},
	}
	m.Slug = fmt.Sprintf("%s-%d", strings.ReplaceAll(strings.ToLower(m.Name), " ", "-"), i)
	owner := int64(firstOwner) + (team-1)*perTeam + d.Int64N(perTeam)
	m.OwnerID, m.DeputyID = owner, int64(firstOwner)+(team-1)*perTeam+(owner-firstOwner+1)%perTeam
	m.stage = []registry.Stage{registry.Experiment, registry.Registered, registry.Validated, registry.Staged, registry.Production, registry.Retired}[spread(d, 25, 40, 50, 60, 95)]
	if d.IntN(100) < 30 {
		m.Kind = registry.GenAI
	}
	ago := time.Duration(float64(3*365*24*time.Hour) * math.Pow(d.Float64(), 3)) // most were changed lately
	m.UpdatedAt = o.now.Add(-ago).Truncate(time.Millisecond)
	m.CreatedAt = m.UpdatedAt.AddDate(0, 0, -d.IntN(400))
	m.complete = m.stage == registry.Production || m.stage == registry.Staged
	if !m.complete && d.IntN(100) < 10 {
		m.OwnerID, m.DeputyID = 0, 0
	}
	if m.complete && m.Tier == 0 {
		m.Tier = 3
	}
	m.version = o.version(m, m.versions)
	return m
}

// spread draws 0, 1, 2, ... with these percentages below each; the rest draws the last.
func spread(d *rand.Rand, below ...int) int {
	n := d.IntN(100)
	for i, limit := range below {
		if n < limit {
			return i
		}
	}
	return len(below)
}

func pick(d *rand.Rand, words []string) string { return words[d.IntN(len(words))] }

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("perfcheck: seeded facts are plain values: " + err.Error())
	}
	return string(raw)
}

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func (o organisation) modelRows(m model) [][]any {
	var serving any
	if m.stage == registry.Production {
		serving = m.version.ID
	}
	plan := ""
	if m.complete {
		plan = "approved"
	}
	return [][]any{{m.ID, m.Slug, m.Name, string(m.Kind), m.Purpose, orNull(m.TeamID), orNull(m.OwnerID), orNull(m.DeputyID), int(m.Tier),
		string(m.stage), m.stage.Rank(), asJSON(m.SLA), string(m.DeprecationOn), asJSON(m.Consumers), serving, plan, m.CreatedAt.UnixMilli(), m.UpdatedAt.UnixMilli()}}
}
