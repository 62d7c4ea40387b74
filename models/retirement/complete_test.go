package retirement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// Each row changes one thing of a complete plan; want are the fields refused, in order.
type refusal struct {
	name   string
	change func(b *retirement.Body, ctx *retirement.Context)
	want   []string
}

func check(t *testing.T, rows []refusal) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b, ctx := body(), world()
			r.change(&b, &ctx)
			if d := cmp.Diff(r.want, fields(retirement.Complete(b, ctx, today))); d != "" {
				t.Error(d)
			}
		})
	}
}

const (
	yesterday = day.Day("2026-03-01")
	ends      = day.Day("2027-03-02") // the deprecation date of body()
	windowEnd = day.Day("2027-03-16") // and the last day of its rollback window
)

func TestCompletePlanPasses(t *testing.T) {
	check(t, []refusal{
		{"as it is", func(*retirement.Body, *retirement.Context) {}, nil},
		{"in the light profile", func(_ *retirement.Body, c *retirement.Context) { c.Depth = retirement.Light }, nil},
		{"genai", func(b *retirement.Body, c *retirement.Context) { c.Model.Kind = registry.GenAI }, nil},
	})
}

func TestTriggerRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	byDate := func(b *B, d day.Day) { b.Trigger.Criterion, b.Trigger.Date = retirement.Criterion{}, d }
	zero := 0.0
	check(t, []refusal{
		{"no kind", func(b *B, _ *C) { b.Trigger.Kind = "" }, []string{"trigger.kind"}},
		{"neither criterion nor date", func(b *B, _ *C) { b.Trigger.Criterion = retirement.Criterion{} }, []string{"trigger.criterion.metric"}},
		{"criterion and date", func(b *B, _ *C) { b.Trigger.Date = ends }, []string{"trigger.date"}},
		{"half a criterion", func(b *B, _ *C) { b.Trigger.Criterion = retirement.Criterion{Metric: "auc"} }, []string{
			"trigger.criterion.operator", "trigger.criterion.threshold", "trigger.criterion.window_days", "trigger.criterion.source"}},
		{"a threshold of zero is one", func(b *B, _ *C) { b.Trigger.Criterion.Threshold = &zero }, nil},
		{"date is today", func(b *B, _ *C) { byDate(b, today) }, nil},
		{"date is past", func(b *B, _ *C) { byDate(b, yesterday) }, []string{"trigger.date"}},
		{"date is the deprecation date", func(b *B, _ *C) { byDate(b, ends) }, nil},
		{"date after the deprecation date", func(b *B, _ *C) { byDate(b, ends.Add(1)) }, []string{"trigger.date"}},
		{"no explanation", func(b *B, _ *C) { b.Trigger.Explanation = "" }, []string{"trigger.explanation"}},
	})
}

func TestDateRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	check(t, []refusal{
		{"no deprecation date", func(b *B, _ *C) { b.Dates.Deprecation = "" }, []string{"dates.deprecation"}},
		{"deprecation today", func(b *B, _ *C) { b.Dates.Deprecation, b.Dates.ReviewBy = today, today }, nil},
		{"deprecation past", func(b *B, _ *C) { b.Dates.Deprecation, b.Dates.ReviewBy = yesterday, "" }, []string{"dates.deprecation", "dates.review_by"}},
		{"deprecation on the vendor's date", func(b *B, _ *C) { b.Dates.VendorEnd = ends }, nil},
		{"deprecation after the vendor's date", func(b *B, _ *C) { b.Dates.VendorEnd = ends.Add(-1) }, []string{"dates.deprecation"}},
		{"deprecation after the catalogue's date", func(_ *B, c *C) { c.VendorEnd = ends.Add(-1) }, []string{"dates.deprecation"}},
		{"the earlier of plan and catalogue counts", func(b *B, c *C) { b.Dates.VendorEnd, c.VendorEnd = ends.Add(9), ends.Add(-1) }, []string{"dates.deprecation"}},
		{"and the other way round", func(b *B, c *C) { b.Dates.VendorEnd, c.VendorEnd = ends.Add(-1), ends.Add(9) }, []string{"dates.deprecation"}},
		{"no review-by", func(b *B, _ *C) { b.Dates.ReviewBy = "" }, []string{"dates.review_by"}},
		{"review-by today", func(b *B, _ *C) { b.Dates.ReviewBy = today }, nil},
		{"review-by past", func(b *B, _ *C) { b.Dates.ReviewBy = yesterday }, []string{"dates.review_by"}},
		{"review-by on the deprecation date", func(b *B, _ *C) { b.Dates.ReviewBy = ends }, nil},
		{"review-by after deprecation", func(b *B, _ *C) { b.Dates.ReviewBy = ends.Add(1) }, []string{"dates.review_by"}},
		{"vendor end of life without its date", func(b *B, _ *C) { b.Trigger.Kind = retirement.VendorEndOfLife }, []string{"dates.vendor_end"}},
		{"vendor end of life with the catalogue's date", func(b *B, c *C) { b.Trigger.Kind, c.VendorEnd = retirement.VendorEndOfLife, ends }, nil},
		{"vendor already ended it", func(b *B, _ *C) { b.Dates.VendorEnd = yesterday }, []string{"dates.deprecation", "dates.vendor_end"}},
		{"no day at all", func(b *B, _ *C) { b.Dates.Deprecation = "31.12.2027" }, []string{"dates.deprecation"}},
	})
}

func TestCandidateRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	vendor := retirement.Candidate{Host: "vendor.example", VendorID: "chatty-2026-01-01", EquivalenceTests: []string{"Same suite, same threshold"}}
	none := retirement.Candidate{None: true, DecisionGoesTo: "The claims desk decides by hand"}
	check(t, []refusal{
		{"none named", func(b *B, _ *C) { b.Candidate.Model, b.Candidate.Version = "", "" }, []string{"candidate.model"}},
		{"a vendor's release", func(b *B, _ *C) { b.Candidate = vendor }, nil},
		{"a host without an id", func(b *B, _ *C) { b.Candidate = vendor; b.Candidate.VendorID = "" }, []string{"candidate.vendor_id"}},
		{"a version without a model", func(b *B, _ *C) { b.Candidate.Model = "" }, []string{"candidate.model"}},
		{"a model and a release", func(b *B, _ *C) { b.Candidate.VendorID = "chatty-2026-01-01" }, []string{"candidate.model"}},
		{"the model itself", func(b *B, _ *C) { b.Candidate.Model = "Fraud-Scorer" }, []string{"candidate.model"}},
		{"the same release under another name", func(_ *B, c *C) { c.Candidate.SameModel = true }, []string{"candidate.model"}},
		{"unknown", func(_ *B, c *C) { c.Candidate = retirement.CandidateFact{} }, []string{"candidate.model"}},
		{"retired", func(_ *B, c *C) { c.Candidate.Retired = true }, []string{"candidate.model"}},
		{"floating", func(b *B, c *C) { b.Candidate = vendor; c.Candidate.Floating = true }, []string{"candidate.vendor_id"}},
		{"not alive", func(_ *B, c *C) { c.Candidate.Alive = false }, []string{"candidate.model"}},
		{"no equivalence test", func(b *B, _ *C) { b.Candidate.EquivalenceTests = nil }, []string{"candidate.equivalence_tests"}},
		{"none, and where the decision goes", func(b *B, c *C) { b.Candidate, c.Candidate = none, retirement.CandidateFact{} }, nil},
		{"none, without where the decision goes", func(b *B, _ *C) { b.Candidate = retirement.Candidate{None: true} }, []string{"candidate.decision_goes_to"}},
		{"none and a model", func(b *B, _ *C) { b.Candidate.None = true }, []string{"candidate.model"}},
	})
}

func TestConsumerRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	alone := func(b *B, c *C, reason string) {
		c.Model.Consumers, b.Consumers = nil, retirement.Consumers{NoneReason: reason}
	}
	check(t, []refusal{
		{"no consumers and no reason", func(b *B, c *C) { alone(b, c, "") }, []string{"consumers.none_reason"}},
		{"no consumers with a reason", func(b *B, c *C) { alone(b, c, "Only its own team reads it") }, nil},
		{"consumers and a reason for none", func(b *B, _ *C) { b.Consumers.NoneReason = "Only its own team reads it" }, []string{"consumers.none_reason"}},
		{"a consumer the model declares is left out", func(b *B, c *C) {
			c.Model.Consumers = append(c.Model.Consumers, registry.Consumer{Name: "Claims"})
		}, []string{"consumers.list"}},
		{"a nameless consumer", func(b *B, _ *C) { b.Consumers.List = append(b.Consumers.List, registry.Consumer{}) }, []string{
			"consumers.list[1].name", "consumers.list[1].contact", "consumers.list[1].criticality",
			"consumers.list[1].integration", "consumers.list[1].notice_days"}},
	})
}

func TestStepAndRollbackRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	check(t, []refusal{
		{"no steps", func(b *B, _ *C) { b.Steps = nil }, []string{"steps[0].title"}},
		{"an empty step", func(b *B, _ *C) { b.Steps[0] = retirement.Step{} }, []string{
			"steps[0].order", "steps[0].title", "steps[0].owner", "steps[0].precondition", "steps[0].check", "steps[0].expected_days"}},
		{"two steps of one order", func(b *B, _ *C) { b.Steps[2].Order = 2 }, []string{"steps[2].order"}},
		{"no step moves traffic", func(b *B, _ *C) { b.Steps = b.Steps[:1] }, []string{"steps[0].mode"}},
		{"a shadow without its length", func(b *B, _ *C) { b.Steps[1].DualRunDays = 0 }, []string{"steps[1].dual_run_days"}},
		{"a split without its length", func(b *B, _ *C) { b.Steps[1].Mode, b.Steps[1].DualRunDays = "split", 0 }, []string{"steps[1].dual_run_days"}},
		{"no rollback window", func(b *B, _ *C) { b.Rollback.WindowDays = 0 }, []string{"rollback.window_days"}},
		{"nobody decides", func(b *B, _ *C) { b.Rollback.Decides = "" }, []string{"rollback.decides"}},
		{"no point of no return", func(b *B, _ *C) { b.Rollback.PointOfNoReturn = "" }, []string{"rollback.point_of_no_return"}},
		{"capacity not held", func(b *B, _ *C) { b.Rollback.CapacityHeldDays = 0 }, []string{"rollback.capacity_held_days"}},
		{"window as long as capacity is held", func(b *B, _ *C) { b.Rollback.CapacityHeldDays = 14 }, nil},
		{"window longer than capacity is held", func(b *B, _ *C) { b.Rollback.CapacityHeldDays = 13 }, []string{"rollback.window_days"}},
	})
}

func TestDataRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	deleteOn := func(b *B, d day.Day) { b.Assets[0].DeleteAfterDays, b.Assets[0].DeleteOn = 0, d }
	check(t, []refusal{
		{"no data at all", func(b *B, _ *C) { b.Assets = nil }, []string{"assets[0].name"}},
		{"an empty row", func(b *B, _ *C) { b.Assets = append(b.Assets, retirement.DataAsset{}) }, []string{
			"assets[2].kind", "assets[2].name", "assets[2].location", "assets[2].hold", "assets[2].decision"}},
		{"deletion on the day the window ends", func(b *B, _ *C) { deleteOn(b, windowEnd) }, nil},
		{"deletion before the window ends", func(b *B, _ *C) { deleteOn(b, windowEnd.Add(-1)) }, []string{"assets[0].delete_on"}},
		{"anonymised before the window ends", func(b *B, _ *C) { deleteOn(b, windowEnd.Add(-1)); b.Assets[0].Decision = "anonymise" }, []string{"assets[0].delete_on"}},
		{"deletion in the past", func(b *B, _ *C) { deleteOn(b, yesterday) }, []string{"assets[0].delete_on"}},
		{"as many days after as the window is long", func(b *B, _ *C) { b.Assets[0].DeleteAfterDays = 14 }, nil},
		{"fewer days after than the window is long", func(b *B, _ *C) { b.Assets[0].DeleteAfterDays = 13 }, []string{"assets[0].delete_after_days"}},
		{"deletion without a day", func(b *B, _ *C) { b.Assets[0].DeleteAfterDays = 0 }, []string{"assets[0].delete_on"}},
		{"a day and a number of days", func(b *B, _ *C) { b.Assets[0].DeleteOn = windowEnd }, []string{"assets[0].delete_after_days"}},
		{"kept until the window ends", func(b *B, _ *C) { b.Assets[1].KeepUntil = windowEnd }, nil},
		{"kept for less than the window", func(b *B, _ *C) { b.Assets[1].KeepUntil = windowEnd.Add(-1) }, []string{"assets[1].keep_until"}},
		{"kept until a day that is past", func(b *B, _ *C) { b.Assets[1].KeepUntil = yesterday }, []string{"assets[1].keep_until"}},
		{"kept without a day", func(b *B, _ *C) { b.Assets[1].KeepUntil = "" }, []string{"assets[1].keep_until"}},
		{"kept without a legal basis", func(b *B, _ *C) { b.Assets[1].LegalBasis, b.Assets[1].PersonalData = "", false }, []string{"assets[1].legal_basis"}},
		{"personal data without a legal basis", func(b *B, _ *C) { b.Assets[0].PersonalData = true }, []string{"assets[0].legal_basis"}},
		{"no hold status", func(b *B, _ *C) { b.Assets[0].Hold = "" }, []string{"assets[0].hold"}},
		{"a hold blocks the deletion, not the plan", func(b *B, _ *C) { b.Assets[0].Hold = "held" }, nil},
		{"nor does an unknown one", func(b *B, _ *C) { b.Assets[0].Hold = "unknown" }, nil},
		{"no method, performer, verifier", func(b *B, _ *C) {
			b.Assets[0].Method, b.Assets[0].Performer, b.Assets[0].Verifier = "", "", ""
		}, []string{"assets[0].method", "assets[0].performer", "assets[0].verifier"}},
		{"a transfer needs them too", func(b *B, _ *C) {
			b.Assets[0].Decision, b.Assets[0].Method, b.Assets[0].Performer, b.Assets[0].Verifier = "transfer", "", "", ""
		}, []string{"assets[0].method", "assets[0].performer", "assets[0].verifier"}},
		{"verifier is the performer", func(b *B, _ *C) { b.Assets[0].Verifier = b.Assets[0].Performer }, []string{"assets[0].verifier"}},
		{"verifier is the performer, spelt otherwise", func(b *B, _ *C) { b.Assets[0].Verifier = " platform  OPERATIONS." }, []string{"assets[0].verifier"}},
	})
}

