package api_test

import (
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/retirement"
)

// A pipeline begins a retirement, reads what holds it back and tells of the steps that it did.
func TestAPipelineCarriesARetirement(t *testing.T) {
	s := site(t)
	s.Serve(t, "churn", "v1", 2)
	const path = "/models/churn/retirement"
	owner := withToken(t, s, s.Owner, org.ScopeRead, org.ScopeWrite)
	ask(t, owner, "GET", path, "").is(t, 404)
	ask(t, withToken(t, s, s.Owner, org.ScopeRead), "POST", path+"-plan/trigger", `{"reason":"Something better is there."}`).is(t, 403)
	ask(t, withToken(t, s, s.Contributor, org.ScopeWrite), "POST", path+"-plan/trigger", `{"reason":"Something better is there."}`).is(t, 403, "Only the owner")
	ask(t, owner, "POST", path+"-plan/trigger", `{}`).is(t, 422, "property reason")
	ask(t, owner, "POST", path+"-plan/trigger", `{"reason":"n/a"}`).is(t, 422, "body.reason")
	made := ask(t, owner, "POST", path+"-plan/trigger", `{"reason":"Something better is there."}`, "Idempotency-Key", "once").
		is(t, 201, `"phase":"triggered"`, `"reason":"Something better is there."`, `"key":"announcement"`, `"state":"met"`, `"consumers":[]`, `"ends_on":"2`)
	if to := made.Header.Get("Location"); to != "/api/v1"+path {
		t.Errorf("it is said to be at %q", to)
	}
	ask(t, owner, "POST", path+"-plan/trigger", `{"reason":"Something better is there."}`, "Idempotency-Key", "once").is(t, 201)
	ask(t, owner, "POST", path+"-plan/trigger", `{"reason":"Again."}`).is(t, 409, "under way")

	ask(t, owner, "POST", path+"-plan/steps/1/complete", `{}`).is(t, 409)
	s.RetireTo(t, "churn", retirement.Announced, s.Clock)
	read := ask(t, owner, "GET", path, "").is(t, 200, `"phase":"announced"`, `"state":"waiting"`, `"title":"Checkout answers"`, `"name":"Checkout"`, `"confirmed":false`)
	if consumers := string(encoded(read.Body["consumers"])); strings.Contains(consumers, `"answer"`) || strings.Contains(consumers, "checkout@example.test") {
		t.Errorf("of a consumer who said nothing: %s", consumers)
	}
	ask(t, owner, "GET", path, "", "If-None-Match", read.Header.Get("ETag")).is(t, 304)
	s.RetireTo(t, "churn", retirement.Cutover, s.Clock)

	worker := withToken(t, s, s.Contributor, org.ScopeRead, org.ScopeWrite)
	ask(t, worker, "GET", path, "").is(t, 200, `"answer":"accept"`, `"confirmed":true`, `"done":false`, `"key":"step.1"`, `"state":"blocked"`)
	ask(t, worker, "POST", path+"-plan/steps/2/complete", `{}`).is(t, 409, "comes first")
	ask(t, worker, "POST", path+"-plan/steps/99/complete", `{}`).is(t, 404)
	ask(t, worker, "POST", path+"-plan/steps/x/complete", `{}`).is(t, 422)
	ask(t, withToken(t, s, s.Stranger, org.ScopeWrite), "POST", path+"-plan/steps/1/complete", `{}`).is(t, 403)
	ask(t, worker, "POST", path+"-plan/steps/1/complete", `{"note":"All consumers were told."}`).is(t, 200, `"done_by":"`, `"note":"All consumers were told."`)
	ask(t, worker, "POST", path+"-plan/steps/1/complete", `{}`).is(t, 409, "done already")

	s.RetireTo(t, "churn", retirement.Retired, s.Clock)
	read = ask(t, s.As(s.Viewer), "GET", path, "").is(t, 200, `"phase":"retired"`, `"open":false`, `"dossier_sha256":"`, `"conditions":[]`)
	if strings.Contains(string(encoded(read.Body)), "Records archive") {
		t.Error("the answer tells of data, which is the dossier's")
	}
}
