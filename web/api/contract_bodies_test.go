package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"sundial/web/api"
)

// body is a body for the call: a good one of somebody's, one drawn from the schema, or one of those broken.
func (c *contract) body(op api.Operation, spec *openapi3.Operation, sound bool) []byte {
	if spec.RequestBody == nil {
		return nil
	}
	schema := spec.RequestBody.Value.Content["application/json"].Schema
	var value any
	if good := c.good(op); good != nil && c.rand.Intn(3) > 0 {
		value = good
	} else {
		value = c.value(schema, 0, sound)
	}
	if sound {
		return encoded(value)
	}
	switch c.rand.Intn(12) {
	case 0:
		return []byte(pick(c, "", "null", "[]", "{", `"text"`, "{}", "{}{}", `{"a":`, "\xff\xfe", strings.Repeat("[", 500), `{"a":`+strings.Repeat(`{"a":`, 200), "1e999"))
	case 1:
		if c.rand.Intn(6) == 0 {
			return []byte(`{"x":"` + strings.Repeat("y", 1<<20) + `"}`)
		}
	}
	return encoded(c.broken(value))
}

func encoded(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return raw
}

// good is a body that succeeds where the state allows it.
func (c *contract) good(op api.Operation) any {
	n := c.rand.Intn(1 << 30)
	switch op.ID {
	case "addModel":
		return map[string]any{"slug": fmt.Sprintf("m-%d", n), "name": "A model", "kind": pick(c, "trained", "genai"), "team": "fraud", "owner": "owner@example.test", "tier": c.rand.Intn(4)}
	case "changeModel":
		return pick[any](c, map[string]any{"name": fmt.Sprintf("Name %d", n)}, map[string]any{"sla": map[string]any{"availability_percent": 99.1, "latency_p95_ms": n % 1000}},
			map[string]any{"consumers": []any{map[string]any{"name": fmt.Sprintf("App %d", n), "contact": "app@example.test", "criticality": "low"}}},
			map[string]any{"deprecation_on": "2031-02-03", "tier": 1 + n%3})
	case "addVersion":
		return map[string]any{"version": fmt.Sprintf("v%d", n), "summary": "Drawn.", pick(c, "lineage", "release"): map[string]any{"parameters": map[string]any{"depth": 8, "on": true, "name": "x"}}}
	case "changeVersion":
		return map[string]any{"summary": fmt.Sprintf("Summary %d", n), "monitoring": map[string]any{"drift": "https://example.test/d"}}
	case "addEvidence":
		return map[string]any{"kind": "evaluation", "outcome": "passed", "note": "Looked at.", "metrics": []any{map[string]any{"name": "auc", "value": 0.9, "operator": ">=", "threshold": 0.8}},
			"expires_at": c.site.Clock.Now().AddDate(0, 3, 0).Format(time.RFC3339)}
	case "addTransition":
		return map[string]any{"to": pick(c, "registered", "validated", "staged", "production", "experiment"), "reason": "It is ready for the next stage."}
	case "addReview", "reviewPlan":
		return map[string]any{"verdict": pick(c, "approve", "request_changes", "reject"), "comment": "Read from top to bottom.", "digest": c.digest(op)}
	case "putPlan":
		return c.plan()
	case "triggerRetirement":
		return map[string]any{"reason": fmt.Sprintf("Reason %d: something better is there.", n)}
	case "completeStep":
		return pick[any](c, map[string]any{"note": fmt.Sprintf("Seen on board %d.", n)}, map[string]any{})
	case "sendStamps":
		return []any{map[string]any{"bucket": c.site.Clock.Now().Add(-time.Hour).Format(time.RFC3339), "app": "checkout", "stamp": pick(c, "alpha@v1", "beta@v1", "none@v1"), "count": 1 + n%9}}
	case "sendReports":
		end := c.site.Clock.Now().Add(-time.Duration(n%1000) * time.Hour).Truncate(time.Hour)
		return []any{map[string]any{"metric": pick(c, "quality", "availability"), "value": 0.9, "window_start": end.Add(-time.Hour).Format(time.RFC3339),
			"window_end": end.Format(time.RFC3339), "source": "prometheus"}}
	}
	return nil
}

