package layout

import (
	"sundial/components/link"
	"sundial/components/ui"
)

// AdminTabs are the pages of what administrators look after, whatever subject they belong to.
func AdminTabs(current string) []ui.Tab {
	return []ui.Tab{
		{Label: "People", Href: link.AdminPeople(), Current: current == "people"},
		{Label: "Teams", Href: link.AdminTeams(), Current: current == "teams"},
		{Label: "Tokens", Href: link.AdminTokens(), Current: current == "tokens"},
		{Label: "Webhooks", Href: link.Webhooks(), Current: current == "webhooks"},
		{Label: "Letters", Href: link.Letters(), Current: current == "letters"},
		{Label: "Plan templates", Href: link.PlanTemplates(), Current: current == "templates"},
		{Label: "Policy", Href: link.Policy()},
	}
}
