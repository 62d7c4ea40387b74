package registry

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var hash = strings.Repeat("ab", 32)

func lineage() Lineage {
	return Lineage{Code: Code{"https://code.example.test/fraud", "4f2a9c0d1e2b"},
		Datasets:   []Dataset{{"payments", "s3://lake/payments", "sha256:" + hash, "training"}, {"held out", "", "snapshot-42", "test"}},
		Parameters: map[string]string{"depth": "8"}, Metrics: map[string]string{"auc": "0.94"}, Environment: map[string]string{"python": "3.12"},
		Run: Run{"https://runs.example.test/1", "1"}}
}

func release() Release {
	return Release{Host: "openai", ModelID: "gpt-4o-2024-11-20", Prompts: []Prompt{{Name: "system", Repo: "acme/prompts", Path: "system.md", Commit: "4f2a9c0", SHA256: hash}},
		Parameters: map[string]string{"temperature": "0"}, Tools: map[string]string{"search": hash}, EvaluationSuite: Suite{"smoke", "3", hash}}
}

func TestNewTrainedVersion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*VersionDraft)
		want   []string
	}{
		"a whole version":                   {func(*VersionDraft) {}, nil},
		"an experiment may lack anything":   {func(d *VersionDraft) { *d = VersionDraft{Label: "x"} }, nil},
		"no label":                          {func(d *VersionDraft) { d.Label = " " }, []string{"label"}},
		"a label with a slash":              {func(d *VersionDraft) { d.Label = "v7/../v8" }, []string{"label"}},
		"a label that is a page":            {func(d *VersionDraft) { d.Label = "New" }, []string{"label"}},
		"a label that is a folder":          {func(d *VersionDraft) { d.Label = ".." }, []string{"label"}},
		"a label of 41":                     {func(d *VersionDraft) { d.Label = strings.Repeat("v", 41) }, []string{"label"}},
		"a label in use":                    {func(d *VersionDraft) { d.Label = "V6" }, []string{"label"}},
		"a branch is no commit":             {func(d *VersionDraft) { d.Lineage.Code.Commit = "main" }, []string{"code.commit"}},
		"six digits are no commit":          {func(d *VersionDraft) { d.Lineage.Code.Commit = "abc123" }, []string{"code.commit"}},
		"65 digits are no commit":           {func(d *VersionDraft) { d.Lineage.Code.Commit = strings.Repeat("a", 65) }, []string{"code.commit"}},
		"a commit in capitals":              {func(d *VersionDraft) { d.Lineage.Code.Commit = "ABCDEF0" }, nil},
		"a commit needs its repository":     {func(d *VersionDraft) { d.Lineage.Code.Repo = "" }, []string{"code.repo"}},
		"a password in an address":          {func(d *VersionDraft) { d.Lineage.Code.Repo = "https://me:secret@code.example.test/x" }, []string{"code.repo"}},
		"a token in an address":             {func(d *VersionDraft) { d.Lineage.Code.Repo = "https://token@code.example.test/x" }, []string{"code.repo"}},
		"a script for an address":           {func(d *VersionDraft) { d.Lineage.Run.URL = "javascript:alert(1)" }, []string{"run.url"}},
		"a data address":                    {func(d *VersionDraft) { d.Lineage.Run.URL = "data:text/html,x" }, []string{"run.url"}},
		"a repository as a path":            {func(d *VersionDraft) { d.Lineage.Code.Repo = "git@code.example.test:risk/fraud.git" }, nil},
		"half a digest":                     {func(d *VersionDraft) { d.Lineage.Datasets[0].Digest = "sha256:abc" }, []string{"datasets[0].digest"}},
		"a digest with blanks":              {func(d *VersionDraft) { d.Lineage.Datasets[0].Digest = "version of monday" }, []string{"datasets[0].digest"}},
		"a dataset without a name":          {func(d *VersionDraft) { d.Lineage.Datasets[1].Name = "" }, []string{"datasets[1].name"}},
		"a dataset in no role":              {func(d *VersionDraft) { d.Lineage.Datasets[1].Role = "seed" }, []string{"datasets[1].role"}},
		"a dataset twice":                   {func(d *VersionDraft) { d.Lineage.Datasets[1] = d.Lineage.Datasets[0] }, []string{"datasets[1].name"}},
		"a blank row keeps numbers":         {func(d *VersionDraft) { d.Lineage.Datasets = []Dataset{{Role: "training"}, {Name: "x", Role: "?"}} }, []string{"datasets[1].role"}},
		"a parameter without a name":        {func(d *VersionDraft) { d.Lineage.Parameters = map[string]string{" ": "8"} }, []string{"parameters"}},
		"a metric with a bell":              {func(d *VersionDraft) { d.Lineage.Metrics = map[string]string{"auc": "0\a"} }, []string{"metrics"}},
		"back to a version there is":        {func(d *VersionDraft) { d.RollbackTarget = "v6" }, nil},
		"back to a version there is not":    {func(d *VersionDraft) { d.RollbackTarget = "v5" }, []string{"rollback_target"}},
		"back to itself":                    {func(d *VersionDraft) { d.RollbackTarget = "v7" }, []string{"rollback_target"}},
		"nothing to return to, and why":     {func(d *VersionDraft) { d.RollbackTarget = "none: the first of its kind" }, nil},
		"nothing to return to, but not why": {func(d *VersionDraft) { d.RollbackTarget = "none:" }, []string{"rollback_target"}},
		"a summary too long":                {func(d *VersionDraft) { d.Summary = strings.Repeat("x", 2001) }, []string{"summary"}},
		"a release does not count":          {func(d *VersionDraft) { d.Release = Release{Host: "openai"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := VersionDraft{Label: "v7", Summary: "More data.", Lineage: lineage()}
			c.change(&d)
			v, err := NewVersion(as(ada), model(), d, []string{"v6"}, now)
			if diff := cmp.Diff(c.want, fields(err)); diff != "" {
				t.Fatal(diff)
			}
			if err == nil && (v.AuthorID != ada.ID || v.Stage != Experiment || v.Notes()[0].Verb != "version.added" || v.Release.Host != "") {
				t.Errorf("got %+v", v)
			}
		})
	}
}

