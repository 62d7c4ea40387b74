package link

import "strconv"

// RetirementNumber is one number of a model's plan as it was kept.
func RetirementNumber(slug string, number int) string {
	return path("models", slug, "retirement", strconv.Itoa(number))
}

// RetirementPlans is the list of every model's plan, and RetirementPlansCSV its file.
func RetirementPlans() string    { return "/retirements/plans" }
func RetirementPlansCSV() string { return "/retirements.csv" }

// RetirementsTimeline is what ends in the coming 18 months, and RetirementsTimelineCSV its file.
func RetirementsTimeline() string    { return "/retirements/timeline" }
func RetirementsTimelineCSV() string { return "/retirements/timeline.csv" }

// RetirementsUnused is what could end without anybody noticing, and RetirementsUnusedCSV its file.
func RetirementsUnused() string    { return "/retirements/unused" }
func RetirementsUnusedCSV() string { return "/retirements/unused.csv" }

// PlanTemplates are prefilled plans, and PlanTemplatesCSV their list as a file.
func PlanTemplates() string    { return "/admin/plan-templates" }
func PlanTemplatesCSV() string { return "/admin/plan-templates.csv" }

// NewPlanTemplate and EditPlanTemplate are the forms of a template's name and use.
func NewPlanTemplate() string { return "/admin/plan-templates/new" }

func EditPlanTemplate(slug string) string { return path("admin", "plan-templates", slug, "edit") }

func PlanTemplate(slug string) string { return path("admin", "plan-templates", slug) }

// PlanTemplateSection is one section of a template as a form.
func PlanTemplateSection(slug, section string) string {
	return path("admin", "plan-templates", slug, "edit", section)
}

// PlanTemplateAct is a verb on a template: retire, revive.
func PlanTemplateAct(slug, verb string) string { return path("admin", "plan-templates", slug, verb) }

// RetirementsFeed is the days on which models end, for calendar programs.
func RetirementsFeed() string { return "/retirements.ics" }

// Workflow is how a model's retirement goes, and WorkflowNumber one that came before.
func Workflow(slug string) string { return path("models", slug, "retirement", "workflow") }

// WorkflowNumber is one workflow of a model, by its number.
func WorkflowNumber(slug string, number int) string {
	return path("models", slug, "retirement", "workflow", strconv.Itoa(number))
}

// WorkflowAct is something done to a workflow: its form by GET, the deed by POST. key is what it is done
// to, "" for the workflow itself.
func WorkflowAct(slug, act, key string) string {
	to := path("models", slug, "retirement", "do", act)
	if key != "" {
		to += "?key=" + key
	}
	return to
}

// RetirementCertificate is the page that says that a model is retired.
func RetirementCertificate(slug string) string {
	return path("models", slug, "retirement", "certificate")
}

// RetirementsBoardCSV is the board as a file.
func RetirementsBoardCSV() string { return "/retirements/board.csv" }
