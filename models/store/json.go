package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// asJSON keeps a structured fact as JSON text in one column, on both databases.
type asJSON[T any] struct{ V T }

func wrap[T any](v T) asJSON[T] { return asJSON[T]{v} }

// Value writes the JSON without HTML escaping, so that it reads in the database as it was typed.
func (j asJSON[T]) Value() (driver.Value, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(j.V); err != nil {
		return nil, fmt.Errorf("keep as json: %w", err)
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// Scan reads what Value wrote.
func (j *asJSON[T]) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(src), &j.V)
	case []byte:
		return json.Unmarshal(src, &j.V)
	}
	return fmt.Errorf("a json column holds %T", src)
}

// GormDataType tells gorm that the column is text.
func (asJSON[T]) GormDataType() string { return "text" }
