package auth

import (
	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/models/org"
)

// Require lets a request through when the person's roles allow the act on some team's records. It is
// the coarse half: which record, in which state, is the record's own rule.
func Require(act org.Act) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			actor := Actor(c)
			if actor.ID == 0 {
				return ErrNobody
			}
			if d := org.May(actor, act, 0); !d.Allowed {
				return fault.New(fault.Forbidden, d.Reason)
			}
			return next(c)
		}
	}
}
