package intake

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/org"
	"sundial/models/registry"
)

const inventoryFile = "../../../shared/data/federal-ai-inventory/2024.csv"

func inventory(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile(inventoryFile)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// guessed is the mapping that a person is shown first, taken as it is.
func guessed(t testing.TB, raw []byte) (Format, Mapping, []FieldGuess) {
	t.Helper()
	g, err := Detect(raw)
	if err != nil {
		t.Fatal(err)
	}
	columns, rows, err := Sample(raw, g.Format, MaxRows)
	if err != nil {
		t.Fatal(err)
	}
	m, guesses := GuessMapping(columns, rows)
	return g.Format, m, guesses
}

func load(t testing.TB, raw []byte) Batch {
	t.Helper()
	f, m, _ := guessed(t, raw)
	b, err := Load(raw, f, m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// firstImport is the inventory as its first import reads it; tests only read it.
var firstImport = sync.OnceValues(func() (Batch, error) {
	raw, err := os.ReadFile(inventoryFile)
	if err != nil {
		return Batch{}, err
	}
	g, err := Detect(raw)
	if err != nil {
		return Batch{}, err
	}
	columns, rows, err := Sample(raw, g.Format, MaxRows)
	if err != nil {
		return Batch{}, err
	}
	m, _ := GuessMapping(columns, rows)
	return Load(raw, g.Format, m)
})

func first(t testing.TB) Batch {
	t.Helper()
	b, err := firstImport()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARealInventoryIsDetected(t *testing.T) {
	g, err := Detect(inventory(t))
	if err != nil {
		t.Fatal(err)
	}
	if g.Encoding != Windows1252 || g.Delimiter != Comma || g.HasBOM {
		t.Errorf("detected %+v", g)
	}
}

func TestARealInventoryIsMapped(t *testing.T) {
	_, m, guesses := guessed(t, inventory(t))
	want := map[Field][]string{
		FieldName:       {"Use Case Name"},
		FieldPurpose:    {"What is the intended purpose and expected benefits of the AI?"},
		FieldDepartment: {"Agency"},
		FieldTeam:       {"Bureau"},
		FieldStage:      {"Stage of Development"},
		FieldTier:       {"Is the AI use case rights-impacting, safety-impacting, both, or neither?"},
		FieldStarted:    {"Date Initiated"},
		FieldOperating:  {"Date Implemented"},
		FieldRetired:    {"Date Retired"},
		FieldURL:        {"If the code is open-source, provide the link for the publicly available source code."},
	}
	if d := cmp.Diff(want, m.Columns); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Agency", "Bureau", "Use Case Name"}, m.Identity); d != "" {
		t.Error(d)
	}
	if m.Dates != MonthFirst {
		t.Errorf("dates are %s", m.Dates)
	}
	open := map[string]int{}
	for _, g := range guesses {
		for _, v := range g.Values {
			if v.Meaning == "" {
				open[v.Value] = v.Count
			}
		}
	}
	wantOpen := map[string]int{
		"Research or Administrative Action Complete": 5,
		"Case-by-case assessment":                    1,
		"No, use case is too new to fully assess impacts; will be reassessed before end of initiation stage.":                  12,
		"No, use case is too new to fully assess impacts; will be reassessed before end of acquisition and development stage.": 8,
	}
	if d := cmp.Diff(wantOpen, open); d != "" {
		t.Error("values left to the person:", d)
	}
}

func TestEveryRowOfARealInventoryComesIn(t *testing.T) {
	b := first(t)
	if b.Rows != 2133 || len(b.Records) != 2133 || b.Refused != 0 || len(b.Columns) != 62 {
		t.Fatalf("%d rows, %d records, %d refused, %d columns", b.Rows, len(b.Records), b.Refused, len(b.Columns))
	}
	raw, names, identities := map[string]int{}, map[string]int{}, map[string]bool{}
	genAIUsage, tiers := 0, map[registry.Tier]int{}
	for _, r := range b.Records {
		raw[r.ReportedRaw]++
		names[r.Name]++
		tiers[r.Tier]++
		if r.Name == "Generative AI Usage" {
			genAIUsage++
			if r.Kind != registry.GenAI {
				t.Errorf("row %d is %s", r.Row, r.Kind)
			}
		}
		if identities[r.Identity] {
			t.Errorf("row %d repeats the identity %q", r.Row, r.Identity)
		}
		identities[r.Identity] = true
	}
	wantRaw := map[string]int{"Operation and Maintenance": 874, "Acquisition and/or Development": 404, "Initiated": 370,
		"Implementation and Assessment": 287, "Retired": 142, "Planned": 20, "In production": 14, "Ideation": 9,
		"Research or Administrative Action Complete": 5, "In mission": 4, "": 4}
	if d := cmp.Diff(wantRaw, raw); d != "" {
		t.Error("stages as written:", d)
	}
	wantStages := map[Reported]int{Operating: 892, Developing: 691, Planned: 399, Retired: 142, NotStated: 9}
	if d := cmp.Diff(wantStages, b.Stages()); d != "" {
		t.Error("reported states:", d)
	}
	if d := cmp.Diff(map[registry.Tier]int{1: 351, 3: 1722, 0: 60}, tiers); d != "" {
		t.Error("tiers:", d)
	}
	if genAIUsage != 51 || len(names) != 2044 {
		t.Errorf("%d called Generative AI Usage, %d distinct names", genAIUsage, len(names))
	}
}

func TestARealInventoryIsWarnedAbout(t *testing.T) {
	got := first(t).ByRule()
	for rule, want := range map[Rule]int{RuleRetiredWithoutDate: 11, RuleStageMissing: 4, RuleStageUnknown: 5, RuleTierUnknown: 21, RuleCut: 0} {
		if got[rule] != want {
			t.Errorf("%s: %d, want %d", rule, got[rule], want)
		}
	}
}

func TestImportedSystemsNeverEnterProduction(t *testing.T) {
	for _, r := range first(t).Records {
		if s := r.Reported.Stage(); s != registry.Experiment && s != registry.Retired || (s == registry.Retired) != (r.Reported == Retired) {
			t.Fatalf("row %d, reported %q, begins in stage %s", r.Row, r.Reported, s)
		}
		if (r.CloseReason() != "") != (r.Reported == Retired) {
			t.Fatalf("row %d is closed because of %q", r.Row, r.CloseReason())
		}
	}
}

func TestASecondImportOfTheSameFileChangesNothing(t *testing.T) {
	b := first(t)
	c := Reconcile(known(b.Records), load(t, inventory(t)).Records)
	if len(c.Unchanged) != 2133 || len(c.Added)+len(c.Changed)+len(c.Vanished)+len(c.Unlisted) != 0 {
		t.Errorf("%d unchanged, %d added, %d changed, %d vanished", len(c.Unchanged), len(c.Added), len(c.Changed), len(c.Vanished))
	}
}

func TestRowsThatOnlyChangePlacesAreUnchanged(t *testing.T) {
	b := first(t)
	rows := readAll(t, inventory(t))
	slices.Reverse(rows[1:])
	c := Reconcile(known(b.Records), load(t, writeCSV(t, rows, ',', "")).Records)
	if len(c.Unchanged) != 2133 {
		t.Errorf("%d unchanged, %d changed, %d added", len(c.Unchanged), len(c.Changed), len(c.Added))
	}
}

// nextYear builds an inventory as the following year's looks: UTF-8 with a byte-order mark, other
// columns in another order, reworded titles, and systems renamed, removed, changed and new.
func nextYear(t testing.TB, rows [][]string) []byte {
	t.Helper()
	out := [][]string{{"Agency", "Bureau / Component", "Use Case Name", "Stage of development", "Is the AI use case high-impact?",
		"What problem is the AI intended to solve?", "AI Classification", "Operational date", "Date Retired", "Vendor Name(s)"}}
	operating := 0
	for _, r := range rows[1:] {
		name, stage := r[0], r[9]
		impact := map[string]string{"Neither": "Not high-impact", "": ""}[r[10]]
		if strings.Contains(r[10], "mpacting") || r[10] == "Both" {
			impact = "High-impact"
		}
		if stage == "Operation and Maintenance" {
			operating++
			switch {
			case operating <= 10:
				continue // no longer listed
			case operating <= 15:
				name += " Suite"
			case operating <= 22:
				stage = "Retired"
			}
			if stage == "Operation and Maintenance" {
				stage = "Deployed - the use case is being actively used"
			}
		}
		out = append(out, []string{r[1], r[3], name, stage, impact, r[7], "", r[13], r[14], "Nimbus Works, LLC"})
	}
	for i := range 30 {
		out = append(out, []string{"Department of Labor", "BLS", fmt.Sprintf("Brand-new case %d", i), "Pilot - testing", "High-impact", "Try it “out”", "Generative AI", "3/2025", "", ""})
	}
	return writeCSV(t, out, ';', "\xEF\xBB\xBF")
}

func TestNextYearsInventoryIsReconciled(t *testing.T) {
	before := first(t)
	raw := nextYear(t, readAll(t, inventory(t)))
	g, err := Detect(raw)
	if err != nil || !g.HasBOM || g.Encoding != UTF8 || g.Delimiter != Semicolon {
		t.Fatalf("detected %+v, %v", g, err)
	}
	_, m, _ := guessed(t, raw)
	if d := cmp.Diff(map[Field][]string{
		FieldName: {"Use Case Name"}, FieldPurpose: {"What problem is the AI intended to solve?"}, FieldDepartment: {"Agency"},
		FieldTeam: {"Bureau / Component"}, FieldStage: {"Stage of development"}, FieldTier: {"Is the AI use case high-impact?"},
		FieldKind: {"AI Classification"}, FieldOperating: {"Operational date"}, FieldRetired: {"Date Retired"}, FieldVendor: {"Vendor Name(s)"},
	}, m.Columns); d != "" {
		t.Error(d)
	}
	second := load(t, raw)
	c := Reconcile(known(before.Records), second.Records)
	if second.Rows != 2133-10+30 || len(c.Added) != 35 || len(c.Vanished) != 15 || len(c.Unlisted) != 0 || len(c.Changed) != 2133-15 {
		t.Errorf("%d rows: %d added, %d changed, %d unchanged, %d vanished, %d unlisted",
			second.Rows, len(c.Added), len(c.Changed), len(c.Unchanged), len(c.Vanished), len(c.Unlisted))
	}
	retired := 0
	for _, change := range c.Changed {
		for _, f := range change.Fields {
			if f.Name == string(FieldStage) && !f.Fact && f.Before == "operating" && f.After == "retired" {
				retired++
			}
		}
	}
	if retired != 7 {
		t.Errorf("%d systems are newly reported retired", retired)
	}
	renamed := 0
	for _, l := range c.LikelySame {
		if strings.HasSuffix(l.Name, "Suite") {
			renamed++
		}
	}
	if renamed < 5 {
		t.Errorf("%d of 5 renamed systems were suggested: %v", renamed, c.LikelySame)
	}
	again := Reconcile(known(second.Records), load(t, raw).Records)
	if len(again.Unchanged) != second.Rows {
		t.Errorf("a second import of next year's file leaves %d of %d unchanged", len(again.Unchanged), second.Rows)
	}
}

func known(records []Record) []Known {
	var list []Known
	for _, r := range records {
		list = append(list, r.Known())
	}
	return list
}

func readAll(t testing.TB, raw []byte) [][]string {
	t.Helper()
	text, err := Decode(raw, Windows1252)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func writeCSV(t testing.TB, rows [][]string, comma rune, prefix string) []byte {
	t.Helper()
	b := bytes.NewBufferString(prefix)
	w := csv.NewWriter(b)
	w.Comma, w.UseCRLF = comma, true
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkLoad(b *testing.B) {
	raw := inventory(b)
	f, m, _ := guessed(b, raw)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Load(raw, f, m); err != nil {
			b.Fatal(err)
		}
	}
}

// An imported system can be edited: what comes in passes the same rules as what people type.
func TestWhatComesInCanBeEdited(t *testing.T) {
	admin := org.Actor{Person: org.Person{ID: 1, Roles: []org.Role{org.Admin}}, Via: "session"}
	dir := registry.Directory{Teams: map[int64]org.Team{1: {ID: 1}}}
	for _, r := range first(t).Records {
		slug := r.Slug
		if len(slug) < 2 {
			slug = "system-" + slug
		}
		d := registry.Draft{Basics: registry.Basics{Name: r.Name, Slug: slug, Kind: r.Kind, Purpose: r.Purpose, Tier: r.Tier}, People: registry.People{TeamID: 1}}
		if _, err := registry.NewModel(admin, d, dir, time.Time{}); err != nil {
			t.Errorf("row %d: %v", r.Row, err)
		}
	}
}
