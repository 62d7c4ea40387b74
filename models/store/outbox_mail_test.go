package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// mailed is a world whose outbox of letters begins now.
type mailed struct {
	*storetest.World
	t   *testing.T
	now time.Time
}

func newMailed(t *testing.T, s *store.Store) *mailed {
	t.Helper()
	h := &mailed{World: storetest.NewWorld(t, s), t: t, now: time.Now().UTC().Truncate(time.Millisecond)}
	s.SetClock(func() time.Time { return h.now })
	return h
}

// skip forgets what happened so far.
func (h *mailed) skip() { h.t.Helper(); must(h.t, h.S.SkipMail(h.t.Context())) }

func (h *mailed) move() {
	h.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = h.S.MoveMail(bySundial(), 3)
		must(h.t, err)
	}
}

// news is who was written to at once and who hears in the digest, by what was said.
func (h *mailed) news() (letters, digests map[string][]string) {
	h.t.Helper()
	h.move()
	letters, digests = map[string][]string{}, map[string][]string{}
	add := func(to map[string][]string, sql string) {
		var rows []struct{ Name, Payload string }
		must(h.t, h.S.DB().Raw(sql).Scan(&rows).Error)
		for _, r := range rows {
			var i notice.Item
			must(h.t, json.Unmarshal([]byte(r.Payload), &i))
			to[i.Said] = append(to[i.Said], r.Name)
		}
	}
	add(letters, "SELECT p.name, l.payload FROM letters l JOIN people p ON p.id = l.person_id WHERE l.kind = 'event' ORDER BY p.name")
	add(digests, "SELECT p.name, d.payload FROM digest_items d JOIN people p ON p.id = d.person_id ORDER BY p.name")
	return letters, digests
}

func (h *mailed) heard(got map[string][]string, said string, want ...string) {
	h.t.Helper()
	if diff := strings.Join(got[said], ", "); diff != strings.Join(want, ", ") {
		h.t.Errorf("%q was told to %q, want %q; there is: %q", said, diff, want, slices.Sorted(maps.Keys(got)))
	}
}

func TestARequestIsToldToThoseWhoMayDecideIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Model(t, "fraud", registry.Trained, 2)
		h.Version(t, "fraud", "v1")
		// A reviewer who recorded evidence for it has an interest in it.
		must(t, s.DB().Exec("INSERT INTO evidence (version_id, model_id, kind, outcome, recorded_by, recorded_at, version_digest) SELECT id, model_id, 'other', 'passed', ?, 1, '' FROM versions", h.Reviewer2.ID).Error)
		must(t, s.SetDisabled(h.As(h.Admin), h.OtherReviewer.ID, true))
		h.Promote(t, "fraud", "v1", registry.Registered)
		h.skip()
		d, err := s.OpenRequest(h.As(h.Contributor), "fraud", "v1", h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Propose(storetest.Actor(h.Contributor), registry.Validated, "Ready.", now)
		})
		must(t, err)
		h.move()
		_, err = s.ChangeDossier(h.As(h.Risk), d.ID, h.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.Review(storetest.Actor(h.Risk), lifecycle.Reject, d.CurrentDigest(now), "The evaluation leaks.", now)
		})
		must(t, err)
		letters, digests := h.news()
		h.heard(letters, "Contributor asked for fraud@v1 to validated", "Reviewer", "Risk")
		h.heard(letters, "Risk rejected the request fraud@v1 to validated", "Contributor", "Owner")
		if len(letters) != 2 || len(digests) != 0 {
			t.Errorf("more was told: %v %v", letters, digests)
		}
		h.move()
		var n int64
		must(t, s.DB().Raw("SELECT COUNT(*) FROM letters").Scan(&n).Error)
		if n != 4 {
			t.Errorf("%d letters after looking again", n)
		}
		page, err := s.Letters(t.Context(), store.LetterFilter{}, "", 10)
		must(t, err)
		if l := page.Rows[0]; l.ModelSlug != "fraud" || l.State != store.LetterWaiting || !strings.Contains(l.Payload, "The evaluation leaks.") || !strings.Contains(l.Payload, fmt.Sprintf("/requests/%d", d.ID)) {
			t.Errorf("%+v", l)
		}
	})
}

