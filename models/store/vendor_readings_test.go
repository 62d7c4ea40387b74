package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
)

func reading(host vendors.Host, id, source string, end, on day.Day) vendors.Reading {
	return vendors.Reading{Via: vendors.ByForm, Entry: vendors.Entry{Host: host, ModelID: id, Class: vendors.Classify(string(host), id).Class, EndOfLife: end, Source: source, ReadOn: on}}
}

func TestARowIsSettledFromWhatEachSourceSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		as := w.As(w.Reviewer)
		add := func(r vendors.Reading, isNew bool, revision int64) vendors.Outcome {
			t.Helper()
			o, err := s.AddReading(as, r, isNew, revision, w.Policy)
			must(t, err)
			return o
		}
		first := reading("OpenAI", "gpt-4o-2024-11-20", "https://vendor.example", "2027-01-14", "2026-11-01")
		add(first, true, 0)
		other := first
		other.ModelID = "openai/GPT‑4o-2024-11-20"
		if _, err := s.AddReading(as, other, true, 0, w.Policy); !fault.Is(err, fault.Invalid) {
			t.Errorf("another spelling of one id is one row: %v", err)
		}
		moved := reading("openai", "gpt-4o-2024-11-20", "https://vendor.example", "2027-03-01", "2026-11-05")
		if o := add(moved, false, 1); o.Effect != vendors.Changes {
			t.Errorf("%+v", o)
		}
		if _, err := s.AddReading(as, moved, false, 1, w.Policy); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form was saved: %v", err)
		}
		moved.ReadOn = "2026-11-09"
		if o := add(moved, false, 2); o.Effect != vendors.Repeats {
			t.Errorf("the same again: %+v", o)
		}
		if o := add(reading("openai", "gpt-4o-2024-11-20", "A list", "2027-02-01", "2026-11-06"), false, 0); o.Effect != vendors.Disagrees {
			t.Errorf("another source: %+v", o)
		}
		row, err := s.VendorModel(t.Context(), "OpenAI", "GPT-4o-2024-11-20")
		if err != nil || row.EndOfLife != "2027-02-01" || !strings.Contains(row.Conflict, "1 March 2027") || !strings.Contains(row.Conflict, "1 February 2027") || row.ModelID != "gpt-4o-2024-11-20" {
			t.Errorf("%+v, %v", row, err)
		}
		list, err := s.VendorReadings(t.Context(), "openai", "gpt-4o-2024-11-20")
		if err != nil || len(list) != 3 || list[1].Times != 2 || list[1].FirstReadOn != "2026-11-05" || list[1].ReadOn != "2026-11-09" || list[0].ByName != "Reviewer" {
			t.Errorf("every reading is kept: %+v, %v", list, err)
		}
		ends := []string{}
		for _, m := range vendors.History(list) {
			ends = append(ends, string(m.After.EndOfLife))
		}
		if got := strings.Join(ends, " "); got != "2027-01-14 2027-03-01 2027-02-01" {
			t.Errorf("the history of the date: %s", got)
		}
		fact, err := s.VendorFact(t.Context(), "openai", "gpt-4o-2024-11-20")
		if err != nil || fact.ChangedAt.IsZero() || !fact.Known {
			t.Errorf("when its facts changed: %+v, %v", fact, err)
		}
		events, _ := s.Events(t.Context(), store.EventFilter{Verb: "vendors"}, 9)
		if len(events) != 4 || events[0].Verb != "vendors.edited" || events[1].Verb != "vendors.read" || len(events[2].Changes()) == 0 {
			t.Errorf("every change leaves its event: %+v", events)
		}
	})
}

