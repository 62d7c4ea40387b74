package scorecard

import (
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/telemetry"
	"sundial/models/vendors"
)

const (
	ownerID, deputyID, authorID, reviewerID, recorderID = 1, 2, 3, 4, 5
	teamID                                              = 9
)

func standard(t testing.TB) lifecycle.Policy {
	t.Helper()
	p, ok := lifecycle.Profile("standard")
	if !ok {
		t.Fatal("no standard profile")
	}
	return p
}

// known is a model in production of which a machine reported everything.
func known(kind registry.Kind) Known {
	m := registry.Model{ID: 40, Slug: "fraud-scorer", Name: "Fraud scorer", Kind: kind, Tier: 1, TeamID: teamID, OwnerID: ownerID, DeputyID: deputyID,
		Purpose: "Scores card payments before they settle.", Stage: registry.Production, UpdatedAt: noon.AddDate(0, 0, -40),
		SLA:       registry.SLA{AvailabilityPercent: 99.5},
		Consumers: []registry.Consumer{{Name: "Card checkout", Contact: "checkout@example.org", Criticality: "high", Integration: "API", NoticeDays: 30}}}
	built := noon.AddDate(0, 0, -40)
	v := registry.Version{ID: 7, ModelID: m.ID, Label: "v7", Kind: kind, Stage: registry.Production, AuthorID: authorID, CreatedAt: built, BuiltAt: built,
		ServedSince: noon.AddDate(0, 0, -35), StageSince: noon.AddDate(0, 0, -35)}
	k := Known{BuiltVia: "token:ci", RetrainDay: 90, RehearsedAt: noon.AddDate(0, -2, 0),
		Traffic: telemetry.Traffic{Total: 1000, Known: 1000}, LastStamp: noon.Add(-time.Hour), Apps: []string{"card-checkout"}}
	if kind == registry.GenAI {
		v.Release = registry.Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Parameters: map[string]string{"temperature": "0"}, NoToolsReason: "It only answers.",
			Prompts:         []registry.Prompt{{Name: "answer", Repo: "git.example.org/bot", Path: "a.md", Commit: "ab12", SHA256: strings.Repeat("c", 64)}},
			EvaluationSuite: registry.Suite{Name: "support", Version: "3", SHA256: strings.Repeat("d", 64)}}
		k.Gate.Vendor = lifecycle.VendorFact{Known: true, Verdict: vendors.Verdict{Class: vendors.Pinned, Reason: "The date fixes it."},
			Entry: vendors.Entry{Host: "openai", ModelID: "gpt-4o-2024-11-20", EndOfLife: day.Of(noon).Add(400), Source: "vendor page", ReadOn: day.Of(noon).Add(-3)}}
	} else {
		v.Lineage = registry.Lineage{Code: registry.Code{Repo: "git.example.org/fraud", Commit: "4f2a9c0d1e2b"}, Run: registry.Run{ID: "r-17"},
			Datasets:   []registry.Dataset{{Name: "payments", Digest: "sha256:" + strings.Repeat("a", 64), Role: "training"}},
			Parameters: map[string]string{"depth": "8"}, Environment: map[string]string{"python": "3.12"}}
	}
	g := &k.Gate
	g.Model, g.Version, g.Team = m, v, org.Team{ID: teamID, Name: "Fraud"}
	g.Owner, g.Deputy = org.Person{ID: ownerID, Name: "Olive"}, org.Person{ID: deputyID, Name: "Dora"}
	for i, kind := range []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary} {
		e := evidence.Evidence{ID: int64(100 + i), ModelID: m.ID, VersionID: v.ID, VersionDigest: v.Digest(), Kind: kind, Outcome: evidence.Passed, RecordedBy: recorderID,
			RecordedVia: "token:ci", RecordedAt: noon.AddDate(0, 0, -39), DatasetDigest: "sha256:" + strings.Repeat("b", 64),
			Metrics: []evidence.Metric{{Name: "AUC", Value: 0.93, Operator: ">=", Threshold: 0.9}}}
		if v.Kind == registry.GenAI {
			e.SuiteSHA256 = strings.Repeat("d", 64)
		}
		g.Evidence = append(g.Evidence, e)
	}
	p := &retirement.Plan{ID: 30, ModelID: m.ID, Number: 1, State: retirement.Approved, Body: sample.Body(m, day.Of(noon)), AuthorID: ownerID, ApprovedBy: reviewerID, ApprovedAt: noon.AddDate(0, 0, -38)}
	p.ApprovedDigest = p.Digest()
	g.Plan = lifecycle.PlanFact{Plan: p, Runway: retirement.NewRunway(day.Of(noon).Add(300), 0, 14, 7)}
	k.Plan = retirement.Context{Model: m}
	g.Serving = &lifecycle.Serving{Version: v, Record: registry.ServingRecord{Since: v.ServedSince, ApprovedBy: []registry.Approver{{ID: reviewerID}}}}
	k.Requests = []Move{{ID: 50, VersionID: v.ID, Requester: ownerID, State: lifecycle.Applied, To: registry.Production, OpenedAt: noon.AddDate(0, 0, -37),
		DueAt: noon.AddDate(0, 0, -30), DecidedAt: noon.AddDate(0, 0, -35), Approvers: []int64{reviewerID}, Reviewed: true}}
	for week := range 5 {
		to := noon.AddDate(0, 0, -7*week-1)
		k.Reports = append(k.Reports, telemetry.Report{Metric: telemetry.Drift, Value: 0.03, From: to.AddDate(0, 0, -7), To: to, Source: "evidently"})
	}
	for _, metric := range []string{telemetry.Quality, telemetry.Availability, telemetry.Cost} {
		k.Reports = append(k.Reports, telemetry.Report{Metric: metric, Value: 1, From: noon.AddDate(0, 0, -8), To: noon.AddDate(0, 0, -1), Source: "grafana"})
	}
	return k
}

