package demoidp

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// request is one sign-in under way: asked for by the portal, answered on the sign-in page, ended by a code.
type request struct {
	id      string
	asked   *oidc.AuthRequest
	askedAt time.Time

	// Set once somebody signed in.
	session session
	done    bool
}

// session is one sign-in of one person. It lives inside the tokens that were given out for it.
type session struct {
	ID       string    `json:"id"`
	Subject  string    `json:"sub"`
	Client   string    `json:"client"`
	Scopes   []string  `json:"scopes"`
	AuthTime time.Time `json:"auth_time"`
	Ends     time.Time `json:"ends"` // of the token it is sealed in
}

func (s session) GetAMR() []string                  { return []string{"pwd"} }
func (s session) GetAudience() []string             { return []string{s.Client} }
func (s session) GetAuthTime() time.Time            { return s.AuthTime }
func (s session) GetClientID() string               { return s.Client }
func (s session) GetScopes() []string               { return s.Scopes }
func (s session) GetSubject() string                { return s.Subject }
func (s *session) SetCurrentScopes(scopes []string) { s.Scopes = scopes }

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return r.session.GetAMR() }
func (r *request) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.session.AuthTime }
func (r *request) GetClientID() string                { return r.asked.ClientID }
func (r *request) GetNonce() string                   { return r.asked.Nonce }
func (r *request) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *request) GetScopes() []string                { return r.asked.Scopes }
func (r *request) GetState() string                   { return r.asked.State }
func (r *request) GetSubject() string                 { return r.session.Subject }
func (r *request) Done() bool                         { return r.done }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}
