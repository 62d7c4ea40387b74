package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"sundial/models/audit"
)

// transition is what an approval that completes the quorum writes, as prepared statements: the review,
// the request, the version, the serving record, what lists show of the model, two audit events sealed
// onto the chain and its head. It reads nothing but the head of the chain and asks no rule.
type transition struct {
	db                                              *database
	review, request, version, serving, model        *sql.Stmt
	head, event, moveHead                           *sql.Stmt
	modelOf, versionOf, revisionOf, versionRevision map[int64]int64
	built, checks                                   string
}

func prepareTransition(ctx context.Context, db *database) (*transition, error) {
	t := &transition{db: db}
	lock := ""
	if db.postgres {
		lock = " FOR UPDATE"
	}
	for to, query := range map[**sql.Stmt]string{
		&t.review: "INSERT INTO reviews (request_id, reviewer_id, roles, other_team, verdict, comment, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		&t.request: `UPDATE requests SET from_stage = ?, to_stage = ?, move = ?, reason = ?, state = ?, requester_id = ?, editors = ?, opened_at = ?, due_at = ?, decided_at = ?,
			decided_by = ?, decision = ?, break_glass = ?, debt_due_at = ?, debt_settled_at = ?, policy_version = ?, digest = ?, decided_checks = ?, revision = ?
			WHERE id = ? AND revision = ?`,
		&t.version: `UPDATE versions SET stage = ?, summary = ?, built = ?, digest = ?, vendor_host = ?, vendor_model = ?, rollback_target = ?, rollout_plan = ?, monitoring = ?,
			stage_since = ?, served_since = ?, superseded_at = ?, rollback_until = ?, closed_reason = ?, updated_at = ?, revision = ? WHERE id = ? AND revision = ?`,
		&t.serving: "INSERT INTO serving_records (model_id, version_id, since, until, request_id, how, approved_digest, approved_by) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
		&t.model:   `UPDATE models SET stage = ?, stage_rank = ?, updated_at = ?, serving_version_id = ?, plan_state = ? WHERE id = ?`,
		&t.head:    "SELECT seq, hash FROM audit_head WHERE id = 1" + lock,
		&t.event: `INSERT INTO audit_events (seq, at, actor_id, actor, via, verb, subject_kind, subject_id, subject_label, model_id, before_json, after_json, request_id, address, prev_hash, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&t.moveHead: "UPDATE audit_head SET seq = ?, hash = ?, seal = ? WHERE id = 1",
	} {
		var err error
		if *to, err = db.prepare(ctx, query); err != nil {
			return nil, err
		}
	}
	return t, t.learn(ctx)
}

// learn reads beforehand what the writes need to know: which records they change, and how long a
// lineage and a decided gate are.
func (t *transition) learn(ctx context.Context) error {
	t.modelOf, t.versionOf, t.revisionOf, t.versionRevision = map[int64]int64{}, map[int64]int64{}, map[int64]int64{}, map[int64]int64{}
	rows, err := t.db.QueryContext(ctx, "SELECT r.id, r.model_id, r.version_id, r.revision, v.revision, v.built FROM requests r JOIN versions v ON v.id = r.version_id WHERE r.state = 'open'")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, m, v, revision, versionRevision int64
		if err := rows.Scan(&id, &m, &v, &revision, &versionRevision, &t.built); err != nil {
			return err
		}
		t.modelOf[id], t.versionOf[id], t.revisionOf[id], t.versionRevision[id] = m, v, revision, versionRevision
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return t.db.QueryRowContext(ctx, "SELECT decided_checks FROM requests WHERE decided_checks <> '[]' ORDER BY id DESC LIMIT 1").Scan(&t.checks)
}

func (t *transition) run(ctx context.Context, id int64) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	now, digest := time.Now().UTC().Truncate(time.Millisecond), hexDigits(uint64(id), 64)
	for _, w := range t.writes(id, now.UnixMilli(), digest) {
		res, err := tx.StmtContext(ctx, w.statement).ExecContext(ctx, w.args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("a write of request %d changed %d rows: %w", id, n, err)
		}
	}
	if err := t.seal(ctx, tx, id, now, digest); err != nil {
		return err
	}
	return tx.Commit()
}

type write struct {
	statement *sql.Stmt
	args      []any
}

func (t *transition) writes(id, now int64, digest string) []write {
	m, v := t.modelOf[id], t.versionOf[id]
	watch := `{"drift":"https://watch.example.test/drift","quality":"https://watch.example.test/quality","cost":"https://watch.example.test/cost"}`
	return []write{
		{t.review, []any{id, reviewerID, `["reviewer","risk_reviewer"]`, true, "approve", "", digest, now}},
		{t.request, []any{"staged", "production", "forward", "Better on the holdout.", "applied", visitorID, "[]", now, now, now, reviewerID, "", false, 0, 0,
			"standard-000000000000", digest, t.checks, t.revisionOf[id] + 1, id, t.revisionOf[id]}},
		{t.version, []any{"production", "Retrained on the latest quarter.", t.built, digest, "", "", "none: the first of its kind", "Shadow for two weeks.", watch,
			now, now, 0, 0, "", now, t.versionRevision[id] + 1, v, t.versionRevision[id]}},
		{t.serving, []any{m, v, now, id, "promotion", digest, `[{"id":2,"name":"Reviewer"}]`}},
		{t.model, []any{"production", 4, now, v, "approved", m}},
	}
}

func (t *transition) seal(ctx context.Context, tx *sql.Tx, id int64, now time.Time, digest string) error {
	var seq int64
	var hash string
	if err := tx.StmtContext(ctx, t.head).QueryRowContext(ctx).Scan(&seq, &hash); err != nil {
		return err
	}
	var args []any
	for _, n := range []audit.Note{
		{Verb: "request.approved", Subject: audit.Subject{Kind: "request", ID: id, Label: "a request", Model: t.modelOf[id]}, After: map[string]string{"digest": digest}},
		{Verb: "version.promoted", Subject: audit.Subject{Kind: "version", ID: t.versionOf[id], Label: "a version", Model: t.modelOf[id]}, Before: map[string]string{"stage": "staged"},
			After: map[string]any{"stage": "production", "request": id, "approved_digest": digest, "approved_by": []int{2}, "policy": "standard-000000000000"}},
	} {
		e := audit.Event{Seq: seq + 1, At: now, ActorID: reviewerID, Actor: "Reviewer", Via: "session", Verb: n.Verb, Subject: n.Subject,
			Before: plain(n.Before), After: plain(n.After), RequestID: "perfcheck", From: "127.0.0.1"}
		if err := e.Seal(hash); err != nil {
			return err
		}
		seq, hash = e.Seq, e.Hash
		args = append(args, e.Seq, now.UnixMilli(), e.ActorID, e.Actor, e.Via, e.Verb, e.Subject.Kind, e.Subject.ID, e.Subject.Label, e.Subject.Model,
			string(e.Before), string(e.After), e.RequestID, e.From, e.PrevHash, e.Hash)
	}
	if _, err := tx.StmtContext(ctx, t.event).ExecContext(ctx, args...); err != nil {
		return err
	}
	_, err := tx.StmtContext(ctx, t.moveHead).ExecContext(ctx, seq, hash, "")
	return err
}

func plain(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	raw, err := audit.Canonical(v)
	if err != nil {
		panic("perfcheck: " + err.Error())
	}
	return raw
}
