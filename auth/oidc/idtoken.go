package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

const (
	skew        = time.Minute         // how far the provider's clock may be from ours
	newestToken = 10 * time.Minute    // an ID token comes straight from the token endpoint, so it was made just now
	longestLife = 31 * 24 * time.Hour // from now to exp; nobody means a hundred years

	longestToken = 256 << 10 // bytes
)

// idToken is an ID token whose signature, issuer, audience and times hold.
type idToken struct {
	raw     string
	claims  claims
	subject string
	expiry  time.Time
	signed  *gooidc.IDToken
}

// idToken verifies an ID token up to, but not including, what only the flow or the other answers can tell.
func (p *Provider) idToken(ctx context.Context, meta *metadata, raw string, now time.Time) (*idToken, error) {
	c, signed, err := p.signed(ctx, meta, raw)
	if err != nil {
		return nil, err
	}
	token := &idToken{raw: raw, claims: c, signed: signed}
	if c.has("events") {
		return nil, distrust("it is a logout token and not an ID token", nil)
	}
	if err := p.meantForUs(c); err != nil {
		return nil, distrust("it is not meant for this portal", err)
	}
	if token.expiry, err = timely(c, now); err != nil {
		return nil, distrust("its times are wrong", err)
	}
	if token.subject, err = c.subject(); err != nil {
		return nil, distrust("it does not say properly who you are", err)
	}
	return token, nil
}

// signed checks the envelope, the signature, the issuer and that we are among the audience. It serves ID tokens and
// signed userinfo.
func (p *Provider) signed(ctx context.Context, meta *metadata, raw string) (claims, *gooidc.IDToken, error) {
	if err := envelope(raw); err != nil {
		return nil, nil, distrust("its token is not a proper ID token", err)
	}
	keys := &watchedKeys{set: meta.keys}
	verifier := gooidc.NewVerifier(p.cfg.Issuer, keys, &gooidc.Config{
		ClientID:             p.cfg.ClientID,
		SupportedSigningAlgs: meta.algorithms(),
		SkipExpiryCheck:      true, // ours allows for a minute of skew, see timely
	})
	signed, err := verifier.Verify(ctx, raw)
	switch {
	case errors.Is(keys.failure, ErrUnavailable):
		return nil, nil, keys.failure
	case keys.failure != nil:
		return nil, nil, distrust("its signature is not valid", keys.failure)
	case err != nil:
		return nil, nil, distrust("its token is not valid here", err)
	}
	var payload json.RawMessage
	if err := signed.Claims(&payload); err != nil {
		return nil, nil, distrust("its token cannot be read", err)
	}
	c, err := parseClaims(payload)
	if err != nil {
		return nil, nil, distrust("its token can be read in two ways", err)
	}
	if issuer, _, err := c.text("iss"); err != nil || issuer != p.cfg.Issuer {
		return nil, nil, distrust("another provider made it", err) // go-oidc makes an exception for one provider
	}
	return c, signed, nil
}

// watchedKeys remembers why a signature was not accepted: go-oidc turns the reason into text, and "the provider is
// down" must stay distinguishable from "the signature is wrong".
type watchedKeys struct {
	set     *keySet
	failure error
}

func (w *watchedKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	payload, err := w.set.VerifySignature(ctx, raw)
	w.failure = err
	return payload, err
}

// envelope takes the compact form only, with a header that neither brings its own key nor demands what we do not know.
func envelope(raw string) error {
	if len(raw) > longestToken {
		return errors.New("the token is too long")
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return errors.New("the token is not in compact form")
	}
	head, err := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	if err != nil {
		return errors.New("the token's header is not base64url")
	}
	header, err := parseObject(head)
	if err != nil {
		return fmt.Errorf("the token's header: %w", err)
	}
	for _, name := range []string{"jwk", "jku", "x5u", "crit", "b64", "enc", "zip"} {
		if header.has(name) {
			return fmt.Errorf("the token's header holds %q", name)
		}
	}
	kind, _, err := header.text("typ")
	if err != nil || !slices.Contains([]string{"", "jwt", "application/jwt"}, strings.ToLower(kind)) {
		return fmt.Errorf("the token's type is %q", kind)
	}
	return nil
}

// meantForUs checks audience and authorised party: with several audiences only azp tells who asked for the token.
func (p *Provider) meantForUs(c claims) error {
	audience, err := c.list("aud")
	if err != nil {
		return err
	}
	if !slices.Contains(audience, p.cfg.ClientID) {
		return fmt.Errorf("the audience is %q", audience)
	}
	party, there, err := c.text("azp")
	switch {
	case err != nil:
		return err
	case there && party != p.cfg.ClientID:
		return fmt.Errorf("the authorised party is %q", party)
	case !there && len(audience) > 1:
		return errors.New("several audiences and no authorised party")
	}
	return nil
}

// timely checks exp, iat and nbf, and gives exp.
func timely(c claims, now time.Time) (expiry time.Time, err error) {
	expiry, hasExpiry, err := c.moment("exp")
	if err != nil {
		return time.Time{}, err
	}
	issued, hasIssued, err := c.moment("iat")
	if err != nil {
		return time.Time{}, err
	}
	notBefore, hasNotBefore, err := c.moment("nbf")
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case !hasExpiry || !hasIssued:
		return time.Time{}, errors.New("exp or iat is missing")
	case now.After(expiry.Add(skew)):
		return time.Time{}, errors.New("it has expired")
	case expiry.After(now.Add(longestLife)):
		return time.Time{}, errors.New("it would be valid for far too long")
	case issued.After(now.Add(skew)):
		return time.Time{}, errors.New("it was issued in the future")
	case issued.Before(now.Add(-newestToken)):
		return time.Time{}, errors.New("it was issued too long ago")
	case hasNotBefore && notBefore.After(now.Add(skew)):
		return time.Time{}, errors.New("it is not valid yet")
	}
	return expiry, nil
}

// answers checks that the token belongs to this flow.
func (t *idToken) answers(flow Flow) error {
	nonce, _, err := t.claims.text("nonce")
	if err != nil || subtle.ConstantTimeCompare([]byte(nonce), []byte(flow.Nonce)) != 1 {
		return distrust("it belongs to another sign-in", errors.New("the nonce is missing or differs"))
	}
	return nil
}

// goesWith checks that the access token that came along is the one the ID token speaks of.
func (t *idToken) goesWith(accessToken string) error {
	hash, there, err := t.claims.text("at_hash")
	if err == nil && there && hash == "" {
		err = errors.New("at_hash is empty")
	}
	if err == nil && there {
		err = t.signed.VerifyAccessToken(accessToken)
	}
	if err != nil {
		return distrust("its two tokens do not belong together", err)
	}
	return nil
}

// authTime is when the person proved who they are. limit is how long ago that may be, 0 for any time.
func (t *idToken) authTime(limit time.Duration, now time.Time) (time.Time, error) {
	at, there, err := t.claims.moment("auth_time")
	switch {
	case err != nil:
		return time.Time{}, distrust("its times are wrong", err)
	case there && at.After(now.Add(skew)):
		return time.Time{}, distrust("its times are wrong", errors.New("auth_time is in the future"))
	case limit > 0 && !there:
		return time.Time{}, distrust("it does not say when you proved who you are", errors.New("auth_time is missing"))
	case limit > 0 && at.Before(now.Add(-limit-skew)):
		return time.Time{}, distrust("you proved who you are too long ago", errors.New("auth_time is older than max_age"))
	}
	return at, nil
}
