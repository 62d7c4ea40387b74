package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sundial/auth/token"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestTokenCreatePrintsTheTokenAlone(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	a := sundial(t, nil, "", "token", "create", "--owner", "owner@example.test", "--scope", "read,write,approve", "--ttl", "24h", "--data", dir)
	secret, ok := token.Parse(strings.TrimSuffix(a.out, "\n"))
	if a.code != exitDone || !ok {
		t.Fatalf("ended with %d and printed %q; %s", a.code, a.out, a.err)
	}
	if !strings.Contains(a.err, "stands for Owner") || !strings.Contains(a.err, "Only reviewers and risk reviewers decide.") || strings.Contains(a.err, string(secret)) {
		t.Errorf("said %q", a.err)
	}
	if b := sundial(t, nil, "", "token", "create", "--owner", "owner@example.test", "--name", "ci", "--ttl", "90d", "--data", dir); b.code != exitDone || b.out == a.out {
		t.Errorf("%+v", b)
	}
	list := sundial(t, nil, "", "token", "list", "--owner", "Owner@example.test", "--data", dir)
	if list.code != exitDone || strings.Count(list.out, "\n") != 3 || !strings.Contains(list.out, "read,write,approve") || strings.Contains(list.out, string(secret)) {
		t.Errorf("%+v", list)
	}
	if b := sundial(t, nil, "", "token", "list", "--owner", "nobody@example.test", "--data", dir, "--json"); b.out != "[]\n" {
		t.Errorf("%+v", b)
	}
	var lines []struct {
		ID                 int64
		State, Name, Owner string
	}
	if b := sundial(t, nil, "", "token", "list", "--json", "--data", dir); json.Unmarshal([]byte(b.out), &lines) != nil || len(lines) != 2 || lines[0].Name != "ci" || lines[0].State != "live" {
		t.Errorf("%+v %+v", b, lines)
	}
	for range 2 { // revoked twice is revoked
		if b := sundial(t, nil, "", "token", "revoke", "1", "--data", dir); b.code != exitDone {
			t.Errorf("%+v", b)
		}
	}
	if b := sundial(t, nil, "", "token", "list", "--data", dir); !regexp.MustCompile(`(?m)^1 +revoked `).MatchString(b.out) {
		t.Errorf("%+v", b)
	}
	if b := sundial(t, nil, "", "audit", "verify", "--data", dir); b.code != exitDone {
		t.Errorf("%+v", b)
	}
}

func TestTokenCreateNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	create := func(more ...string) []string {
		return append([]string{"create", "--owner", "owner@example.test"}, more...)
	}
	if a := sundial(t, nil, "", append([]string{"token"}, append(create("--name", "taken"), "--data", dir)...)...); a.code != exitDone {
		t.Fatalf("%+v", a)
	}
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"no verb":                {nil, "create, list or revoke"},
		"nobody":                 {[]string{"create"}, "--owner EMAIL"},
		"somebody unknown":       {[]string{"create", "--owner", "x@example.test"}, "once they have signed in"},
		"a scope that is not":    {create("--scope", "root"), `"root" is none of read`},
		"no scope":               {create("--scope", ""), "at least one scope"},
		"a life of words":        {create("--ttl", "long"), "24h or 90d"},
		"a life that is over":    {create("--ttl", "-1h"), "ahead"},
		"two years":              {create("--ttl", "20000h"), "within a year"},
		"two years in days":      {create("--ttl", "730d"), "24h or 90d"},
		"a name that is taken":   {create("--name", "taken"), "living token of this name"},
		"a word too many":        {create("now"), "one word too many"},
		"revoking nothing":       {[]string{"revoke"}, "no token's number"},
		"revoking a word":        {[]string{"revoke", "ci"}, "no token's number"},
		"revoking what is not":   {[]string{"revoke", "99"}, "There is no such token"},
		"a database of no token": {[]string{"list", "--database", "mysql://x"}, "neither sqlite"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"token"}, tt.args...)
			if name != "a database of no token" {
				args = append(args, "--data", dir)
			}
			if a := sundial(t, nil, "", args...); a.code != exitCouldNot || !strings.Contains(a.err, tt.says) || a.out != "" {
				t.Errorf("ended with %d, printed %q and said %q", a.code, a.out, a.err)
			}
		})
	}
}

// Pipelines' authors make tokens while the portal runs on the same file.
func TestTokenCreateWorksBesideAServer(t *testing.T) {
	t.Parallel()
	dir := kept(t)
	serving := storetest.Open(t, "sqlite:"+filepath.Join(dir, "sundial.db"))
	key, err := demoKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	serving.SetSealKey(sealKey(key))
	if err := serving.Hold(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a := sundial(t, nil, "", "token", "create", "--owner", "owner@example.test", "--data", dir)
		if a.code != exitDone {
			t.Fatalf("%+v", a)
		}
		_, who, err := serving.LiveToken(t.Context(), token.Secret(strings.TrimSpace(a.out)).Hash(), serving.Now())
		if err != nil || who.Name != "Owner" {
			t.Errorf("the server does not know the token: %+v %v", who, err)
		}
		if _, err := serving.EnsureDepartment(bySystem(t.Context(), "test"), "new-"+a.out[4:10], "New"); err != nil {
			t.Errorf("the server cannot write: %v", err)
		}
	}
	if _, broken, err := serving.VerifyAudit(t.Context()); broken != nil || err != nil {
		t.Errorf("the chain: %v, %v", broken, err)
	}
	events, err := serving.Events(t.Context(), store.EventFilter{Verb: "token.created"}, 5)
	if err != nil || len(events) != 3 || events[0].RequestID != "command:token create" || events[0].Via != "system" {
		t.Errorf("%+v %v", events, err)
	}
}
