package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/confirmation"
	"sundial/models/day"
)

// Which entries of a quarter a list shows, besides those that stand as confirmation.Standings say.
const (
	ShowUnconfirmed = ""        // open and disputed: what nobody confirmed
	ShowOverdue     = "overdue" // of these, what should have been
	ShowNobody      = "nobody"  // of these, what nobody could confirm
	ShowAll         = "all"
)

// ConfirmationFilter narrows the entries of a quarter. Zero fields do not narrow, but for Show.
type ConfirmationFilter struct {
	Quarter day.Quarter
	Show    string // a standing, or one of those above
	Team    string // slug, "none" for those without a team
	Person  int64  // whose entries: owner or deputy
}

// Confirmations is one page of the entries that a quarter asks for, by name.
func (s *Store) Confirmations(ctx context.Context, f ConfirmationFilter, after string, limit int) (Page[confirmation.Entry], error) {
	db := s.read.WithContext(ctx)
	round, err := roundOf(db, f.Quarter)
	if err != nil {
		return Page[confirmation.Entry]{}, err
	}
	q, back, cmp, dir := s.narrowConfirmations(entries(db, f.Quarter), f, round), false, ">", " ASC"
	if after != "" {
		name, id, b, err := decodeCursor[string](after)
		if err != nil {
			return Page[confirmation.Entry]{}, err
		}
		if back = b; back {
			cmp, dir = "<", " DESC"
		}
		q = q.Where("(m.name, m.id) "+cmp+" (?, ?)", name, id)
	}
	var rows []entryRow
	if err := q.Select(entryColumns()).Order("m.name" + dir + ", m.id" + dir).Limit(limit + 1).Scan(&rows).Error; err != nil {
		return Page[confirmation.Entry]{}, fmt.Errorf("confirmations: %w", err)
	}
	key := func(r entryRow) (any, int64) { return r.M.Name, r.M.ID }
	return keysetPage(rows, limit, back, after != "", key, func(r entryRow) confirmation.Entry { return r.entry(round) }), nil
}

// EntriesByID are entries of the quarter that runs which a person answers for, in the order of the ids. What
// is not theirs is left out.
func (s *Store) EntriesByID(ctx context.Context, person int64, ids []int64) ([]confirmation.Entry, error) {
	db := s.read.WithContext(ctx)
	round, err := roundOf(db, day.QuarterOf(s.Now()))
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []entryRow
	err = entries(db, round.Quarter).Select(entryColumns()).Where("m.id IN ? AND (m.owner_id = ? OR m.deputy_id = ?)", ids, person, person).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("entries: %w", err)
	}
	byID := map[int64]confirmation.Entry{}
	for _, r := range rows {
		byID[r.M.ID] = r.entry(round)
	}
	out := make([]confirmation.Entry, 0, len(rows))
	for _, id := range ids {
		if e, theirs := byID[id]; theirs {
			out = append(out, e)
		}
	}
	return out, nil
}

// CountConfirmations counts what Confirmations lists, up to CountLimit.
func (s *Store) CountConfirmations(ctx context.Context, f ConfirmationFilter) (Figure, error) {
	db := s.read.WithContext(ctx)
	round, err := roundOf(db, f.Quarter)
	if err != nil {
		return Figure{}, err
	}
	from := db.Table("models m")
	if s.standings(f.Quarter).joined {
		from = from.Joins(latestAnswer, string(f.Quarter), string(f.Quarter))
	}
	if f.Show == ShowNobody {
		from = from.Joins("LEFT JOIN people o ON o.id = m.owner_id").Joins("LEFT JOIN people d ON d.id = m.deputy_id")
	}
	var n int64
	if err := db.Table("(?) AS bounded", s.narrowConfirmations(from, f, round).Select("m.id").Limit(CountLimit+1)).Count(&n).Error; err != nil {
		return Figure{}, fmt.Errorf("count confirmations: %w", err)
	}
	return Figure{N: int(min(n, CountLimit)), More: n > CountLimit}, nil
}

// EachConfirmation calls fn for every entry of the filtered list, in its order; for exports.
func (s *Store) EachConfirmation(ctx context.Context, f ConfirmationFilter, fn func(confirmation.Entry) error) error {
	return eachPage(func(after string) (Page[confirmation.Entry], error) { return s.Confirmations(ctx, f, after, 200) }, fn)
}

func (s *Store) narrowConfirmations(q *gorm.DB, f ConfirmationFilter, round confirmation.Round) *gorm.DB {
	where, args := asked(f.Quarter)
	q = q.Where(where, args...)
	at := s.standings(f.Quarter)
	narrow := func(c condition) { q = q.Where(c.sql, c.args...) }
	switch f.Show {
	case ShowAll:
	case string(confirmation.Open):
		narrow(at.open)
	case string(confirmation.Disputed):
		narrow(at.disputed)
	case string(confirmation.Confirmed):
		narrow(at.confirmed)
	default:
		narrow(at.unconfirmed)
	}
	switch f.Show {
	case ShowOverdue:
		q = q.Where("m.created_at < ?", s.overdueBefore(round))
	case ShowNobody:
		q = q.Where("COALESCE(o.disabled, TRUE) = TRUE AND COALESCE(d.disabled, TRUE) = TRUE")
	}
	switch f.Team {
	case "":
	case "none":
		q = q.Where("m.team_id IS NULL")
	default:
		q = q.Where("m.team_id = (SELECT id FROM teams WHERE slug = ?)", f.Team)
	}
	if f.Person != 0 {
		q = q.Where("(m.owner_id = ? OR m.deputy_id = ?)", f.Person, f.Person)
	}
	return q
}

