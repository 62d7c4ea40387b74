package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sundial/models/audit"
	"sundial/models/lifecycle"
	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
	"sundial/models/work"
	"sundial/web/webtest"
)

// press sends one form as the person the sample is about. The rest of a sample prepares for it.
type press func(b *webtest.Browser, address string, pairs ...string) *webtest.Page

// good is a request of each route that changes something, as it succeeds.
var good = map[string]func(t *testing.T, s *webtest.Site, do press){
	"POST /logout": func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Owner), "/logout") },
	"POST /sessions/:session/revoke": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Owner)
		s.As(s.Owner)
		list, err := s.Store.SessionsOf(t.Context(), s.Owner.ID, s.Clock.Now())
		if err != nil || len(list) != 2 {
			t.Fatalf("two sessions: %v, %v", list, err)
		}
		do(b, fmt.Sprintf("/sessions/%d/revoke", list[0].ID))
	},

	"POST /tokens/new": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Owner), "/tokens/new", do, "name", "ci", "scopes", "read")
	},
	"POST /tokens/:token/revoke": func(t *testing.T, s *webtest.Site, do press) {
		_, made := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeRead)
		do(s.As(s.Owner), fmt.Sprintf("/tokens/%d/revoke", made.ID))
	},
	"POST /admin/tokens/:token/revoke": func(t *testing.T, s *webtest.Site, do press) {
		_, made := tokenOf(t, s, s.Owner, "ci", time.Hour, org.ScopeRead)
		do(s.As(s.Admin), fmt.Sprintf("/admin/tokens/%d/revoke", made.ID))
	},

	"POST /answer/:token": func(t *testing.T, s *webtest.Site, do press) {
		to := answerLink(t, s, "tested")
		do(s.Nobody(), to, "answer", "accept", "by", "Pia")
	},

	"POST /audit/verify": func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Auditor), "/audit/verify") },
	"POST /admin/people/:person/disable": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Admin), person(s.Owner)+"/disable")
	},
	"POST /admin/people/:person/enable": func(t *testing.T, s *webtest.Site, do press) {
		check(t, s.Store.SetDisabled(s.World.As(s.Admin), s.Owner.ID, true))
		do(s.As(s.Admin), person(s.Owner)+"/enable")
	},
	"POST /admin/people/:person/end-sessions": func(t *testing.T, s *webtest.Site, do press) {
		s.As(s.Owner)
		do(s.As(s.Admin), person(s.Owner)+"/end-sessions")
	},
	"POST /admin/teams/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Admin), "/admin/teams/new", "name", "Routing", "slug", "routing", "department", "1")
	},
	"POST /admin/teams/:team": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), "/admin/teams/fraud", do, "name", "Fraud and Abuse")
	},
	"POST /admin/departments/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Admin), "/admin/departments/new", "name", "Operations", "slug", "operations")
	},
	"POST /admin/departments/:department": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), "/admin/departments/risk", do, "name", "Risk and Payments")
	},

	"POST /admin/webhooks/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Admin), "/admin/webhooks/new", "url", "https://hooks.example.test/in")
	},
	"POST /admin/webhooks/:endpoint/edit": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), hook(t, s)+"/edit", do, "description", "Chat")
	},
	"POST /admin/webhooks/:endpoint/pause": func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Admin), hook(t, s)+"/pause") },
	"POST /admin/webhooks/:endpoint/resume": func(t *testing.T, s *webtest.Site, do press) {
		at := hook(t, s)
		s.As(s.Admin).Send(at + "/pause").Is(200)
		do(s.As(s.Admin), at+"/resume")
	},
	"POST /admin/webhooks/:endpoint/test":   func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Admin), hook(t, s)+"/test") },
	"POST /admin/webhooks/:endpoint/rotate": func(t *testing.T, s *webtest.Site, do press) { submit(s.As(s.Admin), hook(t, s)+"/rotate", do) },
	"POST /admin/webhooks/:endpoint/delete": func(t *testing.T, s *webtest.Site, do press) { submit(s.As(s.Admin), hook(t, s)+"/delete", do) },
	"POST /admin/webhooks/:endpoint/deliveries/:delivery/resend": func(t *testing.T, s *webtest.Site, do press) {
		at, ctx := hook(t, s), s.World.As(s.Admin)
		check(t, s.Store.TestEndpoint(ctx, 1))
		_, err := s.Store.MoveOutbox(ctx, "", 100)
		check(t, err)
		due, err := s.Store.Due(ctx, 1, nil, 1)
		check(t, err)
		check(t, s.Store.Attempted(ctx, due[0], notice.Answer{Status: 200}, 0))
		do(s.As(s.Admin), at+"/deliveries/1/resend")
	},

	"POST /vendors/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Reviewer), "/vendors/new", "host", "openai", "model_id", "gpt-4o-2024-11-20", "source", "https://vendor.example", "read_on", "2026-01-02")
	},
	"POST /vendors/edit": func(t *testing.T, s *webtest.Site, do press) {
		check(t, s.Store.SaveVendorModels(s.World.As(s.Admin), []vendors.Entry{{Host: vendors.OpenAI, ModelID: "gpt-4o", Class: vendors.Floating, Source: "list", ReadOn: "2026-01-02"}}))
		submit(s.As(s.Reviewer), "/vendors/edit?host=openai&id=gpt-4o", do, "successor", "gpt-4o-2024-11-20")
	},
	"POST /vendors/readings/:reading": func(t *testing.T, s *webtest.Site, do press) {
		s.As(s.Reviewer).Send("/vendors/new", "host", "acme", "model_id", "acme-large", "class", "pinned", "source", "https://acme.example", "read_on", "2026-01-02").Is(200)
		do(s.As(s.Risk), "/vendors/readings/1", "decision", "confirm")
	},
	"POST /vendors/import": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Reviewer), "/vendors/import", append([]string{"file", vendorList}, vendorListIs...)...)
	},
	"POST /vendors/import/apply": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Reviewer)
		p := b.Upload("/vendors/import", "file", "list.csv", []byte(vendorList), vendorListIs...).Is(200)
		submitTo(b, p.Address, "/vendors/import/apply", do)
	},

	"POST /prompts/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Owner), "/prompts/new", "name", "greeting", "team", id(s.Fraud.ID), "text", "Be kind.")
	},
	"POST /prompts/:prompt/edit": func(t *testing.T, s *webtest.Site, do press) {
		aPrompt(t, s)
		submit(s.As(s.Owner), "/prompts/greeting/edit", do, "purpose", words)
	},
	"POST /prompts/:prompt/versions/new": func(t *testing.T, s *webtest.Site, do press) {
		aPrompt(t, s)
		submit(s.As(s.Owner), "/prompts/greeting/versions/new", do, "text", "Be kind and brief.")
	},
	"POST /evaluations/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Owner), "/evaluations/new", aSuite(s)...)
	},
	"POST /evaluations/:suite/edit": func(t *testing.T, s *webtest.Site, do press) {
		s.As(s.Owner).Send("/evaluations/new", aSuite(s)...).Is(200)
		submit(s.As(s.Owner), "/evaluations/regression/edit", do, "purpose", words)
	},
	"POST /evaluations/:suite/versions/new": func(t *testing.T, s *webtest.Site, do press) {
		s.As(s.Owner).Send("/evaluations/new", aSuite(s)...).Is(200)
		submit(s.As(s.Owner), "/evaluations/regression/versions/new", do, "label", "2", "sha256", registry.HashPrompt("two"))
	},
	"POST /aliases/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Owner), "/aliases/new", "name", "assistant-default", "team", id(s.Fraud.ID))
	},
	"POST /aliases/:alias/propose": func(t *testing.T, s *webtest.Site, do press) { proposeAlias(t, s, do) },
	"POST /aliases/:alias/decide": func(t *testing.T, s *webtest.Site, do press) {
		proposeAlias(t, s, quietly)
		submitTo(s.As(s.Reviewer), "/aliases/assistant-default", "/aliases/assistant-default/decide", do, "verdict", "approve", "comment", words)
	},
	"POST /aliases/:alias/withdraw": func(t *testing.T, s *webtest.Site, do press) {
		proposeAlias(t, s, quietly)
		submitTo(s.As(s.Contributor), "/aliases/assistant-default", "/aliases/assistant-default/withdraw", do)
	},

	"POST /models/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Owner), "/models/new", "name", "Churn", "slug", "churn", "kind", "trained", "purpose", "Says who may leave us.", "tier", "3", "team", id(s.Fraud.ID))
	},
	"POST /models/:model/edit": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		submit(s.As(s.Owner), "/models/tested/edit", do, "purpose", "Another purpose altogether.")
	},
	"POST /models/:model/edit/people": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		submit(s.As(s.Owner), "/models/tested/edit/people", do, "deputy", id(s.Contributor.ID))
	},
	"POST /models/:model/edit/promises": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		submit(s.As(s.Owner), "/models/tested/edit/promises", do, "availability", "99.9")
	},
	"POST /models/:model/consumers": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		submit(s.As(s.Owner), "/models/tested/consumers", do, "consumers[0].name", "Another checkout")
	},
	"POST /models/:model/versions/new": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		submit(s.As(s.Owner), "/models/tested/versions/new", do, "label", "v1", "summary", "The first.")
	},
	"POST /models/:model/versions/:version/edit": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		s.Version(t, "tested", "v1")
		submit(s.As(s.Owner), "/models/tested/versions/v1/edit", do, "summary", "Another summary.")
	},

	"POST /models/:model/retirement": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		do(s.As(s.Owner), "/models/tested/retirement")
	},
	"POST /models/:model/retirement/edit/:section": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		b := s.As(s.Owner)
		b.Send("/models/tested/retirement").Is(200)
		submit(b, "/models/tested/retirement/edit/rollback", do, "rollback.decides", "The risk desk on call", "then", "list")
	},
	"POST /models/:model/retirement/submit":  func(t *testing.T, s *webtest.Site, do press) { nextPlan(t, s, do) },
	"POST /models/:model/retirement/review":  func(t *testing.T, s *webtest.Site, do press) { reviewPlan(t, s, do) },
	"POST /models/:model/retirement/confirm": func(t *testing.T, s *webtest.Site, do press) { confirmPlan(t, s, do) },

	"POST /models/:model/versions/:version/evidence/new": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		s.Version(t, "tested", "v1")
		do(s.As(s.Owner), v1+"/evidence/new", "kind", "fairness", "outcome", "passed", "url", "https://reports.example.test/1", "note", "Within the agreed gap.")
	},
	"POST /models/:model/versions/:version/evidence/:evidence/withdraw": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		s.Version(t, "tested", "v1")
		s.Evidence(t, "tested", "v1")
		do(s.As(s.Contributor), v1+"/evidence/1/withdraw", "reason", words)
	},
	"POST /models/:model/versions/:version/transitions/new": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		s.Version(t, "tested", "v1")
		do(s.As(s.Owner), v1+"/transitions/new", "to", "registered", "reason", words)
	},
	"POST /models/:model/versions/:version/close": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		s.Version(t, "tested", "v1")
		do(s.As(s.Owner), v1+"/close", "reason", words)
	},
	"POST /models/:model/versions/:version/break-glass": func(t *testing.T, s *webtest.Site, do press) {
		upTo(t, s, registry.Registered, registry.Validated, registry.Staged)
		do(s.As(s.Risk), v1+"/break-glass", "reason", words, "confirm", "tested")
	},
	"POST /models/:model/versions/:version/waivers/new": func(t *testing.T, s *webtest.Site, do press) { askWaiver(t, s, do) },
	"POST /waivers/:waiver": func(t *testing.T, s *webtest.Site, do press) {
		askWaiver(t, s, quietly)
		do(s.As(s.Risk), "/waivers/1", "decision", "grant", "note", words)
	},

	"POST /requests/:request/review": func(t *testing.T, s *webtest.Site, do press) {
		at := ask(t, s)
		submitTo(s.As(s.Reviewer), at, at+"/review", do, "verdict", "approve", "comment", words)
	},
	"POST /requests/:request/comment": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Viewer), ask(t, s)+"/comment", "message", words)
	},
	"POST /requests/:request/reason": func(t *testing.T, s *webtest.Site, do press) {
		at := ask(t, s)
		do(s.As(s.Owner), at+"/reason", "reason", words)
	},
	"POST /requests/:request/withdraw": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Owner), ask(t, s)+"/withdraw", "reason", words)
	},
	"POST /requests/:request/settle": func(t *testing.T, s *webtest.Site, do press) {
		upTo(t, s, registry.Registered, registry.Validated, registry.Staged)
		d, err := s.Store.OpenRequest(s.World.As(s.Risk), "tested", "v1", s.Policy, func(d *lifecycle.Dossier, now time.Time) error {
			return d.BreakGlass(storetest.Actor(s.Risk), registry.Production, words, now)
		})
		check(t, err)
		do(s.As(s.Reviewer), fmt.Sprintf("/requests/%d/settle", d.ID), "verdict", "approve", "comment", words)
	},

	"POST /imports/new": func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Admin), "/imports/new", "file", inventory) },
	"POST /imports/:import/format": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		p := b.Upload("/imports/new", "file", "systems.csv", []byte(inventory)).Is(200)
		do(b, "/imports/1/format", "encoding", p.Value("encoding"), "delimiter", p.Value("delimiter"), "revision", p.Value("revision"))
	},
	"POST /imports/:import/mapping": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		submit(b, formatted(b), do, "inventory", "Systems", "do", "check")
	},
	"POST /imports/:import/run": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		submitTo(b, mapped(b), "/imports/1/run", do)
	},
	"POST /imports/:import/cancel": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		mapped(b)
		submit(b, "/imports/1/cancel", do)
	},
	"POST /imports/:import/again": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		mapped(b)
		b.Submit(b.Get("/imports/1/cancel"), "/imports/1/cancel").Is(200)
		do(b, "/imports/1/again", "revision", b.Get("/imports/1").Value("revision"))
	},
	"POST /imports/questions/:question/answer": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		bringIn(t, s, b, inventory, 1)
		bringIn(t, s, b, strings.SplitAfterN(inventory, "\n", 2)[0]+"Risk,Fraud,Beta,Finds it,Operating,2,\n", 2)
		submitTo(b, "/imports/questions/1", "/imports/questions/1/answer", do, "answer", "retired", "on", "2026-01-02", "detail", words)
	},
}

