package retirement

import (
	"reflect"
	"slices"
	"strings"
)

// tidy is a copy that shares nothing with its original: blanks around texts trimmed, line ends made one,
// rows left out in which nothing was written (forms offer spare ones).
func (b Body) tidy() Body {
	b.Consumers.List = slices.Clone(b.Consumers.List)
	b.Candidate.EquivalenceTests = slices.Clone(b.Candidate.EquivalenceTests)
	b.Steps, b.Assets = slices.Clone(b.Steps), slices.Clone(b.Assets)
	b.Access, b.Archive = slices.Clone(b.Access), slices.Clone(b.Archive)
	if t := b.Trigger.Criterion.Threshold; t != nil {
		b.Trigger.Criterion.Threshold = new(*t)
	}
	trim(reflect.ValueOf(&b).Elem())
	return b
}

func trim(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			trim(v.Field(i))
		}
	case reflect.Slice:
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i := range v.Len() {
			if trim(v.Index(i)); !blank(v.Index(i)) {
				kept = reflect.Append(kept, v.Index(i))
			}
		}
		if v.SetZero(); kept.Len() > 0 {
			v.Set(kept)
		}
	case reflect.String:
		v.SetString(strings.TrimSpace(strings.ReplaceAll(v.String(), "\r\n", "\n")))
	}
}

// blank reports whether nothing was written: empty lists and texts count as nothing.
func blank(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !blank(v.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		return v.Len() == 0
	}
	return v.IsZero()
}
