package intake

import (
	"bytes"
	"fmt"
)

// Delimiter is the character between two cells.
type Delimiter string

// The delimiters that can be read.
const (
	Comma     Delimiter = ","
	Semicolon Delimiter = ";"
	Tab       Delimiter = "\t"
	Pipe      Delimiter = "|"
)

// Delimiters lists the delimiters in the order of the form.
var Delimiters = []Delimiter{Comma, Semicolon, Tab, Pipe}

// Title is the delimiter as people read it.
func (d Delimiter) Title() string {
	switch d {
	case Comma:
		return "comma"
	case Semicolon:
		return "semicolon"
	case Tab:
		return "tab"
	case Pipe:
		return "vertical bar"
	}
	return "unknown"
}

const (
	delimiterSample  = 256 << 10 // bytes; far enough for the first rows of a wide table
	delimiterRecords = 50
)

// detectDelimiter takes the character that cuts the first rows into the same number of cells most often.
func detectDelimiter(text []byte) (Delimiter, string) {
	if d, _ := separatorLine(text); d != "" {
		return d, fmt.Sprintf("The first line says that a %s separates the cells.", d.Title())
	}
	best, bestScore, cells, steady := Comma, 0.0, 1, 0.0
	for _, d := range Delimiters {
		first, share := cutBy(text, d[0])
		if score := share * float64(min(first, 20)); first > 1 && score > bestScore {
			best, bestScore, cells, steady = d, score, first, share
		}
	}
	if bestScore == 0 {
		return Comma, "No delimiter was found: the file seems to have one column."
	}
	return best, fmt.Sprintf("A %s cuts the titles into %d cells, and %.0f %% of the first rows as well.",
		best.Title(), cells, steady*100)
}

// separatorLine reads the "sep=;" by which spreadsheets name the delimiter, and the line's length.
func separatorLine(text []byte) (Delimiter, int) {
	if len(text) < 5 || !bytes.EqualFold(text[:4], []byte("sep=")) {
		return "", 0
	}
	line, _, found := bytes.Cut(text, []byte("\n"))
	if !found || len(bytes.TrimRight(line, "\r")) != 5 {
		return "", 0
	}
	for _, d := range Delimiters {
		if line[4] == d[0] {
			return d, len(line) + 1
		}
	}
	return "", 0
}

// cutBy counts the cells of the first record, and the share of the following ones that has as many.
func cutBy(text []byte, delimiter byte) (first int, share float64) {
	cells, quoted, records, same := 1, false, 0, 0
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == delimiter:
			cells++
		case b == '\n' && i > 0 && text[i-1] != '\n':
			records++
			if records == 1 {
				first = cells
			}
			if cells == first {
				same++
			}
			cells = 1
		}
		if records == delimiterRecords {
			break
		}
	}
	if records == 0 {
		return cells, 1
	}
	return first, float64(same) / float64(records)
}
