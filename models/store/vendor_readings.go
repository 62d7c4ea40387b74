package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/vendors"
)

type readingRow struct {
	ID          int64
	Host        string
	Key         string
	ModelID     string
	Class       string
	EndOfLife   string
	Successor   string
	Source      string
	ReadOn      string
	FirstReadOn string
	Times       int64
	Conflict    string
	Note        string
	State       string
	Via         string
	Corrects    bool
	SetAsideBy  int64
	ByID        *int64
	ByName      string
	At          int64
	DecidedBy   *int64
	Decider     string
	DecidedAt   int64
	Answer      string
	Revision    int64
}

func (readingRow) TableName() string { return "vendor_readings" }

func (r readingRow) reading() vendors.Reading {
	return vendors.Reading{ID: r.ID, Entry: vendors.Entry{Host: vendors.Host(r.Host), ModelID: r.ModelID, Class: vendors.Class(r.Class), EndOfLife: day.Day(r.EndOfLife),
		Successor: r.Successor, Source: r.Source, ReadOn: day.Day(r.ReadOn), Conflict: r.Conflict, Note: r.Note},
		FirstReadOn: day.Day(r.FirstReadOn), Times: int(r.Times), State: vendors.ReadingState(r.State), Via: vendors.Via(r.Via), Corrects: r.Corrects,
		SetAsideBy: r.SetAsideBy, By: deref(r.ByID), ByName: r.ByName, At: at(r.At), DecidedBy: deref(r.DecidedBy), DeciderName: r.Decider,
		DecidedAt: at(r.DecidedAt), Answer: r.Answer, Revision: r.Revision}
}

func newReadingRow(r vendors.Reading) readingRow {
	return readingRow{Host: string(r.Host), Key: vendors.Key(r.Host, r.ModelID), ModelID: r.ModelID, Class: string(r.Class), EndOfLife: string(r.EndOfLife),
		Successor: r.Successor, Source: r.Source, ReadOn: string(r.ReadOn), FirstReadOn: string(r.ReadOn), Times: 1, Conflict: r.Conflict, Note: r.Note, State: string(r.State),
		Via: string(r.Via), Corrects: r.Corrects, ByID: ref(r.By), ByName: r.ByName, At: ms(r.At), Revision: 1}
}

// keyOf is where the catalogue keeps an id.
func keyOf(host, id string) vendorKey {
	h := hostName(host)
	return vendorKey{h, vendors.Key(vendors.Host(h), id)}
}

// mostKeys is how many rows one statement asks for.
const mostKeys = 400

// readingsOf reads all readings of some rows, oldest first.
func readingsOf(q *gorm.DB, keys []vendorKey) (map[vendorKey][]vendors.Reading, error) {
	out := map[vendorKey][]vendors.Reading{}
	for len(keys) > 0 {
		n := min(len(keys), mostKeys)
		where, args := inKeys("host, key", keys[:n])
		var rows []readingRow
		if err := q.Where(where, args...).Order("id").Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("vendor readings: %w", err)
		}
		for _, r := range rows {
			k := vendorKey{r.Host, r.Key}
			out[k] = append(out[k], r.reading())
		}
		keys = keys[n:]
	}
	return out, nil
}

// vendorRows reads the catalogue's rows of these models; what it does not know is not there.
func vendorRows(q *gorm.DB, keys []vendorKey) (map[vendorKey]vendorRow, error) {
	out := map[vendorKey]vendorRow{}
	for some := range slices.Chunk(keys, mostKeys) {
		where, args := inKeys("host, key", some)
		var rows []vendorRow
		if err := q.Where(where, args...).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("vendor models: %w", err)
		}
		for _, r := range rows {
			out[vendorKey{r.Host, r.Key}] = r
		}
	}
	return out, nil
}

// inKeys is a condition on two columns.
func inKeys(columns string, keys []vendorKey) (string, []any) {
	args := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		args = append(args, k.host, k.id)
	}
	return "(" + columns + ") IN (VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?), ", len(keys)), ", ") + ")", args
}

// VendorReadings are all readings of one model, oldest first.
func (s *Store) VendorReadings(ctx context.Context, host, id string) ([]vendors.Reading, error) {
	k := keyOf(host, id)
	all, err := readingsOf(s.read.WithContext(ctx), []vendorKey{k})
	return all[k], err
}

