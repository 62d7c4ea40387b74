package retirement

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"sundial/components/ui"
	"sundial/models/audit"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
)

// history tells what happened to a model's plans, newest first. What one person wrote in one go is told
// as one event.
func (h Handlers) history(ctx context.Context, m registry.Model) ([]ui.TimelineEvent, error) {
	events, err := h.Store.Events(ctx, store.EventFilter{Model: m.ID, Kind: "plan"}, mostEvents)
	if err != nil {
		return nil, err
	}
	var out []ui.TimelineEvent
	var written []string // titles of the sections in the newest of the events that are joined
	for i, e := range events {
		if e.Verb == "plan.edited" {
			written = append(written, sections(e)...)
			if i+1 < len(events) && sameSitting(e, events[i+1]) {
				continue
			}
			out = append(out, ui.TimelineEvent{Who: e.Actor, What: "wrote " + inOrder(written), At: e.At, Icon: "edit"})
			written = nil
			continue
		}
		out = append(out, told(e))
	}
	return out, nil
}

// inOrder names sections once each, in the order of the plan.
func inOrder(titles []string) string {
	var out []string
	for _, s := range retirement.Sections {
		if slices.Contains(titles, s.Title) {
			out = append(out, s.Title)
		}
	}
	return strings.Join(out, ", ")
}

func sameSitting(e, older audit.Event) bool {
	return older.Verb == e.Verb && older.ActorID == e.ActorID && older.Subject.ID == e.Subject.ID && e.At.Sub(older.At) < time.Hour
}

// sections are the titles of what an edit wrote.
func sections(e audit.Event) []string {
	var after map[string]json.RawMessage
	_ = json.Unmarshal(e.After, &after) // our own words; what cannot be read is told without details
	var out []string
	for _, s := range retirement.Sections {
		if _, wrote := after[s.Key]; wrote {
			out = append(out, s.Title)
		}
	}
	return out
}

// told is an event as a sentence.
func told(e audit.Event) ui.TimelineEvent {
	var after struct {
		Note     string `json:"note"`
		Version  string `json:"version"`
		Template string `json:"template"`
		By       int    `json:"by"`
	}
	_ = json.Unmarshal(e.After, &after)
	plan := "plan " + e.Subject.Label[strings.LastIndexByte(e.Subject.Label, ' ')+1:]
	out := ui.TimelineEvent{Who: e.Actor, At: e.At}
	switch e.Verb {
	case "plan.filed":
		out.What, out.Icon = "filed "+plan, "file"
	case "plan.filled":
		out.What, out.Icon = "filled "+plan+" from the template "+after.Template, "file"
	case "plan.submitted":
		out.What, out.Icon, out.Tone = "submitted "+plan+" for review", "up", ui.Info
	case "plan.approved":
		out.What, out.Icon, out.Tone = "approved "+plan, "check", ui.Good
	case "plan.changes_requested":
		out.What, out.Icon, out.Tone = "asked for changes to "+plan, "edit", ui.Warn
	case "plan.rejected":
		out.What, out.Icon, out.Tone = "rejected "+plan, "cross", ui.Bad
	case "plan.superseded":
		out.Who, out.What = "", "Plan "+plan[len("plan "):]+" was superseded by plan "+strconv.Itoa(after.By)
	case "plan.stale":
		out.What, out.Icon, out.Tone = "found "+plan+" no longer true", "warning", ui.Bad
	case "plan.living":
		out.What, out.Icon, out.Tone = "found "+plan+" true again", "check", ui.Good
	case "plan.confirmed":
		out.What, out.Icon, out.Tone = "confirmed that "+plan+" still holds for "+after.Version, "check-circle", ui.Good
	case "criterion.met":
		out.What, out.Icon, out.Tone = "saw the replacement criterion of "+plan+" hold", "warning", ui.Warn
	case "criterion.cleared":
		out.What, out.Icon = "saw the replacement criterion of "+plan+" hold no longer", "check"
	default:
		out.What = strings.ReplaceAll(strings.TrimPrefix(e.Verb, "plan."), "_", " ") + " " + plan
	}
	if after.Note != "" {
		out.Body = ui.Prose(after.Note)
	}
	return out
}
