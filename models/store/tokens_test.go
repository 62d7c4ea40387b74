package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// token makes a token of somebody, by themselves.
func token(t *testing.T, w *storetest.World, who org.Person, name string, life time.Duration) org.Token {
	t.Helper()
	made, err := w.S.MakeToken(w.As(who), org.Token{OwnerID: who.ID, Name: name, Scopes: []org.Scope{org.ScopeRead, org.ScopeWrite},
		Hint: "sdl_" + name, ExpiresAt: w.S.Now().Add(life)}, "hash of "+name, "")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestATokenOpensWhileItLives(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := s.Now()
		made := token(t, w, w.Owner, "ci", 24*time.Hour)
		ctx, queries := store.CountQueries(t.Context())
		got, who, err := s.LiveToken(ctx, "hash of ci", now)
		if err != nil || got.ID != made.ID || got.OwnerID != w.Owner.ID || who.ID != w.Owner.ID || len(who.Roles) != 1 || len(who.TeamIDs) != 1 || len(got.Scopes) != 2 || got.Owner != "Owner" {
			t.Fatalf("%+v %+v %v", got, who, err)
		}
		if queries.Load() != 1 {
			t.Errorf("%d queries", queries.Load())
		}
		opens := func(hash string, at time.Time) bool {
			t.Helper()
			_, _, err := s.LiveToken(t.Context(), hash, at)
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		if opens("", now) || opens("hash of cii", now) || opens("ci", now) {
			t.Error("a token is found by the hash of its secret alone")
		}
		if opens("hash of ci", now.Add(24*time.Hour)) {
			t.Error("it opens after its end")
		}
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		if opens("hash of ci", now) {
			t.Error("it opens for a disabled owner")
		}
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RevokeToken(w.As(w.Owner), made.ID); err != nil {
			t.Fatal(err)
		}
		if opens("hash of ci", now) {
			t.Error("it opens after it was revoked")
		}
	})
}

func TestWhoMayMakeAndRevokeTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		end := s.Now().Add(time.Hour)
		byToken := store.WithSource(t.Context(), store.Source{Actor: org.Actor{Person: w.Owner, Via: "token:ci", Scopes: org.Scopes}})
		n := 0
		try := func(who org.Person, owner int64, change func(*org.Token)) error {
			n++
			x := org.Token{OwnerID: owner, Name: fmt.Sprintf("t%d", n), Scopes: []org.Scope{org.ScopeRead}, ExpiresAt: end}
			if change != nil {
				change(&x)
			}
			_, err := s.MakeToken(w.As(who), x, fmt.Sprintf("h%d", n), "")
			return err
		}
		if err := try(w.Admin, w.Owner.ID, nil); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an administrator made a token that stands for somebody else: %v", err)
		}
		if _, err := s.MakeToken(byToken, org.Token{OwnerID: w.Owner.ID, Name: "child", Scopes: []org.Scope{org.ScopeRead}, ExpiresAt: end}, "h", ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a token made a token: %v", err)
		}
		for name, change := range map[string]func(*org.Token){
			"no name": func(x *org.Token) { x.Name = " " }, "no scope": func(x *org.Token) { x.Scopes = nil },
			"an end that is over": func(x *org.Token) { x.ExpiresAt = s.Now() }, "an end in two years": func(x *org.Token) { x.ExpiresAt = s.Now().AddDate(2, 0, 0) },
		} {
			if err := try(w.Owner, w.Owner.ID, change); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		made := token(t, w, w.Owner, "ci", time.Hour)
		if err := try(w.Owner, w.Owner.ID, func(x *org.Token) { x.Name = "ci" }); !fault.Is(err, fault.Invalid) {
			t.Errorf("two living tokens of one name: %v", err)
		}
		if err := try(w.Deputy, w.Deputy.ID, func(x *org.Token) { x.Name = "ci" }); err != nil {
			t.Errorf("the name belongs to each owner: %v", err)
		}
		if _, err := s.RevokeToken(w.As(w.Stranger), made.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's token: %v", err)
		}
		if _, err := s.RevokeToken(byToken, made.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a token revoked a token: %v", err)
		}
		if _, err := s.RevokeToken(w.As(w.Admin), made.ID); err != nil {
			t.Errorf("an administrator: %v", err)
		}
		before := lastSeq(t, s)
		if again, err := s.RevokeToken(w.As(w.Owner), made.ID); err != nil || again.RevokedAt.IsZero() || lastSeq(t, s) != before {
			t.Errorf("revoked twice: %+v, %v, event %d after %d", again, err, lastSeq(t, s), before)
		}
		if _, err := s.RevokeToken(w.As(w.Admin), 999); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such token: %v", err)
		}
		token(t, w, w.Owner, "ci-2", time.Hour)
		if err := s.SetDisabled(w.As(w.Admin), w.Owner.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := try(w.Owner, w.Owner.ID, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("a token for a disabled account: %v", err)
		}
		events, err := s.Events(t.Context(), store.EventFilter{Kind: "token"}, 10)
		if err != nil || len(events) != 4 || events[1].Verb != "token.revoked" || events[1].ActorID != w.Admin.ID || events[3].Verb != "token.created" {
			t.Errorf("audit: %+v %v", events, err)
		}
	})
}

