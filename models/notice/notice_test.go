package notice_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/audit"
	"sundial/models/notice"
)

func TestTheCatalogueNamesEachVerbOnceAndHasWordsForIt(t *testing.T) {
	seen := map[string]notice.Type{}
	groups := map[string]bool{}
	for _, g := range notice.Groups {
		groups[g.Name] = true
	}
	for _, topic := range notice.Catalogue {
		if topic.Means == "" || len(topic.Verbs) == 0 || !groups[topic.Group()] || !notice.Known(topic.Type) {
			t.Errorf("incomplete: %+v", topic)
		}
		for _, verb := range topic.Verbs {
			if before, twice := seen[verb]; twice {
				t.Errorf("%s goes out as %s and as %s", verb, before, topic.Type)
			}
			seen[verb] = topic.Type
			if got, ok := notice.TypeOf(verb); !ok || got != topic.Type {
				t.Errorf("%s is %q", verb, got)
			}
		}
	}
	for _, inside := range []string{"person.signed_in", "session.opened", "team.added", "plan.edited", "webhook.added", "token.created", ""} {
		if got, ok := notice.TypeOf(inside); ok {
			t.Errorf("%q goes out as %s", inside, got)
		}
	}
	if notice.Known(notice.Test) {
		t.Error("a test is not subscribed to")
	}
}

