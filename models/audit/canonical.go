package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Canonical writes a value as JSON that is the same on every machine: keys sorted bytewise, no blanks,
// no HTML escaping, numbers as they were written. It is what every digest in Sundial is taken of.
func Canonical(v any) ([]byte, error) {
	raw, err := plain(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	var out bytes.Buffer
	if err := write(&out, tree); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func write(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case map[string]any:
		return writeObject(out, v)
	case []any:
		out.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := write(out, x); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	default:
		b, err := plain(v)
		out.Write(b)
		return err
	}
}

func writeObject(out *bytes.Buffer, m map[string]any) error {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			out.WriteByte(',')
		}
		b, err := plain(k)
		if err != nil {
			return err
		}
		out.Write(b)
		out.WriteByte(':')
		if err := write(out, m[k]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}
