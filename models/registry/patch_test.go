package registry

import (
	"strings"
	"testing"

	"sundial/models/fault"
)

func TestAPatchChangesWhatItNames(t *testing.T) {
	name, purpose, tier := "Another name", strings.Repeat("x", MaxPurpose+1), Tier(9)
	consumers := []Consumer{{Name: "Checkout", Contact: "checkout@example.test", Criticality: "high"}}
	tests := map[string]struct {
		patch Patch
		want  string // a part of the refusal, "" for none
		kind  fault.Kind
	}{
		"the name alone":                      {Patch{Name: &name}, "", 0},
		"nothing at all":                      {Patch{}, "at least one field", fault.Invalid},
		"all that is wrong is told at once":   {Patch{Purpose: &purpose, Tier: &tier}, "tier", fault.Invalid},
		"consumers take the reason back":      {Patch{Consumers: &consumers}, "", 0},
		"one wrong part keeps all from being": {Patch{Name: &name, Tier: &tier}, "tier", fault.Invalid},
	}
	for rule, tt := range tests {
		t.Run(rule, func(t *testing.T) {
			m := model()
			m.Consumers, m.NoConsumersReason = nil, "Nobody calls it yet."
			err := m.Edit(as(ada), tt.patch, dir, true, now)
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || !fault.Is(err, tt.kind)) {
				t.Fatalf("%v", err)
			}
			if tt.patch.Consumers != nil && m.NoConsumersReason != "" {
				t.Error("a reason for none stands beside consumers")
			}
		})
	}
	m := model()
	same := m.Name
	if err := m.Edit(as(ada), Patch{Name: &same}, dir, true, now); !Unchanged(err) {
		t.Errorf("the same name again: %v", err)
	}
}
