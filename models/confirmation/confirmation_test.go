package confirmation_test

import (
	"strings"
	"testing"
	"time"

	"sundial/models/confirmation"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

var (
	mira = org.Person{ID: 1, Name: "Mira", Roles: []org.Role{org.Contributor}}
	dara = org.Person{ID: 2, Name: "Dara", Roles: []org.Role{org.Contributor}}
	now  = time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
)

func entry() *confirmation.Entry {
	m := registry.Model{ID: 7, Slug: "fraud-scorer", Name: "Fraud scorer", Kind: registry.Trained, Purpose: "Scores payments.", TeamID: 3, OwnerID: 1, DeputyID: 2,
		Tier: 1, Stage: registry.Production, Consumers: []registry.Consumer{{Name: "Checkout"}, {Name: "Ledger"}}, CreatedAt: now.AddDate(-1, 0, 0)}
	return &confirmation.Entry{Facts: confirmation.Facts{Model: m, Team: org.Team{ID: 3, Name: "Fraud"}, Owner: mira, Deputy: dara, Serving: "v7"},
		Round: confirmation.Round{Quarter: "2026-Q4"}}
}

func by(p org.Person) org.Actor { return org.Actor{Person: p, Via: "session"} }

func TestWhenAnswersAreDue(t *testing.T) {
	tests := map[string]struct {
		round    confirmation.Round
		cameIn   day.Day
		due      day.Day
		lastOpen day.Day // the last day that is not overdue
	}{
		"thirty days from the quarter's first":           {confirmation.Round{Quarter: "2026-Q4"}, "2025-01-01", "2026-10-30", "2026-10-30"},
		"asked on the first day":                         {confirmation.Round{Quarter: "2026-Q1", AskedOn: "2026-01-01"}, "2025-01-01", "2026-01-30", "2026-01-30"},
		"a portal that began to ask in the middle":       {confirmation.Round{Quarter: "2026-Q4", AskedOn: "2026-11-30"}, "2025-01-01", "2026-12-29", "2026-12-29"},
		"what came in before the quarter has no more":    {confirmation.Round{Quarter: "2026-Q2"}, "2026-03-31", "2026-04-30", "2026-04-30"},
		"what came in later has its thirty days as well": {confirmation.Round{Quarter: "2026-Q2"}, "2026-05-10", "2026-06-08", "2026-06-08"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.round.DueFor(tt.cameIn); got != tt.due {
				t.Errorf("due on %s, want %s", got, tt.due)
			}
			e := entry()
			e.Round, e.Model.CreatedAt, e.Model.Source.Row = tt.round, tt.cameIn.Time().Add(8*time.Hour), 1
			if e.Overdue(tt.lastOpen) || !e.Overdue(tt.lastOpen.Add(1)) {
				t.Errorf("overdue on %s: %v, a day later: %v", tt.lastOpen, e.Overdue(tt.lastOpen), e.Overdue(tt.lastOpen.Add(1)))
			}
		})
	}
}

func TestWhichEntriesAreAskedFor(t *testing.T) {
	round := confirmation.Round{Quarter: "2026-Q4"}
	start, end := round.Quarter.Start(), round.Quarter.End()
	tests := map[string]struct {
		change func(*registry.Model)
		want   bool
	}{
		"one in production":                        {func(*registry.Model) {}, true},
		"one only reported to be in operation":     {func(m *registry.Model) { m.Stage, m.Reported = registry.Experiment, "operating" }, true},
		"an experiment":                            {func(m *registry.Model) { m.Stage = registry.Experiment }, true},
		"not a retired one":                        {func(m *registry.Model) { m.Stage = registry.Retired }, false},
		"the last moment before the quarter":       {func(m *registry.Model) { m.CreatedAt = start.Add(-time.Millisecond) }, true},
		"not one registered in the quarter":        {func(m *registry.Model) { m.CreatedAt = start }, false},
		"one imported in the quarter":              {func(m *registry.Model) { m.CreatedAt, m.Source.FileName = start, "systems.csv" }, true},
		"not one imported after the quarter":       {func(m *registry.Model) { m.CreatedAt, m.Source.FileName = end, "systems.csv" }, false},
		"the first moment of the quarter, in UTC+": {func(m *registry.Model) { m.CreatedAt = start.In(time.FixedZone("", 7200)) }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := entry()
			tt.change(&e.Model)
			if got := round.Asks(e.Model); got != tt.want {
				t.Errorf("asked for: %v", got)
			}
		})
	}
}

