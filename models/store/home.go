package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

// WorkKind is why something stands on somebody's page.
type WorkKind string

// What waits for somebody's decision, what somebody asked for, and what runs out.
const (
	WorkReview   WorkKind = "review"   // a transition request to decide
	WorkDebt     WorkKind = "debt"     // a break-glass promotion whose review is owed
	WorkPlan     WorkKind = "plan"     // a retirement plan in review
	WorkWaiver   WorkKind = "waiver"   // a waiver to grant or refuse
	WorkQuestion WorkKind = "question" // a reconciliation question about one's own model
	WorkReading  WorkKind = "reading"  // what somebody says of a vendor's model, to confirm or refuse

	AskedRequest WorkKind = "asked_request"
	AskedPlan    WorkKind = "asked_plan"
	AskedWaiver  WorkKind = "asked_waiver"

	DueEvidence   WorkKind = "evidence"   // evidence about one's own model that runs out
	DueEvaluation WorkKind = "evaluation" // a release of one's own to be measured again
)

// WorkItem is one line of somebody's page.
type WorkItem struct {
	Kind        WorkKind
	ID          int64 // of the request, plan, waiver, question, reading, evidence or version
	Model, Slug string
	Version     string
	Tier        registry.Tier
	Team        string
	Who         string // who asked
	To          registry.Stage
	State       string // of the request or plan
	Verdict     string // the latest review of a request, "" when there is none
	Detail      string // the check of a waiver, the kind of evidence, the system a question is about, a vendor's id, why it is to be measured
	At          time.Time
	Due         time.Time // zero when nothing says until when
}

// WaitsForDecision reports whether the item asks this person to do something for somebody else.
func (w WorkItem) WaitsForDecision() bool {
	switch w.Kind {
	case WorkReview, WorkDebt, WorkPlan, WorkWaiver, WorkQuestion, WorkReading:
		return true
	}
	return false
}

// mostWork is how many lines of each kind one page shows, and how far the navigation counts.
const mostWork = 50

type workRow struct {
	Part                                                             string
	ID, Tier                                                         int64
	Slug, Model, Version, Team, Who, ToStage, State, Verdict, Detail string
	At, Due                                                          int64
}

func (r workRow) item() WorkItem {
	return WorkItem{Kind: WorkKind(r.Part), ID: r.ID, Model: r.Model, Slug: r.Slug, Version: r.Version, Tier: registry.Tier(r.Tier), Team: r.Team,
		Who: r.Who, To: registry.Stage(r.ToStage), State: r.State, Verdict: r.Verdict, Detail: r.Detail, At: at(r.At), Due: at(r.Due)}
}

// part is one kind of work as SQL. Its rows come from an index and stop at mostWork, oldest first.
type part struct {
	kind    WorkKind
	columns string // id, to_stage, state, verdict, detail, at, due
	from    string // joins m, and v where there is a version
	where   string
	order   string
	args    []any
}

// Work lists what waits for a person, what they asked for and which evidence of theirs runs out, in
// one query. The lists are bounded and oldest first.
func (s *Store) Work(ctx context.Context, a org.Actor, p lifecycle.Policy) ([]WorkItem, error) {
	parts := append(s.waiting(a), s.asked(a)...)
	parts = append(parts, s.expiring(a, p), s.reevaluations(a))
	selects, args := make([]string, 0, len(parts)), []any{}
	for _, x := range parts {
		selects = append(selects, x.query())
		args = append(args, x.args...)
	}
	var rows []workRow
	sql := "SELECT * FROM (" + strings.Join(selects, " UNION ALL ") + ") AS work ORDER BY at, id"
	if err := s.read.WithContext(ctx).Raw(sql, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("work: %w", err)
	}
	out := make([]WorkItem, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.item())
	}
	return out, nil
}

// CountWaiting counts what waits for a person, for the navigation; more is true when it stopped counting.
func (s *Store) CountWaiting(ctx context.Context, a org.Actor) (n int, more bool, err error) {
	parts := s.waiting(a)
	if len(parts) == 0 {
		return 0, false, nil
	}
	counts, args := make([]string, 0, len(parts)), []any{}
	for _, x := range parts {
		counts = append(counts, fmt.Sprintf("(SELECT COUNT(*) FROM (SELECT 1 %s WHERE %s LIMIT %d) AS bounded)", x.from, x.where, mostWork+1))
		args = append(args, x.args...)
	}
	var total int
	if err := s.read.WithContext(ctx).Raw("SELECT "+strings.Join(counts, " + "), args...).Scan(&total).Error; err != nil {
		return 0, false, fmt.Errorf("count work: %w", err)
	}
	return min(total, mostWork), total > mostWork, nil
}

