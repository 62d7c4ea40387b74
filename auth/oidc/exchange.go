package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// tokens is a token answer whose form holds; nothing in it is verified yet.
type tokens struct {
	access  string
	refresh string
	id      string // may be empty when refreshing
	expiry  time.Time
}

// exchange trades the code for tokens.
func (p *Provider) exchange(ctx context.Context, meta *metadata, code, verifier string) (tokens, error) {
	answer, err := p.oauth(meta).Exchange(p.outgoing(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return tokens{}, tokenFailure("trading the code", err)
	}
	got, err := wellFormed(answer)
	if err != nil {
		return tokens{}, err
	}
	if got.id == "" {
		return tokens{}, distrust("it holds no ID token", nil)
	}
	return got, nil
}

// outgoing makes oauth2 use the careful client, which is told by context there.
func (p *Provider) outgoing(ctx context.Context) context.Context {
	return gooidc.ClientContext(ctx, p.http)
}

func wellFormed(answer *oauth2.Token) (tokens, error) {
	if !strings.EqualFold(answer.TokenType, "Bearer") {
		return tokens{}, distrust("its token is of a kind that cannot be used", errors.New("token_type is not Bearer"))
	}
	got := tokens{access: answer.AccessToken, refresh: answer.RefreshToken, expiry: answer.Expiry}
	if given := answer.Extra("id_token"); given != nil {
		id, isText := given.(string)
		if !isText || id == "" {
			return tokens{}, distrust("it holds no ID token", errors.New("id_token is not a string"))
		}
		got.id = id
	}
	return got, nil
}

// tokenFailure tells a provider that says no from one that cannot answer. oauth2's own text holds the whole body, which may
// hold tokens, so only the error's registered name goes on.
func tokenFailure(doing string, err error) error {
	var said *oauth2.RetrieveError
	if !errors.As(err, &said) {
		return unavailable(doing, withoutBody(err))
	}
	status := 0
	if said.Response != nil {
		status = said.Response.StatusCode
	}
	detail := fmt.Errorf("status %d, error %q", status, errorName(said.ErrorCode))
	switch said.ErrorCode {
	case "", "temporarily_unavailable", "server_error":
		return unavailable(doing, detail)
	case "invalid_client", "unauthorized_client":
		return unavailable(doing, detail) // our secret is wrong: nothing the person could mend
	}
	if status == http.StatusTooManyRequests {
		return unavailable(doing, detail)
	}
	// Whatever the status: Dex says no to somebody who was removed with 500.
	return distrust("it did not accept this sign-in, perhaps because it was used before or took too long", &saidNo{said.ErrorCode, fmt.Errorf("%s: %w", doing, detail)})
}

// saidNo is the provider's own error name, for whoever must tell invalid_grant from the rest.
type saidNo struct {
	code   string
	detail error
}

func (s *saidNo) Error() string { return s.detail.Error() }

// withoutBody keeps the cause of a failed request; for an answer that could not be read it says only that.
func withoutBody(err error) error {
	if text := err.Error(); strings.HasPrefix(text, "oauth2: ") {
		return errors.New("the token answer cannot be read")
	}
	return err
}

var plainName = regexp.MustCompile(`^[a-z0-9_.-]{1,64}$`)

// errorName lets only names through that look like the registered ones.
func errorName(code string) string {
	if !plainName.MatchString(code) {
		return "unnamed"
	}
	return code
}

// refresh trades a refresh token for new tokens. A provider that does not rotate answers without a new one, and the old stays.
func (p *Provider) refresh(ctx context.Context, meta *metadata, token string) (tokens, error) {
	// A source whose access token is empty refreshes at once.
	answer, err := p.oauth(meta).TokenSource(p.outgoing(ctx), &oauth2.Token{RefreshToken: token}).Token()
	if err != nil {
		return tokens{}, tokenFailure("refreshing", err)
	}
	return wellFormed(answer)
}
