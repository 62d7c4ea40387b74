package retirement

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundial/components/ui"
	"sundial/models/retirement"
)

// actWords are what an act is called, asks and says when it is done.
type actWords struct {
	title  string
	lead   string
	button string
	done   string
	danger bool
	one    bool // a button on the workflow's page, without a form of its own
}

var acts = map[string]actWords{
	"trigger": {title: "Trigger the retirement", button: "Trigger the retirement", danger: true,
		lead: "From here on the model is on its way out: consumers are told next. It can be called off until traffic moves."},
	"rehearse": {title: "Rehearse the retirement", button: "Begin the rehearsal",
		lead: "You walk the plan phase by phase, without effect: nobody is told, nothing moves, nothing is deleted. What you find is kept and counts for the model's maturity."},
	"advance": {title: "Lead it on", button: "Lead it on", one: true},
	"walk":    {title: "Walk this phase", button: "Keep the finding", lead: "Try what the plan says as far as that is possible without effect, and write down what you found."},
	"step":    {title: "Do a step", button: "The step is done", done: "The step is done."},
	"undo":    {title: "Take a step back", button: "Take it back", done: "The step is taken back.", danger: true},
	"attest": {title: "Attest a fact", button: "Give my word", done: "Attested. A second person confirms it now.",
		lead: "No machine reports this, so a person's word counts, and a second person's. It is marked as what it is, also on the certificate."},
	"confirm": {title: "Confirm an attestation", button: "Confirm it", done: "Confirmed.",
		lead: "You are the second person. Look for yourself before you confirm."},
	"record": {title: "Record an answer", button: "Record the answer", done: "Recorded. A second person confirms it now.",
		lead: "For consumers who answered in another way than by their link. It counts when a second person confirms it."},
	"confirm-answer": {title: "Confirm a recorded answer", button: "They answered so", done: "Confirmed.",
		lead: "You are the second person. Look it up before you confirm."},
	"tell": {title: "Tell a consumer anew", button: "Send the letter", done: "Told anew. The older link is void.",
		lead: "They get a fresh letter with a link of their own. The older link opens nothing any more, and their notice begins anew."},
	"overrule": {title: "Overrule a consumer", button: "Overrule", done: "Overruled. Tell them why.", danger: true,
		lead: "The retirement goes on against their answer. Your name and reason stand on the certificate."},
	"hold":    {title: "Clear a hold", button: "No hold forbids it", done: "Cleared."},
	"keep":    {title: "Hand over what is kept", button: "Hand it over", done: "Recorded."},
	"certify": {title: "Certify what became of data", button: "File the certificate", done: "Filed. Somebody else verifies it now."},
	"verify":  {title: "Verify a certificate", button: "I looked, and it is so", done: "Verified.", lead: "You are the second person. Look for what should be gone before you sign."},
	"extend": {title: "Ask for more time", button: "Ask for it", done: "Asked. Somebody above decides.",
		lead: "A reviewer decides; for tier 1 a risk reviewer or leadership. A retirement is extended twice at most, and never past the vendor's end."},
	"extension": {title: "Decide on more time", button: "Decide", done: "Decided."},
	"rollback":  {title: "Roll back", button: "Roll back", done: "Rolled back. The old version stays in production.", danger: true, lead: "The old version stays and this retirement ends. A new one begins from the plan when it is time."},
	"abort":     {title: "Call it off", button: "Call it off", done: "Called off.", danger: true, lead: "The model stays as it is. Consumers who were told should hear of it."},
	"emergency": {title: "Order an emergency", button: "Switch it off now", danger: true,
		lead: "The version stops serving at once, whatever the phase. What consumers, dual run and rollback window were for is skipped, and a review of that is owed. The data's protections stay."},
	"debt": {title: "Review an emergency", button: "Give the review", done: "Reviewed."},
}

// ActNames lists every act, in the order of the way.
var ActNames = []string{"trigger", "rehearse", "advance", "walk", "record", "confirm-answer", "tell", "overrule", "step", "undo", "attest", "confirm",
	"hold", "keep", "certify", "verify", "extend", "extension", "rollback", "abort", "emergency", "debt"}

// ActInputs are the fields that are kept when an act is refused.
var ActInputs = []string{"reason", "to", "note", "verdict", "finding", "statement", "artefact", "answer", "until", "by", "how", "contact", "hold_answer", "keeper",
	"method", "tool", "performer", "performed_on", "probe", "result", "digest_before", "exceptions", "legal_basis"}

// ActTitle is what an act is called.
func ActTitle(act string) string { return acts[act].title }

// ActDone is what is said when it is done.
func ActDone(act string) string { return acts[act].done }

// OneButton reports whether the act has no form of its own.
func OneButton(act string) bool { return acts[act].one }

// ActView is an act's form.
type ActView struct {
	WorkflowView
	Act      string
	Key      string
	Typed    map[string]string
	Problems ui.Problems
}

func (v ActView) at(field string) string { return v.Problems.At(field) }

