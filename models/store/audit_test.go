package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// unguarded takes the triggers away, as somebody with the database's password could.
func unguarded(t *testing.T, s *store.Store) *gorm.DB {
	t.Helper()
	db := s.DB()
	for _, sql := range map[string][]string{
		"sqlite":   {"DROP TRIGGER audit_events_no_update", "DROP TRIGGER audit_events_no_delete"},
		"postgres": {"ALTER TABLE audit_events DISABLE TRIGGER ALL"},
	}[s.Engine()] {
		run(t, db, sql)
	}
	return db
}

func run(t *testing.T, db *gorm.DB, sql string, args ...any) {
	t.Helper()
	if err := db.Exec(sql, args...).Error; err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// storedEvent is an event as its table keeps it.
type storedEvent struct {
	Seq, At, ActorID, SubjectID, ModelID                                                   int64
	Actor, Via, Verb, SubjectKind, SubjectLabel, BeforeJSON, AfterJSON, RequestID, Address string
	PrevHash, Hash                                                                         string
}

func (storedEvent) TableName() string { return "audit_events" }

func (r storedEvent) event() audit.Event {
	e := audit.Event{Seq: r.Seq, At: time.UnixMilli(r.At).UTC(), ActorID: r.ActorID, Actor: r.Actor, Via: r.Via, Verb: r.Verb,
		Subject:   audit.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Label: r.SubjectLabel, Model: r.ModelID},
		RequestID: r.RequestID, From: r.Address}
	if r.BeforeJSON != "" {
		e.Before = json.RawMessage(r.BeforeJSON)
	}
	if r.AfterJSON != "" {
		e.After = json.RawMessage(r.AfterJSON)
	}
	return e
}

// rechain gives every event from seq on a new, fitting place in the chain, and the head its last hash.
func rechain(t *testing.T, db *gorm.DB, seq int64) {
	t.Helper()
	var rows []storedEvent
	if err := db.Select(storedColumns).Order("seq").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	run(t, db, "UPDATE audit_events SET prev_hash = 'p' || seq, hash = 'h' || seq WHERE seq >= ?", seq) // both are unique
	prev := ""
	for _, r := range rows {
		if r.Seq < seq {
			prev = r.Hash
			continue
		}
		e := r.event()
		if err := e.Seal(prev); err != nil {
			t.Fatal(err)
		}
		run(t, db, "UPDATE audit_events SET prev_hash = ?, hash = ? WHERE seq = ?", e.PrevHash, e.Hash, e.Seq)
		prev = e.Hash
	}
	run(t, db, "UPDATE audit_head SET hash = ?, seq = ?", prev, rows[len(rows)-1].Seq)
}

const storedColumns = `seq, at, actor_id, actor, via, verb, subject_kind, subject_id, subject_label, model_id, before_json, after_json, request_id, address, prev_hash, hash`

