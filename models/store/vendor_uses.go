package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

// useRow says under which key the catalogue has an id that versions name.
type useRow struct {
	Host          string `gorm:"primaryKey"`
	ModelID       string `gorm:"primaryKey"`
	CatalogueHost string
	Key           string
	Class         string
}

func (useRow) TableName() string { return "vendor_uses" }

func newUseRow(host, id string) useRow {
	k := keyOf(host, id)
	return useRow{Host: host, ModelID: id, CatalogueHost: k.host, Key: k.id, Class: string(vendors.Classify(host, id).Class)}
}

// useVendor remembers the id that a version names. It is no fact of its own: it follows from the version,
// whose event tells of it.
func (tx *txn) useVendor(v *registry.Version) error {
	if v.Release.ModelID == "" {
		return nil
	}
	row := newUseRow(v.Release.Host, v.Release.ModelID)
	if err := tx.Clauses(onConflictNothing).Create(&row).Error; err != nil {
		return fmt.Errorf("use vendor model: %w", err)
	}
	return nil
}

// RefreshVendorUses makes the list of used ids what the versions and today's rules say. It is
// bookkeeping: what it keeps follows from versions and code.
func (s *Store) RefreshVendorUses(ctx context.Context) error {
	q := s.read.WithContext(ctx)
	var uses []useRow
	if err := q.Raw(`SELECT host, model_id, catalogue_host, key, class FROM vendor_uses UNION ALL
		SELECT DISTINCT v.vendor_host, v.vendor_model, '', '', '' FROM versions v WHERE v.vendor_model <> ''
		AND NOT EXISTS (SELECT 1 FROM vendor_uses u WHERE u.host = v.vendor_host AND u.model_id = v.vendor_model)`).Scan(&uses).Error; err != nil {
		return fmt.Errorf("vendor uses: %w", err)
	}
	return s.bookkeep(ctx, func(tx *txn) error {
		for _, u := range uses {
			now := newUseRow(u.Host, u.ModelID)
			if now == u {
				continue
			}
			if err := tx.Save(&now).Error; err != nil {
				return fmt.Errorf("vendor uses: %w", err)
			}
		}
		return nil
	})
}

// VendorUseFilter narrows the vendor models in use. Zero fields do not narrow.
type VendorUseFilter struct {
	Query     string
	Host      string
	EndsBy    day.Day // known to end on this day or before, ended ones included
	NotPinned bool
	Conflict  bool
}

// VendorUse is a vendor model in use: what is known of it, and by whom it is used.
type VendorUse struct {
	vendors.Entry         // ModelID as the versions name it, where the catalogue has no row
	Known         bool    // the catalogue has a row
	Models        int     // that build on it, counted to CountLimit
	Users         []User  // the first few, those in production before the others
	NeedsDays     int     // the longest runway of those in production
	LatestStart   day.Day // the first of the latest starts; "" while the end is unknown
	Revision      int64
}

// User is a version that builds on a vendor's model.
type User struct {
	Slug, Model string
	Tier        registry.Tier
	Version     string
	Stage       registry.Stage
	Owner, Team string
	TeamID      int64
	ModelID     string // the id as this version names it
	Runway      retirement.Runway
}

type inUseRow struct {
	Row        vendorRow `gorm:"embedded;embeddedPrefix:c_"`
	Host       string
	Key        string
	ModelID    string
	Class      string
	Models     int
	WindowDays int
	SortEnd    string
}

// inUse are the used ids with a version that is not retired, by their key. An id that the catalogue does
// not have stands there too: nobody knows when that ends.
const inUse = `(SELECT u.catalogue_host AS host, u.key, MIN(u.model_id) AS model_id, MIN(u.class) AS id_class FROM vendor_uses u
	WHERE EXISTS (SELECT 1 FROM versions v WHERE v.vendor_host = u.host AND v.vendor_model = u.model_id AND v.stage <> 'retired')
	GROUP BY u.catalogue_host, u.key) AS w LEFT JOIN vendor_models c ON c.host = w.host AND c.key = w.key`

