package home

import (
	"strings"

	views "sundial/components/home"
	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/vendors"
)

func modelLine(m store.OwnModel, today day.Day) views.ModelLine {
	row := m.Model
	l := views.ModelLine{Name: row.Name, Slug: row.Slug, Stage: row.Stage, Tier: int(row.Tier), Serving: m.Serving, Ends: ends(m)}
	if m.InForce != 0 {
		l.Start = m.Runway.LatestStart
	}
	if m.Retiring != "" {
		l.Begun = "under way: " + strings.ToLower(m.Retiring.Title())
	}
	l.Next, l.NextHref = next(m, today)
	if l.NextHref == "" {
		l.Calm = true
	}
	return l
}

// ends is when the model ends at latest: its own date, its plan's or the vendor's.
func ends(m store.OwnModel) day.Day {
	end := m.DeprecationOn
	for _, d := range []day.Day{m.Runway.End, m.VendorEnd} {
		if !end.Known() || d.Before(end) {
			end = d
		}
	}
	return end
}

// next is the one thing to do for a model, the most pressing first, and where. Without an address there
// is nothing to do but wait.
func next(m store.OwnModel, today day.Day) (what, where string) {
	row, slug := m.Model, m.Model.Slug
	running := row.Stage == registry.Staged || row.Stage == registry.Production
	switch {
	case m.OwnerID == 0:
		return "Name an owner", link.EditPeople(slug)
	case m.InForce != 0 && len(m.Findings) > 0:
		return "Mend the retirement plan", link.Retirement(slug)
	case m.Late(today):
		return "Begin the retirement: its latest start has passed", link.Retirement(slug)
	case vendorEnds(m, today) && m.Successor != "" && m.Serving != "" && m.Focus == "":
		return "Make a version from " + m.Successor, link.VersionOnSuccessor(slug, m.Serving, m.VendorHost, m.Successor)
	case m.State == retirement.ChangesRequested:
		return "Answer the plan's reviewer", link.Retirement(slug)
	case running && m.Newest == 0:
		return "File a retirement plan", link.Retirement(slug)
	case m.OpenRequest != 0:
		return "A request is in review", link.Request(m.OpenRequest)
	case running && m.InForce == 0 && m.State == retirement.Draft:
		return "Finish the retirement plan", link.Retirement(slug)
	case m.TeamID == 0 || row.Tier == 0:
		return "Complete what is on record", link.EditModel(slug)
	case m.Focus == "" && m.Serving == "":
		return "Add a version", link.NewVersion(slug)
	case m.Focus != "":
		if to := lifecycle.NextStage(m.FocusStage); to != "" {
			return "Ask for " + string(to) + ": " + m.Focus, link.Version(slug, m.Focus)
		}
	}
	return "Nothing to do", ""
}

// dueLines are the days of a model that are near or past.
func dueLines(m store.OwnModel, today day.Day) []views.Line {
	var out []views.Line
	name, plan := m.Model.Name, link.Retirement(m.Model.Slug)
	add := func(title, note string, due day.Day, overdue string) {
		out = append(out, views.Line{Title: title, Href: plan, Note: note, Due: due, Overdue: overdue})
	}
	for _, f := range m.Findings {
		if f.Key != "review" { // told below, with its day
			add(name+": the retirement plan is stale", f.Sentence+" "+f.Mend, "", "stale")
			break
		}
	}
	if by := m.ReviewBy; m.InForce != 0 && by.Known() && today.Until(by) <= 30 {
		add(name+": look at the retirement plan again", "A plan whose review is overdue counts as none.", by, past(by, today))
	}
	switch level := m.Runway.Level(today); {
	case m.Retiring != "": // it has begun
	case level == retirement.LevelPast:
		add(name+": begin the retirement", "Later than this it cannot end in time, on "+m.Runway.End.Human()+".", m.Runway.LatestStart, "late")
	case level == retirement.LevelUrgent, level == retirement.LevelWarn, level == retirement.LevelNotice:
		add(name+": latest start of the retirement", "It ends on "+m.Runway.End.Human()+".", m.Runway.LatestStart, "")
	}
	if vendorEnds(m, today) {
		out = append(out, vendorLine(m, today))
	}
	if end := ends(m); end.Known() && today.Until(end) <= 90 && m.Model.Stage == registry.Production {
		add(name+" ends", "It still serves.", end, past(end, today))
	}
	return out
}

// vendorEnds reports whether the end of the vendor's model that serves is within the runway, or within
// the 90 days that are the least anybody is told before.
func vendorEnds(m store.OwnModel, today day.Day) bool {
	return m.VendorEnd.Known() && (today.Until(m.VendorEnd) <= leastWarning || vendors.InsideRunway(vendors.Entry{EndOfLife: m.VendorEnd}, today, m.Runway.NeedsDays))
}

// leastWarning is how many days before its end everybody is told of it.
const leastWarning = 90

// vendorLine tells of it, with the next step: the successor where the vendor names one.
func vendorLine(m store.OwnModel, today day.Day) views.Line {
	l := views.Line{Title: m.Model.Name + ": the vendor ends " + m.VendorModel, Href: link.VendorModel(m.VendorHost, m.VendorModel), Due: m.VendorEnd, Ends: true,
		Note: "No successor is named. Choose another model and make a version from it."}
	if m.Successor != "" {
		l.Note = "Make a version from " + m.Successor + ", measure it, and cut over."
	}
	if m.VendorEnd.Before(today) {
		l.Overdue = "past its end"
	}
	return l
}

func past(d, today day.Day) string {
	if d.Before(today) {
		return "overdue"
	}
	return ""
}
