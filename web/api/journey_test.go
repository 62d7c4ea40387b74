package api_test

import (
	"fmt"
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
)

// A pipeline's whole way: register, build, evidence, refusal by the gate, plan, request, review, service.
func TestAModelComesIntoProductionThroughTheAPI(t *testing.T) {
	s := site(t)
	owner, author := s.As(s.Owner), withToken(t, s, s.Contributor, org.ScopeWrite)
	ask(t, owner, "POST", "/models", `{"slug":"churn","name":"Churn","kind":"trained","purpose":"Says who may leave us.","team":"fraud",
		"owner":"owner@example.test","deputy":"deputy@example.test","tier":3}`).is(t, 201)
	model := ask(t, owner, "GET", "/models/churn", "").is(t, 200, `"email":"owner@example.test"`, `"stage":"experiment"`)
	ask(t, owner, "PATCH", "/models/churn", `{"sla":{"availability_percent":99.5},"deprecation_on":"`+string(day.Of(s.Clock.Now()).Add(300))+`","consumers":[{"name":"Checkout","contact":"checkout@example.test","criticality":"high","integration":"API","notice_days":30}]}`,
		"If-Match", model.Header.Get("ETag")).is(t, 200, `"availability_percent":99.5`, `"name":"Checkout"`)

	made := ask(t, author, "POST", "/models/churn/versions", `{"version":"v1","summary":"The first.","rollback_target":"none: the first of its kind","rollout_plan":"Shadow for a week.",
		"monitoring":{"drift":"https://grafana.example.test/d","quality":"https://grafana.example.test/q","cost":"https://grafana.example.test/c"},
		"lineage":{"code":{"repo":"https://git.example.test/churn","commit":"4f2a9c0d1e2b3a4f5c6d7e8f9a0b1c2d3e4f5a6b"},
		"datasets":[{"name":"churn","uri":"s3://example/churn","digest":"sha256:`+strings.Repeat("a", 64)+`","role":"training"}],
		"parameters":{"depth":8,"early_stopping":true},"metrics":{"auc":0.94},"environment":{"python":"3.12"},"run":{"url":"https://mlflow.example.test/runs/1","id":"1"}}}`).
		is(t, 201, `"stamp":"churn@v1"`, `"depth":"8"`, `"auc":"0.94"`)
	if at := made.Header.Get("Location"); at != "/api/v1/models/churn/versions/v1" {
		t.Errorf("made at %s", at)
	}
	gate := ask(t, author, "GET", "/models/churn/versions/v1/gate?to=registered", "").is(t, 200, `"allowed":true`)
	if gate.Body["digest"] != made.Body["digest"] {
		t.Error("the gate is about another version")
	}
	ask(t, author, "POST", "/models/churn/versions/v1/transitions", `{"to":"production","reason":"Straight on."}`).is(t, 409)
	ask(t, author, "POST", "/models/churn/versions/v1/transitions", `{"to":"registered","reason":"It is complete."}`).is(t, 201, `"state":"applied"`)
	ask(t, author, "GET", "/models/churn/versions/v1/gate?to=validated", "").is(t, 200, `"allowed":false`, `"needed":1`, `"fix_url":"http://`)
	for _, kind := range []string{"evaluation", "fairness", "security_review", "canary"} {
		ask(t, author, "POST", "/models/churn/versions/v1/evidence", `{"kind":"`+kind+`","outcome":"passed","dataset_digest":"sha256:`+strings.Repeat("b", 64)+`",
			"metrics":[{"name":"auc","value":0.93,"operator":">=","threshold":0.9}]}`).is(t, 201)
	}
	for _, to := range []string{"validated", "staged"} {
		s.Promote(t, "churn", "v1", registry.Stage(to))
	}
	asked := ask(t, author, "POST", "/models/churn/versions/v1/transitions", `{"to":"production","reason":"Ready to serve."}`).is(t, 201, `"state":"open"`)
	request := fmt.Sprintf("/requests/%.0f", asked.Body["id"])
	ask(t, author, "POST", "/models/churn/versions/v1/transitions", `{"to":"production","reason":"Ready to serve."}`).is(t, 409)

	reviewer := withToken(t, s, s.OtherReviewer, org.ScopeApprove)
	read := ask(t, reviewer, "GET", request, "").is(t, 200)
	approve := func(digest any) string { return fmt.Sprintf(`{"verdict":"approve","digest":%q}`, digest) }
	ask(t, reviewer, "POST", request+"/reviews", approve(read.Body["digest"])).is(t, 422, "urn:sundial:problem:gate", `"checks":[`, `"key":"plan`)

	planFor(t, s, "churn")
	ask(t, reviewer, "POST", request+"/reviews", approve(read.Body["digest"])).is(t, 409, "urn:sundial:problem:stale")
	read = ask(t, reviewer, "GET", request, "").is(t, 200, `"allowed":true`)
	ask(t, reviewer, "POST", request+"/reviews", approve(read.Body["digest"])).is(t, 200, `"state":"applied"`)

	ask(t, author, "GET", "/models/churn/versions/v1/gate?to=production", "").is(t, 200, `"allowed":true`)
	serving := ask(t, author, "GET", "/models/churn/production", "").is(t, 200, `"version":"v1"`, `"name":"OtherReviewer"`, `"commit":"4f2a9c0d`)
	if !strings.HasPrefix(serving.Header.Get("Deprecation"), "@") || !strings.HasSuffix(serving.Header.Get("Sunset"), "GMT") {
		t.Errorf("the end is not told: %v", serving.Header)
	}
	ask(t, author, "GET", "/production?team=fraud", "").is(t, 200, `"stamp":"churn@v1"`)
	ask(t, author, "GET", "/models/churn/production?at=2020-01-01", "").is(t, 404)
	ask(t, author, "GET", "/models/churn/production?at=2199-01-01", "").is(t, 422, "query.at")
	events := ask(t, s.As(s.Auditor), "GET", "/audit?model=churn&limit=200", "").is(t, 200, `"verb":"version.promoted"`)
	if !strings.Contains(events.Raw, `"via":"token:`) {
		t.Error("the trail does not tell that a token did it")
	}
}

