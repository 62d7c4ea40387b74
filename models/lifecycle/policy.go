package lifecycle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"sundial/models/audit"
	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// Quorum says whose approvals a transition needs. One person counts once, however many roles they have.
type Quorum struct {
	Count     int `yaml:"count" json:"count"`           // distinct reviewers
	Risk      int `yaml:"risk" json:"risk"`             // of them with the risk reviewer role
	OtherTeam int `yaml:"other_team" json:"other_team"` // of them outside the model's team
}

// Policy is what an organisation asks of its models: a profile, and what a YAML file overrides.
type Policy struct {
	Profile         string                                      `yaml:"profile" json:"profile"`
	Reviewers       map[registry.Stage]map[registry.Tier]Quorum `yaml:"reviewers" json:"reviewers"`
	Off             map[string][]registry.Tier                  `yaml:"off" json:"off"` // check key to the tiers it is not asked of
	FreshDays       map[evidence.Kind]int                       `yaml:"fresh_days" json:"fresh_days"`
	RollbackDays    int                                         `yaml:"rollback_days" json:"rollback_days"`
	ReviewDays      int                                         `yaml:"review_days" json:"review_days"`
	WaiverDays      int                                         `yaml:"waiver_days" json:"waiver_days"`
	BreakGlass      []org.Role                                  `yaml:"break_glass" json:"break_glass"`
	BreakGlassHours int                                         `yaml:"break_glass_hours" json:"break_glass_hours"`
}

// MaxWaiverDays is the longest a waiver may last under any policy.
const MaxWaiverDays = 90

// Profiles an organisation picks from.
var Profiles = []string{"light", "standard", "strict"}

// Profile returns a built-in policy by name.
func Profile(name string) (Policy, bool) {
	p := standard()
	p.Profile = name
	switch name {
	case "light":
		makeLight(&p)
	case "strict":
		makeStrict(&p)
	case "standard":
	default:
		return Policy{}, false
	}
	return p, true
}

func standard() Policy {
	byTier := map[registry.Tier]Quorum{1: {Count: 2, Risk: 1, OtherTeam: 1}, 2: {Count: 1}, 3: {Count: 1}}
	year := map[evidence.Kind]int{
		evidence.Evaluation: 180, evidence.Fairness: 365, evidence.SecurityReview: 365,
		evidence.Shadow: 90, evidence.Canary: 90, evidence.PrivacyReview: 365,
	}
	return Policy{
		Reviewers: map[registry.Stage]map[registry.Tier]Quorum{
			registry.Validated: byTier, registry.Staged: byTier, registry.Production: byTier,
		},
		Off:             map[string][]registry.Tier{},
		FreshDays:       year,
		RollbackDays:    14,
		ReviewDays:      7,
		WaiverDays:      MaxWaiverDays,
		BreakGlass:      []org.Role{org.RiskReviewer, org.Admin},
		BreakGlassHours: 72,
	}
}

// makeLight leaves only production to be reviewed, and asks less of low-risk models: a team with two
// models should be done in an afternoon.
func makeLight(p *Policy) {
	delete(p.Reviewers, registry.Validated)
	delete(p.Reviewers, registry.Staged)
	for _, key := range []string{"deputy", "environment", "fairness", "rollout_plan", "rollout_evidence"} {
		p.Off[key] = []registry.Tier{3}
	}
	p.RollbackDays = 7
	p.FreshDays = map[evidence.Kind]int{evidence.Evaluation: 365}
}

func makeStrict(p *Policy) {
	two := Quorum{Count: 2, Risk: 1, OtherTeam: 1}
	all := map[registry.Tier]Quorum{1: two, 2: two, 3: {Count: 1, OtherTeam: 1}}
	p.Reviewers = map[registry.Stage]map[registry.Tier]Quorum{
		registry.Registered: {1: {Count: 1}, 2: {Count: 1}, 3: {Count: 1}},
		registry.Validated:  all, registry.Staged: all, registry.Production: all,
	}
	p.FreshDays = map[evidence.Kind]int{
		evidence.Evaluation: 90, evidence.Fairness: 180, evidence.SecurityReview: 180,
		evidence.Shadow: 30, evidence.Canary: 30, evidence.PrivacyReview: 180,
	}
	p.RollbackDays = 30
}

