package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"sundial/models/fault"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// templateRow is one number of a template. Rows are only ever added.
type templateRow struct {
	ID      int64
	Slug    string
	Number  int64
	State   string
	Content asJSON[templateContent]
	Changed string
	ByID    *int64
	ByName  string
	At      int64
}

func (templateRow) TableName() string { return "plan_templates" }

const (
	templateOffered = "offered"
	templateRetired = "retired"
)

type templateContent struct {
	Name    string          `json:"name"`
	Summary string          `json:"summary"`
	Kind    registry.Kind   `json:"kind,omitempty"`
	Body    retirement.Body `json:"body"`
}

func (r templateRow) template() retirement.Template {
	c := r.Content.V
	return retirement.Template{Slug: r.Slug, Name: c.Name, Summary: c.Summary, Kind: c.Kind, Body: c.Body, Retired: r.State == templateRetired,
		Number: int(r.Number), Changed: r.Changed, By: deref(r.ByID), ByName: r.ByName, At: at(r.At)}
}

func templateToRow(t *retirement.Template) templateRow {
	state := templateOffered
	if t.Retired {
		state = templateRetired
	}
	return templateRow{Slug: t.Slug, Number: int64(t.Number), State: state, Content: wrap(templateContent{t.Name, t.Summary, t.Kind, t.Body}),
		Changed: t.Changed, ByID: ref(t.By), ByName: t.ByName, At: ms(t.At)}
}

// latestTemplate narrows plan_templates t to the newest number of each template.
const latestTemplate = "t.number = (SELECT MAX(x.number) FROM plan_templates x WHERE x.slug = t.slug)"

// PlanTemplates are all templates as they stand, by name: those that the organisation wrote or changed, and
// those that came with Sundial. There are at most retirement.MostTemplates of them.
func (s *Store) PlanTemplates(ctx context.Context) ([]retirement.Template, error) {
	return planTemplates(s.read.WithContext(ctx))
}

func planTemplates(q *gorm.DB) ([]retirement.Template, error) {
	var rows []templateRow
	if err := q.Table("plan_templates t").Where(latestTemplate).Order("t.slug").Limit(retirement.MostTemplates).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("plan templates: %w", err)
	}
	var out []retirement.Template
	own := map[string]bool{}
	for _, r := range rows {
		own[r.Slug] = true
		out = append(out, r.template())
	}
	for _, t := range retirement.StartingTemplates() {
		if !own[t.Slug] {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b retirement.Template) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Slug, b.Slug)
	})
	return out, nil
}

// PlanTemplate is a template as it stands.
func (s *Store) PlanTemplate(ctx context.Context, slug string) (retirement.Template, error) {
	return planTemplate(s.read.WithContext(ctx), slug)
}

func planTemplate(q *gorm.DB, slug string) (retirement.Template, error) {
	var rows []templateRow
	if err := q.Where("slug = ?", slug).Order("number DESC").Limit(1).Find(&rows).Error; err != nil {
		return retirement.Template{}, fmt.Errorf("plan template: %w", err)
	}
	if len(rows) > 0 {
		return rows[0].template(), nil
	}
	return startingTemplate(slug)
}

func startingTemplate(slug string) (retirement.Template, error) {
	for _, t := range retirement.StartingTemplates() {
		if t.Slug == slug {
			return t, nil
		}
	}
	return retirement.Template{}, fault.New(fault.NotFound, "There is no such template.")
}

// mostTemplateNumbers is how far back a template's page looks.
const mostTemplateNumbers = 200

// PlanTemplateNumbers are the numbers of a template, newest first, at most 200.
func (s *Store) PlanTemplateNumbers(ctx context.Context, slug string) ([]retirement.Template, error) {
	var rows []templateRow
	if err := s.read.WithContext(ctx).Where("slug = ?", slug).Order("number DESC").Limit(mostTemplateNumbers).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("plan template: %w", err)
	}
	var out []retirement.Template
	for _, r := range rows {
		out = append(out, r.template())
	}
	if t, err := startingTemplate(slug); err == nil && len(rows) < mostTemplateNumbers {
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "There is no such template.")
	}
	return out, nil
}

// AddPlanTemplate keeps a template that a rule made.
func (s *Store) AddPlanTemplate(ctx context.Context, fn func(now time.Time) (*retirement.Template, error)) (retirement.Template, error) {
	var out retirement.Template
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.actorStands(); err != nil {
			return err
		}
		t, err := fn(tx.s.Now())
		if err != nil {
			return err
		}
		all, err := planTemplates(tx.DB)
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(all, func(x retirement.Template) bool { return x.Slug == t.Slug }):
			return fault.At("slug", "Another template has this short name already.")
		case len(all) >= retirement.MostTemplates:
			return fault.Newf(fault.Conflict, "There are %d templates already. Edit one of them instead.", len(all))
		}
		if err := tx.keepTemplate(t); duplicate(err) {
			return fault.At("slug", "Another template has this short name already.")
		} else if err != nil {
			return err
		}
		out = *t
		return nil
	})
	return out, err
}

// ChangePlanTemplate runs a rule on a template and keeps the number that it made. number is the one that the
// caller's form was made from: somebody else's number after it makes the form stale.
func (s *Store) ChangePlanTemplate(ctx context.Context, slug string, number int, fn func(t *retirement.Template, now time.Time) error) (retirement.Template, error) {
	var out retirement.Template
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.actorStands(); err != nil {
			return err
		}
		t, err := planTemplate(tx.DB, slug)
		if err != nil {
			return err
		}
		if t.Number != number {
			return stale()
		}
		if err := fn(&t, tx.s.Now()); err != nil {
			return err
		}
		// Two who change the same number at once meet at the unique key of slug and number.
		if err := tx.keepTemplate(&t); duplicate(err) {
			return stale()
		} else if err != nil {
			return err
		}
		out = t
		return nil
	})
	return out, err
}

func (tx *txn) keepTemplate(t *retirement.Template) error {
	row := templateToRow(t)
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("keep template: %w", err)
	}
	t.Fill("template", row.ID)
	tx.take(&t.Trail)
	return nil
}
