package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/audit"
	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// inQuarter is a world with three models of last quarter, seen on the tenth day of a quarter.
func inQuarter(t *testing.T, s *store.Store, slugs ...string) (*storetest.World, *time.Time) {
	t.Helper()
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	s.SetClock(func() time.Time { return now })
	w := storetest.NewWorld(t, s)
	for _, slug := range slugs {
		w.Model(t, slug, registry.Trained, 2)
	}
	now = time.Date(2026, 10, 10, 9, 0, 0, 0, time.UTC)
	return w, &now
}

const q4 = day.Quarter("2026-Q4")

func listed(t *testing.T, s *store.Store, f store.ConfirmationFilter) []string {
	t.Helper()
	if f.Quarter == "" {
		f.Quarter = q4
	}
	var out []string
	err := s.EachConfirmation(t.Context(), f, func(e confirmation.Entry) error { out = append(out, e.Model.Slug); return nil })
	count, errCount := s.CountConfirmations(t.Context(), f)
	if err != nil || errCount != nil || count.N != len(out) {
		t.Fatalf("%+v lists %d and counts %d: %v %v", f, len(out), count.N, err, errCount)
	}
	return out
}

func replyTo(t *testing.T, s *store.Store, slug string, reply confirmation.Reply, what string) store.EntryReply {
	t.Helper()
	m, err := s.Model(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.ConfirmationOf(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return store.EntryReply{Model: m.ID, Seen: e.Seen(), Reply: reply, What: what}
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestWhatNobodyConfirmedIsListed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, now := inQuarter(t, s, "a", "b", "c", "d")
		w.Model(t, "newcomer", registry.Trained, 1) // by hand, in the quarter
		imported := registry.Model{Slug: "imported", Name: "Model imported", Kind: registry.Trained, Source: registry.Source{FileName: "systems.csv", Row: 1}}
		imported.Note("model.imported", imported.Subject(), nil, nil)
		if err := s.AddModel(w.As(w.Admin), &imported); err != nil {
			t.Fatal(err)
		}
		wantList(t, "before anybody answered", listed(t, s, store.ConfirmationFilter{}), "a", "b", "c", "d", "imported")
		err := s.AnswerEntries(w.As(w.Owner), []store.EntryReply{replyTo(t, s, "b", confirmation.AsItSays, ""), replyTo(t, s, "a", confirmation.AsItSays, ""),
			replyTo(t, s, "c", confirmation.Wrong, "It has another team now.")})
		if err != nil {
			t.Fatal(err)
		}
		wantList(t, "unconfirmed", listed(t, s, store.ConfirmationFilter{}), "c", "d", "imported")
		wantList(t, "open", listed(t, s, store.ConfirmationFilter{Show: string(confirmation.Open)}), "d", "imported")
		wantList(t, "disputed", listed(t, s, store.ConfirmationFilter{Show: string(confirmation.Disputed)}), "c")
		wantList(t, "confirmed", listed(t, s, store.ConfirmationFilter{Show: string(confirmation.Confirmed)}), "a", "b")
		wantList(t, "of a team", listed(t, s, store.ConfirmationFilter{Team: "fraud"}), "c", "d")
		wantList(t, "of no team", listed(t, s, store.ConfirmationFilter{Team: "none"}), "imported")
		wantList(t, "of another team", listed(t, s, store.ConfirmationFilter{Team: "credit"}))
		wantList(t, "that nobody can confirm", listed(t, s, store.ConfirmationFilter{Show: store.ShowNobody}), "imported")
		wantList(t, "of the deputy", listed(t, s, store.ConfirmationFilter{Person: w.Deputy.ID}), "c", "d")
		wantList(t, "overdue in time", listed(t, s, store.ConfirmationFilter{Show: store.ShowOverdue}))
		wantList(t, "of the quarter before", listed(t, s, store.ConfirmationFilter{Quarter: "2026-Q3"}))

		if f, err := s.LeadershipFigures(t.Context()); err != nil || f.Unconfirmed.N != 3 {
			t.Errorf("leaders read %d, %v", f.Unconfirmed.N, err)
		}
		if mine, err := s.ToConfirm(t.Context(), w.Owner.ID); err != nil || mine.Entries.N != 2 || mine.Overdue || mine.Round.Due() != "2026-10-30" {
			t.Errorf("the owner reads %+v, %v", mine, err)
		}
		*now = now.AddDate(0, 0, 21)
		wantList(t, "overdue on the 31st day", listed(t, s, store.ConfirmationFilter{Show: store.ShowOverdue}), "c", "d")
		teams, err := s.ConfirmationsByTeam(t.Context(), q4)
		want := []store.TeamConfirmations{{Slug: "fraud", Name: "Fraud", Department: "Risk", Asked: 4, Confirmed: 2, Disputed: 1, Overdue: 2}, {Asked: 1}}
		if err != nil || !slices.Equal(teams, want) || teams[0].Open() != 1 {
			t.Errorf("by team %+v, %v", teams, err)
		}
		*now = now.AddDate(0, 0, 9) // thirty days after it came in
		wantList(t, "what was imported has its own thirty days", listed(t, s, store.ConfirmationFilter{Show: store.ShowOverdue}), "c", "d", "imported")
		*now = time.Date(2027, 1, 2, 9, 0, 0, 0, time.UTC)
		wantList(t, "the next quarter asks again", listed(t, s, store.ConfirmationFilter{Quarter: "2027-Q1"}), "a", "b", "c", "d", "imported", "newcomer")
		wantList(t, "and the last one stays as it was", listed(t, s, store.ConfirmationFilter{}), "c", "d", "imported")
	})
}

func TestPagesOfConfirmationsFollowEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		inQuarter(t, s, "a", "b", "c", "d", "e")
		f := store.ConfirmationFilter{Quarter: q4}
		first, err := s.Confirmations(t.Context(), f, "", 2)
		if err != nil || len(first.Rows) != 2 || first.Prev != "" || first.Next == "" {
			t.Fatalf("%d rows, %v", len(first.Rows), err)
		}
		next, err := s.Confirmations(t.Context(), f, first.Next, 2)
		if err != nil || next.Rows[0].Model.Slug != "c" {
			t.Fatalf("%v", err)
		}
		back, err := s.Confirmations(t.Context(), f, next.Prev, 2)
		if err != nil || back.Rows[0].Model.Slug != "a" || back.Rows[1].Model.Slug != "b" || back.Prev != "" {
			t.Errorf("back: %+v, %v", back, err)
		}
		if _, err := s.Confirmations(t.Context(), f, "nonsense", 2); !fault.Is(err, fault.Malformed) {
			t.Errorf("a damaged place: %v", err)
		}
	})
}

// Eight people send an answer to the same page at once: one is taken, with its event, and the others are
// told who was first.
func TestOneAnswerOfManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := inQuarter(t, s, "a", "b")
		before := []store.EntryReply{replyTo(t, s, "a", confirmation.AsItSays, ""), replyTo(t, s, "b", confirmation.AsItSays, "")}
		var wg sync.WaitGroup
		outcomes := make([]error, 8)
		for i := range outcomes {
			list := slices.Clone(before)
			who := w.Owner
			if i%2 == 1 {
				who = w.Deputy
				slices.Reverse(list)
			}
			wg.Go(func() { outcomes[i] = s.AnswerEntries(w.As(who), list) })
		}
		wg.Wait()
		taken := 0
		for _, err := range outcomes {
			switch {
			case err == nil:
				taken++
			case !fault.Is(err, fault.Stale):
				t.Errorf("%v", err)
			}
		}
		if taken != 1 {
			t.Errorf("%d answers were taken", taken)
		}
		if n := len(confirmedEvents(t, s)); n != 2 {
			t.Errorf("%d events of two entries", n)
		}
	})
}

