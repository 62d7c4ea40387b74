package intake

import (
	"strings"
	"testing"

	"sundial/models/day"
)

func TestReadDate(t *testing.T) {
	for text, want := range map[string]struct {
		day  day.Day
		rule Rule
	}{
		"10/1/2023":                      {"2023-10-01", ""},
		"12/31/2024":                     {"2024-12-31", ""},
		"10-01-2023":                     {"2023-10-01", ""},
		"1.10.2023":                      {"2023-10-01", ""},
		"2023-10-01":                     {"2023-10-01", ""},
		"2023/10/1":                      {"2023-10-01", ""},
		"2023-10-01T00:00:00Z":           {"2023-10-01", ""},
		"10/1/2023 12:00:00 AM":          {"2023-10-01", ""},
		"1 October 2023":                 {"2023-10-01", ""},
		"October 1st, 2023":              {"2023-10-01", ""},
		"Oct. 1, 2023":                   {"2023-10-01", ""},
		"Sept 5, 2023":                   {"2023-09-05", ""},
		"01-Oct-2023":                    {"2023-10-01", ""},
		"10/1/23":                        {"2023-10-01", RuleDatePartial},
		"10/2023":                        {"2023-10-01", RuleDatePartial},
		"2023-10":                        {"2023-10-01", RuleDatePartial},
		"October 2023":                   {"2023-10-01", RuleDatePartial},
		"Oct 2023":                       {"2023-10-01", RuleDatePartial},
		"2023":                           {"2023-01-01", RuleDatePartial},
		"45200":                          {"2023-10-01", RuleDatePartial},
		"2022-11-16 (first step)":        {"2022-11-16", RuleDatePartial},
		"2024-02-15 (a); 2024-08-23 (b)": {"", RuleDateAsText},
		"7/15/1905":                      {"", RuleDateAsText},
		"10/12023":                       {"", RuleDateAsText},
		"13/1/2023":                      {"", RuleDateAsText},
		"2/30/2023":                      {"", RuleDateAsText},
		"0/0/0000":                       {"", RuleDateAsText},
		"22-Jul":                         {"", RuleDateAsText},
		"Q4FY25":                         {"", RuleDateAsText},
		"Pre-2021":                       {"", RuleDateAsText},
		"2015-2022":                      {"", RuleDateAsText},
		"3023":                           {"", RuleDateAsText},
		"TBD":                            {"", RuleDateAsText},
		"N/A -Consolidated elsewhere":    {"", RuleDateAsText},
	} {
		t.Run(text, func(t *testing.T) {
			d, rule, sentence := readDate(text, MonthFirst)
			if d != want.day || rule != want.rule || (rule == "") != (sentence == "") {
				t.Errorf("got %q, %q: %s", d, rule, sentence)
			}
		})
	}
}

func TestTheOrderOfDates(t *testing.T) {
	if d, _, _ := readDate("10/1/2023", DayFirst); d != "2023-01-10" {
		t.Errorf("day first gives %s", d)
	}
	columns := []string{"Name", "Start date"}
	m, _ := GuessMapping(columns, [][]string{{"x", "1/2/2023"}, {"y", "25/12/2023"}})
	if m.Dates != DayFirst {
		t.Errorf("25/12/2023 is read as %s", m.Dates)
	}
}

func TestAYearThatASpreadsheetMadeADateIsNamed(t *testing.T) {
	if _, _, sentence := readDate("7/15/1905", MonthFirst); !strings.Contains(sentence, "the year 2023") {
		t.Error(sentence)
	}
}