func (x part) query() string {
	version, verdict := "''", "''"
	if strings.Contains(x.from, " versions v ") {
		version = "v.label"
	}
	if strings.Contains(x.from, "FROM requests r ") {
		verdict = "COALESCE((SELECT w.verdict FROM reviews w WHERE w.request_id = r.id ORDER BY w.id DESC LIMIT 1), '')"
	}
	return fmt.Sprintf(`SELECT * FROM (SELECT '%s' AS part, m.slug, m.name AS model, %s AS version, m.tier, COALESCE(t.name, '') AS team, %s AS verdict, %s
		%s LEFT JOIN teams t ON t.id = m.team_id WHERE %s ORDER BY %s LIMIT %d) AS %s`,
		x.kind, version, verdict, x.columns, x.from, x.where, x.order, mostWork, x.kind)
}

// waiting is what this person may decide or has to answer. What they are barred from is not in it.
func (s *Store) waiting(a org.Actor) []part {
	var parts []part
	if org.May(a, org.Decide, 0).Allowed {
		parts = append(parts, s.requestsToDecide(a.ID), s.debtsToSettle(a.ID), s.plansToDecide(a.ID), s.waiversToDecide(a.ID))
	}
	if org.May(a, org.Answer, 0).Allowed {
		parts = append(parts, part{kind: WorkQuestion, order: "k.id",
			columns: "k.id, '' AS who, '' AS to_stage, k.state, k.identity AS detail, k.created_at AS at, 0 AS due",
			from:    "FROM questions k JOIN models m ON m.id = k.model_id",
			where:   "k.state = 'open' AND (m.owner_id = ? OR m.deputy_id = ?)", args: []any{a.ID, a.ID}})
	}
	if org.May(a, org.Catalogue, 0).Allowed {
		parts = append(parts, readingsToConfirm(a.ID))
	}
	return parts
}

const requestJoins = "FROM requests r JOIN models m ON m.id = r.model_id JOIN versions v ON v.id = r.version_id"

func (s *Store) requestsToDecide(person int64) part {
	return part{kind: WorkReview, from: requestJoins, order: "r.opened_at, r.id",
		columns: "r.id, (SELECT name FROM people WHERE id = r.requester_id) AS who, r.to_stage, r.state, '' AS detail, r.opened_at AS at, r.due_at AS due",
		where:   "r.state = 'open' AND " + handsOff + " AND " + approvedNow, args: append(handsOffArgs(person), person, person)}
}

func (s *Store) debtsToSettle(person int64) part {
	return part{kind: WorkDebt, from: requestJoins, order: "r.debt_due_at, r.id",
		columns: "r.id, (SELECT name FROM people WHERE id = r.requester_id) AS who, r.to_stage, r.state, r.reason AS detail, r.opened_at AS at, r.debt_due_at AS due",
		where:   "r.break_glass = TRUE AND r.debt_settled_at = 0 AND " + handsOff, args: handsOffArgs(person)}
}

// handsOff asks that a person neither asked for a request nor wrote it, its version or its evidence, nor
// owns the model: whoever may decide it. It is the four-eyes rule of lifecycle as SQL, for lists only.
const handsOff = `r.requester_id <> ? AND COALESCE(m.owner_id, 0) <> ? AND COALESCE(v.author_id, 0) <> ?
	AND (',' || REPLACE(REPLACE(REPLACE(r.editors, '[', ''), ']', ''), ' ', '') || ',') NOT LIKE ?
	AND (',' || REPLACE(REPLACE(REPLACE(v.editors, '[', ''), ']', ''), ' ', '') || ',') NOT LIKE ?
	AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.version_id = v.id AND e.recorded_by = ?)`

func handsOffArgs(person int64) []any {
	return []any{person, person, person, member(person), member(person), person}
}

func (s *Store) waiversToDecide(person int64) part {
	return part{kind: WorkWaiver, order: "w.id",
		columns: "w.id, (SELECT name FROM people WHERE id = w.asked_by) AS who, '' AS to_stage, w.state, w.check_key AS detail, w.asked_at AS at, 0 AS due",
		from:    "FROM waivers w JOIN models m ON m.id = w.model_id JOIN versions v ON v.id = w.version_id",
		where: "w.state = 'asked' AND w.asked_by <> ? AND COALESCE(m.owner_id, 0) <> ? AND COALESCE(v.author_id, 0) <> ? AND " + notIn("v.editors") +
			" AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.version_id = v.id AND e.recorded_by = ?)",
		args: []any{person, person, person, member(person), person}}
}

