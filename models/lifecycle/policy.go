package lifecycle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
	Retention       map[retirement.AssetKind]int                `yaml:"retention_days" json:"retention_days"` // least days that data is kept after the last answer
	RollbackDays    int                                         `yaml:"rollback_days" json:"rollback_days"`
	ReviewDays      int                                         `yaml:"review_days" json:"review_days"`
	WaiverDays      int                                         `yaml:"waiver_days" json:"waiver_days"`
	BreakGlass      []org.Role                                  `yaml:"break_glass" json:"break_glass"`
	BreakGlassHours int                                         `yaml:"break_glass_hours" json:"break_glass_hours"`
}

// MaxWaiverDays is the longest a waiver may last under any policy.
const MaxWaiverDays = 90

// MaxBreakGlassHours is the longest that the review of a broken glass may wait under any policy.
const MaxBreakGlassHours = 72

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
		Off:       map[string][]registry.Tier{},
		FreshDays: year,
		// Logs of high-risk systems are kept for six months at least (EU AI Act, articles 19 and 26).
		Retention:       map[retirement.AssetKind]int{"prediction_logs": 180},
		RollbackDays:    14,
		ReviewDays:      7,
		WaiverDays:      MaxWaiverDays,
		BreakGlass:      []org.Role{org.RiskReviewer, org.Admin},
		BreakGlassHours: MaxBreakGlassHours,
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
	p.Retention = map[retirement.AssetKind]int{}
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

// Version names the policy by what it says: the profile and the first 12 digits of its digest.
// Every decision records it.
func (p Policy) Version() string {
	d, err := audit.Digest(p)
	if err != nil {
		panic("lifecycle: a policy is plain values: " + err.Error())
	}
	return p.Profile + "-" + d[:12]
}

// Words is the quorum as people read it: "2 reviewers, 1 a risk reviewer, 1 from another team".
func (q Quorum) Words() string {
	if q.Count == 0 {
		return "no review"
	}
	parts := []string{count(q.Count, "reviewer")}
	if q.Risk > 0 {
		parts = append(parts, fmt.Sprintf("%d with the risk role", q.Risk))
	}
	if q.OtherTeam > 0 {
		parts = append(parts, fmt.Sprintf("%d from another team", q.OtherTeam))
	}
	return strings.Join(parts, ", ")
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

// FreshFor is how old evidence of a kind may be; 0 means it does not age.
func (p Policy) FreshFor(kind evidence.Kind) time.Duration {
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
