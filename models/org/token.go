package org

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
)

// Scope is what a service token was made for. A token does what its scopes and its owner's roles both
// allow, and never more.
type Scope string

// The scopes, from the narrowest.
const (
	ScopeCalendar Scope = "calendar" // the calendar feed and nothing else; the one scope an address may carry
	ScopeStamps   Scope = "stamps"   // send stamps and monitoring reports
	ScopeRead     Scope = "read"     // read what its owner may read
	ScopeWrite    Scope = "write"    // change what its owner may change, stamps included
	ScopeApprove  Scope = "approve"  // decide what its owner may decide
)

// Scopes lists every scope, in the order of pages.
var Scopes = []Scope{ScopeRead, ScopeWrite, ScopeApprove, ScopeStamps, ScopeCalendar}

// Title is the scope in the words of a form.
func (s Scope) Title() string {
	switch s {
	case ScopeCalendar:
		return "calendar: read the calendar feed"
	case ScopeStamps:
		return "stamps: send stamps and monitoring reports"
	case ScopeRead:
		return "read: read what you may read"
	case ScopeWrite:
		return "write: change what you may change"
	case ScopeApprove:
		return "approve: decide what you may decide"
	}
	return string(s)
}

// ParseScope reads a scope's name.
func ParseScope(s string) (Scope, bool) {
	scope := Scope(strings.ToLower(strings.TrimSpace(s)))
	return scope, slices.Contains(Scopes, scope)
}

// scopesOf are the scopes under which a token may do an act. An act that is not here is done in a
// browser only: administration and one's own sessions and tokens are not for machines.
var scopesOf = map[Act][]Scope{
	Read: {ScopeRead, ScopeWrite, ScopeApprove}, ReadLeadership: {ScopeRead}, ReadAudit: {ScopeRead},
	ReadCalendar: {ScopeRead, ScopeCalendar},
	Report:       {ScopeStamps, ScopeWrite},
	Register:     {ScopeWrite}, Edit: {ScopeWrite}, Assign: {ScopeWrite}, Request: {ScopeWrite}, Comment: {ScopeWrite},
	Import: {ScopeWrite}, Catalogue: {ScopeWrite}, Answer: {ScopeWrite},
	Decide: {ScopeApprove}, BreakGlass: {ScopeApprove},
}

// mayToken says whether a token's scopes cover the act.
func mayToken(scopes []Scope, act Act) Decision {
	needed := scopesOf[act]
	if len(needed) == 0 {
		return deny("A token cannot do this. Do it in the browser.")
	}
	if slices.ContainsFunc(needed, func(s Scope) bool { return slices.Contains(scopes, s) }) {
		return allow()
	}
	return deny("This token lacks the scope " + string(needed[0]) + ".")
}

// LongestToken is the furthest away a token may end.
const LongestToken = 366 * 24 * time.Hour

const longestTokenName = 60

// Token is a service token as it is kept: never the secret itself, only the hash of it is with the
// store.
type Token struct {
	ID         int64
	Name       string
	OwnerID    int64
	Owner      string // the owner's name, for lists
	OwnerEmail string
	Scopes     []Scope
	Hint       string // the first characters of the secret, to tell tokens apart
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt time.Time // zero when never
	LastUsedBy string    // the address of the last use
	RevokedAt  time.Time // zero while it lives

	OwnerDisabled bool // then it opens nothing, until the account is enabled again
}

// Live reports whether the token still opens the door.
func (t Token) Live(now time.Time) bool { return t.State(now) == TokenLive }

// TokenState is what became of a token.
type TokenState string

// The states of a token. All but the first keep the door shut.
const (
	TokenLive     TokenState = "live"
	TokenExpired  TokenState = "expired"
	TokenRevoked  TokenState = "revoked"
	TokenOwnerOut TokenState = "owner disabled"
)

// State is what became of the token by now.
func (t Token) State(now time.Time) TokenState {
	switch {
	case !t.RevokedAt.IsZero():
		return TokenRevoked
	case !now.Before(t.ExpiresAt):
		return TokenExpired
	case t.OwnerDisabled:
		return TokenOwnerOut
	}
	return TokenLive
}

// MayMakeToken lets people make tokens that stand for themselves, in the browser, and the operator's
// commands make anybody's.
func MayMakeToken(a Actor, owner int64) Decision {
	switch d := May(a, ManageOwnThings, 0); {
	case !d.Allowed || a.Via == "system":
		return d
	case a.ID != owner:
		return deny("You can make tokens for yourself only.")
	}
	return allow()
}

// MayRevokeToken lets owners end their own tokens, and administrators everybody's.
func MayRevokeToken(a Actor, t Token) Decision {
	if d := May(a, ManageOwnThings, 0); !d.Allowed || a.Via == "system" || a.ID == t.OwnerID {
		return d
	}
	return May(a, Administer, 0)
}

// Check says what is wrong with a token that is to be made, at the fields name, scopes and expires.
func (t Token) Check(now time.Time) error {
	var wrong fault.Problems
	switch n := utf8.RuneCountInString(strings.TrimSpace(t.Name)); {
	case n == 0:
		wrong.Add("name", "Say what the token is for.")
	case n > longestTokenName:
		wrong.Addf("name", "Use at most %d characters.", longestTokenName)
	case strings.ContainsFunc(t.Name, unicode.IsControl):
		wrong.Add("name", "Use letters, digits and punctuation only.")
	}
	if len(t.Scopes) == 0 {
		wrong.Add("scopes", "Choose at least one scope.")
	}
	switch {
	case !t.ExpiresAt.After(now):
		wrong.Add("expires", "Choose an end that is ahead.")
	case t.ExpiresAt.Sub(now) > LongestToken:
		wrong.Add("expires", "Choose an end within a year.")
	}
	return wrong.Err()
}
