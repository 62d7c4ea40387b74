package genai_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store/storetest"
	"sundial/models/vendors"
	"sundial/web/webtest"
)

func team(s *webtest.Site) string { return strconv.FormatInt(s.Fraud.ID, 10) }

func aPrompt(s *webtest.Site, name, text string) {
	s.As(s.Contributor).Send("/prompts/new", "name", name, "team", team(s), "purpose", "What "+name+" is for.", "repo", "https://git.example.test/p", "path", "s.md", "commit", "4f2a9c0d1e", "text", text).Is(200, "The prompt is registered.")
}

func TestPromptsAreListedAndFiltered(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	b.Get("/prompts").Is(200, "No prompt is registered yet", "Register the first prompt")
	s.As(s.Viewer).Get("/prompts").Is(200, "Only contributors change models").Lacks("Register the first prompt")
	aPrompt(s, "support-system", "Be kind.")
	aPrompt(s, "greeting", "=HYPERLINK(1)")
	s.Model(t, "bot", registry.GenAI, 2)
	s.Release(t, "bot", "v1", storetest.SystemPrompt("Be kind."), registry.Suite{})
	p := b.Get("/prompts").Is(200, "2 prompts", "support-system", "greeting", "1 model", "no model", "Evaluations", "Aliases")
	if p.Queries > 8 {
		t.Errorf("%d queries", p.Queries)
	}
	b.Get("/prompts?q=greet").Is(200, "1 prompt").Lacks("support-system</a>")
	b.Get("/prompts?show=unused").Is(200, "1 prompt", "greeting")
	b.Get("/prompts?team=credit").Is(200, "No prompts match")
	for _, bad := range []string{"show=x", "after=zz"} {
		b.Get("/prompts?" + bad).Is(400)
	}
	if file := b.Get("/prompts.csv?q=support"); strings.Count(file.Body, "\n") != 2 || !strings.Contains(file.Body, registry.HashPrompt("Be kind.")) {
		t.Errorf("the file:\n%s", file.Body)
	}
}

func TestAPromptIsRegisteredAndItsWordsCompared(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	form := b.Get("/prompts/new").Is(200, "Register a prompt", "What the hash is taken of")
	checked := b.Submit(form, "/prompts/new", "name", "support-system", "text", "\ufeff  Be kind.\r\n", "config", `{"top_p": 1, "temperature": 0.2}`, "check", "hash").Is(200, "The hash of what stands here", "byte-order mark",
		registry.HashPromptWith("Be kind.", `{"temperature":0.2,"top_p":1}`))
	if checked.Value("name") != "support-system" {
		t.Error("what was typed is lost")
	}
	b.Submit(form, "/prompts/new", "check", "hash").Is(200, "Enter the text of which the hash is to be taken.")
	p := b.Submit(form, "/prompts/new", "name", "support-system", "team", team(s), "purpose", "Greets.", "text", "\ufeffBe kind to all.\n").Is(200, "The prompt is registered.", "byte-order mark", "Version 1", "Be kind to all.", "no release")
	p.Lacks("What changed in version")
	next := b.Get("/prompts/support-system/versions/new").Is(200, "Be kind to all.")
	b.Submit(next, "/prompts/support-system/versions/new", "text", "Be kind to all.\n\n").Is(422, "Version 1 has this hash already")
	b.Submit(next, "/prompts/support-system/versions/new", "text", "Be brief to all.", "note", "Shorter.").Is(200, "Version 2 is added.", "What changed in version 2")
	diff := b.Get("/prompts/support-system/diff").Is(200, "Words were removed in 1 place and added in 1 place.")
	for _, want := range []string{`<del><span class="visually-hidden">[removed: </span>kind<span class="visually-hidden">] </span></del>`, `<ins><span class="visually-hidden">[added: </span>brief<span`} {
		if !strings.Contains(diff.Body, want) {
			t.Errorf("not in the comparison: %s\n%s", want, diff.Body)
		}
	}
	b.Get("/prompts/support-system/diff?a=1&b=1").Is(200, "No differences")
	b.Get("/prompts/support-system/diff?a=1&b=9").Is(404)
	b.Get("/prompts/support-system/diff?a=x").Is(400)
	b.Get("/prompts/support-system/versions/1").Is(200, "Version 1", "support-system@"+registry.HashPrompt("Be kind to all.")[:12])
	b.Get("/prompts/support-system/versions/7").Is(404)
	b.Get("/prompts/support-system/versions/x").Is(404)
	b.Get("/prompts/nobody").Is(404)
	s.As(s.Auditor).Get("/audit?verb=prompt").Is(200, "registered the prompt support-system", "added a version of the prompt support-system")
}

