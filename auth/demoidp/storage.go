package demoidp

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	requestLife  = 30 * time.Minute // from the portal's asking to the code's use
	accessLife   = 5 * time.Minute
	refreshLife  = 30 * 24 * time.Hour
	mostRequests = 1000 // under way at once; the oldest give way
)

// storage is what zitadel/oidc asks for, kept in memory.
type storage struct {
	cfg    Config
	key    key
	sealer op.Crypto

	mu       sync.Mutex // guards what follows
	people   []Person
	requests map[string]*request  // by id
	codes    map[string]string    // code to request id
	ended    map[string]time.Time // sessions signed out, by id
}

func newStorage(cfg Config, key key, sealer op.Crypto) *storage {
	return &storage{
		cfg: cfg, key: key, sealer: sealer, people: slices.Clone(cfg.People),
		requests: map[string]*request{}, codes: map[string]string{}, ended: map[string]time.Time{},
	}
}

func (s *storage) Health(context.Context) error { return nil }

// People.

func (s *storage) everybody() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.people)
}

func (s *storage) person(subject string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return Person{}, false
	}
	return s.people[i], true
}

func (s *storage) setPerson(person Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.people, func(p Person) bool { return p.Subject == person.Subject }); i >= 0 {
		s.people[i] = person
		return
	}
	s.people = append(s.people, person)
}

func (s *storage) remove(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people = slices.DeleteFunc(s.people, func(p Person) bool { return p.Subject == subject })
}

// Requests and codes.

// CreateAuthRequest refuses what a careful portal never asks for: a sign-in without PKCE.
func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	if asked.CodeChallenge == "" || asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	}
	if slices.Contains(asked.Prompt, oidc.PromptNone) {
		return nil, oidc.ErrLoginRequired() // nobody is remembered here between two sign-ins
	}
	r := &request{id: rand.Text(), asked: asked, askedAt: s.cfg.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	s.requests[r.id] = r
	return r, nil
}

// forgetOld makes room. The caller holds the lock.
func (s *storage) forgetOld() {
	oldest := ""
	for id, r := range s.requests {
		if s.cfg.Now().Sub(r.askedAt) > requestLife {
			s.forget(id)
		} else if oldest == "" || r.askedAt.Before(s.requests[oldest].askedAt) {
			oldest = id
		}
	}
	if len(s.requests) >= mostRequests {
		s.forget(oldest)
	}
	for id, at := range s.ended {
		if s.cfg.Now().Sub(at) > refreshLife {
			delete(s.ended, id)
		}
	}
}

func (s *storage) forget(id string) {
	delete(s.requests, id)
	for code, of := range s.codes {
		if of == id {
			delete(s.codes, code)
		}
	}
}

// complete marks a request as answered by a person.
func (s *storage) complete(id, subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || s.cfg.Now().Sub(r.askedAt) > requestLife {
		return false
	}
	// A copy, because the old one may be read at this moment.
	answered := *r
	answered.done = true
	answered.session = session{ID: rand.Text(), Subject: subject, Client: r.asked.ClientID, Scopes: r.asked.Scopes, AuthTime: s.cfg.Now().UTC()}
	s.requests[id] = &answered
	return true
}

var errNoRequest = errors.New("this sign-in has ended or was never started")

func (s *storage) underWay(id string) (*request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok || s.cfg.Now().Sub(r.askedAt) > requestLife {
		return nil, errNoRequest
	}
	return r, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	r, err := s.underWay(id)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// AuthRequestByCode uses the code up: whoever comes second gets nothing.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	delete(s.codes, code)
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
	return nil
}

// Tokens. An access token names the session and its own end; a refresh token is the whole session, sealed.

func (s *storage) CreateAccessToken(_ context.Context, asked op.TokenRequest) (string, time.Time, error) {
	of, err := sessionOf(asked)
	if err != nil {
		return "", time.Time{}, err
	}
	ends := s.cfg.Now().Add(accessLife)
	return of.ID + "." + strconv.FormatInt(ends.Unix(), 10), ends, nil
}

