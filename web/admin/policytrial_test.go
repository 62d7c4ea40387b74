package admin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/webtest"
)

const freshFile = "profile: standard\nfresh_days:\n  evaluation: 10\n"

// An inventory with a release whose evaluation is twenty days old: it counts for 180 days under the policy in
// force.
func evaluatedLongAgo(t *testing.T) *webtest.Site {
	site := webtest.New(t)
	site.ServeRelease(t, "bot", "v1")
	site.Model(t, "coming", registry.Trained, 3)
	site.Clock.Add(20 * 24 * time.Hour)
	return site
}

func TestWhoMayTryAPolicy(t *testing.T) {
	site := webtest.New(t)
	for _, who := range []org.Person{site.Owner, site.Leader, site.Viewer} {
		site.As(who).Get("/policy").Is(200).Lacks("Try another policy")
		site.As(who).Get("/policy/dry-run").Is(403, "try another policy")
	}
	for _, who := range []org.Person{site.Admin, site.Reviewer, site.Risk, site.Auditor} {
		if p := site.As(who).Get("/policy").Is(200, "Try another policy"); !slices.Contains(p.Links(), "/policy/dry-run") {
			t.Error("the policy does not lead to trying another")
		}
		site.As(who).Get("/policy/dry-run").Is(200, "Compare this profile", "Compare this policy", "SUNDIAL_POLICY", site.Policy.Version())
	}
}

func TestAProfileIsTriedByItsAddress(t *testing.T) {
	site := evaluatedLongAgo(t)
	b := site.As(site.Risk)
	b.Get("/policy/dry-run?profile=standard").Is(200, "This is the policy in force. Nothing would change.").Lacks("Download as CSV")
	b.Get("/policy/dry-run?profile=light").Is(200, "Under light-", "of 2 models none would change its maturity tier")
	site.Clock.Add(80 * 24 * time.Hour)
	b = site.As(site.Risk)
	p := b.Get("/policy/dry-run?profile=strict").Is(200, "Under strict-", "What would change", "Gates that would stand otherwise")
	if !slices.Contains(p.Links(), "/policy/dry-run.csv?profile=strict") {
		t.Error("there is no file of it")
	}
	csv := b.Get("/policy/dry-run.csv?profile=strict").Is(200, "score_before", "bot,")
	if !strings.HasPrefix(csv.Header.Get("Content-Type"), "text/csv") {
		t.Error(csv.Header)
	}
	for _, bad := range []string{"/policy/dry-run?profile=none", "/policy/dry-run.csv?profile=none"} {
		b.Get(bad).Is(400)
	}
	if p.Queries > 60 {
		t.Errorf("%d queries for one batch under two policies", p.Queries)
	}
}

func TestAPolicyFileIsTriedAndNothingIsKept(t *testing.T) {
	site := evaluatedLongAgo(t)
	b := site.As(site.Admin)
	events := newestEvent(t, site)
	p := b.Send("/policy/dry-run", "policy", freshFile).Is(200, "Under standard-", "Evaluation suite passed for this release", "1 would", "evaluation: 10")
	if !strings.Contains(string(p.Body), `name="do" value="csv"`) {
		t.Error("there is no file of it")
	}
	file := b.Send("/policy/dry-run", "policy", freshFile, "do", "csv").Is(200, "release_evaluation")
	if !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") || !strings.Contains(file.Header.Get("Content-Disposition"), "policy-dry-run-standard.csv") {
		t.Error(file.Header)
	}
	b.Upload("/policy/dry-run", "file", "ours.yaml", []byte(freshFile), "policy", "nonsense: 1").Is(200, "Under standard-", "evaluation: 10")
	if after := newestEvent(t, site); after != events {
		t.Errorf("trying a policy left an event: %d after %d", after, events)
	}
}

func TestAPolicyThatCannotBeMeantIsShownAgain(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	for name, c := range map[string]struct{ policy, says string }{
		"nothing":            {"", "Paste a policy, or choose a file."},
		"an unknown setting": {"profile: standard\nfresh_day: 3\n", "Line 2: there is no setting fresh_day here."},
		"too many days":      {"fresh_days:\n  evaluation: 99999\n", "Line 2: fresh_days: evaluation is 1 to 3650 days, not 99999."},
		"no YAML":            {"profile: [\n", "this is no YAML"},
		"a script":           {"profile: <script>alert(1)</script>\n", "is not one of light, standard, strict"},
	} {
		t.Run(name, func(t *testing.T) {
			b.On(t)
			p := b.Send("/policy/dry-run", "policy", c.policy).Is(422).Lacks("What would change")
			if strings.Contains(string(p.Body), "<script>alert") {
				t.Error("a script is a script")
			}
			if !strings.Contains(p.Text(), c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, p.Text())
			}
			if got := p.Value("policy"); strings.TrimSpace(got) != strings.TrimSpace(c.policy) {
				t.Errorf("what was typed is %q now", got)
			}
		})
	}
	b.On(t)
	b.Upload("/policy/dry-run", "file", "bad.yaml", []byte("waiver_days: 400\n")).Is(422, "Line 1: waiver_days is 1 to 90, not 400.", "waiver_days: 400")
	b.Upload("/policy/dry-run", "file", "picture.png", []byte{0, 1, 2, 0xff, 0xfe, 0x89, 'P'}, "policy", "profile: light").Is(422, "bytes that are not text", "profile: light")
	b.Send("/policy/dry-run", "policy", "\n\n  # ours\n  profile: standard\n  fresh_day: 3\n").Is(422, "Line 5: there is no setting fresh_day here.")
	b.Send("/policy/dry-run", "policy", "  profile: standard\n  review_days: 3\n").Is(200, "Under standard-")
	b.Upload("/policy/dry-run", "file", "big.yaml", []byte(strings.Repeat("#", lifecycle.MaxPolicyFile+10))).Is(413)
}

// What the page names is what then happens: a portal under the tried policy scores just those models so.
func TestAStricterPolicyNamesTheModelThatThenFalls(t *testing.T) {
	site := evaluatedLongAgo(t)
	p, err := lifecycle.ReadPolicy([]byte(freshFile))
	if err != nil {
		t.Fatal(err)
	}
	ctx := site.World.As(site.Admin)
	if _, err := site.Store.ScoreAll(ctx, site.Policy); err != nil {
		t.Fatal(err)
	}
	csv := site.As(site.Auditor).Send("/policy/dry-run", "policy", freshFile, "do", "csv").Is(200).Body
	before, err := site.Store.ModelScore(ctx, "bot", site.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Store.ScoreAll(ctx, p); err != nil {
		t.Fatal(err)
	}
	after, err := site.Store.ModelScore(ctx, "bot", p)
	if err != nil || after.Card.Score >= before.Card.Score {
		t.Fatalf("%v, then %v: %v", before.Card.Score, after.Card.Score, err)
	}
	if lines := strings.Count(strings.TrimSpace(csv), "\n"); lines != 1 {
		t.Errorf("%d models would change, want bot alone:\n%s", lines, csv)
	}
}

func newestEvent(t *testing.T, site *webtest.Site) int64 {
	t.Helper()
	s, err := site.Store.AuditStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Events
}
