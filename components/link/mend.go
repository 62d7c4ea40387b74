package link

// Mend is where a check of the gate is mended: where is the part that the check names, key the check.
func Mend(where, key, slug, label string) string {
	switch key {
	case "owner", "deputy", "team":
		return EditPeople(slug)
	case "sla", "cadence":
		return EditPromises(slug)
	}
	if label == "" && (where == "version" || where == "evidence" || where == "vendor" || where == "requests") {
		return NewVersion(slug)
	}
	switch where {
	case "model":
		return EditModel(slug)
	case "consumers":
		return Consumers(slug)
	case "version":
		return EditVersion(slug, label)
	case "evidence":
		return NewEvidence(slug, label)
	case "plan":
		return Retirement(slug)
	case "vendor":
		return VendorOfVersion(slug, label)
	case "monitoring":
		return Monitoring(slug)
	case "stamps":
		return Monitoring(slug) + "#traffic"
	}
	return Version(slug, label)
}
