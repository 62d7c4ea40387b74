package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/fault"
)

var noon = time.Date(2026, 3, 3, 12, 30, 0, 0, time.UTC)

func TestReadLines(t *testing.T) {
	t.Parallel()
	lines, err := ReadLines([]byte(`[
		{"bucket": "2026-03-03T12:17:31+01:00", "app": "checkout", "stamp": "fraud@v7", "requested_id": "a", "served_id": "b", "count": 3},
		{"bucket": "2026-03-03T11:00:00Z", "app": "ops", "model": "bot", "version": "v1", "prompt_sha256": "sha256:0123456789AB", "count": 1},
		{"bucket": "2026-03-03T11:00:00Z", "app": "ops", "model": "bot", "count": 5}
	]`), noon)
	if err != nil {
		t.Fatal(err)
	}
	eleven := time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
	want := []Line{
		{eleven, "checkout", Stamp{"fraud", "v7", ""}, "a", "b", 3},
		{eleven, "ops", Stamp{"bot", "v1", "0123456789ab"}, "", "", 1},
		{eleven, "ops", Stamp{"bot", "", ""}, "", "", 5},
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
}

func line(fields ...string) string {
	all := map[string]string{"bucket": `"2026-03-03T12:00:00Z"`, "app": `"checkout"`, "stamp": `"fraud@v7"`, "count": "1"}
	for i := 0; i < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	var parts []string
	for name, value := range all {
		if value != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", name, value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func TestALineIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, field string }{
		"a moment that is none":             {line("bucket", `"yesterday"`), "bucket"},
		"no moment":                         {line("bucket", ""), "bucket"},
		"a moment to come":                  {line("bucket", `"2026-03-03T12:41:00Z"`), "bucket"},
		"a moment long gone":                {line("bucket", `"2025-12-01T00:00:00Z"`), "bucket"},
		"no app":                            {line("app", `"  "`), "app"},
		"an app too long":                   {line("app", `"`+strings.Repeat("x", 101)+`"`), "app"},
		"an app with a NUL":                 {line("app", `"a\u0000b"`), "app"},
		"an app that turns the text around": {line("app", `"a\u202eb"`), "app"},
		"no stamp and no model":             {line("stamp", ""), "stamp"},
		"a stamp that is none":              {line("stamp", `"fraud"`), "stamp"},
		"a stamp and its parts":             {line("model", `"fraud"`), "stamp"},
		"a model that is none":              {line("stamp", "", "model", `"Fraud!"`), "model"},
		"a version that is none":            {line("stamp", "", "model", `"fraud"`, "version", `"v 7"`), "version"},
		"a prompt without a version":        {line("stamp", "", "model", `"fraud"`, "prompt_sha256", `"0123456789ab"`), "version"},
		"a prompt that is no hash":          {line("stamp", "", "model", `"fraud"`, "version", `"v7"`, "prompt_sha256", `"hello"`), "prompt_sha256"},
		"a count of nothing":                {line("count", "0"), "count"},
		"a negative count":                  {line("count", "-3"), "count"},
		"half a prediction":                 {line("count", "1.5"), "count"},
		"a count in quotes":                 {line("count", `"7"`), "count"},
		"a count beyond reason":             {line("count", "1000000000001"), "count"},
		"a count beyond numbers":            {line("count", "99999999999999999999999"), "count"},
		"an id too long":                    {line("served_id", `"`+strings.Repeat("x", 201)+`"`), "served_id"},
		"a number for a text":               {line("app", "7"), "app"},
		"a field that nobody knows":         {line("prompt", `"what was asked"`), ""},
		"null":                              {"null", "bucket"},
		"a list":                            {"[]", ""},
		"a text":                            {`"fraud@v7"`, ""},
	} {
		_, err := ReadLines([]byte("["+line()+","+c.body+"]"), noon)
		f, _ := fault.As(err)
		want := "[1]"
		if c.field != "" {
			want += "." + c.field
		}
		if f == nil || f.Kind != fault.Invalid || len(f.Problems) == 0 || f.Problems[0].Field != want {
			t.Errorf("%s: %v, want a problem at %s", name, err, want)
		}
	}
}

func TestABodyThatIsNoArrayIsMalformed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", line(), "null", "[", "[" + line(), "[" + line() + ",]", "[" + line() + "] []", "[" + line() + "]]", "[{]", "\xff\xfe", `[{"app": "` + "\xff" + `"}]`, strings.Repeat("[", 100_000)} {
		if _, err := ReadLines([]byte(body), noon); !fault.Is(err, fault.Malformed) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40q: %v", body, err)
		}
	}
}

func TestAtMostTenThousandLines(t *testing.T) {
	t.Parallel()
	many := func(n int) []byte { return []byte("[" + strings.TrimSuffix(strings.Repeat(line()+",", n), ",") + "]") }
	if lines, err := ReadLines(many(MaxLines), noon); err != nil || len(lines) != MaxLines {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if _, err := ReadLines(many(MaxLines+1), noon); !fault.Is(err, fault.TooLarge) {
		t.Errorf("one more: %v", err)
	}
}

func TestProblemsAreToldUpToABound(t *testing.T) {
	t.Parallel()
	_, err := ReadLines([]byte("["+strings.TrimSuffix(strings.Repeat(line("count", "0")+",", 5000), ",")+"]"), noon)
	if f, _ := fault.As(err); f == nil || len(f.Problems) > mostProblems+1 {
		t.Errorf("%v", err)
	}
}

func TestAggregateAddsUpByKey(t *testing.T) {
	t.Parallel()
	hour := noon.Truncate(time.Hour)
	a := Line{Bucket: hour, App: "a", Stamp: Stamp{"fraud", "v7", ""}, Count: 2}
	other := func(change func(*Line)) Line { l := a; change(&l); return l }
	lines := []Line{a, a,
		other(func(l *Line) { l.Bucket = hour.Add(-time.Hour) }), other(func(l *Line) { l.App = "b" }), other(func(l *Line) { l.Stamp.Version = "v8" }),
		other(func(l *Line) { l.Stamp.Prompt = "0123456789ab" }), other(func(l *Line) { l.Requested = "x" }), other(func(l *Line) { l.Served = "x" }), a}
	got := Aggregate(lines)
	if len(got) != 7 {
		t.Fatalf("%d keys, want 7: %+v", len(got), got)
	}
	total := int64(0)
	for _, c := range got {
		total += c.N
		if c.N == 6 && c.Key != (Key{Bucket: hour.UnixMilli(), App: "a", Stamp: a.Stamp}) {
			t.Errorf("%+v", c)
		}
	}
	if total != 18 {
		t.Errorf("%d predictions, want 18", total)
	}
	if got[0].App != "a" || got[2].App != "b" {
		t.Errorf("keys stand in the order in which they came: %+v", got)
	}
	if d := cmp.Diff(got, Aggregate(lines)); d != "" {
		t.Errorf("the same lines, another order: %s", d)
	}
}

func FuzzReadLines(f *testing.F) {
	for _, s := range []string{"[]", "[" + line() + "]", "[" + line("count", "1e400") + "]", "[null]", "[[]]", "[{\"bucket\":\"0000-00-00T00:00:00Z\"}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		lines, err := ReadLines(body, noon)
		if _, isFault := fault.As(err); err != nil && !isFault {
			t.Errorf("an error that is no sentence: %v", err)
		}
		for _, l := range lines {
			if l.Count < 1 || l.App == "" || l.Stamp.Model == "" || l.Bucket.After(noon.Add(Skew)) {
				t.Errorf("taken: %+v", l)
			}
		}
	})
}

func BenchmarkReadLines(b *testing.B) {
	body := []byte("[" + strings.TrimSuffix(strings.Repeat(line("requested_id", `"gpt-4.1"`)+",", MaxLines), ",") + "]")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		lines, err := ReadLines(body, noon)
		if err != nil {
			b.Fatal(err)
		}
		Aggregate(lines)
	}
	b.ReportMetric(float64(b.N*MaxLines)/b.Elapsed().Seconds(), "lines/s")
}