// ReadPolicy reads a YAML file: the profile it starts from and what it changes. Unknown keys, unknown
// checks and impossible numbers are refused, all at once.
func ReadPolicy(raw []byte) (Policy, error) {
	if len(raw) > 1<<20 {
		return Policy{}, errors.New("the policy file is larger than 1 MiB")
	}
	var base struct {
		Profile string `yaml:"profile"`
	}
	if err := yaml.Unmarshal(raw, &base); err != nil {
		return Policy{}, fmt.Errorf("the policy file is not readable YAML: %w", err)
	}
	if base.Profile == "" {
		base.Profile = "standard"
	}
	p, ok := Profile(base.Profile)
	if !ok {
		return Policy{}, fmt.Errorf("profile %q is not one of %s", base.Profile, strings.Join(Profiles, ", "))
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return Policy{}, fmt.Errorf("the policy file: %w", err)
	}
	return p, p.validate()
}

func (p Policy) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for key := range p.Off {
		c, known := catalogue[key]
		if !known {
			bad("off: there is no check %q", key)
		} else if c.iron {
			bad("off: %q holds under every policy", key)
		}
	}
	for stage, tiers := range p.Reviewers {
		if stage.Rank() < 1 || stage == registry.Retired {
			bad("reviewers: %q is not a stage that is reviewed", stage)
		}
		for tier, q := range tiers {
			if tier < 1 || tier > 3 || q.Count < 0 || q.Count > 9 || q.Risk < 0 || q.Risk > q.Count || q.OtherTeam < 0 || q.OtherTeam > q.Count {
				bad("reviewers: %s tier %d asks for the impossible", stage, tier)
			}
		}
	}
	for _, tier := range []registry.Tier{1, 2, 3} {
		if p.Reviewers[registry.Production][tier].Count < 1 {
			bad("reviewers: production needs at least one reviewer at tier %d", tier)
		}
	}
	for kind, days := range p.FreshDays {
		if !slices.Contains(evidence.Kinds, kind) || days < 1 || days > 3650 {
			bad("fresh_days: %s: %d is not 1 to 3650 days of a known kind", kind, days)
		}
	}
	if p.RollbackDays < 1 || p.RollbackDays > 365 || p.ReviewDays < 1 || p.ReviewDays > 365 {
		bad("rollback_days and review_days are 1 to 365")
	}
	if p.WaiverDays < 1 || p.WaiverDays > MaxWaiverDays {
		bad("waiver_days is 1 to %d", MaxWaiverDays)
	}
	if p.BreakGlassHours < 1 || p.BreakGlassHours > 72 {
		bad("break_glass_hours is 1 to 72")
	}
	for _, r := range p.BreakGlass {
		if _, ok := org.ParseRole(string(r)); !ok {
			bad("break_glass: %q is not a role", r)
		}
	}
	return errors.Join(errs...)
}

// Version names the policy by what it says: the profile and the first 12 digits of its digest.
// Every decision records it.
func (p Policy) Version() string {
	d, err := audit.Digest(p)
	if err != nil {
		panic("lifecycle: a policy is plain values: " + err.Error())
	}
	return p.Profile + "-" + d[:12]
}

// Quorum is what a move of a version of this tier needs. A model without a tier is held to tier 1.
func (p Policy) Quorum(move Move, from, to registry.Stage, tier registry.Tier) Quorum {
	if tier < 1 || tier > 3 {
		tier = 1
	}
	switch move {
	case Forward:
		return p.Reviewers[to][tier]
	case Rollback:
		return Quorum{Count: 1}
	case Back:
		if from == registry.Production {
			return Quorum{Count: 1}
		}
	}
	return Quorum{}
}

// fresh is how old evidence of a kind may be; 0 means it does not age.
func (p Policy) fresh(kind evidence.Kind) time.Duration {
	return time.Duration(p.FreshDays[kind]) * 24 * time.Hour
}

// asks reports whether a check is asked of a tier under this policy.
func (p Policy) asks(key string, tier registry.Tier) bool {
	return catalogue[key].iron || !slices.Contains(p.Off[key], tier)
}

// Checks lists the keys of all checks, sorted, for the documentation of policy files.
func Checks() []string { return slices.Sorted(maps.Keys(catalogue)) }

// PlanDepth is how much of a retirement plan the profile asks for.
func (p Policy) PlanDepth() retirement.Depth { return retirement.DepthOf(p.Profile) }
