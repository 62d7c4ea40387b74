package link

import "strconv"

// RetirementNumber is one number of a model's plan as it was kept.
func RetirementNumber(slug string, number int) string {
	return path("models", slug, "retirement", strconv.Itoa(number))
}

// RetirementPlans is the list of every model's plan, and RetirementPlansCSV its file.
func RetirementPlans() string    { return "/retirements/plans" }
func RetirementPlansCSV() string { return "/retirements.csv" }

// RetirementsFeed is the days on which models end, for calendar programs.
func RetirementsFeed() string { return "/retirements.ics" }