func TestEverythingReportedByMachinesIsAHundred(t *testing.T) {
	t.Parallel()
	for _, kind := range []registry.Kind{registry.Trained, registry.GenAI} {
		k := known(kind)
		s := Score(Establish(&k, standard(t), noon), noon)
		if s.Score != 100 {
			t.Errorf("%s: %v, caps %v", kind, s.Score, s.Caps)
			for _, l := range s.Lines {
				if l.Gap() > 0 {
					t.Logf("%s %s %v: %s", l.Key, l.Evidence, l.Strength, l.Fact)
				}
			}
		}
	}
}

func lineOf(t testing.TB, k Known, key string) Line {
	t.Helper()
	s := Score(Establish(&k, standard(t), noon), noon)
	for _, l := range s.Lines {
		if l.Key == key {
			return l
		}
	}
	t.Fatalf("no criterion %s", key)
	return Line{}
}

func TestWhatFactsAreWorth(t *testing.T) {
	t.Parallel()
	trained, genai := registry.Trained, registry.GenAI
	for _, c := range []struct {
		name     string
		kind     registry.Kind
		change   func(*Known)
		key      string
		outcome  Outcome
		strength float64
		fact     string
	}{
		{"lineage typed in and approved by a second person", trained, func(k *Known) { k.BuiltVia = "session" }, "code", Pass, 0.7, "approved with request 50"},
		{"lineage typed in after the approval", trained, func(k *Known) { k.BuiltVia, k.Gate.Version.BuiltAt = "session", noon }, "code", Fail, 0, "nobody else has approved"},
		{"lineage approved by its author alone", trained, func(k *Known) { k.BuiltVia, k.Requests[0].Approvers = "session", []int64{authorID} }, "run", Fail, 0, "nobody else"},
		{"no digest of the data", trained, func(k *Known) { k.Gate.Version.Lineage.Datasets[0].Digest = "" }, "dataset", Fail, 0, "no digest"},
		{"no run", trained, func(k *Known) { k.Gate.Version.Lineage.Run = registry.Run{} }, "run", Fail, 0, "No training run"},
		{"prompts whose text is here are hashed here", genai, func(k *Known) { k.BuiltVia = "session"; k.Gate.Version.Release.Prompts[0].Text = "Answer." }, "prompt", Pass, 1, "Sundial computed"},
		{"prompts known by a typed hash", genai, func(k *Known) { k.BuiltVia = "session" }, "prompt", Pass, 0.7, "Recorded by a person"},
		{"a floating id", genai, func(k *Known) { k.Gate.Vendor.Verdict = vendors.Verdict{Class: vendors.Floating, Reason: "It moves."} }, "pin", Fail, 0, "It moves."},
		{"an id nobody can read", genai, func(k *Known) { k.Gate.Vendor.Verdict = vendors.Verdict{} }, "pin", NotMeasured, 0, ""},
		{"an end nobody looked up", genai, func(k *Known) { k.Gate.Vendor.Entry.EndOfLife, k.Gate.Vendor.Entry.Source = "", "" }, "vendor_end", NotMeasured, 0, "looked up"},
		{"an end inside the runway is known all the same", genai, func(k *Known) { k.Gate.Vendor.Entry.EndOfLife = day.Of(noon).Add(10) }, "vendor_end", Pass, 1, "ends it on"},
		{"the owner left", trained, func(k *Known) { k.Gate.Owner.Disabled = true }, "owner", Fail, 0, "no longer has an active account"},
		{"evidence by hand with an artefact, then approved", trained, byHand("https://example.org/report", -39), "fairness", Pass, 0.7, "with an artefact"},
		{"evidence by hand without an artefact", trained, byHand("", -39), "fairness", Fail, 0, "without an artefact"},
		{"evidence by hand after the approval", trained, byHand("https://example.org/report", -1), "fairness", Fail, 0, "nobody else has approved"},
		{"evidence of what the version was before", trained, func(k *Known) { k.Gate.Evidence[1].VersionDigest = "other" }, "fairness", Fail, 0, "has changed"},
		{"evidence too old", trained, func(k *Known) { k.Gate.Evidence[0].RecordedAt = noon.AddDate(0, 0, -200) }, "evaluation", Fail, 0, "out of date"},
		{"no evidence is not measured", trained, func(k *Known) { k.Gate.Evidence = nil }, "security_review", NotMeasured, 0, "is on record"},
		{"a canary run does not age once the version serves", trained, func(k *Known) { k.Gate.Evidence[3].RecordedAt = noon.AddDate(0, 0, -300) }, "rollout", Pass, 1, ""},
		{"nobody else approved", trained, func(k *Known) { k.Requests = nil }, "approval", Fail, 0, "Nobody"},
		{"approved, and changed since", trained, func(k *Known) { k.Gate.Version.BuiltAt = noon }, "approval", Fail, 0, "changed since"},
		{"no serving record", trained, func(k *Known) { k.Gate.Serving = nil }, "serving", Fail, 0, "no record says"},
		{"a serving record that stamps do not confirm", trained, func(k *Known) { k.Traffic, k.LastStamp = telemetry.Traffic{}, time.Time{} }, "serving", Pass, 0.7, "no stamps confirm"},
		{"coverage of 92 %", trained, func(k *Known) { k.Traffic = telemetry.Traffic{Total: 100, Known: 92} }, "coverage", Pass, 0.84, "92 %"},
		{"coverage of half", trained, func(k *Known) { k.Traffic = telemetry.Traffic{Total: 100, Known: 50} }, "coverage", Fail, 0, "50 %"},
		{"no predictions reported", trained, func(k *Known) { k.Traffic = telemetry.Traffic{} }, "coverage", NotMeasured, 0, "No predictions"},
		{"an app that nobody declared", trained, func(k *Known) { k.Apps = []string{"card-checkout", "shadow-it"} }, "consumers", Fail, 0, "shadow-it"},
		{"consumers that the plan names, without stamps", trained, func(k *Known) { k.Apps = nil }, "consumers", Pass, 0.7, "retirement plan"},
		{"drift too old", trained, oldReports, "drift", Fail, 0, "Drift was"},
		{"no cost", trained, func(k *Known) { k.Reports = k.Reports[:5] }, "cost", NotMeasured, 0, "No cost"},
		{"a promise that is not measured", trained, func(k *Known) { k.Gate.Model.SLA.LatencyP95Millis = 200 }, "sla", NotMeasured, 0, "latency"},
		{"bad news counts as measured", trained, func(k *Known) {
			k.Reports[5].Breach, k.Reports[5].Limit = true, &telemetry.Limit{Operator: ">=", Value: 2}
		}, "quality", Pass, 1, "should be at least 2"},
		{"retraining that was not kept", trained, func(k *Known) { k.RetrainDay, k.Gate.Version.BuiltAt = 30, noon.AddDate(0, 0, -60) }, "cadence", Fail, 0, "is of"},
		{"no retraining declared", trained, func(k *Known) { k.RetrainDay = 0 }, "cadence", NotMeasured, 0, "No retraining cadence"},
		{"evaluation due again", genai, func(k *Known) { k.Gate.Vendor.ChangedAt = noon.AddDate(0, 0, -1) }, "reevaluation", Fail, 0, "due"},
		{"no plan", trained, func(k *Known) { k.Gate.Plan = lifecycle.PlanFact{} }, "plan", Fail, 0, "No retirement plan"},
		{"a plan in review", trained, func(k *Known) { k.Gate.Plan = lifecycle.PlanFact{DraftState: "submitted"} }, "plan", Fail, 0, "submitted"},
		{"a plan whose candidate died still is a plan", trained, finding("candidate", "It is retired."), "plan", Pass, 1, ""},
		{"and its candidate is not", trained, finding("candidate", "It is retired."), "candidate", Fail, 0, "It is retired."},
		{"a plan whose owner left", trained, finding("owner", "She left."), "plan", Fail, 0, "She left."},
		{"a plan not confirmed for this version", trained, func(k *Known) { k.Gate.Version.BuiltAt = noon }, "plan", Fail, 0, "not been confirmed"},
		{"a data asset without a decision", trained, func(k *Known) { k.Gate.Plan.Plan.Body.Assets[0].Decision = "" }, "data", Fail, 0, "open"},
		{"never rehearsed", trained, func(k *Known) { k.RehearsedAt = time.Time{} }, "rehearsal", Fail, 0, "not been rehearsed"},
		{"rehearsed long ago", trained, func(k *Known) { k.RehearsedAt = noon.AddDate(-2, 0, 0) }, "rehearsal", Fail, 0, "Rehearsed on"},
		{"a move without a second person", trained, func(k *Known) { k.Requests[0].Approvers = []int64{ownerID} }, "four_eyes", Fail, 0, "without a second person"},
		{"a break-glass that waits", trained, func(k *Known) { k.Requests[0].BreakGlass = true }, "break_glass", Fail, 0, "still waits"},
		{"a request that is late", trained, func(k *Known) {
			k.Requests = append(k.Requests, Move{ID: 51, State: lifecycle.Open, DueAt: noon.AddDate(0, 0, -1), OpenedAt: noon.AddDate(0, 0, -9)})
		}, "timely", Fail, 0, "Request 51"},
	} {
		k := known(c.kind)
		c.change(&k)
		l := lineOf(t, k, c.key)
		if l.Outcome != c.outcome || l.Strength != c.strength || !strings.Contains(l.Fact, c.fact) {
			t.Errorf("%s: %s is %s with %v: %q; want %s with %v and %q", c.name, c.key, l.Outcome, l.Strength, l.Fact, c.outcome, c.strength, c.fact)
		}
	}
}