func TestVerifyFindsEveryManipulation(t *testing.T) {
	hash := strings.Repeat("0", 64)
	exec := func(sql string, args ...any) func(*testing.T, *gorm.DB, int64) {
		return func(t *testing.T, db *gorm.DB, _ int64) { t.Helper(); run(t, db, sql, args...) }
	}
	edit := func(set string, args ...any) func(*testing.T, *gorm.DB, int64) {
		return exec("UPDATE audit_events SET "+set+" WHERE seq = 4", args...)
	}
	tests := map[string]func(t *testing.T, db *gorm.DB, last int64){
		"seq moved to the end": func(t *testing.T, db *gorm.DB, last int64) {
			run(t, db, "UPDATE audit_events SET seq = ? WHERE seq = 4", last+1)
		},
		"time":                             edit("at = at - 3600000"),
		"actor's id":                       edit("actor_id = 99"),
		"actor's name":                     edit("actor = 'Somebody else'"),
		"door they came by":                edit("via = 'token:ci'"),
		"verb":                             edit("verb = 'model.registered'"),
		"kind of subject":                  edit("subject_kind = 'session'"),
		"id of subject":                    edit("subject_id = subject_id + 1"),
		"label of subject":                 edit("subject_label = 'another'"),
		"model":                            edit("model_id = 99"),
		"before":                           edit(`before_json = '{"roles":["admin"]}'`),
		"after":                            edit(`after_json = '{"roles":["admin"]}'`),
		"after emptied":                    edit("after_json = ''"),
		"after no longer JSON":             edit("after_json = '{'"),
		"blanks in after":                  edit("after_json = REPLACE(after_json, ':', ': ')"),
		"a second key before the real one": edit(`after_json = '{"roles":["admin"],' || SUBSTR(after_json, 2)`),
		"request id":                       edit("request_id = 'other'"),
		"address":                          edit("address = '203.0.113.9'"),
		"predecessor's hash":               edit("prev_hash = ?", hash),
		"own hash":                         edit("hash = ?", hash),
		"first event deleted":              exec("DELETE FROM audit_events WHERE seq = 1"),
		"one deleted in the middle":        exec("DELETE FROM audit_events WHERE seq = 4"),
		"tail cut off":                     exec("DELETE FROM audit_events WHERE seq > 5"),
		"tail cut off, head moved back": func(t *testing.T, db *gorm.DB, _ int64) {
			run(t, db, "DELETE FROM audit_events WHERE seq > 5")
			run(t, db, "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit_events WHERE seq = 5)")
		},
		"all deleted": exec("DELETE FROM audit_events"),
		"all deleted, head as on the first day": func(t *testing.T, db *gorm.DB, _ int64) {
			run(t, db, "DELETE FROM audit_events")
			run(t, db, "UPDATE audit_head SET seq = 0, hash = '', seal = ''")
		},
		"one inserted between two": func(t *testing.T, db *gorm.DB, last int64) {
			for n := last; n > 4; n-- {
				run(t, db, "UPDATE audit_events SET seq = seq + 1 WHERE seq = ?", n)
			}
			insertCopy(t, db, 4, 5)
			rechain(t, db, 5)
		},
		"one added at the end, fitting": func(t *testing.T, db *gorm.DB, last int64) {
			insertCopy(t, db, last, last+1)
			var e storedEvent
			if err := db.Select(storedColumns).Where("seq = ?", last).Take(&e).Error; err != nil {
				t.Fatal(err)
			}
			next := e.event()
			next.Seq = last + 1
			if err := next.Seal(e.Hash); err != nil {
				t.Fatal(err)
			}
			run(t, db, "UPDATE audit_events SET prev_hash = ?, hash = ? WHERE seq = ?", next.PrevHash, next.Hash, last+1)
		},
		"two swapped": func(t *testing.T, db *gorm.DB, last int64) {
			run(t, db, "UPDATE audit_events SET seq = ? WHERE seq = 4", last+9)
			run(t, db, "UPDATE audit_events SET seq = 4 WHERE seq = 5")
			run(t, db, "UPDATE audit_events SET seq = 5 WHERE seq = ?", last+9)
		},
		"two swapped and chained again": func(t *testing.T, db *gorm.DB, last int64) {
			run(t, db, "UPDATE audit_events SET seq = ? WHERE seq = 4", last+9)
			run(t, db, "UPDATE audit_events SET seq = 4 WHERE seq = 5")
			run(t, db, "UPDATE audit_events SET seq = 5 WHERE seq = ?", last+9)
			rechain(t, db, 1)
		},
		"edited and the whole chained again": func(t *testing.T, db *gorm.DB, _ int64) {
			run(t, db, "UPDATE audit_events SET actor = 'Nobody' WHERE seq = 4")
			rechain(t, db, 1)
		},
		"last one edited and chained again": func(t *testing.T, db *gorm.DB, last int64) {
			run(t, db, "UPDATE audit_events SET actor = 'Nobody' WHERE seq = ?", last)
			rechain(t, db, last)
		},
		"head's number":    exec("UPDATE audit_head SET seq = seq + 1"),
		"head moved back":  exec("UPDATE audit_head SET seq = seq - 1"),
		"head's hash":      exec("UPDATE audit_head SET hash = ?", hash),
		"head's seal":      exec("UPDATE audit_head SET seal = ?", hash),
		"head's seal gone": exec("UPDATE audit_head SET seal = ''"),
	}
	for name, manipulate := range tests {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				w := storetest.NewWorld(t, s)
				w.Model(t, "fraud", registry.Trained, 2)
				last, broken, err := s.VerifyAudit(t.Context())
				if err != nil || broken != nil || last < 8 {
					t.Fatalf("the chain should hold before: %d events, %v, %v", last, broken, err)
				}
				manipulate(t, unguarded(t, s), last)
				if n, broken, err := s.VerifyAudit(t.Context()); err != nil || broken == nil {
					t.Errorf("not found: %d events, %v, %v", n, broken, err)
				}
			})
		})
	}
}

// insertCopy puts a copy of an event at another place, with hashes that are nobody's yet.
func insertCopy(t *testing.T, db *gorm.DB, from, to int64) {
	t.Helper()
	run(t, db, `INSERT INTO audit_events (`+storedColumns+`) SELECT ?, at, actor_id, actor, via, verb, subject_kind, subject_id, subject_label,
		model_id, before_json, after_json, request_id, address, 'p', 'h' FROM audit_events WHERE seq = ?`, to, from)
}

func TestNothingWasEverChangedIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if n, broken, err := s.VerifyAudit(t.Context()); n != 0 || broken != nil || err != nil {
			t.Errorf("an empty portal should verify: %d, %v, %v", n, broken, err)
		}
	})
}

func TestTheDatabaseRefusesToChangeEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.NewWorld(t, s)
		for _, sql := range []string{
			"UPDATE audit_events SET actor = 'x' WHERE seq = 1", "UPDATE audit_events SET actor = actor",
			"DELETE FROM audit_events WHERE seq = 1", "DELETE FROM audit_events",
		} {
			if err := s.DB().Exec(sql).Error; err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if s.Engine() == "postgres" {
			if err := s.DB().Exec("TRUNCATE audit_events").Error; err == nil {
				t.Error("TRUNCATE went through")
			}
		}
		if _, broken, err := s.VerifyAudit(t.Context()); broken != nil || err != nil {
			t.Errorf("the chain should hold: %v, %v", broken, err)
		}
	})
}

// mark is a change that is easy to find again.
func mark(name string) func(*gorm.DB, *audit.Trail) error {
	return func(db *gorm.DB, _ *audit.Trail) error {
		return db.Exec("INSERT INTO settings (name, value) VALUES (?, '1')", name).Error
	}
}

func wantNoMark(t *testing.T, s *store.Store, name string, events int64) {
	t.Helper()
	var n int64
	if err := s.DB().Table("settings").Where("name = ?", name).Count(&n).Error; err != nil || n != 0 {
		t.Errorf("it was saved all the same: %d, %v", n, err)
	}
	if got, broken, err := s.VerifyAudit(t.Context()); got != events || broken != nil || err != nil {
		t.Errorf("the chain has %d events, %v, %v; want %d and whole", got, broken, err, events)
	}
}

func TestNoChangeWithoutItsEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		before, _, err := s.VerifyAudit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		noted := func(after any) func(*gorm.DB, *audit.Trail) error {
			return func(db *gorm.DB, trail *audit.Trail) error {
				trail.Note("test.marked", audit.Subject{Kind: "test"}, nil, after)
				return mark("marked")(db, trail)
			}
		}
		tests := map[string]struct {
			ctx context.Context
			fn  func(*gorm.DB, *audit.Trail) error
		}{
			"a change that notes nothing":         {w.As(w.Owner), mark("marked")},
			"a change nobody asked for":           {t.Context(), noted(1)},
			"an event that cannot be written":     {w.As(w.Owner), noted(func() {})},
			"a change that fails after its note":  {w.As(w.Owner), func(db *gorm.DB, trail *audit.Trail) error { _ = noted(1)(db, trail); return errors.New("no") }},
			"a change whose caller has hung up":   {cancelled(w.As(w.Owner)), noted(1)},
			"a change that is refused by a fault": {w.As(w.Owner), func(db *gorm.DB, trail *audit.Trail) error { _ = noted(1)(db, trail); return fault.At("name", "No.") }},
		}
		for name, tt := range tests {
			if err := s.Change(tt.ctx, tt.fn); err == nil {
				t.Errorf("%s went through", name)
			}
			wantNoMark(t, s, "marked", before)
		}
	})
}

func cancelled(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

func TestAnEventThatTheDatabaseRefusesTakesTheChangeBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		before, _, _ := s.VerifyAudit(t.Context())
		// Somebody has put an event where the next one goes.
		db := unguarded(t, s)
		insertCopy(t, db, before, before+1)
		err := s.Change(w.As(w.Owner), func(db *gorm.DB, trail *audit.Trail) error {
			trail.Note("test.marked", audit.Subject{Kind: "test"}, nil, nil)
			return mark("marked")(db, trail)
		})
		if err == nil {
			t.Error("the change went through without its event")
		}
		run(t, db, "DELETE FROM audit_events WHERE seq = ?", before+1)
		wantNoMark(t, s, "marked", before)
	})
}

func TestManyWritersAtOnceLeaveOneChain(t *testing.T) {
	const writers = 400
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		before, _, _ := s.VerifyAudit(t.Context())
		var wait sync.WaitGroup
		failed := make(chan error, writers)
		for i := range writers {
			wait.Go(func() {
				failed <- s.Change(w.As(w.Owner), func(db *gorm.DB, trail *audit.Trail) error {
					trail.Note("test.marked", audit.Subject{Kind: "test", ID: int64(i)}, nil, i)
					return mark(fmt.Sprintf("writer-%d", i))(db, trail)
				})
			})
		}
		wait.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				t.Error(err)
			}
		}
		n, broken, err := s.VerifyAudit(t.Context())
		if n != before+writers || broken != nil || err != nil {
			t.Errorf("%d events, %v, %v; want %d without a fork or gap", n, broken, err, before+writers)
		}
		var marks int64
		s.DB().Table("settings").Where("name LIKE 'writer-%'").Count(&marks)
		if marks != writers {
			t.Errorf("%d changes were kept, want %d", marks, writers)
		}
	})
}

