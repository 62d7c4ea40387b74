package store

import (
	"context"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/org"
)

type importRow struct {
	ID         int64
	FileName   string
	FileSHA256 string `gorm:"column:file_sha256"`
	Encoding   string
	Delimiter  string
	Mapping    asJSON[intake.Mapping]
	Inventory  string
	State      string
	Preview    asJSON[intake.Preview]
	Progress   asJSON[intake.Progress]
	NextRow    int64
	StartedBy  *int64
	Revision   int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	UpdatedAt  int64 `gorm:"autoUpdateTime:false"`
}

func (importRow) TableName() string { return "imports" }

func (r importRow) job(size int64) intake.Job {
	return intake.Job{ID: r.ID, FileName: r.FileName, FileSHA256: r.FileSHA256, FileBytes: size,
		Format:  intake.Format{Encoding: intake.Encoding(r.Encoding), Delimiter: intake.Delimiter(r.Delimiter)},
		Mapping: r.Mapping.V, Inventory: r.Inventory, Preview: r.Preview.V, Progress: r.Progress.V, StartedBy: deref(r.StartedBy),
		Revision: r.Revision, CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt)}
}

func importValues(j *intake.Job) map[string]any {
	return map[string]any{"encoding": string(j.Format.Encoding), "delimiter": string(j.Format.Delimiter), "mapping": wrap(j.Mapping),
		"inventory": j.Inventory, "state": string(j.Progress.State), "preview": wrap(j.Preview), "progress": wrap(j.Progress)}
}

// AddImport keeps a file and begins a job for it. What the file is, intake.Detect has said before.
func (s *Store) AddImport(ctx context.Context, fileName string, raw []byte, f intake.Format) (intake.Job, error) {
	var job intake.Job
	err := s.change(ctx, func(tx *txn) error {
		digest, err := tx.keepBlob(raw)
		if err != nil {
			return err
		}
		j := intake.NewJob(fileName, digest, int64(len(raw)), f, tx.src.Actor.ID)
		now := s.Now()
		row := importRow{FileName: fileName, FileSHA256: digest, Encoding: string(f.Encoding), Delimiter: string(f.Delimiter),
			State: string(j.Progress.State), Progress: wrap(j.Progress), StartedBy: ref(j.StartedBy), Revision: 1, CreatedAt: ms(now), UpdatedAt: ms(now)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("add import: %w", err)
		}
		j.Fill("import", row.ID)
		tx.take(&j.Trail)
		job = row.job(int64(len(raw)))
		return nil
	})
	return job, err
}

// Import finds a job by its id.
func (s *Store) Import(ctx context.Context, id int64) (intake.Job, error) {
	var row struct {
		R    importRow `gorm:"embedded"`
		Size int64
	}
	err := s.read.WithContext(ctx).Table("imports i").Joins("JOIN blobs b ON b.sha256 = i.file_sha256").
		Select("i.*, b.size").Where("i.id = ?", id).Take(&row).Error
	return row.R.job(row.Size), found(err, "import")
}

// ChangeImport runs a rule on a job; revision is that of the form it came from, 0 for whatever is there.
func (s *Store) ChangeImport(ctx context.Context, id, revision int64, fn func(*intake.Job) error) (intake.Job, error) {
	var job intake.Job
	err := s.change(ctx, func(tx *txn) error {
		var err error
		job, err = tx.changeImport(id, revision, fn)
		return err
	})
	return job, err
}

func (tx *txn) changeImport(id, revision int64, fn func(*intake.Job) error) (intake.Job, error) {
	row, err := tx.lockImport(id)
	if err != nil {
		return intake.Job{}, err
	}
	if revision != 0 && row.Revision != revision {
		return intake.Job{}, stale()
	}
	j := row.job(0)
	if err := fn(&j); err != nil {
		return j, err
	}
	values := importValues(&j)
	values["updated_at"] = ms(tx.s.Now())
	if err := tx.swap("imports", id, row.Revision, values); err != nil {
		if duplicate(err) {
			return j, fault.New(fault.Conflict, "Another import of this inventory is running. Wait until it is done.")
		}
		return j, err
	}
	j.Revision++
	tx.take(&j.Trail)
	return j, nil
}

func (tx *txn) lockImport(id int64) (importRow, error) {
	var row importRow
	err := tx.s.locked(tx.DB).Where("id = ?", id).Take(&row).Error
	return row, found(err, "import")
}

