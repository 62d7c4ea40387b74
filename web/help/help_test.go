package help_test

import (
	"testing"

	"sundial/auth"
	"sundial/models/org"
	"sundial/web"
	"sundial/web/webtest"
)

func TestHelpTellsThisInstallationsRoles(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.Grants = auth.Grants{"gov-board": org.RiskReviewer} })
	site.As(site.Auditor).Get("/help").Is(200, "Who may do what", "gov-board", "Risk reviewer", "signed in with: Auditor", "Retirement plan")
	site.Nobody().Get("/help").At("/login?return_to=%2Fhelp")
}
