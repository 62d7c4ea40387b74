package vendors

import (
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func said(id int64, source string, end day.Day, class Class, on day.Day) Reading {
	return Reading{ID: id, State: Counted, Via: ByForm, At: noon.AddDate(0, 0, int(id)), FirstReadOn: on,
		Entry: Entry{Host: "acme", ModelID: "acme-large", Class: class, EndOfLife: end, Source: source, ReadOn: on}}
}

func pinnedByID(r Reading) Reading {
	r.Host, r.ModelID = OpenAI, "gpt-4o-2024-11-20"
	return r
}

func TestWhatAReadingDoes(t *testing.T) {
	a := pinnedByID(said(1, "a", "2027-01-01", Pinned, "2026-11-01"))
	b := pinnedByID(said(2, "b", "2027-03-01", Pinned, "2026-11-02"))
	correct := func(r Reading) Reading { r.Corrects = true; return r }
	at := func(r Reading, on day.Day) Reading { r.ReadOn = on; return r }
	via := func(r Reading, v Via) Reading { r.Via = v; return r }
	open := said(1, "a", "", Undetermined, "2026-11-01")
	for name, c := range map[string]struct {
		have   []Reading
		r      Reading
		alone  bool
		effect Effect
		end    day.Day
	}{
		"the first of a row adds it":                      {nil, a, false, Adds, "2027-01-01"},
		"the same source with another end changes it":     {[]Reading{a}, at(pinnedByID(said(0, "A", "2027-02-01", Pinned, "")), "2026-11-05"), false, Changes, "2027-02-01"},
		"another source with another end disagrees":       {[]Reading{a}, b, false, Disagrees, "2027-01-01"},
		"the same again is dated anew":                    {[]Reading{a}, at(a, "2026-11-09"), false, Repeats, "2027-01-01"},
		"an older reading of a source changes nothing":    {[]Reading{a}, at(pinnedByID(said(0, "a", "2028-01-01", Pinned, "")), "2026-10-01"), false, Repeats, "2027-01-01"},
		"a class for an undetermined id waits":            {nil, said(0, "a", "", PinnedDateless, "2026-11-01"), false, Waits, ""},
		"an end for an undetermined id waits":             {[]Reading{open}, said(0, "b", "2027-01-01", Undetermined, "2026-11-02"), false, Waits, "2027-01-01"},
		"an undetermined id may be added as that":         {nil, open, false, Adds, ""},
		"a successor alone does not wait":                 {[]Reading{open}, func() Reading { r := said(0, "b", "", Undetermined, "2026-11-02"); r.Successor = "acme-xl"; return r }(), false, Changes, ""},
		"one person may where the policy lets one":        {nil, said(0, "a", "", PinnedDateless, "2026-11-01"), true, Adds, ""},
		"a vendor's own list is nobody's claim":           {[]Reading{open}, via(said(0, "list", "2027-01-01", Undetermined, "2026-11-02"), ByList), false, Changes, "2027-01-01"},
		"settling a conflict waits":                       {[]Reading{a, b}, correct(at(pinnedByID(said(0, "c", "2027-03-01", Pinned, "")), "2026-11-03")), false, Waits, "2027-03-01"},
		"settling it for the date that was believed too":  {[]Reading{a, b}, correct(at(pinnedByID(said(0, "a", "2027-01-01", Pinned, "")), "2026-11-03")), false, Waits, "2027-01-01"},
		"a third that agrees with the believed date":      {[]Reading{a, b}, pinnedByID(said(0, "c", "2027-01-01", Pinned, "2026-11-03")), false, Repeats, "2027-01-01"},
		"a correction without a conflict counts at once":  {[]Reading{a}, correct(b), false, Changes, "2027-03-01"},
		"what is proposed and refused is no row":          {[]Reading{{State: Proposed, Entry: a.Entry}, {State: Refused, Entry: a.Entry}}, b, false, Adds, "2027-03-01"},
		"the earlier end of a conflict waits for another": {[]Reading{a, b}, pinnedByID(said(0, "c", "2026-12-01", Pinned, "2026-11-03")), false, Waits, "2026-12-01"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := Weigh(c.have, c.r, c.alone)
			if err != nil || o.Effect != c.effect || o.After.EndOfLife != c.end || (o.Why != "") != (c.effect == Waits) {
				t.Errorf("%v: %s, end %q, waits %q", err, o.Effect, o.After.EndOfLife, o.Why)
			}
		})
	}
	o, _ := Weigh([]Reading{a, b}, at(a, "2026-11-09"), false)
	if o.Repeat != 1 {
		t.Errorf("the reading that it repeats: %d", o.Repeat)
	}
}

