package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/vendors"
)

type vendorRow struct {
	Host      string `gorm:"primaryKey"`
	ModelID   string `gorm:"primaryKey"`
	Class     string
	EndOfLife string
	Successor string
	Source    string
	ReadOn    string
	Conflict  string
	Note      string
	Revision  int64
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (vendorRow) TableName() string { return "vendor_models" }

func (r vendorRow) entry() vendors.Entry {
	return vendors.Entry{Host: vendors.Host(r.Host), ModelID: r.ModelID, Class: vendors.Class(r.Class), EndOfLife: day.Day(r.EndOfLife),
		Successor: r.Successor, Source: r.Source, ReadOn: day.Day(r.ReadOn), Conflict: r.Conflict, Note: r.Note}
}

// hostName is the catalogue's spelling of a host, so that "OpenAI" and "openai" are one.
func hostName(host string) string {
	if h, ok := vendors.ParseHost(host); ok {
		return string(h)
	}
	return host
}

// vendorFact classifies a vendor model and looks it up in the catalogue.
func (s *Store) vendorFact(q *gorm.DB, host, id string) (lifecycle.VendorFact, error) {
	var row vendorRow
	err := q.Where("host = ? AND model_id = ?", hostName(host), id).Take(&row).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return lifecycle.VendorFact{}, fmt.Errorf("vendor model: %w", err)
	}
	return vendorFactOf(host, id, row, err == nil), nil
}

// vendorFactOf joins what the id tells with what the catalogue knows. A row's class wins over the
// classifier's: a reviewer may have settled what the id alone does not tell.
func vendorFactOf(host, id string, row vendorRow, known bool) lifecycle.VendorFact {
	f := lifecycle.VendorFact{Verdict: vendors.Classify(host, id)}
	if !known {
		return f
	}
	f.Known, f.Entry = true, row.entry()
	if f.Verdict.Class == vendors.Undetermined && f.Entry.Class != "" {
		f.Verdict.Class, f.Verdict.Reason = f.Entry.Class, "Classified in the catalogue; source: "+f.Entry.Source+"."
	}
	return f
}

// VendorFact is what is known of a vendor model, for forms and pages.
func (s *Store) VendorFact(ctx context.Context, host, id string) (lifecycle.VendorFact, error) {
	return s.vendorFact(s.read.WithContext(ctx), host, id)
}

// SaveVendorModels adds catalogue rows or replaces them.
func (s *Store) SaveVendorModels(ctx context.Context, entries []vendors.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.change(ctx, func(tx *txn) error {
		rows := make([]vendorRow, 0, len(entries))
		for _, e := range entries {
			rows = append(rows, vendorRow{Host: hostName(string(e.Host)), ModelID: e.ModelID, Class: string(e.Class), EndOfLife: string(e.EndOfLife),
				Successor: e.Successor, Source: e.Source, ReadOn: string(e.ReadOn), Conflict: e.Conflict, Note: e.Note, Revision: 1, UpdatedAt: ms(s.Now())})
		}
		err := tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, 200).Error
		if err != nil {
			return fmt.Errorf("save vendor models: %w", err)
		}
		tx.Note("vendors.saved", audit.Subject{Kind: "vendors", Label: "catalogue"}, nil, map[string]int{"rows": len(rows)})
		return nil
	})
}
