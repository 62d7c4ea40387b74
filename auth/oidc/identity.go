package oidc

import (
	"log/slog"
	"time"
)

// Identity is who signed in, as vouched for by the provider. The pair (Issuer, Subject) names the person; Email and Name are
// labels that the provider may change or give to somebody else tomorrow.
type Identity struct {
	Issuer  string
	Subject string

	Email         string
	EmailVerified bool
	Name          string
	Groups        []string
	// GroupsOnlyInIDToken says that userinfo does not tell groups. Keep it with the session: without it, silence
	// of userinfo means that the person has left every group.
	GroupsOnlyInIDToken bool

	Expiry   time.Time // of the ID token
	AuthTime time.Time // when the person proved who they are; zero when the provider does not say

	IDToken      string // as a hint when signing out
	AccessToken  string // to ask again with; secret
	RefreshToken string // secret, and often good for one use only; empty when the provider gave none
	AccessExpiry time.Time
}

// String keeps tokens out of whatever prints an identity.
func (i Identity) String() string { return i.Issuer + "#" + i.Subject }

// GoString does the same for %#v.
func (i Identity) GoString() string { return i.String() }

// LogValue does the same for logs.
func (i Identity) LogValue() slog.Value {
	return slog.GroupValue(slog.String("issuer", i.Issuer), slog.String("subject", i.Subject))
}

const (
	longestEmail = 254
	longestName  = 200 // characters
)

// describe fills in what is only for people's eyes, and the groups. Userinfo is read after the ID token and wins, but
// only where it says something.
func (i *Identity) describe(c claims, groupsClaim string) {
	if email := c.label("email", longestEmail); email != "" {
		i.Email = email
		said := string(c["email_verified"])
		i.EmailVerified = said == "true" || said == `"true"` // some providers write it as a string
	}
	for _, name := range []string{"name", "preferred_username"} {
		if label := c.label(name, longestName); label != "" {
			i.Name = label
			break
		}
	}
	if c.has(groupsClaim) {
		i.Groups = c.groups(groupsClaim)
	}
}
