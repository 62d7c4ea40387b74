package ui

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sundial/models/day"
	"sundial/models/fault"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens instead of comparing them")

var (
	now     = time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)
	refused = []fault.Problem{
		{Field: "consumers[0].name", Sentence: "Name the consumer."},
		{Sentence: "This model is closed."},
	}
	pick  = []Option{{Value: "a", Label: "First", Hint: "The usual."}, {Value: "b", Label: "Second", Disabled: true}}
	limit = 250.0
	text  = templ.Raw("<p>child</p>")
)

// goldens are the components whose markup other things lean on: tests by role and name, app.js by
// data attributes, htmx by ids.
var goldens = map[string]templ.Component{
	"actions":     with(Actions(), Submit("Save")),
	"bars":        Bars(BarsProps{Caption: "Models by tier", What: "Tier", Value: "Models", Bars: []Bar{{Label: "Elite", Value: 4, Text: "4", Href: "/models"}, {Label: "Chaos", Value: 1, Text: "1", Level: "chaos"}, {Label: "Weak", Text: "0"}}}),
	"heat":        join(HeatCell("Lineage", Heat{Text: "84.6", Word: "Good", Level: "good", Href: "/teams/fraud"}), HeatCell("Score", Heat{Word: "No models"}), HeatCell("Score", Heat{Text: "12.0", Word: "Chaos", Level: "chaos", Firm: true}), HeatBadge(Heat{Text: "39.0", Word: "Weak", Level: "weak"})),
	"radar":       RadarFigure(Radar{ID: "sections", Title: "By section", Desc: "Lineage is lowest.", What: "Section", Axes: []RadarAxis{{Label: "Inventory", Value: 100, Text: "100.0"}, {Label: "Lineage", Value: 40, Text: "40.0"}, {Label: "Production", Text: "not asked", None: true}, {Label: "Control", Value: 75, Text: "75.0"}}}),
	"badge":       Badge(Warn, "Stale"),
	"breadcrumbs": Breadcrumbs([]Crumb{{"Models", "/models"}, {"fraud-scorer", ""}}),
	"button-off":  Button(ButtonProps{Label: "Approve", Kind: Primary, Reason: "You asked for this yourself."}),
	"button":      Button(ButtonProps{Label: "Reject", Kind: Danger, Name: "verdict", Value: "reject", Icon: "cross"}),
	"chart": join(ChartFigure(Chart{ID: "latency", Title: "Latency", Desc: "Two values.", Unit: "ms", From: now.AddDate(0, 0, -2), To: now, Limit: &limit, Says: "SLA: at most 250 ms", Marked: "breach", Many: "breaches",
		Points: []ChartPoint{{At: now.AddDate(0, 0, -1), Value: 180}, {At: now, Value: 270, Marked: true, Note: "over"}}}, Badge(Bad, "1 breach")),
		ChartFigure(Chart{ID: "bars", Title: "Coverage", Unit: "%", Bars: true, Top: 100, Days: true, From: now, To: now.AddDate(0, 0, 2), Points: []ChartPoint{{At: now, Value: 100}, {At: now.AddDate(0, 0, 1), Value: 50, Marked: true}}, Marked: "gap", Many: "gaps"}, nil),
		ChartFigure(Chart{ID: "none", Title: "Drift"}, nil), Sparkline(Chart{Desc: "Rising.", From: now, To: now.AddDate(0, 0, 1), Points: []ChartPoint{{At: now, Value: 1}, {At: now.AddDate(0, 0, 1), Value: 2}}})),
	"checkbox":        Checkbox(Field{Name: "sure", Label: "I am sure", Value: "true", Hint: "There is no way back."}),
	"checkboxes":      Checkboxes(Field{Name: "data", Label: "Data", Values: []string{"a"}, Options: pick}),
	"checks":          CheckList("Checks", []CheckItem{{Outcome: Fail, Title: "SLA set", Why: "Why.", Fact: "No SLA.", Age: "today", FixHref: "/x", FixLabel: "Set it", Key: "sla.set"}, {Outcome: UnknownFact, Title: "Drift"}, {Outcome: Pass, Title: "Owner"}}),
	"comment":         with(Comment("Mira Meridian", now, now, Badge(Good, "Approved")), Prose("one\ntwo")),
	"confirm":         with(Confirm(ConfirmProps{Title: "Close v3?", Action: "/close", Label: "Close", Cancel: "/v3", Danger: true, Revision: "4"}), text),
	"conflict":        ConflictNotice("Mara", "today", []Clash{{"Deputy", "Ada", ""}}),
	"date-refused":    DateField(Field{Name: "until", Label: "Until", Value: "soon", Error: "This is no date."}),
	"date":            DateField(Field{Name: "until", Label: "Until", Value: "2027-03-31", Required: true}),
	"day-left":        DayLeft(day.Day("2026-04-20"), day.Of(now)),
	"diff":            Diff("Differences", "v6", "v7", []DiffRow{{"Lineage", "Commit", "a", "b", true}, {"", "Window", "180", "180", false}, {"", "Weights", "", "balanced", false}, {"", "Stop", "20", "", false}}),
	"empty-state":     with(EmptyState("No models yet", "They appear once registered."), LinkButton(ButtonProps{Label: "Register", Href: "/models/new"})),
	"error-summary":   ErrorSummary(refused),
	"facts":           with(Facts(), join(FactText("SLA", ""), MissingFact("Deputy", "Name one", "/edit"))),
	"file":            FileField(Field{Name: "file", Label: "Inventory", Accept: ".csv", Required: true}),
	"filter-bar":      with(FilterBar(FilterBarProps{Action: "/models", Label: "Filter models", Target: "models", ClearHref: "/models", Active: 2}), SearchField(Field{Name: "q", Label: "Name"})),
	"form-elsewhere":  with(Form(FormProps{Action: "https://elsewhere.test/", Target: "part"}), text),
	"form":            with(Form(FormProps{Action: "/requests/7/approve", Target: "decision", Revision: "3", Guard: true, Hidden: []HiddenValue{{"digest", "abc"}}}), text),
	"hash":            Hash("the digest", "sha256:0123456789abcdef0123"),
	"icon":            Icon("check"),
	"link-button-off": LinkButton(ButtonProps{Label: "Edit", Href: "/edit", Reason: "Only the owner may."}),
	"link-button":     LinkButton(ButtonProps{Label: "Close", Href: "/close", Dialog: true}),
	"meter":           Meter(MeterProps{Label: "Runway", Value: 41, Max: 120, Mark: 30, Words: "41 days", Tone: Good}),
	"metric":          Metric("In production", "128", "4 more", "/production"),
	"no-results":      NoResults("models", "/models"),
	"notice-alert":    NoticeText(Bad, "It failed."),
	"notice-status":   NoticeText(Good, "It is saved."),
	"number":          NumberField(Field{Name: "days", Label: "Days", Suffix: "days", Value: "abc", Error: "This is no number."}),
	"page-head":       PageHead(PageHeadProps{Title: "Fraud scorer", Eyebrow: "Model", Lead: "Scores.", Meta: Tag("x"), Actions: Submit("Go")}),
	"pager":           Pager(PagerProps{Count: "1,000+ models", Newer: "/models?before=1", Older: "/models?after=9", Target: "models"}),
	"person":          Person("Mira Meridian", "/people/1", true),
	"poll":            with(Poll("job", "/imports/1"), text),
	"progress":        Progress("Importing", 10, 40, "10 of 40 rows"),
	"radios-refused":  Radios(Field{Name: "kind", Label: "Kind", Required: true, Error: "Choose one.", Value: "a", Options: pick}),
	"refusal":         Refusal(fault.New(fault.Conflict, "Already approved.")),
	"region":          with(Region("decision"), text),
	"runway": join(Runway(RunwayProps{LatestStart: "2026-09-30", Today: day.Of(now), NeedsDays: 51}), Runway(RunwayProps{LatestStart: "2026-05-20", Today: day.Of(now), Large: true}),
		Runway(RunwayProps{LatestStart: "2026-03-10", Today: day.Of(now)}), Runway(RunwayProps{LatestStart: "2026-02-26", Today: day.Of(now)}), Runway(RunwayProps{LatestStart: "2026-02-26", Today: day.Of(now), Begun: "under way: dual run"}),
		Runway(RunwayProps{Today: day.Of(now), Unknown: "no plan in force"})),
	"schedule": ScheduleFigure(Schedule{ID: "dates", Title: "To come", Desc: "Two models.", From: "2026-03-01", To: "2026-08-31", Today: "2026-03-10", Span: "Runway", Late: "Passed",
		Kinds: []ScheduleKind{{"end", "End", "cross"}, {"start", "Latest start", "start"}},
		Lanes: []ScheduleLane{{Label: "Fraud scorer", Note: "latest start was due 9 days ago", SpanFrom: "2026-03-01", SpanTo: "2026-05-31", Marks: []ScheduleMark{{"start", "2026-03-01", true}, {"end", "2026-05-31", false}}},
			{Label: "Churn", Marks: []ScheduleMark{{"end", "2026-08-31", false}}}}}),
	"section":          with(Section("gate", "Gate"), text),
	"select":           Select(Field{Name: "team", Label: "Team", Value: "2", Blank: "Choose", Options: []Option{{Value: "1", Label: "One", Group: "A"}, {Value: "2", Label: "Two", Group: "A"}, {Value: "3", Label: "Three"}}}),
	"stage":            StageBadge("production"),
	"stepper":          Stepper("Stages", StageSteps([]string{"experiment", "staged", "production"}, "staged", map[string]string{"experiment": "1 Jan"})),
	"table":            with(Table(TableProps{Caption: "Models", Stack: true, Target: "models", Columns: []Column{{Label: "Name", SortHref: "/models?sort=name", Sorted: "ascending"}, {Label: "Score", Number: true}, {Label: "Actions", Hidden: true}}}), with(Cell("Name"), text)),
	"tabs":             Tabs("Model", []Tab{{"Overview", "/m", true, ""}, {"Versions", "/m/v", false, "7"}}),
	"task-list":        TaskList("Sections", []Task{{"Dates", "All of them", "/dates", TaskAttention}, {"People", "", "", TaskNotStarted}}),
	"text-area":        TextArea(Field{Name: "purpose", Label: "Purpose", Value: "\nfirst line", MaxLength: 2000}),
	"text-diff":        TextDiff("prompt.md", []DiffLine{{Same, "a"}, {Removed, "b"}, {Added, "c"}}),
	"text-refused":     TextField(Field{Name: "consumers[0].name", Label: "Name", Hint: "Of the team.", Error: "Name the consumer.", Required: true, Autocomplete: "off", MaxLength: 80}),
	"text-suggestions": TextField(Field{Name: "owner", Label: "Owner", Suggestions: []string{"Ada"}}),
	"tier":             TierBadge(1),
	"time":             Time(now.Add(-72*time.Hour), now),
	"timeline":         Timeline([]TimelineEvent{{Who: "Ada", What: "approved it", At: now, Tone: Good, Icon: "check", Body: text}, {Who: "Mara", What: "asked", At: now, Href: "/r/1"}}, now),
	"work-list":        WorkList("Waiting", []WorkItem{{"Decide", "/r/1", "Tier 1", Badge(Warn, "Due")}}),
}

