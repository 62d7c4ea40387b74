package store

import (
	"fmt"

	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
)

// follow does what an answer means for the model that vanished. The model keeps its history whatever
// the answer is.
func (tx *txn) follow(m *registry.Model, row questionRow, q intake.Question, into recordRow) error {
	switch q.Answer {
	case intake.AnsweredRetired:
		return tx.endModel(m, endedReason(q))
	case intake.AnsweredMerged:
		target, err := modelByID(tx.DB, into.ModelID)
		if err != nil {
			return err
		}
		return tx.endModel(m, fmt.Sprintf("Merged into %s (%s), said the answer to the question why it is no longer listed.", target.Name, target.Slug))
	case intake.AnsweredRenamed:
		return tx.joinModels(m, row, into)
	}
	var rec recordRow
	if err := tx.Where("inventory = ? AND identity = ?", row.Inventory, row.Identity).Take(&rec).Error; err != nil {
		return found(err, "record")
	}
	return tx.report(m, rec.Record.V[string(intake.FieldStage)])
}

func endedReason(q intake.Question) string {
	why := "Retired"
	if q.On.Known() {
		why += " on " + q.On.Human()
	}
	why += ", said the answer to the question why it is no longer listed; no retirement was run in Sundial."
	if q.Detail != "" {
		why += " " + q.Detail
	}
	return why
}

// endModel closes what a model has live. What serves, or may still return, ends by its own rules first.
func (tx *txn) endModel(m *registry.Model, reason string) error {
	var rows []versionRow
	if err := tx.s.locked(tx.DB).Where("model_id = ?", m.ID).Order("id").Find(&rows).Error; err != nil {
		return fmt.Errorf("versions: %w", err)
	}
	now := tx.s.Now()
	for _, r := range rows {
		v := r.version()
		if !v.Live() {
			continue
		}
		if may := lifecycle.MayClose(&v, now); !may.Allowed {
			return fault.At("answer", fmt.Sprintf("Version %s is live here. %s Then answer.", v.Label, may.Reason))
		}
		// That this person may answer for the model has been asked; closing follows from the answer.
		if err := lifecycle.CloseVersion(org.System, m, &v, cut(reason, 1000), now); err != nil {
			return err
		}
		if err := tx.saveVersion(&v, nil); err != nil {
			return err
		}
		if err := tx.supersedeRequests(m, &v); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		v := &registry.Version{ModelID: m.ID, Kind: m.Kind, Label: intake.ClosedLabel, Stage: registry.Retired, ClosedReason: reason,
			Summary: "Stands for whatever ran before this system was said to have ended."}
		v.Note("version.closed", v.Subject(m.Slug), nil, map[string]any{"stage": v.Stage, "reason": reason})
		if err := tx.addVersion(v); err != nil {
			return err
		}
	}
	if err := tx.touchModel(m.ID); err != nil {
		return err
	}
	return tx.report(m, string(intake.Retired))
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// report sets what is said of a model's state.
func (tx *txn) report(m *registry.Model, state string) error {
	err := tx.Exec("UPDATE models SET reported_state = ?, updated_at = ?, revision = revision + 1 WHERE id = ?", state, ms(tx.s.Now()), m.ID).Error
	if err != nil {
		return fmt.Errorf("reported state: %w", err)
	}
	return nil
}

// joinModels makes one of a model that vanished and of the entry under which it is listed now: the old
// model, with its history, goes on under the new name, and the entry that the import made goes.
func (tx *txn) joinModels(m *registry.Model, row questionRow, into recordRow) error {
	var mrow modelRow
	if err := tx.s.locked(tx.DB).Where("id = ?", into.ModelID).Take(&mrow).Error; err != nil {
		return found(err, "model")
	}
	entry := mrow.model()
	if entry.ID == m.ID {
		return fault.At("into", "This is the same model already.")
	}
	if err := tx.untouched(entry); err != nil {
		return err
	}
	var rec recordRow
	if err := tx.Where("inventory = ? AND identity = ?", row.Inventory, row.Identity).Take(&rec).Error; err != nil {
		return found(err, "record")
	}
	places, err := loadPlaces(tx.DB, []string{rec.Record.V[string(intake.FieldOwner)], into.Record.V[string(intake.FieldOwner)]})
	if err != nil {
		return err
	}
	var versions int64
	if err := tx.Table("versions").Where("model_id = ?", m.ID).Count(&versions).Error; err != nil {
		return fmt.Errorf("versions: %w", err)
	}
	change := intake.RenamedTo(rec.known(false), into.Identity, into.Record.V)
	before := m.Name
	intake.Update(m, change, places.ofKnown(change.Before), places.ofRecord(change.Record), intake.Here{HasVersions: versions > 0}, entry.Source)
	m.Reported = string(change.Record.Reported)
	m.Note("model.renamed", m.Subject(), map[string]any{"name": before}, map[string]any{"name": m.Name, "joined": entry.Slug, "joined_id": entry.ID})
	if err := tx.absorb(m, row, entry); err != nil {
		return err
	}
	return tx.saveModel(m)
}

// untouched refuses to lose what people did with the new entry meanwhile.
func (tx *txn) untouched(entry registry.Model) error {
	var n int64
	err := tx.Table("audit_events").Where("model_id = ? AND verb NOT IN ?", entry.ID, []string{"model.imported", "model.reimported", "model.relisted", "model.unlisted"}).Limit(1).Count(&n).Error
	if err == nil && n == 0 {
		err = tx.Table("versions").Where("model_id = ?", entry.ID).Limit(1).Count(&n).Error
	}
	if err != nil {
		return fmt.Errorf("what happened to the entry: %w", err)
	}
	if n > 0 {
		return fault.At("into", "Somebody has worked on this entry since it was imported, so the two are not made one. Answer that it was merged instead.")
	}
	return nil
}

// absorb moves everything that points at the entry to the model, and takes the entry away.
func (tx *txn) absorb(m *registry.Model, row questionRow, entry registry.Model) error {
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"DELETE FROM imported_records WHERE inventory = ? AND identity = ?", []any{row.Inventory, row.Identity}},
		{"UPDATE imported_records SET model_id = ? WHERE model_id = ?", []any{m.ID, entry.ID}},
		{"UPDATE import_rows SET model_id = ? WHERE model_id = ?", []any{m.ID, entry.ID}},
		{"UPDATE questions SET model_id = ? WHERE model_id = ?", []any{m.ID, entry.ID}},
		{"DELETE FROM models WHERE id = ?", []any{entry.ID}},
	} {
		if err := tx.Exec(step.sql, step.args...).Error; err != nil {
			if unkeepable(err) {
				return fault.At("into", "Other records hold on to this entry, so the two are not made one. Answer that it was merged instead.")
			}
			return fmt.Errorf("make one of two models: %w", err)
		}
	}
	return nil
}
