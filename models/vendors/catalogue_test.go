package vendors

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/fault"
)

func TestAliveUntilTheDayItEnds(t *testing.T) {
	for _, c := range []struct {
		name         string
		end, on      day.Day
		known, alive bool
	}{
		{"before the end", "2027-01-14", "2027-01-13", true, true},
		{"on the day itself", "2027-01-14", "2027-01-14", true, false},
		{"after it", "2027-01-14", "2027-02-01", true, false},
		{"without a date nothing is known", "", "2027-01-14", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			known, alive := Alive(Entry{EndOfLife: c.end}, c.on)
			if known != c.known || alive != c.alive {
				t.Errorf("known %v, alive %v", known, alive)
			}
		})
	}
}

func TestRunway(t *testing.T) {
	e := Entry{EndOfLife: "2027-03-01"}
	if left, known := DaysLeft(e, "2027-02-01"); left != 28 || !known {
		t.Errorf("%d days left, known %v", left, known)
	}
	if left, _ := DaysLeft(e, "2027-03-05"); left != -4 {
		t.Errorf("%d days left after the end", left)
	}
	for _, c := range []struct {
		today  day.Day
		inside bool
	}{{"2026-12-30", false}, {"2026-12-31", true}, {"2027-03-01", true}, {"2027-06-01", true}} {
		if got := InsideRunway(e, c.today, 60); got != c.inside {
			t.Errorf("%s: inside %v", c.today, got)
		}
	}
	if got := LatestStart(e, 60); got != "2026-12-31" {
		t.Errorf("latest start %s", got)
	}
	if _, known := DaysLeft(Entry{}, "2027-01-01"); known || InsideRunway(Entry{}, "2027-01-01", 60) || LatestStart(Entry{}, 60) != "" {
		t.Error("an unknown end has no days, no runway and no latest start")
	}
}

func TestMergeMarksWhatSourcesDisagreeOn(t *testing.T) {
	page := Entry{Host: OpenAI, ModelID: "gpt-x-2025-01-01", Class: Pinned, EndOfLife: "2027-01-14", Successor: "gpt-y-2026-01-01", Source: "vendor page", ReadOn: "2026-11-01"}
	list := Entry{Host: OpenAI, ModelID: "GPT-x-2025-01-01", Class: Floating, EndOfLife: "2026-12-01", Source: "some list", ReadOn: "2026-10-01"}
	m, err := Merge(page, list)
	if err != nil {
		t.Fatal(err)
	}
	if m.EndOfLife != "2026-12-01" || m.Class != Floating || m.Successor != "gpt-y-2026-01-01" || m.ReadOn != "2026-11-01" {
		t.Errorf("the safer of the two is believed: %+v", m)
	}
	for _, part := range []string{"14 January 2027", "1 December 2026", "vendor page", "some list", "pinned", "floating"} {
		if !strings.Contains(m.Conflict, part) {
			t.Errorf("the conflict does not say %q: %s", part, m.Conflict)
		}
	}
	other, _ := Merge(list, page)
	if other != m {
		t.Errorf("the order of the two changes the row:\n%+v\n%+v", m, other)
	}
}

func TestMergeWithoutConflict(t *testing.T) {
	old := Entry{Host: OpenAI, ModelID: "gpt-x", Class: Pinned, EndOfLife: "2027-01-14", Source: "page", ReadOn: "2026-10-01"}
	moved := old
	moved.EndOfLife, moved.ReadOn = "2027-04-01", "2026-11-01"
	if m, err := Merge(old, moved); err != nil || m != moved {
		t.Errorf("a later reading of the same source replaces the earlier: %+v, %v", m, err)
	}
	open := Entry{Host: OpenAI, ModelID: "gpt-x", Class: Undetermined, Source: "list", ReadOn: "2026-11-01"}
	if m, err := Merge(old, open); err != nil || m.Conflict != "" || m.EndOfLife != "2027-01-14" || m.Class != Pinned {
		t.Errorf("what one source leaves open is no conflict: %+v, %v", m, err)
	}
	elsewhere := old
	elsewhere.Host = AzureOpenAI
	if _, err := Merge(old, elsewhere); !fault.Is(err, fault.Invalid) {
		t.Errorf("another host is another row: %v", err)
	}
}

