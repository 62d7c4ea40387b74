package paper

import (
	"bytes"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// The sheet is A4, in millimetres from the upper left corner.
const (
	pageWidth, pageHeight = 210.0, 297.0
	left, right           = 25.0, pageWidth - 25
	top, bottom           = 24.0, pageHeight - 28
	labels                = 34.0 // width of the labels before their facts
	facts                 = left + labels
)

type colour struct{ r, g, b int }

// The portal's own colours, as print takes them.
var (
	navy = colour{23, 56, 83}
	gold = colour{176, 131, 46}
	ink  = colour{28, 32, 38}
	soft = colour{88, 96, 106}
	hair = colour{205, 199, 186}
)

// style is how a text looks; size in points, leading in millimetres.
type style struct {
	family  string
	size    float64
	leading float64
	colour  colour
	spaced  float64 // between letters, in millimetres
}

var (
	plain   = style{family: book, size: 10, leading: 5, colour: ink}
	strong  = style{family: bold, size: 10, leading: 5, colour: ink}
	small   = style{family: book, size: 8.5, leading: 4.2, colour: soft}
	label   = style{family: book, size: 9, leading: 5, colour: soft}
	section = style{family: bold, size: 11.5, leading: 6, colour: navy}
	hash    = style{family: mono, size: 7.6, leading: 4.2, colour: ink}
	caps    = style{family: book, size: 10.5, leading: 6, colour: gold, spaced: 0.9}
	name    = style{family: book, size: 27, leading: 11.5, colour: navy}
	lead    = style{family: book, size: 12, leading: 6.2, colour: ink}
)

// sheet is a document that is being written: y is where the next line begins.
type sheet struct {
	pdf   *fpdf.Fpdf
	y     float64
	whole bool     // every character so far could be drawn
	said  []string // the lines in the order in which they were drawn
}

func newSheet(title, author, subject string, at time.Time) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCatalogSort(true) // else the order of objects is a map's
	pdf.SetCreationDate(at)
	pdf.SetModificationDate(at)
	pdf.SetProducer("Sundial", true)
	pdf.SetCreator("Sundial", true)
	pdf.SetTitle(title, true)
	pdf.SetAuthor(author, true)
	pdf.SetSubject(subject, true)
	pdf.SetLang("en-GB")
	addFonts(pdf)
	s := &sheet{pdf: pdf, whole: true}
	s.page()
	return s
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.y = top
}

// need begins a new page when less than this is left of the present one.
func (s *sheet) need(height float64) {
	if s.y+height > bottom {
		s.page()
	}
}

func (s *sheet) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := s.pdf.Output(&b)
	return b.Bytes(), err
}

// width of a text in one line.
func (s *sheet) width(t style, text string) float64 {
	w := 0.0
	for _, r := range runs(t.family, text) {
		s.pdf.SetFont(r.family, "", t.size)
		w += s.pdf.GetStringWidth(r.text)
	}
	return w + t.spaced*float64(len([]rune(text)))
}

// line draws one line with its baseline at y.
func (s *sheet) line(x, y float64, t style, text string) {
	s.said = append(s.said, text)
	s.pdf.SetTextColor(t.colour.r, t.colour.g, t.colour.b)
	for _, r := range runs(t.family, text) {
		s.pdf.SetFont(r.family, "", t.size)
		if t.spaced == 0 {
			s.pdf.Text(x, y, r.text)
			x += s.pdf.GetStringWidth(r.text)
			continue
		}
		for _, letter := range r.text {
			s.pdf.Text(x, y, string(letter))
			x += s.pdf.GetStringWidth(string(letter)) + t.spaced
		}
	}
}

func (s *sheet) centred(t style, text string) {
	for _, l := range s.wrap(t, text, right-left) {
		s.line((pageWidth-s.width(t, l)+t.spaced)/2, s.y+t.leading*0.75, t, l)
		s.y += t.leading
	}
}

// text writes a text of any length, over pages where it has to.
func (s *sheet) text(x, width float64, t style, text string) {
	for _, l := range s.wrap(t, text, width) {
		s.need(t.leading)
		s.line(x, s.y+t.leading*0.75, t, l)
		s.y += t.leading
	}
}

// height is what a text takes of a page.
func (s *sheet) height(t style, text string, width float64) float64 {
	return t.leading * float64(len(s.wrap(t, text, width)))
}

// wrap breaks a text into lines, between words where it can and inside them where it must.
func (s *sheet) wrap(t style, text string, width float64) []string {
	text, whole := printable(text)
	s.whole = s.whole && whole
	space := s.width(t, " ")
	var out []string
	for _, paragraph := range strings.Split(text, "\n") {
		line, long := "", 0.0
		for _, word := range strings.Fields(paragraph) {
			for _, part := range s.fit(t, word, width) {
				wide := s.width(t, part)
				switch {
				case line == "":
					line, long = part, wide
				case long+space+wide > width:
					out = append(out, line)
					line, long = part, wide
				default:
					line, long = line+" "+part, long+space+wide
				}
			}
		}
		out = append(out, line)
	}
	return out
}

// fit cuts a word that is wider than a line, such as a digest or an address.
func (s *sheet) fit(t style, word string, width float64) []string {
	var out []string
	letters := []rune(word)
	for len(letters) > 1 && s.width(t, string(letters)) > width {
		n := max(1, int(float64(len(letters))*width/s.width(t, string(letters))))
		for n > 1 && s.width(t, string(letters[:n])) > width {
			n--
		}
		out, letters = append(out, string(letters[:n])), letters[n:]
	}
	return append(out, string(letters))
}

// fact writes a label and what it says beside it.
func (s *sheet) fact(what, said string, t style) {
	if said == "" {
		return
	}
	s.need(min(s.height(t, said, right-facts), 3*t.leading))
	s.line(left, s.y+t.leading*0.75, label, what)
	s.text(facts, right-facts, t, said)
	s.y += 0.8
}

// head begins a section and keeps it together with what follows.
func (s *sheet) head(title string) {
	s.y += 5
	s.need(26)
	s.line(left, s.y+4.4, section, title)
	s.y += 6.4
	s.rule(left, right, s.y, hair)
	s.y += 2.6
}

func (s *sheet) rule(from, to, y float64, c colour) {
	s.pdf.SetDrawColor(c.r, c.g, c.b)
	s.pdf.SetLineWidth(0.2)
	s.pdf.Line(from, y, to, y)
}
