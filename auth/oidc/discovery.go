package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

const (
	descriptionFresh = time.Hour       // after this discovery is read again, at the next need
	descriptionRest  = 2 * time.Second // between two failed readings, so that a slow provider is not asked by everyone at once
)

// metadata is what the provider says of itself, checked, and never changed once read.
type metadata struct {
	Issuer      string   `json:"issuer"`
	AuthURL     string   `json:"authorization_endpoint"`
	TokenURL    string   `json:"token_endpoint"`
	KeysURL     string   `json:"jwks_uri"`
	UserInfo    string   `json:"userinfo_endpoint"`
	EndSession  string   `json:"end_session_endpoint"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	Scopes      []string `json:"scopes_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	NamesItself bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207

	readAt time.Time
	keys   *keySet
}

// description is what is known of the provider, and whether somebody is reading it anew.
type description struct {
	mu       sync.Mutex
	latest   *metadata
	reading  chan struct{} // closed when the present reading ends; nil without one
	failure  error         // of the last reading
	failedAt time.Time
}

// metadata gives what is known of the provider, waiting for it only where nothing is known yet. A description older than an
// hour serves on while it is read anew, so that a provider that is down or slow is not felt here.
func (p *Provider) metadata(ctx context.Context) (*metadata, error) {
	d := &p.about
	d.mu.Lock()
	known, failure := d.latest, d.failure
	if known != nil && p.now().Sub(known.readAt) < descriptionFresh {
		d.mu.Unlock()
		return known, nil
	}
	if d.reading == nil && (failure == nil || p.now().Sub(d.failedAt) >= descriptionRest) {
		d.reading = make(chan struct{})
		go p.readDescription(known)
	}
	reading := d.reading
	d.mu.Unlock()
	switch {
	case known != nil:
		return known, nil
	case reading == nil:
		return nil, failure
	}
	select {
	case <-reading:
	case <-ctx.Done():
		return nil, unavailable("waiting for discovery", ctx.Err())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.latest == nil {
		return nil, d.failure
	}
	return d.latest, nil
}

// readDescription runs on its own: one person closing a tab must not fail the reading for the others.
func (p *Provider) readDescription(known *metadata) {
	fresh, err := p.discover(context.Background(), known)
	d := &p.about
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failure = err; err != nil {
		d.failedAt = p.now()
	} else {
		d.latest = fresh
	}
	close(d.reading)
	d.reading = nil
}

func (p *Provider) discover(ctx context.Context, known *metadata) (*metadata, error) {
	address := strings.TrimSuffix(p.cfg.Issuer, "/") + "/.well-known/openid-configuration"
	body, err := p.get(ctx, address)
	if err != nil {
		return nil, unavailable("discovery", err)
	}
	meta := &metadata{readAt: p.now()}
	if err := decodeObject(body, meta); err != nil {
		return nil, unavailable("discovery", fmt.Errorf("not a provider's description: %w", err))
	}
	if err := p.acceptable(meta); err != nil {
		return nil, unavailable("discovery", err)
	}
	meta.keys = newKeySet(meta.KeysURL, p.get, p.now)
	if known != nil && known.KeysURL == meta.KeysURL {
		meta.keys = known.keys
	}
	return meta, nil
}

// get reads one JSON document.
func (p *Provider) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	answer, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered with status %d", answer.StatusCode)
	}
	return io.ReadAll(answer.Body)
}

// acceptable holds the description to what we ask of it: the very issuer we were configured with, and no place that is
// less protected than the issuer itself.
func (p *Provider) acceptable(meta *metadata) error {
	if meta.Issuer != p.cfg.Issuer {
		return fmt.Errorf("the provider calls itself %q, the configuration says %q", meta.Issuer, p.cfg.Issuer)
	}
	places := []struct {
		name, address string
		needed        bool
	}{
		{"authorization_endpoint", meta.AuthURL, true},
		{"token_endpoint", meta.TokenURL, true},
		{"jwks_uri", meta.KeysURL, true},
		{"userinfo_endpoint", meta.UserInfo, false},
		{"end_session_endpoint", meta.EndSession, false},
	}
	for _, place := range places {
		if place.address == "" && !place.needed {
			continue
		}
		if err := p.protected(place.address); err != nil {
			return fmt.Errorf("%s %q: %w", place.name, place.address, err)
		}
	}
	return nil
}

func (p *Provider) protected(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errors.New("not an absolute URL")
	}
	if u.Scheme == "https" || u.Scheme == "http" && p.issuer.Scheme == "http" && loopback(u) {
		return nil
	}
	return errors.New("not https")
}

// algorithms are those the provider announced for ID tokens and we take: never "none", never a shared secret.
func (m *metadata) algorithms() []string {
	var both []string
	for _, offered := range m.Algorithms {
		for _, taken := range signatures {
			if offered == string(taken) {
				both = append(both, offered)
			}
		}
	}
	if len(both) == 0 {
		return []string{gooidc.RS256} // the one every provider must have
	}
	return both
}
