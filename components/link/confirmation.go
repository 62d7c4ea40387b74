package link

// Confirm is where owners and deputies confirm their entries, all on one page.
func Confirm() string { return "/confirm" }

// Confirmations is what was confirmed in a quarter and what nobody confirmed, ConfirmationsCSV its file.
func Confirmations() string    { return "/confirmations" }
func ConfirmationsCSV() string { return "/confirmations.csv" }
