// Package account serves the pages about oneself: signing in and out, the browsers one is signed in
// with, the tokens that machines call with, what one hears of by mail, light or dark. Sessions and the shape of tokens are auth's.
package account

import (
	"net/url"
	"time"

	"sundial/auth"
	"sundial/models/store"
)

// Handlers answers for this subject.
type Handlers struct {
	Sessions *auth.Sessions
	Store    *store.Store
	BaseURL  *url.URL
	Provider string // the identity provider's name for people
	Demo     bool
	Mail     string // the server that takes mail, "" when there is none
	Clock    func() time.Time
}
