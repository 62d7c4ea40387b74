package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sundial/models/fault"
)

// Limits of one table. They bound what a stranger's file can cost, far above any real inventory.
const (
	MaxRows      = 200_000
	MaxColumns   = 500
	MaxCellBytes = 64 << 10
	maxTitle     = 1000 // characters of a column's title
)

// Row is one record of the table. Cells has one entry per column when Problem is nil.
type Row struct {
	Number  int // 1 is the first row after the titles
	Line    int // where it begins in the file, counted from 1
	Cells   []string
	Problem *RowProblem // set when the row's structure is broken; the rows after it are still good
}

// Reader reads a table row by row.
type Reader struct {
	Columns []string // cleaned titles, each unique
	Notes   []string // what had to be mended in the titles, for the person who maps them

	text       []byte
	comma      rune
	csv        *csv.Reader
	base       int // offset of the present csv reader's input in text
	baseLine   int // its first line
	start      int // where the last record begins in text
	number     int
	rescanned  int
	blank      int
	pastHeader bool
}

// NewReader opens a file and reads its titles. Faults: TooLarge, Malformed (the encoding does not fit),
// Invalid (no table, no titles).
func NewReader(raw []byte, f Format) (*Reader, error) {
	text, err := Decode(raw, f.Encoding)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(Delimiters, f.Delimiter) {
		return nil, fault.At("delimiter", "Choose one of the delimiters in the list.")
	}
	r := &Reader{text: text, comma: rune(f.Delimiter[0]), baseLine: 1}
	if _, n := separatorLine(text); n > 0 {
		r.base, r.baseLine = n, 2
	}
	r.restart(r.base, r.baseLine)
	return r, r.readTitles()
}

// Blank counts the rows that held nothing at all and were passed over.
func (r *Reader) Blank() int { return r.blank }

func (r *Reader) readTitles() error {
	row, err := r.record()
	switch {
	case errors.Is(err, io.EOF):
		return fault.New(fault.Invalid, sentenceEmpty)
	case err != nil:
		return err
	case row.Problem != nil:
		return fault.Newf(fault.Invalid, "The row of column titles cannot be read: %s", row.Problem.Sentence)
	}
	cells := row.Cells
	for len(cells) > 0 && cleanLine(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) == 0:
		return fault.New(fault.Invalid, "The first row is empty. It must hold the column titles.")
	case len(cells) > MaxColumns:
		return fault.Newf(fault.TooLarge, "The table has %d columns; %d at most are taken. Remove those you do not need.", len(cells), MaxColumns)
	}
	r.Columns, r.Notes = titles(cells)
	r.pastHeader, r.number = true, 0
	return nil
}

// titles makes column titles unique: surveys repeat "If other, please explain." after many questions.
func titles(cells []string) (columns, notes []string) {
	seen := map[string]bool{}
	for i, cell := range cells {
		title := cutRunes(cleanLine(cell), maxTitle)
		if title == "" {
			title = fmt.Sprintf("Column %d", i+1)
			notes = append(notes, fmt.Sprintf("Column %d has no title.", i+1))
		}
		unique := title
		for n := 2; seen[strings.ToLower(unique)]; n++ {
			unique = fmt.Sprintf("%s (%d)", title, n)
		}
		if unique != title {
			notes = append(notes, fmt.Sprintf("The title %q occurs again in column %d, which is called %q here.", title, i+1, unique))
		}
		seen[strings.ToLower(unique)] = true
		columns = append(columns, unique)
	}
	return columns, notes
}

// Next returns the next row, io.EOF after the last, or a TooLarge fault when there are too many.
func (r *Reader) Next() (Row, error) {
	for {
		row, err := r.record()
		if err != nil {
			return Row{}, err
		}
		if row.Problem == nil && allBlank(row.Cells) {
			r.blank++
			continue
		}
		if row.Number > MaxRows {
			return Row{}, fault.Newf(fault.TooLarge, "The table has more than %d rows. Split it and import the parts one after the other.", MaxRows)
		}
		row = r.fit(row)
		if row.Problem != nil && row.Cells != nil {
			r.reopen(&row)
		}
		return row, nil
	}
}

