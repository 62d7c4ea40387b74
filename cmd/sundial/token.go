package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"sundial/auth/token"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

var tokenCommand = command{
	name: "token", args: "create --owner EMAIL [--name NAME] [--scope read,write] [--ttl 24h] | list [--owner EMAIL] [--json] | revoke ID   [--database URL | --data DIR]",
	summary: "make, list and revoke service tokens, also while the portal runs",
	example: "SUNDIAL_TOKEN=$(sundial token create --owner mira@gnomon.example --scope read,write --ttl 24h --data ./demo-data)",
}

func init() { tokenCommand.run = runToken }

// tokenFlags are those of all three verbs.
type tokenFlags struct {
	owner, name, scopes, ttl string
	json                     bool
}

func runToken(ctx context.Context, e env) error {
	var d database
	var f tokenFlags
	set := tokenCommand.flags(e)
	d.register(set, e.getenv)
	set.StringVar(&f.owner, "owner", "", "`EMAIL` of the person whom the token stands for")
	set.StringVar(&f.name, "name", "", "what it is for; made up when not given")
	set.StringVar(&f.scopes, "scope", "read", "any of "+strings.Join(scopeNames(org.Scopes), ", ")+", with commas between them")
	set.StringVar(&f.ttl, "ttl", "90d", "how long it lives, as 24h or 90d; a year at most")
	set.BoolVar(&f.json, "json", false, "list as JSON")
	verb, rest := split(e.args)
	id := ""
	if verb == "revoke" {
		id, rest = split(rest)
	}
	if err := set.Parse(rest); err != nil {
		return err
	}
	if verb == "revoke" && id == "" {
		id = set.Arg(0)
	} else if set.NArg() > 0 {
		return fmt.Errorf("%q is one word too many; see: sundial token --help", set.Arg(0))
	}
	run, known := map[string]func(context.Context, env, *store.Store) error{
		"create": f.create, "list": f.list,
		"revoke": func(ctx context.Context, e env, s *store.Store) error { return revokeToken(ctx, e, s, id) },
	}[verb]
	if !known {
		return errors.New("say: sundial token create, list or revoke")
	}
	s, err := d.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	return run(bySystem(ctx, "token "+verb), e, s)
}

// create prints the token alone, so that a shell can take it; what a person may want to know goes to
// standard error.
func (f tokenFlags) create(ctx context.Context, e env, s *store.Store) error {
	if f.owner == "" {
		return errors.New("whom does it stand for? Give --owner EMAIL")
	}
	scopes, err := readScopes(f.scopes)
	if err != nil {
		return err
	}
	life, err := readLife(f.ttl)
	if err != nil {
		return err
	}
	owner, err := s.PersonByEmail(ctx, strings.TrimSpace(f.owner))
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("no active person, or more than one, has the e-mail address %s here; people are known once they have signed in", f.owner)
	}
	if err != nil {
		return err
	}
	secret := token.NewSecret()
	name := strings.TrimSpace(f.name)
	if name == "" {
		name = "command " + secret.Hint()
	}
	made, err := s.MakeToken(ctx, org.Token{OwnerID: owner.ID, Name: name, Scopes: scopes, Hint: secret.Hint(), ExpiresAt: s.Now().Add(life)}, secret.Hash(), "")
	if err != nil {
		return sentence(err)
	}
	fmt.Fprintf(e.err, "token %d (%s) stands for %s until %s; it is not shown again\n", made.ID, made.Name, owner.Name, made.ExpiresAt.Format(time.RFC3339))
	for _, scope := range scopes {
		for _, reason := range scope.Withheld(owner) {
			fmt.Fprintf(e.err, "  %s, but the roles of %s leave something out: %s\n", scope, owner.Name, reason)
		}
	}
	_, err = fmt.Fprintln(e.out, secret)
	return err
}

func readScopes(s string) ([]org.Scope, error) {
	var scopes []org.Scope
	for _, name := range strings.Split(s, ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		scope, known := org.ParseScope(name)
		if !known {
			return nil, fmt.Errorf("--scope: %q is none of %s", strings.TrimSpace(name), strings.Join(scopeNames(org.Scopes), ", "))
		}
		scopes = append(scopes, scope)
	}
	return scopes, nil
}

// readLife reads 24h and 90d: a day is how people count the life of a token, and Go's durations know none.
func readLife(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(strings.TrimSpace(s), "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err == nil && n <= uint64(org.LongestToken/(24*time.Hour)) {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	life, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil {
		return 0, fmt.Errorf("--ttl: %q is no time to live; say 24h or 90d, a year at most", s)
	}
	return life, nil
}

func scopeNames(scopes []org.Scope) []string {
	names := make([]string, 0, len(scopes))
	for _, s := range scopes {
		names = append(names, string(s))
	}
	return names
}

// list shows every token, or one owner's, the newest first.
func (f tokenFlags) list(ctx context.Context, e env, s *store.Store) error {
	now := s.Now()
	var all []org.Token
	for after := ""; ; {
		page, err := s.Tokens(ctx, store.TokenFilter{}, now, after, 500)
		if err != nil {
			return err
		}
		for _, t := range page.Rows {
			if f.owner == "" || strings.EqualFold(t.OwnerEmail, strings.TrimSpace(f.owner)) {
				all = append(all, t)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if f.json {
		return tokensAsJSON(e.out, all, now)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tNAME\tOWNER\tSCOPES\tBEGINS\tENDS\tLAST USED")
	for _, t := range all {
		used := "never"
		if !t.LastUsedAt.IsZero() {
			used = t.LastUsedAt.Format(time.RFC3339) + " from " + t.LastUsedBy
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.State(now), t.Name, t.OwnerEmail, strings.Join(scopeNames(t.Scopes), ","), t.Hint, t.ExpiresAt.Format(time.RFC3339), used)
	}
	return w.Flush()
}

func tokensAsJSON(out io.Writer, all []org.Token, now time.Time) error {
	type line struct {
		ID           int64          `json:"id"`
		Name         string         `json:"name"`
		Owner        string         `json:"owner"`
		OwnerEmail   string         `json:"owner_email"`
		Scopes       []org.Scope    `json:"scopes"`
		Hint         string         `json:"hint"`
		State        org.TokenState `json:"state"`
		CreatedAt    time.Time      `json:"created_at"`
		ExpiresAt    time.Time      `json:"expires_at"`
		LastUsedAt   *time.Time     `json:"last_used_at"`
		LastUsedFrom string         `json:"last_used_from,omitempty"`
		RevokedAt    *time.Time     `json:"revoked_at"`
	}
	lines := make([]line, 0, len(all))
	for _, t := range all {
		lines = append(lines, line{t.ID, t.Name, t.Owner, t.OwnerEmail, t.Scopes, t.Hint, t.State(now), t.CreatedAt, t.ExpiresAt,
			unlessZero(t.LastUsedAt), t.LastUsedBy, unlessZero(t.RevokedAt)})
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(lines)
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func revokeToken(ctx context.Context, e env, s *store.Store, text string) error {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return fmt.Errorf("%q is no token's number; see: sundial token list", text)
	}
	t, err := s.RevokeToken(ctx, id)
	if err != nil {
		return sentence(err)
	}
	_, err = fmt.Fprintf(e.out, "token %d (%s) is revoked\n", t.ID, t.Name)
	return err
}
