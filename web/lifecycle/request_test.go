package lifecycle_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

func TestAVersionIsAskedForReviewedAndServes(t *testing.T) {
	site := staged(t, 2)
	owner, reviewer := site.As(site.Owner), site.As(site.OtherReviewer)
	owner.Get(v1).Is(200, "Request promotion to production", "checks pass", "Evidence", "Counts until")
	form := owner.Get(v1+"/transitions/new?to=production").Is(200, "Promote v1 to production", "1 reviewer")
	page := owner.Submit(form, v1+"/transitions/new", "reason", "Better on refunds.").Is(200, "Model fraud-scorer v1: staged → production", "Better on refunds.", "Asked. It waits for 1 reviewer.")
	at := page.Address
	owner.Get(v1).Is(200, "A request waits", "Owner asks to move it to production").Lacks("Request promotion to production")

	page = reviewer.Get(at).Is(200, "In review", "Needs 1 reviewer", "Approved and living", "Nothing of Model fraud-scorer is in production to compare with")
	page = reviewer.Submit(page, at+"/review", "verdict", "approve", "comment", "Looks right.").Is(200, "Approved. v1 is production now.", "Applied", "Looks right.", "Checks as they were when it was decided")
	reviewer.Get(v1).Is(200, "In production").Lacks("Gate to")
	reviewer.Get("/production").Is(200, "Model fraud-scorer", "v1", "OtherReviewer", "Serving now")
	owner.Get("/requests?show=mine").Is(200, "v1: staged to production", "Applied")
	if page.Form(at+"/review") != nil {
		t.Error("a decided request has no form to decide it")
	}
}

// Every rule of four eyes, on the page and, whatever the page offers, on the server.
func TestFourEyesOnThePageAndAtTheServer(t *testing.T) { each(t, 2, fourEyesOnThePageAndAtTheServer) }

