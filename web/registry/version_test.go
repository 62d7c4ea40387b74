package registry_test

import (
	"strings"
	"testing"

	"sundial/models/registry"
	"sundial/web/webtest"
)

var hash = strings.Repeat("ab", 32)

func TestAddATrainedVersion(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	b := site.As(site.Owner)
	page := b.Submit(b.Get("/models/fraud/versions/new").Is(200, "Add a version"), "/models/fraud/versions/new", "label", "v1", "code.repo", "acme/fraud",
		"code.commit", "4f2a9c0", "datasets[0].name", "payments", "datasets[0].digest", "sha256:"+hash, "parameters", "depth: 8\n\n eta : 0.1 ", "metrics", "auc: 0.94",
		"run.url", "https://runs.example.test/1", "rollback_target", "none:", "rollback_reason", "The first of its kind")
	if page.Address != "/models/fraud/versions/v1" {
		t.Fatalf("arrived at %s: %s", page.Address, page.Text())
	}
	_, v, err := site.Store.Version(t.Context(), "fraud", "v1")
	if err != nil || v.AuthorID != site.Owner.ID || v.Lineage.Parameters["eta"] != "0.1" || v.RollbackTarget != "none: The first of its kind" ||
		v.Lineage.Datasets[0].Role != "training" || v.Stage != registry.Experiment {
		t.Errorf("%v: %+v", err, v)
	}
	b.Get("/models/fraud").Is(200, "v1", "What v1 still lacks for registered", "Record the environment")
}

func TestARefusedVersionKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "fraud", registry.Trained, 1)
	site.Version(t, "fraud", "v1")
	b := site.As(site.Owner)
	for name, c := range map[string]struct{ field, value, says string }{
		"a label in use":           {"label", "v1", "has a version v1 already"},
		"a label that is a page":   {"label", "new", "used by a page"},
		"a label with a slash":     {"label", "a/b", "up to 40 letters"},
		"a branch for a commit":    {"code.commit", "main", "7 to 64"},
		"a password in an address": {"code.repo", "https://a:b@code.example.test/x", "user name and password"},
		"a script for an address":  {"run.url", "ftp://runs.example.test/1", "https://"},
		"a line without a colon":   {"parameters", "depth: 8\nnonsense", "Line 2 is not a name"},
		"a name twice":             {"metrics", "auc: 1\nauc: 2", "Line 2 names auc again."},
		"half a digest":            {"datasets[0].digest", "sha256:12", "64"},
		"an unknown target":        {"rollback_target", "v0", "no version v0"},
		"a reason for no reason":   {"rollback_reason", "Just so.", "only asked for"},
		"too many characters":      {"summary", strings.Repeat("x", 2001), "Use at most 2000 characters"},
		"control characters":       {"environment", "python: 3\x07", "control characters"},
	} {
		t.Run(name, func(t *testing.T) {
			values := webtest.Pairs("label", "v2", "code.repo", "acme/fraud", "rollout_plan", "Kept as it was typed.", "datasets[0].name", "payments", "datasets[0].role", "training")
			values.Set(c.field, c.value)
			page := b.On(t).Post("/models/fraud/versions/new", values).Is(422)
			if got := page.ErrorAt(c.field); !strings.Contains(got, c.says) {
				t.Errorf("at %s: %q, want %q", c.field, got, c.says)
			}
			if strings.TrimSpace(page.Value("rollout_plan")) != "Kept as it was typed." {
				t.Error("the input is lost")
			}
		})
	}
	page := b.Send("/models/fraud/versions/new", "label", "v2", "rollback_target", "none:").Is(422)
	if got := page.ErrorAt("rollback_reason"); !strings.Contains(got, "Say why") {
		t.Errorf("at the reason: %q", got)
	}
	b.Send("/models/fraud/versions/new", "label", "v2", "datasets[0][x", "y").Is(400)
	b.Send("/models/fraud/versions/new", "label", "v1", "parameters", "nonsense", "code.commit", "main").
		Is(422, "There are 4 problems", "has a version v1 already", "Line 1 is not a name", "7 to 64", "Name the repository")
}

