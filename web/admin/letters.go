package admin

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/notice"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Letters answers for the log of mail.
type Letters struct {
	Store  *store.Store
	Clock  func() time.Time
	Server string // that takes mail, "" when there is none
	Portal string
	Demo   bool // consumers' links are shown: nobody outside gets them
}

func readLetters(q *form.Query) store.LetterFilter {
	states, kinds := []string{""}, []string{""} // "" is any
	for _, s := range store.LetterStates {
		states = append(states, string(s))
	}
	for _, k := range notice.LetterKinds {
		kinds = append(kinds, string(k))
	}
	return store.LetterFilter{State: store.LetterState(q.Choice("state", states...)), Kind: notice.LetterKind(q.Choice("kind", kinds...))}
}

// List shows the letters, the newest first.
func (h Letters) List(c echo.Context) error {
	ctx, q := c.Request().Context(), form.ReadQuery(c)
	f, after := readLetters(q), q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	page, err := h.Store.Letters(ctx, f, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountLetters(ctx, f)
	if err != nil {
		return err
	}
	server, err := h.Store.MailServer(ctx)
	if err != nil {
		return err
	}
	v := views.LettersView{Server: h.Server, FailingSince: server.FailingSince, NextAt: server.NextAt, LastError: server.LastError, Demo: h.Demo,
		State: string(f.State), Kind: string(f.Kind), Count: ui.Count(int64(count.N), "letter", "letters"), Now: h.Clock()}
	if count.More {
		v.Count = ui.Number(int64(count.N)) + "+ letters"
	}
	for _, l := range page.Rows {
		v.Rows = append(v.Rows, h.line(l))
	}
	v.Older, v.Newer = follow(v.Address(), page.Next), follow(v.Address(), page.Prev)
	if after != "" {
		v.First = v.Address()
	}
	p := respond.Props(c, "Letters")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Letters(p, v))
}

// line is a letter with its subject; no link is in that.
func (h Letters) line(l store.Letter) views.LetterLine {
	line := letterLine(l)
	if m, err := notice.Compose(l.Kind, l.Payload, notice.NewDesk(h.Portal, nil)); err == nil {
		line.Subject = m.Subject
	}
	return line
}

func letterLine(l store.Letter) views.LetterLine {
	return views.LetterLine{ID: l.ID, Kind: l.Kind, Name: l.Name, Address: l.Address, Model: l.ModelSlug, State: string(l.State), Attempts: l.Attempts,
		NextAt: l.NextAt, LastAt: l.LastAt, LastError: l.LastError, SentAt: l.SentAt, CreatedAt: l.CreatedAt}
}

var errEnough = errors.New("admin: the reader has enough")

// CSV is the same list as a file, without what the letters say.
func (h Letters) CSV(c echo.Context) error {
	q := form.ReadQuery(c)
	f := readLetters(q)
	if err := q.Err(); err != nil {
		return err
	}
	head := []string{"id", "kind", "person", "address", "model", "event", "state", "attempts", "created_at", "sent_at", "last_at", "last_error"}
	return respond.CSV(c, "letters-"+h.Clock().UTC().Format(time.DateOnly)+".csv", head, h.lines(c.Request().Context(), f))
}

func (h Letters) lines(ctx context.Context, f store.LetterFilter) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		err := h.Store.EachLetter(ctx, f, func(l store.Letter) error {
			event := ""
			if l.Event != 0 {
				event = strconv.FormatInt(l.Event, 10)
			}
			line := []string{strconv.FormatInt(l.ID, 10), string(l.Kind), l.Name, l.Address, l.ModelSlug, event, string(l.State), strconv.Itoa(l.Attempts),
				moment(l.CreatedAt), moment(l.SentAt), moment(l.LastAt), l.LastError}
			if !yield(line, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// Show is one letter as its reader gets it. Only the demo shows a consumer's link: elsewhere whoever
// reads it here could answer in the consumer's name.
func (h Letters) Show(c echo.Context) error {
	id, err := form.ID(c, "letter")
	if err != nil {
		return err
	}
	l, err := h.Store.Letter(c.Request().Context(), id)
	if err != nil {
		return err
	}
	desk, hidden := notice.NewDesk(h.Portal, nil), l.Kind.ToConsumer()
	if h.Demo {
		key, err := h.Store.LinkKey()
		if err != nil {
			return err
		}
		desk, hidden = notice.NewDesk(h.Portal, key), false
	}
	v := views.LetterView{LetterLine: letterLine(l), Event: l.Event, Hidden: hidden, Reason: l.MayResend(), Now: h.Clock()}
	if m, err := notice.Compose(l.Kind, l.Payload, desk); err == nil {
		v.Subject, v.Text = m.Subject, m.Text()
	}
	title := v.Subject
	if title == "" {
		title = l.Kind.Title()
	}
	return respond.HTML(c, http.StatusOK, views.Letter(respond.Props(c, title), v))
}

// Resend puts a letter back in the queue.
func (h Letters) Resend(c echo.Context) error {
	id, err := form.ID(c, "letter")
	if err != nil {
		return err
	}
	if err := h.Store.ResendLetter(c.Request().Context(), id); err != nil {
		return err
	}
	return respond.SeeOther(c, link.Letter(id), "The letter is in the queue again.")
}
