package vendors

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
)

// Bounds of a catalogue file: more is a mistake or an attack.
const (
	MaxSeedBytes = 4 << 20
	MaxSeedRows  = 50_000
)

// RowError is what is wrong with one row of a catalogue file; the other rows are not lost by it.
type RowError struct {
	Row      int // line in the file, the header being 1
	Field    string
	Sentence string
}

// ParseSeed reads a catalogue file: CSV with the columns provider and model_id, and if they are
// there class, retirement, retirement_source, read_on, successor and note, in any order. readOn is the day
// the file's sources were read. Rows that cannot be used come back as row errors; the error is
// for a file that cannot be read at all.
func ParseSeed(data []byte, readOn day.Day) ([]Entry, []RowError, error) {
	lines, problems, err := parseSeed(data, readOn)
	entries := make([]Entry, 0, len(lines))
	for _, l := range lines {
		entries = append(entries, l.Entry)
	}
	return entries, problems, err
}

func parseSeed(data []byte, readOn day.Day) ([]Line, []RowError, error) {
	if len(data) > MaxSeedBytes {
		return nil, nil, fault.Newf(fault.TooLarge, "The file has more than %d MiB; split it.", MaxSeedBytes>>20)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	columns, err := seedColumns(r)
	if err != nil {
		return nil, nil, err
	}
	reader := seedReader{columns: columns, readOn: readOn, seen: map[string]int{}}
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return reader.lines, reader.problems, nil
		}
		if n >= MaxSeedRows {
			return nil, nil, fault.Newf(fault.TooLarge, "The file has more than %d rows; split it.", MaxSeedRows)
		}
		if err != nil {
			var bad *csv.ParseError
			if !errors.As(err, &bad) {
				return nil, nil, fault.New(fault.Malformed, "The file is not CSV text.")
			}
			reader.refuse(bad.StartLine, "", "The quotes in this row are not closed properly.")
			continue
		}
		line, _ := r.FieldPos(0)
		reader.add(line, record)
	}
}

func seedColumns(r *csv.Reader) (map[string]int, error) {
	header, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Malformed, "The file has no header row.")
	}
	columns := map[string]int{}
	for i, name := range header {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
		if alias, ok := seedAliases[name]; ok {
			name = alias
		}
		if _, twice := columns[name]; !twice {
			columns[name] = i
		}
	}
	for _, needed := range []string{"provider", "model_id"} {
		if _, ok := columns[needed]; !ok {
			return nil, fault.Newf(fault.Malformed, "The header row has no column %q.", needed)
		}
	}
	return columns, nil
}

var seedAliases = map[string]string{
	"host": "provider", "id": "model_id", "end_of_life": "retirement", "source": "retirement_source", "notes": "note",
}

type seedReader struct {
	columns  map[string]int
	readOn   day.Day
	source   string // of the row before, for rows that say "same"
	seen     map[string]int
	lines    []Line
	problems []RowError
}

func (s *seedReader) refuse(line int, field, sentence string) {
	s.problems = append(s.problems, RowError{line, field, sentence})
}

func (s *seedReader) add(line int, record []string) {
	cell := func(name string) string {
		i, ok := s.columns[name]
		if !ok || i >= len(record) {
			return ""
		}
		return strings.Clone(strings.TrimSpace(record[i]))
	}
	if strings.TrimSpace(strings.Join(record, "")) == "" {
		return
	}
	before := len(s.problems)
	e := Entry{ModelID: cell("model_id"), Successor: cell("successor"), Source: s.sourceOf(cell("retirement_source")), ReadOn: s.readOn, Note: cell("note")}
	e.Host, _ = ParseHost(cell("provider"))
	for _, name := range []string{"provider", "model_id"} {
		if !utf8.ValidString(cell(name)) || Normalize(cell(name)) == "" || len(cell(name)) > maxID {
			s.refuse(line, name, "Name the "+strings.ReplaceAll(name, "_", " ")+", in at most 512 bytes of UTF-8 text.")
		}
	}
	e.Class = s.classOf(line, e, cell("class"))
	var remark string
	var ok bool
	var err error
	if e.EndOfLife, remark, ok = parseEnd(cell("retirement")); !ok {
		s.refuse(line, "retirement", "Write the date like 2027-03-31, with a remark in brackets behind it if need be.")
	}
	e.Note = joined(" ", e.Note, remark)
	if typed := cell("read_on"); typed != "" {
		if e.ReadOn, err = day.Parse(typed); err != nil {
			s.refuse(line, "read_on", "Write the day like 2027-03-31.")
		}
	}
	spelling := string(e.Host) + "\x00" + Normalize(e.ModelID)
	if first, twice := s.seen[spelling]; twice && len(s.problems) == before && s.lines[first].Source == e.Source {
		s.refuse(line, "model_id", "This id stands in the file already, from the same source.")
	}
	if len(s.problems) > before {
		return
	}
	s.seen[spelling] = len(s.lines)
	s.lines = append(s.lines, Line{e, line})
}

// sourceOf resolves "same", which the people who keep such lists write below a source.
func (s *seedReader) sourceOf(source string) string {
	if strings.EqualFold(source, "same") {
		return s.source
	}
	if source != "" {
		s.source = source
	}
	return source
}

// classOf takes the file's class, and our own rules where the file has none.
func (s *seedReader) classOf(line int, e Entry, word string) Class {
	if word == "" {
		return Classify(string(e.Host), e.ModelID).Class
	}
	c, err := ParseClass(word)
	if err != nil {
		s.refuse(line, "class", "Choose one of pinned, pinned_dateless, preview_pinned, preview_floating, floating, undetermined.")
	}
	return c
}

// parseEnd reads "2026-11-24", "2026-11-24 (deprecation_date)" and "2025-06". Of a month alone the
// first day is taken: planning for too early costs days, for too late the service.
func parseEnd(cell string) (end day.Day, remark string, ok bool) {
	date, remark, _ := strings.Cut(cell, "(")
	date, remark = strings.TrimSpace(date), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(remark), ")"))
	if remark != "" {
		remark = "The date is the source's " + remark + "."
	}
	if len(date) == len("2025-06") {
		date += "-01"
		remark = joined(" ", remark, "The source names only the month; its first day is taken.")
	}
	end, err := day.Parse(date)
	return end, remark, err == nil
}