// overdueBefore is the moment before which an entry that nobody confirmed must have come in to be overdue
// now; 0, which is before everything, while there is still time for all.
func (s *Store) overdueBefore(round confirmation.Round) int64 {
	today := day.Of(s.Now())
	if !round.Due().Before(today) {
		return 0
	}
	return ms(today.Add(1 - confirmation.AskDays).Time())
}

// TeamConfirmations is how far a team is in a quarter. Disputed entries are neither confirmed nor open;
// those that are overdue are among both.
type TeamConfirmations struct {
	Slug, Name, Department string // "" for what has no team
	Asked                  int
	Confirmed              int
	Disputed               int
	Overdue                int
}

// Open is how many nobody has answered for.
func (t TeamConfirmations) Open() int { return t.Asked - t.Confirmed - t.Disputed }

// ConfirmationsByTeam counts a quarter's entries by the teams they belong to now, one line for each team
// that has any, by name; what has no team comes last.
func (s *Store) ConfirmationsByTeam(ctx context.Context, quarter day.Quarter) ([]TeamConfirmations, error) {
	db := s.read.WithContext(ctx)
	round, err := roundOf(db, quarter)
	if err != nil {
		return nil, err
	}
	at, join := s.standings(quarter), ""
	count := func(as string, parts ...condition) condition {
		sql, args := "1 = 1", []any{}
		for _, p := range parts {
			sql, args = sql+" AND "+p.sql, append(args, p.args...)
		}
		return condition{", SUM(CASE WHEN " + sql + " THEN 1 ELSE 0 END) AS " + as, args}
	}
	columns, args := "m.team_id, COUNT(*) AS asked", []any{}
	for _, c := range []condition{count("confirmed", at.confirmed), count("disputed", at.disputed),
		count("overdue", at.unconfirmed, condition{"m.created_at < ?", []any{s.overdueBefore(round)}})} {
		columns, args = columns+c.sql, append(args, c.args...)
	}
	if at.joined {
		join, args = latestAnswer, append(args, string(quarter), string(quarter))
	}
	where, more := asked(quarter)
	var out []TeamConfirmations
	err = db.Raw(`SELECT COALESCE(t.slug, '') AS slug, COALESCE(t.name, '') AS name, COALESCE(td.name, '') AS department, n.asked, n.confirmed, n.disputed, n.overdue
		FROM (SELECT `+columns+` FROM models m `+join+` WHERE `+where+` GROUP BY m.team_id) n
		LEFT JOIN teams t ON t.id = n.team_id LEFT JOIN departments td ON td.id = t.department_id
		ORDER BY CASE WHEN t.id IS NULL THEN 1 ELSE 0 END, t.name, t.id`, append(args, more...)...).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("confirmations by team: %w", err)
	}
	return out, nil
}

// ToConfirm is what of the quarter that runs waits for a person's word.
type ToConfirm struct {
	Entries Figure
	Overdue bool // some of them are
	Round   confirmation.Round
}

// ToConfirm counts the entries of a person that nobody confirmed yet. It is asked with every first page, so
// it is one query.
func (s *Store) ToConfirm(ctx context.Context, person int64) (ToConfirm, error) {
	quarter := day.QuarterOf(s.Now())
	where, args := unconfirmed(quarter)
	from := "FROM models m WHERE (m.owner_id = ? OR m.deputy_id = ?) AND " + where
	args = append([]any{person, person}, args...)
	var row struct{ N, CameIn, AskedAt int64 }
	err := s.read.WithContext(ctx).Raw(`SELECT COUNT(*) AS n, COALESCE(MIN(created_at), 0) AS came_in, COALESCE((SELECT r.asked_at FROM confirmation_rounds r WHERE r.quarter = ?), 0) AS asked_at
		FROM (SELECT m.created_at `+from+` LIMIT ?) AS bounded`, append(append([]any{string(quarter)}, args...), CountLimit+1)...).Scan(&row).Error
	if err != nil {
		return ToConfirm{}, fmt.Errorf("entries to confirm: %w", err)
	}
	out := ToConfirm{Entries: Figure{N: min(int(row.N), CountLimit), More: row.N > CountLimit}, Round: confirmation.Round{Quarter: quarter}}
	if row.AskedAt > 0 {
		out.Round.AskedOn = day.Of(at(row.AskedAt))
	}
	out.Overdue = row.N > 0 && row.CameIn < s.overdueBefore(out.Round)
	return out, nil
}

// FirstQuarter is the earliest quarter that anybody was asked in, or the one that runs.
func (s *Store) FirstQuarter(ctx context.Context) (day.Quarter, error) {
	first := string(day.QuarterOf(s.Now()))
	if err := s.read.WithContext(ctx).Raw("SELECT COALESCE(MIN(quarter), ?) FROM confirmation_rounds", first).Scan(&first).Error; err != nil {
		return "", fmt.Errorf("first quarter: %w", err)
	}
	return day.Quarter(first), nil
}
