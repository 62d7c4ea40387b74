package oidc

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"sundial/models/fault"
)

// ErrUnavailable is inside every error that says nothing about the person: the provider is down, slow or misconfigured.
// Sessions live on through it.
var ErrUnavailable = errors.New("the identity provider cannot be asked")

// ErrCannotAsk is inside the error of Revalidate when there is no token left to ask with.
var ErrCannotAsk = errors.New("the provider gave no token to ask again with")

// refusal is a sentence for the person and, apart from it, a detail for the log.
type refusal struct {
	fault  *fault.Fault
	detail error
}

// Error is for the log; the person reads the fault inside.
func (r *refusal) Error() string   { return "sign-in: " + bound(r.detail.Error()) }
func (r *refusal) Unwrap() []error { return []error{r.fault, r.detail} }

// distrust refuses an answer of the provider. The reason completes "... was refused: " and is always our own words.
func distrust(reason string, detail error) error {
	if detail == nil {
		detail = errors.New(reason)
	}
	sentence := "The identity provider's answer was refused: " + reason + ". You are not signed in. Try again, and tell your administrator if it happens again."
	return &refusal{fault.New(fault.Forbidden, sentence), detail}
}

// unfit refuses what the browser brought back.
func unfit(kind fault.Kind, sentence, detail string) error {
	return &refusal{fault.New(kind, sentence), errors.New(detail)}
}

// unavailable says that the provider is at fault and nothing is known about the person.
func unavailable(doing string, err error) error {
	sentence := "The identity provider cannot be reached or is not set up correctly right now, so nobody can sign in. Try again in a minute."
	return &refusal{fault.New(fault.Unavailable, sentence), fmt.Errorf("%s: %w: %s", doing, ErrUnavailable, cause(err))}
}

// cause is an error's text without the address, whose query may carry what no log should hold.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Op + ": " + u.Err.Error()
	}
	return err.Error()
}

const longestDetail = 400

// bound keeps a stranger's text from filling or forging log lines.
func bound(s string) string {
	quoted := strconv.Quote(strings.ToValidUTF8(s[:min(len(s), longestDetail)], "?"))
	quoted = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	if len(quoted) > longestDetail || len(s) > longestDetail {
		return quoted[:min(len(quoted), longestDetail)] + "..."
	}
	return quoted
}
