package notice

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/retirement"
)

// Mail is a letter in words, before it is drawn as text or as HTML.
type Mail struct {
	Subject string
	Lead    []string // paragraphs
	Facts   []Fact
	News    []News // of a digest
	Action  Action // what to do now; none when its address is ""
	After   []string
	Footer  []string
	Choose  string // where the reader chooses what they hear of, "" for a consumer
}

// Fact is a line of a small table.
type Fact struct{ Label, Value string }

// News is one piece of news in a digest.
type News struct {
	Heading string // of the matter, on the first piece of each
	Said    string
	Note    string
	Todo    string
	At      time.Time
	URL     string
}

// Action is the one link that a mail is about.
type Action struct{ Label, URL string }

// Desk is what words need to know of the portal that writes.
type Desk struct {
	Portal string // its address, https://sundial.example.org
	// Answer is the address of a consumer's link. Who may not see it gives something else.
	Answer func(retirement.AnswerLink) string
}

// NewDesk writes for a portal. Without the key of links it shows none: only the sender has a reason to.
func NewDesk(portal string, key []byte) Desk {
	d := Desk{Portal: portal}
	d.Answer = func(l retirement.AnswerLink) string {
		if len(key) == 0 {
			return d.url(AnswerPath + "…")
		}
		return d.url(AnswerPath + l.Sign(key))
	}
	return d
}

// AnswerPath is where consumers answer; their token follows. Logs mask what follows it.
const AnswerPath = "/answer/"

// ChoosePath is the page where people choose what they hear of.
const ChoosePath = "/account/notices"

func (d Desk) url(path string) string { return strings.TrimSuffix(d.Portal, "/") + path }

// Compose words a letter from what is kept of it.
func Compose(kind LetterKind, payload string, d Desk) (Mail, error) {
	switch kind {
	case EventLetter:
		return composed(payload, d.item)
	case DigestLetter:
		return composed(payload, d.digest)
	case TestLetter:
		return d.test(), nil
	case ConsumerAnnouncement, ConsumerReminder, ConsumerEscalation:
		return composed(payload, func(l ConsumerLetter) Mail { return d.consumer(kind, l) })
	}
	return Mail{}, fmt.Errorf("notice: nobody knows how to write a letter of the kind %q", kind)
}

func composed[T any](payload string, words func(T) Mail) (Mail, error) {
	var v T
	if err := json.Unmarshal([]byte(payload), &v); err != nil {
		return Mail{}, fmt.Errorf("read letter: %w", err)
	}
	return words(v), nil
}

// own are the lines below every mail to people of the portal.
func (d Desk) own(m Mail, why string) Mail {
	m.Choose = d.url(ChoosePath)
	m.Footer = append(m.Footer, why)
	return m
}

func (d Desk) item(i Item) Mail {
	m := Mail{Subject: i.Said, Lead: []string{i.Said + "."}, Action: Action{"Open it in Sundial", d.url(i.Path)}}
	if i.Note != "" {
		m.Facts = append(m.Facts, Fact{"More", i.Note})
	}
	if i.Model != "" {
		m.Facts = append(m.Facts, Fact{"Model", i.Model})
	}
	m.Facts = append(m.Facts, Fact{"When", Moment(i.At)})
	if i.Todo != "" {
		m.Lead = append(m.Lead, i.Todo)
	}
	why := "You hear of this at once because it concerns you."
	if matter, known := MatterOf(i.Matter); known {
		why = "You hear of this at once under “" + matter.Title + "”."
	}
	return d.own(m, why)
}

func (d Desk) digest(g Digest) Mail {
	total := len(g.Items) + g.More
	m := Mail{Subject: "Sundial: " + count(total, "piece of news", "pieces of news") + " since yesterday",
		Lead: []string{"What happened since the last digest, for you to know or to act on."}, Action: Action{"Open your work in Sundial", d.url("/")}}
	for _, matter := range Matters {
		heading := matter.Title
		for _, i := range g.Items {
			if i.Matter != matter.Key {
				continue
			}
			m.News = append(m.News, News{Heading: heading, Said: i.Said, Note: i.Note, Todo: i.Todo, At: i.At, URL: d.url(i.Path)})
			heading = ""
		}
	}
	if g.More > 0 {
		m.After = append(m.After, "And "+count(g.More, "more that is", "more that are")+" not listed here; your work shows what waits for you.")
	}
	return d.own(m, "You get this digest once a day when there is something in it.")
}

func (d Desk) test() Mail {
	return d.own(Mail{Subject: "Sundial can reach you", Lead: []string{"This is the test mail that was asked for. Mail from Sundial arrives here.", "There is nothing to do."},
		Action: Action{"Open Sundial", d.url("/")}}, "It was sent because you asked for a test on the page of your notices.")
}

// consumer writes to somebody outside the portal: what ends, when, what takes over, and what is asked of them.
func (d Desk) consumer(kind LetterKind, l ConsumerLetter) Mail {
	m := Mail{Subject: l.Model + " will be retired" + on(l.EndsOn) + ": please answer", Action: Action{"Answer", d.Answer(l.Link)}}
	who := "the team that runs it"
	if l.Team != "" {
		who = "the team " + l.Team
	}
	switch kind {
	case ConsumerReminder:
		m.Subject = "Reminder: " + m.Subject
		m.Lead = append(m.Lead, "We have not heard from you yet about the end of "+l.Model+".")
	case ConsumerEscalation:
		m.Subject = "No answer yet: " + l.Model + " will be retired" + on(l.EndsOn)
		m.Lead = append(m.Lead, "The notice for the end of "+l.Model+" is over and nobody has answered for "+l.Consumer+". We have told the people above us too.")
	}
	m.Lead = append(m.Lead, l.Consumer+" is on record as a consumer of "+l.Model+", which "+who+" will retire"+on(l.EndsOn)+". After that it does not answer any more.")
	m.Facts = facts("Model", l.Model, "Ends", l.EndsOn.Human(), "Why", l.Why, "What takes over", l.Replacement, "Please answer by", l.AnswerBy.Human(), "Whom to ask", l.Contact)
	m.Lead = append(m.Lead, "Please say whether you accept, need more time or object. The page asks for nothing else and needs no account.")
	if l.Silence {
		m.After = append(m.After, "Without an answer by "+l.AnswerBy.Human()+" we take it that you accept.")
	} else {
		m.After = append(m.After, "Silence is not taken as consent: we ask until somebody answers.")
	}
	m.Footer = []string{"The link is for " + l.Consumer + " alone: whoever has it can answer for you." + through(l.Link.Expires), "Sent by Sundial, where " + who + " governs its models."}
	return m
}

func facts(pairs ...string) (out []Fact) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, Fact{pairs[i], pairs[i+1]})
		}
	}
	return out
}

func on(d day.Day) string {
	if !d.Known() {
		return ""
	}
	return " on " + d.Human()
}

func through(d day.Day) string {
	if !d.Known() {
		return ""
	}
	return " It works until " + d.Human() + "."
}

// Moment is a time as mails give it: in UTC, for nobody knows where they are read.
func Moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04") + " UTC" }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
