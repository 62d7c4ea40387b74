// Package demodata makes a believable organisation for the demo: departments, teams, people and models
// in all stages, good and bad. Everybody and everything in it is invented. It goes through the same
// rules and store functions as the portal, so that nothing in it could not have happened there.
package demodata

import (
	"sundial/auth"
	"sundial/auth/demoidp"
	"sundial/models/org"
)

// domain is reserved for documentation: no mail to it reaches anybody.
const domain = "@gnomon.example"

// person is a demo person with the groups that the demo's provider says they are in.
type person struct {
	subject, name, title, does string
	groups                     []string
}

var people = []person{
	{"mira", "Mira Meridian", "Model owner", "Owns fraud models: registers versions, files retirement plans, asks for promotion.",
		[]string{"sundial-contributors", "team-payment-fraud"}},
	{"dara", "Dara Dusk", "Contributor and deputy", "Builds versions in the fraud team and stands in for Mira.",
		[]string{"sundial-contributors", "team-payment-fraud"}},
	{"otto", "Otto Orrery", "Contributor, support team", "Owns the support assistants, GenAI models on vendors' APIs.",
		[]string{"sundial-contributors", "team-support-assistants"}},
	{"rowan", "Rowan Reckoner", "Reviewer", "Decides transition requests and retirement plans.",
		[]string{"sundial-reviewers", "team-credit-scoring"}},
	{"greta", "Greta Gnomon", "Risk reviewer", "The second pair of eyes at tier 1; imports inventories; may break glass.",
		[]string{"sundial-risk", "team-model-risk"}},
	{"leo", "Leo Longshadow", "Leadership", "Wants to know what is in production and what is about to end.",
		[]string{"sundial-leadership"}},
	{"ada", "Ada Almanac", "Auditor", "Reads everything, changes nothing.",
		[]string{"sundial-auditors"}},
	{"alma", "Alma Analemma", "Administrator", "Looks after people, teams and imports.",
		[]string{"sundial-admins", "sundial-contributors"}},
	{"vic", "Vic Vernal", "Viewer", "Signed in, with no role: reads.",
		nil},
}

// People are the demo's people for its identity provider, one per role.
func People() []demoidp.Person {
	out := make([]demoidp.Person, 0, len(people))
	for _, p := range people {
		out = append(out, demoidp.Person{Subject: p.subject, Name: p.name, Email: p.subject + domain, Groups: p.groups, Title: p.title, Description: p.does})
	}
	return out
}

// Grants says which role each group gives.
func Grants() auth.Grants {
	return auth.Grants{
		"sundial-contributors": org.Contributor, "sundial-reviewers": org.Reviewer, "sundial-risk": org.RiskReviewer,
		"sundial-leadership": org.Leadership, "sundial-auditors": org.Auditor, "sundial-admins": org.Admin,
	}
}
