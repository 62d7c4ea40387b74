package imports_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"sundial/models/intake"
	"sundial/models/org"
	"sundial/models/work"
	"sundial/web/webtest"
)

// work does what the portal's runner would.
func runJobs(t testing.TB, site *webtest.Site) {
	t.Helper()
	work.New(site.Store, site.Policy, slog.New(slog.NewTextHandler(io.Discard, nil))).Once(t.Context())
}

const small = "Department,Team,Name,Purpose,Stage,Risk tier,Owner\n" +
	"Risk,Fraud,Alpha,Finds it,Operating,2,owner@example.test\n" +
	"Risk,Fraud,=cmd|' /C calc'!A0,Finds it,Somehow,2,\n" +
	"Risk,Fraud,,Has no name,Operating,2,\n"

// upload brings a file to its mapping page.
func upload(t testing.TB, b *webtest.Browser, name, content string) *webtest.Page {
	t.Helper()
	page := b.Upload("/imports/new", "file", name, []byte(content)).Is(200, "How is the file written?")
	return confirm(b, page).Is(200, "What do the columns mean?")
}

// confirm takes the format as it was detected.
func confirm(b *webtest.Browser, page *webtest.Page) *webtest.Page {
	return b.Send(page.Address, "encoding", page.Value("encoding"), "delimiter", page.Value("delimiter"), "revision", page.Value("revision"))
}

// imported takes a file all the way and returns its report.
func imported(t testing.TB, site *webtest.Site, b *webtest.Browser, name, content string) *webtest.Page {
	t.Helper()
	page := upload(t, b, name, content)
	page = b.Submit(page, page.Address, "inventory", "Systems", "do", "check").Is(200, "Check before it runs")
	page = b.Submit(page, page.Address+"/run").Is(200, "Bringing rows in")
	runJobs(t, site)
	return b.Get(page.Address).Is(200, "What became of each row")
}

func TestAnInventoryComesInStepByStep(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Get("/imports").Is(200, "Nothing was imported yet")
	page := upload(t, b, "systems.csv", small).Is(200, "The title says so", "Somehow", "Leave open")
	page = b.Submit(page, page.Address, "inventory", "Systems", "do", "check").
		Is(200, "This is the first list of this inventory", "No name", "rows 3", "Stage not mapped")
	page = b.Submit(page, page.Address+"/run").Is(200, "Bringing rows in", "0 of 3 rows")
	runJobs(t, site)
	page = b.Get(page.Address).Is(200, "Added", "The row has no name", "Alpha")
	if !strings.Contains(page.Text(), "Added 2") || !strings.Contains(page.Text(), "Refused 1") {
		t.Errorf("the report counts wrongly: %s", page.Text())
	}
	b.Get(page.Address+"?outcome=refused").Is(200, "The row has no name").Lacks("Alpha")
	b.Get("/imports").Is(200, "systems.csv", "2 added, 0 changed, 1 refused", "Done")
	b.Get("/models/alpha").Is(200, "Alpha", "Reported in operation by Systems, row 1 of systems.csv")
	b.Get("/imports/1/rows/1").Is(200, "Row 1 of systems.csv", "What the inventory says", "owner@example.test")
	b.Get("/imports/1/rows/2").Is(200, "The mapping does not say what", "Somehow")
	b.Get("/imports/1/rows/3").Is(200, "The row has no name", "Refused").Lacks("What the inventory says")
	b.Get("/imports/1/rows/4").Is(404)
}

func TestTheRealInventoryInTheBrowser(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/federal-ai-inventory/2024.csv")
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.New(t)
	b := site.As(site.Risk)
	page := b.Upload("/imports/new", "file", "2024.csv", raw).Is(200, "Windows-1252", "62 columns")
	page = confirm(b, page).Is(200, "Use Case Name", "Research or Administrative Action Complete")
	page = b.Submit(page, page.Address, "inventory", "AI use cases", "do", "check").Is(200, "Import 2,133 rows", "Retired without a date", "11 times")
	page = b.Submit(page, page.Address+"/run").Is(200)
	runJobs(t, site)
	page = b.Get(page.Address).Is(200, "Added 2,133", "Next")
	if page.Queries > 6 {
		t.Errorf("the report takes %d queries", page.Queries)
	}
	file := b.Get(page.Address + "/rows.csv").Is(200)
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	if err != nil || len(rows) != 2134 {
		t.Errorf("the file has %d rows: %v", len(rows), err)
	}
}