func byHand(url string, days int) func(*Known) {
	return func(k *Known) {
		e := &k.Gate.Evidence[1]
		e.RecordedVia, e.URL, e.RecordedAt = "session", url, noon.AddDate(0, 0, days)
	}
}

func oldReports(k *Known) {
	for i := range k.Reports {
		k.Reports[i].To = k.Reports[i].To.AddDate(0, 0, -60)
	}
}

func finding(key, sentence string) func(*Known) {
	return func(k *Known) {
		k.Gate.Plan.Findings = []retirement.Finding{{Key: key, Sentence: sentence}}
	}
}

func TestPhases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Known)
		want   Phase
	}{
		"in production":                  {func(*Known) {}, Serving},
		"staged":                         {func(k *Known) { k.Gate.Model.Stage = registry.Staged }, Before},
		"retired":                        {func(k *Known) { k.Gate.Model.Stage = registry.Retired }, Gone},
		"retired and seen last week":     {func(k *Known) { k.Gate.Model.Stage, k.ZombieAt = registry.Retired, noon.AddDate(0, 0, -7) }, Zombie},
		"retired and seen long ago":      {func(k *Known) { k.Gate.Model.Stage, k.ZombieAt = registry.Retired, noon.AddDate(0, 0, -31) }, Gone},
		"only reported in operation":     {func(k *Known) { k.Gate.Model.Stage, k.Gate.Model.Reported = registry.Experiment, "operating" }, Unregistered},
		"reported, and in production":    {func(k *Known) { k.Gate.Model.Reported = "operating" }, Serving},
		"reported as being in the works": {func(k *Known) { k.Gate.Model.Stage, k.Gate.Model.Reported = registry.Experiment, "developing" }, Before},
	} {
		k := known(registry.Trained)
		c.change(&k)
		if got := Establish(&k, standard(t), noon).Phase; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	z := known(registry.Trained)
	z.Gate.Model.Stage, z.ZombieAt = registry.Retired, noon.AddDate(0, 0, -7)
	if s := Score(Establish(&z, standard(t), noon), noon); s.Cap() != 19 || s.Tier != Chaos {
		t.Errorf("a zombie is capped at %d, %s", s.Cap(), s.Tier)
	}
}