// reopen saves the rows that a quote without its partner took into a cell of this refused row: when the
// line after its first one is a whole row by itself, reading goes on there.
func (r *Reader) reopen(row *Row) {
	row.Cells = nil
	next := r.lineAfter(r.start)
	end := r.base + int(r.csv.InputOffset())
	if next >= end || len(r.Columns) < 2 || !r.mayRescan(end-next) {
		return
	}
	cells, err := r.reader(r.text[next:r.lineAfter(next)]).Read()
	if err == nil && len(cells) == len(r.Columns) {
		r.restart(next, row.Line+1)
	}
}

// lineAfter is where the line after the one at an offset begins.
func (r *Reader) lineAfter(offset int) int {
	if n := bytes.IndexByte(r.text[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(r.text)
}

// mayRescan bounds how often a file of stray quotes makes us read the same bytes again.
func (r *Reader) mayRescan(n int) bool {
	r.rescanned += n
	return r.rescanned <= 8*len(r.text)+(1<<20)
}

// fit refuses rows that do not have a cell per column. Empty cells past the last column are harmless.
func (r *Reader) fit(row Row) Row {
	if row.Problem != nil {
		return row
	}
	for len(row.Cells) > len(r.Columns) && strings.TrimSpace(row.Cells[len(row.Cells)-1]) == "" {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	if len(row.Cells) != len(r.Columns) {
		row.Problem = row.refuse(RuleRagged, fmt.Sprintf("The row has %d cells, the titles have %d. Is a delimiter inside a cell that is not quoted?", len(row.Cells), len(r.Columns)))
		return row
	}
	for i, cell := range row.Cells {
		if len(cell) > MaxCellBytes {
			p := row.refuse(RuleCellTooLarge, fmt.Sprintf("The cell holds more than %d KB. Is a closing quote missing?", MaxCellBytes>>10))
			p.Column = r.Columns[i]
			row.Problem = p
			return row
		}
	}
	return row
}

// record reads one record, structure only. encoding/csv skips empty lines by itself.
func (r *Reader) record() (Row, error) {
	r.start = r.base + int(r.csv.InputOffset())
	for r.start < len(r.text) && (r.text[r.start] == '\n' || r.text[r.start] == '\r') {
		r.start++ // empty lines, which encoding/csv passes over
	}
	cells, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return Row{}, io.EOF
	}
	r.number++
	row := Row{Number: r.number, Cells: cells}
	var broken *csv.ParseError
	switch {
	case err == nil:
		line, _ := r.csv.FieldPos(0)
		row.Line = r.baseLine + line - 1
	case errors.As(err, &broken):
		row.Line = r.baseLine + broken.StartLine - 1
		if err := r.salvage(&row, broken); err != nil {
			return Row{}, err
		}
	default:
		return Row{}, err
	}
	return row, nil
}

// salvage saves what a misplaced quote would cost. On one line, quotes are read as they stand when that
// gives a cell per column; a quote that swallows the following lines costs its own line and not those.
func (r *Reader) salvage(row *Row, broken *csv.ParseError) error {
	end := r.base + int(r.csv.InputOffset())
	next := min(r.lineAfter(r.start), end)
	if next == end && r.pastHeader {
		lazy := r.reader(r.text[r.start:end])
		lazy.LazyQuotes = true
		if cells, err := lazy.Read(); err == nil && len(cells) == len(r.Columns) {
			row.Cells = cells
			return nil
		}
	}
	row.Cells = nil
	row.Problem = row.refuse(RuleQuotes, fmt.Sprintf("A quote is opened or closed in the wrong place (near line %d), so the row cannot be cut into cells. Double every quote inside a quoted cell.", r.baseLine+broken.Line-1))
	if next == end {
		return nil
	}
	if !r.mayRescan(end - next) {
		return fault.New(fault.Malformed, "Too many quotes are opened and not closed. Check how the file was exported.")
	}
	r.restart(next, row.Line+1)
	return nil
}

func (r *Reader) restart(offset, line int) {
	r.base, r.baseLine = offset, line
	r.csv = r.reader(r.text[offset:])
}

func (r *Reader) reader(text []byte) *csv.Reader {
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma = r.comma
	c.FieldsPerRecord = -1
	return c
}

func allBlank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