// quiet are routes that change nothing, or nothing but the browser that asked.
var quiet = map[string]string{
	"POST /theme":          "a cookie of this browser",
	"POST /policy/dry-run": "it compares, and keeps nothing: a policy is too long for an address",
}

const (
	v1        = "/models/tested/versions/v1"
	words     = "For the reasons that I have read here."
	inventory = "Department,Team,Name,Purpose,Stage,Risk tier,Owner\nRisk,Fraud,Alpha,Finds it,Operating,2,owner@example.test\nRisk,Fraud,Beta,Finds it,Operating,2,\n"
)

const vendorList = "provider,model_id,end_of_life\nopenai,gpt-4o-2024-11-20,2027-01-14\n"

var vendorListIs = []string{"list", "catalogue", "source", "https://vendor.example", "read_on", "2026-01-02"}

// No state changes without its audit event: every route that changes something is sent a request that
// succeeds, and the trail tells of it, by whom and under which request.
func TestEveryChangeLeavesItsEvent(t *testing.T) {
	site := webtest.New(t)
	routes, samples := map[string]bool{}, everySample()
	for _, r := range site.Server.Routes() {
		if r.Method == http.MethodGet {
			continue
		}
		name := r.Method + " " + r.Path
		routes[name] = true
		sample, ok := samples[name]
		if _, exempt := quiet[name]; exempt {
			continue
		}
		if !ok {
			t.Errorf("%s changes something: give it a sample in this file that succeeds, so that its audit event is held", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := webtest.New(t)
			pressed := 0
			sample(t, s, func(b *webtest.Browser, address string, pairs ...string) *webtest.Page {
				pressed++
				return holdToItsEvent(t, s, b, name, address, pairs)
			})
			if pressed != 1 {
				t.Errorf("the sample sends %d requests of its route, not one", pressed)
			}
		})
	}
	for name := range samples {
		if !routes[name] {
			t.Errorf("%s has a sample and is no route", name)
		}
	}
}

