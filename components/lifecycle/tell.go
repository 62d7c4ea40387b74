package lifecycle

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/lifecycle"
)

// told is how a kind of event reads after the name of who did it.
type told struct {
	words string
	icon  string
	tone  ui.Tone
}

var tellings = map[string]told{
	"version.added":          {"made this version", "plus", ui.Info},
	"version.edited":         {"changed facts of the version", "edit", ui.Neutral},
	"version.promoted":       {"moved it to %t", "up", ui.Good},
	"version.moved_back":     {"moved it back to %t", "down", ui.Warn},
	"version.rolled_back_to": {"brought it back to production", "changed", ui.Warn},
	"version.break_glass":    {"broke glass: moved it to %t", "bolt", ui.Bad},
	"version.superseded":     {"took it out of production for its successor", "changed", ui.Neutral},
	"version.lapsed":         {"retired it: its rollback window is over", "stage-retired", ui.Neutral},
	"version.closed":         {"closed it", "stage-retired", ui.Neutral},
	"evidence.recorded":      {"recorded evidence", "file", ui.Neutral},
	"evidence.withdrawn":     {"withdrew evidence", "cross", ui.Warn},
	"request.opened":         {"asked for this", "comment", ui.Info},
	"request.edited":         {"reworded why", "edit", ui.Neutral},
	"request.withdrawn":      {"withdrew the request", "minus", ui.Neutral},
	"request.superseded":     {"ended the request: the stage changed by another door", "minus", ui.Neutral},
	"request.break_glass":    {"broke glass", "bolt", ui.Bad},
	"waiver.asked":           {"asked for a waiver", "waived", ui.Info},
	"waiver.granted":         {"granted a waiver", "waived", ui.Warn},
	"waiver.refused":         {"refused a waiver", "cross", ui.Neutral},
	"plan.filed":             {"began a retirement plan", "calendar", ui.Info},
	"plan.edited":            {"worked on the retirement plan", "edit", ui.Neutral},
	"plan.submitted":         {"submitted the retirement plan", "upload", ui.Info},
	"plan.approved":          {"approved the retirement plan", "check", ui.Good},
	"plan.confirmed":         {"confirmed the retirement plan", "check", ui.Good},
	"plan.superseded":        {"replaced the retirement plan by a newer one", "changed", ui.Neutral},
	"model.edited":           {"changed the model", "edit", ui.Neutral},
	"model.assigned":         {"changed who answers for the model", "person", ui.Neutral},
	"model.promised":         {"changed what the model promises", "edit", ui.Neutral},
	"model.consumers_changed": {
		"changed the consumers", "team", ui.Neutral},
}

// Tell says an event around a version in words, with what it changed.
func Tell(e audit.Event, slug string) ui.TimelineEvent {
	how, known := tellings[e.Verb]
	if !known {
		what, verb, _ := strings.Cut(e.Verb, ".")
		how = told{words: strings.ReplaceAll(verb, "_", " ") + " the " + what}
	}
	before, after := object(e.Before), object(e.After)
	stage, _ := after["stage"].(string)
	out := ui.TimelineEvent{Who: e.Actor, What: strings.ReplaceAll(how.words, "%t", stage), At: e.At, Icon: how.icon, Tone: how.tone}
	if request, ok := after["request"].(float64); ok && strings.HasPrefix(e.Verb, "version.") && request > 0 {
		out.Href = link.Request(int64(request))
	}
	if e.Subject.Kind == "plan" {
		out.Href = link.Retirement(slug)
	}
	if e.Subject.Kind == "waiver" {
		out.Href = link.Waiver(e.Subject.ID)
	}
	if rows := changed(e.Verb, before, after); len(rows) > 0 {
		out.Body = changeList(rows)
	}
	return out
}

func object(raw json.RawMessage) map[string]any {
	var out map[string]any
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &out) // an event whose facts are no object has none to tell
	}
	return out
}

// ChangeRow is one field that an event changed, or one that it told.
type ChangeRow struct {
	Field, Before, After string
}

// shownOf are the facts worth telling of events that are no edits.
var shownOf = map[string][]string{
	"evidence.recorded":  {"kind", "outcome"},
	"evidence.withdrawn": {"reason"},
	"version.closed":     {"reason"},
	"request.withdrawn":  {"reason"},
	"waiver.asked":       {"check", "until"},
	"waiver.granted":     {"check", "until"},
	"waiver.refused":     {"check", "note"},
}

var edits = []string{"version.edited", "model.edited", "model.assigned", "model.promised", "model.consumers_changed", "request.edited"}

// changed lists both values of what an edit changed, or the facts worth telling of another event.
func changed(verb string, before, after map[string]any) []ChangeRow {
	var rows []ChangeRow
	if slices.Contains(edits, verb) {
		keys := append(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))...)
		slices.Sort(keys)
		for _, k := range slices.Compact(keys) {
			if k == "digest" {
				continue
			}
			if a, b := value(before[k]), value(after[k]); a != b {
				rows = append(rows, ChangeRow{strings.ReplaceAll(k, "_", " "), a, b})
			}
		}
		return rows
	}
	for _, k := range shownOf[verb] {
		if s := value(after[k]); s != "" {
			if k == "check" {
				s = lifecycle.CheckTitle(s)
			}
			rows = append(rows, ChangeRow{Field: k, After: strings.ReplaceAll(s, "_", " ")})
		}
	}
	return rows
}

// longestValue bounds a value in a line of history, in characters.
const longestValue = 160

func value(x any) string {
	s := ""
	switch x := x.(type) {
	case nil:
		return ""
	case string:
		s = x
	case float64, bool:
		s = fmt.Sprint(x)
	default:
		b, _ := json.Marshal(x)
		s = string(b)
	}
	if r := []rune(s); len(r) > longestValue {
		s = string(r[:longestValue]) + "…"
	}
	return s
}

// TellReview says a review with its words. owed tells that it was given after glass was broken.
func TellReview(r lifecycle.Review, owed bool) ui.TimelineEvent {
	e := ui.TimelineEvent{Who: r.Reviewer, At: r.At}
	switch {
	case owed && r.Verdict == lifecycle.Approve:
		e.What, e.Icon, e.Tone = "reviewed the broken glass: it was right", "check", ui.Good
	case owed && r.Verdict == lifecycle.Reject:
		e.What, e.Icon, e.Tone = "reviewed the broken glass: it was wrong", "cross", ui.Bad
	case r.Verdict == lifecycle.Approve:
		e.What, e.Icon, e.Tone = "approved", "check", ui.Good
	case r.Verdict == lifecycle.RequestChanges:
		e.What, e.Icon, e.Tone = "asked for changes", "edit", ui.Warn
	default:
		e.What, e.Icon, e.Tone = "rejected it", "cross", ui.Bad
	}
	if r.Comment != "" {
		e.Body = ui.Prose(r.Comment)
	}
	return e
}

// TellComment says a contribution to the conversation.
func TellComment(c lifecycle.Comment) ui.TimelineEvent {
	return ui.TimelineEvent{Who: c.Person, What: "said", At: c.At, Icon: "comment", Tone: ui.Neutral, Body: ui.Prose(c.Text)}
}
