package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// Bounds of what is written at once and kept of strangers' inventions.
const (
	stampKeys     = 1000   // keys a transaction, which lasts some ten milliseconds
	partKeys      = 250    // keys a part of a call, and a transaction while others wait to write
	mostUnknown   = 10_000 // unknown stamps kept; the longest unseen go first
	zombieEvents  = 20     // audit events a retired version gets a day, however many apps still call it
	rowsStatement = 50     // rows of one prepared statement
)

// stampRow is a count that has found its model.
type stampRow struct {
	model, bucket, version                int64
	known                                 bool
	app, prompt, requested, served, stamp string
	zombie                                bool
	label                                 string // of the version, as model@version
	team                                  int64  // of whoever reports it, 0 for none or several
	n                                     int64
}

// compareStamps orders by what stamp_counts adds up by.
func compareStamps(a, b stampRow) int {
	for _, x := range [...][2]int64{{a.model, b.model}, {a.bucket, b.bucket}, {a.version, b.version}} {
		if x[0] != x[1] {
			return cmp.Compare(x[0], x[1])
		}
	}
	for _, x := range [...][2]string{{a.app, b.app}, {a.prompt, b.prompt}, {a.requested, b.requested}, {a.served, b.served}} {
		if x[0] != x[1] {
			return strings.Compare(x[0], x[1])
		}
	}
	if a.known != b.known {
		if a.known {
			return 1
		}
		return -1
	}
	return 0
}

// stampPart is as much of a call as one transaction takes, with who sent it.
type stampPart struct {
	src    Source
	key    string // hash of the caller and the Idempotency-Key, "" without one
	body   string // SHA-256 of what was sent, to tell the same call from another under its key
	nth    int
	rows   []stampRow
	result chan error
}

var errOtherCall = fault.New(fault.Conflict, "This Idempotency-Key was used for other counts. Use a new key for each call.")

// writeStamps writes parts in one transaction, each at most once. The error of a part alone is in out;
// err means that nothing was written.
//
// Counts leave no audit event: there are millions of them, they decide nothing, and the trail would
// drown. What people have to hear of, a retired version that answers, is noted once a day and app.
func (s *Store) writeStamps(ctx context.Context, parts []*stampPart) (out []error, err error) {
	err = s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &txn{DB: db, s: s, ctx: ctx}
		var fresh []*stampPart
		if fresh, out, err = tx.freshParts(parts); err != nil || len(fresh) == 0 {
			return err
		}
		var rows []stampRow
		for _, p := range fresh {
			team := soleTeam(p.src.Actor)
			for _, r := range p.rows {
				r.team = team
				rows = append(rows, r)
			}
		}
		for _, step := range []func([]stampRow) error{tx.addCounts, tx.addDays, tx.addUnknown} {
			if err := step(rows); err != nil {
				return err
			}
		}
		return tx.addZombies(fresh)
	})
	return out, err
}

// soleTeam is the team that somebody speaks for: whoever belongs to several speaks for none.
func soleTeam(a org.Actor) int64 {
	if len(a.TeamIDs) == 1 {
		return a.TeamIDs[0]
	}
	return 0
}

// freshParts leaves out what was counted before, and marks the rest as counted in this transaction.
func (tx *txn) freshParts(parts []*stampPart) (fresh []*stampPart, out []error, err error) {
	out = make([]error, len(parts))
	seen := map[string]*callRow{}
	var keys []string
	for _, p := range parts {
		if p.key != "" && seen[p.key] == nil {
			seen[p.key] = &callRow{KeyHash: p.key, BodySHA256: p.body}
			keys = append(keys, p.key)
		}
	}
	slices.Sort(keys) // replicas lock in one order
	if err := tx.lockCalls(keys, seen); err != nil {
		return nil, nil, err
	}
	for i, p := range parts {
		switch call := seen[p.key]; {
		case p.key == "":
			fresh = append(fresh, p)
		case call.BodySHA256 != p.body:
			out[i] = errOtherCall
		case call.Done&(1<<p.nth) == 0:
			call.Done |= 1 << p.nth
			fresh = append(fresh, p)
		}
	}
	for _, k := range keys {
		if err := tx.Exec("UPDATE stamp_calls SET done = ? WHERE key_hash = ?", seen[k].Done, k).Error; err != nil {
			return nil, nil, fmt.Errorf("stamp calls: %w", err)
		}
	}
	return fresh, out, nil
}

type callRow struct {
	KeyHash    string
	BodySHA256 string `gorm:"column:body_sha256"`
	Done       int64
}

