package intake

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/registry"
)

var testColumns = []string{"Department", "Team", "Name", "Purpose", "Stage", "Tier", "Kind", "Started", "Live", "Ended", "Owner", "Link", "Colour"}

func testMapping() Mapping {
	return Mapping{
		Name: "test",
		Columns: map[Field][]string{FieldDepartment: {"Department"}, FieldTeam: {"Team"}, FieldName: {"Name"}, FieldPurpose: {"Purpose"},
			FieldStage: {"Stage"}, FieldTier: {"Tier"}, FieldKind: {"Kind"}, FieldStarted: {"Started"}, FieldOperating: {"Live"},
			FieldRetired: {"Ended"}, FieldOwner: {"Owner"}, FieldURL: {"Link"}},
		Identity: []string{"Department", "Team", "Name"},
		Stages:   map[string]Reported{"In production": Operating, "Over": Retired, "Who knows": NotStated},
		Tiers:    map[string]registry.Tier{"High": 1, "Low": 3},
		Kinds:    map[string]registry.Kind{"LLM": registry.GenAI, "Forest": registry.Trained},

		DefaultKind: registry.Trained, GenAIWords: []string{"chatgpt", "large language model"},
		Dates: MonthFirst, Nothing: nothingWords,
	}
}

// testRow fills a row of testColumns from pairs of column and cell; the name is "Fraud scorer".
func testRow(pairs ...string) Row {
	cells := make([]string, len(testColumns))
	cells[2] = "Fraud scorer"
	for i := 0; i < len(pairs); i += 2 {
		cells[columnOf(testColumns, pairs[i])] = pairs[i+1]
	}
	return Row{Number: 7, Line: 9, Cells: cells}
}

func testConverter(t testing.TB) *Converter {
	t.Helper()
	c, err := NewConverter(testMapping(), testColumns)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConvertFillsEveryField(t *testing.T) {
	got, problems := testConverter(t).Convert(testRow("Department", " Risk\u00a0", "Team", "Cards", "Name", "Fraud\nscorer", "Purpose", "Stops\nfraud.",
		"Stage", "in  PRODUCTION\n", "Tier", "High\n", "Kind", "Forest", "Started", "1/2/2020", "Live", "2021-03-04", "Ended", "N/A",
		"Owner", "mara@example.org", "Link", "https://code.example.org/fraud", "Colour", "blue"))
	want := Record{
		Identity: "risk / cards / fraud scorer", Slug: "fraud-scorer", Name: "Fraud scorer", Purpose: "Stops\nfraud.",
		Department: "Risk", Team: "Cards", Owner: "mara@example.org", URL: "https://code.example.org/fraud",
		Kind: registry.Trained, Tier: 1, Reported: Operating, ReportedRaw: "in PRODUCTION",
		StartedOn: "2020-01-02", OperatingSince: "2021-03-04",
		Facts: map[string]string{"Stage": "in  PRODUCTION", "Tier": "High", "Kind": "Forest", "Colour": "blue"},
		Row:   7, Line: 9,
	}
	want.Digest, _ = audit.Digest(want.Fields())
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestConvertSaysWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		row    Row
		rules  []Rule
		column string
	}{
		"nothing wrong":                      {testRow("Stage", "Over", "Ended", "1/2/2020"), nil, ""},
		"no name refuses":                    {testRow("Name", " \u200b"), []Rule{RuleCleaned, RuleNoName}, "Name"},
		"a name of nothing refuses":          {testRow("Name", "N/A"), []Rule{RuleNoName}, "Name"},
		"a name of dashes refuses":           {testRow("Name", "---"), []Rule{RuleNoName}, "Name"},
		"no stage is a warning":              {testRow(), []Rule{RuleStageMissing}, "Stage"},
		"an unknown stage is a warning":      {testRow("Stage", "Frozen"), []Rule{RuleStageUnknown}, "Stage"},
		"a stage mapped to nothing is fine":  {testRow("Stage", "Who knows"), nil, ""},
		"an unknown tier is a warning":       {testRow("Stage", "Over", "Ended", "1/2/2020", "Tier", "Purple"), []Rule{RuleTierUnknown}, "Tier"},
		"an unknown kind is a warning":       {testRow("Stage", "Who knows", "Kind", "Oracle"), []Rule{RuleKindUnknown}, "Kind"},
		"retired without a date":             {testRow("Stage", "Over", "Ended", " None "), []Rule{RuleRetiredWithoutDate}, "Ended"},
		"retired with words for a date":      {testRow("Stage", "Over", "Ended", "N/A - merged"), []Rule{RuleDateAsText}, "Ended"},
		"retired, but in production":         {testRow("Stage", "In production", "Ended", "1/2/2020"), []Rule{RuleRetiredDateStage}, "Ended"},
		"retired before it began":            {testRow("Stage", "Over", "Started", "1/2/2021", "Ended", "1/2/2020"), []Rule{RuleDateOrder}, "Ended"},
		"control characters are removed":     {testRow("Stage", "Who knows", "Purpose", "a\x00b"), []Rule{RuleCleaned}, "Purpose"},
		"direction overrides are removed":    {testRow("Stage", "Who knows", "Purpose", "a\u202eb"), []Rule{RuleCleaned}, "Purpose"},
		"unreadable characters are named":    {testRow("Stage", "Who knows", "Purpose", "a\uFFFDb"), []Rule{RuleCleaned}, "Purpose"},
		"a long name is cut":                 {testRow("Stage", "Who knows", "Name", strings.Repeat("long ", 200)), []Rule{RuleCut}, "Name"},
		"a long fact is cut":                 {testRow("Stage", "Who knows", "Colour", strings.Repeat("ü", maxText+1)), []Rule{RuleCut}, "Colour"},
		"a row that does not fit the titles": {Row{Number: 7, Line: 9, Cells: []string{"x"}}, []Rule{RuleRagged}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := testConverter(t).Convert(tt.row)
			var rules []Rule
			for _, p := range problems {
				rules = append(rules, p.Rule)
				if p.Column != tt.column || p.Sentence == "" || p.Row != 7 || p.Line != 9 {
					t.Errorf("problem %+v", p)
				}
			}
			if d := cmp.Diff(tt.rules, rules); d != "" {
				t.Error(d)
			}
			refuses := len(tt.rules) > 0 && (tt.rules[len(tt.rules)-1] == RuleNoName || tt.rules[0] == RuleRagged)
			if Refused(problems) != refuses {
				t.Errorf("refused: %t", !refuses)
			}
		})
	}
}

