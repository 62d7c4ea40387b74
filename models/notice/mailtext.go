package notice

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is where plain text is broken, so that it survives being quoted.
const lineWidth = 76

// Text is the mail for programs that show no HTML. It says all that the other says.
func (m Mail) Text() string {
	var b strings.Builder
	for _, p := range m.Lead {
		paragraph(&b, "", p)
	}
	for _, f := range m.Facts {
		wrap(&b, "  ", f.Label+": "+f.Value)
	}
	if len(m.Facts) > 0 {
		b.WriteByte('\n')
	}
	for _, n := range m.News {
		if n.Heading != "" {
			paragraph(&b, "", n.Heading+"\n"+strings.Repeat("-", utf8.RuneCountInString(n.Heading)))
		}
		wrap(&b, "", "* "+n.Said+" ("+Moment(n.At)+")")
		for _, more := range []string{n.Note, n.Todo, n.URL} {
			if more != "" {
				wrap(&b, "  ", more)
			}
		}
		b.WriteByte('\n')
	}
	if m.Action.URL != "" {
		paragraph(&b, "", m.Action.Label+":\n"+m.Action.URL)
	}
	for _, p := range m.After {
		paragraph(&b, "", p)
	}
	b.WriteString("-- \n") // what follows is a signature to mail programs
	for _, p := range m.Footer {
		wrap(&b, "", p)
	}
	if m.Choose != "" {
		wrap(&b, "", "Choose what you hear of: "+m.Choose)
	}
	return b.String()
}

func paragraph(b *strings.Builder, indent, s string) {
	for line := range strings.SplitSeq(s, "\n") {
		wrap(b, indent, line)
	}
	b.WriteByte('\n')
}

// wrap writes a text in lines of at most lineWidth; a word that is longer, as an address is, stays whole.
func wrap(b *strings.Builder, indent, s string) {
	width := 0
	for _, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
			b.WriteString(indent)
			width = len(indent)
		case width+1+n > lineWidth:
			b.WriteByte('\n')
			b.WriteString(indent)
			width = len(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteByte('\n')
}