func TestOnlyTheHashMayBeKnown(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	hash := registry.HashPrompt("Not told.")
	b.Send("/prompts/new", "name", "secret", "team", team(s), "sha256", hash).Is(200, "Only its hash is known")
	b.Send("/prompts/secret/versions/new", "text", "Told.").Is(200, "Version 2 is added.")
	b.Get("/prompts/secret/diff?a=1&b=2").Is(200, "their words cannot be compared")
}

func TestABadPromptIsToldAtItsFields(t *testing.T) {
	s := webtest.New(t)
	aPrompt(s, "taken", "Taken.")
	good := url.Values{"name": {"greeting"}, "team": {team(s)}, "text": {"Be kind."}}
	tests := map[string]struct{ field, value, at string }{
		"no name":                         {"name", "", "name"},
		"a name of two words":             {"name", "two words", "name"},
		"a name that is a page":           {"name", "new", "name"},
		"a name that is taken":            {"name", "taken", "name"},
		"no team":                         {"team", "", "team"},
		"a team that is not mine":         {"team", "2", "team"},
		"a team that is no number":        {"team", "x", "team"},
		"no text":                         {"text", " ", "text"},
		"a text nobody sees":              {"text", "Be\u202e kind.", "text"},
		"control characters":              {"text", "Be\x00kind", "text"},
		"a text of two hundred thousand":  {"text", strings.Repeat("a", 200_000), "text"},
		"a configuration that is no JSON": {"config", "hot", "config"},
		"another text's hash":             {"sha256", registry.HashPrompt("other"), "sha256"},
		"a branch":                        {"commit", "main", "commit"},
		"a password in the address":       {"repo", "https://me:secret@git.example.test/p", "repo"},
	}
	b := s.As(s.Contributor)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := url.Values{}
			for k, x := range good {
				v[k] = x
			}
			v.Set(tt.field, tt.value)
			if p := b.On(t).Post("/prompts/new", v).Is(422); p.ErrorAt(tt.at) == "" {
				t.Errorf("no sentence at %s:\n%s", tt.at, p.Text())
			}
		})
	}
	b.On(t).Get("/prompts").Is(200, "1 prompt")
}

func TestWhoMayWrite(t *testing.T) {
	s := webtest.New(t)
	aPrompt(s, "greeting", "Be kind.")
	for _, who := range []org.Person{s.Viewer, s.Auditor, s.Reviewer, s.Leader} {
		b := s.As(who)
		b.Get("/prompts/greeting").Is(200)
		for _, path := range []string{"/prompts/new", "/prompts/greeting/versions/new", "/prompts/greeting/edit", "/evaluations/new", "/aliases/new"} {
			b.Get(path).Is(403)
			b.Send(path, "text", "x").Is(403)
		}
	}
	b := s.As(s.Stranger)
	b.Get("/prompts/greeting/versions/new").Is(200, "Only the model")
	b.Send("/prompts/greeting/versions/new", "text", "Be mine.").Is(403)
	b.Send("/prompts/greeting/edit", "purpose", "Mine.", "team", team(s), "revision", "1").Is(403)
	s.As(s.Viewer).Get("/prompts/greeting").Is(200, "1 version").Lacks("Be mine")
}

func TestTwoWhoEditAPromptHearOfEachOther(t *testing.T) {
	s := webtest.New(t)
	aPrompt(s, "greeting", "Be kind.")
	b := s.As(s.Contributor)
	first := b.Get("/prompts/greeting/edit").Is(200)
	b.Submit(first, "/prompts/greeting/edit", "purpose", "Theirs.").Is(200, "Saved.", "Theirs.")
	stale := b.Submit(first, "/prompts/greeting/edit", "purpose", "Mine.").Is(409, "changed while you were editing", "Theirs.", "Mine.", "Save mine over theirs")
	b.Submit(stale, "/prompts/greeting/edit").Is(200, "Saved.", "Mine.")
	b.Send("/prompts/greeting/edit", "purpose", "No revision.", "team", team(s)).Is(409)
}

func aSuite(s *webtest.Site, name string) []string {
	return []string{"name", name, "team", team(s), "label", "2026-03", "sha256", registry.HashPrompt("support"), "thresholds[0].metric", "resolved", "thresholds[0].operator", ">=", "thresholds[0].value", "0.8",
		"thresholds[1].metric", "refusals", "thresholds[1].operator", "<", "thresholds[1].value", "0.05"}
}

