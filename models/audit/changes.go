package audit

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Change is one fact before and after, in words; "" where there was nothing.
type Change struct{ Fact, Before, After string }

// Kinds are the kinds of subject, which the trail can be narrowed to, as people read them.
var Kinds = []struct{ Kind, Title string }{
	{"model", "Model"}, {"version", "Version"}, {"evidence", "Evidence"}, {"request", "Transition request"}, {"waiver", "Waiver"},
	{"plan", "Retirement plan"}, {"retirement", "Retirement"}, {"vendors", "Vendor model"}, {"import", "Import"}, {"mapping", "Import mapping"}, {"question", "Reconciliation question"},
	{"confirmation", "Quarterly confirmation"}, {"person", "Person"}, {"session", "Session"}, {"team", "Team"}, {"department", "Department"}, {"audit", "Audit trail"},
}

// Changes sets before and after side by side, fact by fact. What did not change is left out unless
// nothing else is there.
func (e Event) Changes() []Change {
	before, after := facts(e.Before), facts(e.After)
	var out, same []Change
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		c := Change{Fact: strings.ReplaceAll(name, "_", " "), Before: before[name], After: after[name]}
		if c.Before == c.After {
			same = append(same, c)
			continue
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return same
	}
	return out
}

func union(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// facts are the values of a note by name, nested objects flattened to "sla.availability". A note that is
// no object is one fact.
func facts(raw json.RawMessage) map[string]string {
	out := map[string]string{}
	if len(raw) == 0 {
		return out
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return map[string]string{"": string(raw)} // never written by us
	}
	flatten(out, "", v)
	return out
}

func flatten(out map[string]string, name string, v any) {
	object, isObject := v.(map[string]any)
	if !isObject || len(object) == 0 {
		if name == "" {
			name = "value"
		}
		out[name] = valueWords(v)
		return
	}
	for k, x := range object {
		if name != "" {
			k = name + "." + k
		}
		flatten(out, k, x)
	}
}

func valueWords(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, 0, len(v))
		for _, x := range v {
			if _, nested := x.(map[string]any); nested {
				b, _ := Canonical(x)
				parts = append(parts, string(b))
				continue
			}
			parts = append(parts, valueWords(x))
		}
		return strings.Join(parts, ", ")
	}
	b, _ := Canonical(v)
	return strings.TrimSpace(strings.Trim(string(b), "{}"))
}