func TestNewGenAIVersion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Release)
		want   []string
	}{
		"a whole release":                {func(*Release) {}, nil},
		"an experiment may be floating":  {func(r *Release) { r.ModelID = "gpt-4o" }, nil},
		"a host needs an id":             {func(r *Release) { r.ModelID = "" }, []string{"model_id"}},
		"an id needs a host":             {func(r *Release) { r.Host = "" }, []string{"host"}},
		"a prompt needs a hash":          {func(r *Release) { r.Prompts[0].SHA256 = "" }, []string{"prompts[0].sha256"}},
		"or its text":                    {func(r *Release) { r.Prompts[0].SHA256, r.Prompts[0].Text = "", "Be kind." }, nil},
		"but not another hash than that": {func(r *Release) { r.Prompts[0].Text = "Be kind." }, []string{"prompts[0].sha256"}},
		"half a hash":                    {func(r *Release) { r.Prompts[0].SHA256 = "abc" }, []string{"prompts[0].sha256"}},
		"a prompt has a name":            {func(r *Release) { r.Prompts[0].Name = "" }, []string{"prompts[0].name"}},
		"a prompt twice":                 {func(r *Release) { r.Prompts = append(r.Prompts, r.Prompts[0]) }, []string{"prompts[1].name"}},
		"a tool is known by its hash":    {func(r *Release) { r.Tools["search"] = "v2" }, []string{"tools"}},
		"no tools, and why":              {func(r *Release) { r.Tools, r.NoToolsReason = nil, "It only writes." }, nil},
		"tools and no tools":             {func(r *Release) { r.NoToolsReason = "It only writes." }, []string{"no_tools"}},
		"a suite has a name":             {func(r *Release) { r.EvaluationSuite.Name = "" }, []string{"suite.name"}},
		"a deployment's upgrade policy":  {func(r *Release) { r.Host, r.UpgradePolicy = "azure-openai", "Sometimes" }, []string{"upgrade_policy"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model()
			m.Kind = GenAI
			r := release()
			c.change(&r)
			_, err := NewVersion(as(ada), m, VersionDraft{Label: "v7", Release: r}, nil, now)
			if diff := cmp.Diff(c.want, fields(err)); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestAPromptIsKnownByItsText(t *testing.T) {
	t.Parallel()
	want := HashPrompt("Be kind.\nBe brief.")
	for _, same := range []string{"Be kind.\r\nBe brief.\r\n", "\ufeffBe kind.\nBe brief.", "\n\nBe kind.\rBe brief.  "} {
		if HashPrompt(same) != want {
			t.Errorf("%q is another prompt", same)
		}
	}
	if HashPrompt("Be kind.\n\nBe brief.") == want || HashPrompt("be kind.\nBe brief.") == want {
		t.Error("another text is the same prompt")
	}
}

func version(stage Stage) *Version {
	return &Version{ID: 3, ModelID: 7, Label: "v7", Kind: Trained, Stage: stage, Summary: "More data.", Lineage: lineage(), AuthorID: 11}
}

func TestEditVersion(t *testing.T) {
	t.Parallel()
	say := func(d *VersionDraft) { d.Summary = "Less data." }
	build := func(d *VersionDraft) { d.Lineage.Code.Commit = "0000000" }
	for name, c := range map[string]struct {
		version func(*Version)
		change  func(*VersionDraft)
		want    []string // of what changed
		refused []string
	}{
		"the summary":                             {nil, say, []string{"summary"}, nil},
		"how it was built, before it serves":      {nil, build, []string{"code", "digest"}, nil},
		"nothing":                                 {nil, func(*VersionDraft) {}, nil, []string{"Nothing has changed."}},
		"the summary while it serves":             {func(v *Version) { v.Stage = Production }, say, []string{"summary"}, nil},
		"not how it was built while it serves":    {func(v *Version) { v.Stage = Production }, build, nil, []string{"v7 serves or has served, so how it was built is fixed. Add a new version instead."}},
		"nor once it has served":                  {func(v *Version) { v.Stage, v.ServedSince = Validated, now.Add(-time.Hour) }, build, nil, []string{"v7 serves or has served, so how it was built is fixed. Add a new version instead."}},
		"nor when it was superseded":              {func(v *Version) { v.Stage, v.SupersededAt = Staged, now }, build, nil, []string{"v7 serves or has served, so how it was built is fixed. Add a new version instead."}},
		"a form without it changes nothing of it": {func(v *Version) { v.Stage = Production }, func(d *VersionDraft) { d.Summary, d.Lineage = "Less data.", Lineage{} }, []string{"summary"}, nil},
		"nothing of a retired version":            {func(v *Version) { v.Stage = Retired }, say, nil, []string{"v7 is retired and can no longer be changed."}},
		"the rollback target":                     {nil, func(d *VersionDraft) { d.RollbackTarget = "v6" }, []string{"rollback_target"}, nil},
		"monitoring, while it serves":             {func(v *Version) { v.Stage = Production }, func(d *VersionDraft) { d.Monitoring.Drift = "https://m.example.test" }, []string{"monitoring"}, nil},
		"not to itself":                           {nil, func(d *VersionDraft) { d.RollbackTarget = "v7" }, nil, []string{"rollback_target"}},
		"an emptied map and an empty one match":   {func(v *Version) { v.Lineage.Metrics = map[string]string{} }, func(d *VersionDraft) { d.Lineage.Metrics = nil }, nil, []string{"Nothing has changed."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := version(Experiment)
			if c.version != nil {
				c.version(v)
			}
			d := VersionDraft{Summary: v.Summary, Lineage: lineage()}
			if v.Lineage.Metrics != nil && len(v.Lineage.Metrics) == 0 {
				d.Lineage.Metrics = nil
			}
			c.change(&d)
			before := v.Digest()
			err := v.Edit(as(ada), model(), d, []string{"v6", "v7"}, now)
			if diff := cmp.Diff(c.refused, fields(err)); diff != "" {
				t.Fatal(diff)
			}
			if err != nil {
				return
			}
			after := v.Notes()[0].After.(map[string]any)
			if diff := cmp.Diff(c.want, sortedKeys(after)); diff != "" {
				t.Error(diff)
			}
			if (v.Digest() != before) != (after["digest"] != nil) {
				t.Error("the trail does not tell that the digest changed")
			}
		})
	}
}

func TestAPromptsTextStaysOutOfTheTrail(t *testing.T) {
	t.Parallel()
	m := model()
	m.Kind = GenAI
	v := &Version{ID: 3, Label: "v7", Kind: GenAI, Stage: Experiment, Release: release()}
	d := VersionDraft{Release: release()}
	d.Release.Prompts = []Prompt{{Name: "system", Text: "canary words"}}
	if err := v.Edit(as(ada), m, d, nil, now); err != nil {
		t.Fatal(err)
	}
	if v.Release.Prompts[0].Text != "canary words" {
		t.Error("the text is not kept")
	}
	raw, err := json.Marshal(v.Notes())
	if err != nil || strings.Contains(string(raw), "canary") {
		t.Errorf("%v: %s", err, raw)
	}
}

func TestDiffVersions(t *testing.T) {
	t.Parallel()
	a, b := version(Production), version(Validated)
	if got := DiffVersions(a, b); got != nil {
		t.Fatalf("equal versions differ: %v", got)
	}
	b.Lineage.Code.Commit = "bbbbbbb"
	b.Lineage.Datasets = []Dataset{{"payments", "s3://lake/payments", "snapshot-2", "training"}, {"refunds", "", "", "training"}}
	b.Lineage.Parameters = map[string]string{"depth": "9", "eta": "0.1"}
	b.RolloutPlan = "Shadow for a week."
	want := []Change{
		{"Code", "Commit", "4f2a9c0d1e2b", "bbbbbbb", true},
		{"Datasets", "held out, test: digest", "snapshot-42", "", true},
		{"Datasets", "payments, training: digest", "sha256:" + hash, "snapshot-2", true},
		{"Datasets", "refunds, training", "", "listed", true},
		{"Parameters", "depth", "8", "9", false},
		{"Parameters", "eta", "", "0.1", false},
		{"Rollout", "Shadow or canary plan", "", "Shadow for a week.", false},
	}
	if diff := cmp.Diff(want, DiffVersions(a, b)); diff != "" {
		t.Error(diff)
	}
	forth, back := DiffVersions(a, b), DiffVersions(b, a)
	for i := range forth {
		if forth[i].Before != back[i].After || forth[i].After != back[i].Before {
			t.Errorf("%v is not the mirror of %v", back[i], forth[i])
		}
	}
}

func TestDiffReleases(t *testing.T) {
	t.Parallel()
	a, b := &Version{Kind: GenAI, Release: release()}, &Version{Kind: GenAI, Release: release()}
	b.Release.Host, b.Release.ModelID = "azure-openai", "gpt-4o-mini-2024-07-18"
	b.Release.Prompts = []Prompt{{Name: "system", Repo: "acme/prompts", Path: "system.md", Commit: "4f2a9c0", SHA256: strings.Repeat("c", 64)}}
	b.Release.Tools, b.Release.NoToolsReason = nil, "None needed."
	want := []Change{
		{"Vendor model", "Host", "OpenAI", "Azure OpenAI", false},
		{"Vendor model", "Model id", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18", true},
		{"Prompts", "system: SHA-256", hash, strings.Repeat("c", 64), true},
		{"Tools", "search", hash, "", true},
		{"Tools", "No tools, because", "", "None needed.", false},
	}
	if diff := cmp.Diff(want, DiffVersions(a, b)); diff != "" {
		t.Error(diff)
	}
}

func TestDiffPrompts(t *testing.T) {
	t.Parallel()
	with := func(text string) *Version {
		return &Version{Kind: GenAI, Release: Release{Prompts: []Prompt{{Name: "system", Text: text}}}}
	}
	got := DiffPrompts(with("Be kind.\nBe brief.\nEnd."), with("Be kind.\nBe exact.\nEnd."))
	want := []TextChange{{"system", []Line{{"same", "Be kind."}, {"removed", "Be brief."}, {"added", "Be exact."}, {"same", "End."}},
		[]Segment{{"same", "Be kind.\nBe "}, {"removed", "brief"}, {"added", "exact"}, {"same", ".\nEnd."}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := DiffPrompts(with("same"), with("same")); got != nil {
		t.Errorf("equal texts differ: %v", got)
	}
	long := strings.Repeat("x\n", 2000)
	if got := DiffPrompts(with(long), with(long+"y")); len(got[0].Lines) != 4002 {
		t.Errorf("%d lines", len(got[0].Lines))
	}
}
