package account

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/token"
	views "sundial/components/account"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const (
	tokensAPage = 50
	usualDays   = "90"
	mostDays    = int(org.LongestToken / (24 * time.Hour))
)

// Tokens shows one's own service tokens.
func (h Handlers) Tokens(c echo.Context) error {
	ctx, v := c.Request().Context(), views.TokensView{Now: h.Clock()}
	q := form.ReadQuery(c)
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	mine := store.TokenFilter{Owner: auth.Actor(c).ID}
	page, err := h.Store.Tokens(ctx, mine, v.Now, after, tokensAPage)
	if err != nil {
		return err
	}
	count, err := h.Store.CountTokens(ctx, mine, v.Now)
	if err != nil {
		return err
	}
	v.Rows, v.Count = page.Rows, ui.Count(int64(count.N), "token", "tokens")
	if page.Next != "" {
		v.Older = link.With(link.Tokens(), "after", page.Next)
	}
	if page.Prev != "" {
		v.Newer = link.With(link.Tokens(), "after", page.Prev)
	}
	if after != "" {
		v.First = link.Tokens()
	}
	return respond.HTML(c, http.StatusOK, views.Tokens(respond.Props(c, "Your tokens"), v))
}

// NewToken is the form as somebody begins it: empty, or with the scope and the name that a link of ours
// asks for. Its key makes sending it twice making one.
func (h Handlers) NewToken(c echo.Context) error {
	q := form.ReadQuery(c)
	scopes := []string{string(org.ScopeRead)}
	for _, s := range org.Scopes {
		scopes = append(scopes, string(s))
	}
	v := views.NewTokenView{Name: q.Text("name"), Days: usualDays, Scopes: []string{q.Choice("scope", scopes...)}, FormKey: rand.Text(), Owner: auth.Actor(c).Person}
	if err := q.Err(); err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.NewToken(respond.Props(c, "Make a token"), v))
}

type tokenInput struct {
	Name    string   `form:"name"`
	Scopes  []string `form:"scopes"`
	Days    int      `form:"days"`
	FormKey string   `form:"form_key" max:"64"`
}

// MakeToken makes a token and shows it on this answer alone: no address leads to it and no page has it
// again.
func (h Handlers) MakeToken(c echo.Context) error {
	var in tokenInput
	values, err := form.Decode(c, &in)
	owner, now := auth.Actor(c).Person, h.Clock()
	t, problems := in.token(owner, err, now)
	secret, made := token.NewSecret(), org.Token{}
	if err = problems.Err(); err == nil {
		t.Hint = secret.Hint()
		made, err = h.Store.MakeToken(c.Request().Context(), t, secret.Hash(), in.FormKey)
	}
	if err == nil {
		v := views.MadeTokenView{Token: made, Secret: string(secret), Now: now}
		if v.Calendars, err = h.calendars(c, made, string(secret)); err != nil {
			return err
		}
		return respond.HTML(c, http.StatusOK, views.MadeToken(respond.Props(c, "Token made"), v))
	}
	f, status, ok := respond.Fault(err)
	if ok && f.Kind == fault.Conflict && made.ID != 0 {
		return respond.HTML(c, status, views.TokenWasMade(respond.Props(c, "Token made already"), made))
	}
	if !ok {
		return err
	}
	return respond.HTML(c, status, views.NewToken(respond.Refused(c, "Make a token"), views.NewTokenView{Name: values.Get("name"), Days: values.Get("days"),
		Scopes: values.All("scopes"), FormKey: in.FormKey, Owner: owner, Fault: f}))
}

// calendars are the addresses that a token opens which can read the calendar and nothing else: one's own, one
// for each of one's teams, and everybody's. Like the secret in them they are shown on this answer alone.
func (h Handlers) calendars(c echo.Context, t org.Token, secret string) ([]views.Calendar, error) {
	if !slices.Equal(t.Scopes, []org.Scope{org.ScopeCalendar}) {
		return nil, nil
	}
	teams, err := h.Store.Teams(c.Request().Context())
	if err != nil {
		return nil, err
	}
	feed := strings.TrimSuffix(h.BaseURL.String(), "/") + link.RetirementsFeed()
	out := []views.Calendar{{Label: "Models that you answer for", Address: link.With(feed, "owner", strconv.FormatInt(t.OwnerID, 10), "key", secret)}}
	for _, team := range teams {
		if auth.Actor(c).InTeam(team.ID) {
			out = append(out, views.Calendar{Label: "Models of " + team.Name, Address: link.With(feed, "team", team.Slug, "key", secret)})
		}
	}
	return append(out, views.Calendar{Label: "All models", Address: link.With(feed, "key", secret)}), nil
}

// token is what the form asks for, with everything that is wrong with it. read is what was wrong with
// the form itself.
func (in tokenInput) token(owner org.Person, read error, now time.Time) (org.Token, fault.Problems) {
	var wrong fault.Problems
	wrong.Merge("", read)
	t := org.Token{OwnerID: owner.ID, Name: in.Name, ExpiresAt: now.Truncate(time.Second).AddDate(0, 0, 1)}
	told := map[string]bool{}
	for _, p := range wrong.List() {
		told[p.Field] = true
	}
	add := func(field, sentence string) {
		if sentence != "" && !told[field] {
			wrong.Add(field, sentence)
			told[field] = true
		}
	}
	add("name", form.Name(in.Name))
	for _, s := range in.Scopes {
		scope, known := org.ParseScope(s)
		if !known {
			add("scopes", "Choose from the scopes below.")
		} else if !slices.Contains(t.Scopes, scope) {
			t.Scopes = append(t.Scopes, scope)
		}
	}
	if in.Days < 1 || in.Days > mostDays {
		add("days", "Enter a number of days from 1 to 366.")
	} else {
		t.ExpiresAt = now.Truncate(time.Second).Add(time.Duration(in.Days) * 24 * time.Hour)
	}
	if f, bad := fault.As(t.Check(now)); bad {
		for _, p := range f.Problems {
			add(p.Field, p.Sentence)
		}
	}
	if in.FormKey == "" {
		add("", "This form is not whole. Open it again.")
	}
	return t, wrong
}

// mine finds one of one's own tokens; somebody else's does not exist.
func (h Handlers) mine(c echo.Context) (org.Token, error) {
	id, err := form.ID(c, "token")
	if err != nil {
		return org.Token{}, err
	}
	t, err := h.Store.Token(c.Request().Context(), id)
	if err == nil && t.OwnerID != auth.Actor(c).ID {
		err = fault.New(fault.NotFound, "There is no such token.")
	}
	return t, err
}

// AskRevokeToken asks before a token ends.
func (h Handlers) AskRevokeToken(c echo.Context) error {
	t, err := h.mine(c)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.RevokeToken(respond.Props(c, "Revoke the token "+t.Name), t))
}

// RevokeToken ends one of one's own tokens for good.
func (h Handlers) RevokeToken(c echo.Context) error {
	t, err := h.mine(c)
	if err != nil {
		return err
	}
	if _, err := h.Store.RevokeToken(c.Request().Context(), t.ID); err != nil {
		return err
	}
	return respond.SeeOther(c, link.Tokens(), "Token "+t.Name+" revoked.")
}
