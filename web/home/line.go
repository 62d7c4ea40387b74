package home

import (
	"slices"
	"strings"
	"time"

	views "sundial/components/home"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/vendors"
)

// waitingLine is something to decide or to answer.
func waitingLine(i store.WorkItem, now time.Time) views.Line {
	l := views.Line{At: i.At, Tier: int(i.Tier), Note: words("asked by "+i.Who, i.Team)}
	switch i.Kind {
	case store.WorkReview:
		l.Title, l.Href = i.Model+" "+i.Version+" to "+string(i.To), link.Request(i.ID)
		l.Due, l.Overdue = dueAt(i.Due, now)
	case store.WorkDebt:
		l.Title, l.Href = "Review owed: "+i.Model+" "+i.Version, link.Request(i.ID)
		l.Note = words("promoted by "+i.Who+" by breaking glass", i.Team)
		l.Due, l.Overdue = dueAt(i.Due, now)
	case store.WorkPlan:
		l.Title, l.Href, l.Note = "Retirement plan of "+i.Model, link.Retirement(i.Slug), words("filed by "+i.Who, i.Team)
	case store.WorkWaiver:
		l.Title, l.Href = "Waiver for "+i.Model+" "+i.Version+": "+lifecycle.CheckTitle(i.Detail), link.Waiver(i.ID)
	case store.WorkQuestion:
		l.Title, l.Href, l.Note = "What became of "+i.Model+"?", link.Question(i.ID), "It is no longer listed in an imported inventory."
		l.Tier = 0
	case store.WorkReading:
		l.Title, l.Href, l.Note = i.Detail+" at "+vendors.Host(i.State).Name(), link.VendorReading(i.ID), "proposed by "+i.Who+", to be confirmed by somebody else"
		l.Tier = 0
	}
	return l
}

// dueAt is the day something is due on, and the word when that has passed.
func dueAt(t, now time.Time) (due day.Day, overdue string) {
	switch {
	case t.IsZero():
		return "", ""
	case t.Before(now):
		return day.Of(t), "late"
	}
	return day.Of(t), ""
}

// askedLine is something one waits for oneself.
func askedLine(i store.WorkItem, now time.Time) views.Line {
	l := views.Line{At: i.At}
	switch i.Kind {
	case store.AskedRequest:
		l.Title, l.Href = i.Model+" "+i.Version+" to "+string(i.To), link.Request(i.ID)
		l.Badge, l.Tone = requestState(i)
		if _, late := dueAt(i.Due, now); late != "" {
			l.Due, l.Overdue = day.Of(i.Due), "late"
		}
	case store.AskedPlan:
		l.Title, l.Href = "Retirement plan of "+i.Model, link.Retirement(i.Slug)
		l.Badge, l.Tone = retirement.State(i.State).Title(), planTone(i.State)
	case store.AskedWaiver:
		l.Title, l.Href = "Waiver for "+i.Model+" "+i.Version+": "+lifecycle.CheckTitle(i.Detail), link.Waiver(i.ID)
		l.Badge, l.Tone = "Waits for a decision", ui.Info
	}
	return l
}

func requestState(i store.WorkItem) (string, ui.Tone) {
	switch lifecycle.State(i.State) {
	case lifecycle.Applied:
		return "Applied", ui.Good
	case lifecycle.Rejected:
		return "Rejected", ui.Bad
	case lifecycle.Withdrawn:
		return "Withdrawn", ui.Neutral
	case lifecycle.Superseded:
		return "Superseded", ui.Neutral
	}
	switch lifecycle.Verdict(i.Verdict) {
	case lifecycle.RequestChanges:
		return "Changes requested", ui.Warn
	case lifecycle.Approve:
		return "Partly approved", ui.Info
	}
	return "In review", ui.Info
}

func planTone(state string) ui.Tone {
	switch retirement.State(state) {
	case retirement.ChangesRequested:
		return ui.Warn
	case retirement.Rejected:
		return ui.Bad
	case retirement.Submitted:
		return ui.Info
	}
	return ui.Neutral
}

// evidenceLine is evidence that stops counting.
func evidenceLine(i store.WorkItem, now time.Time) views.Line {
	l := views.Line{Title: evidence.Kind(i.Detail).Title() + " of " + i.Model + " " + i.Version, Href: link.Version(i.Slug, i.Version), Due: day.Of(i.Due),
		Note: "Its evidence runs out. Record a newer result."}
	if i.Due.Before(now) {
		l.Overdue, l.Note = "out of date", "It no longer counts. Record a newer result."
	}
	return l
}

// evaluationLine is a release that is to be measured again.
func evaluationLine(i store.WorkItem) views.Line {
	why := map[string]string{"none": "It was not evaluated since its prompt, model, parameters or tools changed.", "failed": "Its last evaluation did not pass.",
		"vendor": "What is known of the vendor's model changed after its evaluation."}[i.Detail]
	return views.Line{Title: "Evaluate " + i.Model + " " + i.Version + " again", Href: link.EvidenceFor(i.Slug, i.Version, string(evidence.Evaluation)), Note: why}
}

// alertLines is what machines reported of a model. It has no day: it is so now.
func alertLines(m store.OwnModel, a store.Alert) []views.Line {
	var out []views.Line
	add := func(title, note, href, badge string) {
		out = append(out, views.Line{Title: m.Model.Name + ": " + title, Note: note, Href: href, Badge: badge, Tone: ui.Bad})
	}
	if !a.MetAt.IsZero() {
		add("the replacement criterion holds", a.Met+". The plan says what follows.", link.Retirement(m.Model.Slug), "Criterion")
	}
	if a.Zombies > 0 {
		add("a retired version still answers", "Somebody called it in the last seven days.", link.Monitoring(m.Model.Slug), "Zombie")
	}
	if a.Breaches > 0 {
		add(ui.Count(int64(a.Breaches), "breach", "breaches")+" in seven days", "Beyond what was promised, or beyond the report's own threshold.", link.Monitoring(m.Model.Slug), "Breach")
	}
	return out
}

func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" }), ", ")
}

// sortByDay puts what is due first on top; what has no day comes last.
func sortByDay(lines []views.Line) {
	slices.SortStableFunc(lines, func(a, b views.Line) int {
		switch {
		case a.Due == b.Due:
			return 0
		case !a.Due.Known():
			return 1
		case !b.Due.Known():
			return -1
		}
		return strings.Compare(string(a.Due), string(b.Due))
	})
}
