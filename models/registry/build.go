package registry

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"sundial/models/fault"
	"sundial/models/org"
)

// VersionDraft is what a person or pipeline says of a version. Of Lineage and Release only the one of
// the model's kind counts.
type VersionDraft struct {
	Label          string // only when the version is made
	Summary        string
	Lineage        Lineage
	Release        Release
	RollbackTarget string // another version's label, or "none: REASON"
	RolloutPlan    string
	Monitoring     Monitoring
}

// NewVersion adds a version to a model. labels are those of the versions the model has.
func NewVersion(actor org.Actor, m *Model, d VersionDraft, labels []string, now time.Time) (*Version, error) {
	if err := m.may(actor, org.Edit); err != nil {
		return nil, err
	}
	var t typed
	label := t.label("label", d.Label)
	if slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, label) }) {
		t.Addf("label", "This model has a version %s already.", label)
	}
	v := &Version{ModelID: m.ID, Label: label, Kind: m.Kind, Stage: Experiment, AuthorID: actor.ID, StageSince: now, CreatedAt: now, UpdatedAt: now}
	d = d.tidy(&t, v, labels)
	if err := t.Err(); err != nil {
		return nil, err
	}
	v.Summary, v.RollbackTarget, v.RolloutPlan, v.Monitoring = d.Summary, d.RollbackTarget, d.RolloutPlan, d.Monitoring
	v.Lineage, v.Release = d.Lineage, d.Release
	v.Note("version.added", v.Subject(m.Slug), nil, map[string]any{"label": v.Label, "summary": v.Summary, "digest": v.Digest()})
	return v, nil
}

// Edit changes what is said of a version. How it was built is fixed once it has served: records,
// stamps and approvals name it, so a change is a new version.
func (v *Version) Edit(actor org.Actor, m *Model, d VersionDraft, labels []string, now time.Time) error {
	if err := m.may(actor, org.Edit); err != nil {
		return err
	}
	if v.Stage == Retired {
		return fault.Newf(fault.Conflict, "%s is retired and can no longer be changed.", v.Label)
	}
	var t typed
	d = d.tidy(&t, v, labels)
	if err := t.Err(); err != nil {
		return err
	}
	if v.BuildFixed() && v.otherBuild(d) {
		return fault.Newf(fault.Conflict, "%s serves or has served, so how it was built is fixed. Add a new version instead.", v.Label)
	}
	var c changes
	set(&c, "summary", &v.Summary, d.Summary)
	set(&c, "rollback_target", &v.RollbackTarget, d.RollbackTarget)
	set(&c, "rollout_plan", &v.RolloutPlan, d.RolloutPlan)
	set(&c, "monitoring", &v.Monitoring, d.Monitoring)
	if !v.BuildFixed() {
		v.rebuild(&c, d)
	}
	v.UpdatedAt = now
	return c.note(&v.Trail, "version.edited", v.Subject(m.Slug))
}

// BuildFixed reports whether lineage and release can no longer change: the version serves or served.
func (v *Version) BuildFixed() bool {
	return v.Stage == Production || v.Stage == Retired || !v.ServedSince.IsZero() || !v.SupersededAt.IsZero()
}

// otherBuild reports whether a draft says something, and something else, of how the version was built.
func (v *Version) otherBuild(d VersionDraft) bool {
	if reflect.DeepEqual(d.Lineage, Lineage{}) && reflect.DeepEqual(d.Release, Release{}) {
		return false // the form leaves out what is fixed
	}
	scratch, c := *v, changes{}
	scratch.rebuild(&c, d)
	return c.any()
}

// rebuild takes over how the version was built, part by part, so that the history names the parts.
func (v *Version) rebuild(c *changes, d VersionDraft) {
	before := v.Digest()
	if v.Kind == GenAI {
		r, x := &v.Release, d.Release
		set(c, "host", &r.Host, x.Host)
		set(c, "model_id", &r.ModelID, x.ModelID)
		set(c, "upgrade_policy", &r.UpgradePolicy, x.UpgradePolicy)
		if !same(r.Prompts, x.Prompts) {
			c.told("prompts", withoutText(r.Prompts), withoutText(x.Prompts))
			r.Prompts = x.Prompts
		}
		setMap(c, "parameters", &r.Parameters, x.Parameters)
		setMap(c, "tools", &r.Tools, x.Tools)
		set(c, "no_tools", &r.NoToolsReason, x.NoToolsReason)
		set(c, "suite", &r.EvaluationSuite, x.EvaluationSuite)
	} else {
		l, x := &v.Lineage, d.Lineage
		set(c, "code", &l.Code, x.Code)
		if !same(l.Datasets, x.Datasets) {
			set(c, "datasets", &l.Datasets, x.Datasets)
		}
		setMap(c, "parameters", &l.Parameters, x.Parameters)
		setMap(c, "metrics", &l.Metrics, x.Metrics)
		setMap(c, "environment", &l.Environment, x.Environment)
		set(c, "run", &l.Run, x.Run)
	}
	if after := v.Digest(); after != before {
		c.told("digest", before, after)
	}
}

// setMap is set for maps and lists where none and empty are the same.
func setMap(c *changes, field string, into *map[string]string, value map[string]string) {
	if len(*into) != 0 || len(value) != 0 {
		set(c, field, into, value)
	}
}

func same[T any](a, b []T) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// withoutText leaves prompts' words out of the audit trail: the hash says which they were.
func withoutText(list []Prompt) []Prompt {
	out := slices.Clone(list)
	for i := range out {
		out[i].Text = ""
	}
	return out
}

// tidy checks a draft for the version it is for, and gives it back as it is kept.
func (d VersionDraft) tidy(t *typed, v *Version, labels []string) VersionDraft {
	d.Summary = t.text("summary", d.Summary, 2000)
	if v.Kind == GenAI {
		d.Release, d.Lineage = d.Release.tidy(t), Lineage{}
	} else {
		d.Lineage, d.Release = d.Lineage.tidy(t), Release{}
	}
	d.RollbackTarget = rollbackTarget(t, d.RollbackTarget, v.Label, labels)
	d.RolloutPlan = t.text("rollout_plan", d.RolloutPlan, longestText)
	d.Monitoring.Drift = t.line("monitoring.drift", d.Monitoring.Drift, 500)
	d.Monitoring.Quality = t.line("monitoring.quality", d.Monitoring.Quality, 500)
	d.Monitoring.Cost = t.line("monitoring.cost", d.Monitoring.Cost, 500)
	return d
}

// NoRollback opens a rollback target that is none, with the reason behind it.
const NoRollback = "none:"

func rollbackTarget(t *typed, s, own string, labels []string) string {
	s = t.line("rollback_target", s, 500)
	if reason, none := strings.CutPrefix(s, NoRollback); none {
		if reason = strings.TrimSpace(reason); len(reason) < 5 {
			t.Add("rollback_target", "Say why there is nothing to return to, such as: the first of its kind.")
		}
		return NoRollback + " " + reason
	}
	switch {
	case s == "":
	case s == own:
		t.Add("rollback_target", "A version cannot roll back to itself.")
	case !slices.Contains(labels, s):
		t.Addf("rollback_target", "This model has no version %s.", s)
	}
	return s
}
