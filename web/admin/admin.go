// Package admin serves what administrators look after, people, teams and tokens, and the policy in force, which
// everybody may read.
package admin

import (
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/respond"
)

// Handlers answers for this subject.
type Handlers struct {
	Store  *store.Store
	Policy lifecycle.Policy
	Clock  func() time.Time

	// Trying holds who tries another policy: one at a time, because each reads every model.
	Trying *sync.Mutex
}

// Index is where the navigation leads.
func (h Handlers) Index(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, link.AdminPeople())
}

// ShowPolicy tells what this organisation asks of its models.
func (h Handlers) ShowPolicy(c echo.Context) error {
	return respond.HTML(c, http.StatusOK, views.Policy(respond.Props(c, "Policy"), h.Policy, org.May(auth.Actor(c), org.TryPolicy, 0).Allowed))
}
