package retirement

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// Answer is what a consumer says to an announcement.
type Answer string

// The answers.
const (
	Accept   Answer = "accept"
	NeedTime Answer = "need_time"
	Object   Answer = "object"
)

// Answers lists what a consumer may say.
var Answers = []Choice{
	{"accept", "We will have moved by then"},
	{"need_time", "We need more time"},
	{"object", "We object"},
}

// Title is the answer as people read it.
func (a Answer) Title() string { return title(Answers, string(a)) }

// How long consumers have at least before silence may count, and when they are reminded.
const (
	LeastNoticeDays = 14
	remindAfter     = 7 // days after the announcement, and again as many before the notice ends
)

// ConsumerAnswer is a consumer of the workflow and what they said. Key tells them apart within it.
type ConsumerAnswer struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Contact     string `json:"contact"`
	Criticality string `json:"criticality"`
	NoticeDays  int    `json:"notice_days"`
	Discovered  bool   `json:"discovered,omitempty"` // seen in stamps; nobody had declared them

	Round       int       `json:"round"` // grows when they are told anew; an older letter's link is void
	ToldAt      time.Time `json:"told_at"`
	RemindedAt  time.Time `json:"reminded_at,omitzero"`
	EscalatedAt time.Time `json:"escalated_at,omitzero"`

	Answer     Answer    `json:"answer,omitempty"`
	Until      day.Day   `json:"until,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	By         string    `json:"by,omitempty"` // who answered, by their own word, or who recorded it

	RecordedBy  int64     `json:"recorded_by,omitempty"` // a person of the portal answered for them
	How         string    `json:"how,omitempty"`         // where that answer can be read
	ConfirmedBy int64     `json:"confirmed_by,omitempty"`
	Confirmer   string    `json:"confirmer,omitempty"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`

	OverruledBy string    `json:"overruled_by,omitempty"`
	Overruled   string    `json:"overruled,omitempty"` // the reason
	OverruledAt time.Time `json:"overruled_at,omitzero"`
}

// NoticeEnds is the day until which the consumer may take their time.
func (x ConsumerAnswer) NoticeEnds() day.Day {
	return day.Of(x.ToldAt).Add(max(x.NoticeDays, LeastNoticeDays))
}

// Pending reports whether somebody's answer was recorded and waits for a second person.
func (x ConsumerAnswer) Pending() bool { return x.RecordedBy != 0 && x.ConfirmedBy == 0 }

// Announce tells every consumer of the plan, and those whom only stamps know, that the model ends.
func (w *Workflow) Announce(a org.Actor, c *World) error {
	if err := w.mustLead(a, c); err != nil {
		return err
	}
	first := w.Way()[0]
	if err := w.mustBeIn(Triggered, Announced); err != nil {
		return err
	}
	if w.Phase == Announced && (first != Announced || !w.AnnouncedAt.IsZero()) {
		return fault.New(fault.Conflict, "The consumers have been told already.")
	}
	if !w.EndsOn.Known() {
		return fault.New(fault.Conflict, "The plan names no day on which the model is gone. Set one first: consumers ask for it.")
	}
	for _, x := range w.Plan.Consumers.List {
		w.tell(x, false, c)
	}
	w.discover(c)
	w.AnnouncedAt = c.Now
	if w.Phase == Triggered {
		w.enter(Announced, a, "", c)
		return nil
	}
	w.note("retirement.announced", c, nil, map[string]any{"consumers": len(w.Consumers)})
	return nil
}

func (w *Workflow) tell(x registry.Consumer, discovered bool, c *World) {
	w.Consumers = append(w.Consumers, ConsumerAnswer{
		Key: fmt.Sprintf("c%d", len(w.Consumers)+1), Name: x.Name, Contact: x.Contact, Criticality: x.Criticality,
		NoticeDays: x.NoticeDays, Discovered: discovered, Round: 1, ToldAt: c.Now,
	})
}

// discover adds the callers whom stamps know and no list names; it says whether there were any.
func (w *Workflow) discover(c *World) (names []string) {
	for _, app := range c.Undeclared {
		known := slices.ContainsFunc(w.Consumers, func(x ConsumerAnswer) bool { return fold(x.Name) == fold(app.App) })
		if !known {
			w.tell(registry.Consumer{Name: app.App, Criticality: "medium", NoticeDays: LeastNoticeDays}, true, c)
			names = append(names, app.App)
		}
	}
	return names
}

// Discover looks for callers who appeared after the announcement. They are to be heard as well.
func (w *Workflow) Discover(c *World) bool {
	if w.Kind != Ending || w.AnnouncedAt.IsZero() || !slices.Contains([]Phase{Announced, DualRun}, w.Phase) {
		return false
	}
	names := w.discover(c)
	if len(names) > 0 {
		w.note("retirement.consumer_found", c, nil, map[string]any{"apps": names})
	}
	return len(names) > 0
}

// Reply is an answer as it is typed.
type Reply struct {
	Answer Answer
	Until  day.Day // for NeedTime
	Reason string
	By     string // who answers, by their own word
	How    string // of a recorded one: where it can be read
}

// AnswerAs keeps a consumer's own answer, given through their signed link. Round is the link's: a letter
// that was replaced by a newer one opens nothing.
func (w *Workflow) AnswerAs(key string, round int, r Reply, c *World) error {
	x, err := w.consumer(key)
	if err != nil {
		return err
	}
	if x.Round != round {
		return fault.New(fault.NotFound, "This link was replaced by a newer one. Use the link of the latest letter.")
	}
	if err := w.Hears(); err != nil {
		return err
	}
	if err := r.check(w, c, false); err != nil {
		return err
	}
	before := map[string]any{"answer": x.Answer}
	x.take(r, c.Now)
	x.RecordedBy, x.How = 0, ""
	w.note("retirement.answered", c, before, map[string]any{"consumer": x.Name, "answer": x.Answer, "until": x.Until, "reason": x.Reason, "by": x.By})
	return nil
}

// Record keeps an answer that a consumer gave in another way. It counts when a second person confirms it.
func (w *Workflow) Record(a org.Actor, key string, r Reply, c *World) error {
	if err := w.mustWork(a, c); err != nil {
		return err
	}
	x, err := w.consumer(key)
	if err != nil {
		return err
	}
	if err := w.Hears(); err != nil {
		return err
	}
	if err := r.check(w, c, true); err != nil {
		return err
	}
	before := map[string]any{"answer": x.Answer}
	x.take(r, c.Now)
	x.RecordedBy, x.How = a.ID, r.How
	w.note("retirement.answered", c, before, map[string]any{"consumer": x.Name, "answer": x.Answer, "until": x.Until, "reason": x.Reason, "recorded_by": a.Name, "how": x.How})
	return nil
}

// ConfirmRecord is the second person's word that a consumer really answered so.
func (w *Workflow) ConfirmRecord(a org.Actor, key string, c *World) error {
	if err := w.mustVouch(a, c); err != nil {
		return err
	}
	x, err := w.consumer(key)
	if err != nil {
		return err
	}
	if err := w.Hears(); err != nil {
		return err
	}
	switch {
	case x.RecordedBy == 0:
		return fault.New(fault.Conflict, "Nobody recorded an answer for this consumer.")
	case !x.Pending():
		return fault.New(fault.Conflict, "Somebody has confirmed this already.")
	case x.RecordedBy == a.ID:
		return fault.New(fault.Forbidden, "You recorded this answer. Somebody else confirms it.")
	}
	x.ConfirmedBy, x.Confirmer, x.ConfirmedAt = a.ID, a.Name, c.Now
	w.note("retirement.attestation_confirmed", c, nil, map[string]any{"consumer": x.Name, "answer": x.Answer})
	return nil
}

// TellAnew sends a consumer a fresh letter, to where they can be reached now: the first one went astray, or its
// link reached somebody else. The older link is void, the notice begins anew, and what they said so far stays
// until they answer. Round is the one that whoever tells them has seen: a page that stood open voids no link
// that went out since.
func (w *Workflow) TellAnew(a org.Actor, key string, round int, contact string, c *World) error {
	if err := w.mustWork(a, c); err != nil {
		return err
	}
	x, err := w.consumer(key)
	if err != nil {
		return err
	}
	if err := w.Hears(); err != nil {
		return err
	}
	if x.Answer == Accept && !x.Pending() {
		return fault.New(fault.Conflict, "This consumer accepted. There is nothing to tell them anew.")
	}
	if x.Round != round {
		return fault.New(fault.Conflict, "Somebody has told this consumer anew since you opened this page. See whether that is enough.")
	}
	contact, err = required("contact", contact, "Say where the consumer can be reached.")
	if err != nil {
		return err
	}
	if !mailbox(contact) {
		return fault.At("contact", "Enter one e-mail address, like team@example.org: to anything else no letter can be sent.")
	}
	before := map[string]any{"contact": x.Contact, "round": x.Round}
	x.Contact, x.Round, x.ToldAt = contact, x.Round+1, c.Now
	x.RemindedAt, x.EscalatedAt = time.Time{}, time.Time{}
	w.note("retirement.told_anew", c, before, map[string]any{"consumer": x.Name, "contact": x.Contact, "round": x.Round, "notice_ends": x.NoticeEnds()})
	return nil
}

// mailbox reports whether a letter can be sent there: one bare address of a host with a name.
func mailbox(contact string) bool {
	a, err := mail.ParseAddress(contact)
	if err != nil || a.Address != contact || strings.ContainsAny(contact, "\r\n<>\"") {
		return false
	}
	_, domain, _ := strings.Cut(contact, "@")
	return strings.Contains(strings.Trim(domain, "."), ".") && !strings.Contains(domain, "@")
}

// Overrule lets a reviewer go on against an objection or a wish for more time, with a reason. For tier 1
// it takes a risk reviewer.
func (w *Workflow) Overrule(a org.Actor, key, reason string, c *World) error {
	if d := w.MayOverrule(a, c); !d.Allowed {
		return fault.New(fault.Forbidden, d.Reason)
	}
	x, err := w.consumer(key)
	if err != nil {
		return err
	}
	if err := w.Hears(); err != nil {
		return err
	}
	if x.Answer == Accept {
		return fault.New(fault.Conflict, "This consumer accepted. There is nothing to overrule.")
	}
	if x.Answer == "" && w.Tier == 1 {
		return fault.New(fault.Conflict, "Of a tier 1 model, silence is never consent. Reach the consumer and record what they say.")
	}
	reason, err = required("reason", reason, "Give the reason, so that the consumer can be told.")
	if err != nil {
		return err
	}
	x.OverruledBy, x.Overruled, x.OverruledAt = a.Name, reason, c.Now
	w.note("retirement.overruled", c, map[string]any{"answer": x.Answer}, map[string]any{"consumer": x.Name, "reason": reason})
	return nil
}

// MayOverrule says who may go on against a consumer.
func (w *Workflow) MayOverrule(a org.Actor, c *World) org.Decision {
	return w.mayDecideAbove(a, c)
}

// Reminder is a consumer who is to be told once more.
type Reminder struct {
	Key      string
	Escalate bool // also tell whoever is above: the notice is over
}

// Reminders marks the consumers who have not answered and are due to hear again, and returns them.
func (w *Workflow) Reminders(c *World) []Reminder {
	if w.Kind != Ending || w.Phase != Announced {
		return nil
	}
	var out []Reminder
	for i := range w.Consumers {
		x := &w.Consumers[i]
		if x.Answer != "" || x.ToldAt.IsZero() {
			continue
		}
		today, told := c.Today(), day.Of(x.ToldAt)
		switch last := day.Of(x.RemindedAt); {
		case x.NoticeEnds().Before(today) && x.EscalatedAt.IsZero():
			x.EscalatedAt, x.RemindedAt = c.Now, c.Now
			out = append(out, Reminder{x.Key, true})
		case x.RemindedAt.IsZero() && told.Add(remindAfter).Before(today.Add(1)),
			!x.RemindedAt.IsZero() && last.Before(x.NoticeEnds().Add(-remindAfter)) && x.NoticeEnds().Add(-remindAfter).Before(today.Add(1)):
			x.RemindedAt = c.Now
			out = append(out, Reminder{x.Key, false})
		}
	}
	for _, r := range out {
		verb := "retirement.reminded"
		if r.Escalate {
			verb = "retirement.escalated"
		}
		x, _ := w.consumer(r.Key)
		w.note(verb, c, nil, map[string]any{"consumer": x.Name, "notice_ends": x.NoticeEnds()})
	}
	return out
}

func (w *Workflow) consumer(key string) (*ConsumerAnswer, error) {
	i := slices.IndexFunc(w.Consumers, func(x ConsumerAnswer) bool { return x.Key == key })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "This retirement has no such consumer.")
	}
	return &w.Consumers[i], nil
}

// Consumer is the consumer with this key.
func (w *Workflow) Consumer(key string) (ConsumerAnswer, bool) {
	x, err := w.consumer(key)
	if err != nil {
		return ConsumerAnswer{}, false
	}
	return *x, true
}

// Hears refuses answers before the announcement and after traffic began to move.
func (w *Workflow) Hears() error {
	if w.Kind != Ending {
		return fault.New(fault.Conflict, "Nobody is asked here.")
	}
	if w.AnnouncedAt.IsZero() {
		return fault.New(fault.Conflict, "The consumers have not been told yet.")
	}
	if w.Phase.Past(DualRun) {
		return fault.New(fault.Conflict, "The traffic is moving already, so answers are no longer taken. Call the cutover lead.")
	}
	return w.mustBeIn(Announced, DualRun)
}

func (x *ConsumerAnswer) take(r Reply, now time.Time) {
	x.Answer, x.Until, x.Reason, x.AnsweredAt, x.By = r.Answer, r.Until, strings.TrimSpace(r.Reason), now, strings.TrimSpace(r.By)
	if x.Answer != NeedTime {
		x.Until = ""
	}
	x.ConfirmedBy, x.Confirmer, x.ConfirmedAt = 0, "", time.Time{}
	x.OverruledBy, x.Overruled, x.OverruledAt = "", "", time.Time{}
}

func (r Reply) check(w *Workflow, c *World, recorded bool) error {
	var p fault.Problems
	checkText(&p, "reason", r.Reason, 2000)
	checkText(&p, "by", r.By, 200)
	checkText(&p, "how", r.How, 500)
	switch r.Answer {
	case Accept:
	case NeedTime:
		switch d, err := day.Parse(string(r.Until)); {
		case err != nil:
			p.Add("until", "Write the date as year-month-day, like 2027-03-31.")
		case !d.Known():
			p.Add("until", "Say until when you need the model.")
		case d.Before(c.Today()):
			p.Addf("until", "%s is past.", d.Human())
		}
		if empty(r.Reason) {
			p.Add("reason", "Say what you need the time for.")
		}
	case Object:
		if empty(r.Reason) {
			p.Add("reason", "Say why you object, so that it can be answered.")
		}
	default:
		p.Add("answer", "Choose one of the answers.")
	}
	if strings.TrimSpace(r.By) == "" {
		p.Add("by", "Say who answers.")
	}
	if recorded && empty(r.How) {
		p.Add("how", "Say how and where they answered, so that it can be looked up.")
	}
	return p.Err()
}

// empty reports whether a text says nothing.
func empty(s string) bool { return strings.TrimSpace(s) == "" || Placeholder(s) }

// required trims a text that must say something.
func required(field, s, sentence string) (string, error) {
	var p fault.Problems
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	checkText(&p, field, s, 2000)
	if empty(s) {
		p.Add(field, sentence)
	}
	return s, p.Err()
}
