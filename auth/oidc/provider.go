package oidc

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Config says which provider is trusted and who we are to it.
type Config struct {
	Issuer       string // exactly as the provider writes it, trailing slash included or not
	ClientID     string
	ClientSecret string // empty for a public client
	RedirectURL  string // our callback, as registered at the provider
	GroupsClaim  string // "groups" when empty
	// Scopes to ask for; "openid" is always among them. When empty: openid, profile, email and, where the provider
	// offers them, groups and offline_access.
	Scopes        []string
	PostLogoutURL string        // where the provider sends the browser after signing out; may be empty
	MaxAge        time.Duration // how long ago the person may have proved who they are; 0 for any time
	AllowHTTP     bool          // take an http:// issuer, on loopback only
	HTTP          *http.Client  // its transport and timeout are used; nil for the default with 10 seconds
	Now           func() time.Time
}

// Provider is the relying party's view of one identity provider. It is safe for concurrent use.
type Provider struct {
	cfg    Config
	issuer *url.URL
	http   *http.Client
	now    func() time.Time
	about  description
}

// Flow is what must be remembered between leaving for the provider and coming back. The caller seals it in a
// short-lived cookie of this browser, one cookie per flow (named after State), so that many tabs may sign in at once.
type Flow struct {
	State     string
	Nonce     string
	Verifier  string
	StartedAt time.Time
}

// New checks the configuration. It asks nothing of the network: a portal must start while its provider is down.
func New(cfg Config) (*Provider, error) {
	issuer, err := url.Parse(cfg.Issuer)
	if err != nil || !issuer.IsAbs() || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil {
		return nil, fmt.Errorf("the OIDC issuer %q is not an absolute URL without query and fragment", cfg.Issuer)
	}
	if issuer.Scheme != "https" && !(issuer.Scheme == "http" && cfg.AllowHTTP && loopback(issuer)) {
		return nil, fmt.Errorf("the OIDC issuer %q must be https (http is taken on loopback only, for demos and tests)", cfg.Issuer)
	}
	if cfg.ClientID == "" {
		return nil, errors.New("the OIDC client id is empty")
	}
	if back, err := url.Parse(cfg.RedirectURL); err != nil || !back.IsAbs() || back.Host == "" || back.Fragment != "" {
		return nil, fmt.Errorf("the OIDC redirect URL %q is not an absolute URL", cfg.RedirectURL)
	}
	if cfg.GroupsClaim == "" {
		cfg.GroupsClaim = "groups"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Provider{cfg: cfg, issuer: issuer, http: carefulClient(cfg.HTTP), now: cfg.Now}, nil
}

// loopback reports whether a URL can only lead to this machine.
func loopback(u *url.URL) bool {
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Origin is the provider's scheme and host, for the form-action of a Content-Security-Policy.
func (p *Provider) Origin() string { return p.issuer.Scheme + "://" + p.issuer.Host }

// Start gives the address to send the browser to and the flow to remember until it comes back.
func (p *Provider) Start(ctx context.Context) (redirect string, flow Flow, err error) {
	meta, err := p.metadata(ctx)
	if err != nil {
		return "", Flow{}, err
	}
	flow = Flow{State: unguessable(), Nonce: unguessable(), Verifier: oauth2.GenerateVerifier(), StartedAt: p.now()}
	options := []oauth2.AuthCodeOption{gooidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier)}
	if p.cfg.MaxAge > 0 {
		seconds := strconv.FormatInt(int64(p.cfg.MaxAge/time.Second), 10)
		options = append(options, oauth2.SetAuthURLParam("max_age", seconds))
	}
	return p.oauth(meta).AuthCodeURL(flow.State, options...), flow, nil
}

func unguessable() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func (p *Provider) oauth(meta *metadata) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     p.cfg.ClientID,
		ClientSecret: p.cfg.ClientSecret,
		RedirectURL:  p.cfg.RedirectURL,
		Scopes:       p.scopes(meta),
		Endpoint:     oauth2.Endpoint{AuthURL: meta.AuthURL, TokenURL: meta.TokenURL, AuthStyle: p.authStyle(meta)},
	}
}

// authStyle is decided from discovery and not by trying: a second try would send the code and the secret twice.
func (p *Provider) authStyle(meta *metadata) oauth2.AuthStyle {
	offered := meta.AuthMethods
	basic := len(offered) == 0 || slices.Contains(offered, "client_secret_basic")
	if p.cfg.ClientSecret == "" || !basic && slices.Contains(offered, "client_secret_post") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

func (p *Provider) scopes(meta *metadata) []string {
	if len(p.cfg.Scopes) > 0 {
		if slices.Contains(p.cfg.Scopes, gooidc.ScopeOpenID) {
			return p.cfg.Scopes
		}
		return append([]string{gooidc.ScopeOpenID}, p.cfg.Scopes...)
	}
	scopes := []string{gooidc.ScopeOpenID, "profile", "email"}
	for _, optional := range []string{"groups", gooidc.ScopeOfflineAccess} {
		if slices.Contains(meta.Scopes, optional) { // an unknown scope makes some providers refuse the whole request
			scopes = append(scopes, optional)
		}
	}
	return scopes
}

// longestHint keeps the sign-out address short enough for every server in between.
const longestHint = 4096

// LogoutURL is where to send the browser so that the person is signed out at the provider too, or "" when the
// provider has no such place or cannot be asked right now.
func (p *Provider) LogoutURL(idTokenHint, state string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	meta, err := p.metadata(ctx)
	if err != nil || meta.EndSession == "" {
		return ""
	}
	u, err := url.Parse(meta.EndSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	for name, value := range map[string]string{"post_logout_redirect_uri": p.cfg.PostLogoutURL, "state": state, "id_token_hint": idTokenHint} {
		if value != "" && (name != "id_token_hint" || len(value) <= longestHint) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }
