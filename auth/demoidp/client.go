package demoidp

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const scopeGroups = "groups"

var scopes = []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, scopeGroups, oidc.ScopeOfflineAccess}

// client is the portal, the only one this provider knows.
type client struct{ cfg Config }

func (c client) GetID() string                       { return c.cfg.ClientID }
func (c client) RedirectURIs() []string              { return c.cfg.RedirectURLs }
func (c client) PostLogoutRedirectURIs() []string    { return c.cfg.PostLogoutURLs }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodBasic }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}
func (c client) LoginURL(id string) string           { return c.cfg.Issuer + "/sign-in?request=" + id }
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration      { return time.Hour }
func (c client) DevMode() bool                       { return true } // lets http:// redirect URLs pass, which New held to loopback
func (c client) IsScopeAllowed(scope string) bool    { return slices.Contains(scopes, scope) }
func (c client) ClockSkew() time.Duration            { return 0 }

// IDTokenUserinfoClaimsAssertion puts name, e-mail and groups into the ID token as well as at userinfo.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return asTheyAre }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return asTheyAre }

func asTheyAre(scopes []string) []string { return scopes }
