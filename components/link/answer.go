package link

// Answer is where a consumer answers, by the token of their letter.
func Answer(token string) string { return path("answer", token) }
