// Package audit serves the audit trail: the filtered list, one event, the export as JSON Lines, and the
// walk that verifies the chain. Keeping and verifying it is the store's work.
package audit

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/audit"
	"sundial/components/link"
	rules "sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Store *store.Store
	Clock func() time.Time

	walking *atomic.Bool
}

// New makes the handlers of one process.
func New(s *store.Store, clock func() time.Time) Handlers {
	return Handlers{Store: s, Clock: clock, walking: new(atomic.Bool)}
}

const pageSize = 50

// List is the trail, newest first.
func (h Handlers) List(c echo.Context) error {
	ctx, now := c.Request().Context(), h.Clock()
	q := form.ReadQuery(c)
	query, filter, problems, err := h.read(ctx, q)
	if err != nil {
		return err
	}
	filter.Before = q.Int("before", 1, 1<<53)
	if err := q.Err(); err != nil {
		return err
	}
	status, err := h.Store.AuditStatus(ctx)
	if err != nil {
		return err
	}
	v := views.View{Query: query, Problems: problems, Chain: chainOf(status), Now: now}
	if len(problems) == 0 {
		if v.Events, err = h.Store.Events(ctx, filter, pageSize+1); err != nil {
			return err
		}
	}
	if len(v.Events) > pageSize {
		v.Events = v.Events[:pageSize]
		v.Older = link.With(query.Address(link.Audit()), "before", strconv.FormatInt(v.Events[pageSize-1].Seq, 10))
	}
	if filter.Before != 0 {
		v.First = query.Address(link.Audit())
	}
	p, code := respond.Props(c, "Audit trail"), http.StatusOK
	if len(problems) > 0 {
		p.Error, code = true, http.StatusUnprocessableEntity
	}
	return respond.HTML(c, code, views.Page(p, v))
}

// read is the filter that an address asks for, and what is wrong with it at its fields.
func (h Handlers) read(ctx context.Context, q *form.Query) (query views.Query, f store.EventFilter, problems []fault.Problem, err error) {
	query = views.Query{Actor: q.Text("actor"), Verb: q.Choice("verb", groups()...), Kind: q.Choice("kind", kinds()...),
		Subject: q.Text("subject"), Model: q.Text("model"), From: q.Text("from"), Until: q.Text("until")}
	f = store.EventFilter{Verb: query.Verb, Kind: query.Kind, Subject: q.Int("subject", 1, 1<<53)}
	from, until := q.Day("from"), q.Day("until")
	if err = q.Err(); err != nil {
		return
	}
	if from.Known() {
		f.From = from.Time().UnixMilli()
	}
	if until.Known() {
		f.Until = until.Add(1).Time().UnixMilli()
	}
	var p fault.Problems
	if until.Before(from) {
		p.Add("until", "This day is before the first one.")
	}
	if err = h.readModel(ctx, query.Model, &f, &p); err == nil {
		err = h.readActor(ctx, query.Actor, &f, &p)
	}
	return query, f, p.List(), err
}

func (h Handlers) readModel(ctx context.Context, slug string, f *store.EventFilter, p *fault.Problems) error {
	if slug == "" {
		return nil
	}
	m, err := h.Store.Model(ctx, slug)
	if fault.Is(err, fault.NotFound) {
		p.Add("model", "There is no model with this short name.")
		return nil
	}
	f.Model = m.ID
	return err
}

// readActor takes a number, as our own links have it, or a name or e-mail that fits one person.
func (h Handlers) readActor(ctx context.Context, who string, f *store.EventFilter, p *fault.Problems) error {
	if who == "" {
		return nil
	}
	if n, err := strconv.ParseInt(who, 10, 64); err == nil && n > 0 {
		f.Actor = n
		return nil
	}
	people, err := h.Store.People(ctx, who, "", 0, 6)
	if err != nil {
		return err
	}
	var names []string
	for _, x := range people {
		if strings.EqualFold(x.Name, who) || strings.EqualFold(x.Email, who) {
			f.Actor = x.ID
			return nil
		}
		names = append(names, x.Name)
	}
	switch len(people) {
	case 0:
		p.Add("actor", "Nobody with this name or e-mail has signed in.")
	case 1:
		f.Actor = people[0].ID
	default:
		p.Addf("actor", "Several people fit: %s. Type more of the name.", strings.Join(names, ", "))
	}
	return nil
}

func groups() []string {
	out := []string{""}
	for _, g := range rules.Groups {
		out = append(out, g.Verb)
	}
	return out
}

func kinds() []string {
	out := []string{""}
	for _, k := range rules.Kinds {
		out = append(out, k.Kind)
	}
	return out
}

func chainOf(s store.AuditStatus) views.Chain {
	c := views.Chain{Events: s.Events, Head: s.Head}
	if last := s.Last; last != nil {
		c.Checked, c.Holds, c.At, c.By, c.Walked = true, last.Broken == nil, last.At, last.By, last.Events
		c.Took = time.Duration(last.TookMS) * time.Millisecond
		if b := last.Broken; b != nil {
			c.Broken, c.BadSeq = "At event "+strconv.FormatInt(b.Seq, 10)+": "+b.What+".", b.Seq
		}
	}
	return c
}

// Show is one event whole.
func (h Handlers) Show(c echo.Context) error {
	seq, err := form.ID(c, "seq")
	if err != nil {
		return err
	}
	list, err := h.Store.Events(c.Request().Context(), store.EventFilter{After: afterOf(seq)}, 2)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Seq != seq {
		return fault.New(fault.NotFound, "There is no such event.")
	}
	e := list[0]
	line, err := rules.Canonical(e)
	if err != nil {
		return err
	}
	v := views.EventView{Event: e, Intact: e.Intact(), Older: seq > 1, Newer: len(list) > 1, Line: string(line), Now: h.Clock()}
	return respond.HTML(c, http.StatusOK, views.Event(respond.Props(c, "Audit event "+strconv.FormatInt(seq, 10)), v))
}

// afterOf is the place before a number, as EventFilter.After has it: -1 is the start.
func afterOf(seq int64) int64 {
	if seq == 1 {
		return -1
	}
	return seq - 1
}
