package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// TestRandomActionsAgainstAReference lets random people do random things to two versions of a model and
// holds every outcome against a small model of the rules, written a second time and without digests:
// facts have an epoch, an approval remembers the epoch it was given in.
func TestRandomActionsAgainstAReference(t *testing.T) {
	sequences := 250
	if testing.Short() {
		sequences = 100
	}
	applied, glass, stale := 0, 0, 0
	for seed := range sequences {
		p := newPlay(t, uint64(seed))
		for range 70 {
			p.step()
			p.invariant()
			if t.Failed() {
				for _, line := range p.log {
					t.Log(line)
				}
				t.FailNow()
			}
		}
		applied, glass, stale = applied+p.applied, glass+p.glass, stale+p.stale
	}
	if applied < sequences || glass < sequences/50 || stale < sequences/20 {
		t.Errorf("the sequences reach too little: %d applied, %d broken, %d stale", applied, glass, stale)
	}
}

type play struct {
	t        *testing.T
	r        *rand.Rand
	now      time.Time
	policy   Policy
	facts    Facts // of the model; the version is put in per action
	versions []*registry.Version
	open     map[int64]*Dossier // by version, as the store would keep them
	serving  *Serving
	log      []string

	epoch   int                      // of all facts
	ref     map[int64]*refRequest    // by version
	stage   map[int64]registry.Stage // by version
	touched map[int64]map[int64]bool // version to its editors
	window  map[int64]time.Time      // version to the end of its rollback window
	nextID  int64                    // of requests and records
	entered map[int64]string         // version in production: how it got there
	people  []org.Actor
	applied int
	glass   int
	stale   int
}

type refRequest struct {
	to        registry.Stage
	requester int64
	editors   map[int64]bool
	verdicts  map[int64]refVerdict
	rollback  bool
	wordings  int // of the reason, which belongs to this request's digest alone
}

type refVerdict struct {
	verdict  Verdict
	epoch    int
	wordings int
}

func newPlay(t *testing.T, seed uint64) *play {
	p := &play{t: t, r: rand.New(rand.NewPCG(seed, 7)), now: noon, policy: policy(t, Profiles[seed%3]), facts: complete(registry.Trained, registry.Tier(1+seed%3), registry.Staged),
		open: map[int64]*Dossier{}, ref: map[int64]*refRequest{}, stage: map[int64]registry.Stage{}, touched: map[int64]map[int64]bool{},
		window: map[int64]time.Time{}, entered: map[int64]string{}, nextID: 100,
		people: []org.Actor{owner, author, requester, editor, insider, outsider, risk, twoHats, third, admin, viewer, stranger, recorder}}
	for i, label := range []string{"v7", "v8"} {
		v := p.facts.Version
		v.ID, v.Label, v.Stage, v.RollbackTarget = int64(7+i), label, registry.Stages[p.r.IntN(4)], "none: the first of its kind"
		p.versions = append(p.versions, &v)
		p.stage[v.ID], p.touched[v.ID] = v.Stage, map[int64]bool{editor.ID: true, recorder.ID: true}
	}
	return p
}

