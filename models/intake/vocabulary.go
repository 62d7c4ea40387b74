package intake

import (
	"strings"

	"sundial/models/registry"
)

// The words by which inventories name stages, tiers and kinds. They only feed guesses: what counts is
// the mapping that a person has seen.

var stageWords = map[string]Reported{
	"planned": Planned, "planning": Planned, "ideation": Planned, "idea": Planned, "initiated": Planned,
	"initiation": Planned, "proposed": Planned, "concept": Planned, "pre-deployment": Developing,
	"acquisition and/or development": Developing, "acquisition": Developing, "development": Developing,
	"in development": Developing, "developing": Developing, "experiment": Developing, "pilot": Developing,
	"piloting": Developing, "implementation and assessment": Developing, "implementation": Developing,
	"testing": Developing, "prototype": Developing, "proof of concept": Developing, "validation": Developing,
	"staging": Developing, "staged": Developing, "in progress": Developing, "active development": Developing,
	"operation and maintenance": Operating, "operations and maintenance": Operating, "in production": Operating,
	"production": Operating, "in mission": Operating, "in operation": Operating, "operational": Operating,
	"operating": Operating, "deployed": Operating, "deployment": Operating, "live": Operating, "in use": Operating,
	"active": Operating, "operation": Operating, "maintenance": Operating,
	"retired": Retired, "decommissioned": Retired, "discontinued": Retired, "sunset": Retired,
	"terminated": Retired, "withdrawn": Retired, "inactive": Retired, "archived": Retired, "retirement": Retired,
}

// guessStage reads a stage's name: in full, before an explanation ("Pilot - the use case is ..."), or
// from its beginning. What has ended in another way ("Research complete") is left to the person.
func guessStage(value string) (Reported, bool) {
	v := fold(value)
	if r, ok := stageWords[v]; ok {
		return r, true
	}
	for _, cut := range []string{" - ", ": ", " (", ". "} {
		if head, _, found := strings.Cut(v, cut); found {
			if r, ok := stageWords[head]; ok {
				return r, true
			}
		}
	}
	return NotStated, false
}

var tierWords = map[string]registry.Tier{
	"1": 1, "tier 1": 1, "high": 1, "high risk": 1, "high-risk": 1, "high-impact": 1, "high impact": 1, "critical": 1,
	"both": 1, "rights-impacting": 1, "safety-impacting": 1, "rights impacting": 1, "safety impacting": 1,
	"rights- and safety-impacting": 1, "presumed high-impact": 1,
	"2": 2, "tier 2": 2, "medium": 2, "moderate": 2, "limited": 2, "limited risk": 2, "medium risk": 2,
	"3": 3, "tier 3": 3, "low": 3, "minimal": 3, "minimal risk": 3, "low risk": 3, "neither": 3,
	"not high-impact": 3, "not high impact": 3, "low impact": 3, "not presumed high-impact": 3,
}

func guessTier(value string) (registry.Tier, bool) {
	t, ok := tierWords[fold(value)]
	return t, ok
}

var kindWords = map[string]registry.Kind{
	"trained": registry.Trained, "machine learning": registry.Trained, "ml": registry.Trained,
	"classical/predictive machine learning": registry.Trained, "predictive": registry.Trained,
	"classical machine learning": registry.Trained, "computer vision": registry.Trained,
	"deep learning": registry.Trained, "reinforcement learning": registry.Trained, "natural language processing": registry.Trained,
	"natural language processing (nlp)": registry.Trained,
	"genai":                             registry.GenAI, "gen ai": registry.GenAI, "generative ai": registry.GenAI, "generative": registry.GenAI,
	"llm": registry.GenAI, "large language model": registry.GenAI, "foundation model": registry.GenAI, "agentic ai": registry.GenAI,
}

func guessKind(value string) (registry.Kind, bool) {
	k, ok := kindWords[fold(value)]
	return k, ok
}

// genAIWords are whole words whose presence in a name or purpose speaks for GenAI.
var genAIWords = []string{"generative", "genai", "gen ai", "llm", "llms", "large language model", "large language models",
	"gpt", "chatgpt", "copilot", "claude", "gemini"}

