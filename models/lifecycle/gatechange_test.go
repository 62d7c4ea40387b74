package lifecycle

import (
	"testing"

	"sundial/models/evidence"
	"sundial/models/registry"
)

func TestAStricterPolicyHoldsUpWhatGrewTooOld(t *testing.T) {
	f := complete(registry.Trained, 2, registry.Staged)
	lax, strict := policy(t, "standard"), policy(t, "standard")
	strict.FreshDays = map[evidence.Kind]int{evidence.Evaluation: 1}
	at := noon.AddDate(0, 0, 3)
	c := CompareGates(GateTo(&f, registry.Production, lax, at), GateTo(&f, registry.Production, strict, at))
	if len(c.Fails) != 1 || c.Fails[0].Key != "evaluation" || len(c.Passes) != 0 || !c.Was || c.Is {
		t.Errorf("%+v", c)
	}
	back := CompareGates(GateTo(&f, registry.Production, strict, at), GateTo(&f, registry.Production, lax, at))
	if len(back.Passes) != 1 || back.Passes[0].Key != "evaluation" || len(back.Fails) != 0 || back.Was || !back.Is {
		t.Errorf("%+v", back)
	}
}
