package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/vendors"
)

// DossierView is a transition request as its page shows it.
type DossierView struct {
	Decision FormView // of the form that decides
	Talk     FormView // of the form that comments
	Request  lifecycle.Request
	Model    registry.Model
	Version  registry.Version
	Vendor   vendors.Verdict // of a release's vendor id

	Gate     GateView
	Tally    lifecycle.Tally
	Standing []ReviewerRow
	Void     []ReviewerRow
	Eligible []string // who could still approve
	More     int      // how many more could

	Parts   PartsView      // of a GenAI release
	Beside  ComparisonView // with the version in production
	Against string         // the version it is compared with, "" for none
	Changes []registry.Change
	Texts   []registry.TextChange
	Plan    PlanView
	Story   []ui.TimelineEvent

	Digest  string             // of what a verdict is about
	ReadSeq int64              // the last event that the page shows
	Since   []ui.TimelineEvent // what happened after the page was read that a verdict came from; only when it came too late

	Review, Approve, Settle, Reword, Withdraw, Say org.Decision
	DecidedBy                                      string
	Now                                            time.Time
}

// ReviewerRow is one review.
type ReviewerRow struct {
	Name    string
	Note    string // roles and team that counted
	Verdict lifecycle.Verdict
	At      time.Time
	Why     string // why it is void
}

// PlanView is the retirement plan in short.
type PlanView struct {
	State     string // in words
	Tone      ui.Tone
	Why       string // what is wrong with it
	Trigger   string
	End       day.Day
	Latest    day.Day // latest start
	Candidate string
	Rollback  int // days
	Consumers int
	Assets    int
	Known     bool // a plan is there to be told
}

func (v DossierView) title() string {
	return fmt.Sprintf("%s %s: %s → %s", v.Model.Name, v.Version.Label, v.Request.From, v.Request.To)
}

func (v DossierView) lead() string {
	what := "asks to promote it"
	switch {
	case v.Request.BreakGlass:
		what = "broke glass"
	case v.Request.Move == lifecycle.Rollback:
		what = "asks to roll back to it"
	case v.Request.Move == lifecycle.Back:
		what = "asks to move it back"
	}
	return v.Request.Requester + " " + what + ", " + ui.Ago(v.Request.OpenedAt, v.Now) + "."
}

// row is the request as lists show it, for the badge of its state.
func (v DossierView) row() RequestRow {
	r := RequestRow{State: v.Request.State, DueAt: v.Request.DueAt, BreakGlass: v.Request.BreakGlass}
	if v.Request.OwesReview() {
		r.DebtDueAt = v.Request.DebtDueAt
	}
	return r
}

func (v DossierView) open() bool { return v.Request.State == lifecycle.Open }

// missing says what the approvals still lack, "" when nothing.
func missing(t lifecycle.Tally) string {
	var parts []string
	if n := t.Needed.Count - t.Have.Count; n > 0 {
		parts = append(parts, ui.Count(int64(n), "approval", "approvals"))
	}
	if n := t.Needed.Risk - t.Have.Risk; n > 0 {
		parts = append(parts, "somebody with the risk role")
	}
	if n := t.Needed.OtherTeam - t.Have.OtherTeam; n > 0 {
		parts = append(parts, "somebody from another team")
	}
	return strings.Join(parts, ", ")
}

// diffRows are changes as the kit draws them; a group is named once.
func diffRows(changes []registry.Change) []ui.DiffRow {
	rows := make([]ui.DiffRow, 0, len(changes))
	group := ""
	for _, c := range changes {
		row := ui.DiffRow{Field: c.Field, Before: c.Before, After: c.After, Code: c.Exact}
		if c.Group != group {
			group, row.Group = c.Group, c.Group
		}
		rows = append(rows, row)
	}
	return rows
}

func diffLines(lines []registry.Line) []ui.DiffLine {
	out := make([]ui.DiffLine, 0, len(lines))
	for _, l := range lines {
		out = append(out, ui.DiffLine{Change: ui.Change(l.Change), Text: l.Text})
	}
	return out
}

func verdictBadge(v lifecycle.Verdict) (ui.Tone, string, string) {
	switch v {
	case lifecycle.Approve:
		return ui.Good, "check", "Approved"
	case lifecycle.RequestChanges:
		return ui.Warn, "edit", "Asked for changes"
	}
	return ui.Bad, "cross", "Rejected"
}

func today(now time.Time) day.Day { return day.Of(now) }
