package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/telemetry"
)

// counter sends stamps to a small world.
type counter struct {
	*storetest.World
	t   *testing.T
	ctx context.Context
}

func newCounter(t *testing.T, s *store.Store) *counter {
	w := storetest.NewWorld(t, s)
	return &counter{w, t, w.As(w.Contributor)}
}

// body is one call: alternately an app, a stamp and a count, of the present hour.
func (c *counter) body(triples ...any) []byte {
	var parts []string
	for i := 0; i < len(triples); i += 3 {
		parts = append(parts, fmt.Sprintf(`{"bucket": %q, "app": %q, "stamp": %q, "count": %d}`, c.S.Now().Format(time.RFC3339), triples[i], triples[i+1], triples[i+2]))
	}
	return []byte("[" + strings.Join(parts, ",") + "]")
}

func (c *counter) send(key string, body []byte) (store.StampAnswer, error) {
	lines, err := telemetry.ReadLines(body, c.S.Now())
	if err != nil {
		return store.StampAnswer{}, err
	}
	return c.S.TakeStamps(c.ctx, store.StampCall{Key: key, Body: body, Lines: lines})
}

func (c *counter) sent(key string, triples ...any) store.StampAnswer {
	c.t.Helper()
	a, err := c.send(key, c.body(triples...))
	must(c.t, err)
	return a
}

func (c *counter) traffic(slug string) store.ModelTraffic {
	c.t.Helper()
	m, err := c.S.Model(c.t.Context(), slug)
	must(c.t, err)
	tr, err := c.S.Traffic(c.t.Context(), m.ID, day.Of(c.S.Now()).Add(-30))
	must(c.t, err)
	return tr
}

func (c *counter) total(slug string) int64 { return telemetry.Sum(c.traffic(slug).Days).Total }

func (c *counter) events(verb string) []audit.Event {
	c.t.Helper()
	events, err := c.S.Events(c.t.Context(), store.EventFilter{Verb: verb}, 100)
	must(c.t, err)
	return events
}

func TestStampsAreCountedByVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		c.Version(t, "fraud", "v2")
		got := c.sent("", "checkout", "fraud@v1", 3, "checkout", "fraud@v1", 4, "ops", "fraud@v2", 1, "ops", "fraud@v9", 2, "ops", "nobody@v1", 5)
		if d := cmp.Diff(store.StampAnswer{Accepted: 5, Unknown: []string{"fraud@v9", "nobody@v1"}}, got); d != "" {
			t.Error(d)
		}
		c.sent("", "checkout", "fraud@v1", 10)
		tr := c.traffic("fraud")
		if sum := telemetry.Sum(tr.Days); sum.Total != 20 || sum.Known != 18 {
			t.Errorf("%+v, want 18 of 20 known", sum)
		}
		var versions []string
		for _, v := range tr.Versions {
			versions = append(versions, fmt.Sprint(v.Label, " ", v.Count))
		}
		if d := cmp.Diff([]string{"v1 17", " 2", "v2 1"}, versions); d != "" {
			t.Error(d)
		}
		if len(tr.Apps) != 2 || tr.Apps[0].App != "checkout" || tr.Apps[0].Count != 17 {
			t.Errorf("apps: %+v", tr.Apps)
		}
		if len(tr.Unknown) != 1 || tr.Unknown[0].Stamp != "fraud@v9" || tr.Unknown[0].App != "ops" {
			t.Errorf("unknown of the model: %+v", tr.Unknown)
		}
		all, err := s.UnknownStamps(t.Context(), 50)
		must(t, err)
		if len(all) != 2 {
			t.Errorf("unknown: %+v", all)
		}
		gaps, err := s.CoverageGaps(t.Context(), day.Of(s.Now()), 50)
		must(t, err)
		if len(gaps) != 1 || gaps[0].Slug != "fraud" {
			t.Errorf("gaps: %+v", gaps)
		}
		// A version that is registered later is known from then on, also to a process that did not know it.
		c.Version(t, "fraud", "v9")
		if again := c.sent("", "ops", "fraud@v9", 1); len(again.Unknown) != 0 {
			t.Errorf("registered by now: %+v", again)
		}
	})
}

