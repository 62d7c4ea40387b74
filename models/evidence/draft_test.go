package evidence

import (
	"math"
	"strings"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

var (
	noon  = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	actor = org.Actor{Person: org.Person{ID: 4, Name: "Rena", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{1}}, Via: "session"}
	model = registry.Model{ID: 40, Slug: "fraud-scorer", TeamID: 1}
)

func version() *registry.Version {
	return &registry.Version{ID: 7, ModelID: 40, Label: "v7", Kind: registry.Trained, Stage: registry.Registered}
}

func good() Draft {
	return Draft{Kind: Evaluation, Outcome: Passed, Metrics: []Metric{{Name: "AUC", Value: 0.93, Operator: ">=", Threshold: 0.9}},
		DatasetDigest: "SHA256:" + strings.Repeat("AB", 32), Suite: "holdout 3", SuiteSHA256: strings.Repeat("c", 64),
		URL: "https://mlflow.example.org/runs/1", ArtifactSHA256: "sha256:" + strings.Repeat("d", 64), Note: "On last quarter's cases.\r\n",
		ExpiresAt: noon.AddDate(0, 6, 0)}
}

func TestRecordedEvidenceIsBoundToTheVersionAsItIs(t *testing.T) {
	v := version()
	e, err := New(actor, &model, v, good(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if e.VersionDigest != v.Digest() || e.RecordedBy != actor.ID || e.RecordedVia != "session" || !e.RecordedAt.Equal(noon) {
		t.Errorf("it names what it is for, who recorded it and when: %+v", e)
	}
	if e.DatasetDigest != "sha256:"+strings.Repeat("ab", 32) || e.ArtifactSHA256 != strings.Repeat("d", 64) || e.Note != "On last quarter's cases." {
		t.Errorf("digests are kept one way: %+v", e)
	}
	if ok, why := e.Standing(v.Digest(), noon, 0); !ok {
		t.Error(why)
	}
	v.Lineage.Code.Commit = "another"
	if ok, why := e.Standing(v.Digest(), noon, 0); ok || !strings.Contains(why, "has changed") {
		t.Error("it does not count for what the version became")
	}
	if n := e.Notes(); len(n) != 1 || n[0].Verb != "evidence.recorded" {
		t.Errorf("it is on record: %+v", n)
	}
}

func TestEveryFieldIsHeldToWhatItTakes(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*Draft)
		field, says string
	}{
		"no kind":                       {func(d *Draft) { d.Kind = "" }, "kind", "Choose"},
		"an unknown kind":               {func(d *Draft) { d.Kind = "hearsay" }, "kind", "Choose"},
		"no outcome":                    {func(d *Draft) { d.Outcome = "" }, "outcome", "Choose"},
		"an unknown outcome":            {func(d *Draft) { d.Outcome = "great" }, "outcome", "Choose"},
		"passed under its threshold":    {func(d *Draft) { d.Metrics[0].Value = 0.5 }, "outcome", "AUC is 0.5, which is not >= 0.9"},
		"an evaluation without metric":  {func(d *Draft) { d.Metrics = nil }, "metrics[0].name", "at least one"},
		"a metric without name":         {func(d *Draft) { d.Metrics[0].Name = " " }, "metrics[0].name", "Name the metric"},
		"a metric named twice":          {func(d *Draft) { d.Metrics = append(d.Metrics, Metric{"auc", 1, ">=", 0.9}) }, "metrics[1].name", "twice"},
		"no operator":                   {func(d *Draft) { d.Metrics[0].Operator = "" }, "metrics[0].operator", "Choose"},
		"an operator that is none":      {func(d *Draft) { d.Metrics[0].Operator = "!=" }, "metrics[0].operator", "Choose"},
		"a value that is no number":     {func(d *Draft) { d.Metrics[0].Value = math.NaN() }, "metrics[0].value", "number"},
		"an infinite threshold":         {func(d *Draft) { d.Metrics[0].Threshold = math.Inf(1) }, "metrics[0].threshold", "number"},
		"too many metrics":              {func(d *Draft) { d.Metrics = make([]Metric, MaxMetrics+1) }, "metrics", "At most 50"},
		"a metric's name over its line": {func(d *Draft) { d.Metrics[0].Name = strings.Repeat("a", 101) }, "metrics[0].name", "at most 100"},
		"half a digest":                 {func(d *Draft) { d.DatasetDigest = "sha256:abc" }, "dataset_digest", "64 digits"},
		"a digest with blanks":          {func(d *Draft) { d.DatasetDigest = "version 3" }, "dataset_digest", "blanks"},
		"a suite hash that is none":     {func(d *Draft) { d.SuiteSHA256 = "xyz" }, "suite_sha256", "64 digits"},
		"an artefact hash that is none": {func(d *Draft) { d.ArtifactSHA256 = strings.Repeat("g", 64) }, "artifact_sha256", "64 digits"},
		"a script for an address":       {func(d *Draft) { d.URL = "javascript:alert(1)" }, "url", "whole address"},
		"a path for an address":         {func(d *Draft) { d.URL = "/runs/1" }, "url", "whole address"},
		"a password in an address":      {func(d *Draft) { d.URL = "https://me:secret@example.org" }, "url", "without a password"},
		"an endless address":            {func(d *Draft) { d.URL = "https://example.org/" + strings.Repeat("a", 2000) }, "url", "at most 2000"},
		"a note over its length":        {func(d *Draft) { d.Note = strings.Repeat("a", 4001) }, "note", "at most 4000"},
		"a control character":           {func(d *Draft) { d.Note = "a\x07b" }, "note", "cannot be shown"},
		"bytes that are no text":        {func(d *Draft) { d.Suite = "a\xffb" }, "suite", "cannot be shown"},
		"two lines for one":             {func(d *Draft) { d.Suite = "a\nb" }, "suite", "one line"},
		"an end that is past":           {func(d *Draft) { d.ExpiresAt = noon }, "expires_at", "past"},
		"an end in twenty years":        {func(d *Draft) { d.ExpiresAt = noon.AddDate(20, 0, 0) }, "expires_at", "ten years"},
		"nothing to look at": {func(d *Draft) {
			*d = Draft{Kind: Fairness, Outcome: Passed}
		}, "url", "something that a reviewer can look at"},
	} {
		t.Run(name, func(t *testing.T) {
			d := good()
			c.change(&d)
			_, err := New(actor, &model, version(), d, noon)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid {
				t.Fatalf("should be refused at %s, got %v", c.field, err)
			}
			for _, p := range f.Problems {
				if p.Field == c.field && strings.Contains(p.Sentence, c.says) {
					return
				}
			}
			t.Errorf("no sentence with %q at %s: %+v", c.says, c.field, f.Problems)
		})
	}
}

func TestWhatIsAccepted(t *testing.T) {
	for name, change := range map[string]func(*Draft){
		"a failed evaluation under its threshold": func(d *Draft) { d.Outcome, d.Metrics[0].Value = Failed, 0.1 },
		"a store's own version id as digest":      func(d *Draft) { d.DatasetDigest = "delta:payments@184" },
		"a review that is only a link":            func(d *Draft) { *d = Draft{Kind: SecurityReview, Outcome: Passed, URL: "https://wiki.example.org/42"} },
		"a note alone":                            func(d *Draft) { *d = Draft{Kind: Other, Outcome: Inconclusive, Note: "Looked at by hand."} },
	} {
		d := good()
		change(&d)
		if _, err := New(actor, &model, version(), d, noon); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoMayRecordAndWithdraw(t *testing.T) {
	stranger, viewer := actor, actor
	stranger.TeamIDs, viewer.Roles = []int64{2}, []org.Role{org.Viewer}
	for _, who := range []org.Actor{stranger, viewer, org.System, {}} {
		if _, err := New(who, &model, version(), good(), noon); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s %v records: %v", who.Name, who.Roles, err)
		}
		e, _ := New(actor, &model, version(), good(), noon)
		if err := e.Withdraw(who, &model, "It ran on the wrong data."); !fault.Is(err, fault.Forbidden) || e.Withdrawn || e.MayWithdraw(who, &model).Allowed {
			t.Errorf("%s %v withdraws: %v", who.Name, who.Roles, err)
		}
	}
	retired := version()
	retired.Stage = registry.Retired
	if _, err := New(actor, &model, retired, good(), noon); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a retired version takes no more evidence: %v", err)
	}
}

func TestWithdrawing(t *testing.T) {
	v := version()
	e, _ := New(actor, &model, v, good(), noon)
	if err := e.Withdraw(actor, &model, "  "); !fault.Is(err, fault.Invalid) || e.Withdrawn {
		t.Errorf("it needs a reason: %v", err)
	}
	if err := e.Withdraw(actor, &model, "It ran on the wrong data."); err != nil || !e.Withdrawn {
		t.Fatal(err)
	}
	if ok, why := e.Standing(v.Digest(), noon, 0); ok || why != "It was withdrawn." {
		t.Error("withdrawn evidence does not count")
	}
	if err := e.Withdraw(actor, &model, "Once more."); !fault.Is(err, fault.Conflict) {
		t.Errorf("once is enough: %v", err)
	}
}

func TestFreshness(t *testing.T) {
	day := 24 * time.Hour
	e := Evidence{RecordedAt: noon, Outcome: Passed}
	if !e.Fresh(noon.Add(30*day), 30*day) || e.Fresh(noon.Add(30*day+1), 30*day) || !e.Fresh(noon.AddDate(50, 0, 0), 0) {
		t.Error("evidence is fresh for its days, and for ever where the policy names none")
	}
	if !e.FreshUntil(0).IsZero() || !e.FreshUntil(day).Equal(noon.Add(day)) {
		t.Error("until when it is fresh follows from the policy")
	}
	e.ExpiresAt = noon.Add(day)
	if e.Fresh(noon.Add(day), 30*day) || !e.FreshUntil(30*day).Equal(noon.Add(day)) {
		t.Error("its own end comes first")
	}
}

func TestMetricsAgainstTheirThresholds(t *testing.T) {
	for _, c := range []struct {
		m    Metric
		want bool
	}{
		{Metric{"a", 1, ">=", 1}, true}, {Metric{"a", 0.9, ">=", 1}, false}, {Metric{"a", 1, "<=", 1}, true}, {Metric{"a", 1.1, "<=", 1}, false},
		{Metric{"a", 1, ">", 1}, false}, {Metric{"a", 2, ">", 1}, true}, {Metric{"a", 1, "<", 1}, false}, {Metric{"a", 0, "<", 1}, true},
		{Metric{"a", 1, "=", 1}, false}, {Metric{"a", math.NaN(), ">=", 1}, false},
	} {
		if c.m.Holds() != c.want {
			t.Errorf("%+v holds: %t", c.m, !c.want)
		}
	}
}