// settledClass is the class as gates see it: the id's own, and the catalogue's where the id does not tell.
const settledClass = `(CASE WHEN w.id_class NOT IN ('', 'undetermined') THEN w.id_class ELSE COALESCE(NULLIF(c.class, ''), 'undetermined') END)`

const sortEnd = `COALESCE(NULLIF(c.end_of_life, ''), '9999')`

// VendorsInUse is one page of the vendor models in use, those that end first before the others.
func (s *Store) VendorsInUse(ctx context.Context, f VendorUseFilter, p lifecycle.Policy, after string, limit int) (Page[VendorUse], error) {
	q, back := narrowUses(s.read.WithContext(ctx), f), false
	cmp, dir := ">", " ASC"
	if after != "" {
		key, _, b, err := decodeCursor[vendorKey3](after)
		if err != nil {
			return Page[VendorUse]{}, err
		}
		if back = b; back {
			cmp, dir = "<", " DESC"
		}
		q = q.Where("("+sortEnd+", w.host, w.key) "+cmp+" (?, ?, ?)", key[0], key[1], key[2])
	}
	const users = ` FROM vendor_uses u JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id`
	columns := columnsOf("c", vendorRow{}) + `, w.host, w.key, w.model_id, ` + settledClass + ` AS class, ` + sortEnd + ` AS sort_end,
		(SELECT COUNT(*) FROM (SELECT DISTINCT v.model_id` + users + ` WHERE u.catalogue_host = w.host AND u.key = w.key AND v.stage <> 'retired' LIMIT ` + fmt.Sprint(CountLimit+1) + `) AS bounded) AS models,
		(SELECT COALESCE(MAX(days), 0) FROM (SELECT CAST(COALESCE(` + s.jsonText("p.body", "rollback", "window_days") + `, '0') AS INTEGER) AS days` + users + `
			JOIN plans p ON p.model_id = v.model_id AND p.state = 'approved'
			WHERE u.catalogue_host = w.host AND u.key = w.key AND v.stage = 'production' LIMIT ` + fmt.Sprint(CountLimit) + `) AS windows) AS window_days`
	var rows []inUseRow
	if err := q.Select(columns).Order(sortEnd + dir + ", w.host" + dir + ", w.key" + dir).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[VendorUse]{}, fmt.Errorf("vendor models in use: %w", err)
	}
	key := func(r inUseRow) (any, int64) { return vendorKey3{r.SortEnd, r.Host, r.Key}, 0 }
	page := keysetPage(rows, limit, back, after != "", key, func(r inUseRow) VendorUse { return r.use(p) })
	return page, s.fillUsers(ctx, page.Rows, p)
}

func (r inUseRow) use(p lifecycle.Policy) VendorUse {
	u := VendorUse{Entry: r.Row.entry(), Known: r.Row.ModelID != "", Models: r.Models, Revision: r.Row.Revision}
	if !u.Known {
		u.Entry = vendors.Entry{Host: vendors.Host(r.Host), ModelID: r.ModelID}
	}
	u.Class = vendors.Class(r.Class)
	runway := retirement.NewRunway(u.EndOfLife, 0, max(r.WindowDays, p.RollbackDays), p.ReviewDays)
	u.NeedsDays, u.LatestStart = runway.NeedsDays, runway.LatestStart
	return u
}

func narrowUses(db *gorm.DB, f VendorUseFilter) *gorm.DB {
	q := db.Table(inUse)
	where := func(on bool, cond string, args ...any) {
		if on {
			q = q.Where(cond, args...)
		}
	}
	where(f.Query != "", `LOWER(w.model_id) LIKE ? ESCAPE '\'`, "%"+escapeLike(strings.ToLower(f.Query))+"%")
	where(f.Host != "", "w.host = ?", hostName(f.Host))
	where(f.EndsBy.Known(), "c.end_of_life <> '' AND c.end_of_life <= ?", string(f.EndsBy))
	where(f.NotPinned, settledClass+" NOT IN ('pinned', 'pinned_dateless', 'preview_pinned')")
	where(f.Conflict, "c.conflict <> ''")
	return q
}

