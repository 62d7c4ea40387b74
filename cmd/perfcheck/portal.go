package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"sundial/auth/oidc"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web"
)

// portal is the whole stack as `sundial serve` builds it, its access log included.
func portal(ctx context.Context, database string, address net.Addr) (http.Handler, error) {
	s, err := store.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	base := &url.URL{Scheme: "http", Host: address.String()}
	log, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	w, err := buildPortal(s, base, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		return nil, err
	}
	return w.Handler(), nil
}

func buildPortal(s *store.Store, base *url.URL, log *slog.Logger) (*web.Server, error) {
	provider, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: "sundial", ClientSecret: "secret",
		RedirectURL: base.JoinPath("/login/callback").String(), PostLogoutURL: base.JoinPath("/login").String()})
	if err != nil {
		return nil, err
	}
	policy, _ := lifecycle.Profile("standard")
	return web.New(web.Config{Store: s, Provider: provider, ProviderName: "nobody", BaseURL: base, Policy: policy,
		SecretKey: []byte("a key that only perfcheck knows ....."), Version: "perfcheck", Logger: log})
}

const token = "perfcheck-session-token-of-43-characters-xx"

// signIn opens the visitor's session in a database, as signing in would, and returns the request that
// carries it.
func signIn(ctx context.Context, url, path string, header ...string) (asked, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return asked{}, err
	}
	defer s.Close()
	if err := openSession(ctx, s); err != nil {
		return asked{}, err
	}
	return asked{path: path, header: append(header, "Cookie: sundial="+token)}, nil
}

func openSession(ctx context.Context, s *store.Store) error {
	sum := sha256.Sum256([]byte(token))
	hash, now := hex.EncodeToString(sum[:]), time.Now()
	if _, _, err := s.LiveSession(ctx, hash, now.Add(time.Hour)); err == nil {
		return nil
	}
	// An earlier run's session has ended; its token goes with it.
	if _, err := s.SweepSessions(ctx, now.Add(24*time.Hour)); err != nil {
		return err
	}
	who := store.WithSource(ctx, store.Source{Actor: visitor(), RequestID: "perfcheck"})
	_, err := s.OpenSession(who, hash, store.Session{PersonID: visitorID, CreatedAt: now, IdleEnd: now.Add(12 * time.Hour), AbsoluteEnd: now.Add(12 * time.Hour),
		UserAgent: "perfcheck", Address: "127.0.0.1"})
	if err != nil {
		return fmt.Errorf("open the visitor's session: %w", err)
	}
	return nil
}

func visitor() org.Actor {
	return org.Actor{Person: org.Person{ID: visitorID, Name: "Visitor", Roles: []org.Role{org.Admin, org.Auditor}}, Via: "session"}
}

func reviewer() org.Actor {
	return org.Actor{Person: org.Person{ID: reviewerID, Name: "Reviewer", Roles: []org.Role{org.Reviewer, org.RiskReviewer}}, Via: "session"}
}

// silentPortal is a portal to be called in this process.
func silentPortal(s *store.Store) (http.Handler, error) {
	w, err := buildPortal(s, &url.URL{Scheme: "http", Host: "example.com"}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return w.Handler(), nil
}