func TestWhatAPlansPeopleHear(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Model(t, "fraud", registry.Trained, 2)
		h.skip()
		_, err := s.FilePlan(h.As(h.Owner), "fraud", h.Policy, func(v store.PlanView, now time.Time) (*retirement.Plan, error) {
			return retirement.NewPlan(v.Context.Model, storetest.Actor(h.Owner), now)
		})
		must(t, err)
		change := func(who org.Person, fn func(*retirement.Plan, retirement.Context, time.Time) error) {
			_, err := s.ChangePlan(h.As(who), "fraud", 0, h.Policy, fn)
			must(t, err)
			h.move()
		}
		change(h.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.Replace(storetest.Actor(h.Owner), sample.Body(c.Model, day.Of(now)), c, now)
		})
		change(h.Owner, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.Submit(storetest.Actor(h.Owner), c, now)
		})
		change(h.Risk, func(p *retirement.Plan, c retirement.Context, now time.Time) error {
			return p.Review(storetest.Actor(h.Risk), retirement.Approve, p.Digest(), "", c, now)
		})
		var m int64
		must(t, s.DB().Raw("SELECT id FROM models WHERE slug = 'fraud'").Scan(&m).Error)
		must(t, s.DB().Exec(`UPDATE plans SET body = `+replaced(s)+` WHERE model_id = ?`, m).Error)
		note := func(verb, after string) {
			must(t, s.Change(bySundial(), func(_ *gorm.DB, tr *audit.Trail) error {
				tr.Note(verb, audit.Subject{Kind: "retirement", ID: 9, Label: "fraud retirement 1", Model: m}, nil, json.RawMessage(after))
				return nil
			}))
		}
		note("retirement.triggered", `{"cause":"The vendor ends it."}`)
		note("retirement.escalated", `{"consumer":"Checkout"}`)
		note("retirement.sealed", `{"rehearsal":true}`)
		letters, _ := h.news()
		h.heard(letters, "Owner submitted fraud retirement plan 1 for review", "OtherReviewer", "Reviewer", "Reviewer2", "Risk")
		h.heard(letters, "Risk approved fraud retirement plan 1", "Deputy", "Owner")
		h.heard(letters, "Sundial triggered fraud retirement 1", "Deputy", "Owner", "Stranger")
		h.heard(letters, "Sundial found a consumer silent beyond the notice of fraud retirement 1", "Contributor", "Deputy", "Leader", "Owner", "Reviewer", "Reviewer2")
		h.heard(letters, "Sundial sealed the dossier of fraud retirement 1")
	})
}

// replaced names somebody of another team as the owner of the plan's first step.
func replaced(s *store.Store) string {
	if s.Engine() == "sqlite" {
		return `json_set(body, '$.steps[0].owner', 'stranger@example.test')`
	}
	return `jsonb_set(body::jsonb, '{steps,0,owner}', '"stranger@example.test"')::text`
}

func TestPeopleHearAsTheyChose(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Serve(t, "fraud", "v1", 2)
		must(t, s.Choose(h.As(h.Owner), h.Owner.ID, notice.Choices{"mine.stage": notice.AtOnce}))
		must(t, s.Choose(h.As(h.Deputy), h.Deputy.ID, notice.Choices{"mine.stage": notice.Never, "mine.changed": notice.Daily}))
		must(t, s.Choose(h.As(h.Deputy), h.Deputy.ID, notice.Choices{"mine.stage": notice.Never})) // the same once more
		if got, err := s.Choices(t.Context(), h.Deputy.ID); err != nil || got["mine.stage"] != notice.Never || got["mine.changed"] != notice.Daily || len(got) != 2 {
			t.Errorf("%v %v", got, err)
		}
		for name, bad := range map[string]notice.Choices{"mine.stage": {"mine.stage": "hourly"}, "mine.weather": {"mine.weather": notice.Never}} {
			if err := s.Choose(h.As(h.Owner), h.Owner.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		letters, digests := h.news()
		h.heard(letters, "Risk promoted fraud@v1", "Owner", "Owner", "Owner")
		h.heard(letters, "Contributor promoted fraud@v1", "Owner")       // the gate alone decides this far
		h.heard(letters, "Contributor asked for fraud@v1 to registered") // nobody is asked for what was decided meanwhile
		h.heard(digests, "Risk promoted fraud@v1")
		if trail := verbsOf(t, s, "notices"); strings.Join(trail, " ") != "notices.chosen notices.chosen notices.chosen" {
			t.Error(trail)
		}
	})
}

func verbsOf(t *testing.T, s *store.Store, group string) (out []string) {
	t.Helper()
	must(t, s.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
		if strings.HasPrefix(e.Verb, group+".") {
			out = append(out, e.Verb)
		}
		return nil
	}))
	return out
}

func TestADigestIsMadeOnceAndNotOfNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Serve(t, "fraud", "v1", 2)
		h.move()
		digests := func() (list []store.Letter) {
			page, err := s.Letters(t.Context(), store.LetterFilter{Kind: notice.DigestLetter}, "", 100)
			must(t, err)
			return page.Rows
		}
		if n, err := s.PostDigests(bySundial(), h.now); err != nil || n != 0 || len(digests()) != 0 {
			t.Fatalf("%d digests of what came after: %v", n, err)
		}
		h.now = h.now.Add(time.Hour)
		if n, err := s.PostDigests(bySundial(), h.now); err != nil || n != 2 {
			t.Fatalf("%d digests, %v", n, err)
		}
		if n, err := s.PostDigests(bySundial(), h.now.Add(time.Hour)); err != nil || n != 0 || len(digests()) != 2 {
			t.Fatalf("again: %d, %v", n, err)
		}
		for _, l := range digests() {
			var g notice.Digest
			must(t, json.Unmarshal([]byte(l.Payload), &g))
			if len(g.Items) != 4 || l.Person != h.Owner.ID && l.Person != h.Deputy.ID || l.Address == "" || !strings.Contains(g.Items[0].Said, "promoted") {
				t.Errorf("%+v %+v", l, g)
			}
		}
	})
}