func TestTextsThatDoNotFitAreKeptAsFacts(t *testing.T) {
	r, _ := testConverter(t).Convert(testRow("Stage", "Over", "Ended", "7/15/1905", "Link", "ask the team", "Started", "May 2020"))
	want := map[string]string{"Stage": "Over", "Ended": "7/15/1905", "Link": "ask the team", "Started": "May 2020"}
	if d := cmp.Diff(want, r.Facts); d != "" {
		t.Error(d)
	}
	if r.RetiredOn.Known() || r.URL != "" || r.StartedOn != "2020-05-01" {
		t.Errorf("retired %q, link %q, started %q", r.RetiredOn, r.URL, r.StartedOn)
	}
}

func TestTheKindIsStatedOrGuessed(t *testing.T) {
	for name, tt := range map[string]struct {
		row     Row
		kind    registry.Kind
		guessed bool
	}{
		"a stated kind wins over words":     {testRow("Name", "ChatGPT", "Kind", "forest"), registry.Trained, false},
		"words in the name":                 {testRow("Name", "ChatGPT pilot"), registry.GenAI, true},
		"words in the purpose":              {testRow("Purpose", "Uses a large language model."), registry.GenAI, true},
		"part of a word is none":            {testRow("Name", "NoChatGPTs"), registry.Trained, true},
		"the mapping's kind where none is":  {testRow(), registry.Trained, true},
		"an unmapped kind falls back to it": {testRow("Kind", "Oracle"), registry.Trained, true},
	} {
		t.Run(name, func(t *testing.T) {
			if r, _ := testConverter(t).Convert(tt.row); r.Kind != tt.kind || r.KindGuessed != tt.guessed {
				t.Errorf("got %s, guessed %t", r.Kind, r.KindGuessed)
			}
		})
	}
}

