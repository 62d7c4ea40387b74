package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"sundial/models/store"
)

const keyHeader = "Idempotency-Key"

// longestKept is the longest answer that is kept under a key, in bytes. All of ours are shorter.
const longestKept = 2 << 20

func idempotencyParam() *huma.Param {
	least, most := 1, 200
	return &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most},
		Description: "A name of your own for this change, such as a UUID. Sent again within a day, the same request is answered with the same answer and changes nothing."}
}

// once answers a request that carries a key: the first time by doing it, later with the answer of the
// first time. How a crash in between ends is told at store.Keyed.
func (a *API) once(c echo.Context, keys []string, body []byte, do func(context.Context) (*recorded, error)) (*recorded, error) {
	key, err := readKey(keys)
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	k := &store.Keyed{Caller: callerOf(ctx), Key: key, Hash: hashOf(c.Request(), body)}
	kept, err := a.Store.ReserveKey(ctx, k)
	switch {
	case errors.Is(err, store.ErrKeyReused):
		p := problem(http.StatusUnprocessableEntity, "This Idempotency-Key was used for another request. Use a new key for each change.")
		p.Errors = []Wrong{wrong("header."+keyHeader, p.Detail)}
		return nil, p
	case err != nil:
		return nil, err
	case kept != nil:
		return replay(kept), nil
	}
	// What was done is kept and what was not is given back, also when the caller has hung up meanwhile.
	after := context.WithoutCancel(ctx)
	done := false
	defer func() {
		if !done { // refused, ours to mend, or a panic: the caller may try again, unless the change was made already
			_ = a.Store.ReleaseKey(after, k)
		}
	}()
	out, err := do(store.WithKey(ctx, k))
	// A refusal changed nothing. Kept, it would still be the answer when what was missing is there.
	if err != nil || out.status >= http.StatusBadRequest || out.body.Len() > longestKept {
		return out, err
	}
	done = true
	out.header.Set(echo.HeaderXRequestID, c.Response().Header().Get(echo.HeaderXRequestID))
	return out, a.Store.AnswerKey(after, k, store.Kept{Status: out.status, Header: out.header, Body: out.body.String()})
}

// replay is the answer of the first time, whole: with its request's id.
func replay(kept *store.Kept) *recorded {
	out := &recorded{status: kept.Status, header: http.Header{}}
	for name, values := range kept.Header {
		out.header[name] = values
	}
	out.header.Set("Idempotency-Replayed", "true")
	out.body.WriteString(kept.Body)
	return out
}

func readKey(keys []string) (string, error) {
	key := strings.TrimSpace(keys[0])
	if len(keys) > 1 || key == "" || len(key) > 200 || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		p := problem(http.StatusUnprocessableEntity, "An Idempotency-Key is 1 to 200 letters, digits and signs of ASCII.")
		p.Errors = []Wrong{wrong("header."+keyHeader, p.Detail)}
		return "", p
	}
	return key, nil
}

// callerOf keeps the keys of one person's tokens and sessions apart.
func callerOf(ctx context.Context) string {
	actor := actorIn(ctx)
	return fmt.Sprintf("%d %s", actor.ID, actor.Via)
}

// hashOf names a request by all that makes it the change it is.
func hashOf(r *http.Request, body []byte) string {
	h := sha256.New()
	for _, part := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("If-Match")} {
		fmt.Fprintf(h, "%d %s\n", len(part), part)
	}
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
