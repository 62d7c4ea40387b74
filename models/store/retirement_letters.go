package store

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/notice"
	"sundial/models/retirement"
)

// tellConsumers posts the letters of what a rule just noted on consumers: that they were told, reminded,
// or that their notice is over. The letters go with the change or not at all.
func (tx *txn) tellConsumers(w *retirement.Workflow, c *retirement.World, was then) error {
	if w.Kind != retirement.Ending {
		return nil
	}
	var letters []notice.Letter
	for _, x := range w.Consumers {
		old := was.told[x.Key]
		switch {
		case x.Round != old.round || !x.ToldAt.Equal(old.told):
			letters = append(letters, consumerLetter(notice.ConsumerAnnouncement, x, w, c))
		case !x.EscalatedAt.Equal(old.above):
			letters = append(letters, consumerLetter(notice.ConsumerEscalation, x, w, c))
		case !x.RemindedAt.Equal(old.reminded):
			letters = append(letters, consumerLetter(notice.ConsumerReminder, x, w, c))
		}
	}
	if len(letters) == 0 {
		return nil
	}
	team, err := teamByID(tx.DB, c.Model.TeamID)
	if err != nil {
		return err
	}
	for i := range letters {
		said := letters[i].Payload.(notice.ConsumerLetter)
		said.Team = team.Name
		letters[i].Payload = said
	}
	return tx.postLetters(letters)
}

func consumerLetter(kind notice.LetterKind, x retirement.ConsumerAnswer, w *retirement.Workflow, c *retirement.World) notice.Letter {
	said := notice.ConsumerLetter{
		Consumer: x.Name, Model: c.Model.Name, EndsOn: w.EndsOn, AnswerBy: x.NoticeEnds(), Why: w.Cause.Sentence,
		Replacement: successor(w.Plan.Candidate, c), Contact: contactOf(w, c), Silence: w.Tier != 1 && !x.Discovered, Link: LinkOf(w, x),
	}
	key := fmt.Sprintf("retirement:%d:%s:%s:%d", w.ID, kind, x.Key, x.Round)
	if kind == notice.ConsumerReminder {
		said.Reminder = 1
		key += ":" + strconv.FormatInt(ms(x.RemindedAt), 10)
	}
	return notice.Letter{Key: key, Kind: kind, To: x.Contact, Model: w.ModelID, Payload: said}
}

// LinkOf is the link by which a consumer answers: until the day the model is gone, and void as soon as
// they are told anew.
func LinkOf(w *retirement.Workflow, x retirement.ConsumerAnswer) retirement.AnswerLink {
	return retirement.AnswerLink{Workflow: w.ID, Consumer: x.Key, Nonce: strconv.Itoa(x.Round), Expires: w.EndsOn}
}

// contactOf is whom consumers ask: the cutover lead, else the owner.
func contactOf(w *retirement.Workflow, c *retirement.World) string {
	p := c.People[cmp.Or(w.Plan.People.CutoverLead, w.Plan.People.Owner, c.Model.OwnerID)]
	return strings.TrimSpace(p.Name + " " + bracketed(p.Email))
}

func bracketed(address string) string {
	if address == "" {
		return ""
	}
	return "<" + address + ">"
}

func successor(k retirement.Candidate, c *retirement.World) string {
	if k.None {
		return k.DecisionGoesTo
	}
	return cmp.Or(c.Candidate.Label, k.Label())
}

// Answered is what somebody with a consumer's link sees and answers: no more than the consumer needs.
type Answered struct {
	Consumer retirement.ConsumerAnswer
	Letter   notice.ConsumerLetter
	Open     bool   // an answer is still taken
	Closed   string // why not, when it is not
}

// AnswerView reads what a consumer's link opens.
func (s *Store) AnswerView(ctx context.Context, l retirement.AnswerLink, p lifecycle.Policy) (Answered, error) {
	q := s.read.WithContext(ctx)
	var row retirementRow
	if err := q.Where("id = ?", l.Workflow).Take(&row).Error; err != nil {
		return Answered{}, found(err, "letter")
	}
	m, err := modelByID(q, row.ModelID)
	if err != nil {
		return Answered{}, err
	}
	view, err := s.retirementView(q, m, row, p)
	if err != nil {
		return Answered{}, err
	}
	team, err := teamByID(q, m.TeamID)
	if err != nil {
		return Answered{}, err
	}
	out, err := s.answered(l, view.Workflow, view.World)
	out.Letter.Team = team.Name
	return out, err
}

func (s *Store) answered(l retirement.AnswerLink, w *retirement.Workflow, c *retirement.World) (Answered, error) {
	x, known := w.Consumer(l.Consumer)
	if !known || LinkOf(w, x).Nonce != l.Nonce {
		return Answered{}, fault.New(fault.NotFound, "This link was replaced by a newer one. Use the link of the latest letter.")
	}
	out := Answered{Consumer: x, Letter: consumerLetter(notice.ConsumerAnnouncement, x, w, c).Payload.(notice.ConsumerLetter)}
	if err := w.Hears(); err != nil {
		out.Closed = err.Error()
	} else {
		out.Open = true
	}
	return out, nil
}

// Answer keeps what a consumer says through their link. Whoever holds the link is the consumer; nobody is
// signed in, and the trail says so.
func (s *Store) Answer(ctx context.Context, l retirement.AnswerLink, r retirement.Reply, p lifecycle.Policy) (Answered, error) {
	var out Answered
	round, err := strconv.Atoi(l.Nonce)
	if err != nil {
		return out, fault.New(fault.NotFound, "This link is not one of ours. Copy it whole from the letter.")
	}
	err = s.changeRetirementByID(ctx, l.Workflow, p, func(w *retirement.Workflow, c *retirement.World) error {
		if err := w.AnswerAs(l.Consumer, round, r, c); err != nil {
			return err
		}
		out, err = s.answered(l, w, c)
		return err
	})
	return out, err
}