func TestEqualsAreNumberedInOrder(t *testing.T) {
	c := testConverter(t)
	var got []string
	for _, name := range []string{"Chatbot", "chatbot ", "Chat bot", "CHATBOT", "Chatbot / #2"} {
		r, _ := c.Convert(testRow("Department", "Sales", "Name", name))
		got = append(got, r.Identity)
	}
	want := []string{"sales /  / chatbot", "sales /  / chatbot / #2", "sales /  / chat bot", "sales /  / chatbot / #3", "sales /  / chatbot/#2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheDigestLeavesOutWhereARowStands(t *testing.T) {
	a, b := testRow("Colour", "blue"), testRow("Colour", "blue")
	b.Number, b.Line = 100, 200
	c := testConverter(t)
	one, _ := c.Convert(a)
	two, _ := c.Convert(b)
	other, _ := c.Convert(testRow("Colour", "red"))
	if one.Digest != two.Digest || one.Digest == other.Digest {
		t.Errorf("digests %s, %s, %s", one.Digest, two.Digest, other.Digest)
	}
}

func TestTheDigestIsThatOfTheAuditTrail(t *testing.T) {
	fields := map[string]string{"b": "<&>\u2028\\\"", "a": "ä\n", "": "\x01", "é": "x", "a b": "y"}
	want, err := audit.Digest(fields)
	if got := digestOf(fields); err != nil || got != want {
		t.Errorf("%s, %s, %v", got, want, err)
	}
}

func TestAMappingIsKeptAsJSON(t *testing.T) {
	raw, err := json.Marshal(testMapping())
	if err != nil {
		t.Fatal(err)
	}
	var back Mapping
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(testMapping(), back); d != "" {
		t.Error(d)
	}
}

func TestAMappingIsChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*Mapping)
		field string
	}{
		"a name is needed":               {func(m *Mapping) { delete(m.Columns, FieldName) }, "columns.name"},
		"an identity is needed":          {func(m *Mapping) { m.Identity = nil }, "identity"},
		"columns must be in the file":    {func(m *Mapping) { m.Columns[FieldTier] = []string{"Risk"} }, "columns.tier"},
		"identity must be in the file":   {func(m *Mapping) { m.Identity = []string{"Risk"} }, "identity"},
		"one column for a stage":         {func(m *Mapping) { m.Columns[FieldStage] = []string{"Stage", "Tier"} }, "columns.stage"},
		"fields are ours":                {func(m *Mapping) { m.Columns["sla"] = []string{"Tier"} }, "columns"},
		"no value leads into production": {func(m *Mapping) { m.Stages["x"] = "production" }, "stages"},
		"tiers are 1 to 3":               {func(m *Mapping) { m.Tiers["x"] = 4 }, "tiers"},
		"kinds are two":                  {func(m *Mapping) { m.Kinds["x"] = "both" }, "kinds"},
		"a default kind is needed":       {func(m *Mapping) { m.DefaultKind = "" }, "default_kind"},
		"an order of dates is needed":    {func(m *Mapping) { m.Dates = "" }, "dates"},
		"words are words":                {func(m *Mapping) { m.GenAIWords = []string{strings.Repeat("x", 101)} }, "genai_words"},
		"a name is plain":                {func(m *Mapping) { m.Name = "a\nb" }, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			m := testMapping()
			tt.spoil(&m)
			_, err := NewConverter(m, testColumns)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || len(f.Problems) != 1 || f.Problems[0].Field != tt.field {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAKeptMappingFitsANewFile(t *testing.T) {
	m := Mapping{Columns: map[Field][]string{
		FieldName:    {"Use Case Name"},
		FieldPurpose: {"What is the intended purpose and expected benefits of the AI?"},
		FieldTier:    {"Is the AI use case rights-impacting, safety-impacting, both, or neither?"},
		FieldRetired: {"Date Retired"},
	}, Identity: []string{"Use Case Name"}}
	columns := []string{"use case  name:", "What is the intended purpose, and the expected benefits, of the AI?", "Date Required",
		"Does this AI use case disseminate information to the public?"}
	got, moved := m.Fit(columns)
	want := map[Field][]string{FieldName: {columns[0]}, FieldPurpose: {columns[1]}}
	if d := cmp.Diff(want, got.Columns); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{columns[0]}, got.Identity); d != "" {
		t.Error(d)
	}
	wantMoved := []Fitting{
		{FieldName, "Use Case Name", columns[0]},
		{FieldPurpose, m.Columns[FieldPurpose][0], columns[1]},
		{FieldTier, m.Columns[FieldTier][0], ""},
		{FieldRetired, "Date Retired", ""},
		{"", "Use Case Name", columns[0]},
	}
	if d := cmp.Diff(wantMoved, moved); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Date Retired"}, m.Columns[FieldRetired]); d != "" {
		t.Error("the kept mapping was changed:", d)
	}
}

func TestLoadRefusesAFileWithoutRows(t *testing.T) {
	_, err := Load([]byte(strings.Join(testColumns, ",")+"\n"), plainCSV, testMapping())
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("got %v", err)
	}
	if columns, rows, err := Sample([]byte("a,b\n"), plainCSV, 10); err != nil || len(columns) != 2 || len(rows) != 0 {
		t.Errorf("a sample of it: %v, %v, %v", columns, rows, err)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Fraud Scorer":           "fraud-scorer",
		"  Größe & Œuvre / v2.0": "grosse-and-oeuvre-v2-0",
		"L'État d’Été":           "letat-dete",
		"Łódź Ørsted":            "lodz-orsted",
		"C++ review":             "c-plus-plus-review",
		"ｆｕｌｌ ｗｉｄｔｈ ①":           "full-width-1",
		"Machine Translation\n(Previously Language Translator)":                            "machine-translation-previously-language-translator",
		"A very long name that goes on and on until nobody can remember how it had begun.": "a-very-long-name-that-goes-on-and-on-until-nobody-can-remember",
	} {
		if got := Slug(name); got != want || len(got) > maxSlug {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
	if a, b := Slug("模型"), Slug("型模"); a == b || !strings.HasPrefix(a, "system-") || a != Slug("模型") {
		t.Errorf("names without a Latin letter give %q and %q", a, b)
	}
}

func TestUniqueSlug(t *testing.T) {
	long := strings.Repeat("x", maxSlug)
	taken := map[string]bool{"chatbot": true, "chatbot-2": true, long: true}
	has := func(s string) bool { return taken[s] }
	for slug, want := range map[string]string{"free": "free", "chatbot": "chatbot-3", long: strings.Repeat("x", maxSlug-2) + "-2"} {
		if got := UniqueSlug(slug, has); got != want {
			t.Errorf("%q becomes %q, want %q", slug, got, want)
		}
	}
}

func TestSafeCell(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "plain": "plain", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "-1", "-1.3": "-1.3", "-1+1": "'-1+1", "-": "'-", "-1.": "'-1.", "-.5": "'-.5", "-1e5": "'-1e5", "@SUM": "'@SUM",
		"\tx": "'\tx", "\rx": "'\rx", "\nx": "'\nx", "'x": "'x",
	} {
		if got := SafeCell(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
		if back, _ := cleanText(want); plainCell(back) != strings.TrimSpace(cell) && strings.TrimSpace(cell) == cell {
			t.Errorf("%q comes back as %q", cell, plainCell(back))
		}
	}
	row := []string{"=x", "y"}
	if d := cmp.Diff([]string{"'=x", "y"}, SafeCells(row)); d != "" || row[0] != "=x" {
		t.Error(d, row)
	}
}

func FuzzConvert(f *testing.F) {
	f.Add("Fraud scorer", "In production", "High", "10/1/2023", "https://x.example", "fact")
	f.Add("=x", "\x00", "\u202e", "7/15/1905", "https://", strings.Repeat("x", 100))
	f.Add("模型\xff", "N/A", "'", "2022-11-16 (x)", "javascript:alert(1)", "\uFFFD")
	f.Fuzz(func(t *testing.T, name, stage, tier, date, link, fact string) {
		row := testRow("Name", name, "Stage", stage, "Tier", tier, "Started", date, "Ended", date, "Link", link, "Colour", fact, "Owner", fact)
		r, problems := testConverter(t).Convert(row)
		if Refused(problems) {
			return
		}
		if r.Name == "" || r.Slug == "" || len(r.Slug) > maxSlug || r.Identity == "" || r.Reported.Stage() == registry.Production {
			t.Fatalf("%+v", r)
		}
		for key, text := range r.Fields() {
			if !utf8.ValidString(text) || text == "" || strings.ContainsAny(text, "\x00\u202e") {
				t.Fatalf("%s holds %q", key, text)
			}
		}
		if again, _ := testConverter(t).Convert(row); again.Digest != r.Digest || again.Identity != r.Identity {
			t.Fatal("the same row is another record the second time")
		}
		if c := Reconcile([]Known{r.Known()}, []Record{r}); len(c.Unchanged) != 1 {
			t.Fatalf("the same record is %+v", c)
		}
	})
}
