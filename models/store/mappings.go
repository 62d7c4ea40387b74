package store

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/intake"
)

type mappingRow struct {
	Name      string `gorm:"primaryKey"`
	Inventory string
	Body      asJSON[intake.Mapping]
	UpdatedBy *int64
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (mappingRow) TableName() string { return "mappings" }

// KeptMapping is a mapping under its name, with the inventory it was last used for.
type KeptMapping struct {
	Mapping   intake.Mapping
	Inventory string
}

// Mappings lists the kept mappings by name.
func (s *Store) Mappings(ctx context.Context) ([]KeptMapping, error) {
	var rows []mappingRow
	if err := s.read.WithContext(ctx).Order("name").Limit(500).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("mappings: %w", err)
	}
	out := make([]KeptMapping, 0, len(rows))
	for _, r := range rows {
		out = append(out, KeptMapping{r.Body.V, r.Inventory})
	}
	return out, nil
}

// Mapping finds a kept mapping by its name.
func (s *Store) Mapping(ctx context.Context, name string) (KeptMapping, error) {
	var row mappingRow
	if err := s.read.WithContext(ctx).Where("name = ?", name).Take(&row).Error; err != nil {
		return KeptMapping{}, found(err, "mapping")
	}
	return KeptMapping{row.Body.V, row.Inventory}, nil
}

// keepMapping keeps a mapping under its name; one that is kept like this already is left alone.
func (tx *txn) keepMapping(m intake.Mapping, inventory string) error {
	var before mappingRow
	if err := tx.Where("name = ?", m.Name).Limit(1).Find(&before).Error; err != nil {
		return fmt.Errorf("mapping: %w", err)
	}
	was, err := audit.Digest(before.Body.V)
	if err != nil {
		return err
	}
	is, err := audit.Digest(m)
	if err != nil {
		return err
	}
	if before.Name != "" && was == is && before.Inventory == inventory {
		return nil
	}
	row := mappingRow{Name: m.Name, Inventory: inventory, Body: wrap(m), UpdatedBy: ref(tx.src.Actor.ID), UpdatedAt: ms(tx.s.Now())}
	err = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("keep mapping: %w", err)
	}
	tx.Note("mapping.kept", audit.Subject{Kind: "mapping", Label: m.Name}, nil, map[string]any{"digest": is, "inventory": inventory})
	return nil
}

// Inventories are the names of all inventories that were imported or are about to be.
func (s *Store) Inventories(ctx context.Context) ([]string, error) {
	var names []string
	err := s.read.WithContext(ctx).Raw("SELECT DISTINCT inventory FROM imports WHERE inventory <> '' ORDER BY inventory LIMIT 200").Scan(&names).Error
	if err != nil {
		return nil, fmt.Errorf("inventories: %w", err)
	}
	return names, nil
}

// inventoryAs is a new inventory's name as typed, or as it is called already: case makes no difference.
func (tx *txn) inventoryAs(name string) (string, error) {
	var names []string
	if err := tx.Raw("SELECT DISTINCT inventory FROM imports WHERE inventory <> '' ORDER BY inventory").Scan(&names).Error; err != nil {
		return "", fmt.Errorf("inventories: %w", err)
	}
	for _, known := range names {
		if intake.InventoryKey(known) == intake.InventoryKey(name) {
			return known, nil
		}
	}
	return name, nil
}

// RunningImport is the job that brings in an inventory right now, a NotFound fault without one.
func (s *Store) RunningImport(ctx context.Context, inventory string) (int64, error) {
	var id int64
	err := s.read.WithContext(ctx).Raw("SELECT id FROM imports WHERE inventory = ? AND state = 'running' LIMIT 1", inventory).Scan(&id).Error
	if err != nil {
		return 0, fmt.Errorf("running import: %w", err)
	}
	if id == 0 {
		return 0, fault.New(fault.NotFound, "No import of this inventory is running.")
	}
	return id, nil
}
