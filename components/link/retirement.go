package link

import "strconv"

// RetirementNumber is one number of a model's plan as it was kept.
func RetirementNumber(slug string, number int) string {
	return path("models", slug, "retirement", strconv.Itoa(number))
}

// RetirementsCSV is the list of plans as a file.
func RetirementsCSV() string { return "/retirements.csv" }
