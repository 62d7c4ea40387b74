package store

import (
	"context"
	"errors"
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

const usedBy = `(SELECT COUNT(DISTINCT v.model_id) FROM versions v WHERE v.vendor_host = c.host AND v.vendor_model = c.model_id AND v.stage <> 'retired')`

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
	where(f.InUse, "EXISTS (SELECT 1 FROM versions v WHERE v.vendor_host = c.host AND v.vendor_model = c.model_id AND v.stage <> 'retired')")
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
	res := s.read.WithContext(ctx).Table("vendor_models c").Select("c.*, "+usedBy+" AS used_by").
		Where("c.host = ? AND c.model_id = ?", hostName(host), id).Limit(1).Scan(&row)
	if res.Error != nil {
		return VendorRow{}, fmt.Errorf("vendor model: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return VendorRow{}, fault.New(fault.NotFound, "The catalogue has no such row.")
	}
	return row.row(), nil
}

// AddVendorModel adds a row. A second spelling of an id that is there already is the same row.
func (s *Store) AddVendorModel(ctx context.Context, e vendors.Entry) error {
	e.Host = vendors.Host(hostName(string(e.Host)))
	return s.change(ctx, func(tx *txn) error {
		have, err := tx.spelled(e)
		if err != nil {
			return err
		}
		if have != "" {
			return fault.At("model_id", "The catalogue has "+have+" at this host already. Correct that row.")
		}
		row := entryToRow(e)
		row.Revision, row.UpdatedAt = 1, ms(s.Now())
		if err := tx.Create(&row).Error; err != nil {
			if duplicate(err) {
				return fault.At("model_id", "The catalogue has this id already. Correct that row.")
			}
			return fmt.Errorf("add vendor model: %w", err)
		}
		tx.Note("vendors.added", vendorSubject(e), nil, entryFacts(e))
		return nil
	})
}

// spelled finds a row whose id differs from this one by capitals, blanks or hyphens alone.
func (tx *txn) spelled(e vendors.Entry) (string, error) {
	var ids []string
	if err := tx.Table("vendor_models").Where("host = ?", string(e.Host)).Pluck("model_id", &ids).Error; err != nil {
		return "", fmt.Errorf("vendor models: %w", err)
	}
	for _, id := range ids {
		if vendors.Normalize(id) == vendors.Normalize(e.ModelID) {
			return id, nil
		}
	}
	return "", nil
}

// ChangeVendorModel runs fn on a row; revision is what the form was made from.
func (s *Store) ChangeVendorModel(ctx context.Context, host, id string, revision int64, fn func(*vendors.Entry) error) error {
	return s.change(ctx, func(tx *txn) error {
		var row vendorRow
		err := s.locked(tx.DB).Where("host = ? AND model_id = ?", hostName(host), id).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return fault.New(fault.NotFound, "The catalogue has no such row.")
		}
		if err != nil {
			return fmt.Errorf("change vendor model: %w", err)
		}
		if row.Revision != revision {
			return stale()
		}
		before := row.entry()
		after := before
		if err := fn(&after); err != nil {
			return err
		}
		after.Host, after.ModelID = before.Host, before.ModelID
		if after == before {
			return fault.New(fault.Conflict, "Nothing was changed.")
		}
		next := entryToRow(after)
		next.Revision, next.UpdatedAt = row.Revision+1, ms(s.Now())
		if err := tx.Save(&next).Error; err != nil {
			return fmt.Errorf("change vendor model: %w", err)
		}
		tx.Note("vendors.edited", vendorSubject(after), entryFacts(before), entryFacts(after))
		return nil
	})
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
