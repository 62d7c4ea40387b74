package link

// AdminPeople, AdminPerson and AdminTeams are what administrators look after.
func AdminPeople() string { return "/admin/people" }

func AdminPerson(n int64) string { return path("admin", "people", id(n)) }

// AdminPersonAct is a verb on a person: disable, enable, sessions.
func AdminPersonAct(n int64, verb string) string { return path("admin", "people", id(n), verb) }

func AdminTeams() string           { return "/admin/teams" }
func AdminNewTeam() string         { return "/admin/teams/new" }
func AdminNewDepartment() string   { return "/admin/departments/new" }
func AdminTeam(slug string) string { return path("admin", "teams", slug) }
func AdminDepartment(slug string) string {
	return path("admin", "departments", slug)
}

// VerifyAudit walks the chain.
func VerifyAudit() string { return "/audit/verify" }

// AuditOfModel is what was done about one model.
func AuditOfModel(slug string) string { return With("/audit", "model", slug) }

// VendorsCSV is the filtered catalogue as a file.
func VendorsCSV() string { return "/vendors.csv" }

// NewVendorModel and EditVendorModel are the forms of the catalogue.
func NewVendorModel() string { return "/vendors/new" }

func EditVendorModel(host, model string) string {
	return With("/vendors/edit", "host", host, "id", model)
}

// TryVendorModel tells of any id whether it is pinned.
func TryVendorModel() string { return "/vendors/try" }
