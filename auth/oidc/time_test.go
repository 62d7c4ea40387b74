package oidc_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/auth/oidc"
	"sundial/models/fault"
)

func printTo(w io.Writer, who oidc.Identity) {
	fmt.Fprintf(w, "%v %+v %#v %s", who, who, who, who)
	slog.New(slog.NewTextHandler(w, nil)).Info("signed in", "who", who)
	slog.New(slog.NewJSONHandler(w, nil)).Info("signed in", "who", who)
}

// clock can be put forward; only the ages of keys and of discovery go by it.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// timed is a portal whose clock can be put forward. Flows keep to the real time.
func timed(t *testing.T) (*rogue, *oidc.Provider, *clock) {
	t.Helper()
	r, c := newRogue(t), &clock{}
	r.config = func(cfg *oidc.Config) { cfg.Now = c.now }
	p, err := r.portal()
	if err != nil {
		t.Fatal(err)
	}
	return r, p, c
}

// signInThen starts by the portal's clock and finishes by the real one.
func (r *rogue) signInThen(p *oidc.Provider) (oidc.Identity, error) {
	redirect, flow, err := p.Start(r.t.Context())
	if err != nil {
		return oidc.Identity{}, err
	}
	flow.StartedAt = time.Now()
	return p.Finish(r.t.Context(), flow, r.visit(redirect, flow), time.Now())
}

// rotate makes the provider sign with another key and publish only that.
func (r *rogue) rotate(kid string, key any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kid, r.key = kid, key
}

func TestKeyRotationIsAccepted(t *testing.T) {
	r, p, _ := timed(t)
	for i, key := range []any{rsaKey(), otherRSAKey(), rsaKey()} {
		r.rotate(fmt.Sprint("k", i), key)
		if _, err := r.signInThen(p); err != nil {
			t.Fatalf("rotation %d: %v", i, err)
		}
	}
	r.rotate("k2", otherRSAKey()) // the old id, another key
	if _, err := r.signInThen(p); err != nil {
		t.Errorf("rotation under the same id: %v", err)
	}
	if n := r.asked("/keys"); n != 4 {
		t.Errorf("keys were read %d times, want once for each rotation", n)
	}
}

func TestRemovedKeyIsRefusedWithinTheHour(t *testing.T) {
	r, p, clock := timed(t)
	if _, err := r.signInThen(p); err != nil {
		t.Fatal(err)
	}
	r.keys = func() []any { return []any{r.public("k2", &otherRSAKey().PublicKey, "RS256")} }
	clock.forward(59 * time.Minute)
	if _, err := r.signInThen(p); err == nil {
		t.Error("a key that was removed an hour ago is still taken")
	}
}

func TestRemovedKeyIsRefusedWithinTheHourEvenWhenKeysCannotBeRead(t *testing.T) {
	r, p, clock := timed(t)
	if _, err := r.signInThen(p); err != nil {
		t.Fatal(err)
	}
	r.set("/keys", status(http.StatusServiceUnavailable))
	clock.forward(20 * time.Minute)
	if _, err := r.signInThen(p); err != nil {
		t.Errorf("20 minutes later: %v", err)
	}
	clock.forward(39 * time.Minute)
	_, err := r.signInThen(p)
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("59 minutes later: %v, want unavailable", err)
	}
}

func TestUnknownKeyIdsCauseOneFetch(t *testing.T) {
	r, p, clock := timed(t)
	if _, err := r.signInThen(p); err != nil {
		t.Fatal(err)
	}
	before := r.asked("/keys")
	var kid int
	var mu sync.Mutex
	r.header = func(h doc) {
		mu.Lock()
		defer mu.Unlock()
		kid++
		h["kid"] = fmt.Sprint("unknown-", kid)
	}
	for range 200 {
		if _, err := r.signInThen(p); err == nil {
			t.Fatal("an unknown key was taken")
		}
	}
	if n := r.asked("/keys") - before; n != 1 {
		t.Errorf("200 unknown key ids caused %d fetches, want 1", n)
	}
	clock.forward(31 * time.Second)
	for range 20 {
		_, _ = r.signInThen(p)
	}
	if n := r.asked("/keys") - before; n != 2 {
		t.Errorf("after another 30 seconds %d fetches, want 2", n)
	}
	r.header = nil
	if _, err := r.signInThen(p); err != nil {
		t.Errorf("a known key is not taken any more: %v", err)
	}
}

