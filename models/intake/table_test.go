package intake

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
)

var plainCSV = Format{UTF8, Comma}

// rowsOf reads a table to its end: cells joined by |, or the rule that refuses a row, with its place.
func rowsOf(t testing.TB, text string) (columns, rows []string) {
	t.Helper()
	r, err := NewReader([]byte(text), plainCSV)
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Columns, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		what := strings.Join(row.Cells, "|")
		if row.Problem != nil {
			what = string(row.Problem.Rule)
		}
		rows = append(rows, fmt.Sprintf("%d@%d %s", row.Number, row.Line, what))
	}
}

func TestReader(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"rows know their number and line":         {"a,b\r\n1,2\r\n3,4\r\n", []string{"1@2 1|2", "2@3 3|4"}},
		"line breaks inside quotes":               {"a,b\n\"x\r\ny\",2\n3,4", []string{"1@2 x\ny|2", "2@4 3|4"}},
		"empty lines do not count":                {"a,b\n\n1,2\n\n\n3,4\n", []string{"1@3 1|2", "2@6 3|4"}},
		"rows of empty cells are passed over":     {"a,b\n1,2\n, \n3,4\n", []string{"1@2 1|2", "3@4 3|4"}},
		"a ragged row costs only itself":          {"a,b\n1\n3,4\n5,6,7\n8,9\n", []string{"1@2 wrong-number-of-cells", "2@3 3|4", "3@4 wrong-number-of-cells", "4@5 8|9"}},
		"empty cells past the end do not matter":  {"a,b\n1,2,, \n", []string{"1@2 1|2"}},
		"doubled quotes":                          {"a,b\n\"say \"\"x\"\"\",2\n", []string{`1@2 say "x"|2`}},
		"quotes in a plain cell are read as such": {"a,b\nsay \"x\",2\n3,4\n", []string{`1@2 say "x"|2`, "2@3 3|4"}},
		"quotes not doubled, on one line":         {"a,b\n\"say \"x\" now\",2\n3,4\n", []string{`1@2 say "x" now|2`, "2@3 3|4"}},
		"a quote never closed costs only its row": {"a,b\n\"1,2\n3,4\n5,6\n", []string{"1@2 misplaced-quote", "2@3 3|4", "3@4 5|6"}},
		"a quote closed rows later":               {"a,b\n\"1,2\n3,4\n\"5\",6\n7,8\n", []string{"1@2 misplaced-quote", "2@3 3|4", "3@4 5|6", "4@5 7|8"}},
		"a quote closed in a later cell":          {"a,b\n1,\"x\n3,4\n5,6\n7,\",8\n9,0\n", []string{"1@2 wrong-number-of-cells", "2@3 3|4", "3@4 5|6", "4@5 misplaced-quote", "5@6 9|0"}},
		"a long cell is one broken row":           {"a,b\n\"x\ny\",2,3\n4,5\n", []string{"1@2 wrong-number-of-cells", "2@4 4|5"}},
		"a cell too large":                        {"a,b\n" + strings.Repeat("x", MaxCellBytes+1) + ",2\n3,4\n", []string{"1@2 cell-too-large", "2@3 3|4"}},
		"titles only":                             {"a,b\n", nil},
		"a sep line is not the titles":            {"sep=,\na,b\n1,2\n", []string{"1@3 1|2"}},
	} {
		t.Run(name, func(t *testing.T) {
			columns, rows := rowsOf(t, tt.text)
			if d := cmp.Diff([]string{"a", "b"}, columns); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.want, rows); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTitlesAreMadeUnique(t *testing.T) {
	r, err := NewReader([]byte("\ufeffName,If other?, ,if OTHER?,\"Two\nlines\",If other? (2),,\n"), plainCSV)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Name", "If other?", "Column 3", "if OTHER? (2)", "Two lines", "If other? (2) (2)"}
	if d := cmp.Diff(want, r.Columns); d != "" {
		t.Error(d)
	}
	if len(r.Notes) != 3 {
		t.Errorf("notes: %q", r.Notes)
	}
}

func TestReaderRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		f    Format
		kind fault.Kind
		says string
	}{
		"an empty file":             {"", plainCSV, fault.Invalid, "empty"},
		"a file of blank lines":     {"\n\n", plainCSV, fault.Invalid, "empty"},
		"empty titles":              {",,\n1,2,3\n", plainCSV, fault.Invalid, "titles"},
		"titles that cannot be cut": {"a,\"b\n1,2\n", plainCSV, fault.Invalid, "titles cannot be read"},
		"more columns than are taken": {strings.Repeat("x,", MaxColumns) + "y\n", plainCSV,
			fault.TooLarge, "501 columns"},
		"a delimiter that is none":    {"a,b\n", Format{UTF8, "\""}, fault.Invalid, "delimiters"},
		"a delimiter of two letters":  {"a,b\n", Format{UTF8, "::"}, fault.Invalid, "delimiters"},
		"an encoding that cannot fit": {"it\x92s\n", plainCSV, fault.Malformed, "Windows-1252"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewReader([]byte(tt.text), tt.f)
			if !fault.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMoreRowsThanAreTaken(t *testing.T) {
	r, err := NewReader([]byte("a\n"+strings.Repeat("x\n", MaxRows+1)), plainCSV)
	if err != nil {
		t.Fatal(err)
	}
	for n := range MaxRows {
		if _, err := r.Next(); err != nil {
			t.Fatalf("row %d: %v", n+1, err)
		}
	}
	if _, err := r.Next(); !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"1,2\n3,\"4\n", "a\n\"\n\"\"\"\n", "sep=,\na,a\n\x00,\"x\"y\n", "a,b\n,\n\"x\"\"\n\"\"\n\""} {
		f.Add([]byte(s), ",")
	}
	f.Add([]byte("a\tb\r\n1\t\"2\r\n"), "\t")
	f.Add([]byte("a,b\n"), "\x00")
	f.Fuzz(func(t *testing.T, raw []byte, delimiter string) {
		r, err := NewReader(raw, Format{UTF8, Delimiter(delimiter)})
		for line, number := 0, 0; err == nil; {
			var row Row
			row, err = r.Next()
			if err != nil {
				break
			}
			if row.Line <= line || row.Number <= number {
				t.Fatalf("row %d at line %d comes after row %d at line %d", row.Number, row.Line, number, line)
			}
			line, number = row.Line, row.Number
			if row.Problem == nil && len(row.Cells) != len(r.Columns) {
				t.Fatalf("row %d has %d cells of %d", row.Number, len(row.Cells), len(r.Columns))
			}
		}
		if _, ok := fault.As(err); !ok && !errors.Is(err, io.EOF) {
			t.Fatalf("not a sentence for a person: %v", err)
		}
	})
}