// What leaves the portal can be verified without it: each line's hash is the SHA-256 of the line with
// its hash emptied, and names the line before.
func TestAnExportedTrailVerifiesByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Model(t, "fraud", registry.Trained, 2)
		prev, n := "", int64(0)
		err := s.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
			line, err := audit.Canonical(e)
			if err != nil {
				return err
			}
			sum := sha256.Sum256([]byte(strings.Replace(string(line), `"hash":"`+e.Hash+`"`, `"hash":""`, 1)))
			if n++; hex.EncodeToString(sum[:]) != e.Hash || e.PrevHash != prev || e.Seq != n {
				t.Errorf("event %d does not verify: %s", e.Seq, line)
			}
			prev = e.Hash
			return nil
		})
		status, _ := s.AuditStatus(t.Context())
		if err != nil || status.Events != n || status.Head != prev {
			t.Errorf("%d events up to %s, the head says %d and %s, %v", n, prev, status.Events, status.Head, err)
		}
	})
}

func TestAVerificationIsKeptAndIsItselfAnEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		if st, err := s.AuditStatus(t.Context()); err != nil || st.Last != nil {
			t.Fatalf("nobody has verified yet: %+v, %v", st.Last, err)
		}
		if _, err := s.RecordVerification(t.Context()); err == nil {
			t.Error("somebody has to ask for it")
		}
		v, err := s.RecordVerification(w.As(w.Auditor))
		st, _ := s.AuditStatus(t.Context())
		if err != nil || v.Broken != nil || st.Last == nil || st.Last.By != "Auditor" || st.Last.Events != v.Events || st.Events != v.Events+1 {
			t.Errorf("kept %+v of %+v, head at %d, %v", st.Last, v, st.Events, err)
		}
		run(t, unguarded(t, s), "UPDATE audit_events SET actor = 'x' WHERE seq = 3")
		if v, err = s.RecordVerification(w.As(w.Auditor)); err != nil || v.Broken == nil || v.Broken.Seq != 3 {
			t.Errorf("the broken link should be kept: %+v, %v", v, err)
		}
	})
}

func TestEventsAreFilteredByEverythingThePageOffers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		m := w.Model(t, "fraud", registry.Trained, 2)
		w.Version(t, "fraud", "v1")
		all, _ := s.Events(t.Context(), store.EventFilter{}, 1000)
		tests := map[string]struct {
			f    store.EventFilter
			keep func(audit.Event) bool
		}{
			"everything":      {store.EventFilter{}, func(audit.Event) bool { return true }},
			"verb":            {store.EventFilter{Verb: "version.added"}, func(e audit.Event) bool { return e.Verb == "version.added" }},
			"group of verbs":  {store.EventFilter{Verb: "person"}, func(e audit.Event) bool { return strings.HasPrefix(e.Verb, "person.") }},
			"kind":            {store.EventFilter{Kind: "team"}, func(e audit.Event) bool { return e.Subject.Kind == "team" }},
			"one subject":     {store.EventFilter{Kind: "model", Subject: m.ID}, func(e audit.Event) bool { return e.Subject.Kind == "model" && e.Subject.ID == m.ID }},
			"model":           {store.EventFilter{Model: m.ID}, func(e audit.Event) bool { return e.Subject.Model == m.ID }},
			"actor":           {store.EventFilter{Actor: w.Owner.ID}, func(e audit.Event) bool { return e.ActorID == w.Owner.ID }},
			"older":           {store.EventFilter{Before: 5}, func(e audit.Event) bool { return e.Seq < 5 }},
			"since":           {store.EventFilter{From: all[0].At.UnixMilli()}, func(e audit.Event) bool { return !e.At.Before(all[0].At) }},
			"until":           {store.EventFilter{Until: all[0].At.UnixMilli()}, func(e audit.Event) bool { return e.At.Before(all[0].At) }},
			"several at once": {store.EventFilter{Actor: w.Contributor.ID, Verb: "version"}, func(e audit.Event) bool { return e.ActorID == w.Contributor.ID && e.Subject.Kind == "version" }},
		}
		for name, tt := range tests {
			var want []int64
			for _, e := range all {
				if tt.keep(e) {
					want = append(want, e.Seq)
				}
			}
			got, err := s.Events(t.Context(), tt.f, 1000)
			if err != nil || len(got) != len(want) || len(want) == 0 {
				t.Errorf("%s: %d events, %v, want %d", name, len(got), err, len(want))
				continue
			}
			for i, e := range got {
				if e.Seq != want[i] {
					t.Errorf("%s: event %d at place %d, want %d", name, e.Seq, i, want[i])
				}
			}
		}
	})
}