func TestAMessageTellsWhatHappenedAndNotWhatChanged(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 32, 0, 5e6, time.UTC)
	e := audit.Event{Seq: 42, At: at, Actor: "Olive Oriel", ActorID: 3, Verb: "request.approved", RequestID: "abc", From: "192.0.2.7",
		Subject: audit.Subject{Kind: "request", ID: 7, Label: "fraud@v3 to production", Model: 1},
		Before:  json.RawMessage(`{"x":"canary-before"}`), After: json.RawMessage(`{"x":"canary-after"}`), Hash: strings.Repeat("ab", 32)}
	m, ok := notice.Of(e, notice.Facts{Portal: "https://sundial.example.org/", Model: "fraud", Version: "v3", Request: 7})
	if !ok {
		t.Fatal("it stays inside")
	}
	body, err := m.Body()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"request.decided","timestamp":"2026-03-03T14:32:00.005Z","data":{"action":"request.approved",` +
		`"summary":"Olive Oriel approved the request fraud@v3 to production","subject":"fraud@v3 to production","model":"fraud","version":"v3",` +
		`"request":7,"actor":"Olive Oriel","url":"https://sundial.example.org/requests/7","audit_seq":42}}`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
	for _, secret := range []string{"canary", "192.0.2.7"} {
		if strings.Contains(body, secret) {
			t.Errorf("the message holds %s", secret)
		}
	}
	if _, ok := notice.Of(audit.Event{Verb: "person.signed_in"}, notice.Facts{}); ok {
		t.Error("a sign-in went out")
	}
}

func TestAMessageLinksToWhatItIsAbout(t *testing.T) {
	tests := map[string]struct {
		verb    string
		subject audit.Subject
		facts   notice.Facts
		want    string
	}{
		"a model":              {"model.registered", audit.Subject{Kind: "model", ID: 1}, notice.Facts{Model: "fraud"}, "/models/fraud"},
		"a version":            {"version.added", audit.Subject{Kind: "version", ID: 1}, notice.Facts{Model: "fraud", Version: "v1/rc"}, "/models/fraud/versions/v1%2Frc"},
		"evidence":             {"evidence.recorded", audit.Subject{Kind: "evidence", ID: 9}, notice.Facts{Model: "fraud", Version: "v1"}, "/models/fraud/versions/v1"},
		"a plan":               {"plan.stale", audit.Subject{Kind: "plan", ID: 9}, notice.Facts{Model: "fraud"}, "/models/fraud/retirement"},
		"a waiver":             {"waiver.asked", audit.Subject{Kind: "waiver", ID: 9}, notice.Facts{Model: "fraud", Version: "v1"}, "/waivers/9"},
		"an import":            {"import.finished", audit.Subject{Kind: "import", ID: 9}, notice.Facts{}, "/imports/9"},
		"a model that is gone": {"model.changed", audit.Subject{Kind: "model", ID: 9}, notice.Facts{}, "/audit/5"},
	}
	for name, tt := range tests {
		m, _ := notice.Of(audit.Event{Seq: 5, Verb: tt.verb, Subject: tt.subject}, tt.facts)
		if m.Data.URL != tt.want || m.Data.Actor != "Sundial" {
			t.Errorf("%s: %+v, want %s", name, m.Data, tt.want)
		}
	}
}

func TestAMessageKeepsItsNameAndNoOtherHasIt(t *testing.T) {
	a, b := notice.ID(42, strings.Repeat("ab", 32)), notice.ID(42, strings.Repeat("cd", 32))
	if a != "msg_42_abababababab" || a == b || notice.ID(1, "") != "msg_1_" {
		t.Error(a, b)
	}
}

func TestAttemptsAreSpacedAsTheSpecificationSuggests(t *testing.T) {
	var total time.Duration
	for failed := 1; failed < notice.MostAttempts; failed++ {
		w, more := notice.Wait(failed)
		if !more || w <= 0 {
			t.Fatalf("after %d there is no next attempt", failed)
		}
		total += w
	}
	if total != 27*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("the last attempt is %s after the first", total)
	}
	for _, none := range []int{0, -1, notice.MostAttempts, 99} {
		if w, more := notice.Wait(none); more {
			t.Errorf("after %d failures: %s", none, w)
		}
	}
}

func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		a             notice.Answer
		arrived, gone bool
	}{
		"taken":               {notice.Answer{Status: 204}, true, false},
		"refused":             {notice.Answer{Status: 500, Error: "x"}, false, false},
		"moved":               {notice.Answer{Status: 302}, false, false},
		"gone":                {notice.Answer{Status: 410, Error: "x"}, false, true},
		"nobody":              {notice.Answer{Error: "x"}, false, false},
		"taken but cut short": {notice.Answer{Status: 200, Error: "x"}, false, false},
	}
	for name, tt := range tests {
		if tt.a.Arrived() != tt.arrived || tt.a.Gone() != tt.gone {
			t.Errorf("%s: %v %v", name, tt.a.Arrived(), tt.a.Gone())
		}
	}
}

func TestAnEndpointIsToldWhatIsWrongAtItsFields(t *testing.T) {
	good := notice.Endpoint{URL: "https://hooks.example.org/sundial", Description: "Chat", Types: []notice.Type{"plan.stale"}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*notice.Endpoint)
		field  string
	}{
		"no address":          {func(e *notice.Endpoint) { e.URL = "" }, "url"},
		"a blank in it":       {func(e *notice.Endpoint) { e.URL = "https://a b" }, "url"},
		"too long":            {func(e *notice.Endpoint) { e.URL = "https://" + strings.Repeat("a", 1000) }, "url"},
		"a long description":  {func(e *notice.Endpoint) { e.Description = strings.Repeat("x", 201) }, "description"},
		"two lines":           {func(e *notice.Endpoint) { e.Description = "a\nb" }, "description"},
		"an unheard-of event": {func(e *notice.Endpoint) { e.Types = []notice.Type{"model.exploded"} }, "types"},
		"the test itself":     {func(e *notice.Endpoint) { e.Types = []notice.Type{notice.Test} }, "types"},
	}
	for name, tt := range tests {
		e := good
		tt.change(&e)
		if err := e.Check(); err == nil || !strings.Contains(err.Error(), tt.field+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHealth(t *testing.T) {
	tests := map[notice.Health]notice.Endpoint{
		notice.Healthy: {Enabled: true}, notice.Failing: {Enabled: true, FailingSince: time.Unix(1, 0)},
		notice.Paused: {}, notice.Disabled: {Why: "It answered 410."},
	}
	for want, e := range tests {
		if got := e.Health(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if (notice.Endpoint{Types: []notice.Type{"plan.stale"}}).Wants("plan.living") || !(notice.Endpoint{}).Wants("plan.living") {
		t.Error("subscriptions do not hold")
	}
}

// What is promised to receivers stands where they read it.
func TestTheDocumentationNamesEveryType(t *testing.T) {
	text, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range append([]notice.Topic{{Type: notice.Test}}, notice.Catalogue...) {
		if !strings.Contains(string(text), "`"+string(topic.Type)+"`") {
			t.Errorf("docs/webhooks.md does not name %s", topic.Type)
		}
	}
}
