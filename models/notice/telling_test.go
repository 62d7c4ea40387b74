package notice_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/audit"
	"sundial/models/notice"
)

// told is every verb that people hear of.
var told = []string{
	"request.opened", "request.approved", "request.changes_requested", "request.rejected", "request.withdrawn", "request.superseded",
	"request.debt_settled", "request.commented", "request.break_glass", "plan.submitted", "plan.approved", "plan.changes_requested",
	"plan.rejected", "plan.stale", "plan.living", "waiver.asked", "waiver.granted", "waiver.refused", "alias.proposed", "alias.moved",
	"alias.rejected", "vendors.proposed", "vendor.end_in_runway", "criterion.met", "criterion.cleared", "zombie.seen", "import.finished",
	"import.failed", "confirmation.asked", "confirmation.overdue", "model.disputed", "model.assigned", "model.edited", "model.vanished", "version.promoted", "version.superseded", "version.disabled",
	"retirement.triggered", "retirement.announced", "retirement.answered", "retirement.reminded",
	"retirement.escalated", "retirement.step_done", "retirement.step_undone", "retirement.advanced", "retirement.attested",
	"retirement.attestation_confirmed", "retirement.extension_asked", "retirement.extension_decided", "retirement.rolled_back",
	"retirement.aborted", "retirement.emergency", "retirement.debt_settled", "retirement.certified", "retirement.certificate_verified",
	"retirement.sealed", "retirement.retired", "retirement.reopened", "retirement.consumer_found", "retirement.overruled", "retirement.hold_cleared",
}

func TestEveryVerbThatIsToldBelongsToAMatter(t *testing.T) {
	used := map[string]bool{}
	for _, verb := range told {
		telling, ok := notice.Tells(audit.Event{Verb: verb})
		if !ok || len(telling.Hears) == 0 {
			t.Errorf("nobody hears of %s", verb)
		}
		if _, known := notice.MatterOf(telling.Matter); !known {
			t.Errorf("%s belongs to %q, which nobody can choose about", verb, telling.Matter)
		}
		used[telling.Matter] = true
		seen := map[notice.Part]bool{}
		for _, h := range telling.Hears {
			if seen[h.Part] {
				t.Errorf("%s tells %s twice", verb, h.Part)
			}
			seen[h.Part] = true
		}
	}
	groups := map[string]bool{}
	for _, g := range notice.MatterGroups {
		groups[g.Key] = true
	}
	for _, m := range notice.Matters {
		if !used[m.Key] || !groups[m.Group] || m.Title == "" || m.Means == "" || !slices.Contains(notice.ChoiceList, m.Default) {
			t.Errorf("%+v", m)
		}
	}
	for _, verb := range []string{"person.signed_in", "plan.edited", "model.imported", "token.used", "letter.resent", "notices.chosen", "retirement.rehearsal_begun", ""} {
		if _, ok := notice.Tells(audit.Event{Verb: verb}); ok {
			t.Errorf("somebody hears of %q", verb)
		}
	}
}

