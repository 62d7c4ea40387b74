package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func bySundial() context.Context {
	return store.WithSource(context.Background(), store.Source{Actor: org.System, RequestID: "test"})
}

func TestALetterIsPostedWithItsChangeOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := bySundial()
		l := notice.Letter{Key: "retirement:1:announcement:checkout", Kind: notice.ConsumerAnnouncement, To: "Checkout <checkout@example.test>",
			Payload: notice.ConsumerLetter{Consumer: "Checkout", Model: "Fraud"}}
		lettersAre := func(want int64) {
			t.Helper()
			var n int64
			if err := s.DB().Table("letters").Count(&n).Error; err != nil || n != want {
				t.Fatalf("%d letters, want %d (%v)", n, want, err)
			}
		}
		if err := s.PostLetters(ctx, "", l); err == nil {
			t.Fatal("a change without an event posted a letter")
		}
		lettersAre(0)
		other := l
		other.Key, other.To = "another", "#checkout"
		if err := s.PostLetters(ctx, "retirement.announced", l, l, other); err != nil {
			t.Fatal(err)
		}
		if err := s.PostLetters(ctx, "retirement.reminded", l); err != nil {
			t.Fatal(err)
		}
		lettersAre(2)
		var states []string
		if err := s.DB().Raw("SELECT state || ' ' || address FROM letters ORDER BY id").Scan(&states).Error; err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(states, ", "); got != "pending checkout@example.test, skipped #checkout" {
			t.Error(got)
		}
		for name, bad := range map[string]notice.Letter{"no key": {Kind: notice.TestLetter, To: "a@example.test"}, "no kind": {Key: "k", To: "a@example.test"}} {
			if err := s.PostLetters(ctx, "retirement.announced", bad); err == nil {
				t.Errorf("%s was posted", name)
			}
		}
		lettersAre(2)
	})
}

func TestLinksAreSignedUnderAKeyOfTheirOwn(t *testing.T) {
	s := storetest.New(t)
	key, err := s.LinkKey()
	if err != nil || len(key) != 32 {
		t.Fatal(key, err)
	}
	l := retirement.AnswerLink{Workflow: 1, Consumer: "checkout", Nonce: "n", Expires: "2100-01-01"}
	if got, err := retirement.ReadAnswerLink(key, l.Sign(key), s.Now()); err != nil || got != l {
		t.Error(got, err)
	}
	if string(key) == "the key of a test" {
		t.Error("the instance's key itself signs")
	}
	s.SetSealKey(nil)
	if _, err := s.LinkKey(); err == nil {
		t.Error("nothing signs without a key")
	}
}

