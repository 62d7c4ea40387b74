package registry

import (
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/layout"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/web/respond"
)

// ---- what it is called and for -----------------------------------------------------------------

var basicsPart = part{
	shape: basicsShape, act: org.Edit,
	words: map[string]string{"name": "Name", "slug": "Short name", "kind": "Kind", "purpose": "Purpose", "tier": "Risk tier"},
	stored: func(m registry.Model) views.Stored {
		s := views.Stored{"name": m.Name, "slug": m.Slug, "kind": string(m.Kind), "purpose": m.Purpose, "tier": ""}
		if m.Tier != 0 {
			s["tier"] = strconv.Itoa(int(m.Tier))
		}
		return s
	},
	draw: func(h Handlers, c echo.Context, status int, p layout.Props, v views.EditView, m registry.Model) error {
		has, err := h.Store.HasVersions(c.Request().Context(), m.ID)
		if err != nil {
			return err
		}
		return respond.HTML(c, status, views.Basics(p, views.BasicsView{EditView: v, Open: !has}))
	},
}

// EditBasics shows the form.
func (h Handlers) EditBasics(c echo.Context) error { return h.edit(c, basicsPart) }

// SaveBasics changes what a model is called and for.
func (h Handlers) SaveBasics(c echo.Context) error {
	var in basicsForm
	return h.save(c, basicsPart, &in, &in.Revision, func(context.Context, registry.Model) (rule, error) {
		return func(m *registry.Model, versions bool) error {
			return m.EditBasics(auth.Actor(c), in.basics(), versions, h.Clock())
		}, nil
	})
}

// ---- who answers for it --------------------------------------------------------------------------

var peoplePart = part{
	shape: peopleShape, act: org.Assign,
	words: map[string]string{"team": "Team", "owner": "Owner", "deputy": "Deputy"},
	stored: func(m registry.Model) views.Stored {
		return views.Stored{"team": idText(m.TeamID), "owner": idText(m.OwnerID), "deputy": idText(m.DeputyID)}
	},
	draw: func(h Handlers, c echo.Context, status int, p layout.Props, v views.EditView, m registry.Model) error {
		ctx := c.Request().Context()
		view := views.PeopleView{EditView: v}
		var err error
		if view.Teams, err = h.teamOptions(ctx, auth.Actor(c), org.Assign, m.TeamID); err != nil {
			return err
		}
		if view.People, err = h.peopleOptions(ctx, m.TeamID, m.OwnerID, m.DeputyID); err != nil {
			return err
		}
		named(view.Clashes, view.Teams, view.People)
		return respond.HTML(c, status, views.EditPeople(p, view))
	},
}

// named turns the ids of a conflict into names.
func named(clashes []ui.Clash, teams, people []ui.Option) {
	for i := range clashes {
		options := people
		if clashes[i].Label == "Team" {
			options = teams
		}
		for _, side := range []*string{&clashes[i].Yours, &clashes[i].Theirs} {
			for _, o := range options {
				if *side == o.Value {
					*side = o.Label
					break
				}
			}
		}
	}
}

// EditPeople shows the form.
func (h Handlers) EditPeople(c echo.Context) error { return h.edit(c, peoplePart) }

// SavePeople changes who answers for a model.
func (h Handlers) SavePeople(c echo.Context) error {
	var in peopleForm
	return h.save(c, peoplePart, &in, &in.Revision, func(ctx context.Context, m registry.Model) (rule, error) {
		dir, err := h.Store.Directory(ctx, in.Owner, in.Deputy, m.OwnerID, m.DeputyID)
		return func(m *registry.Model, _ bool) error {
			return m.EditPeople(auth.Actor(c), in.people(), dir, h.Clock())
		}, err
	})
}

// ---- what is promised ----------------------------------------------------------------------------