// Refusal is why this person cannot do the act now, "" when they may try.
func (v ActView) Refusal() string {
	if v.Act == "trigger" || v.Act == "rehearse" {
		d := v.MayTrigger
		if v.Act == "rehearse" {
			d = v.MayRehearse
		}
		return d.Reason
	}
	if v.Workflow == nil {
		return "No retirement of this model has begun."
	}
	switch v.Act {
	case "overrule":
		return v.MayOverrule.Reason
	case "extension":
		return v.MayExtend.Reason
	case "emergency":
		return v.MayOrder.Reason
	case "debt":
		return v.MaySettle.Reason
	case "confirm", "confirm-answer", "verify":
		return v.MayVouch.Reason
	case "extend", "rollback", "abort":
		return v.MayLead.Reason
	}
	return v.MayWork.Reason
}

// Nowhere reports whether the act is done to a consumer, and there is none of this key.
func (v ActView) Nowhere() bool {
	switch v.Act {
	case "record", "confirm-answer", "tell", "overrule":
		_, known := v.Workflow.Consumer(v.Key)
		return !known
	}
	return false
}

func (v ActView) place() int {
	n, _ := strconv.Atoi(v.Key[strings.LastIndexByte(v.Key, '.')+1:])
	return n
}

func (v ActView) condition() retirement.Condition {
	for _, x := range v.Conditions {
		if x.Key == v.Key {
			return x
		}
	}
	return retirement.Condition{}
}

func (v ActView) consumer() retirement.ConsumerAnswer {
	x, _ := v.Workflow.Consumer(v.Key)
	return x
}

// contact is where the consumer can be reached: as typed, else as it is on record.
func (v ActView) contact() string {
	if typed, is := v.Typed["contact"]; is {
		return typed
	}
	return v.consumer().Contact
}

func (v ActView) step() retirement.Step {
	for _, s := range v.Workflow.Plan.Steps {
		if s.Order == v.place() {
			return s
		}
	}
	return retirement.Step{}
}

func (v ActView) asset() (retirement.DataAsset, retirement.Disposal) {
	i := v.place() - 1
	if v.Workflow == nil || i < 0 || i >= len(v.Workflow.Plan.Assets) {
		return retirement.DataAsset{}, retirement.Disposal{}
	}
	d, _ := v.Workflow.Disposal(i)
	return v.Workflow.Plan.Assets[i], d
}

// about is what the act is done to, for its heading.
func (v ActView) about() string {
	switch v.Act {
	case "trigger", "rehearse":
		return v.Model.Name
	case "walk":
		return v.Workflow.Phase.Title()
	case "step", "undo":
		return v.step().Title
	case "attest", "confirm":
		return v.condition().Title
	case "record", "confirm-answer", "tell", "overrule":
		return v.consumer().Name
	case "hold", "keep", "certify", "verify":
		a, _ := v.asset()
		return a.Name
	}
	return v.Model.Name
}

func (v ActView) hidden() []ui.HiddenValue {
	out := []ui.HiddenValue{{Name: "key", Value: v.Key}}
	if v.Workflow != nil {
		out = append(out, ui.HiddenValue{Name: "phase", Value: string(v.Workflow.Phase)})
	}
	if v.Act == "tell" {
		out = append(out, ui.HiddenValue{Name: "round", Value: strconv.Itoa(v.consumer().Round)})
	}
	return out
}

// Told is an event of a workflow for its history.
func Told(verb, who, sentence string, after json.RawMessage, at time.Time) ui.TimelineEvent {
	var said map[string]any
	_ = json.Unmarshal(after, &said) // our own words; what cannot be read is told without details
	text := func(key string) string {
		s, _ := said[key].(string)
		return s
	}
	out := ui.TimelineEvent{Who: who, What: sentence, At: at}
	tone := map[string]ui.Tone{"retirement.rolled_back": ui.Warn, "retirement.aborted": ui.Warn, "retirement.emergency": ui.Bad, "retirement.reopened": ui.Bad,
		"retirement.sealed": ui.Good, "retirement.retired": ui.Good, "retirement.escalated": ui.Warn, "retirement.triggered": ui.Info, "retirement.announced": ui.Info}
	out.Tone = tone[verb]
	switch verb {
	case "retirement.advanced", "retirement.rehearsed":
		out.What = "led it into the phase “" + strings.ToLower(retirement.Phase(text("phase")).Title()) + "”"
	case "retirement.announced":
		out.What = "told the consumers"
	case "retirement.answered":
		out.What = "answered: " + strings.ToLower(retirement.Answer(text("answer")).Title())
		if by := text("recorded_by"); by != "" {
			out.What = fmt.Sprintf("recorded that %s answered: %s", text("consumer"), strings.ToLower(retirement.Answer(text("answer")).Title()))
		}
	case "retirement.step_done", "retirement.step_undone":
		out.What = "did “" + text("step") + "”"
		if verb == "retirement.step_undone" {
			out.What = "took a step back"
		}
	case "retirement.attested":
		out.What = "attested “" + text("condition") + "”"
	case "retirement.attestation_confirmed":
		out.What = "confirmed “" + text("condition") + text("consumer") + "”"
	case "retirement.certified":
		out.What = "certified what became of " + text("asset")
	case "retirement.certificate_verified":
		out.What = "verified what became of " + text("asset")
	case "retirement.told_anew":
		out.What = "told " + text("consumer") + " anew"
	case "retirement.reminded", "retirement.escalated":
		out.What = "reminded " + text("consumer")
	case "retirement.triggered":
		out.What = "triggered the retirement"
	}
	for _, key := range []string{"reason", "statement", "finding", "note", "cause", "evidence"} {
		if s := text(key); s != "" {
			out.Body = ui.Prose(s)
			break
		}
	}
	return out
}
