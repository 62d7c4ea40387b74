package store

import (
	"fmt"

	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// followSupersedings keeps the lighter workflows in step with a decision: one begins for a version that
// was just superseded, and the one of a version that returns is rolled back.
func (tx *txn) followSupersedings(d *lifecycle.Dossier) error {
	if d.Began == nil {
		return nil
	}
	if err := tx.endSuperseding(d); err != nil {
		return err
	}
	for _, v := range d.Touched {
		if v.ID == d.VersionID || v.SupersededAt.IsZero() || v.Stage != registry.Staged {
			continue
		}
		number, err := nextRetirement(tx.DB, d.ModelID)
		if err != nil {
			return err
		}
		c := &retirement.World{Now: tx.s.Now(), Model: d.Facts.Model, Depth: d.Policy.PlanDepth(), Version: v}
		w := retirement.Supersede(tx.src.Actor, v, &d.Facts.Version, number, d.Policy.RollbackDays, c)
		if err := tx.addRetirement(w, c); err != nil {
			return err
		}
	}
	return nil
}

func (tx *txn) endSuperseding(d *lifecycle.Dossier) error {
	var row retirementRow
	if err := tx.Where("version_id = ? AND is_open AND kind = 'superseding'", d.VersionID).Limit(1).Find(&row).Error; err != nil {
		return fmt.Errorf("superseding: %w", err)
	}
	if row.ID == 0 {
		return nil
	}
	w := row.workflow()
	c := &retirement.World{Now: tx.s.Now(), Model: d.Facts.Model}
	w.Returned(tx.src.Actor, c)
	if err := tx.swap("retirements", w.ID, w.Revision, retirementValues(w, c)); err != nil {
		return err
	}
	tx.take(&w.Trail)
	return nil
}
