package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/vendors"
)

// VendorFile is a file or a list of vendor models with what stands in it.
type VendorFile struct {
	Name   string // the file's, or the list's address
	Source string // what rows without one cite
	SHA256 string // of the file, "" for what is not kept
	Lines  []vendors.Line
	Via    vendors.Via
}

// VendorChange is what one line of a file does.
type VendorChange struct {
	Line vendors.Line
	vendors.Outcome
}

// VendorPlan is what a file does, line by line, with how often it does what.
type VendorPlan struct {
	Changes []VendorChange
	Counts  map[vendors.Effect]int
	Digest  string // of all changes: what was seen is what is applied, or neither
}

// PreviewVendors says what a file would do, and writes nothing.
func (s *Store) PreviewVendors(ctx context.Context, f VendorFile, p lifecycle.Policy) (VendorPlan, error) {
	return s.planVendors(s.read.WithContext(ctx), f, p)
}

// planVendors weighs line after line, each against what is on record and what the lines before it say.
func (s *Store) planVendors(q *gorm.DB, f VendorFile, p lifecycle.Policy) (VendorPlan, error) {
	plan := VendorPlan{Counts: map[vendors.Effect]int{}}
	var keys []vendorKey
	seen := map[vendorKey]bool{}
	for _, l := range f.Lines {
		if k := keyOf(string(l.Host), l.ModelID); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	have, err := readingsOf(q, keys)
	if err != nil {
		return plan, err
	}
	var told []any
	for _, l := range f.Lines {
		k := keyOf(string(l.Host), l.ModelID)
		r := vendors.Reading{Entry: l.Entry, Via: f.Via, State: vendors.Counted}
		o, err := vendors.Weigh(have[k], r, p.OneMayClassify())
		if err != nil {
			return plan, fmt.Errorf("weigh line %d: %w", l.Row, err)
		}
		if o.Effect == vendors.Waits {
			r.State = vendors.Proposed
		}
		if o.Repeat == 0 {
			have[k] = append(have[k], r)
		}
		plan.Changes = append(plan.Changes, VendorChange{l, o})
		plan.Counts[o.Effect]++
		told = append(told, []string{string(k.host), k.id, string(o.Effect), string(o.After.Class), string(o.After.EndOfLife), o.After.Successor, o.After.Conflict, o.After.Source})
	}
	plan.Digest, err = audit.Digest(told)
	return plan, err
}

// ApplyVendors takes a file's lines into the catalogue, all of them or none. seen is the digest of the
// preview that was agreed to, "" for none: when the catalogue moved since, nothing is written.
func (s *Store) ApplyVendors(ctx context.Context, f VendorFile, seen string, p lifecycle.Policy) (VendorPlan, error) {
	var plan VendorPlan
	err := s.change(ctx, func(tx *txn) (err error) {
		if err := tx.lockCatalogue(); err != nil {
			return err
		}
		if plan, err = s.planVendors(tx.DB, f, p); err != nil {
			return err
		}
		if seen != "" && seen != plan.Digest {
			return fault.New(fault.Stale, "The catalogue was changed since you looked at this. Nothing was saved. Look at it again.")
		}
		keys, err := tx.takeLines(f, p)
		if err != nil {
			return err
		}
		tx.Note("vendors.imported", audit.Subject{Kind: "vendors", Label: f.Name}, nil, f.facts(plan))
		return tx.askEnds(p, keys...)
	})
	return plan, err
}

// takeLines keeps every line and returns the rows whose class or end moved. Those are told one by one;
// how many rows were added the import's own event says.
func (tx *txn) takeLines(f VendorFile, p lifecycle.Policy) ([]vendorKey, error) {
	var moved []vendorKey
	for _, l := range f.Lines {
		k := keyOf(string(l.Host), l.ModelID)
		have, err := readingsOf(tx.DB, []vendorKey{k})
		if err != nil {
			return nil, err
		}
		o, err := tx.keepReading(have[k], vendors.Reading{Entry: l.Entry, Via: f.Via}, p)
		if fault.Is(err, fault.Conflict) { // proposed before, by a file that was imported twice
			continue
		}
		if err != nil {
			return nil, err
		}
		if o.Effect != vendors.Waits && o.Moved() {
			moved = append(moved, k)
			if o.Known {
				tx.Note("vendors.edited", vendorSubject(o.After), entryFacts(o.Before), entryFacts(o.After))
			}
		}
	}
	return moved, nil
}

func (f VendorFile) facts(plan VendorPlan) map[string]any {
	told := map[string]any{"source": f.Source, "rows": len(f.Lines)}
	if f.SHA256 != "" {
		told["sha256"] = f.SHA256
	}
	for effect, n := range plan.Counts {
		told[string(effect)] = n
	}
	return told
}

// KeepVendorFile keeps an uploaded file, so that what was previewed is what is applied.
func (s *Store) KeepVendorFile(ctx context.Context, name string, raw []byte) (digest string, err error) {
	err = s.change(ctx, func(tx *txn) (err error) {
		if digest, err = tx.keepBlob(raw); err != nil {
			return err
		}
		tx.Note("vendors.uploaded", audit.Subject{Kind: "vendors", Label: name}, nil, map[string]any{"sha256": digest, "bytes": len(raw)})
		return nil
	})
	return digest, err
}

// SaveVendorModels takes rows as the vendors' own lists give them.
func (s *Store) SaveVendorModels(ctx context.Context, entries []vendors.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.change(ctx, func(tx *txn) error {
		if err := tx.lockCatalogue(); err != nil {
			return err
		}
		f := VendorFile{Name: "catalogue", Via: vendors.ByList}
		for i, e := range entries {
			e.Host = vendors.Host(hostName(string(e.Host)))
			f.Lines = append(f.Lines, vendors.Line{Entry: e, Row: i + 1})
		}
		_, err := tx.takeLines(f, lifecycle.Policy{})
		tx.Note("vendors.saved", audit.Subject{Kind: "vendors", Label: "catalogue"}, nil, map[string]int{"rows": len(entries)})
		return err
	})
}
