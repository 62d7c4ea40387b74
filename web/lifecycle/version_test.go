package lifecycle_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

func TestAVersionPageSaysWhatStandsInTheWay(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, slug, registry.Trained, 2)
	site.Version(t, slug, "v1")
	site.Promote(t, slug, "v1", registry.Registered)
	owner := site.As(site.Owner)
	page := owner.Get(v1).Is(200, "Gate to validated", "No evaluation is on record.", "Results on data it was trained on say nothing.", "Record evidence", "Request promotion to validated", "No evidence yet")
	if !strings.Contains(page.Body, "/models/fraud-scorer/versions/v1/evidence/new?kind=fairness") {
		t.Error("a red check leads to where it is mended")
	}
	site.As(site.Viewer).Get(v1).Is(200, "Only contributors change models").Lacks("Mend", "/evidence/new?kind=fairness", "Break glass")
	site.As(site.Stranger).Get(v1).Is(200, "Only the model's own team changes it.")
}

func TestAStageWithoutReviewSaysWhyItsButtonIsOff(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, slug, registry.Trained, 2)
	site.Version(t, slug, "v1")
	if _, err := site.Store.ChangeModel(site.World.As(site.Owner), slug, 0, func(m *registry.Model) error {
		m.Purpose = ""
		m.Note("model.edited", m.Subject(), nil, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	owner := site.As(site.Owner)
	owner.Get(v1).Is(200, "Promote to registered", "The gate holds this back: 1 check does not pass.")
	refused := owner.Send(v1+"/transitions/new", "to", "registered", "reason", "Worth keeping.").Is(422, "Purpose is stated")
	if strings.TrimSpace(refused.Value("reason")) != "Worth keeping." {
		t.Error("the reason is lost")
	}
}

func TestMovesThatTheTableDoesNotHave(t *testing.T) {
	site := staged(t, 2)
	owner := site.As(site.Owner)
	for to, says := range map[string]string{"staged": "already staged", "retired": "close it instead", "moon": "not a stage"} {
		owner.Get(v1 + "/transitions/new?to=" + to).Is(statusOf(to))
		owner.Send(v1+"/transitions/new", "to", to, "reason", words).Is(statusOf(to), says)
	}
	owner.Send(v1+"/transitions/new", "to", "production", "reason", "").Is(422, "at least a sentence")
	at := asked(t, site, site.Owner, "v1", registry.Production)
	owner.Get(v1+"/transitions/new?to=production").Is(200, "is open already")
	owner.Send(v1+"/transitions/new", "to", "production", "reason", words).Is(409, "has an open request already")
	site.As(site.Stranger).Send(v1+"/transitions/new", "to", "production", "reason", words).Is(403, "own team")
	site.As(site.Viewer).Send(v1+"/transitions/new", "to", "production", "reason", words).Is(403)
	_ = at
}

func statusOf(to string) int {
	if to == "moon" {
		return 422
	}
	return 409
}

func TestMovingBack(t *testing.T) {
	site := staged(t, 2)
	owner := site.As(site.Owner)
	form := owner.Get(v1+"/transitions/new?to=validated").Is(200, "Move v1 back", "Back to")
	owner.Submit(form, v1+"/transitions/new", "to", "registered", "reason", "The evaluation was wrong.").Is(200, "v1 is registered now.", "Gate to validated")
}

func TestClosing(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	owner := site.As(site.Owner)
	form := owner.Get(v1+"/close").Is(200, "Close Model fraud-scorer v1?")
	owner.Submit(form, v1+"/close", "reason", "").Is(422, "at least a sentence")
	owner.Submit(form, v1+"/close", "reason", "It led nowhere.").Is(200, "v1 is closed.", "It led nowhere.", "Retired")
	owner.Get(at).Is(200, "Superseded")
	owner.Send(v1+"/close", "reason", "Once more.").Is(409, "already retired")
	owner.Send(v1+"/evidence/new", "kind", "other", "outcome", "passed", "note", words).Is(403, "retired")
	site.As(site.Stranger).Send(v1+"/close", "reason", words).Is(403)
}

func TestRecordingEvidence(t *testing.T) {
	site := staged(t, 2)
	owner := site.As(site.Owner)
	form := owner.Get(v1+"/evidence/new?kind=fairness").Is(200, "Fairness and safety check", "It counts for 365 days.")
	more := owner.Submit(form, v1+"/evidence/new", "add", "metrics", "metrics[0].name", "flips", "metrics[0].value", "0.01", "note", "half done").Is(200)
	if more.Value("metrics[0].name") != "flips" || !strings.Contains(more.Body, "metrics[1].name") || strings.TrimSpace(more.Value("note")) != "half done" {
		t.Error("another row keeps what was typed")
	}
	for field, pair := range map[string][2]string{
		"outcome":              {"outcome", "splendid"},
		"metrics[0].value":     {"metrics[0].value", "a lot"},
		"metrics[0].threshold": {"metrics[0].threshold", ""},
		"dataset_digest":       {"dataset_digest", "sha256:short"},
		"url":                  {"url", "javascript:alert(1)"},
		"artifact_sha256":      {"artifact_sha256", "zz"},
		"note":                 {"note", strings.Repeat("x", 4001)},
		"expires_at":           {"expires_at", "2020-01-01"},
	} {
		refused := owner.Submit(form, v1+"/evidence/new", "outcome", "passed", "metrics[0].name", "flips", "metrics[0].value", "0.01", "metrics[0].operator", "<=", "metrics[0].threshold", "0.02", pair[0], pair[1]).Is(422)
		if refused.ErrorAt(field) == "" {
			t.Errorf("%s: no sentence at the field: %s", field, refused.Text())
		}
	}
	owner.Submit(form, v1+"/evidence/new", "outcome", "passed", "expires_at", "soon").Is(422, "Enter a date like 2027-03-31.")
	done := owner.Submit(form, v1+"/evidence/new", "outcome", "passed", "metrics[0].name", "flips", "metrics[0].value", "0.01", "metrics[0].operator", "<=", "metrics[0].threshold", "0.02",
		"url", "https://wiki.example.org/42", "expires_at", string(day.Of(site.Clock.Now()).Add(20)))
	done.Is(200, "Fairness and safety check recorded.", "flips", "needs <= 0.02", "https://wiki.example.org/42", "Counts, expires in 20 days", "Owner")
	site.As(site.Stranger).Send(v1+"/evidence/new", "kind", "other", "outcome", "passed", "note", words).Is(403)
	site.As(site.Auditor).Send(v1+"/evidence/new", "kind", "other", "outcome", "passed", "note", words).Is(403)
	owner.Send(v1+"/evidence/new", "kind", "hearsay", "outcome", "passed", "note", words).Is(422, "Choose what kind")
	owner.Get(v1 + "/evidence/new?kind=hearsay").Is(400)
}

func TestWithdrawingEvidence(t *testing.T) {
	site := staged(t, 2)
	d, err := site.Store.Prospect(t.Context(), slug, "v1", site.Policy)
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("%s/evidence/%d/withdraw", v1, d.Facts.Evidence[0].ID)
	owner := site.As(site.Owner)
	form := owner.Get(at).Is(200, "Withdraw this evidence?", "Canary run", "recorded by Contributor")
	owner.Submit(form, at, "reason", "").Is(422, "Say why")
	owner.Submit(form, at, "reason", "It ran on the wrong traffic.").Is(200, "The evidence is withdrawn.", "Withdrawn", "No shadow or canary run is on record.")
	owner.Send(at, "reason", "Once more.").Is(409, "withdrawn already")
	site.As(site.Stranger).Send(at, "reason", words).Is(409)
	other := fmt.Sprintf("%s/evidence/%d/withdraw", v1, d.Facts.Evidence[1].ID)
	site.As(site.Stranger).Send(other, "reason", words).Is(403, "own team")
	site.Version(t, slug, "v2")
	owner.Send(strings.Replace(other, "/v1/", "/v2/", 1), "reason", words).Is(404) // another version's
}

func TestAWaiverFromAskingToTheGate(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, slug, registry.Trained, 2)
	site.Version(t, slug, "v1")
	site.Promote(t, slug, "v1", registry.Registered)
	owner := site.As(site.Owner)
	address := v1 + "/waivers/new"
	form := owner.Get(address+"?check=fairness").Is(200, "Fairness and safety check passed").Lacks("Owner is active")
	until := string(day.Of(site.Clock.Now()).Add(30))
	for _, c := range [][4]string{
		{"check", "plan", "check", "cannot be waived"}, {"check", "nothing", "check", "Choose one"}, {"until", "2020-01-01", "until", "end date"}, {"reason", "tbd", "reason", "sentence"},
		{"until", string(day.Of(site.Clock.Now()).Add(91)), "until", "end date"},
	} {
		values := url.Values{"check": {"fairness"}, "reason": {"The check runs next week."}, "until": {until}}
		values.Set(c[0], c[1])
		refused := owner.Post(address, values).Is(422, c[3])
		if !strings.Contains(refused.ErrorAt(c[2]), c[3]) {
			t.Errorf("%s=%s: no sentence at %s", c[0], c[1], c[2])
		}
	}
	page := owner.Submit(form, address, "check", "fairness", "reason", "The check runs next week.", "until", until).Is(200, "Waits for a decision", "You asked for this waiver")
	at := page.Address
	owner.Send(at, "decision", "grant").Is(403)
	site.As(site.Admin).Send(at, "decision", "grant").Is(403)
	reviewer := site.As(site.Reviewer)
	reviewer.Get("/waivers").Is(200, "Fairness and safety check passed", "The check runs next week.")
	reviewer.Get("/requests").Is(200, "1 waiver waits for a decision")
	form = reviewer.Get(at).Is(200, "Grant until")
	reviewer.Submit(form, at, "decision", "refuse", "note", "").Is(422, "at least a sentence")
	reviewer.Submit(form, at, "decision", "perhaps").Is(422, "Choose to grant or to refuse")
	reviewer.Submit(form, at, "decision", "grant").Is(200, "The waiver is granted.", "In force")
	reviewer.Send(at, "decision", "refuse", "note", words).Is(409, "already granted")
	owner.Get(v1).Is(200, "Waived until", "Granted by Reviewer")
	reviewer.Get("/waivers").Is(200, "No waiver waits")
}

func TestBreakingGlassInTheBrowser(t *testing.T) {
	site := staged(t, 1)
	address := v1 + "/break-glass"
	site.As(site.Owner).Get(address).Is(403, "may break glass")
	site.As(site.Owner).Send(address, "reason", words, "confirm", slug).Is(403)
	site.As(site.Owner).Get(v1).Is(200).Lacks("Break glass")
	admin := site.As(site.Admin)
	admin.Get(v1).Is(200, "Break glass")
	form := admin.Get(address).Is(200, "within 72 hours", "Type fraud-scorer to confirm", "no plan, no production")
	refused := admin.Submit(form, address, "reason", "Checkout is down.", "confirm", "fraud").Is(422, "Type fraud-scorer")
	if strings.TrimSpace(refused.Value("reason")) != "Checkout is down." || refused.ErrorAt("confirm") == "" {
		t.Error("the reason is kept, the sentence stands at the field")
	}
	page := admin.Submit(form, address, "reason", "Checkout is down.", "confirm", slug).Is(200, "A review is owed", "broke glass", "Review owed in 3 days")
	at := page.Address
	admin.Get("/requests?show=owed").Is(200, "1 request")
	admin.Get("/production").Is(200, "Break-glass", "by Admin")
	admin.Send(at+"/settle", "verdict", "approve", "comment", words).Is(403)
	risk := site.As(site.Risk)
	form = risk.Get(at).Is(200, "It was right", "It was wrong")
	risk.Submit(form, at+"/settle", "verdict", "reject", "comment", "").Is(422, "at least a sentence")
	risk.Submit(form, at+"/settle", "verdict", "reject", "comment", "A rollback would have done.").Is(200, "The review is given.", "it was wrong", "A rollback would have done.")
	risk.Send(at+"/settle", "verdict", "approve", "comment", words).Is(409)
	admin.Get("/requests?show=owed").Is(200, "No review is owed")
}

func TestBrokenGlassDoesNotSkipThePlan(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, slug, registry.Trained, 1)
	site.Version(t, slug, "v1")
	site.Evidence(t, slug, "v1")
	for _, to := range []registry.Stage{registry.Registered, registry.Validated, registry.Staged} {
		site.Promote(t, slug, "v1", to)
	}
	admin := site.As(site.Admin)
	admin.Get(v1+"/break-glass").Is(200, "This holds even now", "No retirement plan is on file.", "What holds even now does not pass.")
	admin.Send(v1+"/break-glass", "reason", "Checkout is down.", "confirm", slug).Is(422, "No retirement plan is on file.")
	admin.Get("/production").Is(200, "Nothing is in production")
}

func TestRollingBackByOneExpeditedRequest(t *testing.T) {
	site := superseded(t)
	owner := site.As(site.Owner)
	owner.Get(v1).Is(200, "Superseded by v2", "Roll back to this version")
	owner.Get("/models/fraud-scorer/versions/v2").Is(200, "Roll back", "In production")
	page := owner.Get("/production").Is(200, "Roll back")
	if !strings.Contains(page.Body, "/models/fraud-scorer/rollback") {
		t.Error("the list leads to the rollback")
	}
	form := owner.Get("/models/fraud-scorer/rollback").Is(200, "Roll back to v1", "An expedited request", "takes the place of v2")
	page = owner.Submit(form, v1+"/transitions/new", "reason", "v2 fails on refunds.").Is(200, "asks to roll back to it", "v2, in production")
	at := page.Address
	reviewer := site.As(site.Reviewer)
	reviewer.Submit(reviewer.Get(at), at+"/review", "verdict", "approve").Is(200, "v1 is production now")
	reviewer.Get("/production").Is(200, "Rollback", "v1")
	for moment, version := range map[time.Duration]string{-30 * time.Minute: "v2", -90 * time.Minute: "v1"} {
		at := site.Clock.Now().Add(moment).Format(time.RFC3339)
		reviewer.Get("/production?at="+url.QueryEscape(at)).Is(200, "Served on", version)
	}
	site.As(site.Viewer).Get("/models/fraud-scorer/rollback").Is(403)
}

