package retirement

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sundial/models/day"
	"sundial/models/fault"
)

// Bounds where a field's tags (most, least) name none: characters of a text, rows of a list, numbers.
const (
	mostText   = 200
	mostRows   = 50
	mostNumber = 3650
)

// CheckSection refuses what cannot be kept even in a draft: unknown choices, days that are none, texts too
// long, control characters, numbers out of bounds. What is missing is no problem yet; Complete asks.
func CheckSection(key string, b Body) error {
	if err := unknownSection(key); err != nil {
		return err
	}
	return malformed(key, b).Err()
}

func malformed(key string, b Body) *fault.Problems {
	var p fault.Problems
	checkValue(&p, key, reflect.ValueOf(b.part(key)).Elem(), tagOf(key))
	for i, x := range b.Consumers.List {
		if key == "consumers" && !among(Criticalities, x.Criticality) {
			p.Add(fmt.Sprintf("consumers.list[%d].criticality", i), "Choose one of the listed answers.")
		}
	}
	return &p
}

// checkValue walks a section by reflection, so that no field can be added without its bounds.
func checkValue(p *fault.Problems, field string, v reflect.Value, tag reflect.StructTag) {
	switch x := v.Interface().(type) {
	case day.Day:
		if _, err := day.Parse(string(x)); err != nil {
			p.Add(field, "Write the date as year-month-day, like 2027-03-31.")
		}
		return
	case interface{ Known() bool }:
		if !x.Known() {
			p.Add(field, "Choose one of the listed answers.")
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			checkValue(p, field+"."+jsonName(f), v.Field(i), f.Tag)
		}
	case reflect.Slice:
		checkRows(p, field, v, bound(tag, "most", mostRows))
	case reflect.Pointer:
		if !v.IsNil() {
			checkValue(p, field, v.Elem(), tag)
		}
	case reflect.String:
		checkText(p, field, v.String(), int(bound(tag, "most", mostText)))
	case reflect.Int:
		checkNumber(p, field, float64(v.Int()), tag)
	case reflect.Float64:
		checkNumber(p, field, v.Float(), tag)
	case reflect.Int64:
		if v.Int() < 0 {
			p.Add(field, "Choose a person from the list.")
		}
	}
}

func checkRows(p *fault.Problems, field string, v reflect.Value, most float64) {
	if v.Len() > int(most) {
		p.Addf(field, "At most %d rows; there are %d.", int(most), v.Len())
		return
	}
	for i := range v.Len() {
		at := fmt.Sprintf("%s[%d]", field, i)
		if v.Type().Elem().Kind() == reflect.String {
			at = field // a list of texts is one input, a line each
		}
		checkValue(p, at, v.Index(i), "")
	}
}

func checkText(p *fault.Problems, field, s string, most int) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		p.Add(field, "This text is not valid UTF-8.")
	case n > most:
		p.Addf(field, "At most %d characters; this has %d.", most, n)
	case strings.ContainsFunc(s, invisible):
		p.Add(field, "This text contains characters that cannot be seen. Type it again without them.")
	}
}

// invisible is true for control and formatting characters: two texts that look alike must be alike.
func invisible(r rune) bool {
	return r != '\n' && r != '\r' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

func checkNumber(p *fault.Problems, field string, n float64, tag reflect.StructTag) {
	least, most := bound(tag, "least", 0), bound(tag, "most", mostNumber)
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		p.Add(field, "This is not a number.")
	case n < least:
		p.Addf(field, "At least %s.", strconv.FormatFloat(least, 'f', -1, 64))
	case n > most:
		p.Addf(field, "At most %s.", strconv.FormatFloat(most, 'f', -1, 64))
	}
}

func bound(tag reflect.StructTag, which string, otherwise float64) float64 {
	if n, err := strconv.ParseFloat(tag.Get(which), 64); err == nil {
		return n
	}
	return otherwise
}

func tagOf(key string) reflect.StructTag {
	t := reflect.TypeFor[Body]()
	for i := range t.NumField() {
		if jsonName(t.Field(i)) == key {
			return t.Field(i).Tag
		}
	}
	return ""
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
