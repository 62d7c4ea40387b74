package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sundial/models/fault"
)

// Bounds of what is taken at once and from when.
const (
	MaxLines = 10_000           // in a call
	MaxBytes = 8 << 20          // of a call
	Bucket   = time.Hour        // what moments are truncated to: fine enough to see a cutover, a day is 24 rows
	Skew     = 10 * time.Minute // how far a reporter's clock may be ahead
	Oldest   = 90 * 24 * time.Hour

	longestApp   = 100
	longestID    = 200
	mostCount    = 1_000_000_000_000
	mostProblems = 50 // told of one call
)

// Line is one count: so many predictions of an app within an hour carried this stamp.
type Line struct {
	Bucket            time.Time // the hour
	App               string
	Stamp             Stamp
	Requested, Served string // the vendor's ids that were asked for and that answered, "" when not told
	Count             int64
}

// wireLine is a line as it is sent.
type wireLine struct {
	Bucket       string `json:"bucket"`
	App          string `json:"app"`
	Stamp        string `json:"stamp"`
	Model        string `json:"model"`
	Version      string `json:"version"`
	PromptSHA256 string `json:"prompt_sha256"`
	RequestedID  string `json:"requested_id"`
	ServedID     string `json:"served_id"`
	Count        int64  `json:"count"`
}

// ReadLines reads a JSON array of lines. Every problem is told at its line, as "[17].count"; one bad
// line refuses the call, so that a caller who mends it and sends it again counts nothing twice.
func ReadLines(body []byte, now time.Time) ([]Line, error) {
	r := reader{now: now}
	if err := r.read(body); err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.lines, nil
}

type reader struct {
	now   time.Time
	lines []Line
	fault.Problems

	// Most lines of a call tell of the same hour.
	lastText   string
	lastBucket time.Time
}

func (r *reader) read(body []byte) error {
	if !utf8.Valid(body) {
		return fault.New(fault.Malformed, "The body is not valid UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return fault.New(fault.Malformed, "Send a JSON array of counts.")
	}
	for i := 0; d.More(); i++ {
		if i == MaxLines {
			return fault.Newf(fault.TooLarge, "At most %d counts are taken in a call. Send the rest in another.", MaxLines)
		}
		var w wireLine
		if err := d.Decode(&w); err != nil {
			if sentence, at, goesOn := decodeProblem(err); goesOn {
				r.add(i, at, sentence)
				continue
			}
			return fault.Newf(fault.Malformed, "The array cannot be read from count %d on: it is not valid JSON.", i)
		}
		r.line(i, &w)
		if len(r.List()) >= mostProblems {
			r.add(i, "", "The rest was not looked at. Mend these first.")
			return r.Err()
		}
	}
	if _, err := d.Token(); err != nil {
		return fault.New(fault.Malformed, "The array does not end: the body is not valid JSON.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Malformed, "Something follows the array. Send one array.")
	}
	return nil
}

// decodeProblem says what is wrong with one line of well-formed JSON; false when the rest of the body
// cannot be read either.
func decodeProblem(err error) (sentence, at string, goesOn bool) {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		switch {
		case wrong.Field == "count":
			return "Send a whole number without quotes.", "count", true
		case wrong.Field != "":
			return "Send a text in quotes.", wrong.Field, true
		}
		return "Send an object with the fields of a count.", "", true
	}
	if name, found := strings.CutPrefix(err.Error(), "json: unknown field "); found {
		return fmt.Sprintf("There is no field %.60s.", name), "", true
	}
	return "", "", false
}

func (r *reader) add(i int, field, sentence string) {
	at := fmt.Sprintf("[%d]", i)
	if field != "" {
		at += "." + field
	}
	r.Add(at, sentence)
}

func (r *reader) line(i int, w *wireLine) {
	before := len(r.List())
	l := Line{App: strings.TrimSpace(w.App), Requested: w.RequestedID, Served: w.ServedID, Count: w.Count}
	l.Bucket = r.bucket(i, w.Bucket)
	l.Stamp = r.stamp(i, w)
	switch {
	case l.App == "":
		r.add(i, "app", "Name the app that asked for the predictions.")
	case !plain(l.App, longestApp):
		r.add(i, "app", fmt.Sprintf("Use at most %d characters that can be seen.", longestApp))
	}
	if !plain(l.Requested, longestID) {
		r.add(i, "requested_id", fmt.Sprintf("Use at most %d characters that can be seen.", longestID))
	}
	if !plain(l.Served, longestID) {
		r.add(i, "served_id", fmt.Sprintf("Use at most %d characters that can be seen.", longestID))
	}
	if l.Count < 1 || l.Count > mostCount {
		r.add(i, "count", "Send how many predictions there were: a whole number from 1 to 1,000,000,000,000.")
	}
	if len(r.List()) == before {
		r.lines = append(r.lines, l)
	}
}

func (r *reader) bucket(i int, text string) time.Time {
	if text != "" && text == r.lastText {
		return r.lastBucket
	}
	t, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		r.add(i, "bucket", "Send the moment as RFC 3339, such as 2026-03-03T14:00:00Z.")
		return time.Time{}
	case t.After(r.now.Add(Skew)):
		r.add(i, "bucket", "This moment is yet to come. Check the clock of the machine that counts.")
		return time.Time{}
	case t.Before(r.now.Add(-Oldest)):
		r.add(i, "bucket", "This is more than 90 days ago. Counts are taken for the last 90 days.")
		return time.Time{}
	}
	r.lastText, r.lastBucket = text, t.UTC().Truncate(Bucket)
	return r.lastBucket
}

// stamp takes the whole stamp or its parts. A model without a version is traffic that nobody could
// stamp; it counts against the coverage.
func (r *reader) stamp(i int, w *wireLine) Stamp {
	if w.Stamp != "" {
		if w.Model != "" || w.Version != "" || w.PromptSHA256 != "" {
			r.add(i, "stamp", "Send the stamp, or model, version and prompt_sha256; not both.")
			return Stamp{}
		}
		s, err := ParseStamp(w.Stamp)
		if err != nil {
			r.add(i, "stamp", stampSentence)
		}
		return s
	}
	s := Stamp{Model: w.Model, Version: w.Version}
	switch {
	case w.Model == "":
		r.add(i, "stamp", "Send a stamp, or the model and its version.")
	case !isModel(w.Model):
		r.add(i, "model", "Send the model's short name, such as fraud-scorer.")
	}
	if w.Version != "" && !isVersion(w.Version) {
		r.add(i, "version", "Send the version's label, such as v7.")
	}
	if w.PromptSHA256 != "" {
		s.Prompt = promptHash(w.PromptSHA256)
		switch {
		case s.Prompt == "":
			r.add(i, "prompt_sha256", "Send 12 to 64 hexadecimal digits of the prompt's hash.")
		case w.Version == "":
			r.add(i, "version", "A prompt's hash is told with its version.")
		}
	}
	return s
}

// plain reports whether a text is short enough and holds nothing that cannot be seen.
func plain(s string, most int) bool {
	if len(s) > most && utf8.RuneCountInString(s) > most {
		return false
	}
	for _, r := range s {
		if r < utf8.RuneSelf {
			if r < ' ' || r == 0x7f {
				return false
			}
		} else if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}
