// Package demoidp is the identity provider that comes with `sundial demo`: a real OpenID Connect provider, on loopback
// only, whose people are invented and whose one password is written on its sign-in page.
//
// It owns the demo people, its sign-in page and the little that must be remembered between its answers. The protocol
// itself is zitadel/oidc's. It leaves to others: who the demo people are, what their groups may do, and the portal's session.
//
// It remembers sign-ins under way and the ones that ended. Everything else is inside the tokens, sealed with a
// key that may be kept in a file, so that sessions survive a restart of the demo.
package demoidp