// holdToItsEvent sends the request and looks at what the trail has after it.
func holdToItsEvent(t *testing.T, s *webtest.Site, b *webtest.Browser, name, address string, pairs []string) *webtest.Page {
	t.Helper()
	if pattern := strings.Split(strings.TrimPrefix(name, "POST "), "/"); len(pattern) != len(strings.Split(strings.SplitN(address, "?", 2)[0], "/")) {
		t.Errorf("%s is not an address of %s", address, name)
	}
	before := newest(t, s)
	var p *webtest.Page
	if pairs = append([]string{}, pairs...); len(pairs) > 1 && pairs[0] == "file" {
		p = b.On(t).Upload(address, "file", "systems.csv", []byte(pairs[1]), pairs[2:]...)
	} else {
		p = b.On(t).Send(address, pairs...)
	}
	if p.Status >= 400 {
		t.Fatalf("the sample does not succeed: %d\n%s", p.Status, p.Text())
	}
	var wrote []audit.Event
	check(t, s.Store.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
		if e.Seq > before {
			wrote = append(wrote, e)
		}
		return nil
	}))
	if len(wrote) == 0 {
		t.Fatalf("%s changed something and the trail does not tell", name)
	}
	for _, e := range wrote {
		who := e.ActorID != 0 && e.Via == "session"
		if name == "POST /answer/:token" { // whoever holds a consumer's link is the consumer
			who = e.ActorID == 0 && e.Via == "link" && e.Actor == "Checkout"
		}
		if !who || len(e.RequestID) < 10 || e.From != "192.0.2.7" {
			t.Errorf("the event does not say who, from where and under which request: %+v", e)
		}
	}
	if _, broken, err := s.Store.VerifyAudit(t.Context()); broken != nil || err != nil {
		t.Errorf("the chain: %v, %v", broken, err)
	}
	return p
}

