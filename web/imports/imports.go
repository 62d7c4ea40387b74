// Package imports answers requests about inventories that come in: a file and its steps, the import that
// runs, its report, and the questions about what vanished. What a file means is intake's to say, what is
// kept store's, and the rows come in by work.
package imports

import (
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/layout"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/intake"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Handlers answer for imports and questions.
type Handlers struct {
	Store *store.Store
	Clock func() time.Time
}

const pageRows = 50

// job is the import that the path names.
func (h Handlers) job(c echo.Context) (intake.Job, error) {
	id, err := form.ID(c, "import")
	if err != nil {
		return intake.Job{}, err
	}
	return h.Store.Import(c.Request().Context(), id)
}

// mayImport is why somebody may not import, "" when they may.
func mayImport(c echo.Context) string {
	if d := org.May(auth.Actor(c), org.Import, 0); !d.Allowed {
		return d.Reason
	}
	return ""
}

// frame is a page about one import.
func frame(c echo.Context, j intake.Job, title string, refused bool) layout.Props {
	p := respond.Props(c, title)
	p.Error = refused
	p.Crumbs = []ui.Crumb{{Label: "Imports", Href: link.Imports()}, {Label: j.FileName}}
	return p
}

// next is the page on which an import goes on.
func next(j intake.Job) string {
	switch j.Progress.State {
	case intake.JobUploaded:
		return link.ImportFormat(j.ID)
	case intake.JobMapping:
		return link.ImportMapping(j.ID)
	}
	return link.Import(j.ID)
}

// fixed reports whether an import runs or has run, so that its steps are over.
func fixed(j intake.Job) bool {
	return j.Progress.State == intake.JobRunning || j.Progress.State.Over()
}
