package imports

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/web/form"
	"sundial/web/respond"
)

const sampleRows = 8

// Format shows how the file seems to be written, read as the address asks.
func (h Handlers) Format(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	if fixed(job) {
		return respond.SeeOther(c, link.Import(job.ID))
	}
	q := form.ReadQuery(c)
	f := job.Format
	if q.Has("encoding") {
		f.Encoding = intake.Encoding(q.Choice("encoding", encodings()...))
	}
	if q.Has("delimiter") {
		f.Delimiter = delimiter(q.Choice("delimiter", delimiterWords()...))
	}
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawFormat(c, http.StatusOK, job, f, nil)
}

// SetFormat keeps how the file is read.
func (h Handlers) SetFormat(c echo.Context) error {
	job, err := h.job(c)
	if err != nil {
		return err
	}
	var in struct {
		Encoding  string `form:"encoding"`
		Delimiter string `form:"delimiter"`
		Revision  int64  `form:"revision"`
	}
	f := job.Format
	if _, err = form.Decode(c, &in); err == nil {
		f, err = chosenFormat(in.Encoding, in.Delimiter)
	}
	if err == nil {
		if err = h.readable(c, job, f); err == nil {
			_, err = h.Store.ChangeImport(c.Request().Context(), job.ID, in.Revision, func(j *intake.Job) error { return j.SetFormat(f) })
		}
	}
	if refusal, status, ok := respond.Fault(err); ok && !fixed(job) {
		return h.drawFormat(c, status, job, f, refusal)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.ImportMapping(job.ID))
}

// readable refuses a format by which the file has no table.
func (h Handlers) readable(c echo.Context, job intake.Job, f intake.Format) error {
	raw, err := h.Store.Blob(c.Request().Context(), job.FileSHA256)
	if err != nil {
		return err
	}
	_, err = intake.NewReader(raw, f)
	if x, ok := fault.As(err); ok && x.Kind != fault.Invalid {
		return fault.At("encoding", x.Sentence)
	}
	return err
}

func (h Handlers) drawFormat(c echo.Context, status int, job intake.Job, f intake.Format, refusal *fault.Fault) error {
	raw, err := h.Store.Blob(c.Request().Context(), job.FileSHA256)
	if err != nil {
		return err
	}
	guess, err := intake.Detect(raw)
	if err != nil {
		return err
	}
	v := views.FormatView{Job: job, Format: f, Guess: guess, Refusal: refusal}
	reader, err := intake.NewReader(raw, f)
	if x, ok := fault.As(err); ok {
		v.Problem = x.Sentence
		if status == http.StatusOK {
			status = http.StatusUnprocessableEntity
		}
	} else if err != nil {
		return err
	} else {
		v.Columns, v.Notes = reader.Columns, reader.Notes
		if _, v.Rows, err = intake.Sample(raw, f, sampleRows); err != nil {
			return err
		}
	}
	return respond.HTML(c, status, views.Format(frame(c, job, "How is "+job.FileName+" written?", refusal != nil || v.Problem != ""), v))
}

func chosenFormat(encoding, word string) (intake.Format, error) {
	var p fault.Problems
	if !slices.Contains(encodings(), encoding) {
		p.Add("encoding", "Choose one of the encodings in the list.")
	}
	if !slices.Contains(delimiterWords(), word) {
		p.Add("delimiter", "Choose one of the delimiters in the list.")
	}
	return intake.Format{Encoding: intake.Encoding(encoding), Delimiter: delimiter(word)}, p.Err()
}

func encodings() []string {
	var list []string
	for _, e := range intake.Encodings {
		list = append(list, string(e))
	}
	return list
}

func delimiterWords() []string {
	var list []string
	for _, d := range intake.Delimiters {
		list = append(list, views.DelimiterWords[d])
	}
	return list
}

func delimiter(word string) intake.Delimiter {
	for d, w := range views.DelimiterWords {
		if w == word {
			return d
		}
	}
	return ""
}
