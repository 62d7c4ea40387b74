package registry

import (
	"math"
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

// EditBasics changes what the model is called and for. Once it has versions its kind and short name
// are fixed: every stamp and link in the world carries the one, every version is built for the other.
func (m *Model) EditBasics(actor org.Actor, b Basics, hasVersions bool, now time.Time) error {
	if err := m.may(actor, org.Edit); err != nil {
		return err
	}
	var t typed
	b = b.tidy(&t)
	if hasVersions && b.Kind != m.Kind && b.Kind.Valid() {
		t.Add("kind", "The kind is fixed since the first version. Register another model instead.")
	}
	if hasVersions && b.Slug != m.Slug {
		t.Add("slug", "The short name is fixed since the first version: stamps and links carry it.")
	}
	if b.Tier == 0 && m.Tier != 0 {
		t.Add("tier", "Choose tier 1, 2 or 3.")
	}
	if b.Tier > m.Tier && m.Tier != 0 && !actor.Has(org.RiskReviewer, org.Admin) {
		t.Add("tier", "Only a risk reviewer or an administrator lowers the risk: the tier decides how many must agree.")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	set(&c, "name", &m.Name, b.Name)
	set(&c, "slug", &m.Slug, b.Slug)
	set(&c, "kind", &m.Kind, b.Kind)
	set(&c, "purpose", &m.Purpose, b.Purpose)
	set(&c, "tier", &m.Tier, b.Tier)
	return m.changed(&c, "model.edited", now)
}

// EditPeople changes who answers for the model. Whoever gives it to another team must have a say in both.
func (m *Model) EditPeople(actor org.Actor, p People, dir Directory, now time.Time) error {
	if err := m.may(actor, org.Assign); err != nil {
		return err
	}
	var t typed
	p.check(&t, dir)
	switch {
	case p.TeamID == 0 && m.TeamID != 0:
		t.Add("team", "Choose the team that answers for it.")
	case p.TeamID != m.TeamID:
		if may := org.May(actor, org.Assign, p.TeamID); !may.Allowed {
			t.Add("team", "You can only give it to a team of your own. An administrator can give it to any.")
		}
	}
	if p.OwnerID == 0 && m.Stage == Production {
		t.Add("owner", "Somebody must answer for a model in production. Choose the new owner.")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	assign := func(field string, into *int64, id int64, as func(int64) any) {
		if *into != id {
			c.told(field, as(*into), as(id))
			*into = id
		}
	}
	assign("team", &m.TeamID, p.TeamID, dir.team)
	assign("owner", &m.OwnerID, p.OwnerID, dir.person)
	assign("deputy", &m.DeputyID, p.DeputyID, dir.person)
	return m.changed(&c, "model.assigned", now)
}

// mostRetraining is the longest a model may be declared to go without training.
const mostRetraining = 1095

// EditPromises changes the service level, the deprecation date and how often the model is trained anew.
func (m *Model) EditPromises(actor org.Actor, p Promises, now time.Time) error {
	if err := m.may(actor, org.Edit); err != nil {
		return err
	}
	var t typed
	p.SLA = p.SLA.tidy(&t)
	if _, err := day.Parse(string(p.DeprecationOn)); err != nil {
		t.Add("deprecation_on", "Enter a date like 2027-03-31.")
	} else if p.DeprecationOn != m.DeprecationOn && p.DeprecationOn.Before(day.Of(now)) {
		t.Add("deprecation_on", "This day is past. Enter a day to come.")
	}
	switch d := p.RetrainingDays; {
	case d < 0 || d > mostRetraining:
		t.Addf("retraining_days", "Enter days, from 1 to %d, or leave it empty.", mostRetraining)
	case d != 0 && m.Kind == GenAI:
		t.Add("retraining_days", "A GenAI model is evaluated again, not trained. Leave it empty.")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	set(&c, "sla", &m.SLA, p.SLA)
	set(&c, "deprecation_on", &m.DeprecationOn, p.DeprecationOn)
	set(&c, "retraining_days", &m.RetrainingDays, p.RetrainingDays)
	return m.changed(&c, "model.promised", now)
}

// tidy checks an SLA and gives it back as it is kept.
func (s SLA) tidy(t *typed) SLA {
	if a := s.AvailabilityPercent; a != 0 && !(a >= 1 && a <= 100) {
		t.Add("availability", "Enter a percentage from 1 to 100, such as 99.5.")
	}
	if l := s.LatencyP95Millis; l < 0 || l > 3_600_000 {
		t.Add("latency", "Enter milliseconds, from 1 to 3,600,000 (an hour).")
	}
	s.QualityMetric = t.name("quality_metric", s.QualityMetric, longestName)
	s.Support = t.line("support", s.Support, longestLine)
	if math.IsNaN(s.QualityThreshold) || math.Abs(s.QualityThreshold) > 1e15 {
		t.Add("quality_threshold", "Enter a number, such as 0.85.")
	}
	switch {
	case s.QualityMetric != "":
		s.QualityOperator = t.oneOf("quality_operator", s.QualityOperator, "Choose whether more or less is better.", ">=", "<=")
	case s.QualityThreshold != 0:
		t.Add("quality_metric", "Name the metric that this threshold is for.")
	default:
		s.QualityOperator = ""
	}
	return s
}

const mostConsumers = 200

// Criticalities are how much a consumer depends on a model, from little to much.
var Criticalities = []string{"low", "medium", "high"}

// EditConsumers changes who depends on the model, or says why nobody does.
func (m *Model) EditConsumers(actor org.Actor, list []Consumer, noneReason string, now time.Time) error {
	if err := m.may(actor, org.Edit); err != nil {
		return err
	}
	var t typed
	kept := tidyConsumers(&t, list)
	noneReason = t.text("no_consumers_reason", noneReason, 500)
	switch {
	case len(kept) > mostConsumers:
		t.Addf("consumers", "At most %d consumers are listed. Name the systems between them instead.", mostConsumers)
	case len(kept) > 0 && noneReason != "":
		t.Add("no_consumers_reason", "There are consumers above. Remove them, or leave this empty.")
	case len(kept) == 0 && noneReason == "":
		t.Add("no_consumers_reason", "Name at least one consumer, or say why there are none.")
	case len(kept) == 0 && len(noneReason) < 5:
		t.Add("no_consumers_reason", "Say in a few words why there are none.")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	set(&c, "consumers", &m.Consumers, kept)
	set(&c, "no_consumers_reason", &m.NoConsumersReason, noneReason)
	return m.changed(&c, "model.consumers_changed", now)
}

// tidyConsumers checks the rows that hold anything. Fields keep the row's number as it was sent.
func tidyConsumers(t *typed, list []Consumer) []Consumer {
	kept := []Consumer{}
	for i, x := range list {
		if blank(x.Name, x.Contact, x.Integration) && x.NoticeDays == 0 {
			continue
		}
		field := func(name string) string { return at("consumers", i, name) }
		x.Name = t.name(field("name"), x.Name, longestName)
		x.Contact = t.line(field("contact"), x.Contact, longestLine)
		x.Integration = t.line(field("integration"), x.Integration, longestLine)
		if x.Name == "" {
			t.Add(field("name"), "Name the person, team or system.")
		}
		if x.Contact == "" {
			t.Add(field("contact"), "Say whom to tell when it changes or ends.")
		}
		if slices.ContainsFunc(kept, func(k Consumer) bool { return x.Name != "" && strings.EqualFold(k.Name, x.Name) }) {
			t.Addf(field("name"), "%s is listed already.", x.Name)
		}
		x.Criticality = t.oneOf(field("criticality"), x.Criticality, "Choose low, medium or high.", Criticalities...)
		if x.NoticeDays < 0 || x.NoticeDays > 365 {
			t.Add(field("notice_days"), "Enter a number of days from 0 to 365.")
		}
		kept = append(kept, x)
	}
	return kept
}

func blank(list ...string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) != "" })
}

func (m *Model) may(actor org.Actor, act org.Act) error {
	if may := org.May(actor, act, m.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	return nil
}

func (m *Model) changed(c *changes, verb string, now time.Time) error {
	m.UpdatedAt = now
	return c.note(&m.Trail, verb, m.Subject())
}
