package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Canonical writes a value as JSON that is the same on every machine: keys sorted bytewise, no blanks,
// no HTML escaping, numbers as they were written. It is what every digest in Sundial is taken of.
func Canonical(v any) ([]byte, error) {
	raw, err := plain(v)
	if err != nil {
		return nil, err
	}
	w := writer{in: raw, out: make([]byte, 0, len(raw))}
	if err := w.value(); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return w.out, nil
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

// writer copies JSON that the encoder wrote, so it is valid and without blanks, and puts what is free
// in JSON into one form: the order of keys and the spelling of texts. A gate takes dozens of digests;
// a tree of maps in between would cost three times as much.
type writer struct{ in, out []byte }

func (w *writer) value() error {
	switch w.in[0] {
	case '{':
		return w.object()
	case '[':
		return w.array()
	case '"':
		_, err := w.text()
		return err
	}
	// A number or a word ends where the structure goes on.
	end := bytes.IndexAny(w.in, ",]}")
	if end < 0 {
		end = len(w.in)
	}
	w.out, w.in = append(w.out, w.in[:end]...), w.in[end:]
	return nil
}

func (w *writer) array() error {
	for w.step(); w.in[0] != ']'; {
		if w.in[0] == ',' {
			w.step()
		}
		if err := w.value(); err != nil {
			return err
		}
	}
	w.step()
	return nil
}

// step copies one byte of structure.
func (w *writer) step() { w.out, w.in = append(w.out, w.in[0]), w.in[1:] }

// member is a key with where it and its value were written.
type member struct {
	key      string
	from, to int
}

func (w *writer) object() error {
	w.step()
	start, sorted := len(w.out), true
	var members []member
	for w.in[0] != '}' {
		if w.in[0] == ',' {
			w.in = w.in[1:]
		}
		from := len(w.out)
		key, err := w.text()
		if err != nil {
			return err
		}
		w.step() // the colon
		if err := w.value(); err != nil {
			return err
		}
		sorted = sorted && (len(members) == 0 || members[len(members)-1].key < key)
		members = append(members, member{key, from, len(w.out)})
		w.out = append(w.out, ',')
	}
	if !sorted {
		w.sort(start, members)
	}
	if len(members) > 0 {
		w.out = w.out[:len(w.out)-1] // the last comma
	}
	w.step()
	return nil
}

// sort puts the members written since start in order. Of two with one key, which only text that came
// as JSON can hold, the later counts.
func (w *writer) sort(start int, members []member) {
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.key, b.key) })
	written := slices.Clone(w.out[start:])
	w.out = w.out[:start]
	for i, m := range members {
		if i+1 < len(members) && members[i+1].key == m.key {
			continue
		}
		w.out = append(append(w.out, written[m.from-start:m.to-start]...), ',')
	}
}

// text copies a text and returns it. Printable ASCII is its own only spelling; anything else is read
// and written again, because what came as JSON may spell it otherwise.
func (w *writer) text() (string, error) {
	for end := 1; ; end++ {
		switch c := w.in[end]; {
		case c == '"':
			s := string(w.in[1:end])
			w.out, w.in = append(w.out, w.in[:end+1]...), w.in[end+1:]
			return s, nil
		case c == '\\' || c < ' ' || c > '~':
			return w.respelt()
		}
	}
}

func (w *writer) respelt() (string, error) {
	end := 1
	for ; w.in[end] != '"'; end++ {
		if w.in[end] == '\\' {
			end++
		}
	}
	var s string
	if err := json.Unmarshal(w.in[:end+1], &s); err != nil {
		return "", err
	}
	b, err := plain(s)
	w.out, w.in = append(w.out, b...), w.in[end+1:]
	return s, err
}
