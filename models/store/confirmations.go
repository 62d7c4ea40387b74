package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// confirmationRow is one answer. Rows are added and never changed; the database refuses it too.
type confirmationRow struct {
	ID       int64
	ModelID  int64
	Quarter  string
	Number   int64
	Reply    string
	What     string
	Digest   string
	PersonID int64
	At       int64
}

func (confirmationRow) TableName() string { return "confirmations" }

// EntryReply is what somebody says of one entry, and what their form was drawn from.
type EntryReply struct {
	Model int64
	Seen  confirmation.Seen
	Reply confirmation.Reply
	What  string
}

// mostReplies is how many entries are answered for at once.
const mostReplies = 200

// AnswerEntries takes somebody's word on several entries: on all of them or, when one cannot be taken, on
// none. Each leaves an event of its own. The fault then has its problems at entries[ID].reply and
// entries[ID].what; its kind is NotFound where an entry is not theirs to answer for, Stale where one has
// changed since it was read, Conflict, or Invalid.
func (s *Store) AnswerEntries(ctx context.Context, replies []EntryReply) error {
	switch n := len(replies); {
	case n == 0:
		return fault.New(fault.Invalid, "Choose an answer for at least one entry.")
	case n > mostReplies:
		return fault.Newf(fault.TooLarge, "At most %d entries are answered for at once.", mostReplies)
	}
	return s.change(ctx, func(tx *txn) error {
		if err := tx.actorStands(); err != nil {
			return err
		}
		entries, err := tx.lockedEntries(replies)
		if err != nil {
			return err
		}
		var refused refusals
		for _, r := range replies {
			e, known := entries[r.Model]
			if !known {
				refused.add(r.Model, fault.New(fault.NotFound, "This entry is not yours to answer for, or is no more."))
				continue
			}
			if err := e.Answer(tx.src.Actor, r.Reply, r.What, r.Seen, s.Now()); err != nil {
				refused.add(r.Model, err)
				continue
			}
			if err := tx.addAnswer(e); err != nil {
				return err
			}
		}
		return refused.fault()
	})
}

// lockedEntries are those of the entries that the person behind the change answers for. The models are
// locked in one order, so that two people with the same entries wait for each other and do not block.
func (tx *txn) lockedEntries(replies []EntryReply) (map[int64]*confirmation.Entry, error) {
	ids, me := make([]int64, 0, len(replies)), tx.src.Actor.ID
	for _, r := range replies {
		ids = append(ids, r.Model)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if tx.s.dialect == postgresDialect {
		if err := tx.Exec("SELECT id FROM models WHERE id IN ? ORDER BY id FOR UPDATE", ids).Error; err != nil {
			return nil, fmt.Errorf("lock entries: %w", err)
		}
	}
	round, err := roundOf(tx.DB, day.QuarterOf(tx.s.Now()))
	if err != nil {
		return nil, err
	}
	var rows []entryRow
	err = entries(tx.DB, round.Quarter).Select(entryColumns()).Where("m.id IN ? AND (m.owner_id = ? OR m.deputy_id = ?)", ids, me, me).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	out := make(map[int64]*confirmation.Entry, len(rows))
	for _, r := range rows {
		e := r.entry(round)
		out[e.Model.ID] = &e
	}
	return out, nil
}

func (tx *txn) addAnswer(e *confirmation.Entry) error {
	a := e.Last
	row := confirmationRow{ModelID: e.Model.ID, Quarter: string(e.Round.Quarter), Number: int64(a.Number), Reply: string(a.Reply), What: a.What,
		Digest: a.Digest, PersonID: a.By, At: ms(a.At)}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("add confirmation: %w", err)
	}
	confirmed, disputed := row.Quarter, ""
	if a.Reply == confirmation.Wrong {
		confirmed, disputed = disputed, confirmed
	}
	if err := tx.Exec("UPDATE models SET confirmed_quarter = ?, disputed_quarter = ? WHERE id = ?", confirmed, disputed, row.ModelID).Error; err != nil {
		return fmt.Errorf("add confirmation: %w", err)
	}
	tx.take(&e.Trail)
	return nil
}