func TestFilesThatAreNoTable(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	tests := map[string]struct {
		content string
		status  int
		says    string
	}{
		"a workbook":       {"PK\x03\x04" + strings.Repeat("x", 100), 422, "save the sheet as CSV"},
		"nothing":          {"", 422, "This file is empty"},
		"blank lines":      {"\n\n  \n", 422, "The file is empty"},
		"a picture":        {"\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01", 500), 422, "This is a picture"},
		"a program":        {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x01\x02", 500), 422, "not a text file"},
		"a compressed one": {"\x1f\x8b\x08" + strings.Repeat("x", 100), 422, "Unpack it"},
		"too large":        {strings.Repeat("a,b\n", (intake.MaxFileBytes>>2)+1), 413, "may have 64 MiB"},
		"far too large":    {strings.Repeat("a,b\n", (intake.MaxFileBytes>>2)+(1<<20)), 413, "more than can be taken"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b.On(t).Upload("/imports/new", "file", "file.csv", []byte(tt.content)).Is(tt.status, tt.says)
		})
	}
	b.On(t).Send("/imports/new").Is(422, "Choose a file")
	b.Get("/imports").Is(200, "Nothing was imported yet")
}

func TestAMappingThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page := upload(t, b, "systems.csv", small)
	tests := map[string]struct {
		pairs []string
		at    string
		says  string
	}{
		"no inventory":            {[]string{"inventory", "", "name", "Kept name"}, "inventory", "Name the inventory"},
		"no name":                 {[]string{"name", ""}, "name", "Name the mapping"},
		"a name too long":         {[]string{"name", strings.Repeat("x", 101)}, "name", "at most 100"},
		"no column for the name":  {[]string{"columns.name", ""}, "columns.name", "Choose the column that holds the name"},
		"a column that is not":    {[]string{"columns.owner", "99"}, "columns.owner", "Choose a column from the list"},
		"a column that is a word": {[]string{"columns.owner", "Owner"}, "columns.owner", "Choose a column from the list"},
		"a date order unheard of": {[]string{"dates", "ymd"}, "dates", "month or with the day"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			pairs := append([]string{"inventory", "Systems", "name", "Kept name", "genai_words", "one, two", "do", "check"}, tt.pairs...)
			p := b.On(t).Submit(page, page.Address, pairs...).Is(422, tt.says)
			if got := p.ErrorAt(tt.at); !strings.Contains(got, tt.says) {
				t.Errorf("at %s stands %q", tt.at, got)
			}
			if p.Value("genai_words") != "one, two" {
				t.Errorf("what was typed is lost: %q", p.Value("genai_words"))
			}
			if !strings.HasPrefix(p.PageTitle(), "Error:") {
				t.Errorf("the window is called %q", p.PageTitle())
			}
		})
	}
	p := b.On(t).Submit(page, page.Address, "inventory", "Systems", "do", "check", "stages[0]", "production")
	p.Is(422, "Choose what the value means from its list")
}

func TestAStageColumnChosenAnewShowsItsValuesFirst(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page := upload(t, b, "systems.csv", small)
	b.Submit(page, page.Address, "inventory", "Systems", "do", "check", "columns.stage", "1").
		Is(200, "Another column was chosen for reported stage", "Values of “Team”")
}

func TestAFormThatIsStaleIsRefused(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page := upload(t, b, "systems.csv", small)
	b.Submit(page, page.Address, "inventory", "Systems", "do", "check").Is(200, "Check before it runs")
	b.Submit(page, page.Address, "inventory", "Other", "do", "check").Is(409, "Somebody else has changed this")
}

func TestOnlyImportersImport(t *testing.T) {
	site := webtest.New(t)
	imported(t, site, site.As(site.Admin), "systems.csv", small)
	for _, who := range []org.Person{site.Viewer, site.Contributor, site.Reviewer, site.Leader, site.Auditor} {
		b := site.As(who)
		b.Get("/imports").Is(200, "systems.csv", "Only administrators and risk reviewers import")
		b.Get("/imports/1").Is(200, "What became of each row").Lacks("Import this file again")
		b.Get("/imports/new").Is(403)
		b.Upload("/imports/new", "file", "x.csv", []byte(small)).Is(403)
		for _, path := range []string{"/imports/1/format", "/imports/1/mapping", "/imports/1/run", "/imports/1/cancel", "/imports/1/again"} {
			b.Send(path).Is(403)
		}
	}
}