func (tx *txn) lockCalls(keys []string, seen map[string]*callRow) error {
	now := ms(tx.s.Now())
	for _, k := range keys {
		err := tx.Exec("INSERT INTO stamp_calls (key_hash, body_sha256, done, at) VALUES (?, ?, 0, ?) ON CONFLICT (key_hash) DO NOTHING", k, seen[k].BodySHA256, now).Error
		if err != nil {
			return fmt.Errorf("stamp calls: %w", err)
		}
		var row callRow
		if err := tx.s.locked(tx.Table("stamp_calls")).Select("key_hash, body_sha256, done").Where("key_hash = ?", k).Take(&row).Error; err != nil {
			return fmt.Errorf("stamp calls: %w", err)
		}
		*seen[k] = row
	}
	return nil
}

// merged sorts rows and adds those with one key up: PostgreSQL changes no row twice in a statement, and
// replicas that lock in the same order do not wait for each other in a circle.
func merged(rows []stampRow) []stampRow {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r stampRow) bool { return r.model == 0 })
	slices.SortFunc(rows, compareStamps)
	out := rows[:0]
	for _, r := range rows {
		if n := len(out); n > 0 && compareStamps(out[n-1], r) == 0 {
			out[n-1].n += r.n
			continue
		}
		out = append(out, r)
	}
	return out
}

func (tx *txn) addCounts(rows []stampRow) error {
	rows = merged(rows)
	if tx.s.dialect == postgresDialect {
		return tx.addCountsAtOnce(rows)
	}
	const columns = "model_id, bucket, version_id, known, app, prompt, requested_id, served_id, n"
	return tx.upsert("stamp_counts", columns, "model_id, bucket, version_id, known, app, prompt, requested_id, served_id",
		"n = stamp_counts.n + excluded.n", len(rows), func(i int, args []any) []any {
			r := rows[i]
			return append(args, r.model, r.bucket, r.version, r.known, r.app, r.prompt, r.requested, r.served, r.n)
		})
}

func (tx *txn) addCountsAtOnce(rows []stampRow) error {
	if len(rows) == 0 {
		return nil
	}
	n := len(rows)
	model, bucket, version, count := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	known := make([]bool, n)
	app, prompt, requested, served := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, r := range rows {
		model[i], bucket[i], version[i], known[i], count[i] = r.model, r.bucket, r.version, r.known, r.n
		app[i], prompt[i], requested[i], served[i] = r.app, r.prompt, r.requested, r.served
	}
	_, err := tx.Statement.ConnPool.ExecContext(tx.ctx, `INSERT INTO stamp_counts (model_id, bucket, version_id, known, app, prompt, requested_id, served_id, n)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
		ON CONFLICT (model_id, bucket, version_id, known, app, prompt, requested_id, served_id) DO UPDATE SET n = stamp_counts.n + excluded.n`,
		model, bucket, version, known, app, prompt, requested, served, count)
	if err != nil {
		return fmt.Errorf("add stamp counts: %w", err)
	}
	return nil
}

// addDays keeps the sums by model and day in step.
func (tx *txn) addDays(rows []stampRow) error {
	type sum struct {
		model              int64
		day                day.Day
		total, known, last int64
	}
	at := map[[2]int64]int{}
	var sums []sum
	const dayMillis = 24 * 60 * 60 * 1000
	for _, r := range rows {
		if r.model == 0 {
			continue
		}
		k := [2]int64{r.model, r.bucket / dayMillis}
		j, seen := at[k]
		if !seen {
			j = len(sums)
			at[k] = j
			sums = append(sums, sum{model: r.model, day: day.Of(time.UnixMilli(r.bucket))})
		}
		sums[j].total += r.n
		if r.known {
			sums[j].known += r.n
		}
		sums[j].last = max(sums[j].last, r.bucket)
	}
	slices.SortFunc(sums, func(a, b sum) int {
		if a.model != b.model {
			return int(min(max(a.model-b.model, -1), 1))
		}
		return strings.Compare(string(a.day), string(b.day))
	})
	return tx.upsert("stamp_days", "model_id, on_day, total, known, last_bucket", "model_id, on_day",
		"total = stamp_days.total + excluded.total, known = stamp_days.known + excluded.known, last_bucket = "+tx.s.greatest("stamp_days.last_bucket", "excluded.last_bucket"),
		len(sums), func(i int, args []any) []any {
			x := sums[i]
			return append(args, x.model, string(x.day), x.total, x.known, x.last)
		})
}

func (s *Store) greatest(a, b string) string {
	if s.dialect == postgresDialect {
		return "GREATEST(" + a + ", " + b + ")"
	}
	return "MAX(" + a + ", " + b + ")"
}

