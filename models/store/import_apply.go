package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm/clause"
	"modernc.org/sqlite"

	"sundial/models/audit"
	"sundial/models/intake"
	"sundial/models/registry"
)

// keep brings a batch in: new models, changed models, the records they came from, and what became of
// each row.
func (b *importBatchTx) keep(batch []intake.Result) error {
	identities := make([]string, 0, len(batch))
	for _, x := range batch {
		if x.Outcome != intake.OutcomeRefused {
			identities = append(identities, x.Record.Identity)
		}
	}
	known, err := b.records(identities)
	if err != nil {
		return err
	}
	k := &keeping{importBatchTx: b, known: known, rows: make([]importedRow, len(batch)), at: map[string]int{}}
	for i, x := range batch {
		k.rows[i] = importedRow{ImportID: b.job.ID, RowNo: int64(x.Row), Identity: x.Record.Identity, Name: x.Record.Name,
			Outcome: string(x.Outcome), Changes: wrap([]intake.FieldResult{}), Problems: wrap(append([]intake.RowProblem{}, x.Problems...))}
		if x.Outcome != intake.OutcomeRefused {
			k.at[x.Record.Identity] = i
		}
	}
	for _, step := range []func([]intake.Result) error{k.add, k.update, k.relist, k.write} {
		if err := step(batch); err != nil {
			return err
		}
	}
	k.count()
	return nil
}

// keeping is a batch being kept, with the rows of its report.
type keeping struct {
	*importBatchTx
	known   map[string]recordRow
	rows    []importedRow
	at      map[string]int // of rows, by identity
	records []recordRow
}

func (k *keeping) source(r intake.Record) registry.Source {
	return registry.Source{FileSHA256: k.job.FileSHA256, FileName: k.job.FileName, Row: r.Row, Identity: r.Identity}
}

func (k *keeping) record(r intake.Record, model int64) {
	k.records = append(k.records, recordRow{Inventory: k.job.Inventory, Identity: r.Identity, ModelID: model, Digest: r.Digest,
		Record: wrap(r.Fields()), ImportID: k.job.ID, RowNo: int64(r.Row)})
	k.rows[k.at[r.Identity]].ModelID = ref(model)
}

// add makes the models of new records, all with one statement.
func (k *keeping) add(batch []intake.Result) error {
	now := k.ImportRun.s.Now()
	var models []*registry.Model
	var rows []modelRow
	records := map[string]intake.Record{}
	for _, x := range batch {
		if x.Outcome != intake.OutcomeAdded {
			continue
		}
		slug := k.slug(x.Record)
		m := intake.NewModel(x.Record, slug, k.places.ofRecord(x.Record), k.source(x.Record), now)
		models, rows = append(models, m), append(rows, newModelRow(m))
		records[slug] = x.Record
	}
	if len(rows) == 0 {
		return nil
	}
	// The short name comes back with the id: the order in which a database returns rows is its own.
	if err := k.Clauses(clause.Returning{Columns: []clause.Column{{Name: "id"}, {Name: "slug"}}}).Create(&rows).Error; err != nil {
		return fmt.Errorf("add models: %w", err)
	}
	ids := make(map[string]int64, len(rows))
	for _, row := range rows {
		ids[row.Slug] = row.ID
	}
	var ended []versionRow
	for _, m := range models {
		m.ID = ids[m.Slug]
		m.Fill("model", m.ID)
		m.FillModel(m.ID)
		k.take(&m.Trail)
		k.record(records[m.Slug], m.ID)
		if v := intake.ClosedVersion(records[m.Slug]); v != nil {
			ended = append(ended, k.closed(v, m.ID))
		}
	}
	if len(ended) == 0 {
		return nil
	}
	if err := k.Create(&ended).Error; err != nil {
		return fmt.Errorf("add ended versions: %w", err)
	}
	return nil
}

func (k *keeping) closed(v *registry.Version, model int64) versionRow {
	now := k.ImportRun.s.Now()
	v.ModelID, v.CreatedAt, v.UpdatedAt, v.StageSince = model, now, now, now
	return newVersionRow(v, "import")
}

// slug is a free short name; it is taken from here on, until the transaction fails.
func (k *keeping) slug(r intake.Record) string {
	wish := r.Slug
	if len(wish) < 2 {
		wish = "system-" + wish
	}
	slug := intake.UniqueSlug(wish, func(s string) bool { return k.slugs[s] })
	k.slugs[slug] = true
	k.taken = append(k.taken, slug)
	return slug
}

