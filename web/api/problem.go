package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/token"
	"sundial/models/fault"
	"sundial/web/form"
	"sundial/web/respond"
)

const problemType = "application/problem+json"

// Problem is a refusal by RFC 9457. Its type tells kinds apart and never changes; its detail is a
// sentence to act on.
type Problem struct {
	Type     string  `json:"type" doc:"The kind of problem: urn:sundial:problem: and one word." example:"urn:sundial:problem:invalid"`
	Title    string  `json:"title" doc:"The kind in words. It is the same for every problem of a type."`
	Status   int     `json:"status" doc:"The HTTP status."`
	Detail   string  `json:"detail" doc:"A sentence about this very problem, to act on."`
	Instance string  `json:"instance" doc:"The id of the request, as in X-Request-Id and in the logs."`
	Errors   []Wrong `json:"errors,omitempty" doc:"What is wrong, field by field."`
	Checks   []Check `json:"checks,omitempty" doc:"The checks of the gate that hold a move back."`

	cause error
}

// Wrong is one sentence at one field.
type Wrong struct {
	Location string `json:"location" doc:"Where it is: body.sla.latency_p95_ms, query.limit, header.If-Match."`
	Field    string `json:"field" doc:"The field alone, without body or query before it; empty when it is about the whole."`
	Message  string `json:"message" doc:"What to do about it."`
}

// Error makes a problem an error that handlers return.
func (p *Problem) Error() string { return p.Detail }

// Unwrap is what was wrong inside, for logs.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus and ContentType are how the framework asks.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

// kinds are the problems there are. The word is part of the type.
var kinds = map[int]struct{ word, title, detail string }{
	400: {"malformed", "This request cannot be read", "This request cannot be read. Look at the document of the API."},
	401: {"nobody", "Sign in first", "Send a service token that is live, as Authorization: Bearer TOKEN."},
	403: {"forbidden", "You may not do this", "You may not do this."},
	404: {"not-found", "Not found", "There is nothing at this address, or nothing you may see."},
	405: {"method", "This address does not work that way", "It exists, but not with this method. Look at the document of the API."},
	409: {"conflict", "This does not fit the present state", "This does not fit the present state."},
	412: {"stale", "This has changed meanwhile", "Somebody else has changed this since you read it. Nothing was saved. Read it again."},
	413: {"too-large", "Too large", "This is more than can be taken at once. Send less."},
	415: {"media-type", "Not JSON", "Send application/json."},
	422: {"invalid", "Some fields need your attention", "Some fields need your attention."},
	428: {"precondition", "If-Match is missing", "Send If-Match with the ETag of what you read, so that nobody's change is lost."},
	429: {"too-many", "Too many requests", "Wait a moment and try again."},
	500: {"ours", "Something went wrong on our side", "Something went wrong on our side. Nothing was changed. Try again in a moment."},
	503: {"unavailable", "Not available right now", "Sundial could not get an answer in time. Try again in a moment."},
}

// problem makes one of a status; detail "" is the usual sentence.
func problem(status int, detail string) *Problem {
	k, known := kinds[status]
	if !known {
		k.word, k.title, k.detail = "refused", http.StatusText(status), "This request cannot be taken."
	}
	if detail == "" {
		detail = k.detail
	}
	return &Problem{Type: "urn:sundial:problem:" + k.word, Title: k.title, Status: status, Detail: detail}
}

// refusal is what the framework found wrong with a request: its shape.
func refusal(status int, said string, causes []error) *Problem {
	p := problem(status, "")
	for _, cause := range causes {
		var d *huma.ErrorDetail
		if errors.As(cause, &d) {
			p.Errors = append(p.Errors, wrong(d.Location, sentence(d.Message)))
		} else if cause != nil {
			p.Errors = append(p.Errors, wrong("", sentence(cause.Error())))
		}
	}
	if status == http.StatusBadRequest && said != "" && said != "validation failed" {
		p.Detail = sentence(said)
	}
	return p
}

func wrong(location, message string) Wrong {
	_, field, _ := strings.Cut(location, ".")
	return Wrong{Location: location, Field: field, Message: message}
}

// sentence writes the framework's words as ours are written.
func sentence(s string) string {
	s = strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// ProblemOf is how an error is told to a machine. What is ours is told in one sentence that gives nothing
// away, and what one may not see like what does not exist.
func ProblemOf(err error) *Problem {
	var large *http.MaxBytesError
	if _, isFault := fault.As(err); !isFault && errors.As(err, &large) {
		err = form.TooLarge(large)
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if f, ok := fault.As(err); ok {
		return ofFault(f, err)
	}
	var h *echo.HTTPError
	var refused *token.Refusal
	switch {
	case errors.As(err, &refused):
		p = problem(http.StatusUnauthorized, refused.Sentence)
	case errors.Is(err, auth.ErrNobody):
		p = problem(http.StatusUnauthorized, "")
	case errors.Is(err, context.DeadlineExceeded):
		p = problem(http.StatusServiceUnavailable, "")
	case errors.As(err, &h) && h.Code >= 400 && h.Code < 500:
		p = problem(h.Code, "")
	default:
		p = problem(http.StatusInternalServerError, "")
	}
	p.cause = err
	return p
}

func ofFault(f *fault.Fault, err error) *Problem {
	status := respond.Status(f.Kind)
	if status == http.StatusNotFound {
		p := problem(status, "")
		p.cause = err
		return p
	}
	p := problem(status, f.Sentence)
	p.cause = err
	if f.Kind == fault.Stale {
		p.Type = "urn:sundial:problem:stale"
	}
	for _, x := range f.Problems {
		location := "body"
		if x.Field != "" {
			location += "." + x.Field
		}
		p.Errors = append(p.Errors, wrong(location, x.Sentence))
	}
	return p
}

// WriteProblem answers with a problem under the request's id.
func WriteProblem(c echo.Context, p *Problem) error {
	out, err := p.recorded(c)
	if err != nil {
		return err
	}
	return send(c, out)
}

// recorded is the problem as it is sent.
func (p *Problem) recorded(c echo.Context) (*recorded, error) {
	told := *p
	told.Instance = c.Response().Header().Get(echo.HeaderXRequestID)
	out := &recorded{status: p.Status, header: http.Header{echo.HeaderContentType: {problemType}}}
	switch p.Status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		if c.Response().Header().Get("Retry-After") == "" {
			out.header.Set("Retry-After", "5")
		}
	case http.StatusUnauthorized:
		if c.Response().Header().Get("WWW-Authenticate") == "" {
			out.header.Set("WWW-Authenticate", `Bearer realm="Sundial"`)
		}
	}
	return out, write(&out.body, told)
}
