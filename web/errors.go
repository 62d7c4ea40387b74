package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/token"
	"sundial/components/errorpage"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/web/api"
	"sundial/web/form"
	"sundial/web/respond"
)

// fail is where every error of a request ends: it is logged here, once, and becomes a page here.
func (s *Server) fail(err error, c echo.Context) {
	r := c.Request()
	if caller, ok := c.Get(callerKey).(context.Context); ok && caller.Err() != nil && errors.Is(err, context.Canceled) {
		s.log.InfoContext(r.Context(), "request given up by its caller", "request_id", requestIDOf(c), "route", withoutTokens(c.Path()))
		return
	}
	if forMachine(c) {
		s.refuse(err, c)
		return
	}
	refused := c.Response().Header().Get(echo.HeaderWWWAuthenticate) != "" // a machine, which signs in nowhere
	if errors.Is(err, auth.ErrNobody) && !refused && (r.Method == http.MethodGet || r.Method == http.MethodHead) && !c.Response().Committed {
		if err = respond.SeeOther(c, signInFirst(c)); err == nil {
			return
		}
	}
	status, view := explain(err)
	s.report(err, status, c)
	if c.Response().Committed {
		// Half an answer must not pass for a whole one: the connection is cut.
		panic(http.ErrAbortHandler)
	}
	if status >= http.StatusInternalServerError {
		view.RequestID = requestIDOf(c)
	}
	if status == http.StatusUnauthorized {
		view.SignIn = link.Login()
	}
	if h := c.Response().Header(); h.Get("Retry-After") == "" && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests) {
		h.Set("Retry-After", "5")
	}
	s.draw(c, status, view)
}

// forMachine reports whether the answer is for a program: below /api/ everything is, known or not.
func forMachine(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, "/api/") }

// refuse is fail for programs.
func (s *Server) refuse(err error, c echo.Context) {
	p := api.ProblemOf(err)
	s.report(err, p.Status, c)
	if c.Response().Committed {
		panic(http.ErrAbortHandler)
	}
	if err := api.WriteProblem(c, p); err != nil {
		s.log.ErrorContext(c.Request().Context(), "problem not sent", "request_id", requestIDOf(c), "error", err)
	}
}

// signInFirst comes back to the page that was asked for.
func signInFirst(c echo.Context) string {
	to := auth.ReturnTo(c.Request().URL.RequestURI())
	if to == link.MyWork() {
		return link.Login()
	}
	return link.LoginTo(to)
}

func (s *Server) draw(c echo.Context, status int, view errorpage.View) {
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status)
		return
	}
	// The request's time may be over; saying so is not.
	c.SetRequest(c.Request().WithContext(context.WithoutCancel(c.Request().Context())))
	// No section is the current one: what one may not see looks like what does not exist.
	respond.SetFrame(c, s.frameOf(c, ""))
	if err := respond.HTML(c, status, errorpage.Page(respond.Props(c, view.Title), view)); err != nil {
		s.log.ErrorContext(c.Request().Context(), "error page not drawn", "request_id", requestIDOf(c), "error", err)
		if !c.Response().Committed {
			_ = c.String(status, view.Title+"\n")
		}
	}
}

// report logs what went wrong on our side, and the cause of a refusal where the person was told less.
func (s *Server) report(err error, status int, c echo.Context) {
	facts := []slog.Attr{slog.String("request_id", requestIDOf(c)), slog.String("method", c.Request().Method),
		slog.String("route", withoutTokens(c.Path())), slog.Int("status", status), slog.Int64("actor", auth.Actor(c).ID), slog.String("error", withoutTokens(err.Error()))}
	var p *panicked
	if errors.As(err, &p) {
		facts = append(facts, slog.String("stack", withoutTokens(string(p.stack))))
	}
	f, isFault := fault.As(err)
	switch ctx := c.Request().Context(); {
	case status >= http.StatusInternalServerError:
		s.log.LogAttrs(ctx, slog.LevelError, "request failed", facts...)
	case isFault && err.Error() != f.Error():
		s.log.LogAttrs(ctx, slog.LevelInfo, "request refused", facts...)
	}
}

// explain turns an error into a status and words. A stranger learns nothing from an error of ours.
func explain(err error) (int, errorpage.View) {
	var large *http.MaxBytesError
	if _, isFault := fault.As(err); !isFault && errors.As(err, &large) {
		err = form.TooLarge(large)
	}
	if f, ok := fault.As(err); ok {
		status := respond.Status(f.Kind)
		if status == http.StatusNotFound {
			return status, words(status)
		}
		view := words(status)
		view.Sentence = f.Sentence
		for _, p := range f.Problems {
			view.Sentence += " " + p.Sentence
		}
		return status, view
	}
	var h *echo.HTTPError
	var refused *token.Refusal
	switch {
	case errors.As(err, &refused):
		return http.StatusUnauthorized, errorpage.View{Title: "This token opens nothing", Sentence: refused.Sentence}
	case errors.Is(err, auth.ErrNobody):
		return http.StatusUnauthorized, words(http.StatusUnauthorized)
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, words(http.StatusServiceUnavailable)
	case errors.As(err, &h) && h.Code >= 400 && h.Code < 500:
		return h.Code, words(h.Code)
	}
	return http.StatusInternalServerError, words(http.StatusInternalServerError)
}

func words(status int) errorpage.View {
	switch status {
	case http.StatusUnauthorized:
		return errorpage.View{Title: "Sign in first", Sentence: "Your session has ended, so nothing was changed. Sign in and do it again."}
	case http.StatusForbidden:
		return errorpage.View{Title: "You may not do this"}
	case http.StatusNotFound:
		return errorpage.View{Title: "Page not found", Sentence: "There is nothing at this address, or nothing you may see. Check the address, or search for the model by name."}
	case http.StatusMethodNotAllowed:
		return errorpage.View{Title: "This address does not work that way", Sentence: "It exists, but it cannot be used like this. Go back and use the page's own links and buttons."}
	case http.StatusConflict:
		return errorpage.View{Title: "This has changed meanwhile"}
	case http.StatusRequestEntityTooLarge:
		return errorpage.View{Title: "Too large", Sentence: "This is more than can be taken at once. Send less."}
	case http.StatusTooManyRequests:
		return errorpage.View{Title: "Too many requests", Sentence: "Wait a moment and try again."}
	case http.StatusServiceUnavailable:
		return errorpage.View{Title: "Not available right now", Sentence: "Sundial could not get an answer in time. Try again in a moment."}
	case http.StatusInternalServerError:
		return errorpage.View{Title: "Something went wrong on our side", Sentence: "Nothing was changed. Try again in a moment."}
	}
	return errorpage.View{Title: "This request cannot be taken", Sentence: "Go back, reload the page and try again."}
}
