package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/registry"
)

// told is how a kind of event reads after the name of who did it. In the words, %s is the version, the
// request or the plan that it is about.
type told struct {
	words string
	icon  string
	tone  ui.Tone
}

var tellings = map[string]told{
	"model.registered":        {"registered the model", "plus", ui.Info},
	"model.imported":          {"brought the model in from an inventory", "upload", ui.Info},
	"model.reimported":        {"brought news of the model in from an inventory", "upload", ui.Neutral},
	"model.vanished":          {"imported an inventory that no longer lists the model", "question", ui.Warn},
	"model.unlisted":          {"imported an inventory that no longer lists the model", "upload", ui.Neutral},
	"model.relisted":          {"imported an inventory that lists the model again", "upload", ui.Good},
	"model.renamed":           {"found the model under a new name and joined it with that entry", "changed", ui.Info},
	"question.answered":       {"answered what became of the model", "comment", ui.Info},
	"question.settled":        {"settled the question what became of the model: it is listed again", "check", ui.Good},
	"model.edited":            {"changed %c", "edit", ui.Neutral},
	"model.assigned":          {"changed %c", "person", ui.Neutral},
	"model.promised":          {"changed %c", "edit", ui.Neutral},
	"model.consumers_changed": {"changed %c", "team", ui.Neutral},
	"model.confirmed":         {"confirmed the entry for the quarter", "check", ui.Good},
	"model.disputed":          {"said that something is wrong with the entry", "warning", ui.Warn},
	"version.added":           {"added %s", "plus", ui.Info},
	"version.edited":          {"changed %c of %s", "edit", ui.Neutral},
	"version.promoted":        {"moved %s to %t", "up", ui.Good},
	"version.moved_back":      {"moved %s back to %t", "down", ui.Warn},
	"version.rolled_back_to":  {"rolled back to %s", "changed", ui.Warn},
	"version.break_glass":     {"broke glass: moved %s to %t", "bolt", ui.Bad},
	"version.superseded":      {"took %s out of production for its successor", "changed", ui.Neutral},
	"version.lapsed":          {"retired %s: its rollback window is over", "stage-retired", ui.Neutral},
	"version.closed":          {"closed %s", "stage-retired", ui.Neutral},
	"evidence.recorded":       {"recorded evidence for %s", "file", ui.Neutral},
	"evidence.withdrawn":      {"withdrew evidence of %s", "cross", ui.Warn},
	"request.opened":          {"asked to move %s", "comment", ui.Info},
	"request.edited":          {"changed why %s should move", "edit", ui.Neutral},
	"request.approved":        {"approved the move of %s", "check", ui.Good},
	"request.changes_requested": {
		"asked for changes before %s moves", "comment", ui.Warn},
	"request.rejected":     {"rejected the move of %s", "cross", ui.Bad},
	"request.withdrawn":    {"withdrew the request to move %s", "minus", ui.Neutral},
	"request.superseded":   {"ended the request to move %s: its stage changed", "minus", ui.Neutral},
	"request.commented":    {"commented on the move of %s", "comment", ui.Neutral},
	"request.break_glass":  {"broke glass for %s", "bolt", ui.Bad},
	"request.debt_settled": {"reviewed the break-glass move of %s", "check", ui.Good},
	"vendor.end_in_runway": {"found that the end of the vendor's model behind %s is within its runway", "calendar", ui.Bad},
	"waiver.asked":         {"asked for a waiver for %s", "waived", ui.Info},
	"waiver.granted":       {"granted a waiver for %s", "waived", ui.Warn},
	"waiver.refused":       {"refused a waiver for %s", "cross", ui.Neutral},
	"plan.filed":           {"began %s", "calendar", ui.Info},
	"plan.filled":          {"filled %s from a template", "file", ui.Neutral},
	"plan.edited":          {"worked on %s", "edit", ui.Neutral},
	"plan.submitted":       {"submitted %s for review", "upload", ui.Info},
	"plan.approved":        {"approved %s", "check", ui.Good},
	"plan.changes_requested": {
		"asked for changes to %s", "comment", ui.Warn},
	"plan.rejected":   {"rejected %s", "cross", ui.Bad},
	"plan.confirmed":  {"confirmed %s", "check", ui.Good},
	"plan.stale":      {"found %s no longer true", "warning", ui.Bad},
	"plan.living":     {"found %s true again", "check", ui.Good},
	"plan.superseded": {"replaced %s by a newer one", "changed", ui.Neutral},
	"criterion.met":   {"reported what makes the replacement criterion of %s hold", "warning", ui.Bad},
	"criterion.cleared": {
		"reported that the replacement criterion of %s holds no longer", "check", ui.Good},
	"zombie.seen": {"saw %s answer although it is retired", "warning", ui.Bad},
}

