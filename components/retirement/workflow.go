package retirement

import (
	"fmt"
	"strings"
	"time"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// WorkflowView is a model's retirement as it goes, or none yet.
type WorkflowView struct {
	Model      registry.Model
	Workflow   *retirement.Workflow // nil when none has begun
	World      *retirement.World
	Conditions []retirement.Condition // of the present phase
	HasPlan    bool                   // an approved plan is on file
	Me         int64
	Now        time.Time
	Today      day.Day
	Fault      *fault.Fault // why an act on this page was refused
	History    []ui.TimelineEvent

	MayTrigger, MayRehearse, MayAdvance, MayLead, MayWork, MayVouch org.Decision
	MayOverrule, MayOrder, MayExtend, MaySettle                     org.Decision
}

// way is the workflow as stations.
func (v WorkflowView) way() []ui.Step {
	w := v.Workflow
	since := map[retirement.Phase]string{}
	for _, h := range w.History {
		since[h.To] = ui.FormatDate(h.At)
	}
	phases := w.Way()
	if w.Phase == retirement.RolledBack || w.Phase == retirement.Aborted {
		var been []retirement.Phase
		for _, p := range phases {
			if since[p] != "" {
				been = append(been, p)
			}
		}
		phases = append(been, w.Phase)
	}
	state := ui.StepDone
	out := make([]ui.Step, 0, len(phases))
	for _, p := range phases {
		s := ui.Step{Label: p.Title(), State: state, Since: since[p]}
		switch {
		case p == w.Phase && w.Phase.Over():
			s.State = ui.StepDone
		case p == w.Phase:
			s.State, state = ui.StepCurrent, ui.StepAhead
		case state == ui.StepDone && since[p] == "":
			s.State = ui.StepSkipped
		case state == ui.StepAhead:
			s.Since = ""
		}
		out = append(out, s)
	}
	return out
}

// action is one thing that can be done about a condition.
type action struct{ label, href string }

// actions are what this person can do about a condition now.
func (v WorkflowView) actions(c retirement.Condition) []action {
	if v.Workflow.Kind == retirement.Rehearsal || c.State == retirement.Skipped {
		return nil
	}
	to := func(act, label string) []action { return []action{{label, link.WorkflowAct(v.Model.Slug, act, c.Key)}} }
	kind, _, _ := strings.Cut(c.Key, ".")
	switch {
	case kind == "answer":
		return v.answerActions(c)
	case kind == "step" && c.State != retirement.Met && v.MayWork.Allowed:
		return to("step", "Do it")
	case kind == "step" && c.State == retirement.Met && v.MayWork.Allowed && v.reversible(c.Key):
		return to("undo", "Take it back")
	case kind == "asset" && c.State != retirement.Met:
		return v.assetActions(c)
	case kind == "debt" && c.State != retirement.Met && v.MaySettle.Allowed:
		return to("debt", "Give the review")
	case kind == "extension" && v.MayExtend.Allowed:
		return to("extension", "Decide")
	case c.Attestable && c.State != retirement.Met:
		return v.attestActions(c)
	}
	return nil
}

func (v WorkflowView) answerActions(c retirement.Condition) (out []action) {
	key := strings.TrimPrefix(c.Key, "answer.")
	x, _ := v.Workflow.Consumer(key)
	add := func(may bool, act, label string) {
		if may {
			out = append(out, action{label, link.WorkflowAct(v.Model.Slug, act, key)})
		}
	}
	add(x.Pending() && v.MayVouch.Allowed && x.RecordedBy != v.Me, "confirm-answer", "Confirm")
	add(v.MayWork.Allowed && x.Answer != retirement.Accept, "record", "Record an answer")
	add(v.MayWork.Allowed && (x.Answer != retirement.Accept || x.Pending()), "tell", "Tell them anew")
	add(v.MayOverrule.Allowed && c.State != retirement.Met && x.Answer != retirement.Accept, "overrule", "Overrule")
	return out
}

func (v WorkflowView) attestActions(c retirement.Condition) (out []action) {
	given, is := v.Workflow.Attestation(c.Key)
	if is && v.MayVouch.Allowed && given.ByID != v.Me {
		out = append(out, action{"Confirm", link.WorkflowAct(v.Model.Slug, "confirm", c.Key)})
	}
	if !is && v.MayWork.Allowed {
		out = append(out, action{"Attest", link.WorkflowAct(v.Model.Slug, "attest", c.Key)})
	}
	return out
}

func (v WorkflowView) assetActions(c retirement.Condition) (out []action) {
	i := ActView{Key: c.Key}.place() - 1
	a := v.Workflow.Plan.Assets[i]
	d, _ := v.Workflow.Disposal(i)
	add := func(may bool, act, label string) {
		if may {
			out = append(out, action{label, link.WorkflowAct(v.Model.Slug, act, c.Key)})
		}
	}
	held := a.Decision != retirement.KeepUntil && a.Decision != retirement.Transfer && a.Hold != retirement.HoldNone && d.HoldAnswer == ""
	add(v.MayWork.Allowed && held, "hold", "Clear the hold")
	add(v.MayWork.Allowed && a.Decision == retirement.KeepUntil, "keep", "Hand it over")
	add(v.MayWork.Allowed && !held && a.Decision != retirement.KeepUntil && d.Certificate == nil, "certify", "Certify")
	add(v.MayVouch.Allowed && d.Certificate != nil && d.Certificate.FiledByID != v.Me, "verify", "Verify")
	return out
}

func (v WorkflowView) reversible(key string) bool {
	n := ActView{Key: key}.place()
	for _, s := range v.Workflow.Steps {
		if s.Order > n {
			return false
		}
	}
	for _, s := range v.Workflow.Plan.Steps {
		if s.Order == n {
			return s.Reversible
		}
	}
	return false
}

func phaseTone(w *retirement.Workflow) (ui.Tone, string) {
	switch {
	case w.Phase == retirement.Retired, w.Phase == retirement.Sealed, w.Phase == retirement.Rehearsed:
		return ui.Good, "check"
	case w.Phase == retirement.RolledBack, w.Phase == retirement.Aborted:
		return ui.Neutral, "dash"
	case w.Emergency != nil:
		return ui.Bad, "warning"
	}
	return ui.Info, "clock"
}

func conditionWord(s retirement.ConditionState) string {
	switch s {
	case retirement.Met:
		return "Done"
	case retirement.Waiting:
		return "Waiting"
	case retirement.Skipped:
		return "Does not apply"
	}
	return "Open"
}

func conditionOutcome(s retirement.ConditionState) string {
	switch s {
	case retirement.Met:
		return "pass"
	case retirement.Waiting:
		return "unknown"
	case retirement.Skipped:
		return "not_applicable"
	}
	return "fail"
}

func conditionIcon(s retirement.ConditionState) string {
	switch s {
	case retirement.Met:
		return "check"
	case retirement.Waiting:
		return "clock"
	case retirement.Skipped:
		return "dash"
	}
	return "cross"
}

// conditionsSummary is how far the phase is, in words.
func conditionsSummary(list []retirement.Condition) string {
	met, all := 0, 0
	for _, c := range list {
		if c.State == retirement.Skipped {
			continue
		}
		all++
		if c.State == retirement.Met {
			met++
		}
	}
	switch {
	case all == 0:
		return "Nothing holds this phase."
	case met == all:
		return "Everything this phase waits for is done."
	}
	return fmt.Sprintf("%d of %d done.", met, all)
}

func advanceLabel(w *retirement.Workflow) string {
	if w.AnnouncedAt.IsZero() && (w.Phase == retirement.Triggered || w.Phase == retirement.Announced) && w.Kind == retirement.Ending {
		return "Tell the consumers"
	}
	way := w.Way()
	for i, p := range way {
		if p == w.Phase && i+1 < len(way) {
			return "On to: " + strings.ToLower(way[i+1].Title())
		}
	}
	return "On"
}

func workflowTitle(v WorkflowView) string {
	switch {
	case v.Workflow == nil:
		return "Retirement"
	case v.Workflow.Kind == retirement.Rehearsal:
		return "Rehearsal of the retirement"
	case v.Workflow.Kind == retirement.Superseding:
		return v.Workflow.VersionLabel + " gives way to " + v.Workflow.Plan.Candidate.Version
	}
	return "Retirement"
}

// other is a way out of the straight one.
type other struct {
	label, href, reason string
	kind                ui.ButtonKind
}

func (v WorkflowView) others() []other {
	w := v.Workflow
	in := func(phases ...retirement.Phase) bool {
		for _, p := range phases {
			if w.Phase == p {
				return true
			}
		}
		return false
	}
	var out []other
	add := func(shown bool, act, label string, kind ui.ButtonKind, may org.Decision) {
		if shown {
			out = append(out, other{label, link.WorkflowAct(v.Model.Slug, act, ""), may.Reason, kind})
		}
	}
	ending := w.Kind == retirement.Ending
	_, waits := w.PendingExtension()
	add(ending && in(retirement.Triggered, retirement.Announced, retirement.DualRun, retirement.Cutover, retirement.Drain) && !waits && w.Extended() < retirement.MostExtensions,
		"extend", "Ask for more time", ui.Secondary, v.MayLead)
	add(ending && in(retirement.DualRun, retirement.Cutover, retirement.Drain, retirement.RollbackWindow), "rollback", "Roll back", ui.Danger, v.MayLead)
	add(in(retirement.Triggered, retirement.Announced, retirement.DualRun) || w.Kind == retirement.Rehearsal, "abort", "Call it off", ui.Danger, v.MayLead)
	add(ending && !w.Phase.Past(retirement.RollbackWindow), "emergency", "Order an emergency", ui.Danger, v.MayOrder)
	return out
}

// advanceReason is why it does not go on; announcing has a button of its own, which is off only for want of rights.
func advanceReason(v WorkflowView) string {
	if v.Workflow.Phase == retirement.Announced && v.Workflow.AnnouncedAt.IsZero() {
		return v.MayLead.Reason
	}
	return v.MayAdvance.Reason
}

func answeredBy(x retirement.ConsumerAnswer) string {
	switch {
	case x.Pending():
		return x.By + ", recorded; to be confirmed"
	case x.RecordedBy != 0:
		return x.By + ", recorded, confirmed by " + x.Confirmer
	}
	return x.By
}

func reversibleWord(s retirement.Step) string {
	if s.Reversible {
		return "Can be taken back"
	}
	return "Cannot be taken back"
}

// retirementTabs are the pages of how one model ends.
func retirementTabs(slug, current string, certificate bool) []ui.Tab {
	tabs := []ui.Tab{
		{Label: "Plan", Href: link.Retirement(slug), Current: current == "plan"},
		{Label: "Retirement", Href: link.Workflow(slug), Current: current == "workflow"},
	}
	if certificate {
		tabs = append(tabs, ui.Tab{Label: "Certificate", Href: link.RetirementCertificate(slug), Current: current == "certificate"})
	}
	return tabs
}
