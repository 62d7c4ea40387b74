package retirement

import (
	"reflect"
	"strconv"
	"strings"

	views "sundial/components/retirement"
	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/retirement"
	"sundial/web/form"
)

// A plan's inputs are found by walking its body: the rules name every value by its JSON name and bound it
// by its type, so that no field can be added there without an input here.

// typed is one section as somebody typed it: the inputs as they stand, and what they make of the body.
type typed struct {
	key      string
	body     retirement.Body
	inputs   views.Typed
	problems fault.Problems
}

// input is one value of a body by the name of its input.
type input struct{ name, value string }

// section is the part of a body that the key names.
func section(b *retirement.Body, key string) reflect.Value {
	body := reflect.ValueOf(b).Elem()
	for i := range body.NumField() {
		if jsonName(body.Type().Field(i)) == key {
			return body.Field(i)
		}
	}
	return reflect.Value{}
}

// walk visits every input under v. rows says how many rows a list has, and may change it.
func walk(v reflect.Value, name string, rows func(list string, v reflect.Value), visit func(name string, v reflect.Value)) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), name+"."+jsonName(v.Type().Field(i)), rows, visit)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		rows(name, v)
		for i := range v.Len() {
			walk(v.Index(i), name+"["+strconv.Itoa(i)+"]", rows, visit)
		}
	default:
		visit(name, v)
	}
}

// noneInput is no input of the form: what takes over is one choice of three.
const noneInput = "candidate.none"

func asItIs(string, reflect.Value) {}

// flatten lists a section's values in the order of its form, with the choices that only the form knows.
func flatten(b retirement.Body, key string) []input {
	var out []input
	walk(section(&b, key), key, asItIs, func(name string, v reflect.Value) {
		if name != noneInput {
			out = append(out, input{name, write(v)})
		}
	})
	switch key {
	case "trigger":
		out = append(out, input{"trigger.by", triggerBy(b.Trigger)})
	case "candidate":
		out = append(out, input{"candidate.kind", candidateKind(b.Candidate)})
	}
	return out
}

func inputsOf(b retirement.Body, key string) views.Typed {
	out := views.Typed{}
	for _, x := range flatten(b, key) {
		out[x.name] = x.value
	}
	number(out, key)
	return out
}

// number gives the only, empty step its number.
func number(t views.Typed, key string) {
	if key == "steps" && t["steps[0].order"] == "" && t.Rows("steps") == 1 {
		t["steps[0].order"] = "1"
	}
}

func triggerBy(t retirement.Trigger) string {
	if t.Date.Known() && !t.Criterion.Given() {
		return "date"
	}
	return "criterion"
}

func candidateKind(k retirement.Candidate) string {
	switch {
	case k.None:
		return "none"
	case k.Host != "" || k.VendorID != "":
		return "vendor"
	case k.Model != "" || k.Version != "":
		return "model"
	}
	return ""
}

// read takes a section from a form into a copy of the body.
func read(key string, body retirement.Body, values form.Values) *typed {
	t := &typed{key: key, body: body, inputs: views.Typed{}}
	part := section(&t.body, key)
	part.SetZero() // of the copy: what is kept shares its lists with nobody
	rows := func(list string, v reflect.Value) {
		n := values.Rows(list)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	}
	for _, name := range []string{"trigger.by", "candidate.kind"} {
		if retirement.SectionOf(name) == key {
			t.inputs[name] = values.Get(name)
		}
	}
	walk(part, key, rows, func(name string, v reflect.Value) {
		if name == noneInput {
			v.SetBool(values.Get("candidate.kind") == "none")
			return
		}
		t.inputs[name] = values.Get(name)
		if !applies(name, values.Get) {
			return
		}
		if sentence := parse(v, values.Get(name)); sentence != "" {
			t.problems.Add(name, sentence)
		}
	})
	number(t.inputs, key)
	return t
}

// applies reports whether an input belongs to what was chosen. The page shows only those that do; what
// was typed into the others before the choice changed stays in the form and out of the plan.
func applies(name string, get func(string) string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return true
	}
	at, field := name[:dot+1], name[dot+1:]
	list := retirement.SectionOf(name)
	switch {
	case at == "trigger.criterion.":
		return get("trigger.by") != "date"
	case name == "trigger.date":
		return get("trigger.by") != "criterion"
	case list == "candidate":
		return candidateAsks(field, get("candidate.kind"))
	case list == "assets":
		return assetAsks(field, retirement.Decision(get(at+"decision")))
	case list == "steps" && field == "dual_run_days":
		mode := retirement.Mode(get(at + "mode"))
		return mode == retirement.Shadow || mode == retirement.Split
	}
	return true
}

func candidateAsks(field, kind string) bool {
	switch field {
	case "model", "version":
		return kind == "" || kind == "model"
	case "host", "vendor_id":
		return kind == "" || kind == "vendor"
	case "decision_goes_to":
		return kind == "" || kind == "none"
	}
	return kind != "none"
}

func assetAsks(field string, decision retirement.Decision) bool {
	if decision == "" {
		return true
	}
	switch field {
	case "keep_until":
		return decision == retirement.KeepUntil
	case "delete_on", "delete_after_days":
		return decision == retirement.Delete || decision == retirement.Anonymise
	case "method", "performer", "verifier":
		return decision != retirement.KeepUntil
	}
	return true
}

// parse puts what was typed into a value, and returns the sentence when it cannot be one.
func parse(v reflect.Value, text string) string {
	switch {
	case v.Kind() == reflect.Bool:
		v.SetBool(text == "true")
	case text == "":
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Int, v.Kind() == reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return wholeNumber(v)
		}
		v.SetInt(n)
	case v.Kind() == reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "Enter a number, with a point for decimals."
		}
		v.SetFloat(x)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return parse(v.Elem(), text)
	case v.Kind() == reflect.Slice: // of texts: one a line
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				v.Set(reflect.Append(v, reflect.ValueOf(line)))
			}
		}
	}
	return ""
}

func wholeNumber(v reflect.Value) string {
	if v.Kind() == reflect.Int64 { // people are the only 64-bit numbers of a plan
		return "Choose a person from the list."
	}
	return "Enter a whole number."
}

// write is what stands in the input of a value; "" for none.
func write(v reflect.Value) string {
	if v.IsZero() {
		return ""
	}
	switch v.Kind() {
	case reflect.Bool:
		return "true"
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Pointer:
		if f, ok := v.Elem().Interface().(float64); ok {
			return strconv.FormatFloat(f, 'g', -1, 64) // a threshold of 0 is one
		}
	case reflect.Slice:
		return strings.Join(v.Interface().([]string), "\n")
	}
	return v.String()
}

// was names what a section's form was made from: the plan's number and what stood in the section.
func was(p *retirement.Plan, key string) string {
	body := p.Body
	d, err := audit.Digest(map[string]any{"number": p.Number, "section": section(&body, key).Interface()})
	if err != nil {
		panic("retirement: a plan's body is plain values: " + err.Error())
	}
	return d
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
