package token

import (
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/auth/rate"
	"sundial/models/fault"
)

// Limits are requests a minute, over all replicas. A limit below one never refuses.
type Limits struct {
	Token   int // of one token
	Address int // of one address that came with a session, or asks for what is public
	Failed  int // of one address that came with nothing, or with a token that opens nothing
}

// DefaultLimit is the requests a minute of one token where nothing else is said.
const DefaultLimit = 1200

// failedShare is the part of the limit that may fail: whoever guesses needs none of it.
const failedShare = 20

// LimitsOf are the limits that follow from the requests a minute of a token: 0 is the default, below
// that there are none.
func LimitsOf(perMinute int) Limits {
	switch {
	case perMinute < 0:
		return Limits{}
	case perMinute == 0:
		perMinute = DefaultLimit
	}
	return Limits{Token: perMinute, Address: perMinute, Failed: max(1, perMinute/failedShare)}
}

// Pace limits requests that came without a token. It stands behind the loading of sessions; public says
// whether the route is for nobody too. What a token may do was taken by Load.
func (t *Tokens) Pace(public func(echo.Context) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			actor, err := auth.Actor(c), error(nil)
			switch {
			case actor.IsToken():
			case actor.ID != 0 || public(c):
				err = t.pace(c, "address:"+network(c.RealIP()), t.Limits.Address)
			default:
				err = t.pace(c, "failed:"+network(c.RealIP()), t.Limits.Failed)
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// pace takes one request out of a limit and tells in the answer's head what is left of it.
func (t *Tokens) pace(c echo.Context, key string, limit int) error {
	v, err := t.limiter.Take(c.Request().Context(), key, limit)
	if err != nil || v.Limit == 0 {
		return err
	}
	reset := seconds(v.Reset)
	h := c.Response().Header()
	h.Set("RateLimit-Policy", fmt.Sprintf(`"minute";q=%d;w=%d`, v.Limit, int(rate.Window/time.Second)))
	h.Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, v.Remaining, reset))
	if v.Allowed {
		return nil
	}
	h.Set(echo.HeaderRetryAfter, strconv.Itoa(max(1, reset)))
	return fault.Newf(fault.TooMany, "These are more than %d requests a minute. Wait %d seconds and try again.", v.Limit, max(1, reset))
}

// seconds are whole ones, rounded up: who waits so long waits long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