func confirmedEvents(t *testing.T, s *store.Store) []audit.Event {
	t.Helper()
	list, err := s.Events(t.Context(), store.EventFilter{Verb: "model.confirmed"}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, broken, err := s.VerifyAudit(t.Context()); broken != nil || err != nil {
		t.Fatalf("the chain: %v %v", broken, err)
	}
	return list
}

func TestAllAnswersOrNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := inQuarter(t, s, "a", "b", "c")
		good, stale, short := replyTo(t, s, "a", confirmation.AsItSays, ""), replyTo(t, s, "b", confirmation.AsItSays, ""), replyTo(t, s, "c", confirmation.Wrong, "no")
		_, err := s.ChangeModel(w.As(w.Owner), "b", 0, func(m *registry.Model) error {
			m.Purpose = "Scores other things now."
			m.Note("model.edited", m.Subject(), nil, nil)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		f, ok := fault.As(s.AnswerEntries(w.As(w.Owner), []store.EntryReply{good, stale, short}))
		if !ok || f.Kind != fault.Stale || len(f.Problems) != 2 || f.Problems[0].Field != fmt.Sprintf("entries[%d].reply", stale.Model) || f.Problems[1].Field != fmt.Sprintf("entries[%d].what", short.Model) {
			t.Fatalf("%v", f)
		}
		wantList(t, "after a refusal", listed(t, s, store.ConfirmationFilter{Show: string(confirmation.Confirmed)}))
		if len(confirmedEvents(t, s)) != 0 {
			t.Error("an event of what was not saved")
		}
		for name, tt := range map[string]struct {
			who  org.Person
			list []store.EntryReply
			kind fault.Kind
		}{
			"somebody else's":      {w.Admin, []store.EntryReply{good}, fault.NotFound},
			"one that is not":      {w.Owner, []store.EntryReply{good, {Model: 999, Reply: confirmation.AsItSays}}, fault.NotFound},
			"nothing":              {w.Owner, nil, fault.Invalid},
			"twice the same":       {w.Owner, []store.EntryReply{good, good}, fault.Stale},
			"more than is allowed": {w.Owner, make([]store.EntryReply, 201), fault.TooLarge},
		} {
			if err := s.AnswerEntries(w.As(tt.who), tt.list); !fault.Is(err, tt.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.SetDisabled(w.As(w.Admin), w.Deputy.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerEntries(w.As(w.Deputy), []store.EntryReply{replyTo(t, s, "a", confirmation.AsItSays, "")}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody whose account was disabled meanwhile: %v", err)
		}
	})
}

func TestAnswersAreNeverChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := inQuarter(t, s, "a")
		if err := s.AnswerEntries(w.As(w.Owner), []store.EntryReply{replyTo(t, s, "a", confirmation.Wrong, "Its owner is another.")}); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"UPDATE confirmations SET reply = 'as_it_says'", "DELETE FROM confirmations"} {
			if err := s.DB().Exec(sql).Error; err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
}

// People are asked once a quarter by one letter each, and reminded once.
func TestEachPersonIsAskedByOneLetter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, now := inQuarter(t, s, "a", "b", "c")
		system := store.WithSource(t.Context(), store.Source{Actor: org.System, RequestID: "work"})
		if err := s.SkipMail(system); err != nil {
			t.Fatal(err)
		}
		ask := func(want bool) {
			t.Helper()
			if did, err := s.AskConfirmations(system); did != want || err != nil {
				t.Fatalf("asked: %v, %v", did, err)
			}
		}
		*now = time.Date(2026, 10, 1, 2, 0, 0, 0, time.UTC)
		ask(true)
		ask(false)
		sent := letters(t, s, system)
		if len(sent) != 1 || sent[0].Person != w.Owner.ID || !strings.Contains(sent[0].Payload, "3 entries wait for you.") || !strings.Contains(sent[0].Payload, `"/confirm"`) ||
			!strings.Contains(sent[0].Payload, "30 October 2026") {
			t.Fatalf("asked by %+v", sent)
		}
		*now = time.Date(2026, 10, 20, 2, 0, 0, 0, time.UTC)
		ask(false)
		if err := s.AnswerEntries(w.As(w.Owner), []store.EntryReply{replyTo(t, s, "a", confirmation.AsItSays, ""), replyTo(t, s, "b", confirmation.AsItSays, "")}); err != nil {
			t.Fatal(err)
		}
		*now = time.Date(2026, 10, 31, 2, 0, 0, 0, time.UTC)
		ask(true)
		ask(false)
		people := map[int64]int{}
		for _, l := range letters(t, s, system)[1:] {
			people[l.Person]++
			if !strings.Contains(l.Payload, "1 entry waits for you.") {
				t.Errorf("%s", l.Payload)
			}
		}
		if len(people) != 2 || people[w.Owner.ID] != 1 || people[w.Deputy.ID] != 1 {
			t.Errorf("reminded: %v", people)
		}
	})
}

// letters are all that were made, the oldest first.
func letters(t *testing.T, s *store.Store, ctx context.Context) []store.Letter {
	t.Helper()
	for {
		n, err := s.MoveMail(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	var out []store.Letter
	err := s.EachLetter(t.Context(), store.LetterFilter{Kind: notice.EventLetter}, func(l store.Letter) error {
		l, err := s.Letter(t.Context(), l.ID)
		out = append(out, l)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(out)
	return out
}

// An owner who left is not written to; the deputy is, from the beginning.
func TestTheDeputyIsAskedWhereTheOwnerHasLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w, _ := inQuarter(t, s, "a")
		system := store.WithSource(t.Context(), store.Source{Actor: org.System, RequestID: "work"})
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := s.SkipMail(system); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AskConfirmations(system); err != nil {
			t.Fatal(err)
		}
		if sent := letters(t, s, system); len(sent) != 1 || sent[0].Person != w.Deputy.ID {
			t.Errorf("%+v", sent)
		}
	})
}
