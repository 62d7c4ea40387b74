// Package oidc signs people in at an OpenID Connect provider and asks it again later whether they may stay.
//
// It owns the conversation with the provider: discovery, the authorization code flow with PKCE, state and
// nonce, the checks of every answer, userinfo, refreshing and the address to sign out at. What it hands over is a
// verified Identity, which is an (issuer, subject) pair; an e-mail address is never more than a label.
//
// It leaves to others: the cookie that binds a Flow to one browser, sessions, roles from groups, error pages.
//
// The rule for answers is that they are refused unless everything in them is as it should be. go-oidc checks the
// signature, the issuer and the audience; the stricter rest is here, each file one kind of answer:
//
//	discovery.go      the provider's description of itself
//	finish.go         the browser coming back (the authorization answer)
//	exchange.go       the token answer
//	idtoken.go        header and claims of an ID token
//	keys.go           which published key may verify what, and how often keys are read
//	userinfo.go       userinfo, as JSON or as a signed token
//	revalidate.go     the same person, some minutes later
//	outgoing.go       timeouts, bounded bodies, no redirect to elsewhere
package oidc