// Whatever is typed in by hand is one person's word, and the version then has to be approved again.
func TestTypingNeverRaisesAScore(t *testing.T) {
	t.Parallel()
	p := standard(t)
	for name, change := range map[string]func(*Known){
		"another purpose": func(k *Known) {
			k.Gate.Model.Purpose = "Scores card payments, carefully and fairly, with great success."
		},
		"another name":              func(k *Known) { k.Gate.Model.Name = "The best scorer" },
		"a reason for no consumers": func(k *Known) { k.Gate.Model.NoConsumersReason = "Nobody depends on it." },
		"a support promise":         func(k *Known) { k.Gate.Model.SLA.Support = "All day" },
		"a rollout plan":            func(k *Known) { k.Gate.Version.RolloutPlan = "Shadow for a week." },
		"where it is monitored":     func(k *Known) { k.Gate.Version.Monitoring = registry.Monitoring{Drift: "d", Quality: "q", Cost: "c"} },
		"a summary":                 func(k *Known) { k.Gate.Version.Summary = "Much better." },
		"a note at the evidence": func(k *Known) {
			for i := range k.Gate.Evidence {
				k.Gate.Evidence[i].Note = "Looks great."
			}
		},
		"lineage filled in by hand": func(k *Known) { k.Gate.Version.Lineage = known(registry.Trained).Gate.Version.Lineage; typed(k) },
		"a run":                     func(k *Known) { k.Gate.Version.Lineage.Run.ID = "r-18"; typed(k) },
		"words in the plan's reason": func(k *Known) {
			k.Gate.Plan.Plan.Body.Trigger.Explanation = "Because it is old."
			k.Gate.Plan.DraftState = "draft"
		},
	} {
		for _, bare := range []bool{false, true} {
			k := known(registry.Trained)
			if bare {
				k.Gate.Version.Lineage, k.Gate.Evidence, k.BuiltVia = registry.Lineage{}, nil, "session"
				k.Gate.Model.Consumers = nil
			}
			before := Score(Establish(&k, p, noon), noon)
			change(&k)
			if after := Score(Establish(&k, p, noon), noon); after.Score > before.Score || after.Raw > before.Raw {
				t.Errorf("%s (bare %t) took the score from %v to %v", name, bare, before.Score, after.Score)
			}
		}
	}
}

