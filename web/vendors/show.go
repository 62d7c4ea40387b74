package vendors

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/vendors"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

// mostUsers is how many versions a vendor model's page lists.
const mostUsers = 100

// Show is one vendor model: what each source says, who uses it, how its dates moved. Any id has a page,
// also one that the catalogue does not have.
func (h Handlers) Show(c echo.Context) error {
	q := form.ReadQuery(c)
	host, id := q.Text("host"), q.Cursor("id")
	if err := q.Err(); err != nil {
		return err
	}
	if host == "" || vendors.Normalize(id) == "" {
		return fault.New(fault.NotFound, "Name a host and an id.")
	}
	v, err := h.modelView(c, host, id)
	if err != nil {
		return err
	}
	p := respond.Props(c, v.ModelID)
	p.Wide, p.Crumbs = true, crumbs(v.ModelID)
	return respond.HTML(c, http.StatusOK, views.Model(p, v))
}

func (h Handlers) modelView(c echo.Context, host, id string) (views.ModelView, error) {
	ctx, actor := c.Request().Context(), auth.Actor(c)
	may := org.May(actor, org.Catalogue, 0)
	v := views.ModelView{MayWrite: may.Allowed, WhyNot: may.Reason, Today: day.Of(h.Clock()), Now: h.Clock()}
	fact, err := h.Store.VendorFact(ctx, host, id)
	if err != nil {
		return v, err
	}
	v.Entry, v.Known = fact.Entry, fact.Known
	if !v.Known {
		v.Entry = vendors.Entry{Host: fact.Verdict.Host, ModelID: id}
	}
	v.Class, v.Reason, v.Suggestion = fact.Verdict.Class, fact.Verdict.Reason, fact.Verdict.Suggestion
	v.Fits = views.MayServe(v.Class)
	if v.Known && vendors.Normalize(id) != vendors.Normalize(v.ModelID) {
		v.Asked = id
	}
	v.Base = vendors.BaseOf(host, id)
	readings, err := h.Store.VendorReadings(ctx, host, id)
	if err != nil {
		return v, err
	}
	tellReadings(&v, readings, actor.ID)
	users, err := h.Store.VendorUsers(ctx, v.Entry, h.Policy, mostUsers)
	if err != nil {
		return v, err
	}
	h.tellUsers(&v, users, actor)
	return v, nil
}

func tellReadings(v *views.ModelView, readings []vendors.Reading, me int64) {
	v.Readings, v.Proposed = len(readings), proposed(readings, me)
	for _, r := range vendors.Latest(readings) {
		odd := r.EndOfLife.Known() && r.EndOfLife != v.EndOfLife
		v.Sources = append(v.Sources, views.Source{Reading: r, Odd: odd})
	}
	moves := vendors.History(readings)
	slices.Reverse(moves)
	for _, m := range moves {
		v.Moves = append(v.Moves, moveView(m))
	}
}

// moveView says a change as a person tells it: what was believed, until when, and what is believed since.
func moveView(m vendors.Move) views.MoveView {
	out := views.MoveView{Source: m.By.Source, Who: m.By.ByName, At: m.At}
	say := func(format string, args ...any) { out.What = append(out.What, fmt.Sprintf(format, args...)) }
	if m.Before.ModelID == "" {
		say("First read: %s, %s.", views.ClassWord(m.After.Class), endOf(m.After.EndOfLife))
		return out
	}
	until := "until " + day.Of(m.At).Human()
	if m.Until().Known() {
		until = "until read on " + m.Until().Human()
	}
	if m.EndMoved() {
		say("The end was %s %s; since then %s.", or(m.Before.EndOfLife.Human(), "not known"), until, endOf(m.After.EndOfLife))
	}
	if m.ClassMoved() {
		say("It was %s %s; since then %s.", views.ClassWord(m.Before.Class), until, views.ClassWord(m.After.Class))
	}
	if m.Before.Successor != m.After.Successor {
		say("The successor was %s %s; since then %s.", or(m.Before.Successor, "not named"), until, or(m.After.Successor, "not named"))
	}
	switch {
	case m.After.Conflict != "" && m.Before.Conflict == "":
		say("Sources began to disagree. %s", m.After.Conflict)
	case m.After.Conflict == "" && m.Before.Conflict != "":
		say("The disagreement was settled.")
	}
	return out
}

func endOf(d day.Day) string {
	if !d.Known() {
		return "no end known"
	}
	return "it ends on " + d.Human()
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// tellUsers lists who builds on it, with the next step for those who may take it.
func (h Handlers) tellUsers(v *views.ModelView, users []store.User, actor org.Actor) {
	models := map[string]bool{}
	for _, u := range users {
		x := views.User{Slug: u.Slug, Model: u.Model, Version: u.Version, Stage: u.Stage, Tier: int(u.Tier), Owner: u.Owner, Team: u.Team, ModelID: u.ModelID,
			LatestStart: u.Runway.LatestStart, NeedsDays: u.Runway.NeedsDays}
		if v.Successor != "" && org.May(actor, org.Edit, u.TeamID).Allowed {
			x.Next = link.VersionOnSuccessor(u.Slug, u.Version, string(v.Host), v.Successor)
		}
		if u.Runway.Level(v.Today) == retirement.LevelPast || u.Runway.LatestStart == v.Today {
			if !models[u.Slug] {
				v.InsideCount++
			}
		}
		if models[u.Slug] = true; u.Runway.NeedsDays > v.NeedsDays {
			v.NeedsDays, v.LatestStart = u.Runway.NeedsDays, u.Runway.LatestStart
		}
		v.Users = append(v.Users, x)
	}
	v.Models = len(models)
}

// OfVersion leads to the vendor model that a version is built on.
func (h Handlers) OfVersion(c echo.Context) error {
	slug, err := form.Param(c, "model")
	if err != nil {
		return err
	}
	label, err := form.Param(c, "version")
	if err != nil {
		return err
	}
	host, id, err := h.Store.VendorOf(c.Request().Context(), slug, label)
	switch {
	case err != nil:
		return err
	case id == "":
		return respond.SeeOther(c, link.Vendors())
	}
	return respond.SeeOther(c, link.VendorModel(host, id))
}
