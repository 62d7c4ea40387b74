package respond

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
)

// Status is the HTTP status of a kind of fault.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict, fault.Stale:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Malformed:
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// Fault tells a handler whether an error is one the person can mend on the form they sent: then the
// same page is drawn again with this status, the input kept and the sentences in place. Every other
// error is returned as it is, and becomes an error page.
//
//	if f, status, ok := respond.Fault(err); ok {
//		return respond.HTML(c, status, views.Edit(props, view, f))
//	}
//	return err
func Fault(err error) (f *fault.Fault, status int, ok bool) {
	f, ok = fault.As(err)
	if !ok {
		return nil, 0, false
	}
	switch f.Kind {
	case fault.Invalid, fault.Forbidden, fault.Conflict, fault.Stale:
		return f, Status(f.Kind), true
	}
	return nil, 0, false
}

const noteKey = "respond.note"

// Note keeps an error for the request's log line, where the page was drawn by the handler itself and
// the person was told less than the log should know.
func Note(c echo.Context, err error) { c.Set(noteKey, err) }

// Noted is what Note kept.
func Noted(c echo.Context) error {
	err, _ := c.Get(noteKey).(error)
	return err
}
