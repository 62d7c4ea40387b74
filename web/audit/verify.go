package audit

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/web/respond"
)

// Verify walks the chain and keeps what it finds. One walk at a time: it reads every event there is.
func (h Handlers) Verify(c echo.Context) error {
	if !h.walking.CompareAndSwap(false, true) {
		return fault.New(fault.Conflict, "The chain is being verified right now. Look again in a moment.")
	}
	defer h.walking.Store(false)
	v, err := h.Store.RecordVerification(c.Request().Context())
	if err != nil {
		return fmt.Errorf("verify the audit trail: %w", err)
	}
	said := ui.Count(v.Events, "event", "events") + " verified: every link holds."
	if v.Broken != nil {
		said = "The chain is broken at event " + ui.Number(v.Broken.Seq) + "."
	}
	return respond.SeeOther(c, link.Audit(), said)
}
