package store

import (
	"context"
	"errors"
	"fmt"

	"sundial/models/audit"
	"sundial/models/intake"
)

// ErrImportStopped says that a job no longer runs: somebody cancelled it, or it is over.
var ErrImportStopped = errors.New("store: the import does not run any more")

// importBatch is how many rows come in with one transaction: few enough that others get their turn
// within a moment, many enough that the commits do not cost more than the rows.
const importBatch = 200

// ImportRun is one import in the hands of whoever holds its lease. Every step is one transaction that
// renews the lease, so that a step of somebody who lost it changes nothing.
type ImportRun struct {
	s       *Store
	ctx     context.Context
	lease   Lease
	job     intake.Job
	places  *places
	slugs   map[string]bool
	results []intake.Result
	changes intake.Changes
	next    int // of results
	gone    int // of changes.Vanished and changes.Unlisted
}

// BeginImport reads a job's file, compares it with what is known and gets ready to go on where the last
// run of it stopped. Faults are what is wrong with the file.
func (s *Store) BeginImport(ctx context.Context, lease Lease, id int64) (*ImportRun, error) {
	job, err := s.Import(ctx, id)
	if err != nil {
		return nil, err
	}
	if job.Progress.State != intake.JobRunning {
		return nil, ErrImportStopped
	}
	actor, err := s.starter(ctx, job)
	if err != nil {
		return nil, err
	}
	r := &ImportRun{s: s, lease: lease, job: job, ctx: WithSource(ctx, Source{Actor: actor, RequestID: lease.Name})}
	if err := r.read(); err != nil {
		return nil, err
	}
	if r.slugs, err = s.takenSlugs(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *ImportRun) read() error {
	raw, err := r.s.Blob(r.ctx, r.job.FileSHA256)
	if err != nil {
		return err
	}
	batch, err := intake.Load(raw, r.job.Format, r.job.Mapping)
	if err != nil {
		return err
	}
	names, err := intake.NamesOf(batch.Records)
	if err != nil {
		return err
	}
	known, err := r.s.Known(r.ctx, r.job.Inventory)
	if err != nil {
		return err
	}
	r.changes = intake.Reconcile(known, batch.Records)
	r.results = batch.Results(r.changes)
	r.next = min(r.job.Progress.RowsDone, len(r.results))
	r.places, err = r.s.ensurePlaces(r.ctx, names)
	return err
}

func (s *Store) takenSlugs(ctx context.Context) (map[string]bool, error) {
	var slugs []string
	if err := s.read.WithContext(ctx).Table("models").Pluck("slug", &slugs).Error; err != nil {
		return nil, fmt.Errorf("taken short names: %w", err)
	}
	taken := make(map[string]bool, len(slugs)+1)
	for _, slug := range slugs {
		taken[slug] = true
	}
	taken["new"] = true // a page of its own
	return taken, nil
}

// Progress is how far the run is.
func (r *ImportRun) Progress() intake.Progress { return r.job.Progress }

// Step brings in the next batch and reports whether that was all. One row that cannot be kept is
// refused by itself: it does not cost the others of its batch.
func (r *ImportRun) Step() (done bool, err error) {
	switch {
	case r.next < len(r.results):
		return false, r.rows(r.results[r.next:min(len(r.results), r.next+importBatch)])
	case r.gone < len(r.changes.Vanished)+len(r.changes.Unlisted):
		return false, r.missing()
	}
	return true, r.finish()
}

func (r *ImportRun) rows(batch []intake.Result) error {
	err := r.apply(batch)
	if duplicate(err) { // somebody registered a model under a short name that we had chosen
		if r.slugs, err = r.s.takenSlugs(r.ctx); err == nil {
			err = r.apply(batch)
		}
	}
	if !unkeepable(err) {
		return err
	}
	for i := range batch {
		err := r.apply(batch[i : i+1])
		if unkeepable(err) {
			err = r.apply([]intake.Result{batch[i].Refuse("The database does not take this row. Look for unusual characters or lengths in it.")})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// apply is one transaction. What it counted and which short names it took counts when it is committed.
func (r *ImportRun) apply(batch []intake.Result) error {
	b := importBatchTx{ImportRun: r, progress: r.job.Progress}
	err := r.s.bookkeep(r.ctx, func(tx *txn) error {
		b.txn = tx
		if err := b.fence(); err != nil {
			return err
		}
		if err := b.keep(batch); err != nil {
			return err
		}
		return b.saveProgress()
	})
	if err != nil {
		for _, slug := range b.taken {
			delete(r.slugs, slug)
		}
		return err
	}
	r.job.Progress = b.progress
	r.next += len(batch)
	return nil
}

func (r *ImportRun) missing() error {
	from, to := r.gone, min(r.gone+importBatch, len(r.changes.Vanished)+len(r.changes.Unlisted))
	b := importBatchTx{ImportRun: r, progress: r.job.Progress}
	b.progress.Vanished = len(r.changes.Vanished)
	err := r.s.bookkeep(r.ctx, func(tx *txn) error {
		b.txn = tx
		if err := b.fence(); err != nil {
			return err
		}
		vanished, unlisted := r.changes.Vanished, r.changes.Unlisted
		if err := b.ask(vanished[min(from, len(vanished)):min(to, len(vanished))]); err != nil {
			return err
		}
		n := len(vanished)
		if err := b.unlist(unlisted[max(0, from-n):max(0, to-n)]); err != nil {
			return err
		}
		return b.saveProgress()
	})
	if err == nil {
		r.gone, r.job.Progress = to, b.progress
	}
	return err
}

func (r *ImportRun) finish() error {
	return r.s.change(r.ctx, func(tx *txn) error {
		b := importBatchTx{ImportRun: r, txn: tx, progress: r.job.Progress}
		if err := b.fence(); err != nil {
			return err
		}
		job, err := tx.changeImport(r.job.ID, 0, func(j *intake.Job) error {
			j.Finish()
			return nil
		})
		r.job = job
		return err
	})
}

// FailImport ends a job whose file cannot be brought in, with a sentence for people.
func (s *Store) FailImport(ctx context.Context, id int64, sentence string) error {
	return s.change(ctx, func(tx *txn) error {
		_, err := tx.changeImport(id, 0, func(j *intake.Job) error {
			if j.Progress.State != intake.JobRunning {
				return ErrImportStopped
			}
			j.Fail(sentence)
			return nil
		})
		return err
	})
}

// importBatchTx is one batch in its transaction.
type importBatchTx struct {
	*ImportRun
	*txn
	progress intake.Progress
	taken    []string // short names
}

// fence lets only the holder of the lease on, and only while the job runs and nobody did these rows.
func (b *importBatchTx) fence() error {
	if err := b.ImportRun.s.renew(b.DB, b.lease); err != nil {
		return err
	}
	row, err := b.lockImport(b.job.ID)
	if err != nil {
		return err
	}
	if row.State != string(intake.JobRunning) {
		return ErrImportStopped
	}
	if int(row.NextRow) != b.job.Progress.RowsDone {
		return ErrLeaseLost
	}
	return nil
}

func (b *importBatchTx) saveProgress() error {
	err := b.Table("imports").Where("id = ?", b.job.ID).Updates(map[string]any{"progress": wrap(b.progress), "next_row": b.progress.RowsDone,
		"updated_at": ms(b.ImportRun.s.Now())}).Error
	if err != nil {
		return fmt.Errorf("save progress: %w", err)
	}
	return nil
}

// ask puts the question to the owners of what vanished. An open question is not asked again.
func (b *importBatchTx) ask(vanished []intake.Known) error {
	if len(vanished) == 0 {
		return nil
	}
	records, err := b.records(identitiesOf(vanished))
	if err != nil {
		return err
	}
	var asked []string
	err = b.Table("questions").Where("inventory = ? AND state = 'open' AND identity IN ?", b.job.Inventory, identitiesOf(vanished)).Pluck("identity", &asked).Error
	if err != nil {
		return fmt.Errorf("open questions: %w", err)
	}
	open := map[string]bool{}
	for _, identity := range asked {
		open[identity] = true
	}
	likely := map[string][]intake.Likeness{}
	for _, l := range b.changes.LikelySame {
		likely[l.Vanished] = append(likely[l.Vanished], l)
	}
	for _, k := range vanished {
		rec, known := records[k.Identity]
		if !known || open[k.Identity] {
			continue
		}
		if err := b.askOne(k, rec, likely[k.Identity]); err != nil {
			return err
		}
	}
	return nil
}

func (b *importBatchTx) askOne(k intake.Known, rec recordRow, likely []intake.Likeness) error {
	m, err := modelByID(b.DB, rec.ModelID)
	if err != nil {
		return err
	}
	row := newQuestionRow(intake.Ask(k), b.job, rec.ModelID, likely, ms(b.ImportRun.s.Now()))
	if err := b.Clauses(onConflictNothing).Create(&row).Error; err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	if err := b.markVanished(rec.Identity, rec.ModelID, true); err != nil {
		return err
	}
	b.Note("model.vanished", m.Subject(), map[string]any{"reported": m.Reported}, map[string]any{"reported": intake.Vanished, "inventory": b.job.Inventory,
		"file_sha256": b.job.FileSHA256, "import": b.job.ID, "question": row.ID})
	return nil
}

func (b *importBatchTx) markVanished(identity string, model int64, flag bool) error {
	err := b.Exec("UPDATE imported_records SET vanished_in = ? WHERE inventory = ? AND identity = ? AND vanished_in IS NULL", b.job.ID, b.job.Inventory, identity).Error
	if err == nil && flag {
		err = b.Exec("UPDATE models SET reported_state = ?, updated_at = ?, revision = revision + 1 WHERE id = ?", string(intake.Vanished), ms(b.ImportRun.s.Now()), model).Error
	}
	if err != nil {
		return fmt.Errorf("mark as vanished: %w", err)
	}
	return nil
}

// unlist remembers what is listed no longer and had not been in operation, or had ended: nobody is asked.
func (b *importBatchTx) unlist(unlisted []intake.Known) error {
	records, err := b.records(identitiesOf(unlisted))
	if err != nil {
		return err
	}
	for _, k := range unlisted {
		rec, known := records[k.Identity]
		if !known || rec.VanishedIn != nil {
			continue
		}
		if err := b.markVanished(rec.Identity, rec.ModelID, false); err != nil {
			return err
		}
		b.Note("model.unlisted", audit.Subject{Kind: "model", ID: rec.ModelID, Label: k.Name(), Model: rec.ModelID}, nil,
			map[string]any{"inventory": b.job.Inventory, "import": b.job.ID})
	}
	return nil
}

// records are what is on record under these identities, locked until the transaction ends.
func (b *importBatchTx) records(identities []string) (map[string]recordRow, error) {
	out := map[string]recordRow{}
	if len(identities) == 0 {
		return out, nil
	}
	var rows []recordRow
	err := b.ImportRun.s.locked(b.DB).Where("inventory = ? AND identity IN ?", b.job.Inventory, identities).Order("identity").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("imported records: %w", err)
	}
	for _, row := range rows {
		out[row.Identity] = row
	}
	return out, nil
}

func identitiesOf(list []intake.Known) []string {
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = k.Identity
	}
	return out
}