func TestASuiteIsRegisteredWithItsThresholds(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Contributor)
	b.Get("/evaluations").Is(200, "No evaluation suite is registered yet")
	form := b.Get("/evaluations/new").Is(200, "Metric 3")
	more := b.Submit(form, "/evaluations/new", "add", "threshold", "thresholds[0].metric", "resolved").Is(200, "Metric 4")
	if more.Value("thresholds[0].metric") != "resolved" {
		t.Error("what was typed is lost")
	}
	p := b.Submit(form, "/evaluations/new", "name", "support", "thresholds[1].metric", "refusals", "thresholds[1].value", "few").Is(422)
	for _, at := range []string{"team", "label", "sha256", "thresholds[1].value"} {
		if at != "team" && p.ErrorAt(at) == "" {
			t.Errorf("no sentence at %s:\n%s", at, p.Text())
		}
	}
	b.Send("/evaluations/new", aSuite(s, "support")...).Is(200, "The suite is registered.", "2026-03", "refusals", "< 0.05", "No run is recorded yet")
	b.Send("/evaluations/new", aSuite(s, "support")...).Is(422, "There is a suite of this name already")
	next := b.Get("/evaluations/support/versions/new").Is(200)
	if next.Value("thresholds[1].metric") != "refusals" || next.Value("thresholds[1].value") != "0.05" {
		t.Error("the thresholds are not taken over")
	}
	b.Submit(next, "/evaluations/support/versions/new", "label", "2026-03", "sha256", registry.HashPrompt("x")).Is(422, "There is a version 2026-03 already")
	b.Submit(next, "/evaluations/support/versions/new", "label", "2026-04", "sha256", registry.HashPrompt("x")).Is(200, "Version 2026-04 is added.")
	b.Get("/evaluations").Is(200, "1 suite", "support")
	b.Get("/evaluations?q=none").Is(200, "No evaluation suites match")
	if file := b.Get("/evaluations.csv"); strings.Count(file.Body, "\n") != 2 {
		t.Errorf("the file:\n%s", file.Body)
	}
	edit := b.Get("/evaluations/support/edit").Is(200)
	b.Submit(edit, "/evaluations/support/edit", "purpose", "What must not get worse.").Is(200, "What must not get worse.")
	b.Submit(edit, "/evaluations/support/edit", "purpose", "Stale.").Is(409, "changed while you were editing")
	b.Get("/evaluations/nobody").Is(404)
}

func TestASuitesPageTellsWhatReleasesReached(t *testing.T) {
	s := webtest.New(t)
	s.As(s.Contributor).Send("/evaluations/new", aSuite(s, "support")...).Is(200)
	s.ServeRelease(t, "bot", "v1")
	s.As(s.Viewer).Get("/evaluations/support").Is(200, "Model bot v1", "passed", "needs >= 0.8", "production")
}

func TestAnAliasIsProposedDecidedAndResolved(t *testing.T) {
	s := webtest.New(t)
	s.ServeRelease(t, "bot", "v1")
	b := s.As(s.Contributor)
	b.Get("/aliases").Is(200, "No alias yet")
	b.Send("/aliases/new", "name", "assistant-default", "team", team(s), "purpose", "What teams call.").Is(200, "The alias is added.", "It points at nothing yet")
	b.Send("/aliases/new", "name", "assistant-default", "team", team(s)).Is(422, "There is an alias of this name already")
	form := b.Get("/aliases/assistant-default/propose").Is(200)
	if !strings.Contains(form.Body, `<option value="bot@v1">`) {
		t.Error("what may be chosen is not suggested")
	}
	for version, says := range map[string]string{"bot": "model@version", "bot@v9": "There is no version bot@v9", "": "model@version"} {
		if p := b.Submit(form, "/aliases/assistant-default/propose", "version", version, "reason", "Because.").Is(422, says); p.ErrorAt("version") == "" {
			t.Errorf("%q: %s", version, p.Text())
		}
	}
	if p := b.Submit(form, "/aliases/assistant-default/propose", "version", "bot@v1").Is(422); p.ErrorAt("reason") == "" {
		t.Error("no reason is taken")
	}
	b.Submit(form, "/aliases/assistant-default/propose", "version", "bot@v1", "reason", "It answers best.").Is(200, "A proposal waits", "It answers best.", "Only reviewers and risk reviewers decide")
	b.Submit(form, "/aliases/assistant-default/propose", "version", "bot@v1", "reason", "Again.").Is(409, "open already")
	s.As(s.Viewer).Get("/aliases/assistant-default/propose").Is(403)
	b.Send("/aliases/assistant-default/decide", "proposal", "1", "verdict", "approve", "comment", "Me.").Is(403)

	r := s.As(s.Reviewer)
	page := r.Get("/aliases/assistant-default").Is(200, "Approve and move it")
	if p := r.Submit(page, "/aliases/assistant-default/decide", "verdict", "approve").Is(422); p.ErrorAt("comment") == "" {
		t.Error("a decision without a reason is taken")
	}
	r.Submit(page, "/aliases/assistant-default/decide", "verdict", "perhaps", "comment", "x").Is(422, "Choose approve or reject.")
	r.Submit(page, "/aliases/assistant-default/decide", "verdict", "approve", "comment", "Read the evaluation.", "digest", "stale").Is(409, "has changed since")
	r.Submit(page, "/aliases/assistant-default/decide", "verdict", "approve", "comment", "Read the evaluation.").Is(200, "Approved: the alias points there now.", "bot@v1", "Read the evaluation.", "It answers best.")
	r.Submit(page, "/aliases/assistant-default/decide", "verdict", "reject", "comment", "Too late.").Is(409, "approved already")
	r.Send("/aliases/assistant-default/decide", "proposal", "99", "verdict", "approve", "comment", "x").Is(404)
	r.Get("/aliases").Is(200, "1 alias", "In production", "gpt-4o-2024-11-20")
	got := r.Get("/api/v1/aliases/assistant-default").Is(200)
	for _, want := range []string{`"stamp":"bot@v1"`, `"model_id":"gpt-4o-2024-11-20"`, `"healthy":true`} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("no %s in %s", want, got.Body)
		}
	}
	r.Get("/api/v1/aliases/nobody").Is(404)
}