func newest(t *testing.T, s *webtest.Site) int64 {
	t.Helper()
	list, err := s.Store.Events(t.Context(), store.EventFilter{}, 1)
	if err != nil || len(list) == 0 {
		t.Fatalf("no events: %v", err)
	}
	return list[0].Seq
}

// submit opens a page and sends its form that goes to the page's own address, changed by pairs.
func submit(b *webtest.Browser, address string, do press, pairs ...string) {
	submitTo(b, address, address, do, pairs...)
}

// submitTo is submit for a form that goes elsewhere.
func submitTo(b *webtest.Browser, at, address string, do press, pairs ...string) {
	values := b.Get(at).Is(200).Fields(address)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	// In order: what begins with a file is taken for an upload, and a field may be called so too.
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			list = append(list, name, v)
		}
	}
	do(b, address, list...)
}

// quietly sends without looking at the trail, for samples that stand on another's work.
func quietly(b *webtest.Browser, address string, pairs ...string) *webtest.Page {
	return b.Send(address, pairs...).Is(200)
}

func bare(t *testing.T, s *webtest.Site) { s.Model(t, "tested", registry.Trained, 2) }

func upTo(t *testing.T, s *webtest.Site, stages ...registry.Stage) {
	bare(t, s)
	s.Version(t, "tested", "v1")
	s.Evidence(t, "tested", "v1")
	s.Plan(t, "tested")
	for _, stage := range stages {
		s.Promote(t, "tested", "v1", stage)
	}
}

