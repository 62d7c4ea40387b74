package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/org"
	"sundial/models/registry"
)

type questionRow struct {
	ID         int64
	ImportID   int64
	Inventory  string
	Identity   string
	ModelID    int64
	Suggestion asJSON[[]intake.Likeness]
	State      string
	Answer     string
	Detail     asJSON[questionDetail]
	AnsweredBy *int64
	AnsweredAt int64
	Revision   int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (questionRow) TableName() string { return "questions" }

// questionDetail is what was asked about, in the words of the inventory, and what was answered.
type questionDetail struct {
	Name       string  `json:"name"`
	Department string  `json:"department,omitempty"`
	Team       string  `json:"team,omitempty"`
	Into       string  `json:"into,omitempty"`
	On         day.Day `json:"on,omitempty"`
	Text       string  `json:"text,omitempty"`
}

func newQuestionRow(q intake.Question, j intake.Job, model int64, likely []intake.Likeness, now int64) questionRow {
	return questionRow{ImportID: j.ID, Inventory: j.Inventory, Identity: q.Identity, ModelID: model, Suggestion: wrap(likely),
		State: string(q.State), Detail: wrap(questionDetail{Name: q.Name, Department: q.Department, Team: q.Team}), Revision: 1, CreatedAt: now}
}

func (r questionRow) question() intake.Question {
	d := r.Detail.V
	return intake.Question{Identity: r.Identity, Name: d.Name, Department: d.Department, Team: d.Team, State: intake.QuestionState(r.State),
		Reply: intake.Reply{Answer: intake.Answer(r.Answer), Into: d.Into, On: d.On, Detail: d.Text}}
}

// QuestionView is a question with what its page and its place in a list show.
type QuestionView struct {
	ID         int64
	Question   intake.Question
	Inventory  string
	ImportID   int64
	FileName   string
	AskedAt    time.Time
	Model      registry.Model
	Team       string // of the model, by its name here
	Owner      string
	AnsweredBy string
	AnsweredAt time.Time
	Revision   int64
	Likely     []Listed
	Into       Listed // renamed, merged: what it is now
}

// Listed is a system that an inventory lists now.
type Listed struct {
	Identity, Name, Slug string
	Team                 string
	Why                  string // why it may be the one that vanished
}

type questionListRow struct {
	Q        questionRow `gorm:"embedded"`
	FileName string
	M        modelRow `gorm:"embedded;embeddedPrefix:m_"`
	Team     string
	Owner    string
	ByName   string
}

const questionColumns = `q.*, i.file_name, m.id AS m_id, m.slug AS m_slug, m.name AS m_name, m.team_id AS m_team_id, m.owner_id AS m_owner_id,
	m.deputy_id AS m_deputy_id, m.stage AS m_stage, m.reported_state AS m_reported_state, m.tier AS m_tier, m.kind AS m_kind,
	COALESCE(t.name, '') AS team, COALESCE(p.name, '') AS owner, COALESCE(a.name, '') AS by_name`

func questionJoins(q *gorm.DB) *gorm.DB {
	return q.Table("questions q").Joins("JOIN imports i ON i.id = q.import_id").Joins("JOIN models m ON m.id = q.model_id").
		Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").Joins("LEFT JOIN people a ON a.id = q.answered_by").
		Select(questionColumns)
}

func (r questionListRow) view() QuestionView {
	return QuestionView{ID: r.Q.ID, Question: r.Q.question(), Inventory: r.Q.Inventory, ImportID: r.Q.ImportID, FileName: r.FileName,
		AskedAt: at(r.Q.CreatedAt), Model: r.M.model(), Team: r.Team, Owner: r.Owner, AnsweredBy: r.ByName, AnsweredAt: at(r.Q.AnsweredAt), Revision: r.Q.Revision}
}

// QuestionFilter narrows the questions. Zero fields do not narrow.
type QuestionFilter struct {
	State     intake.QuestionState
	Inventory string
	Import    int64     // asked by this import
	Mine      org.Actor // that this person may answer
}

// Questions is one page of the questions about vanished systems, the oldest first.
func (s *Store) Questions(ctx context.Context, f QuestionFilter, after string, limit int) (Page[QuestionView], error) {
	q, back, err := keyset(f.narrow(questionJoins(s.read.WithContext(ctx))), "q.id", "q.id", false, after)
	if err != nil {
		return Page[QuestionView]{}, err
	}
	var rows []questionListRow
	if err := q.Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[QuestionView]{}, fmt.Errorf("questions: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r questionListRow) (any, int64) { return r.Q.ID, r.Q.ID }, questionListRow.view), nil
}

// CountQuestions counts the filtered list up to CountLimit; more is true when there are more.
func (s *Store) CountQuestions(ctx context.Context, f QuestionFilter) (n int, more bool, err error) {
	db := s.read.WithContext(ctx)
	var count int64
	err = db.Table("(?) AS bounded", f.narrow(db.Table("questions q").Joins("JOIN models m ON m.id = q.model_id").Select("q.id")).Limit(CountLimit+1)).Count(&count).Error
	if err != nil {
		return 0, false, fmt.Errorf("count questions: %w", err)
	}
	return min(int(count), CountLimit), count > CountLimit, nil
}

func (f QuestionFilter) narrow(q *gorm.DB) *gorm.DB {
	if f.State != "" {
		q = q.Where("q.state = ?", string(f.State))
	}
	if f.Inventory != "" {
		q = q.Where("q.inventory = ?", f.Inventory)
	}
	if f.Import != 0 {
		q = q.Where("q.import_id = ?", f.Import)
	}
	if a := f.Mine; a.ID != 0 && !a.Has(org.Admin) {
		teams := []int64{0}
		if a.Has(org.Contributor) {
			teams = append(teams, a.TeamIDs...)
		}
		q = q.Where("(m.owner_id = ? OR m.deputy_id = ? OR m.team_id IN ?)", a.ID, a.ID, teams)
	}
	return q
}

// Question finds a question by its id, with what may be the same system under another name.
func (s *Store) Question(ctx context.Context, id int64) (QuestionView, error) {
	db := s.read.WithContext(ctx)
	var row questionListRow
	if err := questionJoins(db).Where("q.id = ?", id).Take(&row).Error; err != nil {
		return QuestionView{}, found(err, "question")
	}
	v := row.view()
	identities := []string{v.Question.Into}
	why := map[string]string{}
	for _, l := range row.Q.Suggestion.V {
		identities = append(identities, l.Listed)
		why[l.Listed] = l.Why
	}
	var list []Listed
	err := listedJoins(db, row.Q.Inventory).Where("r.identity IN ?", identities).Scan(&list).Error
	if err != nil {
		return v, fmt.Errorf("likely systems: %w", err)
	}
	for _, l := range list {
		if l.Identity == v.Question.Into {
			v.Into = l
		}
		if l.Why = why[l.Identity]; l.Why != "" {
			v.Likely = append(v.Likely, l)
		}
	}
	return v, nil
}

func listedJoins(q *gorm.DB, inventory string) *gorm.DB {
	return q.Table("imported_records r").Joins("JOIN models m ON m.id = r.model_id").Joins("LEFT JOIN teams t ON t.id = m.team_id").
		Select("r.identity, m.name, m.slug, COALESCE(t.name, '') AS team").Where("r.inventory = ? AND r.vanished_in IS NULL", inventory)
}

// ListedSystems are systems that an inventory lists now and whose name or purpose holds these words.
func (s *Store) ListedSystems(ctx context.Context, inventory, words string, limit int) ([]Listed, error) {
	var list []Listed
	err := s.search(listedJoins(s.read.WithContext(ctx), inventory), words).Order("m.name, m.id").Limit(limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("listed systems: %w", err)
	}
	return list, nil
}

// AnswerQuestion takes somebody's reply and does what follows from it: the model ends, becomes one with
// its new entry, or stays. Faults are those of intake.Question.Respond, Forbidden, Stale, and Conflict
// while an import of the inventory runs.
func (s *Store) AnswerQuestion(ctx context.Context, id, revision int64, reply intake.Reply) error {
	return s.change(ctx, func(tx *txn) error {
		// The model first, as imports do: who locks in another order waits for them and they for him.
		if err := tx.lockModelOf("questions", id, "question"); err != nil {
			return err
		}
		var row questionRow
		if err := s.locked(tx.DB).Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "question")
		}
		var mrow modelRow
		if err := s.locked(tx.DB).Where("id = ?", row.ModelID).Take(&mrow).Error; err != nil {
			return found(err, "model")
		}
		m := mrow.model()
		if may := intake.MayAnswer(tx.src.Actor, m); !may.Allowed {
			return fault.New(fault.Forbidden, may.Reason)
		}
		if revision != 0 && row.Revision != revision {
			return stale()
		}
		if err := tx.noImportOf(row.Inventory); err != nil {
			return err
		}
		q := row.question()
		into, err := tx.listedRecord(row.Inventory, reply.Into)
		if err != nil {
			return err
		}
		if err := q.Respond(reply, day.Of(s.Now()), func(string) bool { return into.Identity != "" }); err != nil {
			return err
		}
		if err := tx.follow(&m, row, q, into); err != nil {
			return err
		}
		return tx.saveAnswer(row, q)
	})
}