// digest is the one of what there is to decide.
func (c *contract) digest(op api.Operation) string {
	if c.rand.Intn(3) == 0 {
		return "stale"
	}
	path := fmt.Sprintf("/requests/%d", c.open)
	if op.ID == "reviewPlan" {
		path = "/models/" + pick(c, "alpha", "beta") + "/retirement-plan"
	}
	digest, _ := ask(c.t, c.owner, "GET", path, "").Body["digest"].(string)
	return digest
}

// plan is as whole as the one in force of alpha was at the beginning.
func (c *contract) plan() any {
	var plan map[string]any
	if err := json.Unmarshal(c.whole, &plan); err != nil {
		c.t.Fatal(err)
	}
	plan["trigger"].(map[string]any)["explanation"] = fmt.Sprintf("Because of %d.", c.rand.Intn(1<<30))
	return plan
}

// broken changes one thing somewhere in a value.
func (c *contract) broken(v any) any {
	if c.rand.Intn(5) == 0 {
		return c.wrong()
	}
	switch x := v.(type) {
	case map[string]any:
		out := maps.Clone(x)
		keys := slices.Sorted(maps.Keys(out))
		switch {
		case c.rand.Intn(4) == 0 || len(keys) == 0:
			out[pick(c, "nickname", "id", "__proto__", "Name", "")] = c.wrong()
		case c.rand.Intn(4) == 0:
			delete(out, pick(c, keys...))
		default:
			key := pick(c, keys...)
			out[key] = c.broken(out[key])
		}
		return out
	case []any:
		if len(x) > 0 {
			out := slices.Clone(x)
			i := c.rand.Intn(len(out))
			out[i] = c.broken(out[i])
			return out
		}
	}
	return c.wrong()
}

func (c *contract) wrong() any {
	return pick[any](c, nil, true, 0, -1, 1.5, 1e300, "", "x", c.junk(), []any{}, []any{nil, 1, "x"}, map[string]any{}, map[string]any{"a": 1}, int64(1)<<60)
}

// value is one that a schema allows.
func (c *contract) value(ref *openapi3.SchemaRef, depth int, sound bool) any {
	s := ref.Value
	switch {
	case len(s.Enum) > 0:
		return s.Enum[c.rand.Intn(len(s.Enum))]
	case len(s.OneOf) > 0:
		return c.value(s.OneOf[c.rand.Intn(len(s.OneOf))], depth+1, sound)
	case s.Type.Includes("object"):
		return c.object(s, depth, sound)
	case s.Type.Includes("array"):
		out := []any{}
		for range c.rand.Intn(3) {
			if depth < 6 {
				out = append(out, c.value(s.Items, depth+1, sound))
			}
		}
		return out
	case s.Type.Includes("integer"):
		return c.rand.Intn(5)
	case s.Type.Includes("number"):
		return float64(c.rand.Intn(1000)) / 10
	case s.Type.Includes("boolean"):
		return c.rand.Intn(2) == 0
	}
	if s.Format == "date-time" {
		return c.site.Clock.Now().Add(time.Duration(c.rand.Intn(1000)-900) * time.Hour).Format(time.RFC3339)
	}
	return pick(c, "x", "word", "2030-01-01", "two words", "fraud", "owner@example.test", "alpha", "v1", "é ü")
}

func (c *contract) object(s *openapi3.Schema, depth int, sound bool) any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || c.rand.Intn(2) == 0 && depth < 5 {
			out[name] = c.value(s.Properties[name], depth+1, sound)
		}
	}
	if s.AdditionalProperties.Schema != nil {
		out["depth"] = c.value(s.AdditionalProperties.Schema, depth+1, sound)
	}
	return out
}