// MapImport says what a job's columns mean, tries it out without changing anything, and keeps both the
// mapping under its name and what the trial found.
func (s *Store) MapImport(ctx context.Context, id, revision int64, m intake.Mapping, inventory string) (intake.Job, error) {
	job, err := s.Import(ctx, id)
	if err != nil {
		return job, err
	}
	raw, err := s.Blob(ctx, job.FileSHA256)
	if err != nil {
		return job, err
	}
	columns, _, err := intake.Sample(raw, job.Format, 1)
	if err != nil {
		return job, err
	}
	trial := job
	if err := trial.SetMapping(m, inventory, columns); err != nil {
		return job, err
	}
	preview, err := s.Rehearse(ctx, raw, job.Format, m, trial.Inventory)
	if err != nil {
		return job, err
	}
	err = s.change(ctx, func(tx *txn) error {
		name, err := tx.inventoryAs(trial.Inventory)
		if err != nil {
			return err
		}
		job, err = tx.changeImport(id, revision, func(j *intake.Job) error {
			if err := j.SetMapping(m, name, columns); err != nil {
				return err
			}
			j.SetPreview(preview)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.keepMapping(m, name)
	})
	return job, err
}

// Rehearse is a dry run: what importing a file would do now. Nothing is written.
func (s *Store) Rehearse(ctx context.Context, raw []byte, f intake.Format, m intake.Mapping, inventory string) (intake.Preview, error) {
	batch, err := intake.Load(raw, f, m)
	if err != nil {
		return intake.Preview{}, err
	}
	names, err := intake.NamesOf(batch.Records)
	if err != nil {
		return intake.Preview{}, err
	}
	known, err := s.Known(ctx, inventory)
	if err != nil {
		return intake.Preview{}, err
	}
	p := intake.Summarise(batch, intake.Reconcile(known, batch.Records), len(known), s.Now())
	p.NewPlaces, err = s.newPlaces(ctx, names)
	return p, err
}

// StartImport lets a job run: whoever claims its work first does it.
func (s *Store) StartImport(ctx context.Context, id, revision int64) (intake.Job, error) {
	var job intake.Job
	err := s.change(ctx, func(tx *txn) error {
		var err error
		if job, err = tx.changeImport(id, revision, (*intake.Job).Start); err != nil {
			return err
		}
		return tx.enqueue(ImportWork(id))
	})
	return job, err
}

// ImportWork is the name of the work that an import is.
func ImportWork(id int64) string { return ImportPrefix + strconv.FormatInt(id, 10) }

// ImportPrefix begins the name of every ImportWork.
const ImportPrefix = "import:"

// ImportRow is one job in the list.
type ImportRow struct {
	Job intake.Job
	By  string // "" when a command did it
}

// Imports is one page of the jobs, newest first.
func (s *Store) Imports(ctx context.Context, after string, limit int) (Page[ImportRow], error) {
	type listed struct {
		R      importRow `gorm:"embedded"`
		ByName string
	}
	q := s.read.WithContext(ctx).Table("imports i").Joins("LEFT JOIN people p ON p.id = i.started_by").
		Select("i.id, i.file_name, i.inventory, i.state, i.progress, i.revision, i.created_at, i.updated_at, COALESCE(p.name, '') AS by_name")
	q, back, err := keyset(q, "i.created_at", "i.id", true, after)
	if err != nil {
		return Page[ImportRow]{}, err
	}
	var rows []listed
	if err := q.Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[ImportRow]{}, fmt.Errorf("imports: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r listed) (any, int64) { return r.R.CreatedAt, r.R.ID },
		func(r listed) ImportRow { return ImportRow{Job: r.R.job(0), By: r.ByName} }), nil
}

// keyset orders a list by a number and an id and moves it to where a cursor points.
func keyset(q *gorm.DB, column, id string, desc bool, after string) (moved *gorm.DB, back bool, err error) {
	if after != "" {
		var key, n int64
		if key, n, back, err = decodeCursor[int64](after); err != nil {
			return nil, false, err
		}
		cmp := ">"
		if desc != back {
			cmp = "<"
		}
		q = q.Where("("+column+", "+id+") "+cmp+" (?, ?)", key, n)
	}
	dir := "ASC"
	if desc != back {
		dir = "DESC"
	}
	return q.Order(column + " " + dir + ", " + id + " " + dir), back, nil
}

// starter is who an import acts for: the person who uploaded the file, or Sundial for a command's.
func (s *Store) starter(ctx context.Context, job intake.Job) (org.Actor, error) {
	if job.StartedBy == 0 {
		return org.System, nil
	}
	p, err := s.Person(ctx, job.StartedBy)
	return org.Actor{Person: p, Via: "import"}, err
}