// refusals gathers why entries could not be answered for. The first kind of gravest is the fault's.
type refusals struct {
	problems fault.Problems
	gravest  int
	kind     fault.Kind
	failed   error // not the person's to mend
}

var gravity = []fault.Kind{fault.Invalid, fault.Conflict, fault.Stale, fault.Forbidden, fault.NotFound}

func (r *refusals) add(model int64, err error) {
	f, is := fault.As(err)
	if !is {
		r.failed = err
		return
	}
	field := fmt.Sprintf("entries[%d].", model)
	if len(f.Problems) == 0 {
		r.problems.Add(field+"reply", f.Sentence)
	} else {
		r.problems.Merge(field, err)
	}
	if g := slices.Index(gravity, f.Kind); r.kind == 0 || g > r.gravest {
		r.gravest, r.kind = g, f.Kind
	}
}

func (r *refusals) fault() error {
	if r.failed != nil || !r.problems.Any() {
		return r.failed
	}
	return &fault.Fault{Kind: r.kind, Sentence: "Nothing was saved: some of the answers cannot be taken as they are.", Problems: r.problems.List()}
}

type roundRow struct {
	Quarter    string
	AskedAt    int64
	RemindedAt int64
}

// ConfirmationRound is a quarter with the day on which people were first asked in it.
func (s *Store) ConfirmationRound(ctx context.Context, q day.Quarter) (confirmation.Round, error) {
	return roundOf(s.read.WithContext(ctx), q)
}

func roundOf(db *gorm.DB, q day.Quarter) (confirmation.Round, error) {
	row, err := roundRowOf(db, q)
	r := confirmation.Round{Quarter: q}
	if row.AskedAt > 0 {
		r.AskedOn = day.Of(at(row.AskedAt))
	}
	return r, err
}

func roundRowOf(db *gorm.DB, q day.Quarter) (row roundRow, err error) {
	if err := db.Raw("SELECT quarter, asked_at, reminded_at FROM confirmation_rounds WHERE quarter = ?", string(q)).Scan(&row).Error; err != nil {
		return row, fmt.Errorf("confirmation round: %w", err)
	}
	return row, nil
}

// entryRow is a model with its latest answer of a quarter.
type entryRow struct {
	M                             modelRow `gorm:"embedded;embeddedPrefix:m_"`
	Team, TeamSlug, Department    string
	Owner, Deputy, Serving        string
	OwnerDisabled, DeputyDisabled bool
	Number, ByID, AnsweredAt      int64
	Reply, What, Digest, ByName   string
	PlanEnds                      string
}

func entryColumns() string {
	return columnsOf("m", modelRow{}) + `, COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug, COALESCE(td.name, '') AS department,
		COALESCE(o.name, '') AS owner, COALESCE(o.disabled, FALSE) AS owner_disabled, COALESCE(d.name, '') AS deputy, COALESCE(d.disabled, FALSE) AS deputy_disabled,
		COALESCE(v.label, '') AS serving,
		COALESCE((SELECT MAX(p.ends_on) FROM plans p WHERE p.model_id = m.id AND p.state = 'approved'), '') AS plan_ends, COALESCE(c.number, 0) AS number, COALESCE(c.person_id, 0) AS by_id, COALESCE(c.at, 0) AS answered_at,
		COALESCE(c.reply, '') AS reply, COALESCE(c.what, '') AS what, COALESCE(c.digest, '') AS digest, COALESCE(b.name, '') AS by_name`
}

// latestAnswer joins c, a model's latest answer of the quarter that is given twice.
const latestAnswer = `LEFT JOIN confirmations c ON c.quarter = ? AND c.model_id = m.id
	AND c.number = (SELECT MAX(x.number) FROM confirmations x WHERE x.quarter = ? AND x.model_id = m.id)`

