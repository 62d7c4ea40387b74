package demodata

import (
	"slices"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// How some models end otherwise than most: what the pages about retirements are there for.
var (
	// ownEnds are intended deprecations, in days from the present.
	ownEnds = map[string]int{"ticket-router": 75, "churn": 130, "eta": 420}
	// triggerDays are dates that trigger a retirement, in days from the present.
	triggerDays = map[string]int{"limit-setter": 250}
	// quiet models serve, and nothing is reported of them. The first is the only one of its team that does, so
	// that nobody can tell whether it is used; the other's team reports others.
	quiet = []string{"drift-sentinel", "mail-sorter"}
)

// promise writes what a model says of its own end and of who uses it.
func (f *filler) promise(sp spec, m *registry.Model) {
	if days, known := ownEnds[sp.slug]; known {
		m.DeprecationOn = day.Of(f.present).Add(days)
	}
	if len(sp.consumers) == 0 && sp.plan == approvedPlan {
		m.NoConsumersReason = "Whoever it was made for has moved on; nobody has said that they still call it."
	}
}

// trigger dates the end of the few whose plan waits for a day.
func (f *filler) trigger(sp spec, b *retirement.Body) {
	if days, known := triggerDays[sp.slug]; known {
		b.Trigger = retirement.Trigger{Kind: "replaced", Date: day.Of(f.present).Add(days), Explanation: "The successor of the whole product line is to be ready by then."}
	}
}

func reports(slug string) bool { return !slices.Contains(quiet, slug) }

// templates makes one that came with Sundial the organisation's own, and adds another.
func (f *filler) templates() {
	f.at(45, 240, "a template is edited", func(now time.Time) error {
		_, err := f.s.ChangePlanTemplate(f.as("alma"), "unused-model", 1, func(t *retirement.Template, _ time.Time) error {
			b := t.Body
			b.Archive = []retirement.Archive{{What: "Approvals, evaluations and this plan", Years: 5, Where: "Records archive, section models"}}
			return t.EditSection(f.actor("alma"), "archive", b, now)
		})
		return err
	})
	f.at(31, 245, "a template is added", func(now time.Time) error {
		_, err := f.s.AddPlanTemplate(f.as("alma"), func(time.Time) (*retirement.Template, error) {
			var from retirement.Body
			for _, t := range retirement.StartingTemplates() {
				if t.Slug == "replaced" {
					from = t.Body
				}
			}
			return retirement.NewTemplate(f.actor("alma"), retirement.TemplateDraft{Slug: "season", Name: "A model of one season", Kind: registry.Trained,
				Summary: "For campaign models that next season's model replaces anyway."}, from, now)
		})
		return err
	})
}