var promisesPart = part{
	shape: shape{plain: []string{"availability", "latency", "quality_metric", "quality_operator", "quality_threshold", "support", "deprecation_on", "retraining_days"}},
	act:   org.Edit,
	words: map[string]string{"availability": "Availability", "latency": "Latency", "quality_metric": "Quality metric", "quality_operator": "Operator",
		"quality_threshold": "Threshold", "support": "Support", "deprecation_on": "Deprecation date", "retraining_days": "Retraining"},
	stored: func(m registry.Model) views.Stored {
		s := m.SLA
		out := views.Stored{"availability": numberText(s.AvailabilityPercent), "latency": numberText(float64(s.LatencyP95Millis)), "quality_metric": s.QualityMetric,
			"quality_operator": s.QualityOperator, "quality_threshold": numberText(s.QualityThreshold), "support": s.Support, "deprecation_on": string(m.DeprecationOn), "retraining_days": numberText(float64(m.RetrainingDays))}
		if s.QualityMetric != "" {
			out["quality_threshold"] = strconv.FormatFloat(s.QualityThreshold, 'f', -1, 64) // 0 is a threshold
		}
		return out
	},
	draw: func(_ Handlers, c echo.Context, status int, p layout.Props, v views.EditView, m registry.Model) error {
		return respond.HTML(c, status, views.Promises(p, v, m.Kind == registry.Trained))
	},
}

// numberText writes a number into a form; what is not promised is "".
func numberText(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// EditPromises shows the form.
func (h Handlers) EditPromises(c echo.Context) error { return h.edit(c, promisesPart) }

// SavePromises changes the service level and the deprecation date.
func (h Handlers) SavePromises(c echo.Context) error {
	var in struct {
		Availability  float64 `form:"availability"`
		Latency       int     `form:"latency"`
		Metric        string  `form:"quality_metric"`
		Operator      string  `form:"quality_operator"`
		Threshold     float64 `form:"quality_threshold"`
		Support       string  `form:"support"`
		DeprecationOn day.Day `form:"deprecation_on"`
		Retraining    int     `form:"retraining_days"`
		Revision      int64   `form:"revision"`
	}
	return h.save(c, promisesPart, &in, &in.Revision, func(context.Context, registry.Model) (rule, error) {
		return func(m *registry.Model, _ bool) error {
			return m.EditPromises(auth.Actor(c), registry.Promises{DeprecationOn: in.DeprecationOn, RetrainingDays: in.Retraining, SLA: registry.SLA{AvailabilityPercent: in.Availability,
				LatencyP95Millis: in.Latency, QualityMetric: in.Metric, QualityOperator: in.Operator, QualityThreshold: in.Threshold, Support: in.Support}}, h.Clock())
		}, nil
	})
}

// ---- who depends on it ---------------------------------------------------------------------------

var consumersPart = part{
	shape: shape{plain: []string{"no_consumers_reason"}, lists: map[string][]string{"consumers": {"name", "contact", "criticality", "integration", "notice_days"}}},
	act:   org.Edit,
	words: map[string]string{"no_consumers_reason": "Why there are none", "notice_days": "days of notice"},
	stored: func(m registry.Model) views.Stored {
		out := views.Stored{"no_consumers_reason": m.NoConsumersReason}
		for i, x := range m.Consumers {
			out[views.Row("consumers", i, "name")], out[views.Row("consumers", i, "contact")] = x.Name, x.Contact
			out[views.Row("consumers", i, "criticality")], out[views.Row("consumers", i, "integration")] = x.Criticality, x.Integration
			out[views.Row("consumers", i, "notice_days")] = strconv.Itoa(x.NoticeDays)
		}
		return out
	},
	draw: func(_ Handlers, c echo.Context, status int, p layout.Props, v views.EditView, _ registry.Model) error {
		return respond.HTML(c, status, views.Consumers(p, v))
	},
}

// EditConsumers shows the form.
func (h Handlers) EditConsumers(c echo.Context) error { return h.edit(c, consumersPart) }

// SaveConsumers changes who depends on a model.
func (h Handlers) SaveConsumers(c echo.Context) error {
	var in struct {
		Consumers []struct {
			Name        string `form:"name"`
			Contact     string `form:"contact"`
			Criticality string `form:"criticality"`
			Integration string `form:"integration"`
			NoticeDays  int    `form:"notice_days"`
		} `form:"consumers"`
		Reason   string `form:"no_consumers_reason" is:"text"`
		Revision int64  `form:"revision"`
	}
	return h.save(c, consumersPart, &in, &in.Revision, func(context.Context, registry.Model) (rule, error) {
		list := make([]registry.Consumer, 0, len(in.Consumers))
		for _, x := range in.Consumers {
			list = append(list, registry.Consumer(x))
		}
		return func(m *registry.Model, _ bool) error {
			return m.EditConsumers(auth.Actor(c), list, in.Reason, h.Clock())
		}, nil
	})
}
