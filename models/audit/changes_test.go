package audit

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChangesAreToldFactByFact(t *testing.T) {
	tests := map[string]struct {
		before, after string
		want          []Change
	}{
		"only what differs":             {`{"a":1,"b":"x"}`, `{"a":2,"b":"x"}`, []Change{{"a", "1", "2"}}},
		"nothing before":                {``, `{"roles":["admin","viewer"]}`, []Change{{"roles", "", "admin, viewer"}}},
		"nothing after":                 {`{"disabled":true}`, ``, []Change{{"disabled", "yes", ""}}},
		"objects are flattened":         {`{"sla":{"p95_ms":200}}`, `{"sla":{"p95_ms":300}}`, []Change{{"sla.p95 ms", "200", "300"}}},
		"a list of objects stays JSON":  {``, `{"steps":[{"b":1,"a":2}]}`, []Change{{"steps", "", `{"a":2,"b":1}`}}},
		"a note that is no object":      {`1`, `2`, []Change{{"value", "1", "2"}}},
		"large numbers keep digits":     {``, `{"n":9007199254740993}`, []Change{{"n", "", "9007199254740993"}}},
		"nothing differs: all is shown": {`{"a":1}`, `{"a":1}`, []Change{{"a", "1", "1"}}},
		"neither":                       {``, ``, nil},
		"not JSON":                      {``, `{`, []Change{{"", "", "{"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Event{Before: json.RawMessage(tt.before), After: json.RawMessage(tt.after)}.Changes()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