func TestAModelWithoutAVersionCountsAgainstItsCoverage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		body := []byte(fmt.Sprintf(`[{"bucket": %q, "app": "a", "model": "fraud", "count": 4, "requested_id": "x", "served_id": "y"}]`, s.Now().Format(time.RFC3339)))
		got, err := c.send("", body)
		if err != nil || len(got.Unknown) != 0 {
			t.Errorf("%+v, %v: a model that is known is no unknown stamp", got, err)
		}
		tr := c.traffic("fraud")
		if sum := telemetry.Sum(tr.Days); sum.Total != 4 || sum.Known != 0 {
			t.Errorf("%+v", sum)
		}
		if d := cmp.Diff([]store.ServedTraffic{{Requested: "x", Served: "y", Count: 4}}, tr.Served); d != "" {
			t.Error(d)
		}
	})
}

func TestAPromptIsKnownByItsVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "bot", registry.GenAI, 3)
		hash := strings.Repeat("ab", 32)
		_, err := s.AddVersion(c.ctx, "bot", func(m *registry.Model) (*registry.Version, error) {
			v := &registry.Version{ModelID: m.ID, Label: "v1", Kind: registry.GenAI, Release: registry.Release{Host: "openai", ModelID: "gpt-4.1-2025-04-14",
				Prompts: []registry.Prompt{{Name: "system", SHA256: hash}}}}
			v.Note("version.added", v.Subject(m.Slug), nil, nil)
			return v, nil
		})
		must(t, err)
		got := c.sent("", "a", "bot@v1", 1, "a", "bot@v1+sha256:abababababab", 2, "a", "bot@v1+sha256:"+hash, 4, "a", "bot@v1+sha256:cdcdcdcdcdcd", 8)
		if d := cmp.Diff([]string{"bot@v1+sha256:cdcdcdcdcdcd"}, got.Unknown); d != "" {
			t.Error(d)
		}
		if sum := telemetry.Sum(c.traffic("bot").Days); sum.Total != 15 || sum.Known != 7 {
			t.Errorf("%+v, want 7 of 15 known", sum)
		}
	})
}

func TestACallCountsOnceUnderItsKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		body := c.body("checkout", "fraud@v1", 5, "checkout", "fraud@v2", 1)
		first, err := c.send("key", body)
		must(t, err)
		again, err := c.send("key", body)
		must(t, err)
		if d := cmp.Diff(first, again); d != "" {
			t.Errorf("the same call, another answer: %s", d)
		}
		if n := c.total("fraud"); n != 6 {
			t.Errorf("%d predictions, want 6", n)
		}
		if _, err := c.send("key", c.body("checkout", "fraud@v1", 6)); !fault.Is(err, fault.Conflict) {
			t.Errorf("another call under the key: %v", err)
		}
		c.ctx = c.As(c.Stranger)
		if _, err := c.send("key", c.body("checkout", "fraud@v1", 6)); err != nil {
			t.Errorf("somebody else's key of the same name: %v", err)
		}
		c.sent("", "checkout", "fraud@v1", 1)
		c.sent("", "checkout", "fraud@v1", 1)
		if n := c.total("fraud"); n != 14 {
			t.Errorf("%d predictions, want 14: without a key every call counts", n)
		}
	})
}

func TestTheSameCallManyTimesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		var wait sync.WaitGroup
		for i := range 20 {
			body := c.body("app", "fraud@v1", 1, fmt.Sprint("app-", i), "fraud@v1", 1)
			for range 5 { // five times the same
				wait.Go(func() {
					if _, err := c.send(fmt.Sprint("key ", i), body); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		if n := c.total("fraud"); n != 40 {
			t.Errorf("%d predictions, want 40", n)
		}
	})
}

// manyKeys is a call of n different keys.
func manyKeys(c *counter, n int) []byte {
	var triples []any
	for i := range n {
		triples = append(triples, fmt.Sprintf("app-%05d", i), "fraud@v1", 1)
	}
	return c.body(triples...)
}

func TestTenThousandKeysInACall(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		body := manyKeys(c, telemetry.MaxLines)
		for range 2 {
			if a, err := c.send("key", body); err != nil || a.Accepted != telemetry.MaxLines {
				t.Fatalf("%d, %v", a.Accepted, err)
			}
		}
		if n := c.total("fraud"); n != telemetry.MaxLines {
			t.Errorf("%d predictions", n)
		}
	})
}