func TestFourEyesOnAProposal(t *testing.T) {
	anna := org.Actor{Person: org.Person{ID: 1, Name: "Anna", Roles: []org.Role{org.Reviewer}}, Via: "session"}
	bert := org.Actor{Person: org.Person{ID: 2, Name: "Bert", Roles: []org.Role{org.RiskReviewer}}, Via: "session"}
	carl := org.Actor{Person: org.Person{ID: 3, Name: "Carl", Roles: []org.Role{org.Contributor}}, Via: "session"}
	for name, c := range map[string]struct {
		who     org.Actor
		state   ReadingState
		confirm bool
		answer  string
		kind    fault.Kind
	}{
		"another reviewer confirms":          {bert, Proposed, true, "", 0},
		"not one's own":                      {anna, Proposed, true, "", fault.Forbidden},
		"not without the role":               {carl, Proposed, true, "", fault.Forbidden},
		"not twice":                          {bert, Counted, true, "", fault.Conflict},
		"a refusal has a reason":             {bert, Proposed, false, "", fault.Invalid},
		"refused with a reason":              {bert, Proposed, false, "The page says otherwise.", 0},
		"one takes one's own back":           {anna, Proposed, false, "I misread it.", 0},
		"a reason of three thousand letters": {bert, Proposed, false, strings.Repeat("x", 3000), fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			r := Reading{State: c.state, By: 1}
			err := r.Decide(c.who, c.confirm, c.answer, noon)
			if f, _ := fault.As(err); err != nil && (f == nil || f.Kind != c.kind) || err == nil && c.kind != 0 {
				t.Fatalf("%v", err)
			}
			if want := map[bool]ReadingState{true: Counted, false: Refused}[c.confirm]; err == nil && (r.State != want || r.DecidedBy != c.who.ID) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestADateThatMovedTellsUntilWhen(t *testing.T) {
	first := pinnedByID(said(1, "page", "2026-03-01", Pinned, "2025-09-01"))
	again := pinnedByID(said(2, "page", "2026-06-01", Pinned, "2025-11-03"))
	other := pinnedByID(said(3, "list", "2026-04-01", Pinned, "2025-12-01"))
	settled := pinnedByID(said(4, "page", "2026-06-01", Pinned, "2025-12-10"))
	settled.Corrects = true
	for i := range 3 {
		[]*Reading{&first, &again, &other}[i].SetAsideBy = 4
		[]*Reading{&first, &again, &other}[i].State = SetAside
	}
	refused := said(5, "rumour", "2030-01-01", Pinned, "2025-12-11")
	refused.State = Refused
	moves := History([]Reading{first, again, other, settled, refused})
	var ends []string
	for _, m := range moves {
		ends = append(ends, string(m.Before.EndOfLife)+">"+string(m.After.EndOfLife))
	}
	if got := strings.Join(ends, " "); got != ">2026-03-01 2026-03-01>2026-06-01 2026-06-01>2026-04-01 2026-04-01>2026-06-01" {
		t.Errorf("the end moved: %s", got)
	}
	if m := moves[1]; m.Until() != "2025-11-03" || !m.EndMoved() || m.ClassMoved() || moves[0].EndMoved() {
		t.Errorf("%+v", m)
	}
	if moves[2].After.Conflict == "" || moves[3].After.Conflict != "" {
		t.Error("the conflict came with the list and went with the correction")
	}
	if got := Latest([]Reading{pinnedByID(said(1, "page", "2026-03-01", Pinned, "2025-09-01")), pinnedByID(said(2, "Page ", "2026-06-01", Pinned, "2025-11-03")), refused}); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("what the sources say now: %+v", got)
	}
}
