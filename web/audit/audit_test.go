package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/webtest"
)

func TestOnlyAuditorsAndAdministratorsReadTheTrail(t *testing.T) {
	site := webtest.New(t)
	for _, who := range []org.Person{site.Auditor, site.Admin} {
		site.As(who).Get("/audit").Is(200, "Audit trail", "signed in")
	}
	for _, who := range []org.Person{site.Owner, site.Reviewer, site.Risk, site.Leader, site.Viewer} {
		for _, address := range []string{"/audit", "/audit.jsonl", "/audit/1"} {
			site.As(who).Get(address).Is(403, "Only auditors").Lacks("team-fraud")
		}
		site.As(who).Send("/audit/verify").Is(403)
	}
}

func TestEventsAreToldInWordsWithWhatChanged(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	site.Version(t, "fraud", "v1")
	b := site.As(site.Auditor)
	p := b.Get("/audit").Is(200, "Owner registered the model", "Contributor added the version fraud@v1", "request test", "from 127.0.0.1", "What changed", "label")
	if i, j := strings.Index(p.Text(), "added the version"), strings.Index(p.Text(), "registered the model"); i > j {
		t.Error("the newest should come first")
	}
	b.Get("/audit/1").Is(200, "Audit event 1", "Sundial added the department", "As it was hashed", "department.added")
	b.Get("/audit/999999").Is(404)
	b.Get("/audit/x").Is(404)
}

func TestTheTrailIsFiltered(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	site.Model(t, "churn", registry.Trained, 2)
	b := site.As(site.Auditor)
	tests := map[string]struct {
		query       string
		says, lacks string
	}{
		"by group of verbs":  {"verb=model", "registered the model", "signed in"},
		"by kind":            {"kind=team", "added the team Fraud", "signed in"},
		"by model":           {"model=fraud", "registered the model", "churn"},
		"by name":            {"actor=Owner", "registered the model", "added the team"},
		"by e-mail":          {"actor=owner@example.test", "registered the model", "added the team"},
		"by day":             {"from=2100-01-01", "No events match", "registered the model"},
		"several":            {"actor=Owner&verb=session", "No events match", "registered the model"},
		"a subject by links": {"kind=person&subject=1", "Owner signed in", "Deputy signed in"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { b.On(t).Get("/audit?"+tt.query).Is(200, tt.says).Lacks(tt.lacks) })
	}
}

func TestAFilterThatMeansNothingIsToldAtItsField(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Auditor)
	tests := map[string]struct {
		query, field, says string
	}{
		"unknown model":   {"model=nope", "model", "no model with this short name"},
		"nobody":          {"actor=nobody+here", "actor", "Nobody with this name"},
		"several people":  {"actor=reviewer", "", ""},
		"ambiguous":       {"actor=example.test", "actor", "Several people fit"},
		"days in reverse": {"from=2026-05-02&until=2026-05-01", "until", "before the first one"},
	}
	for name, tt := range tests {
		if tt.field == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := b.On(t).Get("/audit?" + tt.query).Is(422)
			if !strings.Contains(p.ErrorAt(tt.field), tt.says) {
				t.Errorf("at %s: %q", tt.field, p.ErrorAt(tt.field))
			}
		})
	}
	for _, bad := range []string{"from=tomorrow", "verb=drop", "subject=x", "kind=x", "actor=%00"} {
		b.On(t).Get("/audit?" + bad).Is(400)
		b.On(t).Get("/audit.jsonl?" + bad).Is(400)
	}
}

func TestThePagesOfTheTrailMeet(t *testing.T) {
	site := webtest.New(t)
	for i := range 60 {
		site.Person("p"+string(rune('a'+i%26))+string(rune('a'+i/26)), org.Viewer)
	}
	b := site.As(site.Auditor)
	seen := map[string]bool{}
	address, pages := "/audit", 0
	for address != "" && pages < 9 {
		p := b.Get(address).Is(200)
		if p.Queries > 5 {
			t.Errorf("%s took %d queries", address, p.Queries)
		}
		address = ""
		for _, l := range p.Links() {
			if strings.HasPrefix(l, "/audit/") {
				if seen[l] {
					t.Errorf("%s stands on two pages", l)
				}
				seen[l] = true
			}
			if strings.HasPrefix(l, "/audit?before=") {
				address = l
			}
		}
		pages++
	}
	if !seen["/audit/1"] || pages < 2 {
		t.Errorf("%d events on %d pages", len(seen), pages)
	}
}

func TestTheExportVerifiesWithoutSundial(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 2)
	p := site.As(site.Auditor).Get("/audit.jsonl").Is(200)
	if got := p.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/jsonl") {
		t.Errorf("content type %q", got)
	}
	prev := ""
	lines := strings.Split(strings.TrimSpace(p.Body), "\n")
	for i, line := range lines {
		var e struct {
			Seq      int
			Hash     string
			PrevHash string `json:"prev_hash"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(strings.Replace(line, `"hash":"`+e.Hash+`"`, `"hash":""`, 1)))
		if e.Seq != i+1 || e.PrevHash != prev || hex.EncodeToString(sum[:]) != e.Hash {
			t.Errorf("line %d does not verify: %s", i+1, line)
		}
		prev = e.Hash
	}
	if one := site.As(site.Auditor).Get("/audit.jsonl?verb=model").Is(200); strings.Count(one.Body, "\n") != 1 {
		t.Errorf("the export should be the filtered set:\n%s", one.Body)
	}
}

func TestVerifyingTellsWhatWasFound(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Auditor)
	p := b.Get("/audit").Is(200, "Nobody has verified the chain yet")
	b.Submit(p, "/audit/verify").Is(200, "every link holds", "by Auditor", "verified the audit trail")
}