func TestFourEyesOnWhatTheIDDoesNotTell(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		claim := reading("acme", "acme-large", "https://acme.example/promise", "2027-06-01", "2026-11-01")
		claim.Class = vendors.PinnedDateless
		o, err := s.AddReading(w.As(w.Reviewer), claim, true, 0, w.Policy)
		if err != nil || o.Effect != vendors.Waits {
			t.Fatalf("%+v, %v", o, err)
		}
		if _, err := s.VendorModel(t.Context(), "acme", "acme-large"); !fault.Is(err, fault.NotFound) {
			t.Errorf("it counts before anybody confirmed it: %v", err)
		}
		if _, err := s.AddReading(w.As(w.Risk), claim, true, 0, w.Policy); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same proposal twice: %v", err)
		}
		waits, err := s.ProposedReadings(t.Context(), 5)
		if err != nil || len(waits) != 1 || waits[0].By != w.Reviewer.ID {
			t.Fatalf("%+v, %v", waits, err)
		}
		id := waits[0].ID
		decide := func(who org.Person, yes bool, words string) error {
			_, err := s.DecideReading(w.As(who), id, w.Policy, func(r *vendors.Reading) error {
				return r.Decide(storetest.Actor(who), yes, words, s.Now())
			})
			return err
		}
		if err := decide(w.Reviewer, true, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one's own: %v", err)
		}
		if err := decide(w.Owner, true, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without the role: %v", err)
		}
		if n := len(work(t, w, w.Risk)[store.WorkReading]); n != 1 {
			t.Errorf("it waits for whoever may confirm it: %d", n)
		}
		if n := len(work(t, w, w.Reviewer)[store.WorkReading]); n != 0 {
			t.Errorf("it does not wait for who proposed it: %d", n)
		}
		if err := decide(w.Risk, true, ""); err != nil {
			t.Fatal(err)
		}
		if err := decide(w.Admin, false, "Too late to refuse."); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		row, err := s.VendorModel(t.Context(), "acme", "ACME-Large")
		if err != nil || row.Class != vendors.PinnedDateless || row.EndOfLife != "2027-06-01" {
			t.Errorf("%+v, %v", row, err)
		}
		later := reading("acme", "acme-large", "https://acme.example/ends", "2027-02-01", "2026-11-10")
		if o, err := s.AddReading(w.As(w.Risk), later, false, 0, w.Policy); err != nil || o.Effect != vendors.Waits {
			t.Errorf("its end waits as well: %+v, %v", o, err)
		}
		waits, _ = s.ProposedReadings(t.Context(), 5)
		id = waits[0].ID
		if err := decide(w.Reviewer, false, "The page says June."); err != nil {
			t.Fatal(err)
		}
		if row, _ := s.VendorModel(t.Context(), "acme", "acme-large"); row.EndOfLife != "2027-06-01" {
			t.Errorf("what was refused counts: %+v", row)
		}
		light, _ := lifecycle.Profile("light")
		if o, err := s.AddReading(w.As(w.Risk), later, false, 0, light); err != nil || o.Effect == vendors.Waits {
			t.Errorf("the light profile lets one: %+v, %v", o, err)
		}
	})
}

func TestAFileComesInWholeOrNotAtAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		line := func(row int, r vendors.Reading) vendors.Line { return vendors.Line{Entry: r.Entry, Row: row} }
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{reading("openai", "gpt-4-0613", "page", "2027-01-01", "2026-10-01").Entry}))
		claim := reading("acme", "acme-large", "https://acme.example/promise", "", "2026-11-01")
		claim.Class = vendors.Pinned
		f := store.VendorFile{Name: "catalogue.csv", Source: "page", Via: vendors.ByImport, Lines: []vendors.Line{
			line(2, reading("openai", "gpt-4-0613", "page", "2027-02-01", "2026-11-01")), line(3, reading("openai", "gpt-4o", "page", "", "2026-11-01")),
			line(4, reading("openai", "GPT-4o", "another", "", "2026-11-01")), line(5, claim)}}
		plan, err := s.PreviewVendors(t.Context(), f, w.Policy)
		if err != nil || plan.Counts[vendors.Changes] != 1 || plan.Counts[vendors.Adds] != 1 || plan.Counts[vendors.Waits] != 1 || len(plan.Changes) != 4 {
			t.Fatalf("%+v, %v", plan.Counts, err)
		}
		if _, err := s.AddReading(w.As(w.Risk), reading("openai", "gpt-4o", "third", "2027-05-05", "2026-11-02"), true, 0, w.Policy); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ApplyVendors(w.As(w.Reviewer), f, plan.Digest, w.Policy); !fault.Is(err, fault.Stale) {
			t.Errorf("the catalogue moved since the preview: %v", err)
		}
		if row, _ := s.VendorModel(t.Context(), "openai", "gpt-4-0613"); row.EndOfLife != "2027-01-01" {
			t.Error("half of it was saved")
		}
		plan, _ = s.PreviewVendors(t.Context(), f, w.Policy)
		if _, err := s.ApplyVendors(w.As(w.Reviewer), f, plan.Digest, w.Policy); err != nil {
			t.Fatal(err)
		}
		if row, _ := s.VendorModel(t.Context(), "openai", "gpt-4-0613"); row.EndOfLife != "2027-02-01" {
			t.Errorf("%+v", row)
		}
		if list, _ := s.ProposedReadings(t.Context(), 5); len(list) != 1 || list[0].ModelID != "acme-large" {
			t.Errorf("%+v", list)
		}
		again, err := s.ApplyVendors(w.As(w.Reviewer), f, "", w.Policy)
		if err != nil || again.Counts[vendors.Repeats] != 3 {
			t.Errorf("the same file again says nothing new: %+v, %v", again.Counts, err)
		}
		if list, _ := s.VendorReadings(t.Context(), "openai", "gpt-4-0613"); len(list) != 2 {
			t.Errorf("%d readings", len(list))
		}
	})
}

