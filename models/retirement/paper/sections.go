package paper

import (
	"fmt"

	"sundial/models/day"
	"sundial/models/retirement"
)

// lines writes labels and what is said beside them.
func (s *sheet) lines(all []retirement.Line) {
	for _, l := range all {
		t := plain
		if l.Hash {
			t = hash
		}
		s.fact(l.Label, l.Text, t)
	}
}

// passages is the way through the phases.
func (s *sheet) passages(all []retirement.Passage) {
	s.head("The way")
	for _, p := range all {
		s.need(plain.leading)
		s.dot(left+1.2, s.y+2.5, p.To == retirement.Retired)
		s.line(left+5, s.y+plain.leading*0.75, label, day.Of(p.At).Human())
		s.text(facts, right-facts, plain, p.To.Title()+", by "+p.By)
		if p.Note != "" {
			s.text(facts, right-facts, small, p.Note)
		}
	}
}

func (s *sheet) dot(x, y float64, last bool) {
	c := hair
	if last {
		c = gold
	}
	s.pdf.SetFillColor(c.r, c.g, c.b)
	s.pdf.Circle(x, y, 1, "F")
}

func (s *sheet) consumers(all []retirement.ConsumerAnswer) {
	s.head("Who depended on it, and what they said")
	if len(all) == 0 {
		s.text(left, right-left, plain, "Nobody.")
	}
	for _, x := range all {
		s.need(2 * plain.leading)
		s.text(left, right-left, strong, x.Name)
		s.text(left, right-left, plain, x.Story())
		s.y += 1.2
	}
}

// attested are the facts that no machine reported.
func (s *sheet) attested(all []retirement.CertifiedWord) {
	if len(all) == 0 {
		return
	}
	s.head("Attested, not measured")
	s.text(left, right-left, small, "No machine reported these facts. Each rests on the word of one person, and of a second one who confirmed it.")
	s.y += 1.5
	for _, x := range all {
		s.need(2 * plain.leading)
		s.text(left, right-left, strong, x.What)
		s.text(left, right-left, plain, x.Story())
		if x.Artefact != "" {
			s.text(left, right-left, small, "To be read at "+x.Artefact)
		}
		s.y += 1.2
	}
}

func (s *sheet) assets(all []retirement.CertifiedAsset) {
	s.head("What became of the data")
	if len(all) == 0 {
		s.text(left, right-left, plain, "The model left none behind.")
	}
	for _, a := range all {
		s.need(4 * plain.leading)
		s.text(left, right-left, strong, a.Name)
		s.text(left, right-left, small, a.Where())
		s.y += 0.6
		s.lines(a.Lines())
		s.y += 2.4
	}
}

// proof is where all of it can be checked, by anybody who has the file.
func (s *sheet) proof(c retirement.Certificate) {
	s.head("How to check this paper")
	s.need(40)
	s.text(left, right-left, plain, "The sealed dossier holds everything about the model, from how it was built to each of the facts above. Its SHA-256, and this file's own, stand in the audit trail, where every event holds the hash of the one before.")
	s.y += 2
	s.fact("Dossier", c.DossierSHA, hash)
	s.fact("Sealed by", fmt.Sprintf("Event %d of the audit trail", c.Sealed.Seq), plain)
	s.fact("", c.Sealed.Hash, hash)
	s.fact("At", c.Organisation, plain)
	s.fact("Check it with", "sundial audit verify --certificate FILE", style{family: mono, size: 8.4, leading: 5, colour: ink})
	if !s.whole {
		s.y += 1
		s.text(left, right-left, small, "� stands for a character that this paper's fonts cannot draw. The dossier has it.")
	}
}