// update brings known models up to their changed records.
func (k *keeping) update(batch []intake.Result) error {
	var ids []int64
	for _, x := range batch {
		if x.Outcome == intake.OutcomeChanged || x.Outcome == intake.OutcomeFacts {
			ids = append(ids, k.known[x.Record.Identity].ModelID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	models, err := k.lockModels(ids)
	if err != nil {
		return err
	}
	for _, x := range batch {
		if x.Outcome != intake.OutcomeChanged && x.Outcome != intake.OutcomeFacts {
			continue
		}
		known, is := k.known[x.Record.Identity]
		if !is {
			return fmt.Errorf("store: the record %q is not there any more", x.Record.Identity)
		}
		if err := k.updateOne(x, models[known.ModelID]); err != nil {
			return err
		}
	}
	return nil
}

// lockedModel is a model with what an update has to know of it.
type lockedModel struct {
	registry.Model
	owner    string
	versions int
	live     int
}

func (k *keeping) lockModels(ids []int64) (map[int64]*lockedModel, error) {
	var rows []modelRow
	if err := k.ImportRun.s.locked(k.DB).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	out := make(map[int64]*lockedModel, len(rows))
	owners := make([]int64, 0, len(rows))
	for _, row := range rows {
		out[row.ID] = &lockedModel{Model: row.model()}
		owners = append(owners, deref(row.OwnerID))
	}
	people, err := peopleByID(k.DB, owners)
	if err != nil {
		return nil, err
	}
	var versions []struct {
		ModelID int64
		Stage   string
	}
	if err := k.Table("versions").Select("model_id, stage").Where("model_id IN ?", ids).Scan(&versions).Error; err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	for _, v := range versions {
		out[v.ModelID].versions++
		if v.Stage != string(registry.Retired) {
			out[v.ModelID].live++
		}
	}
	for _, m := range out {
		m.owner = people[m.OwnerID].Name
	}
	return out, nil
}

func (k *keeping) updateOne(x intake.Result, m *lockedModel) error {
	if m == nil {
		return fmt.Errorf("store: the model of %q is not there any more", x.Record.Identity)
	}
	kind := m.Kind
	here := intake.Here{Team: k.places.names[m.TeamID], Owner: m.owner, HasVersions: m.versions > 0}
	results := intake.Update(&m.Model, x.Change, k.places.ofKnown(x.Change.Before), k.places.ofRecord(x.Record), here, k.source(x.Record))
	row := &k.rows[k.at[x.Record.Identity]]
	row.Changes = wrap(results)
	row.Kept = slices.ContainsFunc(results, func(f intake.FieldResult) bool { return f.Kept != "" })
	k.record(x.Record, m.ID)
	if x.Outcome == intake.OutcomeFacts { // nothing of the model itself: a form that is open stays good
		k.take(&m.Trail)
		return nil
	}
	if err := k.saveModel(&m.Model); err != nil {
		return err
	}
	if m.Kind != kind {
		if err := k.Table("models").Where("id = ?", m.ID).Update("kind", string(m.Kind)).Error; err != nil {
			return fmt.Errorf("save kind: %w", err)
		}
	}
	return k.end(x, m, row)
}

// end gives a model that is reported retired by now its closed version, if nobody has worked on it here.
// What is live here is ended here: the row says so.
func (k *keeping) end(x intake.Result, m *lockedModel, row *importedRow) error {
	v := intake.ClosedVersion(x.Record)
	switch {
	case v == nil || m.versions > 0 && m.live == 0:
		return nil
	case m.live > 0:
		row.Problems.V = append(row.Problems.V, intake.RowProblem{Row: x.Row, Line: x.Line, Rule: intake.RuleRetiredButLive, Severity: intake.Warns,
			Sentence: "It is reported retired, but has versions here that are not. Close or retire them."})
		return nil
	}
	ended := k.closed(v, m.ID)
	if err := k.Create(&ended).Error; err != nil {
		return fmt.Errorf("add ended version: %w", err)
	}
	return k.touchModel(m.ID)
}

// relist settles the questions about systems that are listed again.
func (k *keeping) relist(batch []intake.Result) error {
	for _, x := range batch {
		rec, known := k.known[x.Record.Identity]
		if x.Outcome == intake.OutcomeRefused || !known || rec.VanishedIn == nil {
			continue
		}
		if err := k.relistOne(x, rec); err != nil {
			return err
		}
	}
	return nil
}

func (k *keeping) relistOne(x intake.Result, rec recordRow) error {
	err := k.Exec("UPDATE imported_records SET vanished_in = NULL WHERE inventory = ? AND identity = ?", rec.Inventory, rec.Identity).Error
	if err != nil {
		return fmt.Errorf("list again: %w", err)
	}
	res := k.Exec("UPDATE models SET reported_state = ?, updated_at = ?, revision = revision + 1 WHERE id = ? AND reported_state = ?",
		string(x.Record.Reported), ms(k.ImportRun.s.Now()), rec.ModelID, string(intake.Vanished))
	if res.Error != nil {
		return fmt.Errorf("list again: %w", res.Error)
	}
	row := &k.rows[k.at[rec.Identity]]
	row.ModelID = ref(rec.ModelID)
	k.Note("model.relisted", audit.Subject{Kind: "model", ID: rec.ModelID, Label: x.Record.Name, Model: rec.ModelID}, nil,
		map[string]any{"inventory": rec.Inventory, "import": k.job.ID, "reported": x.Record.Reported})
	return k.settle(x, rec, row)
}

func (k *keeping) settle(x intake.Result, rec recordRow, row *importedRow) error {
	var list []questionRow
	if err := k.ImportRun.s.locked(k.DB).Where("inventory = ? AND identity = ?", rec.Inventory, rec.Identity).Order("id").Find(&list).Error; err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	for _, r := range list {
		q := r.question()
		if q.State == intake.QuestionAnswered && q.Answer != intake.AnsweredMistake {
			row.Problems.V = append(row.Problems.V, intake.RowProblem{Row: x.Row, Line: x.Line, Rule: intake.RuleListedAgain, Severity: intake.Warns,
				Sentence: "It had vanished, and the answer was: " + strings.ToLower(q.Answer.Title()) + ". Now it is listed again."})
		}
		if !q.Settle() {
			continue
		}
		if err := k.swap("questions", r.ID, r.Revision, map[string]any{"state": string(q.State)}); err != nil {
			return err
		}
		k.Note("question.settled", audit.Subject{Kind: "question", ID: r.ID, Label: q.Name, Model: rec.ModelID}, map[string]any{"state": r.State},
			map[string]any{"state": q.State, "import": k.job.ID})
	}
	return nil
}

// write keeps the records of this batch for the next comparison, and its report.
func (k *keeping) write(batch []intake.Result) error {
	for i, x := range batch {
		if x.Outcome == intake.OutcomeUnchanged {
			k.rows[i].ModelID = ref(k.known[x.Record.Identity].ModelID)
		}
		k.rows[i].Warned = x.Outcome != intake.OutcomeRefused && len(k.rows[i].Problems.V) > 0
	}
	if len(k.records) > 0 {
		err := k.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "inventory"}, {Name: "identity"}},
			DoUpdates: clause.AssignmentColumns([]string{"digest", "record", "import_id", "row_no"})}).Create(&k.records).Error
		if err != nil {
			return fmt.Errorf("keep records: %w", err)
		}
	}
	if err := k.Create(&k.rows).Error; err != nil {
		return fmt.Errorf("keep rows: %w", err)
	}
	return nil
}

func (k *keeping) count() {
	p := &k.progress
	for _, row := range k.rows {
		p.RowsDone++
		switch intake.Outcome(row.Outcome) {
		case intake.OutcomeAdded:
			p.Added++
		case intake.OutcomeChanged:
			p.Changed++
		case intake.OutcomeFacts:
			p.Changed++
			p.OnlyFacts++
		case intake.OutcomeUnchanged:
			p.Unchanged++
		case intake.OutcomeRefused:
			p.Refused++
		}
		if row.Warned {
			p.Warned++
		}
		if row.Kept {
			p.Kept++
		}
	}
}

// unkeepable reports whether an error is about the data and not about the database: the same would
// happen again, and only to the row that holds it.
func unkeepable(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		primary := lite.Code() & 0xFF
		return primary == 18 || primary == 19 || primary == 20 // too big, constraint, mismatch
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "54"))
}