func TestADigestThatIsLongSaysHowMuchMoreThereIs(t *testing.T) {
	s := storetest.New(t)
	h := newMailed(t, s)
	for i := range notice.MostDigested + 7 {
		must(t, s.DB().Exec("INSERT INTO digest_items (person_id, event_seq, payload, created_at) VALUES (?, ?, ?, 1)", h.Owner.ID, i, `{"said":"x"}`).Error)
	}
	n, err := s.PostDigests(bySundial(), h.now)
	must(t, err)
	page, err := s.Letters(t.Context(), store.LetterFilter{}, "", 10)
	must(t, err)
	var g notice.Digest
	must(t, json.Unmarshal([]byte(page.Rows[0].Payload), &g))
	if n != 1 || len(g.Items) != notice.MostDigested || g.More != 7 {
		t.Errorf("%d digests, %d listed, %d more", n, len(g.Items), g.More)
	}
}

func TestWhoHasNoAddressIsSkippedAndShown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Serve(t, "fraud", "v1", 2)
		must(t, s.DB().Exec("UPDATE people SET email = '' WHERE id = ?", h.Owner.ID).Error)
		h.skip()
		must(t, s.Change(bySundial(), func(_ *gorm.DB, tr *audit.Trail) error {
			tr.Note("zombie.seen", audit.Subject{Kind: "version", ID: 1, Label: "fraud@v1", Model: 1}, nil, nil)
			return nil
		}))
		h.move()
		page, err := s.Letters(t.Context(), store.LetterFilter{State: store.LetterSkipped}, "", 10)
		must(t, err)
		if len(page.Rows) != 1 || page.Rows[0].Person != h.Owner.ID || page.Rows[0].Name != "Owner" || page.Rows[0].LastError == "" {
			t.Errorf("%+v", page.Rows)
		}
		if err := s.ResendLetter(h.As(h.Admin), page.Rows[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent to nowhere: %v", err)
		}
		if err := s.PostTest(h.As(h.Owner), h.Owner.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("tested without an address: %v", err)
		}
	})
}

func TestATestMailGoesToOneselfAndNotWithoutEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.now = h.now.Truncate(time.Minute)
		must(t, s.PostTest(h.As(h.Viewer), h.Viewer.ID))
		h.now = h.now.Add(30 * time.Second)
		if err := s.PostTest(h.As(h.Viewer), h.Viewer.ID); !fault.Is(err, fault.TooMany) {
			t.Error(err)
		}
		h.now = h.now.Add(30 * time.Second)
		must(t, s.PostTest(h.As(h.Viewer), h.Viewer.ID))
		page, err := s.Letters(t.Context(), store.LetterFilter{Kind: notice.TestLetter}, "", 10)
		must(t, err)
		if len(page.Rows) != 2 || page.Rows[0].Address != "viewer@example.test" {
			t.Errorf("%+v", page.Rows)
		}
	})
}

func TestThePartsOfEverySubjectCanBeFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newMailed(t, s)
		h.Serve(t, "fraud", "v1", 2)
		h.skip()
		var kinds = map[string]string{"request": "request", "plan": "plan", "waiver": "waiver", "alias": "alias", "import": "import", "vendors": "vendors", "model": "model", "version": "version",
			"evidence": "evidence", "retirement": "retirement", "criterion": "plan", "zombie": "version", "vendor": "version"}
		n := 0
		must(t, s.Change(bySundial(), func(_ *gorm.DB, tr *audit.Trail) error {
			for _, verb := range notice.ToldVerbs() {
				group, _, _ := strings.Cut(verb, ".")
				for _, id := range []int64{1, 4711} { // something that is there, and something that is gone
					tr.Note(verb, audit.Subject{Kind: kinds[group], ID: id, Label: "x", Model: id}, nil, nil)
					n++
				}
			}
			return nil
		}))
		h.move()
		var behind int64
		must(t, s.DB().Raw("SELECT h.seq - c.seq FROM outbox_cursors c JOIN audit_head h ON h.id = 1 WHERE c.channel = 'mail'").Scan(&behind).Error)
		if behind != 0 || n < 100 {
			t.Errorf("%d events behind of %d", behind, n)
		}
	})
}

func TestAPersonWhoseRightsWentChoosesNothing(t *testing.T) {
	s := storetest.New(t)
	h := newMailed(t, s)
	must(t, s.SetDisabled(h.As(h.Admin), h.Owner.ID, true))
	if err := s.Choose(h.As(h.Owner), h.Owner.ID, notice.Choices{"mine.stage": notice.Never}); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}