func TestWhoConfirms(t *testing.T) {
	gone := mira
	gone.Disabled = true
	auditor := mira
	auditor.Roles = []org.Role{org.Auditor}
	viewer := mira
	viewer.Roles = nil
	tests := map[string]struct {
		who  org.Actor
		want bool
	}{
		"the owner":                          {by(mira), true},
		"the deputy":                         {by(dara), true},
		"an owner without any role":          {by(viewer), true},
		"not a colleague":                    {by(org.Person{ID: 9, TeamIDs: []int64{3}, Roles: []org.Role{org.Contributor}}), false},
		"not an administrator":               {by(org.Person{ID: 9, Roles: []org.Role{org.Admin}}), false},
		"not somebody who has left":          {by(gone), false},
		"not an owner who is an auditor":     {by(auditor), false},
		"not the owner's machine":            {org.Actor{Person: mira, Via: "token:nightly"}, false},
		"not the portal by itself":           {org.System, false},
		"nobody, where the model has nobody": {by(org.Person{}), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := entry()
			err := e.Answer(tt.who, confirmation.AsItSays, "", e.Seen(), now)
			if got := err == nil; got != tt.want || !got && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v", err)
			}
			if got := len(e.Notes()) == 1; got != tt.want {
				t.Errorf("%d events", len(e.Notes()))
			}
		})
	}
}