// CountVendorsInUse counts what VendorsInUse lists, up to CountLimit.
func (s *Store) CountVendorsInUse(ctx context.Context, f VendorUseFilter) (Figure, error) {
	var n int64
	inner := narrowUses(s.read.WithContext(ctx), f).Select("w.host").Limit(CountLimit + 1)
	if err := s.read.WithContext(ctx).Table("(?) AS bounded", inner).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count vendor models in use: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachVendorInUse calls fn for every row of the filtered list, in its order; for exports.
func (s *Store) EachVendorInUse(ctx context.Context, f VendorUseFilter, p lifecycle.Policy, fn func(VendorUse) error) error {
	return eachPage(func(after string) (Page[VendorUse], error) { return s.VendorsInUse(ctx, f, p, after, pageOfUses) }, fn)
}

const (
	usersShown = 5   // of a vendor model in a list
	pageOfUses = 100 // rows of an export at a time
)

// fillUsers finds the first few users of each row.
func (s *Store) fillUsers(ctx context.Context, rows []VendorUse, p lifecycle.Policy) error {
	for i := range rows {
		users, err := s.usersOf(s.read.WithContext(ctx), rows[i].Entry, p, usersShown)
		if err != nil {
			return err
		}
		rows[i].Users = users
	}
	return nil
}

// VendorUsers are the versions that build on a vendor's model and are not retired, those in production
// first, at most limit of them.
func (s *Store) VendorUsers(ctx context.Context, e vendors.Entry, p lifecycle.Policy, limit int) ([]User, error) {
	return s.usersOf(s.read.WithContext(ctx), e, p, limit)
}

type userRow struct {
	Slug, Model, Version, Stage, Owner, Team, ModelID string
	Tier, TeamID                                      int64
	WindowDays                                        int
}

func (s *Store) usersOf(q *gorm.DB, e vendors.Entry, p lifecycle.Policy, limit int) ([]User, error) {
	k := keyOf(string(e.Host), e.ModelID)
	one := func(stages string) string {
		return `SELECT * FROM (SELECT m.slug, m.name AS model, m.tier, v.label AS version, v.stage, COALESCE(o.name, '') AS owner, COALESCE(t.name, '') AS team,
			COALESCE(m.team_id, 0) AS team_id, v.vendor_model AS model_id,
			CAST(COALESCE(` + s.jsonText("p.body", "rollback", "window_days") + `, '0') AS INTEGER) AS window_days
			FROM vendor_uses u JOIN versions v ON v.vendor_host = u.host AND v.vendor_model = u.model_id JOIN models m ON m.id = v.model_id
			LEFT JOIN people o ON o.id = m.owner_id LEFT JOIN teams t ON t.id = m.team_id LEFT JOIN plans p ON p.model_id = m.id AND p.state = 'approved'
			WHERE u.catalogue_host = ? AND u.key = ? AND v.stage ` + stages + ` ORDER BY v.id DESC LIMIT ?)`
	}
	var rows []userRow
	err := q.Raw(one("= 'production'")+" AS serving UNION ALL "+one("IN ('staged', 'validated', 'registered', 'experiment')")+" AS others",
		k.host, k.id, limit, k.host, k.id, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("users of a vendor model: %w", err)
	}
	out := make([]User, 0, len(rows))
	for _, r := range rows[:min(len(rows), limit)] {
		window := r.WindowDays
		if window == 0 {
			window = p.RollbackDays
		}
		out = append(out, User{Slug: r.Slug, Model: r.Model, Tier: registry.Tier(r.Tier), Version: r.Version, Stage: registry.Stage(r.Stage), Owner: r.Owner,
			Team: r.Team, TeamID: r.TeamID, ModelID: r.ModelID, Runway: retirement.NewRunway(e.EndOfLife, 0, window, p.ReviewDays)})
	}
	return out, nil
}

// VendorOf is the vendor model that a version is built on; empty when it names none.
func (s *Store) VendorOf(ctx context.Context, slug, label string) (host, id string, err error) {
	_, v, err := s.Version(ctx, slug, label)
	return v.Release.Host, v.Release.ModelID, err
}
