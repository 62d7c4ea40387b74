package form

import (
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	playground "github.com/go-playground/form/v4"
	"github.com/labstack/echo/v4"

	"sundial/models/day"
	"sundial/models/fault"
)

const (
	mostKeys    = 2000
	longestKey  = 200
	mostEntries = 200     // of a list such as steps[0], steps[1]
	memory      = 1 << 20 // of a form with files, in bytes; the rest goes to temporary files
)

// Values is what was typed, as it can be shown again.
type Values struct{ typed url.Values }

// Get is the first value of a field, "" when there is none.
func (v Values) Get(field string) string { return v.typed.Get(field) }

// All are the values of a field with several choices.
func (v Values) All(field string) []string { return v.typed[field] }

// Has reports whether the field was sent at all.
func (v Values) Has(field string) bool { return v.typed.Has(field) }

// Rows is how many entries of a list were sent: 3 for steps[0].title to steps[2].title.
func (v Values) Rows(list string) int {
	rows := 0
	for key := range v.typed {
		rest, ok := strings.CutPrefix(key, list+"[")
		if !ok {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(rest, "%d]", &n); err == nil && n >= rows && n < mostEntries {
			rows = n + 1
		}
	}
	return rows
}

var decoder = newDecoder()

func newDecoder() *playground.Decoder {
	d := playground.NewDecoder()
	d.SetMode(playground.ModeExplicit) // only fields with a tag: nothing else can be filled from outside
	d.SetMaxArraySize(mostEntries)
	d.RegisterCustomTypeFunc(func(s []string) (any, error) { return day.Parse(s[0]) }, day.Day(""))
	return d
}

// Decode reads the body of a POST into a struct. The error, if any, is a fault: Invalid with a
// sentence at each field, TooLarge or Malformed for what is no form of ours. Values holds what was
// typed in every case.
func Decode(c echo.Context, into any) (Values, error) {
	sent, err := body(c.Request())
	if err != nil {
		return Values{url.Values{}}, err
	}
	var p fault.Problems
	clean, shown := url.Values{}, url.Values{}
	for _, key := range sortedKeys(sent) {
		for _, raw := range sent[key] {
			text, sentence := Clean(raw)
			if sentence != "" {
				p.Add(key, sentence)
			}
			clean[key], shown[key] = append(clean[key], text), append(shown[key], text)
		}
	}
	if err := decoder.Decode(into, clean); err != nil {
		if err := notes(&p, err); err != nil {
			return Values{shown}, err
		}
	}
	bound(&p, into)
	return Values{shown}, p.Err()
}

// body parses the body within our bounds. Its size was bounded by the server.
func body(r *http.Request) (url.Values, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	var err error
	switch kind {
	case "multipart/form-data":
		err = r.ParseMultipartForm(memory)
	case "application/x-www-form-urlencoded", "":
		err = r.ParseForm()
	default:
		return nil, fault.New(fault.Malformed, "This page takes what its own form sends, and this was something else.")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if len(r.PostForm) > mostKeys {
		return nil, fault.Newf(fault.TooLarge, "The form has more than %d fields. Send it in parts.", mostKeys)
	}
	for key, values := range r.PostForm {
		if len(values) > mostKeys || len(key) > longestKey || !plainKey.MatchString(key) {
			return nil, fault.New(fault.Malformed, "The form holds a field that cannot be read. Reload the page and try again.")
		}
	}
	return r.PostForm, nil
}

// plainKey is how our fields are called. The decoder cannot live with brackets that do not match.
var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*(\[[A-Za-z0-9_-]{1,40}\]|\.[A-Za-z][A-Za-z0-9_-]*)*$`)

func unreadable(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return TooLarge(err)
	}
	return &caused{fault.New(fault.Malformed, "The form could not be read. Reload the page and try again."), err}
}

// TooLarge is the fault of a body over its limit.
func TooLarge(err error) error {
	var large *http.MaxBytesError
	sentence := "This is more than can be taken at once. Send less."
	if errors.As(err, &large) {
		sentence = fmt.Sprintf("This is more than can be taken at once: the limit is %s.", Bytes(large.Limit))
	}
	return &caused{fault.New(fault.TooLarge, sentence), err}
}

// caused is a fault for the person with its cause for the log.
type caused struct {
	fault *fault.Fault
	cause error
}

func (e *caused) Error() string   { return e.fault.Sentence + ": " + e.cause.Error() }
func (e *caused) Unwrap() []error { return []error{e.fault, e.cause} }

// Bytes writes a size for people: "1 MiB".
func Bytes(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// notes turns what the decoder could not read into sentences at the fields.
func notes(p *fault.Problems, err error) error {
	var wrong playground.DecodeErrors
	if !errors.As(err, &wrong) {
		return fmt.Errorf("decode form: %w", err)
	}
	fields := make([]string, 0, len(wrong))
	for field := range wrong {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	for _, field := range fields {
		p.Add(field, sentenceOf(wrong[field].Error()))
	}
	return nil
}

// sentenceOf translates the decoder's words, which are for programmers.
func sentenceOf(s string) string {
	switch {
	case strings.HasPrefix(s, "Invalid Integer"), strings.HasPrefix(s, "Invalid Unsigned"):
		return "Enter a whole number."
	case strings.HasPrefix(s, "Invalid Float"):
		return "Enter a number, with a point for decimals."
	case strings.HasPrefix(s, "Invalid Boolean"):
		return "Tick the box or leave it."
	case strings.HasPrefix(s, "Array size"):
		return fmt.Sprintf("At most %d entries are taken at once.", mostEntries)
	case strings.HasSuffix(s, "is not a date like 2027-03-31"):
		return "Enter a date like 2027-03-31."
	}
	return "This value cannot be read."
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