func lastSeq(t *testing.T, s *store.Store) int64 {
	t.Helper()
	list, err := s.Events(t.Context(), store.EventFilter{}, 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	return list[0].Seq
}

func TestAFormSentTwiceMakesOneToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		var made, again atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				x, err := s.MakeToken(w.As(w.Owner), org.Token{OwnerID: w.Owner.ID, Name: fmt.Sprintf("ci %d", i), Scopes: []org.Scope{org.ScopeRead},
					ExpiresAt: s.Now().Add(time.Hour)}, fmt.Sprintf("hash %d", i), "the form")
				switch {
				case err == nil:
					made.Add(1)
				case fault.Is(err, fault.Conflict) && x.ID != 0:
					again.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 || again.Load() != 7 {
			t.Errorf("%d made, %d told of it", made.Load(), again.Load())
		}
		if _, err := s.MakeToken(w.As(w.Deputy), org.Token{OwnerID: w.Deputy.ID, Name: "ci", Scopes: []org.Scope{org.ScopeRead},
			ExpiresAt: s.Now().Add(time.Hour)}, "hash", "the form"); err != nil {
			t.Errorf("a form is its owner's: %v", err)
		}
	})
}

func TestTokensAreListedByOwnerAndState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		for i := range 7 {
			token(t, w, w.Owner, fmt.Sprintf("o%d", i), time.Hour)
		}
		short := token(t, w, w.Deputy, "d0", time.Minute)
		gone := token(t, w, w.Deputy, "d1", time.Hour)
		if _, err := s.RevokeToken(w.As(w.Deputy), gone.ID); err != nil {
			t.Fatal(err)
		}
		now := s.Now().Add(2 * time.Minute)
		for name, tt := range map[string]struct {
			f    store.TokenFilter
			want int
		}{"all": {store.TokenFilter{}, 9}, "one owner's": {store.TokenFilter{Owner: w.Deputy.ID}, 2}, "living": {store.TokenFilter{Live: true}, 7},
			"ended": {store.TokenFilter{Ended: true}, 2}, "nobody's": {store.TokenFilter{Owner: 999}, 0}} {
			page, err := s.Tokens(t.Context(), tt.f, now, "", 50)
			n, err2 := s.CountTokens(t.Context(), tt.f, now)
			if err != nil || err2 != nil || len(page.Rows) != tt.want || n.N != tt.want {
				t.Errorf("%s: %d rows, counted %d, want %d; %v, %v", name, len(page.Rows), n.N, tt.want, err, err2)
			}
		}
		var seen []int64
		after := ""
		for {
			page, err := s.Tokens(t.Context(), store.TokenFilter{}, now, after, 4)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range page.Rows {
				seen = append(seen, x.ID)
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if len(seen) != 9 || seen[0] != gone.ID {
			t.Errorf("page by page: %v", seen)
		}
		if got, err := s.Token(t.Context(), short.ID); err != nil || got.Owner != "Deputy" || got.State(now) != org.TokenExpired {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestEveryUseIsInTheTrailOnceADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		x := token(t, w, w.Owner, "ci", 300*24*time.Hour)
		noon := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
		use := func(from string, at time.Time) {
			t.Helper()
			ctx := store.WithSource(t.Context(), store.Source{Actor: org.Actor{Person: w.Owner, Via: "token:ci"}, From: from})
			if err := s.NoteTokenUse(ctx, x, from, at); err != nil {
				t.Fatal(err)
			}
			if err := s.TouchToken(ctx, x.ID, from, at); err != nil {
				t.Fatal(err)
			}
		}
		uses := func() int {
			t.Helper()
			events, err := s.Events(t.Context(), store.EventFilter{Verb: "token.used"}, 500)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if e.ActorID != w.Owner.ID || e.Via != "token:ci" || e.From == "" {
					t.Errorf("%+v", e)
				}
			}
			return len(events)
		}
		use("192.0.2.1", noon)
		use("192.0.2.1", noon.Add(30*time.Second))
		if got, _ := s.Token(t.Context(), x.ID); !got.LastUsedAt.Equal(noon) || got.LastUsedBy != "192.0.2.1" {
			t.Errorf("touched more than once a minute, or never: %+v", got)
		}
		use("192.0.2.2", noon.Add(time.Minute))
		if got, _ := s.Token(t.Context(), x.ID); got.LastUsedBy != "192.0.2.2" {
			t.Errorf("%+v", got)
		}
		if n := uses(); n != 2 {
			t.Errorf("%d events for two addresses", n)
		}
		use("192.0.2.1", noon.Add(12*time.Hour))
		if n := uses(); n != 3 {
			t.Errorf("%d events: a new day is told anew", n)
		}
		if err := s.SweepTokenUses(t.Context(), noon.Add(12*time.Hour)); err != nil {
			t.Fatal(err)
		}
		use("192.0.2.1", noon.Add(13*time.Hour))
		if n := uses(); n != 3 {
			t.Errorf("%d events: sweeping forgot today", n)
		}
		for i := range 110 {
			use(fmt.Sprintf("198.51.100.%d", i), noon.Add(48*time.Hour))
		}
		if n := uses(); n != 103 {
			t.Errorf("%d events: at most a hundred addresses a day are told", n)
		}
	})
}

