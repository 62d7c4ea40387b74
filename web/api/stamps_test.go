package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sundial/models/registry"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

// counts is a body of counts for stamps, of the present hour.
func counts(stamps ...string) string {
	var parts []string
	for _, s := range stamps {
		parts = append(parts, fmt.Sprintf(`{"bucket":%q,"app":"checkout","stamp":%q,"count":2}`, time.Now().UTC().Format(time.RFC3339), s))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func TestStampsAreTakenAndLookedUp(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	site.Serve(t, "fraud", "v1", 3)
	ask(t, b, "POST", "/stamps", counts("fraud@v1", "fraud@v9", "nobody@v1")).is(t, 200, `"accepted":3`, `"unknown":["fraud@v9","nobody@v1"]`, `"zombies":[]`)
	ask(t, b, "GET", "/stamps/fraud@v1", "").is(t, 200, `"known":true`, `"commit"`, `"approved_by":[`, `"serving":{"version":"v1"`, `"app":"checkout"`, `"zombie":false`)
	ask(t, b, "GET", "/stamps/fraud@v9", "").is(t, 404)
	ask(t, b, "GET", "/stamps/nonsense", "").is(t, 422, "path.stamp")
	ask(t, b, "GET", "/stamps/fraud@v1+sha256:0123456789ab", "").is(t, 200, `"known":false`)
}

func TestTheSameCallCountsOnce(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	site.Model(t, "fraud", registry.Trained, 3)
	site.Version(t, "fraud", "v1")
	body := counts("fraud@v1")
	for range 3 {
		ask(t, b, "POST", "/stamps", body, "Idempotency-Key", "k").is(t, 200, `"accepted":1`)
	}
	ask(t, b, "POST", "/stamps", counts("fraud@v1", "fraud@v1"), "Idempotency-Key", "k").is(t, 409, "urn:sundial:problem:conflict")
	ask(t, b, "GET", "/stamps/fraud@v1", "").is(t, 200, `"count":2`)
}

func TestHostileCounts(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	good := counts("fraud@v1")
	one := good[1 : len(good)-1]
	for name, c := range map[string]struct {
		body   string
		status int
		has    string
	}{
		"an object":              {one, 400, "malformed"},
		"null":                   {"null", 400, "malformed"},
		"half an array":          {"[" + one, 400, "malformed"},
		"bytes that are no text": {"[\"\xff\"]", 400, "malformed"},
		"numbers":                {"[1]", 422, `"body[0]"`},
		"a problem at its line":  {"[" + one + "," + strings.Replace(one, `"count":2`, `"count":-2`, 1) + "]", 422, `"body[1].count"`},
		"an unknown field":       {"[" + strings.Replace(one, `"count"`, `"prompt":"secret","count"`, 1) + "]", 422, `"body[0]"`},
		"a script for an app":    {"[" + strings.Replace(one, "checkout", "<script>alert(1)</script>", 1) + "]", 200, `"accepted":1`},
		"SQL for an app":         {"[" + strings.Replace(one, "checkout", "'; DROP TABLE stamp_counts; --", 1) + "]", 200, `"accepted":1`},
		"too many":               {"[" + strings.TrimSuffix(strings.Repeat(one+",", telemetry.MaxLines+1), ",") + "]", 413, "too-large"},
		"too many bytes":         {"[" + strings.Repeat(" ", telemetry.MaxBytes) + "]", 413, "too-large"},
		"as many as are taken":   {"[" + strings.TrimSuffix(strings.Repeat(one+",", telemetry.MaxLines), ",") + "]", 200, `"accepted":10000`},
		"nothing":                {"[]", 200, `"accepted":0`},
	} {
		t.Run(name, func(t *testing.T) { ask(t, b, "POST", "/stamps", c.body).is(t, c.status, c.has) })
	}
	ask(t, b, "POST", "/stamps", "").is(t, 400)
	ask(t, site.As(site.Viewer), "POST", "/stamps", good).is(t, 403)
	ask(t, site.Nobody(), "POST", "/stamps", good).is(t, 401)
}

func TestReportsAreTakenAndListed(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	site.Model(t, "fraud", registry.Trained, 3)
	now := time.Now().UTC().Truncate(time.Second)
	report := func(metric string, value float64) string {
		return fmt.Sprintf(`{"metric":%q,"value":%v,"window_start":%q,"window_end":%q,"source":"grafana"}`, metric, value, now.Add(-time.Hour).Format(time.RFC3339), now.Format(time.RFC3339))
	}
	ask(t, b, "POST", "/models/fraud/monitoring", "["+report("availability", 99.1)+","+report("drift", 0.1)+"]").is(t, 200, `"accepted":2`, `"breaches":[{"metric":"availability"`, `"from":"SLA"`)
	ask(t, b, "GET", "/models/fraud/monitoring", "").is(t, 200, `"metric":"drift"`, `"breach":true`)
	first := ask(t, b, "GET", "/models/fraud/monitoring?limit=1", "").is(t, 200, `"next"`)
	ask(t, b, "GET", "/models/fraud/monitoring?limit=1&cursor="+first.Body["next"].(string), "").is(t, 200, `"metric":"availability"`)
	if one := ask(t, b, "GET", "/models/fraud/monitoring?breach=true", "").is(t, 200); len(one.Body["items"].([]any)) != 1 {
		t.Errorf("breaches: %s", one.Raw)
	}
	ask(t, b, "POST", "/models/fraud/monitoring", "["+report("nonsense", 1)+"]").is(t, 422, "body[0].metric")
	ask(t, b, "POST", "/models/fraud/monitoring", "[]").is(t, 422)
	ask(t, b, "POST", "/models/nobody/monitoring", "["+report("drift", 1)+"]").is(t, 404)
	ask(t, site.As(site.Stranger), "POST", "/models/fraud/monitoring", "["+report("drift", 1)+"]").is(t, 403, "own team")
	ask(t, b, "GET", "/models/nobody/monitoring", "").is(t, 404)
	ask(t, b, "GET", "/models/fraud/monitoring?cursor=zzz", "").is(t, 400)
}
