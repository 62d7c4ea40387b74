package auth

import (
	"context"
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth/oidc"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

const (
	recheckWait  = 8 * time.Second // at most, for the one request that asks
	recheckRetry = time.Minute     // after the provider could not be asked
)

var errNotVouchedFor = errors.New("the identity provider no longer vouches for this person")

// stillVouchedFor asks the provider about the person again when that was long ago, so that a group
// taken away there takes its rights away here. One request of a session asks; the others go on with
// what is known. A provider that cannot be asked changes nothing.
func (s *Sessions) stillVouchedFor(c echo.Context, x store.Session, p org.Person, now time.Time) (store.Session, org.Person, error) {
	if now.Sub(x.CheckedAt) < s.Recheck {
		return x, p, nil
	}
	// The answer is kept even when the browser stops waiting: a refresh token works once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.asPerson(c, p)), recheckWait)
	defer cancel()
	if mine, err := s.Store.ClaimCheck(ctx, x.ID, x.CheckedAt, now); err != nil || !mine {
		return x, p, nil
	}
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return x, p, errNotVouchedFor
	}
	held, known := s.openIdentity(cookie.Value, x.Sealed)
	if !known { // the secret key was changed, or there never was an identity: only the session's own end counts
		return x, p, nil
	}
	fresh, valid, why := s.Provider.Revalidate(ctx, held, now)
	if !valid {
		s.Logger.InfoContext(ctx, "session refused by the identity provider", "session", x.ID, "person", p.ID, "error", why)
		if err := s.Store.EndSession(ctx, p.ID, x.ID, "session.refused"); err != nil && !fault.Is(err, fault.NotFound) {
			s.Logger.ErrorContext(ctx, "session not ended", "session", x.ID, "error", err)
		}
		return x, p, errNotVouchedFor
	}
	p = s.keepAnswer(ctx, cookie.Value, x, p, held, fresh, now, why)
	return x, p, nil
}

// keepAnswer stores renewed tokens and, when the groups changed, what they grant now.
func (s *Sessions) keepAnswer(ctx context.Context, token string, x store.Session, p org.Person, held, fresh oidc.Identity, now time.Time, why error) org.Person {
	checked := now
	if errors.Is(why, oidc.ErrUnavailable) {
		checked = now.Add(recheckRetry - s.Recheck)
		s.Logger.WarnContext(ctx, "identity provider cannot be asked", "session", x.ID, "error", why)
	}
	sealed, err := s.sealIdentity(token, fresh)
	if err == nil {
		err = s.Store.KeepSealed(ctx, x.ID, sealed, checked)
	}
	roles := s.Grants.Roles(fresh.Groups)
	if err == nil && why == nil && (!sameSet(fresh.Groups, held.Groups) || !sameSet(roles, p.Roles)) {
		p, err = s.refreshed(ctx, p, roles, fresh.Groups)
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "session check not kept", "session", x.ID, "error", err)
	}
	return p
}

func (s *Sessions) refreshed(ctx context.Context, p org.Person, roles []org.Role, groups []string) (org.Person, error) {
	fresh, err := s.Store.Refresh(ctx, p.ID, roles, groups)
	if err != nil {
		// Better too few rights for this request than rights that were taken away.
		p.Roles, p.TeamIDs = []org.Role{org.Viewer}, nil
		return p, err
	}
	return fresh, nil
}
