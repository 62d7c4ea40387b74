package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

func TestCanonicalIsTheSameWhateverTheOrder(t *testing.T) {
	type inner struct {
		B string `json:"b"`
		A any    `json:"a"`
	}
	got, err := Canonical(map[string]any{"z": 1.50, "a": inner{"<é>", []any{true, nil, "x", []int{}, map[string]int{}}}, "\"": 12345678901234567})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"\"":12345678901234567,"a":{"a":[true,null,"x",[],{}],"b":"<é>"},"z":1.5}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Every digest ever kept was taken of what the simple way writes; the fast one may not differ in a byte.
func FuzzCanonicalIsWhatTheSimpleWayWrites(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `""`, `null`, `-1.50e+3`, `{"b":1,"a":[{"d":2,"c":null}]}`, `{"a":1,"a":2}`, `{"a":1,"b":2,"a":3}`, `{"\u0062":1,"a":2}`,
		`"\u2028 \u00e9 \/ \ud83d\ude00 \ud800 \b"`, ` { "b" : [ 1 , 2 ] , "a" : "x\"y\\" } `, "\"\xff\"", "{\"\xff\":1,\"a\":2}", `{"é":1,"z":2,"":3}`, "\"\x7f<&>\"", `[[[[]]],{"x":{}}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		for _, v := range []any{json.RawMessage(raw), map[string]any{"z": json.RawMessage(raw), "a": string(raw)}} {
			fast, err := Canonical(v)
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			if slow := simply(t, v); !bytes.Equal(fast, slow) {
				t.Errorf("%s is written\n%s, the simple way writes\n%s", raw, fast, slow)
			}
		}
	})
}

// simply goes through a tree of maps and sorts their keys.
func simply(t *testing.T, v any) []byte {
	raw, err := plain(v)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writeSimply(t, &out, tree)
	return out.Bytes()
}

func writeSimply(t *testing.T, out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		out.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				out.WriteByte(',')
			}
			writeSimply(t, out, k)
			out.WriteByte(':')
			writeSimply(t, out, v[k])
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			writeSimply(t, out, x)
		}
		out.WriteByte(']')
	default:
		b, err := plain(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
}

func BenchmarkCanonical(b *testing.B) {
	v := map[string]any{"seq": 12, "actor": "Ada Abel", "after": map[string]any{"stage": "production", "request": 7, "by": []int{1, 2}}, "hash": "5f1d8c0b7a2e4936"}
	for b.Loop() {
		if _, err := Canonical(v); err != nil {
			b.Fatal(err)
		}
	}
}
