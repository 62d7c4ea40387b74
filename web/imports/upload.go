package imports

import (
	"net/http"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/web/form"
	"sundial/web/respond"
)

// New is the form that takes a file.
func (h Handlers) New(c echo.Context) error {
	return drawUpload(c, http.StatusOK, nil)
}

// Upload keeps a file and begins an import of it. What is no table is refused here.
func (h Handlers) Upload(c echo.Context) error {
	job, err := h.receive(c)
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge || f.Kind == fault.Malformed) {
		return drawUpload(c, respond.Status(f.Kind), atFile(f))
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.ImportFormat(job.ID))
}

func (h Handlers) receive(c echo.Context) (intake.Job, error) {
	file, err := form.File(c, "file", intake.MaxFileBytes)
	if err != nil {
		return intake.Job{}, err
	}
	guess, err := intake.Detect(file.Bytes)
	if err != nil {
		return intake.Job{}, err
	}
	return h.Store.AddImport(c.Request().Context(), file.Name, file.Bytes, guess.Format)
}

// atFile puts a sentence about the whole file at its field.
func atFile(f *fault.Fault) *fault.Fault {
	if len(f.Problems) > 0 {
		return f
	}
	return &fault.Fault{Kind: f.Kind, Sentence: f.Sentence, Problems: []fault.Problem{{Field: "file", Sentence: f.Sentence}}}
}

func drawUpload(c echo.Context, status int, f *fault.Fault) error {
	p := respond.Props(c, "Import an inventory")
	p.Error = f != nil
	p.Crumbs = []ui.Crumb{{Label: "Imports", Href: link.Imports()}, {Label: "New"}}
	return respond.HTML(c, status, views.Upload(p, views.UploadView{Refusal: f, Limit: form.Bytes(intake.MaxFileBytes)}))
}
