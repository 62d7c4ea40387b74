package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/notice"
	"sundial/models/retirement"
)

// mostHearers bounds how many people of a role or a team hear of one event.
const mostHearers = 500

// circle finds who plays these parts in an event, as it is now.
func (n *newsroom) circle(e audit.Event, parts []notice.Part) (*circle, error) {
	c := &circle{n: n, e: e, found: notice.Circle{}}
	for _, part := range parts {
		find := finders[part]
		if find == nil {
			return nil, fmt.Errorf("nobody knows how to find the part %q", part)
		}
		people, err := find(c)
		if err != nil {
			return nil, fmt.Errorf("find %s of event %d: %w", part, e.Seq, err)
		}
		c.found[part] = people
	}
	return c, nil
}

// circle is what was found out about one event.
type circle struct {
	n     *newsroom
	e     audit.Event
	found notice.Circle
	model *modelHands
	plan  *planRow

	entries map[int64]int // of a quarter's confirmation: how many wait for each person
}

type modelHands struct{ OwnerID, DeputyID, TeamID int64 }

var finders = map[notice.Part]func(*circle) ([]int64, error){
	notice.Owner:     func(c *circle) ([]int64, error) { m, err := c.hands(); return []int64{m.OwnerID}, err },
	notice.Deputy:    func(c *circle) ([]int64, error) { m, err := c.hands(); return []int64{m.DeputyID}, err },
	notice.Requester: (*circle).requester,
	notice.Authors:   (*circle).authors,
	notice.Reviewers: (*circle).reviewers,
	notice.Starter: func(c *circle) ([]int64, error) {
		return c.ask("SELECT COALESCE(started_by, 0) FROM imports WHERE id = ?", c.e.Subject.ID)
	},
	notice.Lead:       func(c *circle) ([]int64, error) { p, err := c.people(); return []int64{p.CutoverLead}, err },
	notice.Steward:    func(c *circle) ([]int64, error) { p, err := c.people(); return []int64{p.DataSteward}, err },
	notice.Named:      (*circle).named,
	notice.Above:      (*circle).above,
	notice.Cataloguer: func(c *circle) ([]int64, error) { return c.withRole("reviewer", "risk_reviewer", "admin") },
	notice.Team:       (*circle).team,
	notice.Leadership: func(c *circle) ([]int64, error) { return c.withRole("leadership") },
	notice.RiskDesk:   func(c *circle) ([]int64, error) { return c.withRole("risk_reviewer") },
	notice.Answerable: func(c *circle) ([]int64, error) {
		return c.unconfirmed("CASE WHEN o.disabled = FALSE THEN o.id ELSE m.deputy_id END")
	},
	notice.StandIns: func(c *circle) ([]int64, error) { return c.unconfirmed("m.deputy_id") },
}

func (c *circle) ask(sql string, args ...any) (ids []int64, err error) {
	err = c.n.tx.Raw(sql, args...).Scan(&ids).Error
	return ids, err
}

// hands are who answers for the model.
func (c *circle) hands() (modelHands, error) {
	if c.model == nil {
		c.model = &modelHands{}
		err := c.n.tx.Raw("SELECT COALESCE(owner_id, 0) AS owner_id, COALESCE(deputy_id, 0) AS deputy_id, COALESCE(team_id, 0) AS team_id FROM models WHERE id = ?", c.e.Subject.Model).Scan(c.model).Error
		if err != nil {
			return modelHands{}, err
		}
	}
	return *c.model, nil
}

var requesterOf = map[string]string{
	"request": "SELECT requester_id FROM requests WHERE id = ?",
	"waiver":  "SELECT asked_by FROM waivers WHERE id = ?",
	"alias":   "SELECT requester_id FROM alias_proposals WHERE alias_id = ? ORDER BY id DESC LIMIT 1",
}

func (c *circle) requester() ([]int64, error) {
	sql := requesterOf[c.e.Subject.Kind]
	if sql == "" {
		return nil, nil
	}
	return c.ask(sql, c.e.Subject.ID)
}

