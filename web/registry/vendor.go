package registry

import (
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/models/day"
	"sundial/models/evidence"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/vendors"
)

// vendor is the end of the vendor's model behind what serves, else behind the version on its way, with
// the next step: a version on the successor, measured anew.
func (h Handlers) vendor(m *store.ModelView, mayEdit bool) *views.VendorView {
	f := &m.Facts
	if m.Serving != nil {
		f = m.Serving
	}
	r := f.Version.Release
	if f.Model.Kind != registry.GenAI || r.ModelID == "" {
		return nil
	}
	e, slug, label := f.Vendor.Entry, f.Model.Slug, f.Version.Label
	v := &views.VendorView{Host: r.Host, ID: r.ModelID, Known: f.Vendor.Known, End: e.EndOfLife, Conflict: e.Conflict, Successor: e.Successor}
	v.Inside = vendors.InsideRunway(e, day.Of(h.Clock()), h.vendorRunway(f).NeedsDays)
	c := lifecycle.Reevaluation(f, h.Policy, h.Clock())
	v.Cadence, v.Due = c.Why, c.Due
	if mayEdit {
		v.Record = link.EvidenceFor(slug, label, string(evidence.Evaluation))
		if v.Successor != "" {
			v.Next = link.VersionOnSuccessor(slug, label, string(e.Host), v.Successor)
		}
	}
	return v
}

// vendorRunway is the time that moving off the vendor's model takes: by the plan in force, else by the
// policy alone.
func (h Handlers) vendorRunway(f *lifecycle.Facts) retirement.Runway {
	window := h.Policy.RollbackDays
	if f.Plan.Plan != nil {
		window = f.Plan.Plan.Body.Rollback.WindowDays
	}
	return retirement.NewRunway(f.Vendor.Entry.EndOfLife, 0, window, h.Policy.ReviewDays)
}
