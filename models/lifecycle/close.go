package lifecycle

import (
	"time"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
)

// MayClose says whether a version can end by being closed: it never served, or its time to return is
// over. What has served ends by its retirement plan.
func MayClose(v *registry.Version, now time.Time) org.Decision {
	no := func(why string) org.Decision { return org.Decision{Reason: why} }
	switch {
	case v.Stage == registry.Retired:
		return no("It is already retired.")
	case v.Stage == registry.Production:
		return no("A version in production is retired by its retirement plan.")
	case MayReturn(v, now):
		return no("It may still return until its rollback window ends.")
	case !v.ServedSince.IsZero() && v.SupersededAt.IsZero():
		return no("It has served, so it is retired by its retirement plan.")
	}
	return org.Decision{Allowed: true}
}

// CloseVersion ends a version before production, with a reason.
func CloseVersion(a org.Actor, m *registry.Model, v *registry.Version, reason string, now time.Time) error {
	if may := org.May(a, org.Edit, m.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	if may := MayClose(v, now); !may.Allowed {
		return fault.New(fault.Conflict, may.Reason)
	}
	if m.Retiring != "" && !v.ServedSince.IsZero() {
		return fault.New(fault.Conflict, "This version has served and the model is being retired. It ends with that.")
	}
	reason, err := text("reason", reason, true)
	if err != nil {
		return err
	}
	v.Note("version.closed", v.Subject(m.Slug), map[string]any{"stage": v.Stage}, map[string]any{"stage": registry.Retired, "reason": reason})
	v.Stage, v.StageSince, v.ClosedReason = registry.Retired, now, reason
	return nil
}

// Lapse retires a superseded version whose rollback window is over; the nightly check calls it.
func Lapse(m *registry.Model, v *registry.Version, now time.Time) bool {
	if v.Stage != registry.Staged || v.SupersededAt.IsZero() || now.Before(v.RollbackUntil) {
		return false
	}
	v.Note("version.lapsed", v.Subject(m.Slug), map[string]any{"stage": v.Stage}, map[string]any{"stage": registry.Retired})
	v.Stage, v.StageSince, v.ClosedReason = registry.Retired, now, "Superseded, and its rollback window is over."
	return true
}
