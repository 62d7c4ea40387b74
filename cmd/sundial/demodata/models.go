package demodata

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/retirement/sample"
	"sundial/models/store"
)

// models plans what happened to every invented model, and plays it.
func (f *filler) models() error {
	for days := 330; days >= 30; days -= 60 {
		f.at(days, -60, "vendors' lists are read", func(now time.Time) error { return f.readVendors(now, false) })
	}
	f.at(7, -60, "vendors announce ends", func(now time.Time) error { return f.readVendors(now, true) })
	for days := 330; days > 0; days-- {
		f.at(days, -50, "rollback windows end", func(time.Time) error { _, err := f.s.TickRetirements(f.ctx, f.policy); return err })
	}
	for days := 126; days >= 0; days -= 7 {
		f.at(days, 600, "models are scored", func(time.Time) error { _, err := f.s.ScoreAll(f.ctx, f.policy); return err })
	}
	f.at(0, 601, "flow is counted", func(time.Time) error { return f.s.CountFlow(f.ctx) })
	for i, sp := range specs {
		f.model(i, sp)
	}
	f.genaiParts()
	f.retirements()
	f.templates()
	f.confirmations()
	f.telemetry()
	f.at(3, 30, "gus leaves", func(time.Time) error { return f.s.SetDisabled(f.as("alma"), f.people["gus"].ID, true) })
	return f.play()
}

func (f *filler) readVendors(now time.Time, ends bool) error {
	return f.s.SaveVendorModels(f.as("greta"), vendorModels(day.Of(now), ends))
}

// model plans one model's life. A minute of its own keeps the models apart on the same day.
func (f *filler) model(i int, sp spec) {
	minute := i * 7
	f.at(sp.versions[0].age+6, minute, "register "+sp.slug, func(now time.Time) error { return f.register(sp, now) })
	if sp.plan != noPlan {
		f.plan(sp, minute+3)
	}
	for j, v := range sp.versions {
		f.version(sp, v, j, minute)
	}
}

func (f *filler) directory() registry.Directory {
	d := registry.Directory{Teams: map[int64]org.Team{}, People: map[int64]org.Person{}}
	for _, t := range f.teams {
		d.Teams[t.ID] = t
	}
	for _, p := range f.people {
		d.People[p.ID] = p
	}
	return d
}

func (f *filler) register(sp spec, now time.Time) error {
	by := sp.owner
	if by == "" {
		by = "alma"
	}
	m, err := registry.NewModel(f.actor(by), registry.Draft{
		Basics: registry.Basics{Name: sp.name, Slug: sp.slug, Kind: sp.kind, Purpose: sp.purpose, Tier: sp.tier},
		People: registry.People{TeamID: f.teams[sp.team].ID, OwnerID: f.people[sp.owner].ID, DeputyID: f.people[sp.deputy].ID},
	}, f.directory(), now)
	if err != nil {
		return err
	}
	if sp.kind == trained {
		m.RetrainingDays = retraining[sp.team]
	}
	m.SLA = registry.SLA{AvailabilityPercent: 99.5, LatencyP95Millis: 250, Support: "Working days, 8 to 18, by the team's channel"}
	for _, c := range sp.consumers {
		m.Consumers = append(m.Consumers, registry.Consumer{Name: c, Contact: strings.ReplaceAll(strings.ToLower(c), " ", "-") + domain,
			Criticality: []string{"", "high", "medium", "low"}[sp.tier], Integration: "API", NoticeDays: 30})
	}
	f.promise(sp, m)
	return f.s.AddModel(f.as(by), m)
}

// version plans one version: made, examined, promoted stage by stage, and what came after.
func (f *filler) version(sp spec, v versionSpec, nth, minute int) {
	f.at(v.age, minute, "add "+sp.slug+"@"+v.label, func(now time.Time) error { return f.addVersion(sp, v, nth, now) })
	if v.reach == registry.Experiment {
		return
	}
	examined := v.age - 1
	if v.story == oldEvaluation {
		examined = v.age
	}
	f.at(examined, minute+1, "examine "+sp.slug+"@"+v.label, func(now time.Time) error { return f.examine(sp, v, now) })
	if sp.plan == approvedPlan {
		f.at(v.age-1, minute+2, "confirm the plan for "+v.label, func(now time.Time) error { return f.confirm(sp, v.label, now) })
	}
	days, step := v.age-2, max(1, min(6, v.age/12))
	for _, to := range registry.Stages[1:] {
		if to.Rank() > v.reach.Rank() {
			break
		}
		f.move(sp, v, to, days, waited(sp, v, to, step), minute+4)
		days -= step
	}
	f.after(sp, v, max(days, 1), minute+6)
}