func TestUnknownKeyIdsAtOnceCauseOneFetch(t *testing.T) {
	r, p, _ := timed(t)
	r.header = func(h doc) { h["kid"] = "unknown" }
	redirect, flow, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := r.visit(redirect, flow)
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, err := p.Finish(t.Context(), flow, back, time.Now()); err == nil {
				t.Error("an unknown key was taken")
			}
		})
	}
	all.Wait()
	if n := r.asked("/keys"); n != 1 {
		t.Errorf("200 unknown key ids at once caused %d fetches, want 1", n)
	}
}

func TestTwentyTabs(t *testing.T) {
	r, p, _ := timed(t)
	type tab struct {
		flow     oidc.Flow
		redirect string
	}
	var tabs []tab
	for range 20 {
		redirect, flow, err := p.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tabs = append(tabs, tab{flow, redirect})
	}
	for _, tab := range tabs {
		if _, err := p.Finish(t.Context(), tab.flow, r.visit(tab.redirect, tab.flow), time.Now()); err != nil {
			t.Error(err)
		}
	}
	first, second := tabs[0], tabs[1]
	if _, err := p.Finish(t.Context(), first.flow, r.visit(second.redirect, second.flow), time.Now()); err == nil {
		t.Error("one tab's answer finished another tab's flow")
	}
}

func TestProviderDownAtStart(t *testing.T) {
	r, p, clock := timed(t)
	r.set(wellKnown, status(http.StatusServiceUnavailable))
	_, _, err := p.Start(t.Context())
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, oidc.ErrUnavailable) {
		t.Fatalf("%v, want unavailable", err)
	}
	for range 50 {
		_, _, _ = p.Start(t.Context())
	}
	if n := r.asked(wellKnown); n > 2 {
		t.Errorf("a provider that is down was asked %d times within a second", n)
	}
	r.set(wellKnown, r.serveDiscovery)
	clock.forward(5 * time.Second)
	if _, err := r.signInThen(p); err != nil {
		t.Errorf("5 seconds after it came back: %v", err)
	}
}