func (tx *txn) noImportOf(inventory string) error {
	var n int64
	if err := tx.Table("imports").Where("inventory = ? AND state = 'running'", inventory).Count(&n).Error; err != nil {
		return fmt.Errorf("running imports: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "An import of this inventory is running and may list the system again. Answer when it is done.")
	}
	return nil
}

// listedRecord is the record of an identity that is listed now, zero when it is not.
func (tx *txn) listedRecord(inventory, identity string) (recordRow, error) {
	var row recordRow
	err := tx.s.locked(tx.DB).Where("inventory = ? AND identity = ? AND vanished_in IS NULL", inventory, identity).Limit(1).Find(&row).Error
	if err != nil {
		return row, fmt.Errorf("listed record: %w", err)
	}
	return row, nil
}

func (tx *txn) saveAnswer(row questionRow, q intake.Question) error {
	d := questionDetail{Name: q.Name, Department: q.Department, Team: q.Team, Into: q.Into, On: q.On, Text: q.Detail}
	err := tx.swap("questions", row.ID, row.Revision, map[string]any{"state": string(q.State), "answer": string(q.Answer), "detail": wrap(d),
		"answered_by": ref(tx.src.Actor.ID), "answered_at": ms(tx.s.Now())})
	if err != nil {
		return err
	}
	after := map[string]any{"answer": q.Answer, "inventory": row.Inventory}
	for key, value := range map[string]string{"into": q.Into, "on": string(q.On), "detail": q.Detail} {
		if value != "" {
			after[key] = value
		}
	}
	tx.Note("question.answered", audit.Subject{Kind: "question", ID: row.ID, Label: q.Name, Model: row.ModelID}, map[string]any{"state": row.State}, after)
	return nil
}

// ListedBySlug is the system that an inventory lists now as this model, a NotFound fault without one.
func (s *Store) ListedBySlug(ctx context.Context, inventory, slug string) (Listed, error) {
	var list []Listed
	err := listedJoins(s.read.WithContext(ctx), inventory).Where("m.slug = ?", slug).Order("r.identity").Limit(1).Scan(&list).Error
	if err != nil {
		return Listed{}, fmt.Errorf("listed system: %w", err)
	}
	if len(list) == 0 {
		return Listed{}, fault.New(fault.NotFound, "There is no such system.")
	}
	return list[0], nil
}
