package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/vendors"
)

// VendorFilter narrows the catalogue. Zero fields do not narrow.
type VendorFilter struct {
	Query    string // part of an id
	Host     string
	Class    vendors.Class
	EndsBy   day.Day // with an end on this day or before, ended ones included; sorts by the end
	InUse    bool    // by a version that is not retired
	Conflict bool    // sources disagree
}

// VendorRow is a row of the catalogue with how many models build on it.
type VendorRow struct {
	vendors.Entry
	UsedBy    int
	Revision  int64
	UpdatedAt time.Time
}

type vendorListRow struct {
	Row    vendorRow `gorm:"embedded"`
	UsedBy int
}

func (r vendorListRow) row() VendorRow {
	return VendorRow{Entry: r.Row.entry(), UsedBy: r.UsedBy, Revision: r.Row.Revision, UpdatedAt: at(r.Row.UpdatedAt)}
}

const usedBy = `(SELECT COUNT(DISTINCT v.model_id) FROM ` + usersOf + `)`

// usersOf are the versions that build on row c of the catalogue and are not retired.
const usersOf = `vendor_uses u JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id
	WHERE u.catalogue_host = c.host AND u.key = c.key AND v.stage <> 'retired'`

// vendorKey3 is where a page of the catalogue starts: the end, when that is the order, the host and the id.
type vendorKey3 [3]string

// VendorModels is one page of the catalogue, by host and id, or by the end when the filter asks for ends.
func (s *Store) VendorModels(ctx context.Context, f VendorFilter, after string, limit int) (Page[VendorRow], error) {
	q, back := s.narrowVendors(s.read.WithContext(ctx), f), false
	cmp, dir := ">", " ASC"
	if after != "" {
		key, _, b, err := decodeCursor[vendorKey3](after)
		if err != nil {
			return Page[VendorRow]{}, err
		}
		if back = b; back {
			cmp, dir = "<", " DESC"
		}
		if f.EndsBy.Known() {
			q = q.Where("(c.end_of_life, c.host, c.model_id) "+cmp+" (?, ?, ?)", key[0], key[1], key[2])
		} else {
			q = q.Where("(c.host, c.model_id) "+cmp+" (?, ?)", key[1], key[2])
		}
	}
	order := "c.host" + dir + ", c.model_id" + dir
	if f.EndsBy.Known() {
		order = "c.end_of_life" + dir + ", " + order
	}
	var rows []vendorListRow
	if err := q.Select("c.*, " + usedBy + " AS used_by").Order(order).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[VendorRow]{}, fmt.Errorf("vendor models: %w", err)
	}
	key := func(r vendorListRow) (any, int64) { return vendorKey3{r.Row.EndOfLife, r.Row.Host, r.Row.ModelID}, 0 }
	return keysetPage(rows, limit, back, after != "", key, vendorListRow.row), nil
}

// CountVendorModels counts what VendorModels lists, up to CountLimit.
func (s *Store) CountVendorModels(ctx context.Context, f VendorFilter) (Figure, error) {
	var n int64
	inner := s.narrowVendors(s.read.WithContext(ctx), f).Select("c.host").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count vendor models: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

func (s *Store) narrowVendors(db *gorm.DB, f VendorFilter) *gorm.DB {
	q := db.Table("vendor_models c")
	where := func(on bool, cond string, args ...any) {
		if on {
			q = q.Where(cond, args...)
		}
	}
	where(f.Query != "", `LOWER(c.model_id) LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(f.Query))+"%")
	where(f.Host != "", "c.host = ?", hostName(f.Host))
	where(f.Class != "", "c.class = ?", string(f.Class))
	where(f.EndsBy.Known(), "c.end_of_life <> '' AND c.end_of_life <= ?", string(f.EndsBy))
	where(f.InUse, "EXISTS (SELECT 1 FROM "+usersOf+")")
	where(f.Conflict, "c.conflict <> ''")
	return q
}

// EachVendorModel calls fn for every row of the filtered catalogue, in its order; for exports.
func (s *Store) EachVendorModel(ctx context.Context, f VendorFilter, fn func(VendorRow) error) error {
	return eachPage(func(after string) (Page[VendorRow], error) { return s.VendorModels(ctx, f, after, 500) }, fn)
}

// VendorModel finds one row of the catalogue.
func (s *Store) VendorModel(ctx context.Context, host, id string) (VendorRow, error) {
	var row vendorListRow
	k := keyOf(host, id)
	res := s.read.WithContext(ctx).Table("vendor_models c").Select("c.*, "+usedBy+" AS used_by").
		Where("c.host = ? AND c.key = ?", k.host, k.id).Limit(1).Scan(&row)
	if res.Error != nil {
		return VendorRow{}, fmt.Errorf("vendor model: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return VendorRow{}, fault.New(fault.NotFound, "The catalogue has no such row.")
	}
	return row.row(), nil
}

func entryToRow(e vendors.Entry) vendorRow {
	return vendorRow{Host: string(e.Host), ModelID: e.ModelID, Class: string(e.Class), EndOfLife: string(e.EndOfLife), Successor: e.Successor,
		Source: e.Source, ReadOn: string(e.ReadOn), Conflict: e.Conflict, Note: e.Note}
}

func vendorSubject(e vendors.Entry) audit.Subject {
	return audit.Subject{Kind: "vendors", Label: e.ModelID + " at " + string(e.Host)}
}

func entryFacts(e vendors.Entry) map[string]string {
	return map[string]string{"class": string(e.Class), "end_of_life": string(e.EndOfLife), "successor": e.Successor, "source": e.Source,
		"read_on": string(e.ReadOn), "conflict": e.Conflict, "note": e.Note}
}