func entries(db *gorm.DB, q day.Quarter) *gorm.DB {
	return db.Table("models m").Joins(latestAnswer, string(q), string(q)).
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN departments td ON td.id = t.department_id").
		Joins("LEFT JOIN people o ON o.id = m.owner_id").Joins("LEFT JOIN people d ON d.id = m.deputy_id").Joins("LEFT JOIN people b ON b.id = c.person_id").
		Joins("LEFT JOIN versions v ON v.id = m.serving_version_id")
}

func (r entryRow) entry(round confirmation.Round) confirmation.Entry {
	m := r.M.model()
	if r.PlanEnds != "" { // what the plan in force says goes before what was promised without one
		m.DeprecationOn = day.Day(r.PlanEnds)
	}
	e := confirmation.Entry{Round: round, Facts: confirmation.Facts{Model: m, Serving: r.Serving,
		Team:   org.Team{ID: m.TeamID, Slug: r.TeamSlug, Name: r.Team, Department: r.Department},
		Owner:  org.Person{ID: m.OwnerID, Name: r.Owner, Disabled: r.OwnerDisabled},
		Deputy: org.Person{ID: m.DeputyID, Name: r.Deputy, Disabled: r.DeputyDisabled}}}
	if r.Number > 0 {
		e.Last = &confirmation.Answer{Number: int(r.Number), Reply: confirmation.Reply(r.Reply), What: r.What, Digest: r.Digest, By: r.ByID, ByName: r.ByName, At: at(r.AnsweredAt)}
	}
	return e
}

// ConfirmationOf is a model's entry in the quarter that runs.
func (s *Store) ConfirmationOf(ctx context.Context, model int64) (confirmation.Entry, error) {
	q := s.read.WithContext(ctx)
	round, err := roundOf(q, day.QuarterOf(s.Now()))
	if err != nil {
		return confirmation.Entry{}, err
	}
	var row entryRow
	if err := entries(q, round.Quarter).Select(entryColumns()).Where("m.id = ?", model).Take(&row).Error; err != nil {
		return confirmation.Entry{}, found(err, "model")
	}
	return row.entry(round), nil
}

// asked narrows models m to those that a quarter asks for. It is confirmation.Round.Asks as SQL.
func asked(q day.Quarter) (where string, args []any) {
	return "m.stage <> '" + string(registry.Retired) + "' AND m.created_at < ? AND (m.created_at < ? OR m.source <> '{}')", []any{ms(q.End()), ms(q.Start())}
}

// standings are conditions on where a model stands in a quarter. Of the quarter that runs the model itself
// tells, so that figures on every leader's page cost an index and not every answer; of those that are over,
// c does, which latestAnswer joins.
type standings struct {
	joined                                 bool // the conditions need latestAnswer
	confirmed, unconfirmed, disputed, open condition
}

type condition struct {
	sql  string
	args []any
}

func (s *Store) standings(q day.Quarter) standings {
	if q != day.QuarterOf(s.Now()) {
		return standings{true, condition{"c.reply = 'as_it_says'", nil}, condition{"COALESCE(c.reply, '') <> 'as_it_says'", nil},
			condition{"c.reply = 'wrong'", nil}, condition{"c.reply IS NULL", nil}}
	}
	now := []any{string(q)}
	confirmed := "m.confirmed_quarter = ?"
	if s.dialect == sqliteDialect {
		confirmed = "+" + confirmed // most are, after a while: such a list is read in its order, not found by the index and sorted
	}
	return standings{false, condition{confirmed, now}, condition{"m.confirmed_quarter < ?", now},
		condition{"m.disputed_quarter = ?", now}, condition{"m.confirmed_quarter < ? AND m.disputed_quarter < ?", []any{string(q), string(q)}}}
}

// unconfirmed narrows models m to those that nobody confirmed in the quarter that runs, which asks for them.
func unconfirmed(q day.Quarter) (where string, args []any) {
	where, args = asked(q)
	return "m.confirmed_quarter < ? AND " + where, append([]any{string(q)}, args...)
}
