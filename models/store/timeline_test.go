package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
)

// timelineOf are the models of the timeline with their first days, over all pages and back again.
func timelineOf(t *testing.T, s *store.Store, f retirement.TimelineFilter, limit int) []string {
	t.Helper()
	walk := func(after string) ([]string, store.Page[retirement.Dated]) {
		page, err := s.Timeline(t.Context(), f, after, limit)
		must(t, err)
		var rows []string
		for _, r := range page.Rows {
			rows = append(rows, r.Model.Slug+" "+string(r.First(f.Kinds())))
		}
		return rows, page
	}
	all, page := walk("")
	back := all
	for page.Next != "" {
		var rows []string
		rows, page = walk(page.Next)
		all, back = append(all, rows...), rows
	}
	for page.Prev != "" {
		var rows []string
		rows, page = walk(page.Prev)
		back = append(rows, back...)
	}
	if diff := cmp.Diff(all, back); diff != "" {
		t.Errorf("%+v, %d a page: another list on the way back:\n%s", f, limit, diff)
	}
	return all
}

func TestTheTimelineIsOrderedByTheFirstDayOfEachModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		today := day.Of(s.Now())
		_, to := retirement.TimelineSpan(today)
		w.Serve(t, "fraud", "v1", 2)
		w.ServeRelease(t, "assistant", "r1")
		promise := func(slug string, on day.Day) {
			_, err := s.ChangeModel(w.As(w.Owner), slug, 0, func(m *registry.Model) error {
				m.DeprecationOn = on
				m.Note("model.promised", m.Subject(), nil, map[string]string{"deprecation_on": string(on)})
				return nil
			})
			must(t, err)
		}
		for slug, on := range map[string]day.Day{"late": today.Add(-3), "last": to, "beyond": to.Add(1), "never": ""} {
			w.Model(t, slug, registry.Trained, 2)
			promise(slug, on)
		}
		must(t, s.SaveVendorModels(w.As(w.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4o-2024-11-20", Class: vendors.Pinned,
			EndOfLife: today.Add(20), Source: "https://vendor.example", ReadOn: today}}))
		if n, err := s.CheckLatestStarts(w.As(w.Admin), w.Policy); n != 1 || err != nil {
			t.Errorf("the vendor's date moves one latest start: %d, %v", n, err)
		}

		fraud, err := s.Plan(t.Context(), "fraud", w.Policy)
		must(t, err)
		starts := fraud.InForce.Body.Runway(fraud.InForceContext).LatestStart
		review := fraud.InForce.Body.Dates.ReviewBy
		if !starts.After(review) {
			t.Fatalf("this test wants a review before the latest start: %s, %s", review, starts)
		}
		assistant, err := s.Plan(t.Context(), "assistant", w.Policy)
		must(t, err)
		late := assistant.InForce.Body.Runway(assistant.InForceContext).LatestStart
		if !late.Before(today.Add(-3)) {
			t.Fatalf("the vendor's end is inside the runway: %s", late)
		}
		for name, x := range map[string]struct {
			f    retirement.TimelineFilter
			want []string
		}{
			"everything":      {retirement.TimelineFilter{}, []string{"assistant " + string(late), "late " + string(today.Add(-3)), "fraud " + string(review), "last " + string(to)}},
			"latest starts":   {retirement.TimelineFilter{Kind: retirement.StartsLatest}, []string{"assistant " + string(late), "fraud " + string(starts)}},
			"vendors' ends":   {retirement.TimelineFilter{Kind: retirement.VendorEnds}, []string{"assistant " + string(today.Add(20))}},
			"own dates":       {retirement.TimelineFilter{Kind: retirement.OwnDeprecation}, []string{"late " + string(today.Add(-3)), "fraud " + string(today.Add(300)), "assistant " + string(today.Add(300)), "last " + string(to)}},
			"triggers":        {retirement.TimelineFilter{Kind: retirement.TriggerDate}, nil},
			"of nobody":       {retirement.TimelineFilter{Person: w.Viewer.ID}, nil},
			"of the deputy":   {retirement.TimelineFilter{Person: w.Deputy.ID, Kind: retirement.VendorEnds}, []string{"assistant " + string(today.Add(20))}},
			"of another team": {retirement.TimelineFilter{Team: "credit"}, nil},
			"of no team":      {retirement.TimelineFilter{Team: "nowhere"}, nil},
		} {
			for _, limit := range []int{1, 2, 50} {
				if diff := cmp.Diff(x.want, timelineOf(t, s, x.f, limit)); diff != "" {
					t.Errorf("%s, %d a page (-want +got):\n%s", name, limit, diff)
				}
			}
			if n, err := s.CountTimeline(t.Context(), x.f); err != nil || n.N != len(x.want) || n.More {
				t.Errorf("%s: counted %+v, %v, want %d", name, n, err, len(x.want))
			}
		}
		if _, err := s.Timeline(t.Context(), retirement.TimelineFilter{}, "%%%", 10); !fault.Is(err, fault.Malformed) {
			t.Errorf("a damaged cursor: %v", err)
		}
	})
}

func TestATriggersDateIsOnTheTimelineOnceItsPlanIsInForce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		on := day.Of(s.Now()).Add(90)
		_, err := filePlan(w, "fraud", w.Owner)
		must(t, err)
		must(t, change(w, "fraud", w.Owner, editSection(w.Owner, "trigger", func(b *retirement.Body, _ retirement.Context) {
			b.Trigger = retirement.Trigger{Kind: "replaced", Date: on, Explanation: "The successor is ready by then."}
		})))
		triggers := retirement.TimelineFilter{Kind: retirement.TriggerDate}
		if got := timelineOf(t, s, triggers, 10); len(got) > 0 {
			t.Errorf("a draft promises nothing yet: %v", got)
		}
		must(t, change(w, "fraud", w.Owner, submitPlan(w.Owner)))
		must(t, change(w, "fraud", w.Risk, reviewPlan(w.Risk, retirement.Approve, "")))
		if diff := cmp.Diff([]string{"fraud " + string(on)}, timelineOf(t, s, triggers, 10)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// The latest start is kept for its order only. What it follows from moves without the plan: then the check
// keeps it anew, and finds nothing to do the second time.
func TestLatestStartsFollowThePolicy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		w.Serve(t, "fraud", "v1", 2)
		starts := retirement.TimelineFilter{Kind: retirement.StartsLatest}
		before := timelineOf(t, s, starts, 10)
		slower := w.Policy
		slower.ReviewDays += 10
		if n, err := s.CheckLatestStarts(w.As(w.Admin), slower); n != 1 || err != nil {
			t.Errorf("one plan's start moves: %d, %v", n, err)
		}
		was, err := time.Parse(time.DateOnly, strings.TrimPrefix(before[0], "fraud "))
		must(t, err)
		if diff := cmp.Diff([]string{"fraud " + string(day.Of(was).Add(-10))}, timelineOf(t, s, starts, 10)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n, err := s.CheckLatestStarts(w.As(w.Admin), slower); n != 0 || err != nil {
			t.Errorf("nothing is left to move: %d, %v", n, err)
		}
	})
}

func TestAPageOfTheTimelineIsTwoQueries(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	for _, slug := range []string{"a", "b", "c", "d"} {
		w.Model(t, slug, registry.Trained, 2)
	}
	ctx, n := store.CountQueries(t.Context())
	page, err := s.Timeline(ctx, retirement.TimelineFilter{}, "", 50)
	must(t, err)
	if len(page.Rows) != 4 || n.Load() != 2 {
		t.Errorf("%d models by %d queries", len(page.Rows), n.Load())
	}
}