func (f *filler) addVersion(sp spec, v versionSpec, nth int, now time.Time) error {
	by := sp.deputy
	if by == "" {
		by = "alma"
	}
	_, err := f.s.AddVersion(f.reporting(sp, by), sp.slug, func(m *registry.Model) (*registry.Version, error) {
		d := registry.VersionDraft{Label: v.label, Summary: v.summary, RolloutPlan: "Shadow on all traffic for a week, then 5 % for two days.",
			RollbackTarget: "none: the first of its kind", Monitoring: registry.Monitoring{Drift: "https://metrics.gnomon.example/" + sp.slug + "/drift",
				Quality: "https://metrics.gnomon.example/" + sp.slug + "/quality", Cost: "https://metrics.gnomon.example/" + sp.slug + "/cost"}}
		var labels []string
		for _, other := range sp.versions[:nth] {
			labels = append(labels, other.label)
			d.RollbackTarget = other.label
		}
		if sp.kind == genai {
			d.Release = release(sp, v)
		} else {
			d.Lineage = lineage(sp, v)
		}
		return registry.NewVersion(f.actor(by), m, d, labels, now)
	})
	return err
}

// pipelines are the teams whose builds report by themselves, under a token of whoever set them up.
var pipelines = []string{"payment-fraud", "forecasting", "support-assistants", "search"}

// retraining is every how many days a team says that it trains its models anew.
var retraining = map[string]int{"payment-fraud": 180, "credit-scoring": 365, "forecasting": 90, "search": 7, "routing": 180, "quality": 365}

// reporting is on whose behalf a version and its results come in: the pipeline's, where a team has one.
func (f *filler) reporting(sp spec, by string) context.Context {
	if !slices.Contains(pipelines, sp.team) {
		return f.as(by)
	}
	a := f.actor(by)
	a.Via, a.Scopes = "token:"+sp.team+"-pipeline", []org.Scope{org.ScopeRead, org.ScopeWrite}
	return store.WithSource(f.ctx, store.Source{Actor: a, RequestID: "demo", From: "127.0.0.1"})
}

// digest invents a stable SHA-256 for something that does not exist.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "/")))
	return hex.EncodeToString(sum[:])
}

func lineage(sp spec, v versionSpec) registry.Lineage {
	run := digest(sp.slug, v.label, "run")[:12]
	l := registry.Lineage{
		Code: registry.Code{Repo: "https://git.gnomon.example/models/" + sp.slug, Commit: digest(sp.slug, v.label, "commit")[:40]},
		Datasets: []registry.Dataset{
			{Name: sp.slug + "-history", URI: "s3://gnomon-data/" + sp.slug + "/train/" + v.label, Digest: "sha256:" + digest(sp.slug, v.label, "train"), Role: "training"},
			{Name: sp.slug + "-holdout", URI: "s3://gnomon-data/" + sp.slug + "/test/" + v.label, Digest: "sha256:" + digest(sp.slug, v.label, "test"), Role: "test"}},
		Parameters:  map[string]string{"learning_rate": "0.05", "max_depth": fmt.Sprint(5 + len(v.label)), "rounds": fmt.Sprint(300 + 10*len(sp.slug)), "seed": "17"},
		Metrics:     map[string]string{"auc": fmt.Sprintf("0.9%d", len(sp.slug)%10), "log_loss": "0.21"},
		Environment: map[string]string{"python": "3.12.4", "lightgbm": "4.5.0", "image": "sha256:" + digest(sp.slug, "image")[:12]},
		Run:         registry.Run{URL: "https://mlflow.gnomon.example/#/runs/" + run, ID: run},
	}
	if v.story == thinLineage {
		l.Datasets, l.Environment, l.Run = nil, nil, registry.Run{}
	}
	return l
}