// typed is what the registry notes when somebody changes what a version is made of.
func typed(k *Known) { k.BuiltVia, k.Gate.Version.BuiltAt = "session", noon }

func TestMoreEvidenceNeverLowersAScore(t *testing.T) {
	t.Parallel()
	p := standard(t)
	for i := range 4 {
		for _, via := range []string{"session", "token:ci"} {
			for _, url := range []string{"", "https://example.org/r"} {
				k := known(registry.Trained)
				before := Score(Establish(&k, p, noon), noon)
				more := k.Gate.Evidence[i]
				more.ID, more.RecordedAt, more.RecordedVia, more.URL = 900, noon.Add(-time.Minute), via, url
				k.Gate.Evidence = append(k.Gate.Evidence, more)
				if after := Score(Establish(&k, p, noon), noon); after.Score < before.Score {
					t.Errorf("%s by %s lowered the score from %v to %v", more.Kind, via, before.Score, after.Score)
				}
			}
		}
	}
	k := known(registry.Trained)
	failed := k.Gate.Evidence[1]
	failed.ID, failed.RecordedAt, failed.Outcome = 901, noon.Add(-time.Minute), evidence.Failed
	k.Gate.Evidence = append(k.Gate.Evidence, failed)
	if l := lineOf(t, k, "fairness"); l.Outcome != Fail {
		t.Errorf("after a failed check fairness is %s", l.Outcome)
	}
}

func TestAWaiverLeavesTheDenominator(t *testing.T) {
	t.Parallel()
	k := known(registry.Trained)
	k.Gate.Evidence = k.Gate.Evidence[:1]
	v := &k.Gate.Version
	for i, key := range []string{"fairness", "security_review", "rollout_evidence", "consumers"} {
		k.Gate.Waivers = append(k.Gate.Waivers, lifecycle.Waiver{ID: int64(i), VersionID: v.ID, Digest: v.Digest(), Key: key, Until: day.Of(noon).Add(30),
			State: lifecycle.WaiverGranted, Decider: "Rita", Reason: "Under way."})
	}
	k.Gate.Model.Consumers = nil
	s := Score(Establish(&k, standard(t), noon), noon)
	if s.Waived != 10 || s.Applicable != 90 || s.Score != clean(100*87.0/90) {
		t.Errorf("%d points waived, %d apply, score %v", s.Waived, s.Applicable, s.Score)
	}
	refused := 0
	for _, l := range s.Lines {
		if strings.Contains(l.Explanation, "10 points of a model at most") {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d waivers are told to be one too many, want 1", refused)
	}
	if later := Score(Establish(&k, standard(t), noon), noon.AddDate(0, 0, 32)); later.Waived != 0 {
		t.Errorf("after they ended, waivers still take out %d points", later.Waived)
	}
}