// lockCatalogue lets catalogue changes come one after the other: each settles rows from all that was said
// before. Readers are not held up. SQLite's one writer does the same.
func (tx *txn) lockCatalogue() error {
	if tx.s.dialect == sqliteDialect {
		return nil
	}
	if err := tx.Exec("LOCK TABLE vendor_models IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
		return fmt.Errorf("lock catalogue: %w", err)
	}
	return nil
}

// AddReading takes down what a source says of an id, and settles the row anew if it counts at once. isNew
// refuses an id that is there already; revision is what a form was made from, 0 for whatever is there now.
func (s *Store) AddReading(ctx context.Context, r vendors.Reading, isNew bool, revision int64, p lifecycle.Policy) (vendors.Outcome, error) {
	var o vendors.Outcome
	r.Host = vendors.Host(hostName(string(r.Host)))
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockCatalogue(); err != nil {
			return err
		}
		k := keyOf(string(r.Host), r.ModelID)
		row, err := catalogueRow(tx.DB, k)
		if err != nil {
			return err
		}
		switch {
		case isNew && row.ModelID != "":
			return fault.At("model_id", "The catalogue has "+row.ModelID+" at this host already. Correct that row.")
		case revision != 0 && row.Revision != revision:
			return stale()
		}
		all, err := readingsOf(tx.DB, []vendorKey{k})
		if err != nil {
			return err
		}
		if o, err = tx.keepReading(all[k], r, p); err != nil {
			return err
		}
		tx.noteReading(r, o)
		return tx.askEnds(p, k)
	})
	return o, err
}

func (tx *txn) noteReading(r vendors.Reading, o vendors.Outcome) {
	subject, told := vendorSubject(o.After), entryFacts(r.Entry)
	switch {
	case o.Effect == vendors.Waits:
		told["why"] = o.Why
		tx.Note("vendors.proposed", subject, entryFacts(o.Before), told)
	case o.Effect == vendors.Adds:
		tx.Note("vendors.added", subject, nil, told)
	case o.Effect == vendors.Repeats:
		tx.Note("vendors.read", subject, nil, told)
	default:
		tx.Note("vendors.edited", subject, entryFacts(o.Before), entryFacts(o.After))
	}
}

// keepReading weighs one reading against those of its row and keeps it. What it says again only gets its day.
func (tx *txn) keepReading(have []vendors.Reading, r vendors.Reading, p lifecycle.Policy) (vendors.Outcome, error) {
	src := tx.src.Actor
	r.At, r.By, r.ByName, r.State = tx.s.Now(), src.ID, src.Name, vendors.Counted
	o, err := vendors.Weigh(have, r, p.OneMayClassify())
	if err != nil {
		return o, err
	}
	if o.Effect == vendors.Waits {
		for _, h := range have {
			if h.State == vendors.Proposed && h.SameSource(r.Entry) && h.Same(r.Entry) {
				return o, fault.New(fault.Conflict, "The same is proposed already and waits for somebody to confirm it.")
			}
		}
		r.State = vendors.Proposed
	}
	if o.Repeat != 0 && r.State == vendors.Counted {
		return o, tx.readAgain(o, r)
	}
	row := newReadingRow(r)
	if err := tx.Create(&row).Error; err != nil {
		return o, fmt.Errorf("add reading: %w", err)
	}
	if r.State == vendors.Proposed {
		return o, nil
	}
	r.ID = row.ID
	return o, tx.settle(o, r)
}

// readAgain dates a reading anew, and its row.
func (tx *txn) readAgain(o vendors.Outcome, r vendors.Reading) error {
	err := tx.Exec("UPDATE vendor_readings SET times = times + 1, read_on = CASE WHEN read_on < ? THEN ? ELSE read_on END WHERE id = ?", r.ReadOn, r.ReadOn, o.Repeat).Error
	if err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	return tx.saveEntry(o)
}

// settle lets a reading count: what it corrects is set aside, and the row says what is settled now.
func (tx *txn) settle(o vendors.Outcome, r vendors.Reading) error {
	if r.Corrects {
		err := tx.Exec("UPDATE vendor_readings SET state = 'set_aside', set_aside_by = ?, revision = revision + 1 WHERE host = ? AND key = ? AND state = 'counted' AND id <> ?",
			r.ID, string(r.Host), vendors.Key(r.Host, r.ModelID), r.ID).Error
		if err != nil {
			return fmt.Errorf("set readings aside: %w", err)
		}
	}
	return tx.saveEntry(o)
}