// A process that dies between two transactions of a call leaves some parts counted; the next one counts
// the others.
func TestACallThatWasCutShortIsFinishedNotRepeated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		body := manyKeys(c, 3500)
		lines, err := telemetry.ReadLines(body, s.Now())
		must(t, err)
		call := store.StampCall{Key: "key", Body: body, Lines: lines}
		must(t, s.TakePart(c.ctx, call, 1))
		must(t, s.TakePart(c.ctx, call, 3))
		if n := c.total("fraud"); n != 500 {
			t.Fatalf("%d predictions, want the two parts' 500", n)
		}
		if _, err := s.TakeStamps(c.ctx, call); err != nil {
			t.Fatal(err)
		}
		if n := c.total("fraud"); n != 3500 {
			t.Errorf("%d predictions, want 3,500", n)
		}
		call.Body = append([]byte(" "), body...)
		if _, err := s.TakeStamps(c.ctx, call); !fault.Is(err, fault.Conflict) {
			t.Errorf("another body under the key: %v", err)
		}
	})
}

func TestWhatWasAcceptedIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "sundial.db")
	s, err := store.Open(t.Context(), url)
	must(t, err)
	_, err = s.Migrate(t.Context())
	must(t, err)
	c := newCounter(t, s)
	c.Model(t, "fraud", registry.Trained, 3)
	c.Version(t, "fraud", "v1")
	body := manyKeys(c, 2500)
	_, err = c.send("key", body)
	must(t, err)
	must(t, s.Close())
	if _, err := s.TakeStamps(c.ctx, store.StampCall{Lines: make([]telemetry.Line, 0)}); err == nil {
		_, err = c.send("", body)
		if err == nil {
			t.Error("a store that is closed takes nothing")
		}
	}
	c.S = storetest.Open(t, url)
	_, err = c.send("key", body)
	must(t, err)
	if n := c.total("fraud"); n != 2500 {
		t.Errorf("%d predictions, want 2,500", n)
	}
}

func TestAZombieIsNotedOnceADayAndApp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		now := time.Now()
		s.SetClock(func() time.Time { return now })
		c.Model(t, "fraud", registry.Trained, 3)
		v := c.Version(t, "fraud", "v1")
		c.Version(t, "fraud", "v2")
		_, err := s.ChangeVersion(c.As(c.Owner), "fraud", "v1", 0, func(m *registry.Model, v *registry.Version) error {
			v.Stage = registry.Retired
			v.Note("version.closed", v.Subject(m.Slug), nil, nil)
			return nil
		})
		must(t, err)
		got := c.sent("", "checkout", "fraud@v1", 3, "checkout", "fraud@v2", 1)
		if d := cmp.Diff(store.StampAnswer{Accepted: 2, Zombies: []string{"fraud@v1"}}, got); d != "" {
			t.Error(d)
		}
		c.sent("", "checkout", "fraud@v1", 3)
		if n := len(c.events("zombie.seen")); n != 1 {
			t.Fatalf("%d events, want 1", n)
		}
		if e := c.events("zombie.seen")[0]; e.Subject.ID != v.ID || e.Subject.Label != "fraud@v1" || !strings.Contains(string(e.After), "checkout") || e.ActorID != c.Contributor.ID {
			t.Errorf("%+v %s", e, e.After)
		}
		c.sent("", "ops", "fraud@v1", 1)
		now = now.AddDate(0, 0, 1)
		c.sent("", "checkout", "fraud@v1", 1)
		if n := len(c.events("zombie.seen")); n != 3 {
			t.Errorf("%d events, want one more for the other app and one for the next day", n)
		}
		now = now.AddDate(0, 0, 1)
		for i := range 40 {
			c.sent("", fmt.Sprint("app-", i), "fraud@v1", 1)
		}
		if n := len(c.events("zombie.seen")); n != 23 {
			t.Errorf("%d events: forty apps should not drown the trail", n)
		}
		z := c.traffic("fraud").Zombies
		if i := slices.IndexFunc(z, func(z store.Zombie) bool { return z.App == "checkout" }); len(z) != 42 || i < 0 || z[i].Days != 2 || z[i].Count != 7 {
			t.Errorf("%d apps, want all 42, and the checkout's two days: %+v", len(z), z)
		}
		if _, broken, err := s.VerifyAudit(t.Context()); err != nil || broken != nil {
			t.Errorf("the chain should hold: %v %v", broken, err)
		}
	})
}

func TestAStampLeadsToItsVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Serve(t, "fraud", "v1", 3)
		c.sent("", "checkout", "fraud@v1", 3)
		got, err := s.ByStamp(t.Context(), telemetry.Stamp{Model: "fraud", Version: "v1"})
		must(t, err)
		if !got.Known || got.Version.Lineage.Code.Commit == "" || len(got.Served) != 1 || len(got.Served[0].ApprovedBy) == 0 || got.Serving == nil || got.Serving.Version != "v1" {
			t.Errorf("%+v", got)
		}
		if got.Last.IsZero() || len(got.Apps) != 1 || got.Apps[0].Count != 3 {
			t.Errorf("traffic: %v %+v", got.Last, got.Apps)
		}
		if _, err := s.ByStamp(t.Context(), telemetry.Stamp{Model: "fraud", Version: "v2"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a version that does not exist: %v", err)
		}
	})
}

func TestOldCountsAreSwept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		now := time.Now()
		s.SetClock(func() time.Time { return now })
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		c.sent("old", "checkout", "fraud@v1", 3, "checkout", "gone@v1", 1)
		now = now.AddDate(0, 0, 10)
		c.sent("new", "checkout", "fraud@v1", 5)
		n, err := s.SweepTelemetry(t.Context(), day.Of(now).Add(-5))
		must(t, err)
		if n != 2 { // a count and its day
			t.Errorf("%d rows swept", n)
		}
		if total := c.total("fraud"); total != 5 {
			t.Errorf("%d predictions are left, want 5", total)
		}
		if u, err := s.UnknownStamps(t.Context(), 50); err != nil || len(u) != 0 {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

func TestCountsNeedASource(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	if _, err := s.TakeStamps(context.Background(), store.StampCall{}); err == nil {
		t.Error("nobody sent this")
	}
	if _, err := s.TakeStamps(store.WithSource(t.Context(), store.Source{Actor: org.System}), store.StampCall{}); err != nil {
		t.Errorf("nothing to count is no failure: %v", err)
	}
}

func TestMoreThanCanBeWrittenSoonIsSentBack(t *testing.T) {
	t.Parallel()
	c := newCounter(t, storetest.New(t))
	c.Model(t, "fraud", registry.Trained, 3)
	c.Version(t, "fraud", "v1")
	c.S.PendStamps(50_000)
	if _, err := c.send("", c.body("checkout", "fraud@v1", 1)); !fault.Is(err, fault.TooMany) {
		t.Errorf("the queue is full: %v", err)
	}
	c.S.PendStamps(-50_000)
	c.sent("", "checkout", "fraud@v1", 2)
	if n := c.total("fraud"); n != 2 {
		t.Errorf("%d predictions: what was sent back does not count", n)
	}
}

func TestDecisionsAndCountsBesideEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := newCounter(t, s)
		c.Model(t, "fraud", registry.Trained, 3)
		c.Version(t, "fraud", "v1")
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				for j := range 5 {
					if _, err := c.send(fmt.Sprint(i, " ", j), manyKeys(c, 600)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 20 {
			_, err := s.ChangeModel(c.As(c.Owner), "fraud", 0, func(m *registry.Model) error {
				m.Note("model.changed", m.Subject(), nil, nil)
				return nil
			})
			must(t, err)
		}
		wait.Wait()
		if n := c.total("fraud"); n != 4*5*600 {
			t.Errorf("%d predictions, want 12,000", n)
		}
	})
}
