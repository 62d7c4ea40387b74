package registry

import (
	"testing"

	"sundial/components/ui"
	"sundial/models/registry"
)

func TestARetiredModelWantsNoAttention(t *testing.T) {
	r := registry.Row{Stage: registry.Production, Serving: "v1", Plan: "stale", Owner: "Owner", OwnerDisabled: true}
	if got := Flags(r); len(got) != 2 || got[0] != (Flag{ui.Warn, "Plan is stale"}) || got[1] != (Flag{ui.Warn, "Owner inactive"}) {
		t.Errorf("in production: %v", got)
	}
	r.Stage, r.Serving = registry.Retired, ""
	if got := Flags(r); len(got) != 0 {
		t.Errorf("retired: %v", got)
	}
}