func TestWhoHears(t *testing.T) {
	circle := notice.Circle{notice.Requester: {3}, notice.Owner: {1, 3}, notice.Deputy: {2}, notice.Reviewers: {7, 8}, notice.Authors: {3, 4, 3},
		notice.Lead: {5}, notice.Steward: {6}, notice.Named: {9, 0}, notice.Team: {1, 2, 3}, notice.Leadership: {10}}
	tests := map[string]struct {
		verb  string
		actor int64
		want  []int64
	}{
		"reviewers of a request":              {"request.opened", 3, []int64{7, 8}},
		"never who did it":                    {"request.opened", 7, []int64{8}},
		"the requester and the owner, once":   {"request.approved", 7, []int64{3, 1}},
		"authors, then owner and deputy":      {"plan.changes_requested", 7, []int64{3, 4, 1, 2}},
		"everybody who takes part in the end": {"retirement.triggered", 0, []int64{1, 3, 2, 5, 6, 9}},
		"team and leadership at an alarm":     {"retirement.escalated", 0, []int64{5, 1, 3, 2, 10}},
		"a verb nobody hears of":              {"plan.edited", 1, nil},
		"nobody plays the part":               {"import.finished", 1, nil},
	}
	for name, tt := range tests {
		var got []int64
		for _, r := range notice.For(audit.Event{Verb: tt.verb, ActorID: tt.actor}, circle) {
			got = append(got, r.Person)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatIsToDoDependsOnThePart(t *testing.T) {
	todo := map[int64]string{}
	for _, r := range notice.For(audit.Event{Verb: "retirement.certified"}, notice.Circle{notice.Named: {1}, notice.Steward: {2}}) {
		todo[r.Person] = r.Todo
	}
	if !strings.Contains(todo[1], "verify") || todo[2] != "" {
		t.Errorf("%v", todo)
	}
}

func TestARehearsalIsNoNews(t *testing.T) {
	e := audit.Event{Verb: "retirement.retired", Subject: audit.Subject{Kind: "retirement"}, After: json.RawMessage(`{"phase":"retired","rehearsal":true}`)}
	if got := notice.For(e, notice.Circle{notice.Owner: {1}}); got != nil {
		t.Error(got)
	}
	if _, goes := notice.Of(e, notice.Facts{}); goes {
		t.Error("a webhook tells of it")
	}
	e.After = json.RawMessage(`{"phase":"retired"}`)
	if _, goes := notice.Of(e, notice.Facts{}); !goes || len(notice.For(e, notice.Circle{notice.Owner: {1}})) != 1 {
		t.Error("the real one is no news either")
	}
}

func TestChoices(t *testing.T) {
	m, _ := notice.MatterOf("mine.stage")
	for want, c := range map[notice.Choice]notice.Choices{notice.Daily: nil, notice.Never: {"mine.stage": notice.Never}, notice.AtOnce: {"mine.stage": notice.AtOnce, "x": notice.Never}} {
		if got := c.Of(m); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := (notice.Choices{"mine.stage": "hourly"}).Of(m); got != notice.Daily {
		t.Errorf("a choice that is none: %s", got)
	}
}

func TestNewsIsOneLineWithItsReason(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC)
	e := audit.Event{Seq: 42, At: at, Actor: "Rowan", Verb: "request.rejected", Subject: audit.Subject{Kind: "request", ID: 7, Label: "fraud@v3\r\nBcc: x@y.test"},
		After: json.RawMessage(`{"digest":"abc","reason":"The  evaluation\nleaks."}`)}
	got := notice.Tell(e, notice.Facts{Model: "fraud", Request: 7}, "Fraud", "Mend it.")
	want := notice.Item{Matter: "asked.decided", Event: 42, At: at, Said: "Rowan rejected the request fraud@v3 Bcc: x@y.test", Note: "The evaluation leaks.",
		Todo: "Mend it.", Model: "Fraud", Path: "/requests/7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	e.Subject.Label, e.Actor = strings.Repeat("é", 400), ""
	if got := notice.Tell(e, notice.Facts{}, "", ""); len([]rune(got.Said)) != 300 || !strings.HasSuffix(got.Said, "…") || !strings.HasPrefix(got.Said, "Sundial ") {
		t.Errorf("%d characters: %s", len([]rune(got.Said)), got.Said)
	}
	for kind, want := range map[string]string{"retirement": "/models/fraud/retirement", "alias": "/aliases/a", "vendors": "/vendors"} {
		if got := notice.Tell(audit.Event{Subject: audit.Subject{Kind: kind, Label: "a"}}, notice.Facts{Model: "fraud"}, "", ""); got.Path != want {
			t.Errorf("%s leads to %s", kind, got.Path)
		}
	}
}

func TestTheDigestComesAtSeven(t *testing.T) {
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	tests := map[time.Duration][2]time.Duration{ // time of day: next, last
		6 * time.Hour:  {time.Hour, -17 * time.Hour},
		7 * time.Hour:  {24 * time.Hour, 7 * time.Hour},
		15 * time.Hour: {16 * time.Hour, 7 * time.Hour},
	}
	for at, want := range tests {
		next, last := notice.UntilDigest(day.Add(at).In(time.FixedZone("elsewhere", 3600)))
		if next != want[0] || !last.Equal(day.Add(want[1])) {
			t.Errorf("at %s: in %s, last at %s", at, next, last)
		}
	}
}

func TestHowLongALetterWaits(t *testing.T) {
	if notice.LetterWait(0) != time.Minute || notice.LetterWait(1) != time.Minute || notice.LetterWait(4) != 30*time.Minute || notice.LetterWait(99) != time.Hour {
		t.Error("the waits of a letter")
	}
	if notice.ServerWait(1) != time.Minute || notice.ServerWait(99) != 5*time.Minute {
		t.Error("a server that is back is used soon")
	}
}
