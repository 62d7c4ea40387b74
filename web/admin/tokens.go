package admin

import (
	"context"
	"iter"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// readTokens reads which tokens the address asks for. Nobody's tokens are asked for of an owner who is not.
func (h Handlers) readTokens(c echo.Context, q *form.Query) (views.TokensView, store.TokenFilter, error) {
	v := views.TokensView{Show: q.Choice("show", "", "live", "ended"), Now: h.Clock()}
	f := store.TokenFilter{Owner: q.Int("owner", 1, math.MaxInt64), Live: v.Show == "live", Ended: v.Show == "ended"}
	if err := q.Err(); err != nil || f.Owner == 0 {
		return v, f, err
	}
	owner, err := h.Store.Person(c.Request().Context(), f.Owner)
	if fault.Is(err, fault.NotFound) {
		owner, err = org.Person{ID: f.Owner, Name: "Nobody"}, nil
	}
	v.Owner = owner
	return v, f, err
}

// Tokens lists everybody's service tokens.
func (h Handlers) Tokens(c echo.Context) error {
	ctx, q := c.Request().Context(), form.ReadQuery(c)
	after := q.Cursor("after")
	v, filter, err := h.readTokens(c, q)
	if err != nil {
		return err
	}
	page, err := h.Store.Tokens(ctx, filter, v.Now, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountTokens(ctx, filter, v.Now)
	if err != nil {
		return err
	}
	v.Rows, v.Count = page.Rows, ui.Count(int64(count.N), "token", "tokens")
	if count.More {
		v.Count = ui.Number(int64(count.N)) + "+ tokens"
	}
	v.Older, v.Newer = follow(v.Address(), page.Next), follow(v.Address(), page.Prev)
	if after != "" {
		v.First = v.Address()
	}
	p := respond.Props(c, "Service tokens")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Tokens(p, v))
}

// TokensCSV is the same list as a file, for a review of access.
func (h Handlers) TokensCSV(c echo.Context) error {
	v, filter, err := h.readTokens(c, form.ReadQuery(c))
	if err != nil {
		return err
	}
	head := []string{"id", "name", "owner", "owner_email", "scopes", "hint", "created_at", "expires_at", "last_used_at", "last_used_from", "revoked_at", "state"}
	return respond.CSV(c, "tokens-"+v.Now.UTC().Format(time.DateOnly)+".csv", head, h.tokenLines(c.Request().Context(), filter, v.Now))
}

func (h Handlers) tokenLines(ctx context.Context, f store.TokenFilter, now time.Time) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for after := ""; ; {
			page, err := h.Store.Tokens(ctx, f, now, after, 500)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, t := range page.Rows {
				if !yield(tokenLine(t, now), nil) {
					return
				}
			}
			if after = page.Next; after == "" {
				return
			}
		}
	}
}

func tokenLine(t org.Token, now time.Time) []string {
	scopes := make([]string, 0, len(t.Scopes))
	for _, s := range t.Scopes {
		scopes = append(scopes, string(s))
	}
	return []string{strconv.FormatInt(t.ID, 10), t.Name, t.Owner, t.OwnerEmail, strings.Join(scopes, " "), t.Hint, moment(t.CreatedAt), moment(t.ExpiresAt),
		moment(t.LastUsedAt), t.LastUsedBy, moment(t.RevokedAt), string(t.State(now))}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// AskRevokeToken asks before somebody's token ends.
func (h Handlers) AskRevokeToken(c echo.Context) error {
	id, err := form.ID(c, "token")
	if err != nil {
		return err
	}
	t, err := h.Store.Token(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.RevokeToken(respond.Props(c, "Revoke the token "+t.Name), t))
}

// RevokeToken ends anybody's token for good.
func (h Handlers) RevokeToken(c echo.Context) error {
	id, err := form.ID(c, "token")
	if err != nil {
		return err
	}
	t, err := h.Store.RevokeToken(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.AdminTokens(), "Token "+t.Name+" revoked.")
}