func aPrompt(t *testing.T, s *webtest.Site) {
	s.As(s.Owner).Send("/prompts/new", "name", "greeting", "team", id(s.Fraud.ID), "text", "Be kind.").Is(200)
}

func aSuite(s *webtest.Site) []string {
	return []string{"name", "regression", "team", id(s.Fraud.ID), "label", "1", "sha256", registry.HashPrompt("suite"),
		"thresholds[0].metric", "resolved", "thresholds[0].operator", ">=", "thresholds[0].value", "0.8"}
}

// proposeAlias proposes a release in production for an alias, as a contributor who did not make it.
func proposeAlias(t *testing.T, s *webtest.Site, do press) {
	s.ServeRelease(t, "bot", "v1")
	s.As(s.Contributor).Send("/aliases/new", "name", "assistant-default", "team", id(s.Fraud.ID)).Is(200)
	do(s.As(s.Contributor), "/aliases/assistant-default/propose", "version", "bot@v1", "reason", words)
}

// ask opens a request that is reviewed, and returns its address.
func ask(t *testing.T, s *webtest.Site) string {
	upTo(t, s, registry.Registered)
	d, err := s.Store.OpenRequest(s.World.As(s.Owner), "tested", "v1", s.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(s.Owner), registry.Validated, "Evaluated and fair.", now)
	})
	check(t, err)
	return fmt.Sprintf("/requests/%d", d.ID)
}

