// Package account draws the pages about oneself: signing in and out, the browsers one is signed in
// with, and the tokens that machines call with in one's name.
package account
