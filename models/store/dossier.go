package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

type requestRow struct {
	ID            int64
	ModelID       int64
	VersionID     int64
	FromStage     string
	ToStage       string
	Move          string
	Reason        string
	State         string
	RequesterID   int64
	Editors       asJSON[[]int64]
	OpenedAt      int64
	DueAt         int64
	DecidedAt     int64
	DecidedBy     *int64
	Decision      string
	BreakGlass    bool
	DebtDueAt     int64
	DebtSettledAt int64
	PolicyVersion string
	Digest        string
	DecidedChecks asJSON[[]lifecycle.Check]
	Revision      int64
}

func (requestRow) TableName() string { return "requests" }

func (r requestRow) request(requester string) lifecycle.Request {
	return lifecycle.Request{ID: r.ID, ModelID: r.ModelID, VersionID: r.VersionID, From: registry.Stage(r.FromStage), To: registry.Stage(r.ToStage),
		Move: lifecycle.Move(r.Move), Reason: r.Reason, State: lifecycle.State(r.State), RequesterID: r.RequesterID, Requester: requester,
		Editors: r.Editors.V, OpenedAt: at(r.OpenedAt), DueAt: at(r.DueAt), DecidedAt: at(r.DecidedAt), DecidedBy: deref(r.DecidedBy),
		Decision: r.Decision, BreakGlass: r.BreakGlass, DebtDueAt: at(r.DebtDueAt), DebtSettledAt: at(r.DebtSettledAt),
		PolicyVersion: r.PolicyVersion, Digest: r.Digest, Decided: r.DecidedChecks.V, Revision: r.Revision}
}

func requestValues(r *lifecycle.Request) map[string]any {
	return map[string]any{"from_stage": string(r.From), "to_stage": string(r.To), "move": string(r.Move), "reason": r.Reason, "state": string(r.State),
		"requester_id": r.RequesterID, "editors": wrap(r.Editors), "opened_at": ms(r.OpenedAt), "due_at": ms(r.DueAt), "decided_at": ms(r.DecidedAt),
		"decided_by": ref(r.DecidedBy), "decision": r.Decision, "break_glass": r.BreakGlass, "debt_due_at": ms(r.DebtDueAt),
		"debt_settled_at": ms(r.DebtSettledAt), "policy_version": r.PolicyVersion, "digest": r.Digest, "decided_checks": wrap(r.Decided)}
}

// OpenRequest starts a transition request on a version and runs the rule that opens it. Two open
// requests for one version cannot be: the second is told of the first.
func (s *Store) OpenRequest(ctx context.Context, slug, label string, p lifecycle.Policy, fn func(*lifecycle.Dossier, time.Time) error) (*lifecycle.Dossier, error) {
	return s.openRequest(ctx, slug, label, p, false, fn)
}

// BreakGlass is OpenRequest for an emergency: a request that is open already gives way to it.
func (s *Store) BreakGlass(ctx context.Context, slug, label string, p lifecycle.Policy, fn func(*lifecycle.Dossier, time.Time) error) (*lifecycle.Dossier, error) {
	return s.openRequest(ctx, slug, label, p, true, fn)
}