func TestAddAGenAIVersion(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Model(t, "bot", registry.GenAI, 1)
	b := site.As(site.Owner)
	page := b.Get("/models/bot/versions/new").Is(200, "Vendor model", "Prompts")
	b.Submit(page, "/models/bot/versions/new", "host", "openai", "model_id", "gpt-4o", "label", "kept", "check", "vendor").Is(200, "Floating: not for production")
	part := b.Swap("GET", "/models/bot/versions/new?host=openai&model_id=gpt-4o-2024-11-20", "vendor-verdict", nil).Is(200, "Pinned")
	if strings.Contains(part.Body, "<html") {
		t.Error("the whole page came for the verdict")
	}
	page = b.Submit(page, "/models/bot/versions/new", "add", "prompts", "prompts[0].text", "Be kind.").Is(200, "Prompt 2", "Be kind.")
	b.Submit(page, "/models/bot/versions/new", "label", "v1", "host", "openai", "model_id", "gpt-4o-2024-11-20", "prompts[0].name", "system", "parameters", "temperature: 0",
		"no_tools", "It only answers.", "suite.name", "smoke").At("/models/bot/versions/v1")
	_, v, err := site.Store.Version(t.Context(), "bot", "v1")
	if err != nil || len(v.Release.Prompts) != 1 || v.Release.Prompts[0].SHA256 != registry.HashPrompt("Be kind.") {
		t.Errorf("%v: %+v", err, v.Release)
	}
	page = b.Get("/models/bot/versions/new?from=v1").Is(200)
	if page.Value("model_id") != "gpt-4o-2024-11-20" || page.Value("label") != "v2" || page.Value("prompts[0].name") != "system" {
		t.Error("the facts of v1 do not stand in the form")
	}
	b.Submit(page, "/models/bot/versions/new", "label", "v2", "prompts[0].text", "Be exact.").At("/models/bot/versions/v2")
	b.Get("/models/bot/diff?a=v1&b=v2").Is(200, "v1 and v2", "system: SHA-256", "[removed: kind]", "[added: exact]", "1 fact differs")
	b.Get("/models/bot/diff").Is(200, "v1 and v2")
	b.Get("/models/bot/diff?a=v2&b=v2").Is(200, "No differences")
}

func TestEditAVersion(t *testing.T) {
	t.Parallel()
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 2)
	site.Version(t, "fraud", "v2")
	mine, theirs := site.As(site.Owner), site.As(site.Deputy)
	fixed := mine.Get("/models/fraud/versions/v1/edit").Is(200, "v1 serves or has served", "Shadow or canary plan").Lacks("Hyperparameters")
	mine.Submit(fixed, "/models/fraud/versions/v1/edit", "summary", "Said better.").At("/models/fraud/versions/v1")
	again := mine.Get("/models/fraud/versions/v1/edit")
	mine.Submit(again, "/models/fraud/versions/v1/edit", "summary", "Sneaky", "code.repo", "acme/x", "code.commit", "0000000").Is(409)
	open := mine.Get("/models/fraud/versions/v2/edit").Is(200, "Hyperparameters")
	theirs.Submit(theirs.Get("/models/fraud/versions/v2/edit"), "/models/fraud/versions/v2/edit", "summary", "Theirs", "metrics", "auc: 0.95").At("/models/fraud/versions/v2")
	page := mine.Submit(open, "/models/fraud/versions/v2/edit", "summary", "Mine").Is(409, "What is different", "Theirs", "Mine", "auc: 0.95", "Deputy saved a change")
	mine.Submit(page, "/models/fraud/versions/v2/edit").At("/models/fraud/versions/v2")
	stale := mine.Get("/models/fraud/versions/v1/edit")
	theirs.Submit(theirs.Get("/models/fraud/versions/v1/edit"), "/models/fraud/versions/v1/edit", "summary", "Theirs").At("/models/fraud/versions/v1")
	mine.Submit(stale, "/models/fraud/versions/v1/edit", "summary", "Mine").Is(409, "Theirs").Lacks("4f2a9c0d1e2b")
}
