package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"time"

	"sundial/models/fault"
)

const (
	flowLife    = 30 * time.Minute // between leaving for the provider and coming back
	longestCode = 8 << 10          // bytes
)

// Finish turns what the browser brought back from the provider into a verified identity. Every error holds a
// fault.Fault for the person; its own text is for the log. The caller forgets the flow whatever the outcome: the same
// answer must not be tried twice.
func (p *Provider) Finish(ctx context.Context, flow Flow, query url.Values, now time.Time) (Identity, error) {
	meta, err := p.metadata(ctx)
	if err != nil {
		return Identity{}, err
	}
	code, err := p.authorization(meta, flow, query, now)
	if err != nil {
		return Identity{}, err
	}
	got, err := p.exchange(ctx, meta, code, flow.Verifier)
	if err != nil {
		return Identity{}, err
	}
	token, err := p.idToken(ctx, meta, got.id, now)
	if err != nil {
		return Identity{}, err
	}
	if err := token.answers(flow); err != nil {
		return Identity{}, err
	}
	if err := token.goesWith(got.access); err != nil {
		return Identity{}, err
	}
	authTime, err := token.authTime(p.cfg.MaxAge, now)
	if err != nil {
		return Identity{}, err
	}
	who := Identity{
		Issuer: p.cfg.Issuer, Subject: token.subject,
		Expiry: token.expiry, AuthTime: authTime,
		IDToken: got.id, AccessToken: got.access, RefreshToken: got.refresh, AccessExpiry: got.expiry,
	}
	return p.complete(ctx, meta, who, token.claims)
}

// complete adds e-mail, name and groups, of which some providers tell all in the ID token and some only at userinfo.
// A userinfo that turns the fresh access token away is done without where the ID token tells the groups: Dex does so when it
// signs with ES256.
func (p *Provider) complete(ctx context.Context, meta *metadata, who Identity, told claims) (Identity, error) {
	who.describe(told, p.cfg.GroupsClaim)
	who.GroupsOnlyInIDToken = told.has(p.cfg.GroupsClaim)
	if meta.UserInfo == "" {
		return who, nil
	}
	said, err := p.userinfo(ctx, meta, who.AccessToken, who.Subject)
	if errors.Is(err, errNotWelcome) && told.has(p.cfg.GroupsClaim) {
		return who, nil
	}
	if err != nil {
		return Identity{}, err
	}
	who.describe(said, p.cfg.GroupsClaim)
	who.GroupsOnlyInIDToken = who.GroupsOnlyInIDToken && !said.has(p.cfg.GroupsClaim)
	return who, nil
}

// authorization checks the authorization answer and gives the code. The state comes first: before it is known that this
// browser asked, nothing else in the address deserves attention.
func (p *Provider) authorization(meta *metadata, flow Flow, query url.Values, now time.Time) (code string, err error) {
	for _, name := range []string{"state", "code", "error", "iss"} {
		if len(query[name]) > 1 {
			return "", unfit(fault.Malformed, "The answer of the identity provider cannot be read. Start the sign-in again.", name+" is there twice")
		}
	}
	if flow.State == "" || flow.Nonce == "" || flow.Verifier == "" ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(flow.State)) != 1 {
		return "", unfit(fault.Malformed, "This sign-in was not started in this browser, or it was finished before. Start it again.", "the state is missing or differs")
	}
	if age := now.Sub(flow.StartedAt); age > flowLife || age < -skew {
		return "", unfit(fault.Malformed, "This sign-in took too long. Start it again.", "the flow is too old")
	}
	issuer, named := query["iss"]
	if named && issuer[0] != p.cfg.Issuer || !named && meta.NamesItself {
		return "", distrust("it does not come from the provider that was asked", fmt.Errorf("iss is %q", query.Get("iss")))
	}
	if _, failed := query["error"]; failed {
		return "", declined(query)
	}
	code = query.Get("code")
	if code == "" || len(code) > longestCode {
		return "", unfit(fault.Malformed, "The answer of the identity provider holds no code. Start the sign-in again.", "the code is missing or too long")
	}
	return code, nil
}

// declined tells why the provider sent nobody. Its description is a stranger's text and stays in the log.
func declined(query url.Values) error {
	detail := fmt.Sprintf("the provider answered %q: %q", query.Get("error"), query.Get("error_description"))
	switch query.Get("error") {
	case "access_denied":
		return unfit(fault.Forbidden, "You are not signed in: the sign-in was cancelled, or the identity provider does not let you in here.", detail)
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		return unfit(fault.Forbidden, "You are not signed in: the identity provider wants to see you first. Start the sign-in again.", detail)
	case "temporarily_unavailable", "server_error":
		return unavailable("authorization", errors.New(detail))
	}
	return unfit(fault.Forbidden, "You are not signed in: the identity provider refused the request. Tell your administrator if it happens again.", detail)
}