func TestAccessArchiveAndPeopleRefusals(t *testing.T) {
	type B = retirement.Body
	type C = retirement.Context
	check(t, []refusal{
		{"no access to release", func(b *B, _ *C) { b.Access = nil }, []string{"access[0].what"}},
		{"access without an action", func(b *B, _ *C) { b.Access[1].Action = "" }, []string{"access[1].action"}},
		{"access that costs nothing", func(b *B, _ *C) { b.Access[0].MonthlyCost = 0 }, nil},
		{"nothing archived", func(b *B, _ *C) { b.Archive = nil }, []string{"archive[0].what"}},
		{"archived for no time", func(b *B, _ *C) { b.Archive[0].Years = 0 }, []string{"archive[0].years"}},
		{"archived for years and until a day", func(b *B, _ *C) { b.Archive[0].Until = ends }, []string{"archive[0].until"}},
		{"archived until the model is gone", func(b *B, _ *C) { b.Archive[0].Years, b.Archive[0].Until = 0, ends }, nil},
		{"archived for less than the model lives", func(b *B, _ *C) { b.Archive[0].Years, b.Archive[0].Until = 0, ends.Add(-1) }, []string{"archive[0].until"}},
		{"archived until a day that is past", func(b *B, _ *C) { b.Archive[0].Years, b.Archive[0].Until = 0, yesterday }, []string{"archive[0].until"}},
		{"nobody named", func(b *B, _ *C) { b.People = retirement.People{} }, []string{
			"people.owner", "people.deputy", "people.cutover_lead", "people.data_steward"}},
		{"cutover lead has left", func(b *B, _ *C) { b.People.CutoverLead = goneID }, []string{"people.cutover_lead"}},
		{"data steward is unknown", func(b *B, _ *C) { b.People.DataSteward = 404 }, []string{"people.data_steward"}},
		{"deputy is the owner", func(b *B, _ *C) { b.People.Deputy = b.People.Owner }, []string{"people.deputy"}},
	})
}

func TestPlaceholdersAreRefusedInEveryRequiredText(t *testing.T) {
	type B = retirement.Body
	texts := map[string]func(*B, string){
		"trigger.explanation":           func(b *B, s string) { b.Trigger.Explanation = s },
		"trigger.criterion.metric":      func(b *B, s string) { b.Trigger.Criterion.Metric = s },
		"trigger.criterion.source":      func(b *B, s string) { b.Trigger.Criterion.Source = s },
		"candidate.equivalence_tests":   func(b *B, s string) { b.Candidate.EquivalenceTests = []string{"Real one", s} },
		"consumers.list[0].name":        func(b *B, s string) { b.Consumers.List[0].Name = s },
		"consumers.list[0].contact":     func(b *B, s string) { b.Consumers.List[0].Contact = s },
		"consumers.list[0].integration": func(b *B, s string) { b.Consumers.List[0].Integration = s },
		"steps[1].title":                func(b *B, s string) { b.Steps[1].Title = s },
		"steps[1].owner":                func(b *B, s string) { b.Steps[1].Owner = s },
		"steps[1].precondition":         func(b *B, s string) { b.Steps[1].Precondition = s },
		"steps[1].check":                func(b *B, s string) { b.Steps[1].Check = s },
		"rollback.decides":              func(b *B, s string) { b.Rollback.Decides = s },
		"rollback.point_of_no_return":   func(b *B, s string) { b.Rollback.PointOfNoReturn = s },
		"assets[0].name":                func(b *B, s string) { b.Assets[0].Name = s },
		"assets[0].location":            func(b *B, s string) { b.Assets[0].Location = s },
		"assets[0].method":              func(b *B, s string) { b.Assets[0].Method = s },
		"assets[0].performer":           func(b *B, s string) { b.Assets[0].Performer = s },
		"assets[0].verifier":            func(b *B, s string) { b.Assets[0].Verifier = s },
		"assets[0].legal_basis":         func(b *B, s string) { b.Assets[0].LegalBasis = s },
		"access[0].what":                func(b *B, s string) { b.Access[0].What = s },
		"access[0].action":              func(b *B, s string) { b.Access[0].Action = s },
		"archive[0].what":               func(b *B, s string) { b.Archive[0].What = s },
		"archive[0].where":              func(b *B, s string) { b.Archive[0].Where = s },
	}
	for field, set := range texts {
		for _, s := range []string{"TBD", "n/a", "later", "to be decided", "?", "-", "xxx"} {
			b, ctx := body(), world()
			set(&b, s)
			if field == "consumers.list[0].name" {
				ctx.Model.Consumers[0].Name = s
			}
			if d := cmp.Diff([]string{field}, fields(retirement.Complete(b, ctx, today))); d != "" {
				t.Errorf("%s = %q: %s", field, s, d)
			}
		}
	}
}

