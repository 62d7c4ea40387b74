package store

import (
	"context"

	"gorm.io/gorm"

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
	Key       string
	FactsAt   int64 // when class or end last became another, 0 when they never did
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
	row, err := catalogueRow(q, keyOf(host, id))
	if err != nil {
		return lifecycle.VendorFact{}, err
	}
	return vendorFactOf(host, id, row, row.ModelID != ""), nil
}

// vendorFactOf joins what the id tells with what the catalogue knows. A row's class wins over the
// classifier's: a reviewer may have settled what the id alone does not tell.
func vendorFactOf(host, id string, row vendorRow, known bool) lifecycle.VendorFact {
	f := lifecycle.VendorFact{Verdict: vendors.Classify(host, id)}
	if !known {
		return f
	}
	f.Known, f.Entry, f.ChangedAt = true, row.entry(), at(row.FactsAt)
	if f.Verdict.Class == vendors.Undetermined && f.Entry.Class != "" {
		f.Verdict.Class, f.Verdict.Reason = f.Entry.Class, "Classified in the catalogue; source: "+f.Entry.Source+"."
	}
	return f
}

// VendorFact is what is known of a vendor model, for forms and pages.
func (s *Store) VendorFact(ctx context.Context, host, id string) (lifecycle.VendorFact, error) {
	return s.vendorFact(s.read.WithContext(ctx), host, id)
}
