package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sundial/models/store"
	"sundial/models/telemetry"
)

const (
	stampPath  = "/api/v1/stamps"
	stampKeys  = 1000 // keys of a call, and of a transaction
	stampCalls = 4    // callers at once
)

// counterKey is one key of the counters: what a caller names, and what it is kept under.
type counterKey struct {
	slug, label    string
	model, version int64
	app            string
}

// counterKeys are different keys of versions there are, for every caller.
func counterKeys(ctx context.Context, url string) ([][]counterKey, error) {
	db, err := openToRead(url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT m.slug, v.label, m.id, v.id FROM versions v JOIN models m ON m.id = v.model_id WHERE v.stage <> 'retired' ORDER BY v.id LIMIT 250")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var versions []counterKey
	for rows.Next() {
		var k counterKey
		if err := rows.Scan(&k.slug, &k.label, &k.model, &k.version); err != nil {
			return nil, err
		}
		versions = append(versions, k)
	}
	out := make([][]counterKey, stampCalls)
	for c := range out {
		for i := range stampKeys {
			k := versions[i%len(versions)]
			k.app = fmt.Sprintf("app-%d-%d", c, i/len(versions))
			out[c] = append(out[c], k)
		}
	}
	return out, rows.Err()
}

// lines is a body of n counts that go through the keys again and again.
func lines(keys []counterKey, n int, hour time.Time) []byte {
	parts := make([]string, 0, n)
	for i := range n {
		k := keys[i%len(keys)]
		parts = append(parts, fmt.Sprintf(`{"bucket":%q,"app":%q,"stamp":"%s@%s","requested_id":"gpt-4.1-2025-04-14","served_id":"gpt-4.1-2025-04-14","count":%d}`,
			hour.Format(time.RFC3339), k.app, k.slug, k.label, i+1))
	}
	return []byte("[" + strings.Join(parts, ",") + "]")
}

func hourNow() time.Time { return time.Now().UTC().Truncate(telemetry.Bucket) }

// countersGoal holds counters that come in over HTTP, a thousand keys a call, against the same rows in
// the driver's prepared statements, a thousand a transaction.
var countersGoal = goal{names: []string{"P9"}, what: "stamp counters over HTTP against the driver's own batch", measure: func(ctx context.Context, b *bench) ([]row, error) {
	keys, err := counterKeys(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	asks, err := stampAsks(ctx, b.sqlite, keys, stampKeys)
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, portalPart, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	raw, err := prepareCounters(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer raw.db.Close()
	turn := 0
	got, err := byTurns(b.rounds, s.loadOf(asks, b.seconds, http.StatusOK), forSeconds(b.seconds, func() error {
		turn++
		return raw.write(ctx, keys[turn%len(keys)])
	}))
	if err != nil {
		return nil, err
	}
	p, f := got[0], got[1]
	return []row{atLeast("P9", "stamp counters over HTTP, of the driver's batch", ratio(p, f, perSecond), 0.75,
		fmt.Sprintf("%.0f keys/s against %.0f keys/s; CPU of 1,000 keys %.1f ms against %.1f ms", stampKeys*middle(p, perSecond), stampKeys*middle(f, perSecond), middle(p, cpuOf), middle(f, cpuOf)))}, nil
}}

func stampAsks(ctx context.Context, url string, keys [][]counterKey, n int) ([]asked, error) {
	ask, err := signIn(ctx, url, stampPath)
	if err != nil {
		return nil, err
	}
	asks := make([]asked, 0, len(keys))
	for _, k := range keys {
		asks = append(asks, asked{path: ask.path, header: ask.header, body: lines(k, n, hourNow())})
	}
	return asks, nil
}

// forSeconds is a variant of something done in this process, one after the other for some seconds.
func forSeconds(seconds float64, call func() error) func() (sample, error) {
	return func() (sample, error) {
		settle()
		var took []time.Duration
		began, cpu := time.Now(), cpuTime()
		for until := began.Add(time.Duration(seconds * float64(time.Second))); time.Now().Before(until); {
			t := time.Now()
			if err := call(); err != nil {
				return sample{}, err
			}
			took = append(took, time.Since(t))
		}
		return sampleOf(took, time.Since(began), cpuTime()-cpu), nil
	}
}

// counters is what a thousand keys write, as prepared statements: the counts, and the sums by model and
// day that pages read.
type counters struct {
	db           *database
	counts, days *sql.Stmt
}

const counterRows = 50 // of a statement

func prepareCounters(ctx context.Context, url string) (*counters, error) {
	db, err := openToWrite(url)
	if err != nil {
		return nil, err
	}
	values := func(width int) string {
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", width), ", ") + ")"
		return strings.TrimSuffix(strings.Repeat(one+", ", counterRows), ", ")
	}
	c := &counters{db: db}
	if c.counts, err = db.prepare(ctx, "INSERT INTO stamp_counts (model_id, bucket, version_id, known, app, prompt, requested_id, served_id, n) VALUES "+values(9)+
		" ON CONFLICT (model_id, bucket, version_id, known, app, prompt, requested_id, served_id) DO UPDATE SET n = stamp_counts.n + excluded.n"); err != nil {
		return nil, err
	}
	c.days, err = db.prepare(ctx, "INSERT INTO stamp_days (model_id, on_day, total, known, last_bucket) VALUES "+values(5)+
		" ON CONFLICT (model_id, on_day) DO UPDATE SET total = stamp_days.total + excluded.total, known = stamp_days.known + excluded.known, last_bucket = MAX(stamp_days.last_bucket, excluded.last_bucket)")
	return c, err
}

func (c *counters) write(ctx context.Context, keys []counterKey) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	hour := hourNow()
	bucket, day := hour.UnixMilli(), hour.Format(time.DateOnly)
	insert := func(prepared *sql.Stmt, rows [][]any) error {
		s := tx.StmtContext(ctx, prepared)
		for chunk := range slices.Chunk(rows, counterRows) {
			if _, err := s.ExecContext(ctx, slices.Concat(chunk...)...); err != nil {
				return err
			}
		}
		return nil
	}
	var counts, days [][]any
	models := map[int64]bool{}
	for _, k := range keys {
		counts = append(counts, []any{k.model, bucket, k.version, true, k.app, "", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", 1})
		if !models[k.model] {
			models[k.model] = true
			days = append(days, []any{k.model, day, 4, 4, bucket})
		}
	}
	days = days[:len(days)/counterRows*counterRows]
	if err := insert(c.counts, counts); err != nil {
		return err
	}
	if err := insert(c.days, days); err != nil {
		return err
	}
	return tx.Commit()
}

// decodeGoal holds raw stamps, ten thousand lines of few keys a call, against what all cores together
// could decode if they did nothing else.
var decodeGoal = goal{names: []string{"P10"}, what: "raw stamps over HTTP against decoding alone", measure: func(ctx context.Context, b *bench) ([]row, error) {
	keys, err := counterKeys(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	for i := range keys {
		keys[i] = keys[i][:100]
	}
	asks, err := stampAsks(ctx, b.sqlite, keys, telemetry.MaxLines)
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, portalPart, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	got, err := byTurns(b.rounds, s.loadOf(asks, b.seconds, http.StatusOK), forSeconds(b.seconds, func() error {
		_, err := telemetry.ReadLines(asks[0].body, time.Now())
		return err
	}))
	if err != nil {
		return nil, err
	}
	p, f := got[0], got[1]
	cores := float64(runtime.GOMAXPROCS(0))
	raw := fmt.Sprintf("%.0f lines/s against %.0f x %.0f lines/s; CPU of 10,000 lines %.1f ms against %.1f ms", telemetry.MaxLines*middle(p, perSecond), cores,
		telemetry.MaxLines*middle(f, perSecond), middle(p, cpuOf), middle(f, cpuOf))
	return []row{
		atLeast("P10", "raw stamps over HTTP, of cores x decoding on one", ratio(p, f, perSecond)/cores, 0.5, raw),
		atLeast("P10", "the same by CPU, which decides where others use the machine", ratio(f, p, cpuOf), 0.5, ""),
	}, nil
}}

// besideGoal asks how long approvals take while as many counts come in as can be written.
var besideGoal = goal{names: []string{"P11"}, what: "approvals beside stamps that saturate the writer", measure: func(ctx context.Context, b *bench) ([]row, error) {
	s, err := store.Open(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	keys, err := counterKeys(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	asks, err := stampAsks(ctx, b.sqlite, keys, stampKeys)
	if err != nil {
		return nil, err
	}
	handler, err := silentPortal(s)
	if err != nil {
		return nil, err
	}
	each := max(2, min(40, b.models/(200*b.rounds)))
	waiting, err := openRequests(ctx, s, 2*b.rounds*each+1)
	if err != nil {
		return nil, err
	}
	if err := approve(ctx, s, waiting[0]); err != nil {
		return nil, err
	}
	idle, busy, calls, err := approvals(ctx, s, handler, asks, waiting[1:], b.rounds, each)
	if err != nil {
		return nil, err
	}
	slices.Sort(idle)
	slices.Sort(busy)
	p99 := func(d []time.Duration) float64 { return quantile(d, 0.99).Seconds() * 1000 }
	raw := fmt.Sprintf("p50 %.1f ms idle, %.1f ms beside; %d approvals each; %d calls of 1,000 keys taken meanwhile", quantile(idle, 0.5).Seconds()*1000, quantile(busy, 0.5).Seconds()*1000, len(busy), calls)
	return []row{
		{"P11", "approval beside ingest, p99", "<= 30 ms", fmt.Sprintf("%.1f ms", p99(busy)), judged(p99(busy) <= 30), raw},
		atMost("P11", "approval beside ingest, p99 of idle", p99(busy)/p99(idle), 10, fmt.Sprintf("%.1f ms against %.1f ms", p99(busy), p99(idle))),
	}, nil
}}

// approvals times approvals by turns, with nothing beside them and with callers that never stop.
func approvals(ctx context.Context, s *store.Store, h http.Handler, asks []asked, waiting []int64, rounds, each int) (idle, busy []time.Duration, calls int64, err error) {
	timed := func(into *[]time.Duration) error {
		for range each {
			t := time.Now()
			if err := approve(ctx, s, waiting[0]); err != nil {
				return err
			}
			*into = append(*into, time.Since(t))
			waiting = waiting[1:]
			time.Sleep(5 * time.Millisecond) // people do not approve back to back
		}
		return nil
	}
	for range rounds {
		if err := timed(&idle); err != nil {
			return nil, nil, 0, err
		}
		stop := saturate(h, asks)
		err := timed(&busy)
		n, failed := stop()
		calls += n
		if err != nil {
			return nil, nil, 0, err
		}
		if failed != 0 {
			return nil, nil, 0, fmt.Errorf("a call of counts was answered %d", failed)
		}
	}
	return idle, busy, calls, nil
}

// saturate sends calls from all callers until stop, which says how many were taken and the first status
// that was not one of success or "come back later".
func saturate(h http.Handler, asks []asked) (stop func() (taken, failed int64)) {
	var running atomic.Bool
	running.Store(true)
	var taken, failed atomic.Int64
	var wait sync.WaitGroup
	for _, a := range asks {
		wait.Go(func() {
			for running.Load() {
				r := httptest.NewRequest(http.MethodPost, a.path, bytes.NewReader(a.body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				for _, line := range a.header {
					name, value, _ := strings.Cut(line, ": ")
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				switch w.Code {
				case http.StatusOK:
					taken.Add(1)
				case http.StatusTooManyRequests:
				default:
					failed.Store(int64(w.Code))
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond) // until the writer has its hands full
	return func() (int64, int64) {
		running.Store(false)
		wait.Wait()
		return taken.Load(), failed.Load()
	}
}
