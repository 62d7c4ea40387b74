package intake

import "strings"

// SafeCell makes a cell of our own CSV exports safe to open in a spreadsheet: text that begins like a
// formula gets an apostrophe in front, which spreadsheets read as "this is text". A plain number below nought
// is none: with an apostrophe nobody could add it up.
func SafeCell(s string) string {
	if below, ok := strings.CutPrefix(s, "-"); ok && plainNumber(below) {
		return s
	}
	if s != "" && strings.IndexByte("=+-@\t\r\n", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// plainNumber reports whether a text is digits, with one point at most and digits around it.
func plainNumber(s string) bool {
	whole, part, point := strings.Cut(s, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (!point || digits(part))
}

// SafeCells is SafeCell for a whole row, as a new slice.
func SafeCells(row []string) []string {
	safe := make([]string, len(row))
	for i, s := range row {
		safe[i] = SafeCell(s)
	}
	return safe
}

// plainCell takes the apostrophe off again, so that an export of ours comes back as it was.
func plainCell(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte("=+-@", s[1]) >= 0 {
		return s[1:]
	}
	return s
}