// itsPlan is the plan that an event is about: itself, else the model's plan in force, else its newest.
func (c *circle) itsPlan() (planRow, error) {
	if c.plan == nil {
		q := c.n.tx.Where("model_id = ?", c.e.Subject.Model).Order("CASE WHEN state = 'approved' THEN 0 ELSE 1 END, number DESC")
		if c.e.Subject.Kind == "plan" {
			q = c.n.tx.Where("id = ?", c.e.Subject.ID)
		}
		var row planRow
		if err := q.Limit(1).Find(&row).Error; err != nil {
			return row, err
		}
		c.plan = &row
	}
	return *c.plan, nil
}

func (c *circle) people() (retirement.People, error) {
	row, err := c.itsPlan()
	return row.Body.V.People, err
}

func (c *circle) authors() ([]int64, error) {
	row, err := c.itsPlan()
	return append([]int64{row.Facts.V.SubmittedBy, deref(row.AuthorID)}, row.Facts.V.EditorIDs...), err
}

// named are the people behind the names that the plan gives to steps and data.
func (c *circle) named() ([]int64, error) {
	row, err := c.itsPlan()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range row.Body.V.Steps {
		names = append(names, s.Owner)
	}
	for _, a := range row.Body.V.Assets {
		names = append(names, a.Performer, a.Verifier)
	}
	slices.Sort(names)
	if names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" }); len(names) == 0 {
		return nil, nil
	}
	return c.ask("SELECT id FROM people WHERE disabled = ? AND (name IN ? OR email IN ?) ORDER BY id LIMIT ?", false, names, names, mostHearers)
}

func (c *circle) withRole(roles ...string) ([]int64, error) {
	where, args := "", []any{false}
	for i, r := range roles {
		if i > 0 {
			where += " OR "
		}
		where, args = where+"roles LIKE ?", append(args, `%"`+r+`"%`)
	}
	return c.ask("SELECT id FROM people WHERE disabled = ? AND ("+where+") ORDER BY name, id LIMIT ?", append(args, mostHearers)...)
}

func (c *circle) team() ([]int64, error) {
	m, err := c.hands()
	if err != nil || m.TeamID == 0 {
		return nil, err
	}
	return c.ask("SELECT id FROM people WHERE disabled = ? AND NOT ("+notIn("team_ids")+") ORDER BY name, id LIMIT ?", false, member(m.TeamID), mostHearers)
}

// deciders are everybody with a reviewer's role, asked once a step.
func (c *circle) deciders() ([]int64, error) {
	if c.n.reviewer == nil {
		var err error
		if c.n.reviewer, err = c.withRole("reviewer", "risk_reviewer"); err != nil {
			return nil, err
		}
	}
	return c.n.reviewer, nil
}

// decidersBut are the deciders without these people; nobody where there is nothing to decide.
func (c *circle) decidersBut(barred []int64, err error) ([]int64, error) {
	if err != nil || barred == nil {
		return nil, err
	}
	all, err := c.deciders()
	return slices.DeleteFunc(slices.Clone(all), func(id int64) bool { return slices.Contains(barred, id) }), err
}

// reviewers are those who may decide what the event asks for. It is the four-eyes rule of the request, the
// plan, the waiver and the alias, for letters only: the page asks the rule itself. What was decided
// meanwhile asks nobody any more.
func (c *circle) reviewers() ([]int64, error) {
	switch id := c.e.Subject.ID; c.e.Subject.Kind {
	case "request":
		return c.decidersBut(c.barred("FROM requests x JOIN models m ON m.id = x.model_id JOIN versions v ON v.id = x.version_id WHERE x.state = 'open' AND x.id = ?", "x.requester_id", "x.editors", id))
	case "waiver":
		return c.decidersBut(c.barred("FROM waivers x JOIN models m ON m.id = x.model_id JOIN versions v ON v.id = x.version_id WHERE x.state = 'asked' AND x.id = ?", "x.asked_by", "'[]'", id))
	case "plan":
		return c.decidersBut(c.planHands())
	case "alias":
		return c.decidersBut(c.aliasHands(id))
	}
	return nil, nil
}

type barredRow struct {
	VersionID, AskedBy, OwnerID, AuthorID int64
	Editors, VersionEditors               asJSON[[]int64]
}

