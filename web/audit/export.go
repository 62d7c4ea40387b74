package audit

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	rules "sundial/models/audit"
	"sundial/models/fault"
	"sundial/web/form"
)

// Export streams the filtered trail as JSON Lines, oldest first. Each line is the canonical JSON of its
// event: its hash is the SHA-256 of the line with the value of hash left empty, so that an outsider can
// verify the chain without Sundial.
func (h Handlers) Export(c echo.Context) error {
	ctx := c.Request().Context()
	_, filter, problems, err := h.read(ctx, form.ReadQuery(c))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &fault.Fault{Kind: fault.Malformed, Sentence: "This address does not name events.", Problems: problems}
	}
	r := c.Response()
	begin := func() {
		if !r.Committed {
			r.Header().Set(echo.HeaderContentType, "application/jsonl; charset=utf-8")
			r.Header().Set(echo.HeaderContentDisposition, `attachment; filename="sundial-audit.jsonl"`)
			r.WriteHeader(http.StatusOK)
		}
	}
	err = h.Store.EachEvent(ctx, filter, func(e rules.Event) error {
		line, err := rules.Canonical(e)
		if err != nil {
			return err
		}
		begin()
		_, err = r.Write(append(line, '\n'))
		return err
	})
	if err != nil {
		return fmt.Errorf("export audit trail: %w", err)
	}
	begin()
	return nil
}
