package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/intake"
)

type importedRow struct {
	ImportID int64 `gorm:"primaryKey;autoIncrement:false"`
	RowNo    int64 `gorm:"primaryKey;autoIncrement:false"`
	Identity string
	Name     string
	Outcome  string
	ModelID  *int64
	Changes  asJSON[[]intake.FieldResult]
	Problems asJSON[[]intake.RowProblem]
	Kept     bool
	Warned   bool
}

func (importedRow) TableName() string { return "import_rows" }

// ImportedRow is what became of one row of a file.
type ImportedRow struct {
	Row         int64
	Name        string
	Identity    string
	Outcome     intake.Outcome
	Model, Slug string // the model it became, by its name of today
	Changes     []intake.FieldResult
	Problems    []intake.RowProblem
	Kept        bool
}

// ImportedFilter narrows the rows of an import. Zero fields do not narrow.
type ImportedFilter struct {
	Outcome intake.Outcome
	Kept    bool // a person's value stayed
	Warned  bool // came in with a warning
}

// ImportedRows is one page of the rows of an import, in the file's order.
func (s *Store) ImportedRows(ctx context.Context, id int64, f ImportedFilter, after string, limit int) (Page[ImportedRow], error) {
	type listed struct {
		R           importedRow `gorm:"embedded"`
		Model, Slug string
	}
	q := s.read.WithContext(ctx).Table("import_rows r").Joins("LEFT JOIN models m ON m.id = r.model_id").
		Select("r.*, COALESCE(m.name, '') AS model, COALESCE(m.slug, '') AS slug").Where("r.import_id = ?", id)
	q, back, err := keyset(f.narrow(q), "r.row_no", "r.import_id", false, after)
	if err != nil {
		return Page[ImportedRow]{}, err
	}
	var rows []listed
	if err := q.Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[ImportedRow]{}, fmt.Errorf("imported rows: %w", err)
	}
	return keysetPage(rows, limit, back, after != "", func(r listed) (any, int64) { return r.R.RowNo, id }, func(r listed) ImportedRow {
		return ImportedRow{Row: r.R.RowNo, Name: r.R.Name, Identity: r.R.Identity, Outcome: intake.Outcome(r.R.Outcome), Model: r.Model, Slug: r.Slug,
			Changes: r.R.Changes.V, Problems: r.R.Problems.V, Kept: r.R.Kept}
	}), nil
}

// ImportedRow is one row of an import, with the record it left as it stands now; a refused row left none.
func (s *Store) ImportedRow(ctx context.Context, id, row int64) (ImportedRow, []ImportedRecord, error) {
	db := s.read.WithContext(ctx)
	var r importedRow
	if err := db.Where("import_id = ? AND row_no = ?", id, row).Take(&r).Error; err != nil {
		return ImportedRow{}, nil, found(err, "row")
	}
	out := ImportedRow{Row: r.RowNo, Name: r.Name, Identity: r.Identity, Outcome: intake.Outcome(r.Outcome), Changes: r.Changes.V, Problems: r.Problems.V, Kept: r.Kept}
	if r.ModelID == nil {
		return out, nil, nil
	}
	m, err := modelByID(db, *r.ModelID)
	if err != nil {
		return out, nil, err
	}
	out.Model, out.Slug = m.Name, m.Slug
	records, err := s.ImportedRecords(ctx, m.ID)
	return out, records, err
}

func (f ImportedFilter) narrow(q *gorm.DB) *gorm.DB {
	if f.Outcome != "" {
		q = q.Where("r.outcome = ?", string(f.Outcome))
	}
	if f.Kept {
		q = q.Where("r.kept")
	}
	if f.Warned {
		q = q.Where("r.warned")
	}
	return q
}

// EachImportedRow calls fn for every row of the filtered list, in pages; for exports.
func (s *Store) EachImportedRow(ctx context.Context, id int64, f ImportedFilter, fn func(ImportedRow) error) error {
	after := ""
	for {
		page, err := s.ImportedRows(ctx, id, f, after, 500)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := fn(r); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// recordRow is a record of an inventory as the last import that listed it left it.
type recordRow struct {
	Inventory  string `gorm:"primaryKey"`
	Identity   string `gorm:"primaryKey"`
	ModelID    int64
	Digest     string
	Record     asJSON[map[string]string]
	ImportID   int64
	RowNo      int64
	VanishedIn *int64
}

func (recordRow) TableName() string { return "imported_records" }

func (r recordRow) known(ended bool) intake.Known {
	return intake.Known{Identity: r.Identity, Digest: r.Digest, Reported: intake.Reported(r.Record.V[string(intake.FieldStage)]),
		RetirementOnRecord: ended, Fields: r.Record.V}
}

// Known is everything an inventory has listed so far, as it was listed last.
func (s *Store) Known(ctx context.Context, inventory string) ([]intake.Known, error) {
	var rows []struct {
		R     recordRow `gorm:"embedded"`
		Ended bool
	}
	err := s.read.WithContext(ctx).Raw(`SELECT r.identity, r.digest, r.record, (m.stage = 'retired' OR EXISTS (SELECT 1 FROM questions q
		WHERE q.inventory = r.inventory AND q.identity = r.identity AND q.state = 'answered' AND q.answer IN ('retired', 'renamed', 'merged'))) AS ended
		FROM imported_records r JOIN models m ON m.id = r.model_id WHERE r.inventory = ? ORDER BY r.identity`, inventory).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("known records: %w", err)
	}
	out := make([]intake.Known, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.R.known(r.Ended))
	}
	return out, nil
}

// ImportedRecord is everything an inventory says of a model, its own words included.
type ImportedRecord struct {
	Inventory string
	Identity  string
	Fields    map[string]string
	FileName  string
	Row       int64
	ImportID  int64
	Vanished  bool
}

// ImportedRecords are the records behind a model, the newest first.
func (s *Store) ImportedRecords(ctx context.Context, model int64) ([]ImportedRecord, error) {
	var rows []struct {
		R        recordRow `gorm:"embedded"`
		FileName string
	}
	err := s.read.WithContext(ctx).Raw(`SELECT r.*, i.file_name FROM imported_records r JOIN imports i ON i.id = r.import_id
		WHERE r.model_id = ? ORDER BY r.import_id DESC, r.row_no LIMIT 20`, model).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("imported records: %w", err)
	}
	out := make([]ImportedRecord, 0, len(rows))
	for _, r := range rows {
		out = append(out, ImportedRecord{Inventory: r.R.Inventory, Identity: r.R.Identity, Fields: r.R.Record.V, FileName: r.FileName,
			Row: r.R.RowNo, ImportID: r.R.ImportID, Vanished: r.R.VanishedIn != nil})
	}
	return out, nil
}