// planFor writes, submits and approves a plan, as four eyes ask.
func planFor(t *testing.T, s siteOf, slug string) {
	t.Helper()
	owner, path := s.As(s.Owner), "/models/"+slug+"/retirement-plan"
	s.Serve(t, "pattern", "v1", 3) // its plan is whole
	body := string(encoded(ask(t, owner, "GET", "/models/pattern/retirement-plan", "").Body["plan"]))
	ask(t, owner, "PUT", path, body, "If-Match", `"r1-0"`).is(t, 412)
	ask(t, owner, "PUT", path, body).is(t, 200, `"state":"draft"`)
	ask(t, owner, "PUT", path, body).is(t, 428)
	ask(t, s.As(s.Risk), "POST", path+"/reviews", `{"verdict":"approve","digest":"x"}`).is(t, 409)
	submitted := ask(t, owner, "POST", path+"/submit", "").is(t, 200, `"state":"submitted"`)
	ask(t, s.As(s.Risk), "POST", path+"/reviews", `{"verdict":"approve","digest":"x"}`).is(t, 409, "stale")
	ask(t, s.As(s.Risk), "POST", path+"/reviews", fmt.Sprintf(`{"verdict":"approve","digest":%q}`, submitted.Body["digest"])).is(t, 200, `"state":"approved"`, `"in_force":1`)
}

func TestASubmittedPlanLacksWhatIsNamed(t *testing.T) {
	s := site(t)
	s.Model(t, "bare", registry.Trained, 2)
	owner := s.As(s.Owner)
	ask(t, owner, "PUT", "/models/bare/retirement-plan", `{"trigger":{"kind":"cost"},"people":{"owner":"nobody@example.test"}}`).is(t, 422, "body.people.owner")
	drafted := ask(t, owner, "PUT", "/models/bare/retirement-plan", `{"trigger":{"kind":"cost"},"people":{"owner":"owner@example.test"}}`).is(t, 200, `"open":[{`)
	ask(t, owner, "POST", "/models/bare/retirement-plan/submit", "").is(t, 422, `"location":"plan.`)
	ask(t, owner, "PUT", "/models/bare/retirement-plan", `{"trigger":{"kind":"whim"}}`, "If-Match", drafted.Header.Get("ETag")).is(t, 422, "body.trigger.kind")
}

// The same four eyes at this door: nobody decides on their own, through a token either.
func TestNobodyDecidesOnTheirOwn(t *testing.T) {
	s := site(t)
	both := s.Person("both", org.Contributor, org.Reviewer)
	s.Model(t, "eyes", registry.Trained, 2)
	s.Version(t, "eyes", "v1")
	s.Evidence(t, "eyes", "v1")
	s.Promote(t, "eyes", "v1", registry.Registered)
	token := withToken(t, s, both, org.ScopeWrite, org.ScopeApprove)
	asked := ask(t, token, "POST", "/models/eyes/versions/v1/transitions", `{"to":"validated","reason":"It is evaluated."}`).is(t, 201)
	path := fmt.Sprintf("/requests/%.0f", asked.Body["id"])
	own := fmt.Sprintf(`{"verdict":"approve","digest":%q}`, asked.Body["digest"])
	tests := map[string]struct {
		who    *webtestBrowser
		status int
		says   string
	}{
		"the requester":                    {s.As(both), 403, "You asked for this"},
		"the requester through a token":    {token, 403, "You asked for this"},
		"a token without the scope":        {withToken(t, s, s.Reviewer, org.ScopeWrite), 403, "scope"},
		"a contributor":                    {s.As(s.Stranger), 403, "Only reviewers"},
		"nobody":                           {s.Nobody(), 401, ""},
		"a reviewer with what others read": {s.As(s.Reviewer), 200, ""},
		"the same reviewer twice":          {s.As(s.Reviewer), 409, ""},
	}
	for _, name := range []string{"the requester", "the requester through a token", "a token without the scope", "a contributor", "nobody", "a reviewer with what others read", "the same reviewer twice"} {
		t.Run(name, func(t *testing.T) {
			tt := tests[name]
			ask(t, tt.who.On(t), "POST", path+"/reviews", own).is(t, tt.status, tt.says)
		})
	}
}