func TestSettleForgetsACorrectedConflict(t *testing.T) {
	a := Entry{Host: Mistral, ModelID: "m", Class: Pinned, EndOfLife: "2027-01-01", Source: "a", ReadOn: "2026-10-01"}
	b := Entry{Host: Mistral, ModelID: "m", Class: Pinned, EndOfLife: "2027-02-01", Source: "b", ReadOn: "2026-10-02"}
	if m, err := Settle([]Entry{a, b}); err != nil || m.Conflict == "" {
		t.Fatalf("two dates: %+v, %v", m, err)
	}
	corrected := a
	corrected.EndOfLife, corrected.ReadOn = "2027-02-01", "2026-11-01"
	if m, err := Settle([]Entry{a, b, corrected}); err != nil || m.Conflict != "" || m.EndOfLife != "2027-02-01" {
		t.Errorf("after the correction: %+v, %v", m, err)
	}
	if _, err := Settle(nil); err == nil {
		t.Error("nothing settles to nothing")
	}
}

func TestSeedKeepsGoodRowsBesideBadOnes(t *testing.T) {
	file := "\ufeffNote,Provider,Model_ID,Class,Retirement,Successor\n" +
		"fine,OpenAI,gpt-4o-2024-11-20,,2027-01-14,gpt-5.1-2025-11-13\n" +
		",openai,gpt-4o,sort of pinned,,\n" +
		",openai,gpt-4.1,floating,soon,\n" +
		",openai,,pinned,,\n" +
		",,gpt-4,floating,,\n" +
		"\n" +
		",groq,llama-3.3-70b-versatile,undetermined\n" +
		",openai,GPT-4o-2024-11-20,pinned,,\n"
	entries, problems, err := ParseSeed([]byte(file), "2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Class != Pinned || entries[0].Host != OpenAI || entries[0].Successor == "" || entries[1].Host != "groq" {
		t.Errorf("entries: %+v", entries)
	}
	want := []RowError{{Row: 3, Field: "class"}, {Row: 4, Field: "retirement"}, {Row: 5, Field: "model_id"}, {Row: 6, Field: "provider"}, {Row: 9, Field: "model_id"}}
	if len(problems) != len(want) {
		t.Fatalf("row errors: %+v", problems)
	}
	for i, p := range problems {
		if p.Row != want[i].Row || p.Field != want[i].Field || !strings.HasSuffix(p.Sentence, ".") {
			t.Errorf("row error %+v, want row %d field %s", p, want[i].Row, want[i].Field)
		}
	}
}

func TestSeedRefusesWhatIsNoCatalogue(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		kind fault.Kind
	}{
		"empty":             {"", fault.Malformed},
		"no id column":      {"provider,class\nopenai,pinned\n", fault.Malformed},
		"too many bytes":    {strings.Repeat("x", MaxSeedBytes+1), fault.TooLarge},
		"too many rows":     {"provider,model_id\n" + strings.Repeat("a,b\n", MaxSeedRows+1), fault.TooLarge},
		"a quote in header": {"\"provider,model_id\nopenai,gpt-4o\n", fault.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := ParseSeed([]byte(c.data), ""); !fault.Is(err, c.kind) {
				t.Errorf("%v", err)
			}
		})
	}
}

func FuzzParseSeed(f *testing.F) {
	f.Add([]byte("provider,model_id,class,retirement\nopenai,gpt-4o,floating,2027-01-14 (shutdown)\n"))
	f.Add([]byte("model_id,provider\n\"a\"b,c\n\xff,\xfe\n,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, problems, err := ParseSeed(data, "2026-11-20")
		if err != nil && len(entries)+len(problems) > 0 {
			t.Fatal("an error and rows at once")
		}
		for _, e := range entries {
			if e.ModelID == "" || e.Host == "" {
				t.Fatalf("a row without its key: %+v", e)
			}
		}
	})
}