func release(sp spec, v versionSpec) registry.Release {
	return registry.Release{
		Host: v.host, ModelID: v.id,
		Prompts: []registry.Prompt{{Name: "system", Repo: "https://git.gnomon.example/prompts/" + sp.slug, Path: "system.md",
			Commit: digest(sp.slug, v.label, "prompt")[:40], Text: promptText(sp, v.label)}},
		Parameters:      map[string]string{"temperature": "0.2", "max_tokens": "800"},
		NoToolsReason:   "It only writes text.",
		EvaluationSuite: registry.Suite{Name: sp.slug + "-suite", Version: "3", SHA256: digest(sp.slug, "suite")},
	}
}

// examine records passed evidence of every kind, or of all but the last where a check is to be waived.
func (f *filler) examine(sp spec, v versionSpec, now time.Time) error {
	kinds := []evidence.Kind{evidence.Evaluation, evidence.Fairness, evidence.SecurityReview, evidence.Canary}
	if v.story == waiverAsked {
		kinds = kinds[:3]
	}
	by := sp.deputy
	if by == "" {
		by = "alma"
	}
	for _, kind := range kinds {
		_, err := f.s.AddEvidence(f.reporting(sp, by), sp.slug, v.label, func(m *registry.Model, ver *registry.Version, _ time.Time) (*evidence.Evidence, error) {
			d := evidence.Draft{Kind: kind, Outcome: evidence.Passed, URL: "https://reports.gnomon.example/" + sp.slug + "/" + v.label + "/" + string(kind)}
			switch kind {
			case evidence.Evaluation:
				d.Metrics = []evidence.Metric{{Name: "auc", Value: 0.93, Operator: ">=", Threshold: 0.9}, {Name: "calibration_error", Value: 0.02, Operator: "<=", Threshold: 0.05}}
				d.DatasetDigest = "sha256:" + digest(sp.slug, v.label, "test")
				if sp.kind == genai {
					d.Metrics = []evidence.Metric{{Name: "grounded_answers", Value: 0.96, Operator: ">=", Threshold: 0.95}, {Name: "refusal_rate", Value: 0.03, Operator: "<=", Threshold: 0.05}}
					if v.label == "v2" {
						d.Metrics[0].Value, d.Metrics[1].Value = 0.975, 0.041
					}
					d.Suite, d.SuiteSHA256 = sp.slug+"-suite 3", digest(sp.slug, "suite")
				}
				if v.story == oldEvaluation {
					d.ExpiresAt = f.present.AddDate(0, 0, -1)
				}
			case evidence.Fairness:
				d.Metrics = []evidence.Metric{{Name: "largest_gap_in_error_rate", Value: 0.011, Operator: "<=", Threshold: 0.02}}
			case evidence.Canary:
				d.Note = "Five per cent of traffic for two days, no alarm."
			}
			return evidence.New(f.actor(by), m, ver, d, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// waited is for how many of the days between two stages a request waits for its reviewers: longest before
// production and with risk tier 1, and never the same everywhere.
func waited(sp spec, v versionSpec, to registry.Stage, step int) int {
	days := int(wobble(sp.slug, v.label, string(to)) * float64(step))
	switch {
	case to == registry.Registered:
		return 0
	case to == registry.Production && sp.tier == 1:
		days += step / 2
	}
	return max(0, min(days, step-1))
}

// move asks for the next stage and, after the days of waiting, brings the version there.
func (f *filler) move(sp spec, v versionSpec, to registry.Stage, daysAgo, waited, minute int) {
	var id int64
	var open bool
	what := fmt.Sprintf("%s@%s to %s", sp.slug, v.label, to)
	f.at(daysAgo+waited, minute, "ask for "+what, func(now time.Time) (err error) {
		id, open, err = f.ask(sp, v.label, to, "Ready for "+string(to)+": the gate is green.", now)
		return err
	})
	f.at(daysAgo, minute, what, func(now time.Time) error {
		if !open { // the policy asks for no review
			return nil
		}
		return f.decide(id, now)
	})
}

// decide approves a request by as many as it needs.
func (f *filler) decide(id int64, now time.Time) error {
	for _, who := range []string{"greta", "rowan"} {
		d, err := f.review(who, id, lifecycle.Approve, "", now)
		if err != nil {
			return err
		}
		if d.State != lifecycle.Open {
			return nil
		}
	}
	return fmt.Errorf("request %d is still open after two approvals", id)
}

func (f *filler) ask(sp spec, label string, to registry.Stage, why string, now time.Time) (id int64, open bool, err error) {
	d, err := f.s.OpenRequest(f.as(sp.owner), sp.slug, label, f.policy, func(d *lifecycle.Dossier, _ time.Time) error {
		return d.Propose(f.actor(sp.owner), to, why, now)
	})
	if err != nil {
		return 0, false, err
	}
	return d.ID, d.State == lifecycle.Open, nil
}

func (f *filler) review(who string, id int64, v lifecycle.Verdict, comment string, now time.Time) (*lifecycle.Dossier, error) {
	return f.s.ChangeDossier(f.as(who), id, f.policy, func(d *lifecycle.Dossier, _ time.Time) error {
		return d.Review(f.actor(who), v, d.CurrentDigest(now), comment, now)
	})
}

func (f *filler) confirm(sp spec, label string, now time.Time) error {
	_, err := f.s.ChangePlanInForce(f.as(sp.owner), sp.slug, f.policy, func(p *retirement.Plan, c retirement.Context, _ time.Time) error {
		return p.Confirm(f.actor(sp.owner), label, c, now)
	})
	return err
}

// plan plans the retirement plan's own story. An approved one is approved before the first version is
// made, and a second number of it later, so that most are fresh today.
func (f *filler) plan(sp spec, minute int) {
	first := sp.versions[0].age
	if sp.plan != approvedPlan {
		f.at(sp.planAge, minute, "plan for "+sp.slug, func(now time.Time) error { return f.filePlan(sp, sp.plan, now) })
		return
	}
	f.at(first+1, minute, "plan for "+sp.slug, func(now time.Time) error { return f.filePlan(sp, approvedPlan, now) })
	if sp.planAge < first {
		f.at(sp.planAge, minute, "renew the plan for "+sp.slug, func(now time.Time) error { return f.renewPlan(sp, now) })
	}
}

func (f *filler) filePlan(sp spec, story planStory, now time.Time) error {
	_, err := f.s.FilePlan(f.as(sp.owner), sp.slug, f.policy, func(v store.PlanView, _ time.Time) (*retirement.Plan, error) {
		return retirement.NewPlan(v.Context.Model, f.actor(sp.owner), now)
	})
	if err != nil {
		return err
	}
	return f.writePlan(sp, story, now)
}

func (f *filler) renewPlan(sp spec, now time.Time) error {
	_, err := f.s.FilePlan(f.as(sp.owner), sp.slug, f.policy, func(v store.PlanView, _ time.Time) (*retirement.Plan, error) {
		return v.InForce.NextDraft(f.actor(sp.owner), v.Context, now)
	})
	if err != nil {
		return err
	}
	return f.writePlan(sp, approvedPlan, now)
}

func (f *filler) writePlan(sp spec, story planStory, now time.Time) error {
	owner := f.actor(sp.owner)
	steps := []struct {
		who string
		do  func(*retirement.Plan, retirement.Context) error
	}{
		{sp.owner, func(p *retirement.Plan, c retirement.Context) error {
			body := sample.Body(c.Model, day.Of(now))
			f.trigger(sp, &body)
			if story == draftPlan {
				return p.EditSection(owner, "trigger", body, c, now)
			}
			return p.Replace(owner, body, c, now)
		}},
		{sp.owner, func(p *retirement.Plan, c retirement.Context) error { return p.Submit(owner, c, now) }},
		{"greta", func(p *retirement.Plan, c retirement.Context) error {
			if story == returnedPlan {
				return p.Review(f.actor("greta"), retirement.RequestChanges, p.Digest(), "Who reads the archived decisions, and for how long? The archive section does not say.", c, now)
			}
			return p.Review(f.actor("greta"), retirement.Approve, p.Digest(), "", c, now)
		}},
	}
	upTo := map[planStory]int{draftPlan: 1, submittedPlan: 2, returnedPlan: 3, approvedPlan: 3}[story]
	for _, step := range steps[:upTo] {
		_, err := f.s.ChangePlan(f.as(step.who), sp.slug, 0, f.policy, func(p *retirement.Plan, c retirement.Context, _ time.Time) error { return step.do(p, c) })
		if err != nil {
			return err
		}
	}
	return nil
}