func TestGoldens(t *testing.T) {
	for name, c := range goldens {
		t.Run(name, func(t *testing.T) {
			got := breakLines(render(t, c))
			path := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v (run the test with -update after looking at the change in the gallery)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("markup changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNothingInlineAndNoScriptInAttributes(t *testing.T) {
	banned := regexp.MustCompile(`\sstyle=|<script|<style|\son[a-z]+=|hx-on|javascript:|hx-[a-z-]+="js:`)
	for name, c := range goldens {
		if found := banned.FindString(render(t, c)); found != "" {
			t.Errorf("%s holds %q, which the content policy forbids", name, found)
		}
	}
}

func TestEveryHtmxFormSaysTheSameWithout(t *testing.T) {
	html := render(t, goldens["form"])
	for _, want := range []string{`action="/requests/7/approve"`, `hx-post="/requests/7/approve"`, `method="post"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}

func TestForeignURLsNeverBecomeHtmxAttributes(t *testing.T) {
	for _, url := range []string{"https://elsewhere.test/", "//elsewhere.test/", "js:alert(1)", "javascript:alert(1)"} {
		for _, c := range []templ.Component{
			Form(FormProps{Action: url, Target: "x"}), Poll("x", url),
			FilterBar(FilterBarProps{Action: url, Target: "x"}), Pager(PagerProps{Older: url, Target: "x"}),
		} {
			if html := render(t, c); strings.Contains(html, "hx-get") || strings.Contains(html, "hx-post") {
				t.Errorf("%s reached htmx: %s", url, html)
			}
		}
	}
}

func TestTheErrorSummaryLinksToTheFieldItNames(t *testing.T) {
	summary := render(t, ErrorSummary(refused))
	field := render(t, goldens["text-refused"])
	if !strings.Contains(summary, `href="#f-consumers-0-name"`) || !strings.Contains(field, `id="f-consumers-0-name"`) {
		t.Errorf("no link between\n%s\nand\n%s", summary, field)
	}
	if strings.Count(summary, "<a ") != 1 {
		t.Error("a problem of the whole form must not link anywhere")
	}
}

func TestWhatWasTypedIsEscaped(t *testing.T) {
	evil := `"><script>alert(1)</script>`
	html := render(t, join(
		TextField(Field{Name: evil, Label: evil, Value: evil, Hint: evil, Error: evil}),
		TextArea(Field{Name: "a", Label: evil, Value: "</textarea>" + evil}),
		Badge(Tone(evil), evil), LinkButton(ButtonProps{Label: evil, Href: "javascript:alert(1)"}),
	))
	if strings.Contains(html, "<script") || strings.Contains(html, "javascript:") {
		t.Errorf("typed text became markup: %s", html)
	}
}

func TestTheFormTokenTravelsOnlyInChanges(t *testing.T) {
	ctx := WithFormToken(context.Background(), "secret-token")
	for get, want := range map[bool]bool{true: false, false: true} {
		var b bytes.Buffer
		if err := Form(FormProps{Action: "/x", Get: get}).Render(templ.WithChildren(ctx, templ.NopComponent), &b); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "secret-token"); got != want {
			t.Errorf("get=%v: token sent is %v", get, got)
		}
	}
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// breakLines puts each tag on its own line, so that a golden's diff can be read.
func breakLines(html string) string {
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}

// with hands a component its children, as a template does.
func with(c, child templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, child), w)
	})
}

func join(cs ...templ.Component) templ.Component { return templ.Join(cs...) }