func TestNothingToRollBackTo(t *testing.T) {
	site := staged(t, 2)
	owner := site.As(site.Owner)
	owner.Get("/models/fraud-scorer/rollback").Is(409, "nothing to roll back from")
	site.Promote(t, slug, "v1", registry.Production)
	owner.Get("/models/fraud-scorer/rollback").Is(409, "No earlier version")
}

func TestTheDossierComparesWithWhatServes(t *testing.T) {
	site := superseded(t)
	if _, err := site.Store.AddVersion(site.World.As(site.Contributor), slug, func(m *registry.Model) (*registry.Version, error) {
		_, v, err := site.Store.Version(t.Context(), slug, "v2")
		v.ID, v.Label, v.Stage, v.SupersededAt, v.ServedSince = 0, "v3", registry.Experiment, time.Time{}, time.Time{}
		v.Lineage.Parameters = map[string]string{"depth": "9"}
		v.Note("version.added", v.Subject(m.Slug), nil, nil)
		return &v, err
	}); err != nil {
		t.Fatal(err)
	}
	site.Evidence(t, slug, "v3")
	site.Promote(t, slug, "v3", registry.Registered)
	at := asked(t, site, site.Owner, "v3", registry.Validated)
	site.As(site.Risk).Get(at).Is(200, "v2, in production", "v3, proposed", "depth", "8", "9")
}

