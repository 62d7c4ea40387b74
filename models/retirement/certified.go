package retirement

import (
	"fmt"
	"strings"
	"time"

	"sundial/models/day"
)

// The words of a certificate. Paper and page say the same, so they stand here and not there.

// Line is a label and what is said beside it; Hash marks a digest.
type Line struct {
	Label, Text string
	Hash        bool
}

// Opening is what the certificate is for. Of a retirement that is not complete it says so much as is so.
func (c Certificate) Opening() []string {
	first := "It served until " + date(c.ServedUntil) + " and serves no more."
	if !c.ServedFrom.IsZero() {
		first = "It served from " + date(c.ServedFrom) + " until " + date(c.ServedUntil) + " and serves no more."
	}
	if c.RetiredAt.IsZero() {
		return []string{first}
	}
	return []string{first, "On " + date(c.RetiredAt) + " its retirement was complete."}
}

// Lines are why and how it ended, and on whose word.
func (c Certificate) Lines() []Line {
	out := []Line{
		{Label: "Why", Text: sentence(c.Cause.Sentence)},
		{Label: "Decided", Text: strung(": ", "By "+c.Cause.By+on(c.Cause.At), sentence(c.Cause.Evidence))},
		{Label: "Plan", Text: fmt.Sprintf("Retirement plan %d, approved by %s", c.PlanNumber, c.ApprovedBy)},
		{Label: "Plan's SHA-256", Text: c.PlanDigest, Hash: true},
		{Label: "What takes over", Text: c.Successor},
	}
	if c.Extended > 0 {
		out = append(out, Line{Label: "Extended", Text: plural(c.Extended, "time", "times")})
	}
	if e := c.Emergency; e != nil {
		out = append(out, Line{Label: "Emergency", Text: fmt.Sprintf("Ordered by %s%s: %s", e.By, on(e.At), sentence(e.Reason))})
		if !e.Owes() {
			verdict := "found it wrong"
			if e.Right {
				verdict = "found it right"
			}
			out = append(out, Line{Label: "Its review", Text: fmt.Sprintf("%s %s%s: %s", e.Settled, verdict, on(e.SettledAt), sentence(e.Finding))})
		}
	}
	out = append(out, Line{Label: "Sealed", Text: date(c.SealedAt) + ". Nothing of the dossier has changed since."})
	if !c.RetiredAt.IsZero() {
		out = append(out, Line{Label: "Watched", Text: c.watched()})
	}
	return out
}

func (c Certificate) watched() string {
	said := fmt.Sprintf("From %s until %s no caller got an answer.", date(c.WatchFrom), date(c.RetiredAt))
	if c.Sightings > 0 {
		said += fmt.Sprintf(" Before that, %s seen; each time the watch began anew.", plural(c.Sightings, "caller was", "callers were"))
	}
	return said
}

// Way is the passages without the note of the first, which is the cause and stands among the Lines.
func (c Certificate) Way() []Passage {
	var out []Passage
	for i, p := range c.History {
		if i == 0 {
			p.Note = ""
		}
		p.Note = sentence(p.Note)
		out = append(out, p)
	}
	return out
}

// Story is what a consumer was told and said, and what came of it.
func (x ConsumerAnswer) Story() string {
	said := fmt.Sprintf("Told%s. No answer.", on(x.ToldAt))
	switch {
	case x.Answer != "":
		said = fmt.Sprintf("“%s”: %s%s.", x.Answer.Title(), x.By, on(x.AnsweredAt))
	case x.OverruledBy == "":
		said = fmt.Sprintf("Told%s. No answer by %s.", on(x.ToldAt), x.NoticeEnds().Human())
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

// Story is who gave their word, and who confirmed it.
func (x CertifiedWord) Story() string {
	return fmt.Sprintf("“%s” Attested by %s%s, confirmed by %s%s.", sentence(x.Statement), x.By, on(x.At), x.Second, on(x.SecondAt))
}

// Where is what the asset was and where it lay.
func (a CertifiedAsset) Where() string {
	personal := ""
	if a.PersonalData {
		personal = "personal data"
	}
	return strung(" · ", a.Kind.Title(), a.Location, personal)
}

// Lines are what became of the asset: how, by whom, and who looked.
func (a CertifiedAsset) Lines() []Line {
	var out []Line
	say := func(label, text string) {
		if text != "" {
			out = append(out, Line{Label: label, Text: text})
		}
	}
	if a.Keeper != "" {
		say("Kept", fmt.Sprintf("Until %s by %s. Recorded by %s%s.", a.KeptUntil.Human(), a.Keeper, a.KeptBy, on(a.KeptAt)))
		say("Legal basis", sentence(a.DataAsset.LegalBasis))
	}
	if cert := a.Certificate; cert != nil {
		say(done(a.Decision), fmt.Sprintf("On %s by %s: %s (%s).", cert.PerformedOn.Human(), cert.Performer, cert.Method, cert.Tool))
		say("Probe", fmt.Sprintf("%s: %s", strings.TrimRight(cert.Probe, ". "), sentence(cert.Result)))
		if cert.Verified() {
			say("Verified", fmt.Sprintf("By %s%s: %s", cert.Verifier, on(cert.VerifiedAt), sentence(cert.Finding)))
		}
		say("Exceptions", sentence(cert.Exceptions))
		say("Legal basis", sentence(cert.LegalBasis))
		out = append(out, Line{Label: "What was there", Text: cert.DigestBefore, Hash: true})
	}
	if a.HoldAnswer != "" {
		say("Hold", fmt.Sprintf("Asked by %s%s: %s", a.HoldBy, on(a.HoldAt), sentence(a.HoldAnswer)))
	}
	return out
}

func done(d Decision) string {
	switch d {
	case Delete:
		return "Deleted"
	case Anonymise:
		return "Anonymised"
	case Transfer:
		return "Handed over"
	}
	return d.Title()
}

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

// sentence ends a text as a sentence does.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

func strung(by string, parts ...string) string {
	var said []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, by)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
