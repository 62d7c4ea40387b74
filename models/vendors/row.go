package vendors

import (
	"strings"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
)

const (
	longestSource = 500 // characters
	longestNote   = 2000
	leastCitation = 20 // characters of a citation in words
)

// Check says what is wrong with a row that a person writes, at the fields host, model_id, class,
// end_of_life, successor, source, read_on and note. was is the class that is on record, "" for a new row.
func (e Entry) Check(was Class, today day.Day) error {
	var p fault.Problems
	e.checkID(&p)
	e.checkClass(&p, was)
	e.checkCitation(&p, today)
	if s := e.Successor; s != "" {
		switch reason := unreadable(s); {
		case reason != "":
			p.Add("successor", reason)
		case Normalize(s) == Normalize(e.ModelID):
			p.Add("successor", "This is the id itself. Name the one the vendor recommends instead, or leave it empty.")
		}
	}
	if utf8.RuneCountInString(e.Note) > longestNote {
		p.Addf("note", "Use at most %d characters.", longestNote)
	}
	return p.Err()
}

func (e Entry) checkID(p *fault.Problems) {
	if e.Host == "" {
		p.Add("host", "Choose the service that answers for the id.")
	}
	id := Normalize(e.ModelID)
	r, odd := foreign(id)
	switch reason := unreadable(e.ModelID); {
	case reason != "":
		p.Add("model_id", reason)
	case id == "":
		p.Add("model_id", "Enter the id exactly as the vendor writes it.")
	case odd && r == ' ':
		p.Add("model_id", "No model id holds a blank in its middle.")
	case odd:
		p.Addf("model_id", "The character %q is in no model id; it may only look like the right one.", r)
	}
}

// checkClass lets a person settle what the id alone does not tell, and nothing else: what an id says of
// itself, a row does not change.
func (e Entry) checkClass(p *fault.Problems, was Class) {
	v := Classify(string(e.Host), e.ModelID)
	if _, err := ParseClass(string(e.Class)); err != nil {
		p.Merge("", err)
		return
	}
	if e.Class == was || e.Class == v.Class {
		return
	}
	if v.Class != Undetermined {
		p.Addf("class", "The id itself says that it is %s: %s Only ids that Sundial cannot read are classified by hand.", v.Class, v.Reason)
		return
	}
	if e.Class.IsPinned() && !citation(e.Source) {
		p.Add("source", "Calling an id pinned needs a citation: the address of the page that promises it, or the vendor's words.")
	}
}

func (e Entry) checkCitation(p *fault.Problems, today day.Day) {
	switch n := utf8.RuneCountInString(e.Source); {
	case n == 0:
		p.Add("source", "Say where this was read: an address, or the document and its words.")
	case n > longestSource:
		p.Addf("source", "Use at most %d characters; this has %d.", longestSource, n)
	}
	switch {
	case !e.ReadOn.Known():
		p.Add("read_on", "Enter the day on which the source was read: dates move weekly.")
	case e.ReadOn.After(today):
		p.Add("read_on", "This day is still to come.")
	}
}

// citation reports whether a source can be looked up: an address, or more words than a shrug.
func citation(source string) bool {
	s := strings.TrimSpace(source)
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") || utf8.RuneCountInString(s) >= leastCitation
}