// saveEntry keeps a settled row.
func (tx *txn) saveEntry(o vendors.Outcome) error {
	row, err := catalogueRow(tx.DB, keyOf(string(o.After.Host), o.After.ModelID))
	if err != nil {
		return err
	}
	next := entryToRow(o.After)
	next.Key, next.Revision, next.UpdatedAt, next.FactsAt = keyOf(next.Host, next.ModelID).id, row.Revision+1, ms(tx.s.Now()), row.FactsAt
	if row.ModelID != "" {
		next.ModelID = row.ModelID
	}
	if o.Known && o.Moved() {
		next.FactsAt = next.UpdatedAt
	}
	if err := tx.Save(&next).Error; err != nil {
		return fmt.Errorf("save vendor model: %w", err)
	}
	return nil
}

// catalogueRow finds a row by its key; one that is not there is empty.
func catalogueRow(q *gorm.DB, k vendorKey) (vendorRow, error) {
	var row vendorRow
	if err := q.Where("host = ? AND key = ?", k.host, k.id).Limit(1).Find(&row).Error; err != nil {
		return row, fmt.Errorf("vendor model: %w", err)
	}
	return row, nil
}

// Reading finds one reading with all of its row.
func (s *Store) Reading(ctx context.Context, id int64) (vendors.Reading, []vendors.Reading, error) {
	q := s.read.WithContext(ctx)
	var row readingRow
	if err := q.Where("id = ?", id).Take(&row).Error; err != nil {
		return vendors.Reading{}, nil, found(err, "reading")
	}
	all, err := readingsOf(q, []vendorKey{{row.Host, row.Key}})
	return row.reading(), all[vendorKey{row.Host, row.Key}], err
}

// DecideReading runs a decision on a proposed reading; confirmed, it counts.
func (s *Store) DecideReading(ctx context.Context, id int64, p lifecycle.Policy, fn func(*vendors.Reading) error) (vendors.Reading, error) {
	var r vendors.Reading
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockCatalogue(); err != nil {
			return err
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		var row readingRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "reading")
		}
		r = row.reading()
		if err := fn(&r); err != nil {
			return err
		}
		err := tx.swap("vendor_readings", id, row.Revision, map[string]any{"state": string(r.State), "decided_by": ref(r.DecidedBy),
			"decider": r.DeciderName, "decided_at": ms(r.DecidedAt), "answer": r.Answer})
		if err != nil {
			return err
		}
		if r.State != vendors.Counted {
			tx.Note("vendors.refused", vendorSubject(r.Entry), nil, map[string]string{"source": r.Source, "proposed_by": r.ByName, "answer": r.Answer})
			return nil
		}
		return tx.confirmed(row, r, p)
	})
	return r, err
}

func (tx *txn) confirmed(row readingRow, r vendors.Reading, p lifecycle.Policy) error {
	k := vendorKey{row.Host, row.Key}
	all, err := readingsOf(tx.DB, []vendorKey{k})
	if err != nil {
		return err
	}
	have := all[k]
	for i := range have { // as it was before this decision
		if have[i].ID == r.ID {
			have[i].State = vendors.Proposed
		}
	}
	o, err := vendors.Weigh(have, r, true)
	if err != nil {
		return err
	}
	if err := tx.settle(o, r); err != nil {
		return err
	}
	before := map[string]string(nil)
	if o.Known {
		before = entryFacts(o.Before)
	}
	told := entryFacts(o.After)
	told["proposed_by"] = r.ByName
	tx.Note("vendors.confirmed", vendorSubject(o.After), before, told)
	return tx.askEnds(p, k)
}

// ProposedReadings are those that wait for somebody to confirm them, oldest first.
func (s *Store) ProposedReadings(ctx context.Context, limit int) ([]vendors.Reading, error) {
	var rows []readingRow
	if err := s.read.WithContext(ctx).Where("state = 'proposed'").Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("proposed readings: %w", err)
	}
	out := make([]vendors.Reading, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.reading())
	}
	return out, nil
}
