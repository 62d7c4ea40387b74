package link

import "strconv"

// RetirementCertificatePDF is the certificate as a file, and RetirementDossier what it rests on.
func RetirementCertificatePDF(slug string) string {
	return path("models", slug, "retirement", "certificate.pdf")
}
func RetirementDossier(slug string) string { return path("models", slug, "retirement", "dossier.json") }

// AuditOfRetirement is the events about one retirement.
func AuditOfRetirement(n int64) string {
	return With("/audit", "kind", "retirement", "subject", strconv.FormatInt(n, 10))
}
