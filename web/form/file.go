package form

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
)

// Upload is one file that came with a form.
type Upload struct {
	Name  string // without folders, as text that can be shown
	Bytes []byte
}

// File reads the file of a field, at most most bytes of it. A missing, empty or too large one is a
// fault at the field.
func File(c echo.Context, field string, most int64) (Upload, error) {
	if _, err := body(c.Request()); err != nil {
		return Upload{}, err
	}
	head, err := c.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return Upload{}, fault.At(field, "Choose a file.")
	}
	if err != nil {
		return Upload{}, unreadable(err)
	}
	if head.Size > most {
		return Upload{}, &fault.Fault{Kind: fault.TooLarge, Sentence: "The file is too large.", Problems: []fault.Problem{{
			Field: field, Sentence: fmt.Sprintf("The file has %s and may have %s.", Bytes(head.Size), Bytes(most))}}}
	}
	if head.Size == 0 {
		return Upload{}, fault.At(field, "This file is empty.")
	}
	f, err := head.Open()
	if err != nil {
		return Upload{}, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return Upload{}, fmt.Errorf("read upload: %w", err)
	}
	return Upload{Name: fileName(head.Filename), Bytes: raw}, nil
}

// fileName is a stranger's name for a file, fit to be shown and kept.
func fileName(s string) string {
	s, _ = Clean(path.Base(strings.ReplaceAll(s, `\`, "/")))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestLine {
		s = string(r[:longestLine])
	}
	if s == "" || s == "." || s == "/" {
		return "file"
	}
	return s
}