func (s *Store) plansToDecide(person int64) part {
	return part{kind: WorkPlan, order: "p.updated_at, p.id",
		columns: "p.id, (SELECT name FROM people WHERE id = p.author_id) AS who, '' AS to_stage, p.state, '' AS detail, p.submitted_at AS at, 0 AS due",
		from:    "FROM plans p JOIN models m ON m.id = p.model_id",
		where: "p.state = 'submitted' AND m.stage <> 'retired' AND COALESCE(p.author_id, 0) <> ? AND COALESCE(m.owner_id, 0) <> ? AND COALESCE(m.deputy_id, 0) <> ? AND " +
			notIn("COALESCE("+s.jsonText("p.facts", "editors")+", '')") + " AND COALESCE(" + s.jsonText("p.body", "people", "owner") + ", '0') <> ? AND COALESCE(" +
			s.jsonText("p.body", "people", "deputy") + ", '0') <> ?",
		args: []any{person, person, person, member(person), fmt.Sprint(person), fmt.Sprint(person)}}
}

// jsonText is a value inside a JSON column, as text.
func (s *Store) jsonText(column string, path ...string) string {
	if s.dialect == postgresDialect {
		return "(" + column + "::json #>> '{" + strings.Join(path, ",") + "}')"
	}
	return "CAST(json_extract(" + column + ", '$." + strings.Join(path, ".") + "') AS TEXT)"
}

// asked is what the person wants from others. Decided requests stay for two weeks.
func (s *Store) asked(a org.Actor) []part {
	recent := ms(s.Now().AddDate(0, 0, -14))
	return []part{
		{kind: AskedRequest, from: requestJoins, order: "r.opened_at DESC, r.id DESC",
			columns: "r.id, '' AS who, r.to_stage, r.state, '' AS detail, r.opened_at AS at, CASE WHEN r.state = 'open' THEN r.due_at ELSE 0 END AS due",
			where:   "r.requester_id = ? AND (r.state = 'open' OR r.decided_at > ?)", args: []any{a.ID, recent}},
		{kind: AskedPlan, order: "p.updated_at DESC, p.id DESC",
			columns: "p.id, '' AS who, '' AS to_stage, p.state, '' AS detail, p.updated_at AS at, 0 AS due",
			from:    "FROM plans p JOIN models m ON m.id = p.model_id",
			where:   "p.author_id = ? AND m.stage <> 'retired' AND (p.state IN ('draft', 'submitted', 'changes_requested') OR p.state = 'rejected' AND p.updated_at > ?)",
			args:    []any{a.ID, recent}},
		{kind: AskedWaiver, order: "w.id DESC",
			columns: "w.id, '' AS who, '' AS to_stage, w.state, w.check_key AS detail, w.asked_at AS at, 0 AS due",
			from:    "FROM waivers w JOIN models m ON m.id = w.model_id JOIN versions v ON v.id = w.version_id",
			where:   "w.state = 'asked' AND w.asked_by = ?", args: []any{a.ID}},
	}
}

// evidenceWarnDays is how long before its end evidence is told of.
const evidenceWarnDays = 30

// expiring is the latest passed evidence of each kind for the live versions of one's own models, where it
// ends soon or ended in the last 90 days. Its end is its own or the policy's, whichever comes first.
func (s *Store) expiring(a org.Actor, p lifecycle.Policy) part {
	fresh := "CASE e.kind"
	for kind, days := range p.FreshDays {
		fresh += fmt.Sprintf(" WHEN '%s' THEN CAST(%d AS BIGINT)", kind, int64(days)*24*time.Hour.Milliseconds())
	}
	fresh += " ELSE 0 END"
	if len(p.FreshDays) == 0 {
		fresh = "0"
	}
	end := fmt.Sprintf(`CASE WHEN %[1]s = 0 THEN e.expires_at WHEN e.expires_at > 0 AND e.expires_at < e.recorded_at + %[1]s THEN e.expires_at ELSE e.recorded_at + %[1]s END`, fresh)
	now := s.Now()
	return part{kind: DueEvidence, order: "e.id",
		columns: "e.id, '' AS who, '' AS to_stage, '' AS state, e.kind AS detail, e.recorded_at AS at, " + end + " AS due",
		from:    "FROM models m JOIN versions v ON v.model_id = m.id JOIN evidence e ON e.version_id = v.id",
		where: `(m.owner_id = ? OR m.deputy_id = ?) AND v.stage IN ('validated', 'staged', 'production') AND v.superseded_at = 0 AND e.withdrawn = FALSE
			AND e.outcome = 'passed' AND e.id = (SELECT MAX(x.id) FROM evidence x WHERE x.version_id = v.id AND x.kind = e.kind AND x.withdrawn = FALSE)
			AND ` + end + " > ? AND " + end + " < ?",
		args: []any{a.ID, a.ID, ms(now.AddDate(0, 0, -90)), ms(now.AddDate(0, 0, evidenceWarnDays))}}
}
