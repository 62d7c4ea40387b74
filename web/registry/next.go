package registry

import (
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/link"
	views "sundial/components/registry"
	"sundial/components/ui"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// next chooses the one thing to do now: what is decided already waits for its decision; then what no
// longer holds of the version that serves; then what the version on its way still lacks; then its request.
func (h Handlers) next(c echo.Context, m *store.ModelView, gates []gateOf) views.NextStep {
	model := m.Facts.Model
	may := mayEdit(c, model.TeamID)
	offer := func(sentence, label, href string) views.NextStep {
		if !may.Allowed {
			return views.NextStep{Sentence: sentence}
		}
		return views.NextStep{Sentence: sentence, Label: label, Href: href}
	}
	if len(m.Open) > 0 {
		return open(auth.Actor(c), m.Open[0])
	}
	for _, g := range gates {
		if red := first(g.gate.Red()); red != nil {
			return offer(g.lacks(*red), mendLabel(*red), mend(*red, model.Slug, g.version.Label))
		}
	}
	switch {
	case len(m.Versions) == 0:
		return offer("Add the first version: how it was built, from which code or vendor model.", "Add the first version", link.NewVersion(model.Slug))
	case m.Focus == nil || m.Focus.Stage == registry.Retired:
		return offer("Every version is retired. Add a new one if the model is to live on.", "Add a version", link.NewVersion(model.Slug))
	case m.Focus.Stage == registry.Production:
		return views.NextStep{Sentence: fmt.Sprintf("Nothing. %s serves and passes every check.", m.Focus.Label)}
	}
	to := lifecycle.NextStage(m.Focus.Stage)
	return offer(fmt.Sprintf("%s passes every check of %s. Ask for the move.", m.Focus.Label, to), "Request "+string(to), link.NewTransition(model.Slug, m.Focus.Label, string(to)))
}

func open(a org.Actor, r store.RequestRow) views.NextStep {
	label := "Open the request"
	if org.May(a, org.Decide, 0).Allowed {
		label = "Review the request"
	}
	return views.NextStep{Sentence: fmt.Sprintf("%s asks for %s to move to %s. It waits for a decision.", r.Requester, r.Version, r.To), Label: label, Href: link.Request(r.ID)}
}

// first is the check to mend first: what is iron before the rest, else in the gate's order.
func first(red []lifecycle.Check) *lifecycle.Check {
	for i := range red {
		if red[i].Iron {
			return &red[i]
		}
	}
	if len(red) == 0 {
		return nil
	}
	return &red[0]
}

func (g gateOf) lacks(c lifecycle.Check) string {
	if g.serves {
		return fmt.Sprintf("%s serves, but this no longer holds: %s", g.version.Label, c.Fact)
	}
	more := ""
	if n := len(g.gate.Red()) - 1; n > 0 {
		more = fmt.Sprintf(" %s after it.", ui.Count(int64(n), "more check waits", "more checks wait"))
	}
	return fmt.Sprintf("Before %s can be %s: %s%s", g.version.Label, g.gate.To, c.Fact, more)
}

// view draws a gate: the checks that hold it back, each with where it is mended.
func (g gateOf) view(m registry.Model, mayEdit bool, now time.Time) views.GateView {
	v := views.GateView{Title: fmt.Sprintf("What %s still lacks for %s", g.version.Label, g.gate.To), Href: link.Gate(m.Slug, g.version.Label)}
	if g.serves {
		v.Title, v.Href = "What still holds of "+g.version.Label+", which serves", link.Version(m.Slug, g.version.Label)
	}
	items := make([]ui.CheckItem, 0, len(g.gate.Checks))
	for _, c := range g.gate.Checks {
		item := ui.CheckItem{Outcome: ui.Outcome(c.Outcome), Title: c.Title, Fact: c.Fact, Age: age(c.ObservedAt, now)}
		items = append(items, item)
		if !c.Green() {
			if mayEdit {
				item.FixHref, item.FixLabel = mend(c, m.Slug, g.version.Label), mendLabel(c)
			}
			v.Red = append(v.Red, item)
		}
	}
	v.Passed = ui.Summary(items)
	if len(v.Red) == 0 && !g.serves {
		v.Title = fmt.Sprintf("%s passes the gate to %s", g.version.Label, g.gate.To)
	}
	return v
}

func age(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.Ago(at, now)
}

// mend is the page on which a check is mended.
func mend(c lifecycle.Check, slug, label string) string {
	switch c.Mend {
	case "model":
		switch c.Key {
		case "owner", "deputy", "team":
			return link.EditPeople(slug)
		case "sla":
			return link.EditPromises(slug)
		}
		return link.EditModel(slug)
	case "consumers":
		return link.Consumers(slug)
	case "version":
		return link.EditVersion(slug, label)
	case "evidence":
		return link.NewEvidence(slug, label)
	case "plan":
		return link.Retirement(slug)
	case "vendor":
		return link.VendorOfVersion(slug, label)
	}
	return link.Version(slug, label)
}

// mendLabels are what a person does about a check, by its key; the others are mended on the version's form.
var mendLabels = map[string]string{
	"owner": "Name an owner", "deputy": "Name a deputy", "purpose": "State the purpose", "team": "Name a team", "tier": "Set the tier",
	"code": "Record the commit", "dataset": "Record the data", "parameters": "Record parameters", "metrics": "Record metrics",
	"environment": "Record the environment", "pin": "Pin the vendor model", "alive": "Look at the vendor model", "prompt": "Register the prompts",
	"release_parameters": "Record parameters", "tools": "Record the tools", "evaluation": "Add an evaluation", "release_evaluation": "Add an evaluation",
	"fairness": "Add a fairness check", "security_review": "Add a security review", "sla": "Set a service level", "rollback_target": "Name a rollback target",
	"rollout_plan": "State the rollout plan", "rollout_evidence": "Add shadow or canary results", "monitoring": "Say where it is watched",
	"consumers": "Name the consumers", "vendor_end": "Look at the vendor's date", "plan": "Open the retirement plan",
}

func mendLabel(c lifecycle.Check) string {
	if label, ok := mendLabels[c.Key]; ok {
		return label
	}
	return "Mend it"
}
