package lifecycle

import (
	"slices"

	"sundial/models/registry"
)

// CheckRule is one check as a policy's page tells of it.
type CheckRule struct {
	Key, Title, Why string
	Stage           registry.Stage  // the gate it first stands in; later gates ask it again
	Kind            registry.Kind   // "" for both
	Iron            bool            // no waiver, policy or broken glass lifts it
	Off             []registry.Tier // the tiers this policy does not ask it of
}

// Rules lists every check under this policy, in the order of gates.
func (p Policy) Rules() []CheckRule {
	out := make([]CheckRule, 0, len(order))
	for _, key := range order {
		r := catalogue[key]
		c := CheckRule{Key: key, Title: r.title, Why: r.why, Stage: r.stage, Kind: r.kind, Iron: r.iron}
		for _, tier := range []registry.Tier{1, 2, 3} {
			if !p.asks(key, tier) {
				c.Off = append(c.Off, tier)
			}
		}
		out = append(out, c)
	}
	return out
}

// Asked reports whether the rule is asked of a tier.
func (c CheckRule) Asked(tier registry.Tier) bool { return !slices.Contains(c.Off, tier) }
