package lifecycle

import (
	"fmt"
	"testing"

	"sundial/models/fault"
	"sundial/models/registry"
)

// The whole table by hand, so that a change of the code's table is a change of two.
var legal = map[registry.Stage]map[registry.Stage]Move{
	"experiment": {"registered": Forward, "retired": Close},
	"registered": {"validated": Forward, "experiment": Back, "retired": Close},
	"validated":  {"staged": Forward, "registered": Back, "experiment": Back, "retired": Close},
	"staged":     {"production": Forward, "validated": Back, "registered": Back, "experiment": Back, "retired": Close},
	"production": {"staged": Back, "validated": Back, "registered": Back, "experiment": Back},
	"retired":    {},
}

func TestEveryPairOfStages(t *testing.T) {
	for _, from := range registry.Stages {
		for _, to := range append([]registry.Stage{"", "nonsense"}, registry.Stages...) {
			t.Run(fmt.Sprintf("%s to %s", from, to), func(t *testing.T) {
				want, ok := legal[from][to]
				if move, found := Between(from, to); move != want || found != ok {
					t.Fatalf("the table says %q %t, want %q %t", move, found, want, ok)
				}
				d := NewDossier(complete(registry.Trained, 2, from), policy(t, "standard"))
				err := d.Propose(requester, to, "Ready to move.", noon)
				if !ok || want == Close {
					if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
						t.Fatalf("a request for it should be refused, got %v", err)
					}
					if d.State != "" || len(d.Notes()) != 0 || d.Facts.Version.Stage != from {
						t.Errorf("a refused request left something behind: %+v", d.Request)
					}
					return
				}
				if err != nil || d.Move != want {
					t.Errorf("a request for it should open as %s, got %s, %v", want, d.Move, err)
				}
			})
		}
	}
}

func TestWhatIsIllegalIsToldInWordsToActOn(t *testing.T) {
	for _, c := range []struct {
		from, to registry.Stage
		says     string
	}{
		{"staged", "staged", "already staged"},
		{"retired", "staged", "make a new version"},
		{"production", "retired", "by its retirement plan"},
		{"experiment", "production", "the next stage is registered, one stage at a time"},
		{"validated", "retired", "close it instead"},
		{"validated", "nonsense", "not a stage"},
	} {
		f := complete(registry.Trained, 2, c.from)
		refused(t, NewDossier(f, policy(t, "standard")).Propose(requester, c.to, "Ready to move.", noon), faultOf(c.to), c.says)
	}
}

func faultOf(to registry.Stage) fault.Kind {
	if to.Rank() < 0 {
		return fault.Invalid
	}
	return fault.Conflict
}

func TestTheNextStage(t *testing.T) {
	want := map[registry.Stage]registry.Stage{"experiment": "registered", "registered": "validated", "validated": "staged", "staged": "production", "production": "", "retired": ""}
	for from, next := range want {
		if got := NextStage(from); got != next {
			t.Errorf("after %s comes %q, want %q", from, got, next)
		}
	}
}
