package vendors

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"sort"

	"sundial/models/day"
	"sundial/models/fault"
)

// ParseCatalogue reads a catalogue file, CSV or JSON, and holds every row to the rules that a person's
// row is held to. source and readOn stand in where a row does not say: rows without a source would be
// rows that nobody can check. Rows that cannot be used come back as row errors, each with its line.
func ParseCatalogue(data []byte, source string, readOn, today day.Day) ([]Line, []RowError, error) {
	if len(data) > MaxSeedBytes {
		return nil, nil, fault.Newf(fault.TooLarge, "The file has more than %d MiB; split it.", MaxSeedBytes>>20)
	}
	if head := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))); len(head) > 0 && (head[0] == '[' || head[0] == '{') {
		flat, err := flatten(head)
		if err != nil {
			return nil, nil, err
		}
		data = flat
	}
	lines, problems, err := parseSeed(data, readOn)
	if err != nil {
		return nil, nil, err
	}
	var good []Line
	for _, l := range lines {
		if l.Source == "" {
			l.Source = source
		}
		if err := l.Check("", today); err != nil {
			problems = append(problems, rowErrors(l.Row, err)...)
			continue
		}
		good = append(good, l)
	}
	sort.SliceStable(problems, func(i, j int) bool { return problems[i].Row < problems[j].Row })
	return good, problems, nil
}

// Line is a row of a file with where it stands.
type Line struct {
	Entry
	Row int
}

func rowErrors(row int, err error) []RowError {
	f, ok := fault.As(err)
	if !ok {
		return []RowError{{Row: row, Sentence: "This row cannot be used."}}
	}
	if len(f.Problems) == 0 {
		return []RowError{{Row: row, Sentence: f.Sentence}}
	}
	var out []RowError
	for _, p := range f.Problems {
		out = append(out, RowError{Row: row, Field: p.Field, Sentence: p.Sentence})
	}
	return out
}

// columnsOfJSON are the names that an object of a JSON catalogue may have, and the columns they become.
var columnsOfJSON = []string{"provider", "host", "model_id", "id", "class", "retirement", "end_of_life", "retirement_source", "source", "read_on", "successor", "note", "notes"}

// flatten makes CSV of a list of objects, or of an object with such a list under "models" or "data":
// both kinds of file are then read by the same rules, and the nth object is the row after n of them.
func flatten(data []byte) ([]byte, error) {
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil {
		var wrapped struct{ Models, Data []map[string]any }
		if json.Unmarshal(data, &wrapped) != nil || wrapped.Models == nil && wrapped.Data == nil {
			return nil, fault.New(fault.Malformed, "The file is not a JSON list of objects with provider and model_id.")
		}
		if list = wrapped.Models; list == nil {
			list = wrapped.Data
		}
	}
	var columns []string
	for _, name := range columnsOfJSON {
		for _, row := range list {
			if _, ok := row[name]; ok {
				columns = append(columns, name)
				break
			}
		}
	}
	if len(columns) == 0 {
		return nil, fault.New(fault.Malformed, "No object of the list names a provider and a model_id.")
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(columns)
	for _, row := range list {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = cellOf(row[name])
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func cellOf(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		// A line break inside a cell would shift the rows that errors point to.
		return string(bytes.ReplaceAll([]byte(x), []byte("\n"), []byte(" ")))
	case map[string]any, []any:
		return "?" // no date, no class and no id; the row is refused at that field
	}
	return fmt.Sprint(v)
}