func TestALetterIsClaimedByOneSender(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := bySundial()
		const letters, senders = 30, 6
		var all []notice.Letter
		for i := range letters {
			all = append(all, notice.Letter{Key: fmt.Sprint(i), Kind: notice.TestLetter, To: fmt.Sprintf("a%d@example.test", i)})
		}
		must(t, s.PostLetters(ctx, "retirement.announced", all...))
		var mu sync.Mutex
		var wg sync.WaitGroup
		sent := map[string]int{}
		for range senders {
			wg.Go(func() {
				for {
					l, claimed, err := s.ClaimLetter(ctx)
					if err != nil || !claimed {
						if err != nil {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					sent[l.Key]++
					mu.Unlock()
					if err := s.SettleLetter(ctx, l, notice.MailAnswer{}, 0); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for key, n := range sent {
			if n != 1 {
				t.Errorf("letter %s was sent %d times", key, n)
			}
		}
		if f, err := s.CountLetters(t.Context(), store.LetterFilter{State: store.LetterSent}); err != nil || f.N != letters || len(sent) != letters {
			t.Errorf("%+v, %d claimed, %v", f, len(sent), err)
		}
	})
}

func TestAClaimThatRanOutIsAnothersAndTheFirstSettlesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := bySundial()
		must(t, s.PostLetters(ctx, "retirement.announced", notice.Letter{Key: "k", Kind: notice.TestLetter, To: "a@example.test"}))
		first, claimed, err := s.ClaimLetter(ctx)
		if err != nil || !claimed {
			t.Fatal(err)
		}
		if _, twice, err := s.ClaimLetter(ctx); err != nil || twice {
			t.Fatalf("claimed twice: %v", err)
		}
		must(t, s.DB().Exec("UPDATE letters SET claimed_until = 1").Error) // the sender was killed, five minutes ago
		second, claimed, err := s.ClaimLetter(ctx)
		if err != nil || !claimed || second.Key != first.Key || second.Attempts != 2 {
			t.Fatalf("%+v %v", second, err)
		}
		must(t, s.SettleLetter(ctx, first, notice.MailAnswer{Outcome: notice.Refused, Sentence: "no"}, 0))
		must(t, s.SettleLetter(ctx, second, notice.MailAnswer{}, 0))
		got, err := s.Letter(t.Context(), first.ID)
		if err != nil || got.State != store.LetterSent || got.LastError != "" || got.SentAt.IsZero() {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestALetterThatIsPutOffComesAgainAndOneThatIsRefusedDoesNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.skip()
		must(t, s.PostLetters(bySundial(), "retirement.announced", notice.Letter{Key: "k", Kind: notice.ConsumerAnnouncement, To: "a@example.test"}))
		later := notice.MailAnswer{Outcome: notice.PutOff, Sentence: "The mail server put it off: 451 later"}
		attempt := func(a notice.MailAnswer) store.Letter {
			t.Helper()
			l, claimed, err := s.ClaimLetter(bySundial())
			if err != nil || !claimed {
				t.Fatalf("nothing is due: %v", err)
			}
			must(t, s.SettleLetter(bySundial(), l, a, 0))
			got, err := s.Letter(t.Context(), l.ID)
			must(t, err)
			return got
		}
		got := attempt(later)
		if got.State != store.LetterWaiting || !got.NextAt.Equal(h.now.Add(time.Minute)) || got.LastError != later.Sentence {
			t.Fatalf("%+v", got)
		}
		if _, claimed, _ := s.ClaimLetter(bySundial()); claimed {
			t.Fatal("it was due at once")
		}
		for i := 1; i < notice.MostLetterTries; i++ {
			h.now = h.now.Add(time.Hour)
			got = attempt(later)
		}
		if got.State != store.LetterFailed || got.Attempts != notice.MostLetterTries {
			t.Fatalf("%+v", got)
		}
		must(t, s.MailServerFailed(t.Context(), "down"))
		must(t, s.ResendLetter(h.As(h.Admin), got.ID))
		if m, err := s.MailServer(t.Context()); err != nil || !m.NextAt.IsZero() || m.Failures != 1 {
			t.Errorf("%+v %v", m, err)
		}
		if err := s.ResendLetter(h.As(h.Admin), got.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if got = attempt(notice.MailAnswer{Outcome: notice.Refused, Sentence: "550"}); got.State != store.LetterFailed {
			t.Errorf("%+v", got)
		}
		if got := verbsOf(t, s, "letter"); strings.Join(got, " ") != "letter.resent" {
			t.Error(got)
		}
	})
}

func TestTheMailServerIsAskedAgainSoonAfterItFailed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.skip()
		must(t, s.PostLetters(bySundial(), "retirement.announced", notice.Letter{Key: "k", Kind: notice.TestLetter, To: "a@example.test"}))
		h.move()
		waits := func(want bool) {
			t.Helper()
			if got, err := s.LettersWait(t.Context(), true); err != nil || got != want {
				t.Errorf("waits %v, want %v: %v", got, want, err)
			}
		}
		waits(true)
		began := h.now
		for _, wait := range []time.Duration{time.Minute, 5 * time.Minute, 5 * time.Minute} {
			must(t, s.MailServerFailed(t.Context(), "down"))
			waits(false)
			h.now = h.now.Add(wait)
			waits(true)
		}
		if m, err := s.MailServer(t.Context()); err != nil || !m.FailingSince.Equal(began) || m.Failures != 3 || m.LastError != "down" {
			t.Errorf("%+v %v", m, err)
		}
		must(t, s.MailServerAnswered(t.Context()))
		if m, err := s.MailServer(t.Context()); err != nil || !m.FailingSince.IsZero() || m.Failures != 0 || m.LastError != "" || m.LastOKAt.IsZero() {
			t.Errorf("%+v %v", m, err)
		}
		if got, err := s.LettersWait(t.Context(), false); err != nil || got {
			t.Errorf("who cannot send has nothing to do: %v %v", got, err)
		}
	})
}

func TestOldLettersGoAndConsumersWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		must(t, s.PostLetters(bySundial(), "retirement.announced",
			notice.Letter{Key: "news", Kind: notice.EventLetter, Person: h.Owner.ID, To: "a@example.test"},
			notice.Letter{Key: "consumer", Kind: notice.ConsumerAnnouncement, To: "b@example.test"},
			notice.Letter{Key: "nowhere", Kind: notice.ConsumerAnnouncement, To: "#chat"}))
		states := func() string {
			var out []string
			must(t, s.DB().Raw("SELECT key || ' ' || state FROM letters ORDER BY id").Scan(&out).Error)
			return strings.Join(out, ", ")
		}
		sweep := func(want string) {
			t.Helper()
			_, err := s.SweepLetters(t.Context())
			must(t, err)
			if got := states(); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		sweep("news pending, consumer pending, nowhere skipped")
		h.now = h.now.AddDate(0, 0, 31)
		sweep("news failed, consumer pending, nowhere skipped")
		h.now = h.now.AddDate(0, 0, 60)
		sweep("consumer pending")
	})
}

func TestLettersAreListedInPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var all []notice.Letter
		for i := range 25 {
			all = append(all, notice.Letter{Key: fmt.Sprint(i), Kind: notice.LetterKinds[i%2], To: []string{"a@example.test", "#chat"}[i%2]})
		}
		must(t, s.PostLetters(bySundial(), "retirement.announced", all...))
		var keys []string
		after, back := "", ""
		for {
			p, err := s.Letters(t.Context(), store.LetterFilter{State: store.LetterWaiting, Kind: notice.EventLetter}, after, 5)
			must(t, err)
			for _, l := range p.Rows {
				keys = append(keys, l.Key)
			}
			if back = p.Prev; p.Next == "" {
				break
			}
			after = p.Next
		}
		if got := strings.Join(keys, " "); got != "24 22 20 18 16 14 12 10 8 6 4 2 0" {
			t.Error(got)
		}
		if p, err := s.Letters(t.Context(), store.LetterFilter{State: store.LetterWaiting, Kind: notice.EventLetter}, back, 5); err != nil || len(p.Rows) != 5 || p.Rows[4].Key != "6" {
			t.Errorf("the page before: %+v %v", p.Rows, err)
		}
		n := 0
		must(t, s.EachLetter(t.Context(), store.LetterFilter{}, func(store.Letter) error { n++; return nil }))
		if n != 25 {
			t.Errorf("%d in the file", n)
		}
		if _, err := s.Letter(t.Context(), 4711); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
}
