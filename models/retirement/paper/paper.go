// Package paper prints a retirement certificate as a PDF: a sheet to frame on its first page, and what it
// rests on behind it. The same certificate makes the same bytes, so that its SHA-256 can stand in the
// audit trail: dates come from the certificate, fonts from here.
//
// It leaves to others: what a certificate says (retirement), when one is made and kept (store), and the
// page that shows it (components).
//
// The fonts have Latin, Greek and Cyrillic whole, and what DejaVu Sans Mono has beside these. Any other
// character is printed as a mark, and the paper then says that the dossier holds it.
package paper

import (
	"fmt"
	"strings"

	"sundial/models/retirement"
)

// Print makes the certificate's file: A4, its fonts embedded.
func Print(c retirement.Certificate) ([]byte, error) {
	s, err := compose(c)
	if err != nil {
		return nil, fmt.Errorf("print the certificate of %s: %w", c.Slug, err)
	}
	return s.bytes()
}

func compose(c retirement.Certificate) (*sheet, error) {
	s := newSheet("Retirement certificate: "+c.Model, joined(", ", "Sundial", c.Organisation), subject(c), c.RetiredAt.UTC())
	s.title(c)
	s.y += 3
	s.lines(c.Lines())
	s.passages(c.Way())
	s.consumers(c.Consumers)
	s.attested(c.Attested)
	s.assets(c.Assets)
	s.proof(c)
	s.around(c)
	return s, s.pdf.Error()
}

func subject(c retirement.Certificate) string {
	return fmt.Sprintf("Certificate %d of %s, version %s; dossier SHA-256 %s", c.Number, c.Slug, c.Version, c.DossierSHA)
}

// title is what one sees from afar.
func (s *sheet) title(c retirement.Certificate) {
	s.dial(pageWidth/2, 38, 9)
	s.y = 55
	s.centred(caps, "CERTIFICATE OF RETIREMENT")
	s.y += 3
	s.centred(s.nameStyle(c.Model), c.Model)
	s.y += 1
	s.centred(style{family: book, size: 11.5, leading: 6, colour: soft}, joined(" · ", "version "+c.Version, c.Team, fmt.Sprintf("tier %d", c.Tier)))
	s.y += 4
	s.ornament()
	s.y += 5
	for _, sentence := range c.Opening() {
		s.centred(lead, sentence)
	}
	s.y += 2
}

// nameStyle is smaller for a name that would fill the page.
func (s *sheet) nameStyle(model string) style {
	if len(s.wrap(name, model, right-left)) > 2 {
		return style{family: book, size: 17, leading: 7.6, colour: navy}
	}
	return name
}

// around draws what every page has, when it is known how many there are.
func (s *sheet) around(c retirement.Certificate) {
	pages := s.pdf.PageCount()
	foot := style{family: book, size: 8, leading: 4, colour: soft}
	said, _ := printable(joined(" · ", fmt.Sprintf("Certificate %d of %s", c.Number, c.Slug), c.Organisation))
	for n := 1; n <= pages; n++ {
		s.pdf.SetPage(n)
		s.frame(n == 1)
		s.line(left, pageHeight-19, foot, s.shortened(foot, said, right-left-30))
		place := fmt.Sprintf("Page %d of %d", n, pages)
		s.line(right-s.width(foot, place), pageHeight-19, foot, place)
	}
}

func (s *sheet) shortened(t style, text string, width float64) string {
	if lines := s.wrap(t, text, width); len(lines) > 1 {
		return lines[0] + " …"
	}
	return text
}

// frame is a double line around the first page and a single one around the others.
func (s *sheet) frame(first bool) {
	s.pdf.SetDrawColor(gold.r, gold.g, gold.b)
	s.pdf.SetLineWidth(0.25)
	s.pdf.Rect(12, 12, pageWidth-24, pageHeight-24, "D")
	if first {
		s.pdf.SetLineWidth(0.7)
		s.pdf.Rect(10, 10, pageWidth-20, pageHeight-20, "D")
	}
}

// dial is the portal's mark: a disc with the hour in gold and its shadow.
func (s *sheet) dial(x, y, radius float64) {
	at := func(px, py float64) (float64, float64) { return x + (px-16)/15*radius, y + (py-16)/15*radius }
	s.pdf.SetFillColor(navy.r, navy.g, navy.b)
	s.pdf.Circle(x, y, radius, "F")
	s.pdf.SetFillColor(224, 187, 115)
	s.pdf.MoveTo(at(16, 16))
	s.pdf.LineTo(at(23.5, 3.01))
	cx, cy := at(26.9, 5.1) // where the tangents of the rim meet
	ex, ey := at(29.24, 8.96)
	s.pdf.CurveTo(cx, cy, ex, ey)
	s.pdf.ClosePath()
	s.pdf.DrawPath("F")
	s.pdf.SetFillColor(255, 255, 255)
	s.pdf.MoveTo(at(16, 16))
	s.pdf.LineTo(at(11.3, 24.14))
	s.pdf.LineTo(at(7.7, 20.41))
	s.pdf.ClosePath()
	s.pdf.DrawPath("F")
}

// ornament is a fine line with a lozenge in its middle.
func (s *sheet) ornament() {
	x, y := pageWidth/2, s.y
	s.rule(x-30, x-4, y, gold)
	s.rule(x+4, x+30, y, gold)
	s.pdf.SetFillColor(gold.r, gold.g, gold.b)
	s.pdf.MoveTo(x, y-1.3)
	s.pdf.LineTo(x+1.3, y)
	s.pdf.LineTo(x, y+1.3)
	s.pdf.LineTo(x-1.3, y)
	s.pdf.ClosePath()
	s.pdf.DrawPath("F")
}

func joined(by string, parts ...string) string {
	var said []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, by)
}
