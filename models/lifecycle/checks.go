package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
)

// order is the order in which gates and pages show the checks.
var order = []string{
	"owner", "deputy", "purpose", "team", "tier",
	"code", "dataset", "parameters", "metrics", "environment",
	"pin", "alive", "prompt", "release_parameters", "tools",
	"evaluation", "release_evaluation", "fairness", "security_review",
	"sla", "rollback_target", "rollout_plan",
	"rollout_evidence", "monitoring", "consumers", "vendor_end", "plan",
}

// catalogue is the gate table: every check, the gate it first stands in, and why anybody should care.
// It is filled by init because the evidence checks read the policy, which in turn validates against it.
var catalogue map[string]rule

func init() {
	catalogue = map[string]rule{}
	for _, part := range []map[string]rule{peopleChecks, lineageChecks, releaseChecks, validationChecks, stagingChecks, productionChecks} {
		for key, r := range part {
			catalogue[key] = r
		}
	}
}

var peopleChecks = map[string]rule{
	"owner": {registry.Registered, "", "Owner is active", "Somebody must answer for this model when it fails.", "model", true,
		func(f *Facts, _ Policy, _ time.Time) answer { return person("owner", f.Model.OwnerID, f.Owner) }},
	"deputy": {registry.Registered, "", "Deputy is active", "Owners go on holiday and change jobs.", "model", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if f.Model.DeputyID != 0 && f.Model.DeputyID == f.Model.OwnerID {
				return fail("The deputy is the owner.")
			}
			return person("deputy", f.Model.DeputyID, f.Deputy)
		}},
	"purpose": {registry.Registered, "", "Purpose is stated", "Without a purpose nobody can tell whether the model still serves it.", "model", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if len(strings.TrimSpace(f.Model.Purpose)) < 10 {
				return fail("No purpose of a sentence or more is on record.")
			}
			return pass("A purpose is on record.", f.Model.UpdatedAt)
		}},
	"team": {registry.Registered, "", "A team owns it", "Maturity, reviews and on-call go by team.", "model", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if f.Model.TeamID == 0 {
				return fail("No team owns this model.")
			}
			return pass("Owned by "+f.Team.Name+".", f.Model.UpdatedAt)
		}},
	"tier": {registry.Registered, "", "Risk tier is set", "The tier decides how many people must agree.", "model", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			if f.Model.Tier < 1 || f.Model.Tier > 3 {
				return fail("No risk tier is set.")
			}
			return pass(fmt.Sprintf("Tier %d.", f.Model.Tier), f.Model.UpdatedAt)
		}},
}

// CheckTitle is what a check is called, its key when there is none.
func CheckTitle(key string) string {
	if c, ok := catalogue[key]; ok {
		return c.title
	}
	return key
}

func person(role string, id int64, p org.Person) answer {
	switch {
	case id == 0:
		return fail("Nobody is named as " + role + ".")
	case !p.Active():
		return fail(p.Name + ", the " + role + ", no longer has an active account.")
	}
	return pass(p.Name+" is active.", p.LastSeenAt)
}

var lineageChecks = map[string]rule{
	"code": {registry.Registered, registry.Trained, "Code commit is recorded", "Without the commit nobody can rebuild or debug this version.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			c := f.Version.Lineage.Code
			if c.Repo == "" || c.Commit == "" {
				return fail("The repository or the commit is missing.")
			}
			return pass(c.Repo+" at "+short(c.Commit)+".", f.Version.UpdatedAt)
		}},
	"dataset": {registry.Registered, registry.Trained, "Training data has a digest", "Data changes under its name; a digest says which data it was.", "version", false, trainingData},
	"parameters": {registry.Registered, registry.Trained, "Hyperparameters are recorded", "A rerun needs them.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			return recorded(len(f.Version.Lineage.Parameters), "hyperparameter", f)
		}},
	"metrics": {registry.Registered, registry.Trained, "Training metrics are recorded", "Later versions are compared with them.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			return recorded(len(f.Version.Lineage.Metrics), "metric", f)
		}},
	"environment": {registry.Registered, registry.Trained, "Environment is recorded", "The same code on other libraries is another model.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			return recorded(len(f.Version.Lineage.Environment), "environment entry", f)
		}},
}

func trainingData(f *Facts, _ Policy, _ time.Time) answer {
	n := 0
	for _, d := range f.Version.Lineage.Datasets {
		if d.Role != "training" {
			continue
		}
		if d.Digest == "" {
			return fail("The training dataset " + d.Name + " has no digest.")
		}
		n++
	}
	if n == 0 {
		return fail("No training dataset is recorded.")
	}
	return pass(count(n, "training dataset")+" with a digest.", f.Version.UpdatedAt)
}

func recorded(n int, what string, f *Facts) answer {
	if n == 0 {
		return fail("No " + what + " is recorded.")
	}
	return pass(count(n, what)+" recorded.", f.Version.UpdatedAt)
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y") && !strings.HasSuffix(what, "ay"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func short(commit string) string {
	if len(commit) > 12 {
		return commit[:12]
	}
	return commit
}
