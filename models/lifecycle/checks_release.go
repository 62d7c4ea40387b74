package lifecycle

import (
	"strings"
	"time"

	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

var releaseChecks = map[string]rule{
	"pin":    {registry.Registered, registry.GenAI, "Vendor model id is pinned", "A floating id changes the model under you, without a review.", "version", true, pinned},
	"alive":  {registry.Registered, registry.GenAI, "Vendor model is alive", "A model that the vendor has ended cannot be served.", "vendor", false, alive},
	"prompt": {registry.Registered, registry.GenAI, "Prompts are registered", "The prompt is half of the model: its hash says which one.", "version", false, prompts},
	"release_parameters": {registry.Registered, registry.GenAI, "Parameters are recorded", "Temperature and limits change what users get.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			return recorded(len(f.Version.Release.Parameters), "parameter", f)
		}},
	"tools": {registry.Registered, registry.GenAI, "Tools are recorded", "A tool the model may call is part of what is approved.", "version", false,
		func(f *Facts, _ Policy, _ time.Time) answer {
			r := f.Version.Release
			if len(r.Tools) == 0 && r.NoToolsReason == "" {
				return fail("No tools are recorded, nor that there are none.")
			}
			if len(r.Tools) == 0 {
				return pass("No tools: "+r.NoToolsReason, f.Version.UpdatedAt)
			}
			return recorded(len(r.Tools), "tool", f)
		}},
}

// pinned is iron: a waiver cannot keep a vendor from putting another model behind a floating id. Only
// a dated preview yields, because it does not move. What nobody can classify waits for a reviewer who
// puts a class with its source into the catalogue.
func pinned(f *Facts, _ Policy, _ time.Time) answer {
	r := f.Version.Release
	if r.Host == "" || r.ModelID == "" {
		return fail("No vendor model is named.")
	}
	v := f.Vendor.Verdict
	fact := r.ModelID + " on " + vendors.Host(r.Host).Name() + ": " + v.Reason
	switch {
	case vendors.MayServe(v.Class, int(f.Model.Tier), false):
		return pass(fact, f.Version.UpdatedAt)
	case v.Class == vendors.PreviewPinned:
		dated := fail(fact + " Dated previews serve tier 3 alone, or by waiver.")
		dated.yields = true
		return dated
	case v.Class == vendors.Undetermined || v.Class == "":
		return unknown(fact + " A reviewer must classify it, with a source.")
	}
	if v.Suggestion != "" {
		fact += " " + v.Suggestion
	}
	return fail(fact)
}

func alive(f *Facts, _ Policy, now time.Time) answer {
	if !f.Vendor.Known {
		return unknown("The vendor catalogue has no entry for this model on this host.")
	}
	e := f.Vendor.Entry
	switch known, living := vendors.Alive(e, today(now)); {
	case !known:
		return pass("No end has been announced"+readOn(e)+".", e.ReadOn.Time())
	case !living:
		return fail("The vendor ended it on " + e.EndOfLife.Human() + ".").since(e.ReadOn.Time())
	default:
		return pass("The vendor ends it on "+e.EndOfLife.Human()+", in "+daysLeft(e, now)+".", e.ReadOn.Time())
	}
}

func readOn(e vendors.Entry) string {
	if !e.ReadOn.Known() {
		return ""
	}
	return " (read on " + e.ReadOn.Human() + ")"
}

func prompts(f *Facts, _ Policy, _ time.Time) answer {
	list := f.Version.Release.Prompts
	if len(list) == 0 {
		return fail("No prompt is registered.")
	}
	for _, p := range list {
		if p.SHA256 == "" || p.Repo == "" || p.Commit == "" {
			return fail("The prompt " + p.Name + " lacks its hash, repository or commit.")
		}
	}
	return pass(count(len(list), "prompt")+" with hash and commit.", f.Version.UpdatedAt)
}

// CatalogueDays is how long a reading of a vendor's list that named no end is believed.
const CatalogueDays = 90

// vendorEnd asks whether the vendor's date leaves time for a retirement. An unknown end is not a pass.
func vendorEnd(f *Facts, p Policy, now time.Time) answer {
	e := f.Vendor.Entry
	switch {
	case !f.Vendor.Known:
		return unknown("The vendor catalogue has no entry for this model on this host.")
	case !e.EndOfLife.Known() && e.Source == "":
		return unknown("Nobody has looked up when the vendor ends it.")
	case !e.EndOfLife.Known() && today(now) > e.ReadOn.Add(CatalogueDays):
		return unknown("The vendor's list was last read on " + e.ReadOn.Human() + "; dates move weekly.")
	case !e.EndOfLife.Known():
		return pass("No end has been announced"+readOn(e)+"; source: "+e.Source+".", e.ReadOn.Time())
	}
	needs := f.Plan.Runway.NeedsDays
	if f.Plan.Plan == nil {
		needs = retirement.NewRunway(e.EndOfLife, 0, p.RollbackDays, p.ReviewDays).NeedsDays
	}
	ends := "It ends on " + e.EndOfLife.Human() + ", in " + daysLeft(e, now)
	switch {
	case !today(now).Before(e.EndOfLife):
		return fail("It ended on " + e.EndOfLife.Human() + ".").since(e.ReadOn.Time())
	case vendors.InsideRunway(e, today(now), needs):
		return fail(ends + "; retiring it takes " + count(needs, "day") + ".").since(e.ReadOn.Time())
	case strings.TrimSpace(e.Conflict) != "":
		return pass(ends+" (sources disagree: "+e.Conflict+").", e.ReadOn.Time())
	}
	return pass(ends+"; retiring it takes "+count(needs, "day")+".", e.ReadOn.Time())
}

func daysLeft(e vendors.Entry, now time.Time) string {
	return count(today(now).Until(e.EndOfLife), "day")
}