// genai adds a GenAI model with a version on a vendor's model, in production by force: gates are not what
// is tested here.
func genai(t *testing.T, w *storetest.World, slug, host, id string) {
	t.Helper()
	w.Model(t, slug, registry.GenAI, 2)
	v, err := w.S.AddVersion(w.As(w.Contributor), slug, func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{ModelID: m.ID, Label: "v1", Kind: m.Kind, AuthorID: w.Contributor.ID, Summary: "For a test.",
			Release: registry.Release{Host: host, ModelID: id, Prompts: []registry.Prompt{{Name: "system", SHA256: strings.Repeat("a", 64)}}}}
		v.Note("version.added", v.Subject(m.Slug), nil, map[string]string{"label": "v1"})
		return v, nil
	})
	must(t, err)
	must(t, w.S.DB().Exec("UPDATE versions SET stage = 'production' WHERE id = ?", v.ID).Error)
	must(t, w.S.DB().Exec("UPDATE models SET stage = 'production', serving_version_id = ? WHERE id = ?", v.ID, v.ModelID).Error)
}

func TestVendorModelsInUseComeByTheirEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		genai(t, w, "triage", "openai", "gpt-4o-2024-11-20")
		genai(t, w, "tuned", "openai", "ft:gpt-4o-2024-11-20:acme::Abc123")
		genai(t, w, "chat", "openai", "gpt-4o")
		genai(t, w, "summary", "bedrock", "us.anthropic.claude-3-haiku-20240307-v1:0")
		today := day.Of(s.Now())
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{
			reading("openai", "gpt-4o-2024-11-20", "page", today.Add(40), today).Entry,
			reading("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", "page", today.Add(20), today).Entry,
			reading("openai", "gpt-4-0613", "page", today.Add(10), today).Entry}))
		var ids []string
		after := ""
		for range 4 {
			page, err := s.VendorsInUse(t.Context(), store.VendorUseFilter{}, w.Policy, after, 2)
			must(t, err)
			for _, r := range page.Rows {
				ids = append(ids, r.ModelID)
				if r.ModelID == "gpt-4o-2024-11-20" && (r.Models != 2 || len(r.Users) != 2 || r.NeedsDays != 51 || r.LatestStart != today.Add(-11) || r.Class != vendors.Pinned) {
					t.Errorf("a fine-tune ends with its base: %+v", r)
				}
				if r.ModelID == "gpt-4o" && (r.Known || r.Class != vendors.Floating || r.LatestStart.Known() || r.Users[0].Owner != "Owner") {
					t.Errorf("an id the catalogue does not have: %+v", r)
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if got := strings.Join(ids, " "); got != "anthropic.claude-3-haiku-20240307-v1:0 gpt-4o-2024-11-20 gpt-4o" {
			t.Errorf("in the order of their ends: %s", got)
		}
		for name, c := range map[string]struct {
			f    store.VendorUseFilter
			want int
		}{"not pinned": {store.VendorUseFilter{NotPinned: true}, 1}, "ends within 30 days": {store.VendorUseFilter{EndsBy: today.Add(30)}, 1},
			"host": {store.VendorUseFilter{Host: "openai"}, 2}, "part of an id": {store.VendorUseFilter{Query: "HAIKU"}, 1}, "conflict": {store.VendorUseFilter{Conflict: true}, 0}} {
			n, err := s.CountVendorsInUse(t.Context(), c.f)
			if err != nil || n.N != c.want {
				t.Errorf("%s: %d, %v", name, n.N, err)
			}
		}
		must(t, s.DB().Exec("DELETE FROM vendor_uses").Error)
		must(t, s.RefreshVendorUses(w.As(w.Admin)))
		if n, _ := s.CountVendorsInUse(t.Context(), store.VendorUseFilter{}); n.N != 3 {
			t.Errorf("made anew from the versions: %d", n.N)
		}
	})
}

func TestAnEndInTheRunwayIsToldOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		genai(t, w, "triage", "openai", "gpt-4o-2024-11-20")
		now := s.Now()
		s.SetClock(func() time.Time { return now })
		today := day.Of(now)
		told := func() (n int) {
			events, err := s.Events(t.Context(), store.EventFilter{Verb: "vendor.end_in_runway"}, 9)
			must(t, err)
			return len(events)
		}
		check := func() {
			t.Helper()
			_, err := s.CheckVendorEnds(w.As(w.Admin), w.Policy)
			must(t, err)
		}
		far := reading("openai", "gpt-4o-2024-11-20", "page", today.Add(60), today)
		_, err := s.AddReading(w.As(w.Reviewer), far, true, 0, w.Policy)
		must(t, err)
		check()
		if told() != 0 {
			t.Error("an end outside the runway was told")
		}
		now = now.AddDate(0, 0, 9) // 51 days are left, and it takes 51
		check()
		check()
		if told() != 1 {
			t.Errorf("told %d times by the nightly check", told())
		}
		far.EndOfLife, far.ReadOn = today.Add(40), today.Add(1)
		_, err = s.AddReading(w.As(w.Reviewer), far, false, 0, w.Policy)
		must(t, err)
		if told() != 2 {
			t.Errorf("a date that moved is told at once: %d", told())
		}
		events, _ := s.Events(t.Context(), store.EventFilter{Verb: "vendor.end_in_runway"}, 1)
		if e := events[0]; e.Subject.Model == 0 || !strings.Contains(string(e.After), `"latest_start"`) {
			t.Errorf("%+v", e)
		}
	})
}

func TestAPlanThatWaitsForTheVendorIsTriggered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		genai(t, w, "triage", "openai", "gpt-4o-2024-11-20")
		m, err := s.Model(t.Context(), "triage")
		must(t, err)
		body := retirement.Body{Trigger: retirement.Trigger{Kind: retirement.VendorEndOfLife, Date: "2027-01-01"}, Rollback: retirement.Rollback{WindowDays: 14}}
		said, err := json.Marshal(body)
		must(t, err)
		must(t, s.DB().Exec("INSERT INTO plans (model_id, number, state, body, created_at, updated_at) VALUES (?, 1, 'approved', ?, 1, 1)", m.ID, string(said)).Error)
		today := day.Of(s.Now())
		end := func(days int, on day.Day) {
			t.Helper()
			_, err := s.AddReading(w.As(w.Reviewer), reading("openai", "gpt-4o-2024-11-20", "page", today.Add(days), on), false, 0, w.Policy)
			must(t, err)
		}
		end(30, today.Add(-2))
		state, err := s.CriterionState(t.Context(), m.ID)
		if err != nil || state.MetAt.IsZero() || !strings.Contains(state.Criterion, "OpenAI ends gpt-4o-2024-11-20") {
			t.Errorf("%+v, %v", state, err)
		}
		end(300, today.Add(-1))
		if state, _ := s.CriterionState(t.Context(), m.ID); !state.MetAt.IsZero() {
			t.Errorf("the vendor took the date back: %+v", state)
		}
		events, _ := s.Events(t.Context(), store.EventFilter{Verb: "criterion"}, 5)
		if len(events) != 2 {
			t.Errorf("%+v", events)
		}
	})
}
