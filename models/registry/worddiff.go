package registry

import (
	"strconv"
	"strings"
	"unicode"
)

// Segment is a piece of a compared text: "same", "added" or "removed".
type Segment struct{ Change, Text string }

// How much work a comparison may be: so many words and marks may differ before lines are compared
// instead, and so many lines before the whole is one removed and one added.
const (
	mostWordEdits = 600
	mostLineEdits = 800
)

// DiffWords compares two texts word by word. The pieces that are same or removed make up the first text,
// those that are same or added the second, letter by letter.
func DiffWords(before, after string) []Segment {
	if segments, ok := diffTokens(words(before), words(after), mostWordEdits); ok {
		return readable(segments)
	}
	segments, ok := diffTokens(strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n"), mostLineEdits)
	if !ok {
		return readable([]Segment{{"removed", before}, {"added", after}})
	}
	return readable(withinLines(segments))
}

// withinLines looks for the words that differ in each piece whose lines were replaced by others. All
// pieces share one bound on the work.
func withinLines(segments []Segment) []Segment {
	var out []Segment
	left := 4 * mostWordEdits
	for i := 0; i < len(segments); i++ {
		s := segments[i]
		if s.Change == "removed" && i+1 < len(segments) && segments[i+1].Change == "added" && left > 0 {
			a, b := words(s.Text), words(segments[i+1].Text)
			if inner, ok := diffTokens(a, b, min(left, mostWordEdits)); ok {
				left -= edits(inner)
				out = append(out, inner...)
				i++
				continue
			}
			left -= mostWordEdits
		}
		out = append(out, s)
	}
	return out
}

func edits(segments []Segment) int {
	n := 1
	for _, s := range segments {
		if s.Change != "same" {
			n += 1 + len(s.Text)/4
		}
	}
	return n
}

// words cuts a text into words, runs of blanks, line ends and single marks.
func words(text string) []string {
	var out []string
	start, was := 0, -1
	for i, r := range text {
		kind := kindOf(r)
		if i > 0 && (kind != was || kind >= 2) {
			out = append(out, text[start:i])
			start = i
		}
		was = kind
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// kindOf is 0 for what words are made of, 1 for blanks; 2 and 3 stand alone.
func kindOf(r rune) int {
	switch {
	case r == '\n':
		return 2
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_', r == '\'', r == '’':
		return 0
	case unicode.IsSpace(r):
		return 1
	}
	return 3
}

// diffTokens is the shortest way from one list to the other (Myers, 1986), unless it takes more than most
// steps. Its work is bounded by most times the length of both lists.
func diffTokens(a, b []string, most int) ([]Segment, bool) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	middle, ok := myers(a[head:len(a)-tail], b[head:len(b)-tail], most)
	if !ok {
		return nil, false
	}
	all := append([]Segment{{"same", strings.Join(a[:head], "")}}, middle...)
	return joined(append(all, Segment{"same", strings.Join(a[len(a)-tail:], "")})), true
}

// joined makes one segment of neighbours of the same kind.
func joined(list []Segment) []Segment {
	var out []Segment
	var run strings.Builder
	for i, s := range list {
		run.WriteString(s.Text)
		if i+1 < len(list) && (list[i+1].Change == s.Change || list[i+1].Text == "") {
			list[i+1].Change = s.Change
			continue
		}
		if run.Len() > 0 {
			out = append(out, Segment{s.Change, run.String()})
		}
		run.Reset()
	}
	return out
}

func myers(a, b []string, most int) ([]Segment, bool) {
	x, y := numbered(a, b)
	reach := make([]int32, 2*most+3) // on diagonal k, at k+most+1: how far into a
	var trace [][]int32
	for d := 0; d <= most; d++ {
		for k := -d; k <= d; k += 2 {
			at := k + most + 1
			i := reach[at-1] + 1
			if k == -d || k != d && reach[at-1] < reach[at+1] {
				i = reach[at+1]
			}
			for int(i) < len(x) && int(i)-k < len(y) && x[i] == y[int(i)-k] {
				i++
			}
			reach[at] = i
			if int(i) >= len(x) && int(i)-k >= len(y) {
				return walkBack(a, b, trace, d, k), true
			}
		}
		trace = append(trace, append([]int32(nil), reach[most+1-d:most+2+d]...))
	}
	return nil, false
}

// walkBack follows the trace from the end of both lists to their beginning.
func walkBack(a, b []string, trace [][]int32, d, k int) []Segment {
	var back []Segment
	i, j := len(a), len(b)
	for ; d > 0; d-- {
		prev := trace[d-1] // diagonals -(d-1) to d-1
		at := func(k int) int32 {
			if n := k + d - 1; n >= 0 && n < len(prev) {
				return prev[n]
			}
			return -1
		}
		down := k == -d || k != d && at(k-1) < at(k+1)
		from := k - 1
		if down {
			from = k + 1
		}
		pi := int(at(from))
		pj := pi - from
		for i > pi && j > pj && (down && j > pj+1 || !down && i > pi+1) {
			i, j = i-1, j-1
			back = append(back, Segment{"same", a[i]})
		}
		if down {
			j--
			back = append(back, Segment{"added", b[j]})
		} else {
			i--
			back = append(back, Segment{"removed", a[i]})
		}
		k = from
	}
	for ; i > 0; i-- {
		back = append(back, Segment{"same", a[i-1]})
	}
	for l, r := 0, len(back)-1; l < r; l, r = l+1, r-1 {
		back[l], back[r] = back[r], back[l]
	}
	return back
}

// numbered gives equal words equal numbers: they compare faster.
func numbered(a, b []string) (x, y []int32) {
	ids := map[string]int32{}
	of := func(list []string) []int32 {
		out := make([]int32, len(list))
		for i, s := range list {
			id, known := ids[s]
			if !known {
				id = int32(len(ids))
				ids[s] = id
			}
			out[i] = id
		}
		return out
	}
	return of(a), of(b)
}

// common reports whether a piece that both texts share is common ground between two changes: it holds a
// word or a line end, not blanks and marks alone.
func common(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return kindOf(r) == 0 || r == '\n' })
}

// readable joins what was replaced word by word into one removed and one added piece.
func readable(segments []Segment) []Segment {
	var out []Segment
	var removed, added strings.Builder
	flush := func() {
		if removed.Len() > 0 {
			out = append(out, Segment{"removed", removed.String()})
		}
		if added.Len() > 0 {
			out = append(out, Segment{"added", added.String()})
		}
		removed.Reset()
		added.Reset()
	}
	for i, s := range segments {
		switch {
		case s.Text == "":
		case s.Change == "removed":
			removed.WriteString(s.Text)
		case s.Change == "added":
			added.WriteString(s.Text)
		case i > 0 && i+1 < len(segments) && removed.Len()+added.Len() > 0 && !common(s.Text):
			removed.WriteString(s.Text)
			added.WriteString(s.Text)
		default:
			flush()
			out = append(out, s)
		}
	}
	flush()
	return joined(out)
}

func itoa(n int) string { return strconv.Itoa(n) }
