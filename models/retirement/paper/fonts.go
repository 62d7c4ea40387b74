package paper

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// The fonts are the files of their makers, unchanged; their licences lie beside them.
var (
	//go:embed fonts/GentiumBookPlus-Regular.ttf
	regularTTF []byte
	//go:embed fonts/GentiumBookPlus-Bold.ttf
	boldTTF []byte
	//go:embed fonts/DejaVuSansMono.ttf
	monoTTF []byte
)

// The families as the document knows them. Mono is for hashes and commands, and stands in for what the
// others have no sign for.
const (
	book = "book"
	bold = "bold"
	mono = "mono"
)

// addFonts gives the document copies: fpdf renumbers the parts of composed letters in the bytes that it
// was given, so a second document from the same bytes would be another file, with wrong letters.
func addFonts(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(book, "", bytes.Clone(regularTTF))
	pdf.AddUTF8FontFromBytes(bold, "", bytes.Clone(boldTTF))
	pdf.AddUTF8FontFromBytes(mono, "", bytes.Clone(monoTTF))
}

// drawable says of each character below U+10000 whether a family has a sign for it.
var drawable = sync.OnceValue(func() map[string][]bool {
	out := map[string][]bool{}
	for family, raw := range map[string][]byte{book: regularTTF, bold: boldTTF, mono: monoTTF} {
		f, err := sfnt.Parse(raw)
		if err != nil {
			panic("paper: an embedded font cannot be read: " + err.Error())
		}
		has := make([]bool, 1<<16)
		var b sfnt.Buffer
		for r := range has {
			i, err := f.GlyphIndex(&b, rune(r))
			has[r] = err == nil && i != 0
		}
		out[family] = has
	}
	return out
})

func draws(family string, r rune) bool {
	has := drawable()[family]
	return int(r) < len(has) && has[r]
}

// run is a piece of text that one font can draw.
type run struct{ family, text string }

// runs takes a text apart by the font that has its characters: the wanted one, else mono.
func runs(family, text string) []run {
	var out []run
	from := 0
	for i, r := range text {
		f := family
		if !draws(f, r) {
			f = mono
		}
		if n := len(out); n > 0 && out[n-1].family == f {
			out[n-1].text = text[from : i+utf8.RuneLen(r)]
			continue
		}
		from = i
		out = append(out, run{f, text[i : i+utf8.RuneLen(r)]})
	}
	return out
}

// unknownSign stands for a character that no font here can draw.
const unknownSign = '\uFFFD'

// printable makes a text what can be drawn, and says whether anything of it could not: characters beyond
// the fonts, and scripts that run from right to left, which would come out backwards.
func printable(s string) (text string, whole bool) {
	whole = true
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		case rightToLeft(r), !draws(book, r) && !draws(mono, r):
			whole = whole && r == unknownSign
			return unknownSign
		}
		return r
	}, norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	return s, whole
}

func rightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}
