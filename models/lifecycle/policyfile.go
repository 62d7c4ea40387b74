package lifecycle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// MaxPolicyFile bounds a policy file, in bytes.
const MaxPolicyFile = 1 << 20

// policyFile is what a YAML file may say. What it leaves out stays as the profile has it, down to the
// single number of a quorum: naming tier 1 does not let tier 2 go without review.
type policyFile struct {
	Profile         string                                       `yaml:"profile"`
	Reviewers       map[registry.Stage]map[registry.Tier]quorums `yaml:"reviewers"`
	Off             map[string][]registry.Tier                   `yaml:"off"`
	FreshDays       map[evidence.Kind]int                        `yaml:"fresh_days"`
	Retention       map[retirement.AssetKind]int                 `yaml:"retention_days"`
	RollbackDays    *int                                         `yaml:"rollback_days"`
	ReviewDays      *int                                         `yaml:"review_days"`
	WaiverDays      *int                                         `yaml:"waiver_days"`
	BreakGlass      *[]org.Role                                  `yaml:"break_glass"`
	BreakGlassHours *int                                         `yaml:"break_glass_hours"`
}

type quorums struct {
	Count     *int `yaml:"count"`
	Risk      *int `yaml:"risk"`
	OtherTeam *int `yaml:"other_team"`
}

// ReadPolicy reads a YAML file: the profile it starts from and what it changes. Unknown keys, unknown
// checks and impossible numbers are refused, all at once, as a PolicyError.
func ReadPolicy(raw []byte) (Policy, error) {
	if len(raw) > MaxPolicyFile {
		return Policy{}, policyProblem("it is larger than 1 MiB")
	}
	var file policyFile
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Policy{}, unreadableYAML(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Policy{}, policyProblem("it holds more than one document; write one")
	}
	if file.Profile == "" {
		file.Profile = "standard"
	}
	p, ok := Profile(file.Profile)
	if !ok {
		return Policy{}, &PolicyError{what: "the policy file", Problems: locate(raw, []string{fmt.Sprintf("profile %q is not one of %s", file.Profile, strings.Join(Profiles, ", "))})}
	}
	file.change(&p)
	if wrong := p.wrong(); len(wrong) > 0 {
		return Policy{}, &PolicyError{what: "the policy file", Problems: locate(raw, wrong)}
	}
	return p, nil
}

func (f policyFile) change(p *Policy) {
	for stage, tiers := range f.Reviewers {
		changed := map[registry.Tier]Quorum{}
		for _, tier := range []registry.Tier{1, 2, 3} {
			changed[tier] = p.Reviewers[stage][tier]
		}
		for tier, q := range tiers {
			now := changed[tier]
			take(&now.Count, q.Count)
			take(&now.Risk, q.Risk)
			take(&now.OtherTeam, q.OtherTeam)
			changed[tier] = now
		}
		p.Reviewers[stage] = changed
	}
	for key, tiers := range f.Off {
		p.Off[key] = tiers
	}
	for kind, days := range f.FreshDays {
		p.FreshDays[kind] = days
	}
	for kind, days := range f.Retention {
		p.Retention[kind] = days
	}
	take(&p.RollbackDays, f.RollbackDays)
	take(&p.ReviewDays, f.ReviewDays)
	take(&p.WaiverDays, f.WaiverDays)
	take(&p.BreakGlassHours, f.BreakGlassHours)
	take(&p.BreakGlass, f.BreakGlass)
}

func take[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// wrong are the sentences about what a policy must not say.
func (p Policy) wrong() (wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	p.validateChecks(bad)
	p.validateReviewers(bad)
	for kind, days := range p.FreshDays {
		if !slices.Contains(evidence.Kinds, kind) {
			bad("fresh_days: there is no evidence of the kind %q", kind)
		} else if days < 1 || days > 3650 {
			bad("fresh_days: %s is 1 to 3650 days, not %d", kind, days)
		}
	}
	for kind, days := range p.Retention {
		if kind == "" || !kind.Known() {
			bad("retention_days: there is no kind of data %q", kind)
		} else if days < 0 || days > 36500 {
			bad("retention_days: %s is 0 to 36500 days, not %d", kind, days)
		}
	}
	between := func(name string, value, least, most int) {
		if value < least || value > most {
			bad("%s is %d to %d, not %d", name, least, most, value)
		}
	}
	between("rollback_days", p.RollbackDays, 1, 365)
	between("review_days", p.ReviewDays, 1, 365)
	between("waiver_days", p.WaiverDays, 1, MaxWaiverDays)
	between("break_glass_hours", p.BreakGlassHours, 1, MaxBreakGlassHours)
	for _, r := range p.BreakGlass {
		if !slices.Contains(org.Roles, r) {
			bad("break_glass: there is no role %q", r)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func (p Policy) validateChecks(bad func(string, ...any)) {
	for key, tiers := range p.Off {
		c, known := catalogue[key]
		switch {
		case !known:
			bad("off: there is no check %q", key)
		case c.iron && len(tiers) > 0:
			bad("off: %s holds under every policy", key)
		}
		for _, tier := range tiers {
			if tier < 1 || tier > 3 {
				bad("off: %s: there is no tier %d", key, tier)
			}
		}
	}
}

func (p Policy) validateReviewers(bad func(string, ...any)) {
	for stage, tiers := range p.Reviewers {
		if stage.Rank() < 1 || stage == registry.Retired {
			bad("reviewers: %q is not a stage that is reviewed", stage)
		}
		for tier, q := range tiers {
			switch {
			case tier < 1 || tier > 3:
				bad("reviewers: %s: there is no tier %d", stage, tier)
			case q.Count < 0 || q.Count > 9:
				bad("reviewers: %s tier %d: count is 0 to 9, not %d", stage, tier, q.Count)
			case q.Risk < 0 || q.Risk > q.Count || q.OtherTeam < 0 || q.OtherTeam > q.Count:
				bad("reviewers: %s tier %d: risk and other_team are 0 to the count, %d", stage, tier, q.Count)
			}
		}
	}
	for _, tier := range []registry.Tier{1, 2, 3} {
		if p.Reviewers[registry.Production][tier].Count < 1 {
			bad("reviewers: production needs at least one reviewer at tier %d", tier)
		}
	}
}
