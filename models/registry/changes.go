package registry

import (
	"reflect"

	"sundial/models/audit"
)

// changes are the fields that an edit really changed, with both values, for the audit trail.
type changes struct{ before, after map[string]any }

// set takes a value over and remembers it if it is another one.
func set[T any](c *changes, field string, into *T, value T) {
	if !reflect.DeepEqual(*into, value) {
		c.told(field, *into, value)
		*into = value
	}
}

// told remembers a change in the words that the history shows.
func (c *changes) told(field string, before, after any) {
	if c.before == nil {
		c.before, c.after = map[string]any{}, map[string]any{}
	}
	c.before[field], c.after[field] = before, after
}

func (c *changes) any() bool { return c.before != nil }

// note writes the changes down. An edit that changes nothing is refused: it would be an event that
// tells nobody anything, and whoever saved it meant something else.
func (c *changes) note(t *audit.Trail, verb string, subject audit.Subject) error {
	if !c.any() {
		return errUnchanged
	}
	t.Note(verb, subject, c.before, c.after)
	return nil
}