// addUnknown remembers stamps that name nothing, up to a bound.
func (tx *txn) addUnknown(rows []stampRow) error {
	type key struct{ stamp, app string }
	at := map[key]int{}
	var unknown []stampRow
	for _, r := range rows {
		if r.stamp == "" {
			continue
		}
		k := key{r.stamp, r.app}
		if j, seen := at[k]; seen {
			unknown[j].n += r.n
			continue
		}
		at[k] = len(unknown)
		unknown = append(unknown, r)
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.SortFunc(unknown, func(a, b stampRow) int {
		if c := strings.Compare(a.stamp, b.stamp); c != 0 {
			return c
		}
		return strings.Compare(a.app, b.app)
	})
	now := ms(tx.s.Now())
	err := tx.upsert("unknown_stamps", "stamp, app, model_id, team_id, n, first_at, last_at", "stamp, app",
		"n = unknown_stamps.n + excluded.n, last_at = excluded.last_at, model_id = excluded.model_id, team_id = excluded.team_id", len(unknown), func(i int, args []any) []any {
			r := unknown[i]
			return append(args, r.stamp, r.app, r.model, r.team, r.n, now, now)
		})
	if err != nil {
		return err
	}
	var have int64
	if err := tx.Raw("SELECT COUNT(*) FROM unknown_stamps").Scan(&have).Error; err != nil {
		return fmt.Errorf("unknown stamps: %w", err)
	}
	if have <= mostUnknown {
		return nil
	}
	err = tx.Exec(`DELETE FROM unknown_stamps WHERE (stamp, app) IN (SELECT stamp, app FROM unknown_stamps ORDER BY last_at, stamp, app LIMIT ?)`, have-mostUnknown).Error
	if err != nil {
		return fmt.Errorf("unknown stamps: %w", err)
	}
	return nil
}

// addZombies remembers who still calls what is retired, and tells the audit trail of each app's first
// call of a day. The event is that of whoever reported it.
func (tx *txn) addZombies(parts []*stampPart) error {
	today := day.Of(tx.s.Now())
	for _, p := range parts {
		own := &txn{DB: tx.DB, s: tx.s, ctx: tx.ctx, src: p.src}
		var zombies []stampRow
		for _, r := range p.rows {
			if r.zombie {
				zombies = append(zombies, r)
			}
		}
		slices.SortFunc(zombies, compareStamps)
		for _, r := range zombies {
			if err := own.addZombie(r, today); err != nil {
				return err
			}
		}
		if len(own.Notes()) > 0 {
			if err := own.markChanged(); err != nil {
				return err
			}
			if err := tx.s.appendEvents(own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *txn) addZombie(r stampRow, today day.Day) error {
	var n int64
	err := tx.Raw(`INSERT INTO zombie_sightings (version_id, on_day, app, model_id, n, last_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (version_id, on_day, app) DO UPDATE SET n = zombie_sightings.n + excluded.n, last_at = excluded.last_at RETURNING n`,
		r.version, string(today), r.app, r.model, r.n, ms(tx.s.Now())).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("zombies: %w", err)
	}
	if n != r.n { // seen today already
		return nil
	}
	var apps int64
	if err := tx.Raw("SELECT COUNT(*) FROM zombie_sightings WHERE version_id = ? AND on_day = ?", r.version, string(today)).Scan(&apps).Error; err != nil {
		return fmt.Errorf("zombies: %w", err)
	}
	if apps <= zombieEvents {
		tx.Note("zombie.seen", audit.Subject{Kind: "version", ID: r.version, Label: r.label, Model: r.model}, nil,
			map[string]any{"app": r.app, "count": r.n, "hour": at(r.bucket).Format(time.RFC3339)})
	}
	return nil
}

// upsert inserts rows or adds them to those that are there, by statements of a fixed length that the
// connection keeps prepared.
func (tx *txn) upsert(table, columns, key, set string, rows int, row func(i int, args []any) []any) error {
	width := strings.Count(columns, ",") + 1
	args := make([]any, 0, width*rowsStatement)
	statements := map[int]string{}
	for i := range rows {
		args = row(i, args)
		if n := len(args) / width; n == rowsStatement || i == rows-1 {
			if statements[n] == "" {
				statements[n] = "INSERT INTO " + table + " (" + columns + ") VALUES " + tx.s.values(width, n) + " ON CONFLICT (" + key + ") DO UPDATE SET " + set
			}
			if _, err := tx.Statement.ConnPool.ExecContext(tx.ctx, statements[n], args...); err != nil {
				return fmt.Errorf("add to %s: %w", table, err)
			}
			args = args[:0]
		}
	}
	return nil
}

// values is "(?, ?), (?, ?)", with numbers on PostgreSQL.
func (s *Store) values(width, rows int) string {
	var b strings.Builder
	for i := range width * rows {
		switch {
		case i%width != 0:
			b.WriteString(", ")
		case i > 0:
			b.WriteString("), (")
		default:
			b.WriteString("(")
		}
		if s.dialect == postgresDialect {
			b.WriteString("$" + strconv.Itoa(i+1))
		} else {
			b.WriteString("?")
		}
	}
	b.WriteString(")")
	return b.String()
}