func TestAnAliasThatLeadsAstrayIsRed(t *testing.T) {
	s := webtest.New(t)
	s.ServeRelease(t, "bot", "v1")
	b, r := s.As(s.Contributor), s.As(s.Reviewer)
	b.Send("/aliases/new", "name", "assistant-default", "team", team(s)).Is(200)
	b.Send("/aliases/assistant-default/propose", "version", "bot@v1", "reason", "Because.").Is(200)
	r.Submit(r.Get("/aliases/assistant-default"), "/aliases/assistant-default/decide", "verdict", "approve", "comment", "Yes.").Is(200)
	r.Get("/aliases?show=red").Is(200, "No aliases match")
	row, err := s.Store.VendorModel(t.Context(), "openai", "gpt-4o-2024-11-20")
	if err != nil {
		t.Fatal(err)
	}
	row.EndOfLife = "2020-01-01"
	if err := s.Store.SaveVendorModels(s.World.As(s.Admin), []vendors.Entry{row.Entry}); err != nil {
		t.Fatal(err)
	}
	r.Get("/aliases?show=red").Is(200, "1 alias", "Leads astray", "The vendor ended gpt-4o-2024-11-20")
	r.Get("/aliases/assistant-default").Is(200, "This alias leads astray")
	if got := r.Get("/api/v1/aliases/assistant-default").Is(200); !strings.Contains(got.Body, `"healthy":false`) {
		t.Error(got.Body)
	}
	if file := r.Get("/aliases.csv?show=red"); strings.Count(file.Body, "\n") != 2 || !strings.Contains(file.Body, "true") {
		t.Errorf("the file:\n%s", file.Body)
	}
}

func TestAProposalIsWithdrawn(t *testing.T) {
	s := webtest.New(t)
	s.ServeRelease(t, "bot", "v1")
	b := s.As(s.Contributor)
	b.Send("/aliases/new", "name", "assistant-default", "team", team(s)).Is(200)
	b.Send("/aliases/assistant-default/propose", "version", "bot@v1", "reason", "Because.").Is(200)
	b.Get("/aliases?show=open").Is(200, "1 alias", "A proposal waits")
	s.As(s.Viewer).Send("/aliases/assistant-default/withdraw", "proposal", "1").Is(403)
	b.Submit(b.Get("/aliases/assistant-default"), "/aliases/assistant-default/withdraw").Is(200, "The proposal is withdrawn.", "withdrawn")
	b.Send("/aliases/assistant-default/withdraw", "proposal", "1").Is(409)
}

// Whoever may register for every team can name any number; one that is no team's is refused at its field.
func TestATeamThatIsNotThereIsRefused(t *testing.T) {
	s := webtest.New(t)
	b := s.As(s.Admin)
	b.Send("/prompts/new", "name", "greeting", "team", "12", "text", "Be kind.").Is(422, "There is no such team.")
	b.Send("/aliases/new", "name", "assistant-default", "team", "12", "purpose", "What teams call.").Is(422, "There is no such team.")
	nowhere := aSuite(s, "support")
	nowhere[3] = "12"
	b.Send("/evaluations/new", nowhere...).Is(422, "There is no such team.")
}
