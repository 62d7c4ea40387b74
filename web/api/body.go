package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"sundial/models/fault"
	"sundial/web/form"
)

// deepest is how far objects and lists may stand in one another. No body of ours needs half of it.
const deepest = 24

// readBody reads the whole body, whose size the server has bounded, and refuses what is no JSON of ours
// before anything decodes it.
func readBody(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, form.TooLarge(err)
	case err != nil:
		return nil, problem(http.StatusBadRequest, "The body of this request did not arrive whole.")
	case len(body) == 0:
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); err != nil || kind != echo.MIMEApplicationJSON {
		return nil, problem(http.StatusUnsupportedMediaType, "")
	}
	if !utf8.Valid(body) {
		return nil, problem(http.StatusBadRequest, "The body holds bytes that are not UTF-8.")
	}
	if depth(body) > deepest {
		return nil, problem(http.StatusBadRequest, fmt.Sprintf("The body holds more than %d objects and lists in one another.", deepest))
	}
	return body, nil
}

// depth is how far objects and lists stand in one another, without decoding them.
func depth(body []byte) int {
	at, most, inText := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			at++
			most = max(most, at)
		case c == '}' || c == ']':
			at--
		}
	}
	return most
}

// tidy writes every text of a body as the pages' forms do, so that the same name is the same bytes at
// both doors: one form of each character, nothing invisible, no blanks around it.
func tidy(in any) error {
	body := reflect.ValueOf(in).Elem().FieldByName("Body")
	if !body.IsValid() {
		return nil
	}
	var p fault.Problems
	tidyValue(&p, body, "")
	return p.Err()
}

func tidyValue(p *fault.Problems, v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			tidyValue(p, v.Elem(), field)
		}
	case reflect.String:
		v.SetString(tidyText(p, v.String(), field))
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				tidyValue(p, v.Field(i), within(field, f))
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			tidyValue(p, v.Index(i), fmt.Sprintf("%s[%d]", field, i))
		}
	case reflect.Map:
		tidyMap(p, v, field)
	}
}

func tidyMap(p *fault.Problems, v reflect.Value, field string) {
	if v.IsNil() || v.Type().Key().Kind() != reflect.String || v.Type().Elem().Kind() != reflect.String {
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for key, value := range v.Seq2() {
		name := tidyText(p, key.String(), field)
		text := reflect.New(v.Type().Elem()).Elem()
		text.SetString(tidyText(p, value.String(), field+"."+name))
		out.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), text)
	}
	v.Set(out)
}

func tidyText(p *fault.Problems, s, field string) string {
	text, sentence := form.Clean(s)
	if sentence != "" {
		p.Add(field, sentence)
	}
	return text
}

func within(field string, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name == "" || name == "-": // embedded: its fields are the outer's
		return field
	case field == "":
		return name
	}
	return field + "." + name
}
