package registry

import (
	"slices"
	"strings"

	"sundial/models/vendors"
)

// Change is one fact in which two versions differ. "" is a fact that one of them does not have.
type Change struct {
	Group  string
	Field  string
	Before string
	After  string
	Exact  bool // digests, commits, ids: read letter by letter
}

// DiffVersions lists the facts in which b differs from a, by group.
func DiffVersions(a, b *Version) []Change {
	var d differ
	if a.Kind == Trained || b.Kind == Trained {
		d.lineage(&a.Lineage, &b.Lineage)
	}
	if a.Kind == GenAI || b.Kind == GenAI {
		d.release(&a.Release, &b.Release)
	}
	d.group = "Monitoring"
	d.add("Drift", a.Monitoring.Drift, b.Monitoring.Drift)
	d.add("Quality", a.Monitoring.Quality, b.Monitoring.Quality)
	d.add("Cost", a.Monitoring.Cost, b.Monitoring.Cost)
	d.group = "Rollout"
	d.add("Shadow or canary plan", a.RolloutPlan, b.RolloutPlan)
	d.add("Rollback target", a.RollbackTarget, b.RollbackTarget)
	return d.list
}

// differ collects changes of the group at hand.
type differ struct {
	group string
	list  []Change
}

func (d *differ) add(field, before, after string) { d.put(field, before, after, false) }

func (d *differ) exact(field, before, after string) { d.put(field, before, after, true) }

func (d *differ) put(field, before, after string, exact bool) {
	if before != after {
		d.list = append(d.list, Change{d.group, field, before, after, exact})
	}
}

// each compares two sets by name.
func (d *differ) each(before, after map[string]string, exact bool) {
	names := append(sortedKeys(before), sortedKeys(after)...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		d.put(name, before[name], after[name], exact)
	}
}

func (d *differ) lineage(a, b *Lineage) {
	d.group = "Code"
	d.exact("Repository", a.Code.Repo, b.Code.Repo)
	d.exact("Commit", a.Code.Commit, b.Code.Commit)
	d.group = "Datasets"
	d.each(datasets(a.Datasets), datasets(b.Datasets), true)
	d.group = "Parameters"
	d.each(a.Parameters, b.Parameters, false)
	d.group = "Metrics"
	d.each(a.Metrics, b.Metrics, false)
	d.group = "Environment"
	d.each(a.Environment, b.Environment, false)
	d.group = "Run"
	d.exact("Address", a.Run.URL, b.Run.URL)
	d.exact("Id", a.Run.ID, b.Run.ID)
}

func (d *differ) release(a, b *Release) {
	d.group = "Vendor model"
	d.add("Host", hostName(a.Host), hostName(b.Host))
	d.exact("Model id", a.ModelID, b.ModelID)
	d.add("Upgrade policy", a.UpgradePolicy, b.UpgradePolicy)
	d.group = "Prompts"
	d.each(prompts(a.Prompts), prompts(b.Prompts), true)
	d.group = "Parameters"
	d.each(a.Parameters, b.Parameters, false)
	d.group = "Tools"
	d.each(a.Tools, b.Tools, true)
	d.add("No tools, because", a.NoToolsReason, b.NoToolsReason)
	d.group = "Evaluation suite"
	d.add("Name", a.EvaluationSuite.Name, b.EvaluationSuite.Name)
	d.exact("Version", a.EvaluationSuite.Version, b.EvaluationSuite.Version)
	d.exact("SHA-256", a.EvaluationSuite.SHA256, b.EvaluationSuite.SHA256)
}

func hostName(host string) string {
	if host == "" {
		return ""
	}
	return vendors.Host(host).Name()
}

// datasets are facts by dataset: each of its own name and role, so that a new digest stands beside the old.
func datasets(list []Dataset) map[string]string {
	out := map[string]string{}
	for _, d := range list {
		of := d.Name + ", " + d.Role
		out[of+": digest"] = d.Digest
		out[of+": place"] = d.URI
		if d.Digest == "" && d.URI == "" {
			out[of] = "listed"
		}
	}
	return out
}

func prompts(list []Prompt) map[string]string {
	out := map[string]string{}
	for _, p := range list {
		out[p.Name+": SHA-256"] = p.SHA256
		out[p.Name+": commit"] = p.Commit
		out[p.Name+": place"] = strings.Trim(p.Repo+" "+p.Path, " ")
	}
	return out
}

// TextChange is a prompt whose words are known on both sides and differ.
type TextChange struct {
	Name  string
	Lines []Line
	Words []Segment // nil for what goes beyond mostWordTexts
}

// mostWordTexts is how many prompts of a page are compared word by word too.
const mostWordTexts = 5

// Line is one line of a compared text: "same", "added" or "removed".
type Line struct{ Change, Text string }

// DiffPrompts compares the words of the prompts that both versions keep in full.
func DiffPrompts(a, b *Version) []TextChange {
	var out []TextChange
	left := mostWork
	for _, p := range a.Release.Prompts {
		i := slices.IndexFunc(b.Release.Prompts, func(q Prompt) bool { return q.Name == p.Name })
		if i < 0 || p.Text == "" || b.Release.Prompts[i].Text == "" || p.Text == b.Release.Prompts[i].Text {
			continue
		}
		change := TextChange{Name: p.Name, Lines: diffLines(p.Text, b.Release.Prompts[i].Text, &left)}
		if len(out) < mostWordTexts {
			change.Words = DiffWords(p.Text, b.Release.Prompts[i].Text)
		}
		out = append(out, change)
	}
	return out
}

// The work of comparing is bounded, for one text and for all of a page: what goes beyond is shown as one
// removed and one added.
const (
	mostCompared = 1500 // lines
	mostWork     = 3 * mostCompared * mostCompared
)

// diffLines is the shortest way from one text to the other, line by line (longest common subsequence).
// left is how much work may still be done, in pairs of lines.
func diffLines(before, after string, left *int) []Line {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(a) > mostCompared || len(b) > mostCompared || len(a)*len(b) > *left {
		return append(lines("removed", a), lines("added", b)...)
	}
	*left -= len(a) * len(b)
	common := make([][]uint16, len(a)+1) // lengths of what is common from here on
	for i := range common {
		common[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []Line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, Line{"same", a[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, Line{"removed", a[i]})
			i++
		default:
			out = append(out, Line{"added", b[j]})
			j++
		}
	}
	return append(append(out, lines("removed", a[i:])...), lines("added", b[j:])...)
}

func lines(change string, list []string) []Line {
	out := make([]Line, 0, len(list))
	for _, s := range list {
		out = append(out, Line{change, s})
	}
	return out
}