func (p *play) say(format string, args ...any) {
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// factsOf is what the store would read for a version now.
func (p *play) factsOf(v *registry.Version) Facts {
	f := p.facts
	f.Version, f.Labels, f.Serving = *v, []string{"v7", "v8"}, nil
	f.Evidence = fullEvidence(v)
	f.Editors = nil
	for id := range p.touched[v.ID] {
		f.Editors = append(f.Editors, id)
	}
	slices.Sort(f.Editors)
	if p.serving != nil {
		s := *p.serving
		s.Version = *p.version(s.Version.ID)
		f.Serving = &s
	}
	return f
}

func (p *play) version(id int64) *registry.Version { return p.versions[id-7] }

func (p *play) dossier(v *registry.Version) *Dossier {
	d := NewDossier(p.factsOf(v), p.policy)
	if kept := p.open[v.ID]; kept != nil {
		d.Request, d.Reviews = kept.Request, kept.Reviews
	}
	return d
}

// keep saves what a rule changed, as the store would.
func (p *play) keep(v *registry.Version, d *Dossier) {
	for _, changed := range d.Touched {
		*p.version(changed.ID) = *changed
	}
	if d.Ended != nil {
		p.serving = nil
	}
	if d.Began != nil {
		p.nextID++
		record := *d.Began
		record.ID = p.nextID
		p.serving = &Serving{Record: record, Version: *p.version(record.VersionID)}
	}
	if d.State == Open {
		p.open[v.ID] = d
	} else {
		delete(p.open, v.ID)
	}
	for _, changed := range d.Touched { // a stage that moved by another door ends the open request
		if changed.ID != v.ID {
			delete(p.open, changed.ID)
			delete(p.ref, changed.ID)
		}
	}
}

func (p *play) step() {
	v, who := pick(p.r, p.versions), pick(p.r, p.people)
	switch n := p.r.IntN(100); {
	case n < 12:
		p.change(v, who)
	case n < 15:
		p.mend()
	case n < 20:
		p.now = p.now.Add(time.Duration(p.r.IntN(30)) * time.Hour)
	case n < 45:
		p.propose(v, who)
	case n < 82:
		p.review(v, who)
	case n < 86:
		p.withdraw(v, who)
	case n < 89:
		p.reword(v, who)
	case n < 94:
		p.breakGlass(v, who)
	case n < 97:
		p.closeVersion(v, who)
	default:
		for _, v := range p.versions {
			over := !p.window[v.ID].IsZero() && !p.now.Before(p.window[v.ID]) && p.stage[v.ID] == registry.Staged
			if did := Lapse(&p.facts.Model, v, p.now); did != over {
				p.t.Errorf("%s lapsed: %t, should be %t", v.Label, did, over)
			} else if did {
				p.stage[v.ID] = registry.Retired
				delete(p.open, v.ID)
				delete(p.ref, v.ID)
				p.say("%s lapses", v.Label)
			}
		}
	}
}

// change alters a fact that every digest holds: a new epoch.
func (p *play) change(v *registry.Version, who org.Actor) {
	p.epoch++
	f := &p.facts
	switch p.r.IntN(5) {
	case 0:
		f.Model.SLA = registry.SLA{}
	case 1:
		f.Owner.Disabled = true
	case 2:
		f.Plan.Plan = nil
	case 3:
		f.Plan.Findings = []retirement.Finding{{Sentence: "It is overdue."}}
	default:
		p.touched[v.ID][who.ID] = true
		v.Summary = fmt.Sprintf("Change %d.", p.epoch)
	}
	f.Model.Purpose = fmt.Sprintf("Scores card payments, wording %d.", p.epoch)
	p.say("%s changes facts: epoch %d, iron %t", who.Name, p.epoch, p.iron())
}

func (p *play) mend() {
	p.epoch++
	good := complete(registry.Trained, p.facts.Model.Tier, registry.Staged)
	p.facts.Model, p.facts.Owner, p.facts.Plan = good.Model, good.Owner, good.Plan
	p.facts.Model.Purpose = fmt.Sprintf("Scores card payments, wording %d.", p.epoch)
	p.say("all is mended: epoch %d", p.epoch)
}

// iron is whether owner, SLA and an approved living plan are there.
func (p *play) iron() bool {
	return !p.facts.Owner.Disabled && p.facts.Model.SLA.Set() && p.facts.Plan.Plan != nil && len(p.facts.Plan.Findings) == 0
}

// green is the reference's gate: the owner from registered on, the SLA from staged on, the plan at production.
func (p *play) green(to registry.Stage) bool {
	f := p.facts
	switch to {
	case registry.Registered, registry.Validated:
		return !f.Owner.Disabled
	case registry.Staged:
		return !f.Owner.Disabled && f.Model.SLA.Set()
	case registry.Production:
		return p.iron()
	}
	return true
}

func (p *play) worker(a org.Actor) bool {
	return a.Has(org.Admin) || a.Has(org.Contributor) && slices.Contains(a.TeamIDs, int64(fraudTeam))
}

func (p *play) mayDecide(v *registry.Version, req *refRequest, a org.Actor) bool {
	if !a.Has(org.Reviewer, org.RiskReviewer) || a.ID == owner.ID || a.ID == author.ID || p.touched[v.ID][a.ID] {
		return false
	}
	return a.ID != req.requester && !req.editors[a.ID]
}

func (p *play) quorum(from, to registry.Stage, rollback bool) (n, risk, other int) {
	tier := p.facts.Model.Tier
	switch {
	case rollback, from == registry.Production:
		return 1, 0, 0
	case to.Rank() < from.Rank():
		return 0, 0, 0
	}
	q := p.policy.Reviewers[to][tier]
	return q.Count, q.Risk, q.OtherTeam
}

func (p *play) returns(v *registry.Version) bool {
	return p.stage[v.ID] == registry.Staged && p.now.Before(p.window[v.ID])
}

func (p *play) propose(v *registry.Version, who org.Actor) {
	to := pick(p.r, registry.Stages)
	if p.r.IntN(3) > 0 && NextStage(v.Stage) != "" {
		to = NextStage(v.Stage)
	}
	if p.open[v.ID] != nil {
		return // the store's unique key refuses a second one
	}
	from := p.stage[v.ID]
	move := legal[from][to]
	rollback := to == registry.Production && move == Forward && p.returns(v)
	n, _, _ := p.quorum(from, to, rollback)
	want := p.worker(who) && move != "" && move != Close && (n > 0 || move == Back || p.green(to))
	d := p.dossier(v)
	p.nextID++
	d.ID = p.nextID
	if may := d.MayPropose(who, to, p.now); may.Allowed != want {
		p.t.Errorf("the page offers %s: %t, should be %t: %s", to, may.Allowed, want, may.Reason)
	}
	err := d.Propose(who, to, "It is time.", p.now)
	p.say("%s asks for %s from %s to %s: %v", who.Name, v.Label, from, to, err)
	if (err == nil) != want {
		p.t.Errorf("asking: %v, should go: %t", err, want)
		return
	}
	if err != nil {
		return
	}
	p.keep(v, d)
	if n == 0 {
		p.enter(v, to, "without review")
		return
	}
	p.ref[v.ID] = &refRequest{to: to, requester: who.ID, editors: map[int64]bool{}, verdicts: map[int64]refVerdict{}, rollback: rollback}
}

// enter is the reference's stage change.
func (p *play) enter(v *registry.Version, to registry.Stage, how string) {
	from := p.stage[v.ID]
	if to.Rank() < from.Rank() {
		delete(p.window, v.ID)
	}
	if from == registry.Production || to == registry.Production {
		p.epoch++ // what serves is part of every digest
	}
	delete(p.entered, v.ID)
	if to == registry.Production {
		if !p.iron() {
			p.t.Errorf("%s enters production %s without owner, SLA or living plan", v.Label, how)
		}
		for id, s := range p.stage {
			if s == registry.Production && id != v.ID {
				p.stage[id], p.window[id] = registry.Staged, p.now.AddDate(0, 0, p.policy.RollbackDays)
				delete(p.entered, id)
			}
		}
		p.entered[v.ID] = how
		delete(p.window, v.ID)
	}
	p.stage[v.ID] = to
	delete(p.ref, v.ID)
	p.applied++
}

func (p *play) review(v *registry.Version, who org.Actor) {
	d, req := p.dossier(v), p.ref[v.ID]
	if p.open[v.ID] == nil {
		return
	}
	verdict := pick(p.r, []Verdict{Approve, Approve, Approve, Approve, Approve, Approve, RequestChanges, Reject})
	digest := d.CurrentDigest(p.now)
	old := p.r.IntN(12) == 0
	if old {
		digest = "what I read yesterday"
		p.stale++
	}
	already := req.verdicts[who.ID] == refVerdict{Approve, p.epoch, req.wordings}
	green := req.to.Rank() < p.stage[v.ID].Rank() || p.green(req.to)
	want := p.mayDecide(v, req, who) && !old && (verdict != Approve || green && !already)
	if may := d.MayApprove(who, p.now); verdict == Approve && !old && may.Allowed != want {
		p.t.Errorf("the page offers to approve: %t, should be %t: %s", may.Allowed, want, may.Reason)
	}
	err := d.Review(who, verdict, digest, "For the reasons that I read.", p.now)
	p.say("%s says %s to %s: %v", who.Name, verdict, v.Label, err)
	if (err == nil) != want {
		p.t.Errorf("reviewing: %v, should go: %t", err, want)
		return
	}
	if err != nil {
		return
	}
	req.verdicts[who.ID] = refVerdict{verdict, p.epoch, req.wordings}
	met := p.met(v, req)
	p.keep(v, d)
	switch {
	case verdict == Reject:
		delete(p.ref, v.ID)
	case verdict == Approve && met:
		if d.State != Applied {
			p.t.Errorf("the quorum is met and the request is %s", d.State)
		}
		p.enter(v, req.to, "approved")
	case d.State != Open:
		p.t.Errorf("the quorum is not met and the request is %s", d.State)
	}
}

func (p *play) met(v *registry.Version, req *refRequest) bool {
	n, r, o := p.quorum(p.stage[v.ID], req.to, req.rollback)
	for _, a := range p.people {
		given, ok := req.verdicts[a.ID]
		if !ok || given.epoch != p.epoch || given.wordings != req.wordings || !p.mayDecide(v, req, a) {
			continue
		}
		if given.verdict == RequestChanges {
			return false
		}
		n--
		if a.Has(org.RiskReviewer) {
			r--
		}
		if !slices.Contains(a.TeamIDs, int64(fraudTeam)) {
			o--
		}
	}
	return n <= 0 && r <= 0 && o <= 0
}

func (p *play) withdraw(v *registry.Version, who org.Actor) {
	if p.open[v.ID] == nil {
		return
	}
	d := p.dossier(v)
	want := p.ref[v.ID].requester == who.ID
	if err := d.Withdraw(who, "", p.now); (err == nil) != want {
		p.t.Errorf("withdrawing: %v, should go: %t", err, want)
	} else if err == nil {
		p.keep(v, d)
		delete(p.ref, v.ID)
		p.say("%s withdraws", who.Name)
	}
}

func (p *play) reword(v *registry.Version, who org.Actor) {
	if p.open[v.ID] == nil {
		return
	}
	d := p.dossier(v)
	req := p.ref[v.ID]
	err := d.EditReason(who, fmt.Sprintf("It is time, wording %d.", req.wordings+1), p.now)
	if (err == nil) != p.worker(who) {
		p.t.Errorf("rewording: %v, should go: %t", err, p.worker(who))
	}
	if err == nil {
		req.wordings++
		p.keep(v, d)
		if who.ID != req.requester {
			req.editors[who.ID] = true
		}
		p.say("%s rewords", who.Name)
	}
}

func (p *play) breakGlass(v *registry.Version, who org.Actor) {
	want := who.Has(org.RiskReviewer, org.Admin) && p.stage[v.ID] == registry.Staged && p.iron()
	delete(p.open, v.ID) // the store ends the open request first
	delete(p.ref, v.ID)
	d := p.dossier(v)
	p.nextID++
	d.ID = p.nextID
	err := d.BreakGlass(who, registry.Production, "Checkout is down.", p.now)
	p.say("%s breaks glass for %s: %v", who.Name, v.Label, err)
	if (err == nil) != want {
		p.t.Errorf("breaking glass: %v, should go: %t", err, want)
	}
	if err != nil {
		return
	}
	if !d.OwesReview() || d.DebtDueAt.Sub(p.now) > 72*time.Hour {
		p.t.Error("no debt, or one that waits too long")
	}
	p.keep(v, d)
	p.enter(v, registry.Production, "break-glass")
	p.glass++
}

func (p *play) closeVersion(v *registry.Version, who org.Actor) {
	served := !v.ServedSince.IsZero() && p.window[v.ID].IsZero()
	stage := p.stage[v.ID]
	want := p.worker(who) && stage != registry.Retired && stage != registry.Production && !p.returns(v) && !served
	err := CloseVersion(who, &p.facts.Model, v, "It led nowhere.", p.now)
	if (err == nil) != want {
		p.t.Errorf("closing: %v, should go: %t", err, want)
	}
	if err == nil {
		p.stage[v.ID] = registry.Retired
		delete(p.open, v.ID)
		delete(p.ref, v.ID)
		p.say("%s closes %s", who.Name, v.Label)
	}
}

// invariant is what must hold after every step, however it was reached.
func (p *play) invariant() {
	inProduction := 0
	for _, v := range p.versions {
		if v.Stage != p.stage[v.ID] {
			p.t.Errorf("%s is %s, the reference says %s", v.Label, v.Stage, p.stage[v.ID])
		}
		if v.Stage != registry.Production {
			continue
		}
		inProduction++
		if p.serving == nil || p.serving.Record.VersionID != v.ID {
			p.t.Errorf("%s is in production and no record says that it serves", v.Label)
			continue
		}
		record := p.serving.Record
		if how := p.entered[v.ID]; how != "approved" && how != "break-glass" {
			p.t.Errorf("%s is in production and got there %q", v.Label, how)
		}
		if record.How != "break-glass" && len(record.ApprovedBy) == 0 {
			p.t.Errorf("%s serves and nobody approved it", v.Label)
		}
		for _, a := range record.ApprovedBy {
			if a.ID == owner.ID || a.ID == author.ID || a.ID == editor.ID || a.ID == recorder.ID {
				p.t.Errorf("%s was approved by %s", v.Label, a.Name)
			}
		}
	}
	if inProduction > 1 || (inProduction == 0) != (p.serving == nil) {
		p.t.Errorf("%d versions in production, serving %v", inProduction, p.serving)
	}
}
