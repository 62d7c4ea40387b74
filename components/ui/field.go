package ui

import (
	"slices"
	"strconv"
	"strings"
)

// Field describes one form field. Which component draws it decides which parts count.
type Field struct {
	Name         string // the form's name; the id is ID(Name)
	Label        string
	Value        string   // what was typed or is stored
	Values       []string // Checkboxes: the chosen ones
	Options      []Option // Select, Radios, Checkboxes
	Blank        string   // Select: text of the empty choice, "" for none
	Hint         string
	Error        string // the sentence at this field, "" when it is fine
	Required     bool   // fields without it say "(optional)"
	NoMark       bool   // leaves "(optional)" out, where optional goes without saying
	LabelHidden  bool   // the label is for screen readers only
	Autocomplete string
	InputMode    string
	MaxLength    int
	Placeholder  string // an example, never an instruction
	Prefix       string // "€", "sha256:"
	Suffix       string // "days", "%"
	Rows         int    // TextArea; 4 when 0
	Min          string // DateField; a number's limits belong into Hint, the server checks them
	Max          string
	Accept       string   // FileField
	Suggestions  []string // TextField: a datalist
	Width        string   // "short" (dates, numbers), "medium"; full otherwise
	Code         bool     // monospace: digests, commits, ids
	ReadOnly     bool
	Autofocus    bool
}

// Option is one choice.
type Option struct {
	Value    string
	Label    string
	Hint     string // Radios and Checkboxes
	Group    string // Select: consecutive options of a group share an optgroup
	Disabled bool
}

// Options makes choices whose label is their value.
func Options(values ...string) []Option {
	options := make([]Option, len(values))
	for i, v := range values {
		options[i] = Option{Value: v, Label: v}
	}
	return options
}

func (f Field) id() string { return ID(f.Name) }

// optionID: the first choice has the field's own id, so that the error summary's link lands on it.
func (f Field) optionID(i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + strconv.Itoa(i+1)
}

func (f Field) chosen(value string) bool {
	return f.Value == value || slices.Contains(f.Values, value)
}

func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f Field) rows() string {
	if f.Rows > 0 {
		return strconv.Itoa(f.Rows)
	}
	return "4"
}

// optionGroup is a run of options under one heading.
type optionGroup struct {
	label   string
	options []Option
}

func (f Field) groups() []optionGroup {
	var groups []optionGroup
	for _, o := range f.Options {
		if n := len(groups); n > 0 && groups[n-1].label == o.Group {
			groups[n-1].options = append(groups[n-1].options, o)
			continue
		}
		groups = append(groups, optionGroup{o.Group, []Option{o}})
	}
	return groups
}
