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

// VendorsCSV is the filtered list of vendor models in use as a file.
func VendorsCSV() string { return "/vendors.csv" }

// VendorCatalogue is every row of the catalogue, in use or not, and VendorCatalogueCSV its file.
func VendorCatalogue() string    { return "/vendors/catalogue" }
func VendorCatalogueCSV() string { return "/vendors/catalogue.csv" }

// VendorModel is one vendor model: what each source says of it, who uses it, how its dates moved.
func VendorModel(host, model string) string {
	return With("/vendors/model", "host", host, "id", model)
}

// VendorOfVersion leads to the vendor model that a version is built on.
func VendorOfVersion(slug, label string) string {
	return path("models", slug, "versions", label, "vendor")
}

// VendorReading is what somebody says of a vendor model, to be confirmed or refused.
func VendorReading(n int64) string { return path("vendors", "readings", id(n)) }

// VendorImport takes a file of vendor models in, VendorImportPreview shows what it would do, and
// VendorImportApply does it.
func VendorImport() string { return "/vendors/import" }

func VendorImportPreview(pairs ...string) string {
	return With("/vendors/import/preview", pairs...)
}

func VendorImportApply() string { return "/vendors/import/apply" }

// VersionOnSuccessor is the form of a new version with the facts of another, on another vendor model.
func VersionOnSuccessor(slug, from, host, model string) string {
	return With(NewVersion(slug), "from", from, "host", host, "model_id", model)
}

// NewVendorModel and EditVendorModel are the forms of the catalogue.
func NewVendorModel() string { return "/vendors/new" }

func EditVendorModel(host, model string) string {
	return With("/vendors/edit", "host", host, "id", model)
}

// TryVendorModel tells of any id whether it is pinned.
func TryVendorModel() string { return "/vendors/try" }