func askWaiver(t *testing.T, s *webtest.Site, do press) {
	bare(t, s)
	s.Version(t, "tested", "v1")
	do(s.As(s.Owner), v1+"/waivers/new", "check", "fairness", "reason", words, "until", s.Clock.Now().AddDate(0, 0, 30).Format(time.DateOnly))
}

// nextPlan submits the next number of a plan that was approved before, so it is complete.
func nextPlan(t *testing.T, s *webtest.Site, do press) {
	bare(t, s)
	s.Plan(t, "tested")
	b := s.As(s.Owner)
	b.Send("/models/tested/retirement").Is(200)
	do(b, "/models/tested/retirement/submit", "revision", b.Get("/models/tested/retirement").Value("revision"))
}

func reviewPlan(t *testing.T, s *webtest.Site, do press) {
	nextPlan(t, s, quietly)
	b := s.As(s.Risk)
	do(b, "/models/tested/retirement/review", "verdict", "approve", "digest", b.Get("/models/tested/retirement").Value("digest"))
}

func confirmPlan(t *testing.T, s *webtest.Site, do press) {
	upTo(t, s)
	s.Clock.Add(time.Hour)
	s.Version(t, "tested", "v2")
	do(s.As(s.Owner), "/models/tested/retirement/confirm", "version", "v2")
}

// answerLink announces the end of a model, and is the address that its first consumer got.
func answerLink(t *testing.T, s *webtest.Site, slug string) string {
	s.Serve(t, slug, "v1", 2)
	s.Trigger(t, slug)
	w := s.RetireTo(t, slug, retirement.Announced, nil).Workflow
	key, err := s.Store.LinkKey()
	check(t, err)
	return "/answer/" + store.LinkOf(w, w.Consumers[0]).Sign(key)
}

func formatted(b *webtest.Browser) string {
	return format(b, inventory, 1).Address
}

// format uploads a file and takes it as it was read.
func format(b *webtest.Browser, content string, n int) *webtest.Page {
	p := b.Upload("/imports/new", "file", "systems.csv", []byte(content)).Is(200)
	return b.Send(fmt.Sprintf("/imports/%d/format", n), "encoding", p.Value("encoding"), "delimiter", p.Value("delimiter"), "revision", p.Value("revision")).Is(200)
}

func mapped(b *webtest.Browser) string {
	p := b.Get(formatted(b))
	return b.Submit(p, p.Address, "inventory", "Systems", "do", "check").Is(200).Address
}

// bringIn takes an inventory all the way.
func bringIn(t *testing.T, s *webtest.Site, b *webtest.Browser, content string, n int) {
	p := format(b, content, n)
	p = b.Submit(p, p.Address, "inventory", "Systems", "do", "check").Is(200)
	b.Submit(p, fmt.Sprintf("/imports/%d/run", n)).Is(200)
	work.New(s.Store, s.Policy, slog.New(slog.NewTextHandler(io.Discard, nil))).Once(context.WithoutCancel(t.Context()))
}

func person(p org.Person) string { return fmt.Sprintf("/admin/people/%d", p.ID) }
func id(n int64) string          { return fmt.Sprint(n) }

// hook adds an endpoint and returns its address here.
func hook(t *testing.T, s *webtest.Site) string {
	_, _, err := s.Store.AddEndpoint(s.World.As(s.Admin), notice.Endpoint{URL: "https://hooks.example.test/in"})
	check(t, err)
	return "/admin/webhooks/1"
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
