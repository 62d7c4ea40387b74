package web_test

import (
	"strconv"
	"strings"
	"testing"

	"sundial/components/link"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/web/webtest"
)

// deeds are samples of what is done to a retirement, each in a phase where it succeeds.
var deeds = map[string]func(t *testing.T, s *webtest.Site, do press){
	deedPath("trigger"):        deed("", nobody, "trigger", "", "reason", words),
	deedPath("rehearse"):       deed("", nobody, "rehearse", "", "reason", words),
	deedPath("advance"):        deed(retirement.Triggered, nobody, "advance", "", "phase", "triggered"),
	deedPath("record"):         deed(retirement.Announced, nobody, "record", "c1", "answer", "accept", "by", "Pia Payer", "how", "Ticket 12"),
	deedPath("confirm-answer"): deed(retirement.Announced, reviewer, "confirm-answer", "c1", "before", "record"),
	deedPath("tell"):           deed(retirement.Announced, nobody, "tell", "c1", "round", "1", "contact", "somebody.else@example.test"),
	deedPath("overrule"):       deed(retirement.Announced, risk, "overrule", "c1", "before", "object", "reason", words),
	deedPath("step"):           deed(retirement.Cutover, nobody, "step", "step.1"),
	deedPath("undo"):           deed(retirement.Cutover, nobody, "undo", "step.1", "before", "step", "reason", words),
	deedPath("attest"):         deed(retirement.Disabled, nobody, "attest", "access.1", "statement", words),
	deedPath("confirm"):        deed(retirement.Disabled, reviewer, "confirm", "access.1", "before", "attest"),
	deedPath("keep"):           deed(retirement.Disposition, nobody, "keep", "kept", "keeper", "Records archive"),
	deedPath("certify"):        deed(retirement.Disposition, nobody, "certify", "deleted"),
	deedPath("verify"):         deed(retirement.Disposition, reviewer, "verify", "deleted", "before", "certify", "finding", words),
	deedPath("extend"):         deed(retirement.Triggered, nobody, "extend", "", "to", "later", "reason", words),
	deedPath("extension"):      deed(retirement.Triggered, risk, "extension", "", "before", "extend", "verdict", "yes"),
	deedPath("rollback"):       deed(retirement.Drain, nobody, "rollback", "", "reason", words),
	deedPath("abort"):          deed(retirement.Announced, nobody, "abort", "", "reason", words),
	deedPath("emergency"):      deed(retirement.Announced, risk, "emergency", "", "reason", words),
	deedPath("debt"):           deed(retirement.Announced, reviewer, "debt", "", "before", "emergency", "verdict", "yes", "finding", words),
	deedPath("walk"):           deed("", nobody, "walk", "", "before", "rehearse", "verdict", "yes", "finding", words, "phase", "announced"),
	deedPath("hold"):           deed(retirement.Disposition, nobody, "hold", "held", "hold_answer", words),
}

func deedPath(act string) string { return "POST /models/:model/retirement/do/" + act }

func nobody(s *webtest.Site) org.Person   { return s.Owner }
func reviewer(s *webtest.Site) org.Person { return s.OtherReviewer }
func risk(s *webtest.Site) org.Person     { return s.Risk }

// deed leads a retirement to a phase, does what has to be there before, and presses the button.
func deed(phase retirement.Phase, who func(*webtest.Site) org.Person, act, key string, pairs ...string) func(*testing.T, *webtest.Site, press) {
	return func(t *testing.T, s *webtest.Site, do press) {
		s.Serve(t, "tested", "v1", 1)
		if phase != "" {
			s.Trigger(t, "tested")
			s.RetireTo(t, "tested", phase, s.Clock)
		}
		at := key
		w, err := s.Store.Retirement(t.Context(), "tested", 0, s.Policy)
		if err != nil {
			t.Fatal(err)
		}
		if phase == retirement.Disposition {
			s.Clock.Days(200)
			at = assetKey(t, s, key, w.Workflow.Plan)
		}
		sent := []string{"key", at}
		for i := 0; i+1 < len(pairs); i += 2 {
			name, value := pairs[i], pairs[i+1]
			if name == "before" {
				beforehand(t, s, value, at)
				continue
			}
			if value == "later" {
				value = string(w.Workflow.EndsOn.Add(20))
			}
			sent = append(sent, name, value)
		}
		if act == "certify" {
			sent = append(sent, certificateOf(s)...)
		}
		do(s.As(who(s)), link.WorkflowAct("tested", act, ""), sent...)
	}
}

// beforehand does what the deed rests on, as somebody else than who does the deed.
func beforehand(t *testing.T, s *webtest.Site, what, key string) {
	t.Helper()
	b, pairs := s.As(s.Owner), []string{"key", key}
	switch what {
	case "record", "object":
		pairs = append(pairs, "answer", map[string]string{"record": "accept", "object": "object"}[what], "reason", words, "by", "Pia Payer", "how", "Ticket 12")
		what = "record"
	case "attest":
		pairs = append(pairs, "statement", words)
	case "certify":
		pairs = append(pairs, certificateOf(s)...)
	case "extend":
		w, err := s.Store.Retirement(t.Context(), "tested", 0, s.Policy)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, "to", string(w.Workflow.EndsOn.Add(20)), "reason", words)
	case "emergency":
		b = s.As(s.Risk)
		pairs = append(pairs, "reason", words)
	case "rehearse":
		pairs = append(pairs, "reason", words)
	}
	b.Send(link.WorkflowAct("tested", what, ""), pairs...).Is(200)
}

func certificateOf(s *webtest.Site) []string {
	return []string{"method", "Removed with every version", "tool", "job 114", "performer", "Owner", "performed_on", s.Clock.Now().Format("2006-01-02"),
		"probe", "Listing", "result", "Empty", "digest_before", "sha256:" + strings.Repeat("ab", 32), "legal_basis", "Art. 17 GDPR"}
}

// assetKey finds an asset of the plan that is kept or deleted; the sample plan holds none that is held, so
// for that one its hold is made unknown.
func assetKey(t *testing.T, s *webtest.Site, want string, plan retirement.Body) string {
	t.Helper()
	for i, a := range plan.Assets {
		if want == "kept" && a.Decision == retirement.KeepUntil || want != "kept" && a.Decision == retirement.Delete {
			if want == "held" {
				s.Hold(t, "tested", i)
			}
			return "asset." + strconv.Itoa(i+1)
		}
	}
	t.Fatalf("the sample plan has no asset that is %s", want)
	return ""
}