func (s *Store) openRequest(ctx context.Context, slug, label string, p lifecycle.Policy, overrule bool, fn func(*lifecycle.Dossier, time.Time) error) (*lifecycle.Dossier, error) {
	var d *lifecycle.Dossier
	err := s.change(ctx, func(tx *txn) error {
		m, row, err := tx.lockVersion(slug, label)
		if err != nil {
			return err
		}
		if err := tx.actorStands(); err != nil {
			return err
		}
		if overrule {
			v := row.version()
			if err := tx.supersedeRequests(&m, &v); err != nil {
				return err
			}
		}
		f, err := s.facts(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		d = lifecycle.NewDossier(f, p)
		if err := tx.noneOpen(f, p, row.ID, fn); err != nil {
			return err
		}
		// The row goes first: its id is part of what approvals are bound to.
		r := requestRow{ModelID: m.ID, VersionID: row.ID, State: string(lifecycle.Open), RequesterID: tx.src.Actor.ID,
			Editors: wrap([]int64{}), DecidedChecks: wrap([]lifecycle.Check{}), OpenedAt: ms(s.Now()), Revision: 1}
		if err := tx.Create(&r).Error; err != nil {
			return fmt.Errorf("open request: %w", err)
		}
		d.ID, d.Revision = r.ID, 1
		if err := fn(d, s.Now()); err != nil {
			return err
		}
		return tx.saveDossier(d)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// noneOpen refuses a second request for one version. Whoever may not ask at all is told that instead. The
// model is locked, so nobody opens one in between; a unique key stands behind it.
func (tx *txn) noneOpen(f lifecycle.Facts, p lifecycle.Policy, version int64, fn func(*lifecycle.Dossier, time.Time) error) error {
	var open int64
	if err := tx.Table("requests").Select("id").Where("version_id = ? AND state = 'open'", version).Limit(1).Scan(&open).Error; err != nil {
		return fmt.Errorf("open request: %w", err)
	}
	if open == 0 {
		return nil
	}
	if err := fn(lifecycle.NewDossier(f, p), tx.s.Now()); err != nil {
		return err
	}
	return fault.Newf(fault.Conflict, "%s has an open request already, number %d. Decide or withdraw that one first.", f.Version.Label, open)
}

// ChangeDossier runs a rule on a request: load everything the rule looks at, run it, save what it
// changed and its audit events, all in one transaction.
func (s *Store) ChangeDossier(ctx context.Context, id int64, p lifecycle.Policy, fn func(*lifecycle.Dossier, time.Time) error) (*lifecycle.Dossier, error) {
	var d *lifecycle.Dossier
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("requests", id, "request"); err != nil {
			return err
		}
		var people map[int64]org.Person
		var err error
		if d, people, err = s.dossier(tx.DB, id, tx.src.Actor.ID, p); err != nil {
			return err
		}
		if err := stands(tx.src.Actor, people[tx.src.Actor.ID]); err != nil {
			return err
		}
		if err := fn(d, s.Now()); err != nil {
			return err
		}
		return tx.saveDossier(d)
	})
	return d, err
}

// Dossier reads a request with everything its page shows.
func (s *Store) Dossier(ctx context.Context, id int64, p lifecycle.Policy) (*lifecycle.Dossier, error) {
	q := s.read.WithContext(ctx)
	d, _, err := s.dossier(q, id, 0, p)
	if err != nil {
		return nil, err
	}
	d.Comments, err = commentsOf(q, id)
	return d, err
}

// about is a request with its model and version, in one row.
type about struct {
	Request requestRow `gorm:"embedded;embeddedPrefix:r_"`
	Model   modelRow   `gorm:"embedded;embeddedPrefix:m_"`
	Version versionRow `gorm:"embedded;embeddedPrefix:v_"`
}

func aboutRequest(q *gorm.DB, id int64) (about, error) {
	var row about
	res := q.Raw("SELECT "+columnsOf("r", requestRow{})+", "+columnsOf("m", modelRow{})+", "+columnsOf("v", versionRow{})+
		" FROM requests r JOIN models m ON m.id = r.model_id JOIN versions v ON v.id = r.version_id WHERE r.id = ?", id).Scan(&row)
	if res.Error != nil {
		return row, fmt.Errorf("request: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return row, fault.New(fault.NotFound, "There is no such request.")
	}
	return row, nil
}

// dossier loads a request with everything its rules look at; also is somebody to know besides.
func (s *Store) dossier(q *gorm.DB, id, also int64, p lifecycle.Policy) (*lifecycle.Dossier, map[int64]org.Person, error) {
	row, err := aboutRequest(q, id)
	if err != nil {
		return nil, nil, err
	}
	f, people, err := s.factsAndPeople(q, row.Model.model(), row.Version, []int64{row.Request.RequesterID, also}, p)
	if err != nil {
		return nil, nil, err
	}
	d := lifecycle.NewDossier(f, p)
	if d.Reviews, err = reviewsOf(q, id); err != nil {
		return nil, nil, err
	}
	d.Request = row.Request.request(people[row.Request.RequesterID].Name)
	return d, people, nil
}

func reviewsOf(q *gorm.DB, request int64) ([]lifecycle.Review, error) {
	var rows []struct {
		ID         int64
		ReviewerID int64
		Reviewer   string
		Roles      asJSON[[]org.Role]
		Present    asJSON[[]org.Role]
		Disabled   bool
		OtherTeam  bool
		Verdict    string
		Comment    string
		Digest     string
		Parts      asJSON[registry.Parts]
		At         int64
	}
	err := q.Table("reviews r").Joins("JOIN people p ON p.id = r.reviewer_id").
		Select("r.id, r.reviewer_id, p.name AS reviewer, r.roles, p.roles AS present, p.disabled, r.other_team, r.verdict, r.comment, r.digest, r.parts, r.at").
		Where("r.request_id = ?", request).Order("r.id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	out := make([]lifecycle.Review, 0, len(rows))
	for _, r := range rows {
		lost := slices.DeleteFunc(slices.Clone(r.Roles.V), func(role org.Role) bool { return !r.Disabled && slices.Contains(r.Present.V, role) })
		out = append(out, lifecycle.Review{ID: r.ID, ReviewerID: r.ReviewerID, Reviewer: r.Reviewer, Roles: r.Roles.V, Lost: lost,
			OtherTeam: r.OtherTeam, Verdict: lifecycle.Verdict(r.Verdict), Comment: r.Comment, Digest: r.Digest, Parts: r.Parts.V, At: at(r.At)})
	}
	return out, nil
}

func commentsOf(q *gorm.DB, request int64) ([]lifecycle.Comment, error) {
	var rows []struct {
		ID       int64
		PersonID int64
		Person   string
		Text     string
		At       int64
	}
	err := q.Table("comments c").Joins("JOIN people p ON p.id = c.person_id").
		Select("c.id, c.person_id, p.name AS person, c.text, c.at").Where("c.request_id = ?", request).Order("c.id").Limit(1000).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("comments: %w", err)
	}
	out := make([]lifecycle.Comment, 0, len(rows))
	for _, r := range rows {
		out = append(out, lifecycle.Comment{ID: r.ID, PersonID: r.PersonID, Person: r.Person, Text: r.Text, At: at(r.At)})
	}
	return out, nil
}

// saveDossier saves what a rule changed: the request, a review or comment, versions, serving records.
func (tx *txn) saveDossier(d *lifecycle.Dossier) error {
	if err := tx.saveConversation(d); err != nil {
		return err
	}
	if err := tx.swap("requests", d.ID, d.Revision, requestValues(&d.Request)); err != nil {
		return err
	}
	d.Revision++
	// The version that leaves production is saved before the one that enters: only one may be there.
	for i := len(d.Touched) - 1; i >= 0; i-- {
		if d.Touched[i].Stage != registry.Production {
			if err := tx.saveVersion(d.Touched[i], nil); err != nil {
				return err
			}
		}
	}
	for _, v := range d.Touched {
		if v.Stage == registry.Production {
			if err := tx.saveVersion(v, nil); err != nil {
				return err
			}
		}
	}
	if err := tx.saveServing(d); err != nil {
		return err
	}
	if err := tx.followSupersedings(d); err != nil {
		return err
	}
	for _, v := range d.Touched {
		if v.ID == d.VersionID {
			continue // its own request is the one that was just decided
		}
		if err := tx.supersedeRequests(&d.Facts.Model, v); err != nil {
			return err
		}
	}
	tx.take(&d.Trail)
	if len(d.Touched) == 0 {
		return nil
	}
	return tx.touchModel(d.ModelID)
}

func (tx *txn) saveConversation(d *lifecycle.Dossier) error {
	if r := d.NewReview; r != nil {
		err := tx.Exec("INSERT INTO reviews (request_id, reviewer_id, roles, other_team, verdict, comment, digest, parts, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			d.ID, r.ReviewerID, wrap(r.Roles), r.OtherTeam, string(r.Verdict), r.Comment, r.Digest, wrap(r.Parts), ms(r.At)).Error
		if err != nil {
			return fmt.Errorf("save review: %w", err)
		}
	}
	if c := d.NewComment; c != nil {
		err := tx.Exec("INSERT INTO comments (request_id, person_id, text, at) VALUES (?, ?, ?, ?)", d.ID, c.PersonID, c.Text, ms(c.At)).Error
		if err != nil {
			return fmt.Errorf("save comment: %w", err)
		}
	}
	return nil
}

func (tx *txn) saveServing(d *lifecycle.Dossier) error {
	if e := d.Ended; e != nil {
		res := tx.Exec("UPDATE serving_records SET until = ? WHERE id = ? AND until = 0", ms(e.Until), e.ID)
		if res.Error != nil {
			return fmt.Errorf("end serving: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return stale()
		}
	}
	if b := d.Began; b != nil {
		row := servingRow{ModelID: b.ModelID, VersionID: b.VersionID, Since: ms(b.Since), RequestID: ref(b.RequestID), How: b.How,
			ApprovedDigest: b.ApprovedDigest, ApprovedBy: wrap(b.ApprovedBy)}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("begin serving: %w", err)
		}
	}
	return nil
}

// Prospect is a version's dossier before anybody asks: its gates, for pages and pipelines.
func (s *Store) Prospect(ctx context.Context, slug, label string, p lifecycle.Policy) (*lifecycle.Dossier, error) {
	q := s.read.WithContext(ctx)
	m, row, err := modelAndVersion(q, slug, label)
	if err != nil {
		return nil, err
	}
	f, err := s.facts(q, m, row, p)
	if err != nil {
		return nil, err
	}
	return lifecycle.NewDossier(f, p), nil
}