func TestProductionThenAndNow(t *testing.T) {
	site := superseded(t)
	b := site.As(site.Viewer)
	b.Get("/production").Is(200, "1 model", "v2", "Risk", "Approved")
	b.Get("/production?q=fraud").Is(200, "v2")
	b.Get("/production?q=nothing-like-it").Is(200, "No models that serve match")
	b.Get("/production?team=credit").Is(200, "No models that serve match")
	b.Get("/production?at=2001-01-01").Is(200, "Nothing served then", "Served on 1 Jan 2001, 23:59 UTC")
	for _, bad := range []string{"yesterday", "2026-13-01", "2026-03-03T25:00", "9999-01-01", "1e9", "<script>", "2100-01-01"} {
		page := b.Get("/production?at="+url.QueryEscape(bad)).Is(422, "In production")
		if page.ErrorAt("at") == "" || !strings.HasPrefix(page.PageTitle(), "Error:") || page.Value("at") != bad {
			t.Errorf("%s: %q, kept %q", bad, page.ErrorAt("at"), page.Value("at"))
		}
		b.Get("/production.csv?at=" + url.QueryEscape(bad)).Is(400)
	}
	then := site.Clock.Now().Add(-90 * time.Minute).Truncate(time.Minute)
	page := b.Get("/production?at="+then.Format("2006-01-02T15:04")).Is(200, "v1", "until")
	if page.Value("at") != then.Format("2006-01-02T15:04") {
		t.Errorf("the moment is kept: %q", page.Value("at"))
	}
	csv := b.Get("/production.csv").Is(200)
	if !strings.Contains(csv.Body, "fraud-scorer,Model fraud-scorer,trained,2,Fraud,Owner,v2,") || strings.Count(csv.Body, "\n") != 2 {
		t.Error(csv.Body)
	}
}