// hints are the phrases of column titles, the most telling first, and the values that speak for a field.
type hint struct {
	field   Field
	exact   []string // whole titles, folded
	phrases []string // parts of a title
	never   []string // parts that speak against
}

var hints = []hint{
	{FieldName,
		[]string{"name", "use case name", "model name", "system name", "model", "title", "application name", "project name", "system"},
		[]string{"use case name", "model name", "name of the use case", "name of the system"},
		[]string{"agency", "bureau", "owner", "vendor", "team", "provider", "office", "company", "contact"}},
	{FieldPurpose,
		[]string{"purpose", "description", "summary", "use case description", "intended purpose"},
		[]string{"intended purpose", "problem is the ai intended to solve", "purpose and", "what does the", "purpose of", "summary of"},
		[]string{"date", "data"}},
	{FieldDepartment,
		[]string{"department", "agency", "agency name", "division", "business unit", "organisation", "organization", "directorate"},
		[]string{"department", "agency name", "business unit"},
		[]string{"abbreviation", "does the", "has ", "is the", "have "}},
	{FieldTeam,
		[]string{"team", "bureau", "bureau component", "bureau / component", "office", "group", "squad", "component", "sub-agency", "team name"},
		[]string{"bureau", "team", "owning group", "bureau/component"},
		[]string{"does ", "has ", "is the", "development team size"}},
	{FieldOwner,
		[]string{"owner", "owner email", "model owner", "contact", "contact email", "responsible", "responsible person", "point of contact", "poc", "e-mail", "email", "product owner", "business owner"},
		[]string{"owner", "point of contact", "responsible person", "contact e-mail", "contact email"},
		[]string{"agency-owned", "owned data", "does "}},
	{FieldKind,
		[]string{"kind", "type", "model type", "ai type", "ai classification", "ai technique", "technique"},
		[]string{"ai classification", "type of ai", "kind of model", "type of model", "category of ai"},
		[]string{"data", "topic"}},
	{FieldStage,
		[]string{"stage", "status", "stage of development", "development stage", "lifecycle stage", "phase", "state", "life cycle stage", "current stage"},
		[]string{"stage of development", "development stage", "lifecycle stage", "life cycle stage", "current status", "stage of the system"},
		nil},
	{FieldTier,
		[]string{"tier", "risk tier", "risk", "risk level", "risk class", "impact", "impact level", "criticality", "high-impact", "is the ai use case high-impact?"},
		[]string{"rights-impacting, safety-impacting", "rights-impacting", "high-impact", "risk tier", "risk level", "risk class"},
		[]string{"justification", "key risks", "explain", "why", "extension"}},
	{FieldStarted,
		[]string{"date initiated", "started", "start date", "started on", "created", "created on", "initiation date", "begin date"},
		[]string{"date initiated", "start date", "initiation date", "work began"}, nil},
	{FieldOperating,
		[]string{"date implemented", "implemented", "go-live", "go live", "go-live date", "in production since", "operational date", "deployment date", "deployed on", "live since", "in operation since", "implementation date", "date deployed"},
		[]string{"date implemented", "operational date", "became operational", "go-live", "in production since", "in operation since", "deployment date"}, nil},
	{FieldRetired,
		[]string{"date retired", "retired", "retired on", "retirement date", "end date", "decommissioned", "decommission date", "sunset date"},
		[]string{"date retired", "retirement date", "decommission date", "date of retirement"}, nil},
	{FieldVendor,
		[]string{"vendor", "provider", "supplier", "vendor name", "vendor(s)", "vendor name(s)", "manufacturer"},
		[]string{"vendor name", "name of the vendor", "vendor(s)", "supplier name"},
		[]string{"does ", "is the", "has "}},
	{FieldURL,
		[]string{"url", "link", "repository", "code repository", "repo", "source code", "git", "github", "website"},
		[]string{"link for the publicly available source code", "source code link", "open-source code link", "code repository", "repository url", "provide the link"},
		nil},
}
