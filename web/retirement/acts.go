package retirement

import (
	"fmt"
	"strconv"
	"strings"

	views "sundial/components/retirement"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
)

// sent is what the forms of all acts send. A form sends what its act asks; the rules refuse what is
// missing, each at its field.
type sent struct {
	Key     string  `form:"key"`
	Phase   string  `form:"phase"`
	Reason  string  `form:"reason" is:"text" max:"2000"`
	To      day.Day `form:"to"`
	Note    string  `form:"note" is:"text" max:"2000"`
	Verdict string  `form:"verdict"`
	Finding string  `form:"finding" is:"text" max:"2000"`

	Statement string `form:"statement" is:"text" max:"2000"`
	Artefact  string `form:"artefact"`

	Answer string  `form:"answer"`
	Until  day.Day `form:"until"`
	By     string  `form:"by"`
	How    string  `form:"how"`

	Contact string `form:"contact"`
	Round   int    `form:"round"`

	HoldAnswer   string  `form:"hold_answer" is:"text" max:"2000"`
	Keeper       string  `form:"keeper"`
	Method       string  `form:"method" is:"text" max:"1000"`
	Tool         string  `form:"tool"`
	Performer    string  `form:"performer"`
	PerformedOn  day.Day `form:"performed_on"`
	Probe        string  `form:"probe" is:"text" max:"1000"`
	Result       string  `form:"result" is:"text" max:"1000"`
	DigestBefore string  `form:"digest_before"`
	Exceptions   string  `form:"exceptions" is:"text" max:"1000"`
	LegalBasis   string  `form:"legal_basis" is:"text" max:"1000"`
}

// deed is what an act does to a workflow.
type deed func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error

// deeds are the acts on a workflow that runs, by the last part of their address. What each is called and
// asks is in components; who may is asked by the rule.
var deeds = map[string]deed{
	"advance": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		if w.Phase == retirement.Announced && w.AnnouncedAt.IsZero() {
			return w.Announce(a, c)
		}
		return w.Advance(a, retirement.Phase(in.Phase), c)
	},
	"walk": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		works, err := yes(in.Verdict, "Say whether it works.")
		if err != nil {
			return err
		}
		return w.Walk(a, retirement.Phase(in.Phase), works, in.Finding, c)
	},
	"step": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.CompleteStep(a, placeOf(in.Key), in.Note, c)
	},
	"undo": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.UndoStep(a, placeOf(in.Key), in.Reason, c)
	},
	"attest": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Attest(a, in.Key, in.Statement, in.Artefact, c)
	},
	"confirm": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.ConfirmAttestation(a, in.Key, c)
	},
	"record": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Record(a, in.Key, retirement.Reply{Answer: retirement.Answer(in.Answer), Until: in.Until, Reason: in.Reason, By: in.By, How: in.How}, c)
	},
	"confirm-answer": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.ConfirmRecord(a, in.Key, c)
	},
	"tell": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.TellAnew(a, in.Key, in.Round, in.Contact, c)
	},
	"overrule": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Overrule(a, in.Key, in.Reason, c)
	},
	"hold": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.ClearHold(a, placeOf(in.Key)-1, in.HoldAnswer, c)
	},
	"keep": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Keep(a, placeOf(in.Key)-1, in.Keeper, c)
	},
	"certify": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Certify(a, placeOf(in.Key)-1, retirement.DeletionCertificate{
			Method: in.Method, Tool: in.Tool, Performer: in.Performer, PerformedOn: in.PerformedOn, Probe: in.Probe, Result: in.Result,
			DigestBefore: in.DigestBefore, Exceptions: in.Exceptions, LegalBasis: in.LegalBasis,
		}, c)
	},
	"verify": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Verify(a, placeOf(in.Key)-1, in.Finding, c)
	},
	"extend": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.AskExtension(a, in.To, in.Reason, c)
	},
	"extension": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		grant, err := yes(in.Verdict, "Choose to grant or to refuse it.")
		if err != nil {
			return err
		}
		return w.DecideExtension(a, grant, in.Note, c)
	},
	"rollback": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.RollBack(a, in.Reason, c)
	},
	"abort": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Abort(a, in.Reason, c)
	},
	"emergency": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		return w.Order(a, in.Reason, c)
	},
	"debt": func(w *retirement.Workflow, a org.Actor, in sent, c *retirement.World) error {
		right, err := yes(in.Verdict, "Say whether the emergency was right.")
		if err != nil {
			return err
		}
		return w.SettleDebt(a, right, in.Finding, c)
	},
}

// Acts names every act, for the route table: those that begin a workflow and those on one that runs.
var Acts = views.ActNames

// beginnings are the acts that begin a workflow.
var beginnings = map[string]retirement.WorkflowKind{"trigger": retirement.Ending, "rehearse": retirement.Rehearsal}

func yes(verdict, sentence string) (bool, error) {
	switch verdict {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, fault.At("verdict", sentence)
}

// placeOf reads the place behind a key's last dot: "step.2" and "2" are 2, nonsense is 0 and names nothing.
func placeOf(key string) int {
	n, err := strconv.Atoi(key[strings.LastIndexByte(key, '.')+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// outcome is what is said after an act.
func outcome(act string, w *retirement.Workflow) string {
	switch act {
	case "trigger":
		return "The retirement is triggered."
	case "rehearse":
		return "The rehearsal has begun. Nothing in it has an effect."
	case "advance", "walk":
		return fmt.Sprintf("On to: %s.", strings.ToLower(w.Phase.Title()))
	case "emergency":
		return "It is switched off. A review of that is owed."
	}
	return views.ActDone(act)
}