func TestDiscoveryIsReadAgainAndMayFail(t *testing.T) {
	r, p, clock := timed(t)
	if _, err := r.signInThen(p); err != nil {
		t.Fatal(err)
	}
	r.set(wellKnown, status(http.StatusServiceUnavailable))
	clock.forward(2 * time.Hour)
	if _, err := r.signInThen(p); err != nil {
		t.Errorf("with an old description: %v", err)
	}
	for range 100 { // it is read behind the sign-in's back
		if r.asked(wellKnown) > 1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the description was not read again after two hours")
}

// signedIn is somebody to ask about again.
func signedIn(t *testing.T) (*rogue, *oidc.Provider, oidc.Identity) {
	t.Helper()
	r, p, _ := timed(t)
	who, err := r.signInThen(p)
	if err != nil {
		t.Fatal(err)
	}
	return r, p, who
}

func TestRevalidate(t *testing.T) {
	without := func(r *rogue, who *oidc.Identity) { who.RefreshToken = "" }
	for _, c := range []struct {
		name   string
		change func(r *rogue, who *oidc.Identity)
		valid  bool
		err    error // nil for none, errAny for some
		groups []string
	}{
		{"nothing changed", func(*rogue, *oidc.Identity) {}, true, nil, []string{"risk", "fraud"}},
		{"group taken away", func(r *rogue, _ *oidc.Identity) {
			r.userinfo = func(d doc) { d["groups"] = []string{"fraud"} }
		}, true, nil, []string{"fraud"}},
		{"last group taken away and the claim with it", func(r *rogue, _ *oidc.Identity) {
			r.userinfo = func(d doc) { delete(d, "groups") }
			r.claims = func(c doc) { delete(c, "groups") }
		}, true, nil, nil},
		{"group taken away, by the access token alone", func(r *rogue, who *oidc.Identity) {
			without(r, who)
			r.userinfo = func(d doc) { d["groups"] = "fraud" }
		}, true, nil, []string{"fraud"}},
		{"silence at userinfo means no groups", func(r *rogue, who *oidc.Identity) {
			without(r, who)
			r.userinfo = func(d doc) { delete(d, "groups") }
		}, true, nil, nil},
		{"silence at userinfo means nothing where groups are in ID tokens", func(r *rogue, who *oidc.Identity) {
			without(r, who)
			who.GroupsOnlyInIDToken = true
			r.userinfo = func(d doc) { delete(d, "groups") }
		}, true, nil, []string{"risk", "fraud"}},
		{"no new ID token", func(r *rogue, _ *oidc.Identity) {
			r.token = func(d doc) { delete(d, "id_token") }
		}, true, nil, []string{"risk", "fraud"}},
		{"refresh token refused", func(r *rogue, _ *oidc.Identity) {
			r.set("/token", func(w http.ResponseWriter, _ *http.Request) {
				sendWith(w, http.StatusBadRequest, doc{"error": "invalid_grant"})
			})
		}, false, nil, nil},
		{"access token refused", func(r *rogue, who *oidc.Identity) {
			without(r, who)
			r.set("/userinfo", status(http.StatusUnauthorized))
		}, false, nil, nil},
		{"refreshed, but not known at userinfo", func(r *rogue, _ *oidc.Identity) {
			bare(r)
			r.set("/userinfo", status(http.StatusForbidden))
		}, false, nil, nil},
		{"refused with 500, but in so many words", func(r *rogue, _ *oidc.Identity) {
			r.set("/token", func(w http.ResponseWriter, _ *http.Request) { sendWith(w, 500, doc{"error": "invalid_request"}) })
		}, false, errAny, nil},
		{"provider says that it is down", func(r *rogue, _ *oidc.Identity) {
			r.set("/token", func(w http.ResponseWriter, _ *http.Request) { sendWith(w, 500, doc{"error": "server_error"}) })
		}, true, oidc.ErrUnavailable, []string{"risk", "fraud"}},
		{"another person in the new ID token", func(r *rogue, _ *oidc.Identity) {
			r.claims = func(c doc) { c["sub"] = "mallory" }
		}, false, errAny, nil},
		{"another person at userinfo", func(r *rogue, _ *oidc.Identity) {
			r.userinfo = func(d doc) { d["sub"] = "mallory" }
		}, false, errAny, nil},
		{"another issuer", func(_ *rogue, who *oidc.Identity) { who.Issuer = "https://elsewhere.example" }, false, errAny, nil},
		{"provider down", func(r *rogue, _ *oidc.Identity) { r.set("/token", status(503)) }, true, oidc.ErrUnavailable, []string{"risk", "fraud"}},
		{"userinfo down", func(r *rogue, _ *oidc.Identity) { r.set("/userinfo", status(503)) }, true, oidc.ErrUnavailable, []string{"risk", "fraud"}},
		{"our secret refused", func(r *rogue, _ *oidc.Identity) {
			r.set("/token", func(w http.ResponseWriter, _ *http.Request) { sendWith(w, 401, doc{"error": "invalid_client"}) })
		}, true, oidc.ErrUnavailable, []string{"risk", "fraud"}},
		{"access token has ended and no refresh token", func(r *rogue, who *oidc.Identity) {
			without(r, who)
			who.AccessExpiry = time.Now().Add(-time.Minute)
		}, true, oidc.ErrCannotAsk, []string{"risk", "fraud"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, p, who := signedIn(t)
			c.change(r, &who)
			fresh, valid, err := p.Revalidate(t.Context(), who, time.Now())
			if valid != c.valid || (err != nil) != (c.err != nil) || c.err != nil && c.err != errAny && !errors.Is(err, c.err) {
				t.Fatalf("valid %v, error %v; want %v, %v", valid, err, c.valid, c.err)
			}
			if diff := cmp.Diff(c.groups, fresh.Groups); diff != "" {
				t.Error(diff)
			}
			if valid && (fresh.Subject != "alice" || fresh.AccessToken == "") {
				t.Errorf("%s lost something", fresh)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestRevalidateKeepsNewTokensWhenTheProviderGoesDownHalfway(t *testing.T) {
	r, p, who := signedIn(t)
	r.token = func(d doc) {
		d["access_token"], d["refresh_token"] = "access-2", "refresh-2"
		delete(d, "id_token")
	}
	r.set("/userinfo", status(503))
	fresh, valid, err := p.Revalidate(t.Context(), who, time.Now())
	if !valid || !errors.Is(err, oidc.ErrUnavailable) || fresh.RefreshToken != "refresh-2" || fresh.AccessToken != "access-2" {
		t.Errorf("valid %v, error %v, refresh token %q: the old one is used up", valid, err, fresh.RefreshToken)
	}
}