// Four eyes look through a token too: it stands for its owner in every rule.
func TestATokenApprovesNothingItsOwnerMayNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		both, err := s.SignIn(w.As(w.Admin), store.SignIn{Issuer: "https://idp.test", Subject: "both", Name: "Both", Email: "both@example.test",
			Roles: []org.Role{org.Contributor, org.Reviewer, org.RiskReviewer}, Groups: []string{"team-fraud"}})
		if err != nil {
			t.Fatal(err)
		}
		w.Model(t, "scored", registry.Trained, 3)
		w.Version(t, "scored", "v1")
		w.Evidence(t, "scored", "v1")
		w.Promote(t, "scored", "v1", registry.Registered)
		d, err := s.OpenRequest(w.As(both), "scored", "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Propose(storetest.Actor(both), registry.Validated, "Ready for the next stage.", now)
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			who    org.Person
			scopes []org.Scope
			want   fault.Kind
		}{
			"the requester's own token":        {both, org.Scopes, fault.Forbidden},
			"a reviewer's token that may read": {w.Reviewer, []org.Scope{org.ScopeRead, org.ScopeWrite}, fault.Forbidden},
			"a contributor's approving token":  {w.Contributor, []org.Scope{org.ScopeApprove}, fault.Forbidden},
		} {
			actor := org.Actor{Person: tt.who, Via: "token:ci", Scopes: tt.scopes}
			ctx := store.WithSource(t.Context(), store.Source{Actor: actor})
			_, err := s.ChangeDossier(ctx, d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
				return d.Review(actor, lifecycle.Approve, d.CurrentDigest(now), "", now)
			})
			if !fault.Is(err, tt.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		actor := org.Actor{Person: w.Reviewer, Via: "token:ci", Scopes: []org.Scope{org.ScopeApprove}}
		d, err = s.ChangeDossier(store.WithSource(t.Context(), store.Source{Actor: actor}), d.ID, w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(actor, lifecycle.Approve, d.CurrentDigest(now), "", now)
		})
		if err != nil || len(d.Reviews) != 1 {
			t.Errorf("a reviewer's approving token: %v", err)
		}
		events, err := s.Events(t.Context(), store.EventFilter{Verb: "request.approved"}, 1)
		if err != nil || len(events) != 1 || events[0].ActorID != w.Reviewer.ID || events[0].Via != "token:ci" {
			t.Errorf("audit: %+v %v", events, err)
		}
	})
}