// Tell says an event of a model's history in words.
func Tell(e audit.Event, slug string) ui.TimelineEvent {
	before, after := facts(e.Before), facts(e.After)
	how, known := tellings[e.Verb]
	if !known {
		what, verb, _ := strings.Cut(e.Verb, ".")
		how = told{words: strings.ReplaceAll(verb, "_", " ") + " the " + what}
	}
	words := strings.NewReplacer("%s", thing(e.Subject, slug), "%t", stageOf(after), "%c", changedFields(before, after)).Replace(how.words)
	out := ui.TimelineEvent{Who: e.Actor, What: words, At: e.At, Icon: how.icon, Tone: how.tone, Href: where(e.Subject, slug)}
	if known && strings.Contains(how.words, "%c") {
		if rows := changesOf(before, after); len(rows) > 0 {
			out.Body = changeList(rows)
		}
	}
	return out
}

// thing names what an event is about, without the model's own name in front.
func thing(s audit.Subject, slug string) string {
	label := strings.TrimPrefix(s.Label, slug)
	label = strings.TrimPrefix(strings.TrimSpace(label), "@")
	if label == "" {
		return "the " + s.Kind
	}
	if s.Kind == "plan" {
		return strings.Replace(label, "retirement plan", "the retirement plan, version", 1)
	}
	return label
}

func where(s audit.Subject, slug string) string {
	label, _ := strings.CutPrefix(s.Label, slug+"@")
	switch s.Kind {
	case "version", "evidence":
		label, _, _ = strings.Cut(label, " ")
		if label != "" && label != s.Label {
			return link.Version(slug, label)
		}
	case "request":
		return link.Request(s.ID)
	case "plan":
		return link.Retirement(slug)
	}
	return ""
}

func facts(raw json.RawMessage) map[string]any {
	var out map[string]any
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &out) // an event whose facts are no object has none to tell
	}
	return out
}

func stageOf(after map[string]any) string {
	if s, ok := after["stage"].(string); ok {
		return s
	}
	return "another stage"
}

// fieldWords are the names of fields as the forms say them.
var fieldWords = map[string]string{
	"name": "name", "slug": "short name", "kind": "kind", "purpose": "purpose", "tier": "tier", "team": "team", "owner": "owner",
	"deputy": "deputy", "sla": "service level", "deprecation_on": "deprecation date", "consumers": "consumers",
	"no_consumers_reason": "reason for no consumers", "summary": "summary", "rollback_target": "rollback target",
	"rollout_plan": "rollout plan", "monitoring": "monitoring", "host": "host", "model_id": "vendor model",
	"upgrade_policy": "upgrade policy", "prompts": "prompts", "parameters": "parameters", "tools": "tools", "no_tools": "reason for no tools",
	"suite": "evaluation suite", "code": "code", "datasets": "datasets", "metrics": "metrics", "environment": "environment", "run": "run",
}

func changedFields(before, after map[string]any) string {
	var words []string
	for _, field := range fieldsOf(before, after) {
		words = append(words, fieldWords[field])
	}
	switch n := len(words); {
	case n == 0:
		return "facts"
	case n == 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// fieldsOf are the fields with a word of their own, sorted.
func fieldsOf(before, after map[string]any) []string {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, after)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(f string) bool { return fieldWords[f] == "" })
}

// fieldChange is one field of an event, both values in words.
type fieldChange struct{ Field, Before, After string }

func changesOf(before, after map[string]any) []fieldChange {
	var out []fieldChange
	for _, f := range fieldsOf(before, after) {
		x := fieldChange{fieldWords[f], inWords(before[f]), inWords(after[f])}
		if f == "consumers" {
			x.Before, x.After = names(before[f]), names(after[f])
		}
		out = append(out, x)
	}
	return out
}

const longestTold = 160 // characters

// inWords is a value of an event for people: somebody's name, a list's entries, plain text.
func inWords(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return cut(v)
	case float64:
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case map[string]any:
		if name, ok := v["name"].(string); ok {
			return cut(name)
		}
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s := inWords(v[k]); s != "" {
				parts = append(parts, strings.ReplaceAll(k, "_", " ")+": "+s)
			}
		}
		return cut(strings.Join(parts, ", "))
	case []any:
		return names(v)
	}
	return cut(fmt.Sprint(v))
}

func names(v any) string {
	list, _ := v.([]any)
	var parts []string
	for _, x := range list {
		parts = append(parts, inWords(x))
	}
	return cut(strings.Join(parts, ", "))
}

func cut(s string) string {
	if r := []rune(s); len(r) > longestTold {
		return string(r[:longestTold-1]) + "…"
	}
	return s
}

// kindWord is a kind in the middle of a sentence.
func kindWord(k registry.Kind) string {
	if k == registry.GenAI {
		return "GenAI model"
	}
	return "Trained model"
}