func TestNoPlaceholderWhereTheDecisionOrTheConsumersGo(t *testing.T) {
	b, ctx := body(), world()
	ctx.Model.Consumers = nil
	b.Consumers = retirement.Consumers{NoneReason: "N/A"}
	b.Candidate = retirement.Candidate{None: true, DecisionGoesTo: "tbd"}
	want := []string{"candidate.decision_goes_to", "consumers.none_reason"}
	if d := cmp.Diff(want, fields(retirement.Complete(b, ctx, today))); d != "" {
		t.Error(d)
	}
}

func TestLightProfileAsksForLess(t *testing.T) {
	full := body()
	few := retirement.Body{
		Trigger:   retirement.Trigger{Kind: "unused", Date: ends},
		Candidate: retirement.Candidate{Model: "fraud-scorer-2"},
		Rollback:  retirement.Rollback{WindowDays: 14},
		Assets:    full.Assets,
		People:    full.People,
	}
	light := world()
	light.Depth = retirement.DepthOf("light")
	rows := []struct {
		name   string
		change func(*retirement.Body)
		want   []string
	}{
		{"five parts are enough", func(*retirement.Body) {}, nil},
		{"but not fewer", func(b *retirement.Body) { *b = retirement.Body{} }, []string{
			"trigger.kind", "trigger.criterion.metric", "candidate.model", "rollback.window_days", "assets[0].name",
			"people.owner", "people.deputy", "people.cutover_lead", "people.data_steward"}},
		{"a wrong date is wrong", func(b *retirement.Body) { b.Dates.Deprecation = yesterday }, []string{"trigger.date", "dates.deprecation"}},
		{"a placeholder is a placeholder", func(b *retirement.Body) { b.Rollback.Decides = "TBD" }, []string{"rollback.decides"}},
		{"the trigger's date starts the rollback window", func(b *retirement.Body) {
			b.Assets[0].DeleteAfterDays, b.Assets[0].DeleteOn = 0, windowEnd.Add(-1)
		}, []string{"assets[0].delete_on"}},
		{"a fixed day needs an end to compare with", func(b *retirement.Body) {
			b.Trigger.Date, b.Trigger.Criterion = "", full.Trigger.Criterion
			b.Assets[0].DeleteAfterDays, b.Assets[0].DeleteOn = 0, "2190-01-01"
		}, []string{"assets[0].delete_on"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := few
			b.Assets = append([]retirement.DataAsset(nil), few.Assets...)
			r.change(&b)
			if d := cmp.Diff(r.want, fields(retirement.Complete(b, light, today))); d != "" {
				t.Error(d)
			}
		})
	}
	if err := retirement.Complete(few, world(), today); err == nil {
		t.Error("the standard profile takes a light plan")
	}
}

func TestSectionStatus(t *testing.T) {
	complete := body()
	if got := (retirement.Body{}).Status("steps", world(), today); got != retirement.NotStarted {
		t.Errorf("empty section is %s", got)
	}
	for _, s := range retirement.Sections {
		if got := complete.Status(s.Key, world(), today); got != retirement.Completed {
			t.Errorf("%s is %s", s.Key, got)
		}
	}
	half := complete
	half.Rollback.Decides = ""
	if got := half.Status("rollback", world(), today); got != retirement.InProgress {
		t.Errorf("half a section is %s", got)
	}
	half.Rollback.Decides = "tbd"
	if got := half.Status("rollback", world(), today); got != retirement.NeedsAttention {
		t.Errorf("a section with a placeholder is %s", got)
	}
}
