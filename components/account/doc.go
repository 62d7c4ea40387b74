// Package account draws the pages about oneself: signing in and out, and the browsers one is signed
// in with.
package account
