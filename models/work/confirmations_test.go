package work_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"sundial/models/connect/mail/mailtest"
	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/store/storetest"
)

// When a quarter begins, whoever answers for entries reads by one mail how many wait, until when and where;
// and reads it once more when some are overdue.
func TestAQuarterBeginsWithOneMailToEachOwner(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	server := mailtest.Start(t)
	for _, slug := range []string{"alpha", "beta"} {
		w.Model(t, slug, registry.Trained, 2)
	}
	quarter := day.QuarterOf(s.Now()).Add(1)
	now := quarter.Start().Add(2 * time.Hour)
	s.SetClock(func() time.Time { return now })
	must(t, s.SkipMail(t.Context()))
	due := day.Of(quarter.Start()).Add(29).Human()
	night := func() {
		r := postman(t, s, server, io.Discard)
		r.Once(t.Context())
		r.Once(t.Context()) // what the nightly check noted goes out when the letters are next looked at
	}
	night()
	taken := server.Taken()
	if len(taken) != 1 {
		t.Fatalf("%d mails", len(taken))
	}
	m := read(t, taken[0])
	for _, says := range []string{"asked for the confirmation of the inventory entries of " + quarter.Human(), "2 entries wait for you.", "in time until " + due, portal + "/confirm", "Quarterly confirmation"} {
		if !strings.Contains(flat(m.text), says) || !strings.Contains(flat(m.html), says) {
			t.Errorf("the mail does not say %q:\n%s", says, m.text)
		}
	}
	if m.to != "owner@example.test" {
		t.Errorf("it went to %s", m.to)
	}
	now = now.AddDate(0, 0, 31)
	_, err := s.AskConfirmations(w.As(w.Admin)) // jobs come back by the database's clock, which no test moves
	must(t, err)
	night()
	reminded := map[string]int{}
	for _, x := range server.Taken()[1:] {
		if m := read(t, x); strings.Contains(m.subject, "found entries that nobody confirmed for "+quarter.Human()) {
			reminded[m.to]++
		}
	}
	if len(reminded) != 2 || reminded["owner@example.test"] != 1 || reminded["deputy@example.test"] != 1 {
		t.Errorf("reminded: %v", reminded)
	}
}
