package intake

import (
	"errors"
	"io"

	"sundial/models/fault"
)

// Batch is a whole file in our shape, or everything that is wrong with it.
type Batch struct {
	Columns  []string
	Notes    []string // about the titles
	Records  []Record
	Problems []RowProblem // refusals and warnings, in the file's order
	Rows     int          // came in + refused
	Refused  int
	Warned   int // records with at least one warning
	Blank    int // empty rows, passed over
}

// Load reads a file from first to last row. Every row is in Records or has a problem that refuses it.
func Load(raw []byte, f Format, m Mapping) (Batch, error) {
	r, err := NewReader(raw, f)
	if err != nil {
		return Batch{}, err
	}
	c, err := NewConverter(m, r.Columns)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{Columns: r.Columns, Notes: r.Notes}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			b.Blank = r.Blank()
			return b, b.empty()
		}
		if err != nil {
			return Batch{}, err
		}
		record, problems := c.Convert(row)
		b.Rows++
		b.Problems = append(b.Problems, problems...)
		if Refused(problems) {
			b.Refused++
			continue
		}
		if len(problems) > 0 {
			b.Warned++
		}
		b.Records = append(b.Records, record)
	}
}

// empty refuses a file of titles alone: reconciling it would call every known system vanished.
func (b Batch) empty() error {
	if b.Rows == 0 {
		return fault.New(fault.Invalid, "The file has column titles and no rows below them. Nothing was read.")
	}
	return nil
}

// Sample reads up to n rows for the mapping page and for GuessMapping, leaving out broken ones.
// A table without any row is fine here: its titles can still be mapped.
func Sample(raw []byte, f Format, n int) (columns []string, rows [][]string, err error) {
	r, err := NewReader(raw, f)
	if err != nil {
		return nil, nil, err
	}
	for len(rows) < n {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if row.Problem == nil {
			rows = append(rows, row.Cells)
		}
	}
	return r.Columns, rows, nil
}

// Stages counts records by what is reported of them.
func (b Batch) Stages() map[Reported]int {
	n := map[Reported]int{}
	for _, r := range b.Records {
		n[r.Reported]++
	}
	return n
}

// ByRule counts the problems of a batch by rule.
func (b Batch) ByRule() map[Rule]int {
	n := map[Rule]int{}
	for _, p := range b.Problems {
		n[p.Rule]++
	}
	return n
}
