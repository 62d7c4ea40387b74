package store_test

import (
	"context"
	"strings"
	"testing"

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
