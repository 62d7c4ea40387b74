package paper

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/retirement"
)

// date is a moment's day, in UTC as everything on record.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return day.Of(t).Human()
}

func on(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " on " + date(t)
}

func (s *sheet) facts(c retirement.Certificate) {
	s.y += 3
	s.fact("Why", sentence(c.Cause.Sentence), plain)
	s.fact("Decided", joined(": ", "By "+c.Cause.By+on(c.Cause.At), sentence(c.Cause.Evidence)), plain)
	s.fact("Plan", fmt.Sprintf("Retirement plan %d, approved by %s", c.PlanNumber, c.ApprovedBy), plain)
	s.fact("", "SHA-256 "+c.PlanDigest, hash)
	s.fact("What takes over", c.Successor, plain)
	if c.Extended > 0 {
		s.fact("Extended", times(c.Extended), plain)
	}
	if e := c.Emergency; e != nil {
		s.fact("Emergency", fmt.Sprintf("Ordered by %s%s: %s", e.By, on(e.At), sentence(e.Reason)), plain)
		if e.SettledID != 0 {
			verdict := "found it wrong"
			if e.Right {
				verdict = "found it right"
			}
			s.fact("", fmt.Sprintf("%s %s%s: %s", e.Settled, verdict, on(e.SettledAt), sentence(e.Finding)), plain)
		}
	}
	s.fact("Sealed", date(c.SealedAt)+". Nothing of the dossier has changed since.", plain)
	s.fact("Watched", watched(c), plain)
}

func watched(c retirement.Certificate) string {
	said := fmt.Sprintf("From %s until %s no caller got an answer.", date(c.WatchFrom), date(c.RetiredAt))
	if c.Sightings > 0 {
		said += fmt.Sprintf(" Before that, %s seen; each time the watch began anew.", plural(c.Sightings, "call was", "calls were"))
	}
	return said
}

// passages is the way through the phases.
func (s *sheet) passages(all []retirement.Passage) {
	s.head("The way")
	for i, p := range all {
		said := joined(", ", p.To.Title(), "by "+p.By)
		note := strings.TrimSpace(p.Note)
		if i == 0 {
			note = "" // it is the cause, which stands above
		}
		s.need(plain.leading)
		s.dot(left+1.2, s.y+2.5, p.To == retirement.Retired)
		s.line(left+5, s.y+plain.leading*0.75, label, date(p.At))
		s.text(facts, right-facts, plain, said)
		if note != "" {
			s.text(facts, right-facts, small, sentence(note))
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
		s.text(left, right-left, plain, answered(x))
		s.y += 1.2
	}
}

func answered(x retirement.ConsumerAnswer) string {
	if x.Answer == "" && x.OverruledBy == "" {
		return fmt.Sprintf("Told%s. No answer by %s.", on(x.ToldAt), x.NoticeEnds().Human())
	}
	said := fmt.Sprintf("Told%s. No answer.", on(x.ToldAt))
	if x.Answer != "" {
		said = fmt.Sprintf("“%s”: %s%s.", x.Answer.Title(), x.By, on(x.AnsweredAt))
	}
	if x.Until.Known() {
		said += " Asked for time until " + x.Until.Human() + "."
	}
	if x.Reason != "" {
		said += " " + sentence(x.Reason)
	}
	if x.Confirmer != "" {
		said += fmt.Sprintf(" Recorded for them (%s); %s confirmed it%s.", x.How, x.Confirmer, on(x.ConfirmedAt))
	}
	if x.OverruledBy != "" {
		said += fmt.Sprintf(" Overruled by %s%s: %s", x.OverruledBy, on(x.OverruledAt), sentence(x.Overruled))
	}
	if x.Discovered {
		said += " Known from stamps alone: nobody had declared them."
	}
	return said
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
		s.text(left, right-left, plain, fmt.Sprintf("“%s” Attested by %s%s, confirmed by %s%s.", sentence(x.Statement), x.By, on(x.At), x.Second, on(x.SecondAt)))
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
		s.asset(a)
	}
}

func (s *sheet) asset(a retirement.CertifiedAsset) {
	s.need(4 * plain.leading)
	s.text(left, right-left, strong, a.Name)
	personal := ""
	if a.PersonalData {
		personal = "personal data"
	}
	s.text(left, right-left, small, joined(" · ", a.Kind.Title(), a.Location, personal))
	s.y += 0.6
	if a.Keeper != "" {
		s.fact("Kept", fmt.Sprintf("Until %s by %s. Recorded by %s%s.", a.KeptUntil.Human(), a.Keeper, a.KeptBy, on(a.KeptAt)), plain)
		s.fact("Legal basis", sentence(a.DataAsset.LegalBasis), plain)
	}
	if cert := a.Certificate; cert != nil {
		s.fact(done(a.Decision), fmt.Sprintf("On %s by %s: %s (%s).", cert.PerformedOn.Human(), cert.Performer, cert.Method, cert.Tool), plain)
		s.fact("Probe", fmt.Sprintf("%s: %s", cert.Probe, sentence(cert.Result)), plain)
		if cert.Verified() {
			s.fact("Verified", fmt.Sprintf("By %s%s: %s", cert.Verifier, on(cert.VerifiedAt), sentence(cert.Finding)), plain)
		}
		s.fact("Exceptions", sentence(cert.Exceptions), plain)
		s.fact("Legal basis", sentence(cert.LegalBasis), plain)
		s.fact("What was there", cert.DigestBefore, hash)
	}
	if a.HoldAnswer != "" {
		s.fact("Hold", fmt.Sprintf("Asked by %s%s: %s", a.HoldBy, on(a.HoldAt), sentence(a.HoldAnswer)), plain)
	}
	s.y += 2.4
}

func done(d retirement.Decision) string {
	switch d {
	case retirement.Delete:
		return "Deleted"
	case retirement.Anonymise:
		return "Anonymised"
	case retirement.Transfer:
		return "Handed over"
	}
	return d.Title()
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

// sentence ends a text as a sentence does.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

func times(n int) string { return plural(n, "time", "times") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
