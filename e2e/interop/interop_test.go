package interop

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/auth/oidc"
)

const (
	secret   = "0123456789abcdef0123456789abcdef"
	password = "tea & biscuits"
)

// portal is where providers lead back to; only the addresses matter.
func portal(t *testing.T) (callback, home string) {
	t.Helper()
	s := httptest.NewServer(nothingThere)
	t.Cleanup(s.Close)
	return s.URL + "/callback", s.URL + "/"
}

func relyingParty(t *testing.T, issuer, callback, home string) *oidc.Provider {
	t.Helper()
	p, err := oidc.New(oidc.Config{
		Issuer: issuer, ClientID: "sundial", ClientSecret: secret, RedirectURL: callback, PostLogoutURL: home, AllowHTTP: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signedIn is what came of a whole sign-in, and what is needed to try parts of it again.
type signedIn struct {
	who  oidc.Identity
	flow oidc.Flow
	back url.Values
}

func signIn(t *testing.T, p *oidc.Provider, b *browser, typed map[string]string) signedIn {
	t.Helper()
	to, flow, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := b.walk(to, typed)
	if back.Path != "/callback" {
		t.Fatalf("signing in ended at %s", back)
	}
	who, err := p.Finish(t.Context(), flow, back.Query(), time.Now())
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return signedIn{who, flow, back.Query()}
}

// refusesASecondTime checks that an answer is good for one sign-in.
func refusesASecondTime(t *testing.T, p *oidc.Provider, s signedIn) {
	t.Helper()
	if who, err := p.Finish(t.Context(), s.flow, s.back, time.Now()); err == nil {
		t.Errorf("the same answer signed %s in again", who)
	}
}

func signsOut(t *testing.T, p *oidc.Provider, b *browser, who oidc.Identity, home string) {
	t.Helper()
	to := p.LogoutURL(who.IDToken, "bye")
	if !strings.HasPrefix(to, p.Origin()+"/") {
		t.Fatalf("signs out at %q", to)
	}
	back := b.walk(to, nil)
	if !strings.HasPrefix(back.String(), home) || back.Query().Get("state") != "bye" {
		t.Errorf("signing out ended at %s", back)
	}
}

func TestDex(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256"} {
		t.Run(algorithm, func(t *testing.T) {
			callback, home := portal(t)
			dex := startDex(t, "-redirect", callback, "-logout", home, "-secret", secret, "-password", password, "-algorithm", algorithm)
			p := relyingParty(t, dex.issuer, callback, home)
			b := newBrowser(t, callback, home)
			done := signIn(t, p, b, map[string]string{"login": "dana@dex.example", "password": password})
			got := []any{done.who.Issuer, done.who.Email, done.who.EmailVerified, done.who.Name, sorted(done.who.Groups), done.who.RefreshToken != ""}
			want := []any{dex.issuer, "dana@dex.example", true, "Dana Dex", []string{"reviewers", "team-fraud"}, true}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if again := signIn(t, p, newBrowser(t, callback, home), map[string]string{"login": "dana@dex.example", "password": password}); again.who.Subject != done.who.Subject || done.who.Subject == "" {
				t.Errorf("one person, two subjects: %q and %q", done.who.Subject, again.who.Subject)
			}
			refusesASecondTime(t, p, done)
			if algorithm == "RS256" { // Dex does not take its own ES256 tokens as a hint who signs out
				signsOut(t, p, b, done.who, home)
			}
		})
	}
}

// With sessions, Dex refreshes from what was true at the sign-in; a change shows at the next one.
func TestDexRefreshes(t *testing.T) {
	callback, home := portal(t)
	dex := startDex(t, "-redirect", callback, "-logout", home, "-secret", secret, "-password", password)
	p := relyingParty(t, dex.issuer, callback, home)
	dana := map[string]string{"login": "dana@dex.example", "password": password}
	who := signIn(t, p, newBrowser(t, callback, home), dana).who

	first := who
	for range 3 {
		fresh, valid, err := p.Revalidate(t.Context(), who, time.Now())
		if err != nil || !valid || fresh.Subject != who.Subject || !slices.Equal(sorted(fresh.Groups), sorted(who.Groups)) {
			t.Fatalf("%s: valid %v, groups %v, error %v", fresh, valid, fresh.Groups, err)
		}
		if fresh.RefreshToken == who.RefreshToken || fresh.IDToken == who.IDToken {
			t.Error("the tokens were not renewed")
		}
		who = fresh
	}
	if _, valid, err := p.Revalidate(t.Context(), first, time.Now()); valid {
		t.Errorf("a used refresh token is good once more: error %v", err)
	}
	dex.tell("groups team-fraud")
	if again := signIn(t, p, newBrowser(t, callback, home), dana).who; !slices.Equal(again.Groups, []string{"team-fraud"}) {
		t.Errorf("signed in with %v, want team-fraud alone", again.Groups)
	}
}

func TestDexRefusesAWrongPassword(t *testing.T) {
	callback, home := portal(t)
	dex := startDex(t, "-redirect", callback, "-logout", home, "-secret", secret, "-password", password)
	p := relyingParty(t, dex.issuer, callback, home)
	to, _, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, callback, home)
	b.patience = 3
	if end := b.walk(to, map[string]string{"login": "dana@dex.example", "password": "coffee"}); strings.HasPrefix(end.String(), home) {
		t.Errorf("a wrong password leads to %s", end)
	}
}

func TestOIDCProvider(t *testing.T) {
	callback, home := portal(t)
	node := startOIDCProvider(t, "--redirect", callback, "--logout", home, "--secret", secret)
	p := relyingParty(t, node.issuer, callback, home)
	b := newBrowser(t, callback, home)
	done := signIn(t, p, b, map[string]string{"login": "nina", "password": password})
	got := []any{done.who.Issuer, done.who.Subject, done.who.Email, done.who.EmailVerified, done.who.Name, sorted(done.who.Groups), done.who.GroupsOnlyInIDToken}
	want := []any{node.issuer, "nina", "nina@node.example", true, "Nina Node", []string{"reviewers", "team-fraud"}, false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if done.back.Get("iss") != node.issuer {
		t.Errorf("iss in the answer is %q", done.back.Get("iss"))
	}
	refusesASecondTime(t, p, done)
	signsOut(t, p, b, done.who, home)
}

func TestOIDCProviderIsMissedInItsAnswer(t *testing.T) {
	callback, home := portal(t)
	node := startOIDCProvider(t, "--redirect", callback, "--logout", home, "--secret", secret)
	p := relyingParty(t, node.issuer, callback, home)
	to, flow, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	back := newBrowser(t, callback, home).walk(to, map[string]string{"login": "nina", "password": password}).Query()
	back.Del("iss")
	if who, err := p.Finish(t.Context(), flow, back, time.Now()); err == nil {
		t.Errorf("an answer without its issuer signed %s in", who)
	}
}

func TestOIDCProviderTakesGroupsAndPeopleAway(t *testing.T) {
	callback, home := portal(t)
	node := startOIDCProvider(t, "--redirect", callback, "--logout", home, "--secret", secret)
	p := relyingParty(t, node.issuer, callback, home)
	who := signIn(t, p, newBrowser(t, callback, home), map[string]string{"login": "nina", "password": password}).who

	node.tell("groups reviewers")
	who, valid, err := p.Revalidate(t.Context(), who, time.Now())
	if err != nil || !valid || !slices.Equal(who.Groups, []string{"reviewers"}) {
		t.Fatalf("valid %v, groups %v, error %v; want reviewers alone", valid, who.Groups, err)
	}
	node.tell("remove")
	if _, valid, err := p.Revalidate(t.Context(), who, time.Now()); valid {
		t.Errorf("a removed person stays: error %v", err)
	}
	node.stop()
	if _, valid, err := p.Revalidate(t.Context(), who, time.Now()); !valid || !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("with the provider gone: valid %v, error %v", valid, err)
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
