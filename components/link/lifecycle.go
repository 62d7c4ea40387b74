package link

// EvidenceFor is the form for one kind of evidence.
func EvidenceFor(slug, label, kind string) string {
	return With(NewEvidence(slug, label), "kind", kind)
}

// WithdrawEvidence asks why evidence no longer counts, and takes it back.
func WithdrawEvidence(slug, label string, n int64) string {
	return path("models", slug, "versions", label, "evidence", id(n), "withdraw")
}

// BreakGlass promotes at once, with a review owed.
func BreakGlass(slug, label string) string {
	return path("models", slug, "versions", label, "break-glass")
}

// NewWaiver asks for a check to be set aside.
func NewWaiver(slug, label, check string) string {
	return With(path("models", slug, "versions", label, "waivers", "new"), "check", check)
}

// AskMove is where the form of NewTransition goes.
func AskMove(slug, label string) string {
	return path("models", slug, "versions", label, "transitions", "new")
}

// Waivers are the checks that somebody asks to set aside.
func Waivers() string { return "/waivers" }

// Waiver is one of them.
func Waiver(n int64) string { return path("waivers", id(n)) }
