package intake

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/fault"
)

// rec is a record of one department and team, with a digest.
func rec(identity, name string, reported Reported, facts ...string) Record {
	r := Record{Identity: identity, Name: name, Department: "Risk", Team: "Cards", Reported: reported, Facts: map[string]string{}}
	for i := 0; i < len(facts); i += 2 {
		r.Facts[facts[i]] = facts[i+1]
	}
	r.Digest = digestOf(r.Fields())
	return r
}

// told is a reconciliation in a few words per record.
func told(c Changes) []string {
	var s []string
	for _, r := range c.Added {
		s = append(s, "added "+r.Identity)
	}
	for _, ch := range c.Changed {
		s = append(s, "changed "+ch.Record.Identity)
	}
	for _, r := range c.Unchanged {
		s = append(s, "unchanged "+r.Identity)
	}
	for _, k := range c.Vanished {
		s = append(s, "vanished "+k.Identity)
	}
	for _, k := range c.Unlisted {
		s = append(s, "unlisted "+k.Identity)
	}
	return s
}

func TestReconcile(t *testing.T) {
	retiredHere := rec("a", "A", Operating).Known()
	retiredHere.RetirementOnRecord = true
	for name, tt := range map[string]struct {
		before []Known
		now    []Record
		want   []string
	}{
		"the first import adds":                       {nil, []Record{rec("a", "A", Operating)}, []string{"added a"}},
		"the same is unchanged":                       {known([]Record{rec("a", "A", Operating)}), []Record{rec("a", "A", Operating)}, []string{"unchanged a"}},
		"another stage is a change":                   {known([]Record{rec("a", "A", Operating)}), []Record{rec("a", "A", Retired)}, []string{"changed a"}},
		"operating and gone has vanished":             {known([]Record{rec("a", "A", Operating)}), nil, []string{"vanished a"}},
		"planned and gone is unlisted":                {known([]Record{rec("a", "A", Planned)}), nil, []string{"unlisted a"}},
		"retired and gone is unlisted":                {known([]Record{rec("a", "A", Retired)}), nil, []string{"unlisted a"}},
		"gone with a retirement on record is no more": {[]Known{retiredHere}, nil, []string{"unlisted a"}},
		"equals that change places are unchanged": {
			known([]Record{rec("a", "A", Operating, "x", "1"), rec("a / #2", "A", Operating, "x", "2")}),
			[]Record{rec("a", "A", Operating, "x", "2"), rec("a / #2", "A", Operating, "x", "1")},
			[]string{"unchanged a / #2", "unchanged a"}},
		"the first of three equals leaves the others alone": {
			known([]Record{rec("a", "A", Operating, "x", "1"), rec("a / #2", "A", Operating, "x", "2"), rec("a / #3", "A", Operating, "x", "3")}),
			[]Record{rec("a", "A", Operating, "x", "2"), rec("a / #2", "A", Operating, "x", "3")},
			[]string{"unchanged a / #2", "unchanged a / #3", "vanished a"}},
		"one more equal gets the next number": {
			known([]Record{rec("a", "A", Operating, "x", "1")}),
			[]Record{rec("a", "A", Operating, "x", "0"), rec("a / #2", "A", Operating, "x", "1")},
			[]string{"added a / #2", "unchanged a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, told(Reconcile(tt.before, tt.now))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAChangeIsToldFieldByField(t *testing.T) {
	before := rec("a", "A", Operating, "Colour", "blue", "Old", "x")
	after := rec("a", "A", Retired, "Colour", "red")
	after.RetiredOn = "2025-01-02"
	c := Reconcile(known([]Record{before}), []Record{after})
	// The digest was taken before the date was set; the comparison is of the fields.
	want := []FieldChange{
		{"stage", false, "operating", "retired"},
		{"retired", false, "", "2025-01-02"},
		{"Colour", true, "blue", "red"},
		{"Old", true, "x", ""},
	}
	if d := cmp.Diff(want, c.Changed[0].Fields); d != "" {
		t.Error(d)
	}
	if c.Changed[0].OnlyFacts() || want[0].Title() != "Reported stage" || want[2].Title() != "Colour" {
		t.Error("titles or OnlyFacts are wrong")
	}
	facts := Reconcile(known([]Record{before}), []Record{rec("a", "A", Operating, "Colour", "red")})
	if !facts.Changed[0].OnlyFacts() {
		t.Error("a change of facts alone is not told apart")
	}
}

func TestARenamedSystemIsSuggested(t *testing.T) {
	other := rec("z", "Fraud scorer", Operating)
	other.Department = "Sales"
	now := []Record{rec("b", "Fraud scoring service", Operating), rec("c", "Churn", Operating), other}
	moved := rec("d", "Document triage", Operating)
	moved.Team = "Letters"
	now = append(now, moved)
	c := Reconcile(known([]Record{rec("a", "Fraud scorer", Operating), rec("e", "Document Triage", Operating)}), now)
	got := map[string]string{}
	for _, l := range c.LikelySame {
		got[l.Vanished+">"+l.Listed] = l.Why
	}
	want := map[string]string{"a>b": "A similar name is new in the same team.", "e>d": "The same name is listed under another team."}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRespond(t *testing.T) {
	const today = day.Day("2025-06-01")
	listed := func(id string) bool { return id == "b" || id == "a" }
	for name, tt := range map[string]struct {
		reply Reply
		field string // where it is refused, "" when it is taken
	}{
		"retired on a day":                 {Reply{Answer: AnsweredRetired, On: "2025-05-31"}, ""},
		"retired today":                    {Reply{Answer: AnsweredRetired, On: today}, ""},
		"retired with a reason, no day":    {Reply{Answer: AnsweredRetired, Detail: "The contract ended; nobody kept the date."}, ""},
		"retired needs a day or a reason":  {Reply{Answer: AnsweredRetired}, "on"},
		"a placeholder is no reason":       {Reply{Answer: AnsweredRetired, Detail: "To be determined"}, "on"},
		"retired in the future":            {Reply{Answer: AnsweredRetired, On: "2025-06-02"}, "on"},
		"retired on no day":                {Reply{Answer: AnsweredRetired, On: "soon"}, "on"},
		"renamed to what is listed":        {Reply{Answer: AnsweredRenamed, Into: "b"}, ""},
		"renamed needs the new record":     {Reply{Answer: AnsweredRenamed}, "into"},
		"renamed to itself":                {Reply{Answer: AnsweredRenamed, Into: "a"}, "into"},
		"renamed to what nobody lists":     {Reply{Answer: AnsweredRenamed, Into: "x"}, "into"},
		"merged into what is listed":       {Reply{Answer: AnsweredMerged, Into: "b"}, ""},
		"merged needs the other record":    {Reply{Answer: AnsweredMerged, Detail: "Into the big one."}, "into"},
		"a mistake needs a next step":      {Reply{Answer: AnsweredMistake}, "detail"},
		"a mistake with a next step":       {Reply{Answer: AnsweredMistake, Detail: "We add it to the next file."}, ""},
		"an answer nobody knows":           {Reply{Answer: "eaten"}, "answer"},
		"no answer":                        {Reply{}, "answer"},
		"a detail that goes on and on":     {Reply{Answer: AnsweredMistake, Detail: strings.Repeat("and on ", 400)}, "detail"},
		"control characters are no detail": {Reply{Answer: AnsweredMistake, Detail: "\x00\u202e"}, "detail"},
	} {
		t.Run(name, func(t *testing.T) {
			q := Ask(rec("a", "A", Operating).Known())
			err := q.Respond(tt.reply, today, listed)
			if tt.field == "" {
				if err != nil || q.State != QuestionAnswered || q.Answer != tt.reply.Answer {
					t.Errorf("%v, %+v", err, q)
				}
				if !fault.Is(q.Respond(tt.reply, today, listed), fault.Conflict) {
					t.Error("a second answer is taken")
				}
				return
			}
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Problems[0].Field != tt.field || q.State != QuestionOpen || q.Answer != "" {
				t.Errorf("%v, %+v", err, q)
			}
		})
	}
}

func TestAQuestionSettlesWhenTheSystemIsListedAgain(t *testing.T) {
	for _, tt := range []struct {
		state  QuestionState
		answer Answer
		want   bool
	}{
		{QuestionOpen, "", true}, {QuestionAnswered, AnsweredMistake, true},
		{QuestionAnswered, AnsweredRetired, false}, {QuestionSettled, "", false},
	} {
		q := Question{State: tt.state, Reply: Reply{Answer: tt.answer}}
		if got := q.Settle(); got != tt.want || (got && q.State != QuestionSettled) {
			t.Errorf("%s, %s: settled %t", tt.state, tt.answer, got)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, tt := range []struct{ done, total, want int }{{0, 0, 0}, {1, 3, 33}, {3, 3, 100}, {4, 3, 100}} {
		if got := (Progress{RowsDone: tt.done, RowsTotal: tt.total}).Percent(); got != tt.want {
			t.Errorf("%d of %d is %d %%", tt.done, tt.total, got)
		}
	}
	if !JobFailed.Over() || JobRunning.Over() {
		t.Error("which states are over")
	}
}

// A department whose systems all have nearly the same name must not cost every pair.
func TestManyAlikeNamesStayCheap(t *testing.T) {
	var before []Known
	var now []Record
	for i := range 5000 {
		before = append(before, rec(fmt.Sprintf("old%d", i), fmt.Sprintf("Report generator old%d", i), Operating).Known())
		now = append(now, rec(fmt.Sprintf("new%d", i), fmt.Sprintf("Report generator new%d", i), Operating))
	}
	if c := Reconcile(before, now); len(c.Vanished) != 5000 || len(c.LikelySame) != 0 {
		t.Errorf("%d vanished, %d likely the same", len(c.Vanished), len(c.LikelySame))
	}
}
