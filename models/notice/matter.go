package notice

import "slices"

// Choice is how somebody wants to hear of a matter.
type Choice string

// The choices.
const (
	AtOnce Choice = "at_once"
	Daily  Choice = "daily"
	Never  Choice = "never"
)

// ChoiceList lists the choices in the order of pages.
var ChoiceList = []Choice{AtOnce, Daily, Never}

// Title is the choice as people read it.
func (c Choice) Title() string {
	switch c {
	case AtOnce:
		return "At once"
	case Daily:
		return "In the daily digest"
	case Never:
		return "Never"
	}
	return "Unknown"
}

// Matter is what people choose about: a kind of news that is one to whoever reads it, whatever verbs of
// the trail are behind it.
type Matter struct {
	Key, Group   string
	Title, Means string
	Default      Choice
}

// MatterGroup is a heading of the settings page.
type MatterGroup struct{ Key, Title string }

// MatterGroups are the headings, in the order of the page.
var MatterGroups = []MatterGroup{
	{"decide", "To decide"}, {"asked", "What I asked for"}, {"mine", "Models I answer for"}, {"end", "Retirements I take part in"}, {"alarm", "Escalations"},
}

// Matters is everything people can hear of by mail. A key is a promise: what somebody chose is kept by it.
var Matters = []Matter{
	{"decide.review", "decide", "Reviews I may give", "A request, a plan, a waiver or an alias waits for a reviewer.", AtOnce},
	{"decide.second", "decide", "A second person's word", "A certificate, an attestation, an extension or a review that is owed waits for somebody else's word.", AtOnce},
	{"decide.reading", "decide", "Readings of vendors' models", "Somebody claims a class or an end that a second person confirms.", Daily},
	{"asked.decided", "asked", "Decisions", "What I asked for was approved, refused or sent back.", AtOnce},
	{"asked.talk", "asked", "Conversation", "Somebody wrote about what I asked for.", AtOnce},
	{"asked.import", "asked", "Imports", "An import that I started has ended.", AtOnce},
	{"mine.people", "mine", "Who answers for a model", "I was named, or people of my models changed.", AtOnce},
	{"mine.confirm", "mine", "Quarterly confirmation", "My entries of the quarter wait for my word; once more when some are overdue.", AtOnce},
	{"mine.warning", "mine", "Warnings", "A plan went stale, a replacement criterion holds, or a vendor's end came within the runway.", AtOnce},
	{"mine.zombie", "mine", "Retired versions that answer", "A retired version of my models answered somebody.", AtOnce},
	{"mine.stage", "mine", "What serves", "A version was promoted, rolled back, superseded or closed.", Daily},
	{"mine.changed", "mine", "Changes by others", "A model's facts, promises or consumers changed, or evidence was withdrawn.", Daily},
	{"end.course", "end", "The course of a retirement", "It was triggered, announced, extended, sealed, or took another way.", AtOnce},
	{"end.answer", "end", "Consumers' answers", "A consumer accepted, needs time, objects, or was discovered.", AtOnce},
	{"end.step", "end", "Steps and certificates", "A step was done or undone, something was attested or verified.", Daily},
	{"alarm.team", "alarm", "Escalations", "Glass was broken, an emergency was ordered, or a consumer does not answer though the notice is over.", AtOnce},
}

// MatterOf finds a matter by its key.
func MatterOf(key string) (Matter, bool) {
	i := slices.IndexFunc(Matters, func(m Matter) bool { return m.Key == key })
	if i < 0 {
		return Matter{}, false
	}
	return Matters[i], true
}

// Choices is what one person chose; a matter that is not in it has its default.
type Choices map[string]Choice

// Of is how the person hears of a matter.
func (c Choices) Of(m Matter) Choice {
	if chosen, ok := c[m.Key]; ok && slices.Contains(ChoiceList, chosen) {
		return chosen
	}
	return m.Default
}