func (s *storage) CreateAccessAndRefreshTokens(ctx context.Context, asked op.TokenRequest, _ string) (string, string, time.Time, error) {
	access, ends, err := s.CreateAccessToken(ctx, asked)
	if err != nil {
		return "", "", time.Time{}, err
	}
	of, err := sessionOf(asked)
	if err != nil {
		return "", "", time.Time{}, err
	}
	of.Ends = s.cfg.Now().Add(refreshLife)
	text, err := json.Marshal(of)
	if err != nil {
		return "", "", time.Time{}, err
	}
	refresh, err := s.sealer.Encrypt(string(text))
	return access, refresh, ends, err
}

func sessionOf(asked op.TokenRequest) (session, error) {
	switch asked := asked.(type) {
	case *request:
		return asked.session, nil
	case *session:
		return *asked, nil
	}
	return session{}, errors.New("no session to make a token for")
}

// TokenRequestByRefreshToken opens a refresh token. A person who was removed and a session that was signed out get nothing.
func (s *storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	text, err := s.sealer.Decrypt(token)
	if err != nil {
		return nil, op.ErrInvalidRefreshToken
	}
	var of session
	if json.Unmarshal([]byte(text), &of) != nil || of.ID == "" {
		return nil, op.ErrInvalidRefreshToken
	}
	if _, known := s.person(of.Subject); !known || s.hasEnded(of.ID) || s.cfg.Now().After(of.Ends) {
		return nil, op.ErrInvalidRefreshToken
	}
	return &of, nil
}

func (s *storage) hasEnded(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ended := s.ended[session]
	return ended
}

func (s *storage) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session != "" {
		s.ended[session] = s.cfg.Now()
	}
}

// TerminateSessionFromRequest signs out the one session the portal's hint tells of.
func (s *storage) TerminateSessionFromRequest(_ context.Context, asked *op.EndSessionRequest) (string, error) {
	if asked.IDTokenHintClaims != nil {
		s.end(asked.IDTokenHintClaims.SessionID)
	}
	return asked.RedirectURI, nil
}

// TerminateSession is asked only where TerminateSessionFromRequest is missing.
func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

func (s *storage) GetRefreshTokenInfo(ctx context.Context, _, token string) (string, string, error) {
	of, err := s.TokenRequestByRefreshToken(ctx, token)
	if err != nil {
		return "", "", op.ErrInvalidRefreshToken
	}
	return of.GetSubject(), of.(*session).ID, nil
}

// RevokeToken ends the session, whichever of its tokens is handed back.
func (s *storage) RevokeToken(_ context.Context, token, _, _ string) *oidc.Error {
	id, _, _ := strings.Cut(token, ".")
	s.end(id)
	return nil
}

// Claims.

func (s *storage) claims(about *oidc.UserInfo, subject string) error {
	person, known := s.person(subject)
	if !known {
		return oidc.ErrAccessDenied().WithDescription("this person is not known any more")
	}
	about.Subject = person.Subject
	about.Name = person.Name
	about.Email, about.EmailVerified = person.Email, oidc.Bool(person.Email != "")
	about.AppendClaims(scopeGroups, append([]string{}, person.Groups...))
	return nil
}

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest fills an ID token, which also names its session for signing out.
func (s *storage) SetUserinfoFromRequest(_ context.Context, about *oidc.UserInfo, asked op.IDTokenRequest, _ []string) error {
	of, err := sessionOf(asked)
	if err != nil {
		return err
	}
	about.AppendClaims("sid", of.ID)
	return s.claims(about, of.Subject)
}

// SetUserinfoFromToken answers at userinfo.
func (s *storage) SetUserinfoFromToken(_ context.Context, about *oidc.UserInfo, token, subject, _ string) error {
	id, ends, _ := strings.Cut(token, ".")
	seconds, err := strconv.ParseInt(ends, 10, 64)
	if err != nil || s.cfg.Now().Unix() >= seconds || s.hasEnded(id) {
		return oidc.ErrAccessDenied().WithDescription("this access token has ended")
	}
	return s.claims(about, subject)
}

// Keys and the client.

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return private{s.key}, nil }
func (s *storage) KeySet(context.Context) ([]op.Key, error)          { return []op.Key{published{s.key}}, nil }
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

var errNoClient = errors.New("this client is not known")

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.cfg.ClientID {
		return nil, errNoClient
	}
	return client{s.cfg}, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.cfg.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.ClientSecret)) != 1 {
		return errNoClient
	}
	return nil
}

// What follows belongs to parts of the protocol that are not offered.

var errNotOffered = errors.New("not offered by the demo's identity provider")

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotOffered
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotOffered
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotOffered
}