func TestPagesTakeAFewStatements(t *testing.T) {
	site := superseded(t)
	b := site.As(site.Reviewer)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	for _, address := range []string{v1, at, "/production", "/requests"} {
		if p := b.Get(address); p.Queries > 32 {
			t.Errorf("%s takes %d statements", address, p.Queries)
		} else {
			t.Logf("%s takes %d statements", address, p.Queries)
		}
	}
}

func TestAGenAIVersionShowsItsRelease(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "helper", registry.GenAI, 2)
	if _, err := site.Store.AddVersion(site.World.As(site.Contributor), "helper", func(m *registry.Model) (*registry.Version, error) {
		v := &registry.Version{Label: "r1", Kind: m.Kind, AuthorID: site.Contributor.ID, Release: registry.Release{Host: "openai", ModelID: "gpt-4o",
			Prompts: []registry.Prompt{{Name: "answer", SHA256: strings.Repeat("c", 64), Repo: "git.example.org/support", Path: "answer.md", Commit: "abc"}}}}
		v.Note("version.added", v.Subject(m.Slug), nil, nil)
		return v, nil
	}); err != nil {
		t.Fatal(err)
	}
	page := site.As(site.Owner).Get("/models/helper/versions/r1").Is(200, "The release", "gpt-4o", "Floating", "answer", "Vendor model id is pinned", "Fail")
	page.Lacks("How it was built")
	site.As(site.Owner).Get("/models/helper/versions/r1/waivers/new").Is(200).Lacks("Vendor model id is pinned")
	site.As(site.Owner).Send("/models/helper/versions/r1/waivers/new", "check", "pin", "reason", words, "until", string(day.Of(site.Clock.Now()).Add(9))).Is(422, "cannot be waived")
}

func TestALoserOfARaceIsToldSo(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	slow := site.As(site.OtherReviewer)
	page := slow.Get(at)
	if _, err := site.Store.ChangeDossier(site.World.As(site.Risk), idOf(at), site.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Review(storetest.Actor(site.Risk), lifecycle.Reject, d.CurrentDigest(now), "Not like this.", now)
	}); err != nil {
		t.Fatal(err)
	}
	refused := slow.Submit(page, at+"/review", "verdict", "approve", "comment", words).Is(409, "already rejected", "Not like this.")
	if refused.Form(at+"/review") != nil {
		t.Error("what is decided cannot be decided again")
	}
}

func idOf(address string) int64 {
	var id int64
	_, _ = fmt.Sscanf(address, "/requests/%d", &id)
	return id
}
