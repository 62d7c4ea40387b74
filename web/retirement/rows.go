package retirement

import (
	"reflect"
	"strconv"
	"strings"

	views "sundial/components/retirement"
	"sundial/models/fault"
	"sundial/models/retirement"
)

// add offers one more row and returns the input to begin at; "" when there is no such list.
func (t *typed) add(list string) (focus string) {
	rows := t.list(list)
	if !rows.IsValid() {
		return ""
	}
	n := t.inputs.Rows(list)
	first := ""
	walk(reflect.New(rows.Type().Elem()).Elem(), list+"["+strconv.Itoa(n)+"]", asItIs, func(name string, _ reflect.Value) {
		t.inputs[name] = ""
		if first == "" || strings.HasSuffix(name, ".title") || strings.HasSuffix(name, "].name") {
			first = name
		}
	})
	if list == "steps" {
		t.inputs[list+"["+strconv.Itoa(n)+"].order"] = strconv.Itoa(t.nextOrder(n))
	}
	t.checkRows(list, rows, n+1)
	return first
}

// checkRows says when a list has become too long to be kept, while its last row is still empty.
func (t *typed) checkRows(list string, rows reflect.Value, n int) {
	rows.Set(reflect.MakeSlice(rows.Type(), n, n))
	f, bad := fault.As(retirement.CheckSection(t.key, t.body))
	if !bad {
		return
	}
	for _, p := range f.Problems {
		if p.Field == list {
			t.problems.Add(p.Field, p.Sentence)
		}
	}
}

func (t *typed) nextOrder(rows int) int {
	next := 1
	for i := range rows {
		if n, err := strconv.Atoi(t.inputs["steps["+strconv.Itoa(i)+"].order"]); err == nil && n >= next && n < 999 {
			next = n + 1
		}
	}
	return next
}

// compact leaves out the rows in which nothing was typed, so that a sentence at a row stands at the row
// that is drawn. A step that holds only the number it was offered with is such a row.
func (t *typed) compact() {
	walk(section(&t.body, t.key), t.key, func(list string, v reflect.Value) {
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i, at := 0, 0; i < v.Len(); i++ {
			row := list + "[" + strconv.Itoa(at) + "]"
			if t.blank(row) {
				t.remove(row)
				continue
			}
			kept = reflect.Append(kept, v.Index(i))
			at++
		}
		v.Set(kept)
	}, func(string, reflect.Value) {})
	number(t.inputs, t.key)
}

func (t *typed) blank(row string) bool {
	for name, value := range t.inputs {
		if strings.HasPrefix(name, row+".") && value != "" && name != row+".order" {
			return false
		}
	}
	return true
}

// remove takes one row away, "steps[2]", and moves the rows behind it up.
func (t *typed) remove(row string) {
	list, rest, found := strings.Cut(row, "[")
	gone, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if !found || err != nil || !t.list(list).IsValid() || t.inputs.Rows(list) < 2 {
		return
	}
	kept := views.Typed{}
	for name, value := range t.inputs {
		i, field, ok := rowOf(name, list)
		switch {
		case !ok:
			kept[name] = value
		case i < gone:
			kept[name] = value
		case i > gone:
			kept[list+"["+strconv.Itoa(i-1)+"]"+field] = value
		}
	}
	t.inputs = kept
}

// rowOf splits the name of an input in a list: its row's number and what follows.
func rowOf(name, list string) (n int, field string, ok bool) {
	rest, found := strings.CutPrefix(name, list+"[")
	digits, field, closed := strings.Cut(rest, "]")
	n, err := strconv.Atoi(digits)
	return n, field, found && closed && err == nil
}

// list is the section's list of this name.
func (t *typed) list(name string) reflect.Value {
	var out reflect.Value
	walk(section(&t.body, t.key), t.key, func(list string, v reflect.Value) {
		if list == name {
			out = v
		}
	}, func(string, reflect.Value) {})
	return out
}
