package oidc

import (
	"context"
	"errors"
	"time"
)

// Revalidate asks the provider again about somebody who is signed in, so that a group taken away there takes its rights
// away here, and a disabled person is out. held is the identity as kept with the session; Issuer, Subject, the tokens,
// AccessExpiry and GroupsOnlyInIDToken must be kept for it.
//
// stillValid says what becomes of the session, the error why:
//
//	true,  nil             the provider answered; keep what is returned, its tokens included
//	true,  ErrUnavailable  the provider cannot be asked; the session lives on, keep what is returned (tokens may be new)
//	true,  ErrCannotAsk    nothing to ask with (any more); the session lives until its own end
//	false, nil or other    the provider does not vouch for this person any more, or its answer is not to be trusted
//
// A refresh token is used whenever there is one, because some providers answer at userinfo from the access token alone,
// long after the person was disabled. It is often good for one use: one call at a time for each session.
func (p *Provider) Revalidate(ctx context.Context, held Identity, now time.Time) (fresh Identity, stillValid bool, err error) {
	if held.Issuer != p.cfg.Issuer {
		return Identity{}, false, distrust("another provider vouched for you", nil)
	}
	meta, err := p.metadata(ctx)
	if err != nil {
		return held, true, err
	}
	fresh, told, err := p.renew(ctx, meta, held, now)
	if err != nil {
		return verdict(held, err)
	}
	if told == nil && (meta.UserInfo == "" || held.RefreshToken == "" && expired(held, now)) {
		return fresh, true, ErrCannotAsk
	}
	if told == nil {
		return p.ask(ctx, meta, fresh)
	}
	complete, err := p.complete(ctx, meta, cleared(fresh), told)
	if err != nil {
		return verdict(fresh, err)
	}
	return complete, true, nil
}

func expired(held Identity, now time.Time) bool {
	return held.AccessToken == "" || !held.AccessExpiry.IsZero() && !now.Before(held.AccessExpiry)
}

// verdict sorts failures: a provider that cannot answer says nothing about the person, a refusal does.
func verdict(held Identity, err error) (Identity, bool, error) {
	var no *saidNo
	switch {
	case errors.Is(err, ErrUnavailable):
		return held, true, err
	case errors.As(err, &no) && no.code == "invalid_grant", errors.Is(err, errNotWelcome):
		return Identity{}, false, nil
	}
	return Identity{}, false, err
}

// renew trades the refresh token for new tokens and gives the claims of the new ID token, where one came along.
func (p *Provider) renew(ctx context.Context, meta *metadata, held Identity, now time.Time) (Identity, claims, error) {
	if held.RefreshToken == "" {
		return held, nil, nil
	}
	got, err := p.refresh(ctx, meta, held.RefreshToken)
	if err != nil {
		return held, nil, err
	}
	held.AccessToken, held.RefreshToken, held.AccessExpiry = got.access, got.refresh, got.expiry
	if got.id == "" {
		return held, nil, nil
	}
	token, err := p.idToken(ctx, meta, got.id, now)
	if err != nil {
		return held, nil, err
	}
	if err := token.goesWith(got.access); err != nil {
		return held, nil, err
	}
	if token.subject != held.Subject {
		return held, nil, distrust("it speaks of somebody else now", nil)
	}
	held.IDToken, held.Expiry = got.id, token.expiry
	return held, token.claims, nil
}

// ask has no new ID token and goes by userinfo alone.
func (p *Provider) ask(ctx context.Context, meta *metadata, held Identity) (Identity, bool, error) {
	said, err := p.userinfo(ctx, meta, held.AccessToken, held.Subject)
	if err != nil {
		return verdict(held, err)
	}
	fresh := cleared(held)
	if held.GroupsOnlyInIDToken {
		fresh.Groups = held.Groups
	}
	fresh.describe(said, p.cfg.GroupsClaim)
	return fresh, true, nil
}

// cleared forgets the groups, so that what the provider no longer says is no longer true. Labels stay until they are replaced.
func cleared(held Identity) Identity {
	held.Groups = nil
	return held
}
