package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sundial/models/fault"
)

// Entity is an answer about one thing. Its tag is the revision that an update names, and a hash of all
// that the answer says: a model's plan or stage may change without its revision.
type Entity[T any] struct {
	ETag        string `header:"ETag" doc:"Names what was read; updates send it back in If-Match."`
	Location    string `header:"Location" doc:"Where a new thing is."`
	Deprecation string `header:"Deprecation" doc:"RFC 9745: from when on what serves should no longer be relied on."`
	Sunset      string `header:"Sunset" doc:"RFC 8594: when what serves ends."`
	Body        T
}

// entity answers with a thing of this revision; 0 is a thing that nobody updates.
func entity[T any](revision int64, body T) *Entity[T] {
	return &Entity[T]{ETag: "r" + strconv.FormatInt(revision, 10), Body: body}
}

// ending is an answer that can tell when what serves stops.
type ending interface {
	tellEnd(deprecation, sunset string)
}

func (e *Entity[T]) tellEnd(deprecation, sunset string) {
	e.Deprecation, e.Sunset = deprecation, sunset
}

// ends tells in headers when what a model serves is deprecated (RFC 9745) and gone (RFC 8594). A model
// that serves nothing has no end to tell.
func (a *API) ends(ctx context.Context, slug string, out ending) error {
	days, err := a.Store.Endings(ctx, slug)
	if err != nil {
		return err
	}
	var deprecation, sunset string
	if d := days.Deprecation; d.Known() {
		deprecation = "@" + strconv.FormatInt(d.Time().Unix(), 10)
	}
	// By RFC 9745 nothing is gone before it is deprecated.
	if d := days.Gone; d.Known() && !d.Before(days.Deprecation) {
		sunset = d.Time().Format(http.TimeFormat)
	}
	out.tellEnd(deprecation, sunset)
	return nil
}

// tag completes the entity tag that a call gave.
func (r *recorded) tag() {
	if revision := r.header.Get("ETag"); revision != "" {
		sum := sha256.Sum256(r.body.Bytes())
		r.header.Set("ETag", `"`+revision+"-"+hex.EncodeToString(sum[:8])+`"`)
	}
}

// unchanged reports whether the caller has this already.
func unchanged(r *http.Request, out *recorded) bool {
	asked, tag := r.Header.Get("If-None-Match"), out.header.Get("ETag")
	if asked == "" || tag == "" || out.status != http.StatusOK || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return false
	}
	for _, x := range strings.Split(asked, ",") {
		if x = strings.TrimSpace(x); x == "*" || strings.TrimPrefix(x, "W/") == tag {
			return true
		}
	}
	return false
}

// revision reads If-Match: the revision that an update was made from, 0 for any ("*").
func revision(ifMatch string) (int64, error) {
	ifMatch = strings.TrimSpace(ifMatch)
	switch ifMatch {
	case "":
		return 0, problem(http.StatusPreconditionRequired, "")
	case "*":
		return 0, nil
	}
	tag, opened := strings.CutPrefix(ifMatch, `"r`)
	number, _, found := strings.Cut(tag, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if !opened || !found || !strings.HasSuffix(tag, `"`) || err != nil || n <= 0 {
		return 0, problem(http.StatusPreconditionFailed, "If-Match holds no ETag that was given out for this. Read it again.")
	}
	return n, nil
}

// preconditioned tells an update that came too late by its status: what If-Match named is no more.
func preconditioned(err error) error {
	if fault.Is(err, fault.Stale) {
		p := problem(http.StatusPreconditionFailed, "")
		p.cause = err
		return p
	}
	return err
}

func noneMatchParam() *huma.Param {
	return &huma.Param{Name: "If-None-Match", In: "header", Description: "The ETag of what you have; 304 when it is still so.", Schema: &huma.Schema{Type: "string"}}
}