func fourEyesOnThePageAndAtTheServer(t *testing.T, site *webtest.Site) {
	both := site.Person("Both", org.Contributor, org.Reviewer)
	record(t, site, both)
	editor := site.Person("Edith", org.Contributor, org.Reviewer)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	if _, err := site.Store.ChangeVersion(site.World.As(editor), slug, "v1", 0, func(m *registry.Model, v *registry.Version) error {
		v.Summary = "Said better."
		v.Note("version.edited", v.Subject(m.Slug), nil, nil)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	requester := site.Person("Requester", org.Contributor, org.Reviewer)
	site.As(site.Owner).Send(at+"/withdraw").Is(200, "withdrawn")
	at = asked(t, site, requester, "v1", registry.Production)
	for _, c := range []struct {
		who  org.Person
		says string
	}{
		{requester, "You asked for this"},
		{site.Owner, "Only reviewers"},
		{site.Contributor, "Only reviewers"},
		{both, "You changed this version or its evidence"},
		{editor, "You changed this version or its evidence"},
		{site.Stranger, "Only reviewers"},
		{site.Admin, "Only reviewers"},
		{site.Auditor, "Only reviewers"},
		{site.Leader, "Only reviewers"},
		{site.Viewer, "Only reviewers"},
	} {
		t.Run(c.who.Name, func(t *testing.T) {
			b := site.As(c.who).On(t)
			page := b.Get(at).Is(200, c.says)
			if page.Form(at+"/review") != nil {
				t.Error("a button to decide is on")
			}
			for _, verdict := range []string{"approve", "request_changes", "reject"} {
				b.Send(at+"/review", "verdict", verdict, "digest", digestOn(page), "comment", words).Is(403)
			}
		})
	}
	site.As(site.Reviewer).Get(at).Is(200, "In review", "0 of 1 approvals").Lacks("Asked for changes")
}

func digestOn(p *webtest.Page) string { return p.Value("digest") }

func record(t *testing.T, site *webtest.Site, who org.Person) {
	t.Helper()
	_, err := site.Store.AddEvidence(site.World.As(who), slug, "v1", func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
		return evidence.New(storetest.Actor(who), m, v, evidence.Draft{Kind: evidence.Other, Outcome: evidence.Passed, Note: "Looked at by hand."}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStaleVerdictIsRefusedAndShowsWhatChanged(t *testing.T) {
	each(t, 2, aStaleVerdictIsRefusedAndShowsWhatChanged)
}

func aStaleVerdictIsRefusedAndShowsWhatChanged(t *testing.T, site *webtest.Site) {
	at := asked(t, site, site.Owner, "v1", registry.Production)
	reviewer := site.As(site.OtherReviewer)
	page := reviewer.Get(at).Is(200)
	site.Clock.Add(time.Minute)
	_, err := site.Store.ChangeModel(site.World.As(site.Owner), slug, 0, func(m *registry.Model) error {
		before := m.Purpose
		m.Purpose = "Decides on credit from now on."
		m.Note("model.edited", m.Subject(), map[string]string{"purpose": before}, map[string]string{"purpose": m.Purpose})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	refused := reviewer.Submit(page, at+"/review", "verdict", "approve", "comment", words).
		Is(http.StatusConflict, "Facts have changed since you read this", "Owner changed the model", "Scores things so that a test", "Decides on credit from now on.")
	if got := strings.TrimSpace(refused.Value("comment")); got != words {
		t.Errorf("the comment is lost: %q", got)
	}
	if !strings.HasPrefix(refused.PageTitle(), "Error:") || refused.Value("digest") == page.Value("digest") {
		t.Errorf("the page says that it was refused, and carries the facts as they are now: %s", refused.PageTitle())
	}
	reviewer.Submit(refused, at+"/review", "verdict", "approve").Is(200, "Approved. v1 is production now.")
}

func TestAStaleVerdictWithoutAWordOfWhenItWasRead(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	for _, read := range []string{"", "-1", "soon", "99999999999999999999", "0"} {
		site.As(site.OtherReviewer).Send(at+"/review", "verdict", "approve", "digest", "what I read yesterday", "read", read).Is(409, "Facts have changed")
	}
}

func TestARedCheckHoldsButtonAndServer(t *testing.T) { each(t, 2, aRedCheckHoldsButtonAndServer) }

func aRedCheckHoldsButtonAndServer(t *testing.T, site *webtest.Site) {
	at := asked(t, site, site.Owner, "v1", registry.Production)
	site.Clock.Add(100 * 24 * time.Hour) // the canary is too old by then
	reviewer := site.As(site.OtherReviewer)
	page := reviewer.Get(at).Is(200, "Shadow or canary ran well", "does not count. It is out of date.", "The gate holds this back: 1 check does not pass.")
	refused := reviewer.Send(at+"/review", "verdict", "approve", "digest", page.Value("digest"), "comment", words).Is(422, "The gate holds this back", "Shadow or canary ran well")
	if strings.TrimSpace(refused.Value("comment")) != words {
		t.Error("the comment is lost")
	}
	reviewer.Submit(page, at+"/review", "verdict", "request_changes", "comment", "Run the canary again.").Is(200, "Changes requested", "Run the canary again.")
}

func TestVerdictsWithoutWhatTheyNeed(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	reviewer := site.As(site.OtherReviewer)
	page := reviewer.Get(at)
	for _, verdict := range []string{"reject", "request_changes"} {
		if got := reviewer.Submit(page, at+"/review", "verdict", verdict, "comment", "").Is(422).ErrorAt("comment"); !strings.Contains(got, "at least a sentence") {
			t.Errorf("%s without a word: %q", verdict, got)
		}
	}
	reviewer.Submit(page, at+"/review", "verdict", "maybe").Is(422, "Choose approve")
	long := strings.Repeat("word ", 1700)
	refused := reviewer.Submit(page, at+"/review", "verdict", "reject", "comment", long).Is(422, "at most 8,000 characters")
	if strings.TrimSpace(refused.Value("comment")) != strings.TrimSpace(long) {
		t.Error("what was typed is lost")
	}
	reviewer.Submit(page, at+"/review", "verdict", "reject", "comment", "a\x00b").Is(422)
	reviewer.Get(at).Is(200, "In review")
}

func TestTwiceIsOnce(t *testing.T) { each(t, 1, twiceIsOnce) }

func twiceIsOnce(t *testing.T, site *webtest.Site) {
	at := asked(t, site, site.Owner, "v1", registry.Production)
	risk := site.As(site.Risk)
	page := risk.Get(at).Is(200, "Needs 2 reviewers, 1 with the risk role, 1 from another team.")
	risk.Submit(page, at+"/review", "verdict", "approve").Is(200, "It waits for more approvals", "Still missing: 1 approval.", "1 of 2 approvals", "You have approved this already")
	risk.Submit(page, at+"/review", "verdict", "approve").Is(409, "You have approved this already")
	other := site.As(site.OtherReviewer)
	page = other.Get(at)
	other.Submit(page, at+"/review", "verdict", "approve").Is(200, "v1 is production now")
	other.Submit(page, at+"/review", "verdict", "approve").Is(409, "already applied")
	if n := len(serving(t, site)); n != 1 {
		t.Errorf("%d serving records", n)
	}
}

func serving(t *testing.T, site *webtest.Site) []store.ServingRow {
	t.Helper()
	m, err := site.Store.Model(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := site.Store.ServingHistory(t.Context(), m.ID, 10)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAVoidApprovalIsShownAsVoid(t *testing.T) { each(t, 1, aVoidApprovalIsShownAsVoid) }

func aVoidApprovalIsShownAsVoid(t *testing.T, site *webtest.Site) {
	at := asked(t, site, site.Owner, "v1", registry.Production)
	risk := site.As(site.Risk)
	risk.Submit(risk.Get(at), at+"/review", "verdict", "approve").Is(200)
	site.Clock.Add(time.Minute)
	record(t, site, site.Owner)
	risk.Get(at).Is(200, "0 of 2 approvals", "Void", "Facts have changed since.", "recorded evidence")
}

func TestRewordingAndWithdrawing(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	owner, mate := site.As(site.Owner), site.As(site.Deputy)
	owner.Get(at).Is(200, "Reword why", "Withdraw")
	form := owner.Get(at+"/reason").Is(200, "Better on refunds.")
	owner.Submit(form, at+"/reason", "reason", "").Is(422, "at least a sentence")
	owner.Submit(form, at+"/reason", "reason", "Better on refunds, and cheaper.").Is(200, "Better on refunds, and cheaper.", "reworded why")
	for _, b := range []*webtest.Browser{mate, site.As(site.Reviewer), site.As(site.Admin)} {
		b.Send(at+"/withdraw", "reason", words).Is(403, "Only Owner, who asked")
	}
	site.As(site.Stranger).Send(at+"/reason", "reason", words).Is(403, "own team")
	owner.Submit(owner.Get(at+"/withdraw"), at+"/withdraw", "reason", "Not now.").Is(200, "Withdrawn", "Not now.")
	owner.Send(at+"/withdraw").Is(409, "already withdrawn")
	owner.Send(at+"/reason", "reason", words).Is(409, "already withdrawn")
}

func TestTheConversation(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	viewer := site.As(site.Viewer)
	page := viewer.Get(at)
	viewer.Submit(page, at+"/comment", "message", "").Is(422, "at least a sentence")
	viewer.Submit(page, at+"/comment", "message", "Is <b>v6</b> kept?\n\nI ask for the audit.").Is(200, "Is <b>v6</b> kept?", "Viewer said")
	long := strings.Repeat("é", 8001)
	if refused := viewer.Submit(page, at+"/comment", "message", long).Is(422, "at most 8,000"); strings.TrimSpace(refused.Value("message")) != long {
		t.Error("what was typed is lost")
	}
}

func TestUnknownThingsAreNotFound(t *testing.T) {
	site := staged(t, 2)
	b := site.As(site.OtherReviewer)
	unknown := b.Get("/requests/999").Is(404).Body
	for _, address := range []string{"/requests/0", "/requests/-1", "/requests/x", "/requests/01", "/requests/99999999999999999999", "/waivers/999", "/waivers/x",
		"/models/nothing/versions/v1", "/models/fraud-scorer/versions/v99", "/models/fraud-scorer/versions/v1/evidence/999/withdraw", "/models/nothing/rollback"} {
		if strings.Contains(address, "evidence") {
			b = site.As(site.Owner)
		}
		b.Get(address).Is(404)
	}
	if other := site.As(site.OtherReviewer).Get("/requests/998").Is(404).Body; other != unknown {
		t.Error("two unknown requests differ")
	}
	for _, address := range []string{"/requests/999/review", "/requests/999/settle", "/waivers/999"} {
		site.As(site.OtherReviewer).Send(address, "verdict", "approve", "decision", "grant").Is(404)
	}
	for _, address := range []string{"/requests/999/comment", "/requests/999/withdraw", "/requests/999/reason"} {
		site.As(site.Owner).Send(address, "message", words, "reason", words).Is(404)
	}
}

func TestTheListOfRequests(t *testing.T) {
	site := staged(t, 2)
	b := site.As(site.OtherReviewer)
	b.Get("/requests").Is(200, "Nothing is open")
	asked(t, site, site.Owner, "v1", registry.Production)
	b.Get("/requests").Is(200, "1 request", "v1: staged to production", "Owner")
	b.Get("/requests?show=waiting").Is(200, "v1: staged to production")
	b.Get("/requests?show=mine").Is(200, "You have asked for nothing")
	b.Get("/requests?show=late").Is(200, "Nothing is late")
	b.Get("/requests?show=owed").Is(200, "No review is owed")
	b.Get("/requests?show=all&state=applied").Is(200, "3 requests")
	b.Get("/requests?show=all&to=registered").Is(200, "1 request")
	b.Get("/requests?team=credit").Is(200, "No requests match")
	site.As(site.Owner).Get("/requests?show=waiting").Is(200, "Nothing waits for you")
	site.Clock.Add(8 * 24 * time.Hour)
	b = site.As(site.OtherReviewer)
	b.Get("/requests?show=late").Is(200, "1 request", "Late")
	for _, bad := range []string{"?show=everything", "?to=moon", "?state=lost", "?after=***", "?team=" + strings.Repeat("x", 300)} {
		b.Get("/requests" + bad).Is(400)
	}
	csv := b.Get("/requests.csv?show=all").Is(200)
	if lines := strings.Count(csv.Body, "\n"); lines != 5 || !strings.Contains(csv.Body, "fraud-scorer,v1,2,Fraud,staged,production") {
		t.Errorf("%d lines:\n%s", lines, csv.Body)
	}
}

func TestTheListGoesOnAPage(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, slug, registry.Trained, 2)
	site.Version(t, slug, "v1")
	for range 15 {
		site.Promote(t, slug, "v1", registry.Registered)
		site.Promote(t, slug, "v1", registry.Experiment)
		site.Clock.Add(time.Minute)
	}
	b := site.As(site.Viewer)
	first := b.Get("/requests?show=all").Is(200, "30 requests")
	var older string
	for _, l := range first.Links() {
		if strings.Contains(l, "after=") {
			older = l
		}
	}
	second := b.Get(older).Is(200, "30 requests", "Newer")
	if strings.Count(second.Body, "<tr>") != 6 {
		t.Errorf("the second page has 5 rows and a head, not %d", strings.Count(second.Body, "<tr>"))
	}
	if first.Queries > 8 || second.Queries > 8 {
		t.Errorf("a page takes %d and %d statements", first.Queries, second.Queries)
	}
}

func TestARegionIsWhatHtmxGets(t *testing.T) {
	site := staged(t, 2)
	at := asked(t, site, site.Owner, "v1", registry.Production)
	b := site.As(site.OtherReviewer)
	page := b.Get(at)
	part := b.Swap("POST", at+"/review", "dossier", webtest.Pairs("verdict", "reject", "digest", page.Value("digest"), "comment", ""))
	if part.Status != 422 || strings.Contains(part.Body, "<html") || !strings.Contains(part.Body, `id="dossier"`) {
		t.Errorf("status %d: %.200s", part.Status, part.Body)
	}
	done := b.Swap("POST", at+"/review", "dossier", webtest.Pairs("verdict", "approve", "digest", page.Value("digest")))
	if done.Header.Get("HX-Redirect") == "" && done.Header.Get("HX-Refresh") == "" {
		t.Errorf("success leads on: %v", done.Header)
	}
	list := b.Swap("GET", "/requests?show=all", "requests", nil)
	if strings.Contains(list.Body, "<html") || !strings.Contains(list.Body, "4 requests") {
		t.Errorf("%.300s", list.Body)
	}
}
