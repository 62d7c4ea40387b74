// Package interop signs in at identity providers that others wrote, as a browser would, and checks what Sundial's
// sign-in makes of them. It owns no product code. The providers differ on purpose: Dex signs with RS256 or ES256 and
// tells everything in the ID token; oidc-provider under node tells claims at userinfo alone, names itself in its answers, gives no
// refresh token unasked and wants signing out confirmed.
//
// The providers are built and installed into .cache/ of the module's root. What is missing fails a test; nothing is skipped.
package interop
