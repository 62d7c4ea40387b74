package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Lease is the right to do one job, until it runs out. Its epoch fences: whoever took the job over
// since has a higher one, and what is written under the old one is refused.
type Lease struct {
	Name     string
	Epoch    int64
	Attempts int64 // how often the job was begun and did not end, this time included
	By       string
}

// ErrLeaseLost says that somebody else does the job now.
var ErrLeaseLost = errors.New("store: the job's lease is lost")

// LeaseTime is how long a job stays somebody's who is not heard of any more. Whoever works renews it
// three times as often; whoever was only slow is stopped by the fence.
const LeaseTime = 6 * time.Second

type jobRow struct {
	Name        string `gorm:"primaryKey"`
	DueAt       int64
	LeaseUntil  int64
	LeaseBy     string
	Epoch       int64
	Attempts    int64
	LastEndedAt int64
	LastError   string
	LastOKAt    int64 `gorm:"column:last_ok_at"`
}

func (jobRow) TableName() string { return "jobs" }

// now is the database's clock: the replicas' own may differ.
func (s *Store) nowSQL() string {
	if s.dialect == postgresDialect {
		return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
	}
	return "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
}

// EnsureJob makes a job that recurs; one that exists keeps its time.
func (s *Store) EnsureJob(ctx context.Context, name string) error {
	err := s.write.WithContext(ctx).Exec("INSERT INTO jobs (name, due_at) VALUES (?, "+s.nowSQL()+") ON CONFLICT (name) DO NOTHING", name).Error
	if err != nil {
		return fmt.Errorf("ensure job: %w", err)
	}
	return nil
}

// enqueue makes a job due now, in the transaction that gives the reason for it.
func (tx *txn) enqueue(name string) error {
	err := tx.Exec("INSERT INTO jobs (name, due_at) VALUES (?, "+tx.s.nowSQL()+") ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, attempts = 0", name).Error
	if err != nil {
		return fmt.Errorf("enqueue job: %w", err)
	}
	return nil
}

// ClaimJob takes a job that is due and nobody's: the named one, or any when name is "". Without one it
// returns false. Looking costs a read only: a writer's lock is taken when there is something to claim.
func (s *Store) ClaimJob(ctx context.Context, name, by string) (Lease, bool, error) {
	ready := "due_at <= " + s.nowSQL() + " AND lease_until <= " + s.nowSQL() + " AND (name = ? OR ? = '')"
	var waiting int
	if err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE "+ready+" LIMIT 1) AS one", name, name).Scan(&waiting).Error; err != nil {
		return Lease{}, false, fmt.Errorf("look for jobs: %w", err)
	}
	if waiting == 0 {
		return Lease{}, false, nil
	}
	skip := ""
	if s.dialect == postgresDialect {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	var row jobRow
	res := s.write.WithContext(ctx).Raw("UPDATE jobs SET lease_until = "+s.nowSQL()+" + ?, lease_by = ?, epoch = epoch + 1, attempts = attempts + 1"+
		" WHERE name = (SELECT name FROM jobs WHERE "+ready+" ORDER BY due_at LIMIT 1"+skip+") RETURNING name, epoch, attempts",
		LeaseTime.Milliseconds(), by, name, name).Scan(&row)
	if res.Error != nil {
		return Lease{}, false, fmt.Errorf("claim job: %w", res.Error)
	}
	if row.Name == "" {
		return Lease{}, false, nil
	}
	return Lease{Name: row.Name, Epoch: row.Epoch, Attempts: row.Attempts, By: by}, true, nil
}

// RenewLease says that the work goes on. ErrLeaseLost when it is somebody else's by now.
func (s *Store) RenewLease(ctx context.Context, l Lease) error {
	return s.renew(s.write.WithContext(ctx), l)
}

func (s *Store) renew(db *gorm.DB, l Lease) error {
	res := db.Exec("UPDATE jobs SET lease_until = "+s.nowSQL()+" + ? WHERE name = ? AND epoch = ? AND lease_by = ?",
		LeaseTime.Milliseconds(), l.Name, l.Epoch, l.By)
	if res.Error != nil {
		return fmt.Errorf("renew lease: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrLeaseLost
	}
	return nil
}

// EndJob takes a job that is done once and for all off the list.
func (s *Store) EndJob(ctx context.Context, l Lease) error {
	err := s.write.WithContext(ctx).Exec("DELETE FROM jobs WHERE name = ? AND epoch = ?", l.Name, l.Epoch).Error
	if err != nil {
		return fmt.Errorf("end job: %w", err)
	}
	return nil
}

// DeferJob gives a job back, due again after a while; failure is why, nil when it went well.
func (s *Store) DeferJob(ctx context.Context, l Lease, after time.Duration, failure error) error {
	attempts, why, ok := "0", "", s.nowSQL()
	if failure != nil {
		attempts, why, ok = "attempts", failure.Error(), "last_ok_at"
	}
	err := s.write.WithContext(ctx).Exec("UPDATE jobs SET due_at = "+s.nowSQL()+" + ?, lease_until = 0, lease_by = '', attempts = "+attempts+
		", last_ended_at = "+s.nowSQL()+", last_ok_at = "+ok+", last_error = ? WHERE name = ? AND epoch = ?", after.Milliseconds(), why, l.Name, l.Epoch).Error
	if err != nil {
		return fmt.Errorf("defer job: %w", err)
	}
	return nil
}

// RouseJob makes a job that rests due now. One that failed keeps its time: it waits for a reason.
func (s *Store) RouseJob(ctx context.Context, name string) error {
	err := s.write.WithContext(ctx).Exec("UPDATE jobs SET due_at = "+s.nowSQL()+" WHERE name = ? AND attempts = 0 AND lease_until <= "+s.nowSQL()+
		" AND due_at > "+s.nowSQL(), name).Error
	if err != nil {
		return fmt.Errorf("rouse job: %w", err)
	}
	return nil
}

// JobStand is how a recurring job does.
type JobStand struct {
	Name     string
	LastOKAt time.Time // zero when it never went well
	Failures int64     // in a row, a run that is under way not counted
	Runs     int64     // ever
	DueAt    time.Time
	Held     bool // somebody does it now
}

// Jobs lists the jobs on record; those that end once and for all are taken off the list when they do.
func (s *Store) Jobs(ctx context.Context) ([]JobStand, error) {
	var rows []jobRow
	if err := s.read.WithContext(ctx).Order("name").Limit(100).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	out := make([]JobStand, 0, len(rows))
	for _, r := range rows {
		j := JobStand{Name: r.Name, LastOKAt: at(r.LastOKAt), Failures: r.Attempts, Runs: r.Epoch, DueAt: at(r.DueAt), Held: r.LeaseBy != ""}
		if r.LeaseBy != "" && j.Failures > 0 {
			j.Failures--
		}
		out = append(out, j)
	}
	return out, nil
}

// bookkeep is change for what is no record of governance by itself: how far a job has come. Events are
// written if there are any.
func (s *Store) bookkeep(ctx context.Context, fn func(*txn) error) error {
	src, ok := SourceOf(ctx)
	if !ok {
		return errors.New("store: a change without a source")
	}
	return s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &txn{DB: db, s: s, ctx: ctx, src: src}
		if err := fn(tx); err != nil {
			return err
		}
		if len(tx.Notes()) == 0 {
			return nil
		}
		if err := tx.markChanged(); err != nil {
			return err
		}
		return s.appendEvents(tx)
	})
}

// onConflictNothing leaves a row that is there already as it is.
var onConflictNothing = clause.OnConflict{DoNothing: true}