func TestCellsThatWouldRunAreQuotedInExports(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page := imported(t, site, b, "systems.csv", small)
	rows, err := csv.NewReader(strings.NewReader(b.Get(page.Address + "/rows.csv").Body)).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if got := rows[2][2]; got != "'=cmd|' /C calc'!A0" {
		t.Errorf("the formula stands as %q", got)
	}
	b.Get(page.Address+"/problems.csv").Is(200, "No name", "row,line,severity")
	b.Get("/models.csv").Is(200).Lacks("\n=cmd", ",=cmd", ",\"=cmd")
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	for _, path := range []string{"/imports/1", "/imports/abc", "/imports/99999999999999999999", "/imports/1/format", "/imports/1/mapping", "/imports/1/rows.csv",
		"/imports/questions/1", "/imports/questions/x"} {
		b.Get(path).Is(404)
	}
	upload(t, b, "systems.csv", small)
	b.Get("/imports/1/mapping?from=unheard").Is(404)
	b.Get("/imports/1/problems.csv").Is(404)
	b.Get("/imports/1/format?encoding=klingon").Is(400)
	b.Get("/imports/1/format?encoding=utf-16le").Is(422, "cannot be read like this")
	b.Get("/imports?after=x").Is(400)
	b.Send("/imports/1/run").Is(409, "Look at what the import would do first")
}

func TestADiscardedFileDoesNothing(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	upload(t, b, "systems.csv", small)
	page := b.Get("/imports/1/cancel").Is(200, "Discard systems.csv?")
	b.Submit(page, "/imports/1/cancel").Is(200, "The import was cancelled after 0 rows")
	b.Send("/imports/1/cancel").Is(409, "cancelled already")
	b.Send("/imports/1/run").Is(409)
}

func TestOwnersAreAskedAboutWhatVanished(t *testing.T) {
	site := webtest.New(t)
	admin, owner := site.As(site.Admin), site.As(site.Owner)
	imported(t, site, admin, "first.csv", small)
	second := "Department,Team,Name,Purpose,Stage,Risk tier,Owner\nRisk,Fraud,Alpha two,Finds it,Operating,2,owner@example.test\n"
	imported(t, site, admin, "second.csv", second).Is(200, "Vanished 1")
	admin.Get("/imports").Is(200, "1 system has vanished")
	owner.Get("/imports/questions?whose=mine&state=open").Is(200, "Alpha", "1 question")
	site.As(site.Stranger).Get("/imports/questions?whose=mine").Is(200, "No questions match")

	page := owner.Get("/imports/questions/1").Is(200, "What became of Alpha?", "Alpha two", "A similar name is new in the same team")
	p := owner.Submit(page, "/imports/questions/1/answer", "answer", "retired", "on", "2099-01-01", "detail", "kept words").Is(422, "cannot lie ahead")
	if p.ErrorAt("on") == "" || strings.TrimSpace(p.Value("detail")) != "kept words" || p.Value("answer") != "retired" {
		t.Errorf("the refused answer lost what was typed: %q, %q, %q", p.ErrorAt("on"), p.Value("detail"), p.Value("answer"))
	}
	owner.Submit(page, "/imports/questions/1/answer", "answer", "retired", "on", "soon").Is(422, "Enter a date like")
	owner.Submit(page, "/imports/questions/1/answer", "answer", "renamed", "into", "unheard-of").Is(422, "not listed")
	owner.Submit(page, "/imports/questions/1/answer", "answer", "burnt").Is(422, "Choose what became of the system")
	site.As(site.Stranger).Send("/imports/questions/1/answer", "answer", "mistake", "detail", "It will be listed again.").Is(403, "own team")
	site.As(site.Auditor).Send("/imports/questions/1/answer", "answer", "mistake", "detail", "It will be listed again.").Is(403)

	owner.Get("/imports/questions/1?q=two").Is(200, "Alpha two")
	owner.Submit(page, "/imports/questions/1/answer", "answer", "renamed", "into", "alpha-two").Is(200, "Answer recorded", "It was renamed", "Alpha two", "Answered by Owner")
	owner.Send("/imports/questions/1/answer", "answer", "mistake", "detail", "It will be listed again.").Is(409, "already answered")
	owner.Get("/models/alpha").Is(200, "Alpha two")
}

func TestALongReportIsPaged(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	var rows strings.Builder
	rows.WriteString("Department,Team,Name,Purpose,Stage,Risk tier,Owner\n")
	for i := range 120 {
		fmt.Fprintf(&rows, "Risk,Fraud,System %03d,Finds it,Operating,2,\n", i)
	}
	page := imported(t, site, b, "long.csv", rows.String()).Is(200, "System 049").Lacks("System 050")
	next := ""
	for _, l := range page.Links() {
		if strings.Contains(l, "after=") {
			next = l
		}
	}
	second := b.Get(next).Is(200, "System 050", "System 099", "Previous").Lacks("System 049", "System 100")
	if page.Queries != b.Get(page.Address).Queries || second.Queries > page.Queries {
		t.Errorf("%d queries on the first page, %d on the second", page.Queries, second.Queries)
	}
	b.Swap("GET", next, "rows", nil).Is(200, "System 050").Lacks("What became of each row")
}
