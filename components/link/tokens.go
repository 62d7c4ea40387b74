package link

// Tokens are one's own service tokens.
func Tokens() string             { return "/tokens" }
func NewToken() string           { return "/tokens/new" }
func RevokeToken(n int64) string { return path("tokens", id(n), "revoke") }

// AdminTokens are everybody's.
func AdminTokens() string             { return "/admin/tokens" }
func AdminTokensCSV() string          { return "/admin/tokens.csv" }
func AdminRevokeToken(n int64) string { return path("admin", "tokens", id(n), "revoke") }

// AdminTokensOf are one person's, for administrators.
func AdminTokensOf(person int64) string { return With("/admin/tokens", "owner", id(person)) }

// NewCalendarToken is the form of a token that can read the calendar and nothing else.
func NewCalendarToken() string {
	return With(NewToken(), "scope", "calendar", "name", "My calendar")
}