func TestWhyNobodyCanConfirm(t *testing.T) {
	left := func(p org.Person) org.Person { p.Disabled = true; return p }
	tests := map[string]struct {
		owner, deputy org.Person
		want          string
	}{
		"both are there":              {mira, dara, ""},
		"the deputy stands in":        {left(mira), dara, ""},
		"there is a deputy alone":     {org.Person{}, dara, ""},
		"nobody is named":             {org.Person{}, org.Person{}, "It has no owner."},
		"the owner left":              {left(mira), org.Person{}, "Its owner Mira has left, and it has no deputy."},
		"both left":                   {left(mira), left(dara), "Its owner Mira and its deputy Dara have left."},
		"no owner, and a deputy left": {org.Person{}, left(dara), "It has no owner, and its deputy Dara has left."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := entry()
			e.Owner, e.Deputy = tt.owner, tt.deputy
			if got := e.Nobody(); got != tt.want {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestAnAnswerMovesTheEntry(t *testing.T) {
	const wrong = "It also scores refunds."
	type step struct {
		who   org.Person
		reply confirmation.Reply
		what  string
		kind  fault.Kind // 0: taken
	}
	tests := map[string]struct {
		steps []step
		want  confirmation.Standing
		verbs string
	}{
		"confirmed":                         {[]step{{mira, confirmation.AsItSays, "", 0}}, confirmation.Confirmed, "model.confirmed"},
		"disputed":                          {[]step{{mira, confirmation.Wrong, wrong, 0}}, confirmation.Disputed, "model.disputed"},
		"disputed, then right after all":    {[]step{{mira, confirmation.Wrong, wrong, 0}, {dara, confirmation.AsItSays, "", 0}}, confirmation.Confirmed, "model.disputed model.confirmed"},
		"confirmed, then something is seen": {[]step{{mira, confirmation.AsItSays, "", 0}, {dara, confirmation.Wrong, wrong, 0}}, confirmation.Disputed, "model.confirmed model.disputed"},
		"not confirmed twice":               {[]step{{mira, confirmation.AsItSays, "", 0}, {dara, confirmation.AsItSays, "", fault.Conflict}}, confirmation.Confirmed, "model.confirmed"},
		"not disputed twice with one word":  {[]step{{mira, confirmation.Wrong, wrong, 0}, {mira, confirmation.Wrong, wrong, fault.Conflict}}, confirmation.Disputed, "model.disputed"},
		"disputed for another reason too":   {[]step{{mira, confirmation.Wrong, wrong, 0}, {mira, confirmation.Wrong, "And it has a new team.", 0}}, confirmation.Disputed, "model.disputed model.disputed"},
		"a dispute says what":               {[]step{{mira, confirmation.Wrong, "no", fault.Invalid}}, confirmation.Open, ""},
		"and not at length":                 {[]step{{mira, confirmation.Wrong, strings.Repeat("x", 2001), fault.Invalid}}, confirmation.Open, ""},
		"an answer is one of two":           {[]step{{mira, "maybe", "", fault.Invalid}}, confirmation.Open, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := entry()
			for i, s := range tt.steps {
				err := e.Answer(by(s.who), s.reply, s.what, e.Seen(), now)
				if s.kind == 0 && err != nil || s.kind != 0 && !fault.Is(err, s.kind) {
					t.Fatalf("step %d: %v", i+1, err)
				}
			}
			var verbs []string
			for _, n := range e.Notes() {
				verbs = append(verbs, n.Verb)
			}
			if got := strings.Join(verbs, " "); e.Standing() != tt.want || got != tt.verbs {
				t.Errorf("%s after %q", e.Standing(), got)
			}
		})
	}
}

func TestAnAnswerIsForWhatWasRead(t *testing.T) {
	changes := map[string]func(*confirmation.Entry){
		"another purpose":   func(e *confirmation.Entry) { e.Model.Purpose = "Scores refunds." },
		"another name":      func(e *confirmation.Entry) { e.Model.Name = "Scorer" },
		"another tier":      func(e *confirmation.Entry) { e.Model.Tier = 2 },
		"another team":      func(e *confirmation.Entry) { e.Model.TeamID = 4 },
		"another deputy":    func(e *confirmation.Entry) { e.Model.DeputyID = 9 },
		"the deputy left":   func(e *confirmation.Entry) { e.Deputy.Disabled = true },
		"another stage":     func(e *confirmation.Entry) { e.Model.Stage = registry.Staged },
		"another version":   func(e *confirmation.Entry) { e.Serving = "v8" },
		"another consumer":  func(e *confirmation.Entry) { e.Model.Consumers = e.Model.Consumers[:1] },
		"another end":       func(e *confirmation.Entry) { e.Model.DeprecationOn = "2027-01-01" },
		"reported again":    func(e *confirmation.Entry) { e.Model.Reported = "retired" },
		"no consumers, why": func(e *confirmation.Entry) { e.Model.NoConsumersReason = "All moved on." },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			e := entry()
			seen := e.Seen()
			change(e)
			if err := e.Answer(by(mira), confirmation.AsItSays, "", seen, now); !fault.Is(err, fault.Stale) {
				t.Fatalf("an answer to what was there before: %v", err)
			}
			if err := e.Answer(by(mira), confirmation.AsItSays, "", e.Seen(), now); err != nil || e.ChangedSince() {
				t.Fatalf("an answer to what is there: %v", err)
			}
			e.Model.Purpose = "Now something else."
			if e.Standing() != confirmation.Confirmed || !e.ChangedSince() {
				t.Errorf("after a change it is %s, changed since: %v", e.Standing(), e.ChangedSince())
			}
			if err := e.Answer(by(mira), confirmation.AsItSays, "", e.Seen(), now); err != nil {
				t.Errorf("confirmed again as it is now: %v", err)
			}
		})
	}
	e := entry()
	e.Model.Consumers[0], e.Model.Consumers[1], e.Owner.Name, e.Team.Name = e.Model.Consumers[1], e.Model.Consumers[0], "Mira M.", "Fraud team"
	if e.Facts.Digest() != entry().Facts.Digest() {
		t.Error("names of people and teams and the order of consumers are no facts of the entry")
	}
}

func TestWhoWasFirstIsNamed(t *testing.T) {
	e := entry()
	seen := e.Seen()
	if err := e.Answer(by(mira), confirmation.AsItSays, "", seen, now); err != nil {
		t.Fatal(err)
	}
	f, ok := fault.As(e.Answer(by(dara), confirmation.Wrong, "It also scores refunds.", seen, now))
	if !ok || f.Kind != fault.Stale || !strings.Contains(f.Sentence, "Mira confirmed this entry meanwhile") {
		t.Errorf("%v", f)
	}
}

func TestOnlyTheQuarterThatRunsTakesAnswers(t *testing.T) {
	tests := map[string]struct {
		change func(*confirmation.Entry) time.Time
	}{
		"a quarter that is over":          {func(*confirmation.Entry) time.Time { return now.AddDate(0, 3, 0) }},
		"one that has not begun":          {func(*confirmation.Entry) time.Time { return now.AddDate(0, -3, 0) }},
		"a model that ended":              {func(e *confirmation.Entry) time.Time { e.Model.Stage = registry.Retired; return now }},
		"one registered in the quarter":   {func(e *confirmation.Entry) time.Time { e.Model.CreatedAt = now; return now }},
		"the first moment after the last": {func(e *confirmation.Entry) time.Time { return e.Round.Quarter.End() }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := entry()
			at := tt.change(e)
			if err := e.Answer(by(mira), confirmation.AsItSays, "", e.Seen(), at); !fault.Is(err, fault.Conflict) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestEveryFactIsReadSomewhere(t *testing.T) {
	text := ""
	for _, l := range entry().Lines() {
		text += l.Label + " " + l.Value + "\n"
	}
	for _, want := range []string{"Scores payments.", "Trained", "Tier 1", "Fraud", "Mira", "Dara", "Production", "v7", "2: Checkout, Ledger", "No date"} {
		if !strings.Contains(text, want) {
			t.Errorf("nobody reads %q:\n%s", want, text)
		}
	}
	empty := confirmation.Facts{Model: registry.Model{Reported: "operating"}}
	missing := 0
	for _, l := range empty.Lines() {
		if l.Missing {
			missing++
		}
	}
	if missing < 6 {
		t.Errorf("an empty entry lacks %d facts", missing)
	}
}
