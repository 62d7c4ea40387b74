package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/registry"
)

// CountLimit is how far lists count: beyond it they say "1,000+", because an exact count costs more
// than the page it stands on.
const CountLimit = 1000

// Page is one page of a list with the cursors of its neighbours, "" where there is none.
type Page[T any] struct {
	Rows       []T
	Next, Prev string
}

// cursor is where a page starts: the sort key and id of the row beside it.
type cursor struct {
	Key  json.RawMessage `json:"k"`
	ID   int64           `json:"i"`
	Back bool            `json:"b,omitempty"`
}

func encodeCursor(key any, id int64, back bool) string {
	k, _ := json.Marshal(key)
	b, _ := json.Marshal(cursor{k, id, back})
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads a cursor into a key of the expected type. Strangers' bytes: anything odd is a
// sentence, not an error of ours.
func decodeCursor[K any](s string) (key K, id int64, back bool, err error) {
	bad := fault.New(fault.Malformed, "This page link is damaged. Start again from the first page.")
	if len(s) > 2000 {
		return key, 0, false, bad
	}
	raw, e := base64.RawURLEncoding.DecodeString(s)
	var c cursor
	if e != nil || json.Unmarshal(raw, &c) != nil || json.Unmarshal(c.Key, &key) != nil || c.ID < 0 {
		return key, 0, false, bad
	}
	return key, c.ID, c.Back, nil
}

// modelListRow is the flat row of the list: no joins into models, no N+1.
type modelListRow struct {
	ID            int64
	Slug, Name    string
	Kind, Stage   string
	Tier          int64
	Team          string
	TeamSlug      string
	Owner         string
	OwnerDisabled bool
	Serving       string
	VendorHost    string
	VendorModel   string
	PlanState     string
	ReportedState string
	Maturity      string
	Score         float64
	StageRank     int64
	UpdatedAt     int64
}

const modelCutColumns = `m.id, m.slug, m.name, m.kind, m.stage, m.tier, m.team_id, m.owner_id, m.serving_version_id, m.plan_state, m.reported_state, m.stage_rank, m.updated_at`

// modelListColumns are in the order in which modelRows scans them.
const modelListColumns = `m.id, m.slug, m.name, m.kind, m.stage, m.tier, COALESCE(t.name, '') AS team, COALESCE(t.slug, '') AS team_slug,
	COALESCE(p.name, '') AS owner, COALESCE(p.disabled, FALSE) AS owner_disabled, COALESCE(v.label, '') AS serving,
	COALESCE(v.vendor_host, '') AS vendor_host, COALESCE(v.vendor_model, '') AS vendor_model,
	m.plan_state, m.reported_state, CASE s.phase WHEN 'retired' THEN '' ELSE COALESCE(s.tier, '') END, COALESCE(s.score, 0), m.stage_rank, m.updated_at`

func (r modelListRow) row() registry.Row {
	return registry.Row{ID: r.ID, Slug: r.Slug, Name: r.Name, Kind: registry.Kind(r.Kind), Stage: registry.Stage(r.Stage),
		Tier: registry.Tier(r.Tier), Team: r.Team, TeamSlug: r.TeamSlug, Owner: r.Owner, OwnerDisabled: r.OwnerDisabled,
		Serving: r.Serving, VendorHost: r.VendorHost, VendorModel: r.VendorModel, Plan: r.PlanState, Reported: r.ReportedState,
		Maturity: r.Maturity, Score: r.Score, UpdatedAt: at(r.UpdatedAt)}
}

// key is the value a list is sorted by, for the cursor.
func (r modelListRow) key(sort string) any {
	switch sort {
	case "name":
		return r.Name
	case "tier":
		return r.Tier
	case "stage":
		return r.StageRank
	}
	return r.UpdatedAt
}

// Models is one page of the models list. after is a cursor of an earlier page, "" for the first.
func (s *Store) Models(ctx context.Context, f registry.Filter, after string, limit int) (Page[registry.Row], error) {
	o, err := orderOf(f, after)
	if err != nil {
		return Page[registry.Row]{}, err
	}
	cut, err := s.cutModels(ctx, f, o, limit+1)
	if err != nil {
		return Page[registry.Row]{}, err
	}
	rows, err := modelRows(listJoins(cut).Select(modelListColumns).Order(o.by("m.")))
	if err != nil {
		return Page[registry.Row]{}, fmt.Errorf("list models: %w", err)
	}
	return modelPage(rows, f.Sort, limit, o.back, after != ""), nil
}

// modelOrder is how a page is cut out of the list: in which order it is read and from where on.
type modelOrder struct {
	column string
	desc   bool // as it is read, which for a page before the cursor is backwards
	moved  bool // from the cursor key, id
	key    any
	id     int64
	back   bool
}

func orderOf(f registry.Filter, after string) (o modelOrder, err error) {
	o.column, o.desc = sortColumn(f)
	if after == "" {
		return o, nil
	}
	o.moved = true
	o.key, o.id, o.back, err = readModelCursor(f.Sort, after)
	o.desc = o.desc != o.back
	return o, err
}

// by is the order of columns of a table, "m." or "".
func (o modelOrder) by(table string) string {
	dir := " ASC"
	if o.desc {
		dir = " DESC"
	}
	return table + o.column + dir + ", " + table + "id" + dir
}

// coarse orders have few keys with thousands of models each. SQLite follows (tier, id) > (3, 7) by the
// tier alone, because the id is its row id, and would read all of tier 3: such a page is cut out of two
// ranges, the rest of those with the same key and those further on.
func (o modelOrder) coarse() bool { return o.column == "tier" || o.column == "stage_rank" }

// cutModels is the n models of a page before anything is joined to them: where a filter and an order
// share no index, thousands of rows are sorted, and those are narrow.
func (s *Store) cutModels(ctx context.Context, f registry.Filter, o modelOrder, n int) (*gorm.DB, error) {
	q, err := s.narrowModels(s.read.WithContext(ctx), f)
	if err != nil {
		return nil, err
	}
	q = q.Select(modelCutColumns).Order(o.by("m.")).Limit(n)
	db := s.read.WithContext(ctx)
	if !o.moved {
		return db.Table("(?) AS m", q), nil
	}
	cmp := " > "
	if o.desc {
		cmp = " < "
	}
	if !o.coarse() {
		return db.Table("(?) AS m", q.Where("(m."+o.column+", m.id)"+cmp+"(?, ?)", o.key, o.id)), nil
	}
	q = q.Session(&gorm.Session{}) // both ranges begin here
	same := q.Where("m."+o.column+" = ? AND m.id"+cmp+"?", o.key, o.id)
	further := q.Where("m."+o.column+cmp+"?", o.key)
	return db.Table("(SELECT * FROM (?) AS same UNION ALL SELECT * FROM (?) AS further ORDER BY "+o.by("")+" LIMIT ?) AS m", same, further, n), nil
}

func listJoins(q *gorm.DB) *gorm.DB {
	return q.Joins("LEFT JOIN teams t ON t.id = m.team_id").Joins("LEFT JOIN people p ON p.id = m.owner_id").
		Joins("LEFT JOIN versions v ON v.id = m.serving_version_id").Joins("LEFT JOIN model_scores s ON s.model_id = m.id")
}

// modelRows scans by hand: this is the page that is asked for most, and finding every field of every
// row by its name costs as much as reading it.
func modelRows(q *gorm.DB) ([]modelListRow, error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []modelListRow
	for rows.Next() {
		var r modelListRow
		if err := rows.Scan(&r.ID, &r.Slug, &r.Name, &r.Kind, &r.Stage, &r.Tier, &r.Team, &r.TeamSlug, &r.Owner, &r.OwnerDisabled, &r.Serving,
			&r.VendorHost, &r.VendorModel, &r.PlanState, &r.ReportedState, &r.Maturity, &r.Score, &r.StageRank, &r.UpdatedAt); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func modelPage(rows []modelListRow, sort string, limit int, back, moved bool) Page[registry.Row] {
	more := len(rows) > limit
	if more {
		rows = rows[:limit]
	}
	if back {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	p := Page[registry.Row]{Rows: make([]registry.Row, 0, len(rows))}
	for _, r := range rows {
		p.Rows = append(p.Rows, r.row())
	}
	if len(rows) == 0 {
		return p
	}
	first, last := rows[0], rows[len(rows)-1]
	if more || back {
		p.Next = encodeCursor(last.key(sort), last.ID, false)
	}
	if (moved && !back) || (back && more) {
		p.Prev = encodeCursor(first.key(sort), first.ID, true)
	}
	return p
}

func sortColumn(f registry.Filter) (column string, desc bool) {
	switch f.Sort {
	case "name":
		return "name", f.Desc
	case "tier":
		return "tier", f.Desc
	case "stage":
		return "stage_rank", f.Desc
	}
	return "updated_at", !f.Desc
}

func readModelCursor(sort, s string) (key any, id int64, back bool, err error) {
	if sort == "name" {
		return decodeCursor[string](s)
	}
	return decodeCursor[int64](s)
}

// CountModels counts the filtered list up to CountLimit; more is true when there are more.
func (s *Store) CountModels(ctx context.Context, f registry.Filter) (n int, more bool, err error) {
	q, err := s.narrowModels(s.read.WithContext(ctx), f)
	if err != nil {
		return 0, false, err
	}
	var count int64
	err = s.read.WithContext(ctx).Table("(?) AS bounded", q.Select("m.id").Limit(CountLimit+1)).Count(&count).Error
	if err != nil {
		return 0, false, fmt.Errorf("count models: %w", err)
	}
	if count > CountLimit {
		return CountLimit, true, nil
	}
	return int(count), false, nil
}

func (s *Store) narrowModels(db *gorm.DB, f registry.Filter) (*gorm.DB, error) {
	q := db.Table("models m")
	where := func(on bool, cond string, args ...any) {
		if on {
			q = q.Where(cond, args...)
		}
	}
	where(f.Stage != "", "m.stage = ?", string(f.Stage))
	where(f.Kind != "", "m.kind = ?", string(f.Kind))
	where(f.Tier != 0, "m.tier = ?", int64(f.Tier))
	where(f.Owner != 0, "m.owner_id = ?", f.Owner)
	where(f.Mine != 0, "(m.owner_id = ? OR m.deputy_id = ?)", f.Mine, f.Mine)
	where(f.Team != "", "m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	where(f.Reported != "", "m.reported_state = ?", f.Reported)
	switch f.Missing {
	case "":
	case "owner":
		q = q.Where("m.owner_id IS NULL")
	case "team":
		q = q.Where("m.team_id IS NULL")
	case "tier":
		q = q.Where("m.tier = 0")
	case "plan":
		q = q.Where("m.plan_state <> 'approved'")
	default:
		return nil, fault.Newf(fault.Malformed, "Models are not filtered by missing %q.", f.Missing)
	}
	return s.search(q, f.Query), nil
}

// search narrows to models whose name, slug or purpose contains every word. Three characters and
// more use the trigram index; shorter words can only look at the start of the name and slug.
func (s *Store) search(q *gorm.DB, query string) *gorm.DB {
	var indexed []string
	for _, word := range strings.Fields(query) {
		word = strings.ToLower(word)
		switch {
		case utf8.RuneCountInString(word) < 3:
			start := escapeLike(word) + "%"
			q = q.Where(`(LOWER(m.name) LIKE ? ESCAPE '\' OR m.slug LIKE ? ESCAPE '\')`, start, start)
		case s.dialect == postgresDialect:
			q = q.Where(`lower(m.name || ' ' || m.slug || ' ' || m.purpose) LIKE ? ESCAPE '\'`, "%"+escapeLike(word)+"%")
		default:
			indexed = append(indexed, trigrams(word)...)
			if isASCII(word) { // the index says which rows have all the pieces; this says in which they are in order
				q = q.Where(`LOWER(m.name || ' ' || m.slug || ' ' || m.purpose) LIKE ? ESCAPE '\'`, "%"+escapeLike(word)+"%")
			}
		}
	}
	if len(indexed) > 0 { // asked once for all words: the rarest of them bounds the work
		q = q.Where(`m.id IN (SELECT rowid FROM models_search WHERE models_search MATCH ?)`, strings.Join(indexed, " AND "))
	}
	return q
}

// trigrams asks the index for every three letters of the word: it keeps no positions, so it cannot be
// asked for the whole.
func trigrams(word string) []string {
	r := []rune(word)
	var parts []string
	for i := 0; i+3 <= len(r); i++ {
		parts = append(parts, `"`+strings.ReplaceAll(string(r[i:i+3]), `"`, `""`)+`"`)
	}
	return parts
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// EachModel calls fn for every model of the filtered list, in its order, in pages; for exports.
func (s *Store) EachModel(ctx context.Context, f registry.Filter, fn func(registry.Row) error) error {
	after := ""
	for {
		page, err := s.Models(ctx, f, after, 500)
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
