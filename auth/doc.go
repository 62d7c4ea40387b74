// Package auth knows who is behind a request: server-side sessions, signing in and out, what a route
// asks of a role, and whether a change was really asked for by one of our own pages.
//
// It leaves to others: the conversation with the identity provider (auth/oidc), pages (web/account),
// what a role may do (models/org) and what a record allows on top (the record's own rules).
//
//	session.go    a session from its first to its last request
//	signin.go     leaving for the provider and coming back, one sealed cookie per attempt
//	recheck.go    asking the provider again, every few minutes
//	rights.go     groups to roles
//	require.go    what a route asks of a role
//	crosssite.go  changes come from our own pages only
//	returnto.go   where to go after signing in: never off this site
//	seal.go       what a browser may carry but not read or write
//	token/        machines, which come with a bearer token instead of a session
//	rate/         how often they may, over all replicas
package auth