// barred are who asked, who owns the model, and whoever made or changed the version or its evidence.
func (c *circle) barred(from, askedBy, editors string, id int64) ([]int64, error) {
	var r barredRow
	err := c.n.tx.Raw("SELECT v.id AS version_id, "+askedBy+" AS asked_by, COALESCE(m.owner_id, 0) AS owner_id, COALESCE(v.author_id, 0) AS author_id, "+editors+" AS editors, v.editors AS version_editors "+from, id).Scan(&r).Error
	if err != nil || r.VersionID == 0 {
		return nil, err
	}
	recorded, err := c.ask("SELECT DISTINCT COALESCE(recorded_by, 0) FROM evidence WHERE version_id = ?", r.VersionID)
	return slices.Concat([]int64{r.AskedBy, r.OwnerID, r.AuthorID}, r.Editors.V, r.VersionEditors.V, recorded), err
}

func (c *circle) planHands() ([]int64, error) {
	m, err := c.hands()
	if err != nil {
		return nil, err
	}
	wrote, err := c.authors()
	if err != nil || c.plan.State != string(retirement.Submitted) {
		return nil, err
	}
	p, err := c.people()
	return append(wrote, m.OwnerID, m.DeputyID, p.Owner, p.Deputy), err
}

func (c *circle) aliasHands(id int64) ([]int64, error) {
	var r struct{ RequesterID, OwnerID, AuthorID int64 }
	err := c.n.tx.Raw(`SELECT p.requester_id, COALESCE(m.owner_id, 0) AS owner_id, COALESCE(v.author_id, 0) AS author_id FROM alias_proposals p
		LEFT JOIN versions v ON v.id = p.to_version LEFT JOIN models m ON m.id = v.model_id WHERE p.alias_id = ? AND p.state = 'open'`, id).Scan(&r).Error
	if err != nil || r.RequesterID == 0 {
		return nil, err
	}
	return []int64{r.RequesterID, r.OwnerID, r.AuthorID}, nil
}

// above are reviewers who carry no part of the retirement.
func (c *circle) above() ([]int64, error) {
	m, err := c.hands()
	if err != nil {
		return nil, err
	}
	p, err := c.people()
	return c.decidersBut([]int64{m.OwnerID, m.DeputyID, p.Owner, p.Deputy, p.CutoverLead, p.DataSteward}, err)
}

// mostAnswerable bounds how many people hear of one quarter's confirmation.
const mostAnswerable = 20_000

// unconfirmed are those who answer for entries of the event's quarter that nobody confirmed.
func (c *circle) unconfirmed(who string) ([]int64, error) {
	var about struct {
		Quarter day.Quarter `json:"quarter"`
	}
	if json.Unmarshal(c.e.After, &about) != nil || about.Quarter == "" {
		return nil, nil // an event that names no quarter asks nobody, and holds up no other mail
	}
	where, args := unconfirmed(about.Quarter)
	if err := c.countEntries(where, args); err != nil {
		return nil, err
	}
	return c.ask("SELECT DISTINCT "+who+" AS person FROM models m LEFT JOIN people o ON o.id = m.owner_id WHERE "+where+" AND "+who+" IS NOT NULL ORDER BY 1 LIMIT ?",
		append(args[:len(args):len(args)], mostAnswerable)...)
}

// countEntries counts, once, how many of them each person finds on their page: as owner and as deputy.
func (c *circle) countEntries(where string, args []any) error {
	if c.entries != nil {
		return nil
	}
	var rows []struct {
		Person int64
		N      int
	}
	err := c.n.tx.Raw("SELECT person, COUNT(*) AS n FROM (SELECT m.owner_id AS person FROM models m WHERE "+where+" UNION ALL SELECT m.deputy_id FROM models m WHERE "+where+
		") AS each WHERE person IS NOT NULL GROUP BY person", append(args[:len(args):len(args)], args...)...).Scan(&rows).Error
	c.entries = make(map[int64]int, len(rows))
	for _, r := range rows {
		c.entries[r.Person] = r.N
	}
	return err
}
