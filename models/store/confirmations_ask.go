package store

import (
	"context"
	"fmt"

	"sundial/models/audit"
	"sundial/models/confirmation"
	"sundial/models/day"
)

// AskConfirmations asks for the entries of the quarter that runs, once, and reminds once, when some are
// overdue. What it notes is what people hear of: one letter for each of them, however many entries they
// have. It is safe to call at any time and from any replica.
func (s *Store) AskConfirmations(ctx context.Context) (did bool, err error) {
	quarter := day.QuarterOf(s.Now())
	row, err := roundRowOf(s.read.WithContext(ctx), quarter)
	if err != nil || row.RemindedAt > 0 {
		return false, err
	}
	f := ConfirmationFilter{Quarter: quarter}
	verb := "confirmation.asked"
	if row.AskedAt > 0 {
		f.Show, verb = ShowOverdue, "confirmation.overdue"
	}
	waiting, err := s.CountConfirmations(ctx, f)
	if err != nil || waiting.N == 0 {
		return false, err
	}
	if verb == "confirmation.asked" {
		return s.askRound(ctx, quarter, waiting)
	}
	return s.remindRound(ctx, quarter, waiting)
}

func (s *Store) askRound(ctx context.Context, quarter day.Quarter, waiting Figure) (did bool, err error) {
	err = s.bookkeep(ctx, func(tx *txn) error {
		now := s.Now()
		res := tx.Exec("INSERT INTO confirmation_rounds (quarter, asked_at) VALUES (?, ?) ON CONFLICT (quarter) DO NOTHING", string(quarter), ms(now))
		if did = res.RowsAffected > 0; res.Error != nil || !did {
			return res.Error
		}
		round := confirmation.Round{Quarter: quarter, AskedOn: day.Of(now)}
		tx.Note("confirmation.asked", roundSubject(quarter), nil, roundNote(round, waiting, "Answers are in time until "+round.Due().Human()+"."))
		return nil
	})
	return did && err == nil, err
}

func (s *Store) remindRound(ctx context.Context, quarter day.Quarter, waiting Figure) (did bool, err error) {
	err = s.bookkeep(ctx, func(tx *txn) error {
		res := tx.Exec("UPDATE confirmation_rounds SET reminded_at = ? WHERE quarter = ? AND reminded_at = 0", ms(s.Now()), string(quarter))
		if did = res.RowsAffected > 0; res.Error != nil || !did {
			return res.Error
		}
		round, err := roundOf(tx.DB, quarter)
		if err != nil {
			return err
		}
		tx.Note("confirmation.overdue", roundSubject(quarter), nil, roundNote(round, waiting, "Answers were due on "+round.Due().Human()+"."))
		return nil
	})
	return did && err == nil, err
}

func roundSubject(q day.Quarter) audit.Subject {
	return audit.Subject{Kind: "confirmation", Label: q.Human()}
}

func roundNote(r confirmation.Round, waiting Figure, note string) map[string]any {
	n := fmt.Sprint(waiting.N)
	if waiting.More {
		n += "+"
	}
	return map[string]any{"quarter": string(r.Quarter), "due": string(r.Due()), "entries": n, "note": note}
}
