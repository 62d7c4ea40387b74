package web

import (
	"regexp"

	"sundial/models/notice"
)

// answerToken is what follows the path of consumers' answers, in whatever is logged: an address of one
// that an error quotes, a panic's words. A route's own pattern is no token.
var answerToken = regexp.MustCompile(regexp.QuoteMeta(notice.AnswerPath) + `[^:\s/?#"'&<>][^\s/?#"'&<>]*`)

// withoutTokens leaves out what would let a reader of the log answer in a consumer's name.
func withoutTokens(s string) string {
	return answerToken.ReplaceAllString(s, notice.AnswerPath+"…")
}
