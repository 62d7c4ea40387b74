package form_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/web/form"
)

type step struct {
	Title string `form:"title" max:"20"`
	Days  int    `form:"days"`
}

type action struct {
	Name    string   `form:"name" max:"10"`
	Purpose string   `form:"purpose" is:"text" max:"50"`
	Tier    int      `form:"tier"`
	SLA     float64  `form:"sla"`
	Due     day.Day  `form:"due"`
	Agreed  bool     `form:"agreed"`
	Roles   []string `form:"roles" max:"8"`
	Steps   []step   `form:"steps"`
	ID      int64    // no tag: nobody outside fills it
}

func post(body string) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func TestDecodeReadsAForm(t *testing.T) {
	in := url.Values{"name": {"  fraud\u200b "}, "purpose": {"one\r\ntwo"}, "tier": {"2"}, "sla": {"99.5"}, "due": {"2027-03-31"}, "agreed": {"on"},
		"roles": {"a", "b"}, "steps[0].title": {"first"}, "steps[0].days": {"3"}, "steps[1].title": {"second"}, "ID": {"7"}, "id": {"7"}, "unknown": {"x"}}
	var got action
	values, err := form.Decode(post(in.Encode()), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := action{Name: "fraud", Purpose: "one\ntwo", Tier: 2, SLA: 99.5, Due: "2027-03-31", Agreed: true, Roles: []string{"a", "b"},
		Steps: []step{{"first", 3}, {"second", 0}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if values.Rows("steps") != 2 || values.Get("sla") != "99.5" || !values.Has("tier") || values.Has("tears") || len(values.All("roles")) != 2 {
		t.Errorf("what was typed is not kept: %v", values)
	}
}

func TestAWrongValueIsASentenceAtItsField(t *testing.T) {
	tests := map[string]struct{ body, field, says string }{
		"a word for a number":       {"tier=two", "tier", "whole number"},
		"a fraction":                {"tier=1.5", "tier", "whole number"},
		"a number beyond all":       {"tier=99999999999999999999", "tier", "whole number"},
		"a comma":                   {"sla=99,5", "sla", "Enter a number"},
		"a date of another country": {"due=31.03.2027", "due", "2027-03-31"},
		"a day that is not":         {"due=2027-02-30", "due", "2027-03-31"},
		"a box with words":          {"agreed=maybe", "agreed", "Tick the box"},
		"too long":                  {"name=" + strings.Repeat("x", 11), "name", "at most 10 characters; this has 11"},
		"too long in a list":        {"roles=a&roles=" + strings.Repeat("x", 9), "roles", "at most 8"},
		"too long in an entry":      {"steps[1].title=" + strings.Repeat("x", 21), "steps[1].title", "at most 20"},
		"a word in an entry":        {"steps[2].days=x", "steps[2].days", "whole number"},
		"no text":                   {"name=%ff%fe", "name", "not text"},
		"a zero byte":               {"name=a%00b", "name", "control characters"},
		"an escape":                 {"purpose=a%1bb", "purpose", "control characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var in action
			values, err := form.Decode(post(tt.body), &in)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || len(f.Problems) != 1 || f.Problems[0].Field != tt.field || !strings.Contains(f.Problems[0].Sentence, tt.says) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "Namespace") || strings.Contains(err.Error(), "strconv") {
				t.Errorf("words for programmers: %v", err)
			}
			if !strings.HasPrefix(tt.body, "name=%ff") && values.Get(tt.field) == "" {
				t.Error("what was typed is lost")
			}
		})
	}
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	var in action
	_, err := form.Decode(post("tier=x&sla=y&due=z&name="+strings.Repeat("n", 11)), &in)
	if f, _ := fault.As(err); f == nil || len(f.Problems) != 4 {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNoFormOfOurs(t *testing.T) {
	many := url.Values{}
	for i := range 2001 {
		many.Set(fmt.Sprintf("f%d", i), "x")
	}
	tests := map[string]struct {
		body string
		want fault.Kind
	}{
		"more than 2,000 fields":       {many.Encode(), fault.TooLarge},
		"one field thousands of times": {strings.Repeat("a=1&", 2001), fault.Malformed},
		"an open bracket":              {"steps[0.title=x", fault.Malformed},
		"a closing bracket":            {"steps]=x", fault.Malformed},
		"brackets in brackets":         {"steps[[0]].title=x", fault.Malformed},
		"a name without end":           {strings.Repeat("a", 201) + "=x", fault.Malformed},
		"a name with odd characters":   {"na%00me=x", fault.Malformed},
		"bad escapes":                  {"name=%zz", fault.Malformed},
		"an entry far away":            {"steps[99999].title=x", fault.Invalid},
		"a huge index":                 {"steps[99999999999999999999].title=x", fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var in action
			_, err := form.Decode(post(tt.body), &in)
			if f, _ := fault.As(err); f == nil || f.Kind != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
	c := post("{}")
	c.Request().Header.Set("Content-Type", "application/json")
	if _, err := form.Decode(c, &action{}); !fault.Is(err, fault.Malformed) {
		t.Errorf("json: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name=a&steps[0].title=b&tier=3")
	f.Add("steps[1]=x&steps[a].title=%ff")
	f.Add("roles[0]=a&roles=b")
	f.Fuzz(func(t *testing.T, body string) {
		var in action
		_, err := form.Decode(post(body), &in)
		if _, ok := fault.As(err); err != nil && !ok {
			t.Errorf("no fault: %v", err)
		}
		if in.ID != 0 {
			t.Error("a field without a tag was filled")
		}
	})
}

func TestNames(t *testing.T) {
	for _, fine := range []string{"Fraud scorer", "Модель риска", "Δέλτα", "naïve Bayes 2", "β-VAE model", "A/B test"} {
		if s := form.Name(fine); s != "" {
			t.Errorf("%q: %s", fine, s)
		}
	}
	for _, bad := range []string{"pаypal", "Fraud\u200dscorer", "two\nlines", "Αpple"} {
		if form.Name(bad) == "" {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestSlugs(t *testing.T) {
	for _, fine := range []string{"a", "fraud-scorer", "gpt-4o-support-2", strings.Repeat("a", 64)} {
		if s := form.Slug(fine); s != "" {
			t.Errorf("%q: %s", fine, s)
		}
	}
	for _, bad := range []string{"", "Fraud", "fraud_scorer", "-a", "a-", "a--b", "a b", "frаud", "a/b", "..", strings.Repeat("a", 65)} {
		if form.Slug(bad) == "" {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestCleanMakesEqualNamesEqual(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"decomposed letters":      {"cafe\u0301", "café"},
		"zero-width space":        {"fraud\u200bscorer", "fraudscorer"},
		"byte order mark":         {"\ufefffraud", "fraud"},
		"direction override":      {"fraud\u202egpj", "fraudgpj"},
		"soft hyphen":             {"fra\u00adud", "fraud"},
		"joiners of scripts stay": {"می\u200cخواهم", "می\u200cخواهم"},
		"line ends":               {"a\r\nb\rc", "a\nb\nc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, sentence := form.Clean(tt.in); got != tt.want || sentence != "" {
				t.Errorf("got %q (%s)", got, sentence)
			}
		})
	}
}

func query(s string) *form.Query {
	return form.ReadQuery(echo.New().NewContext(httptest.NewRequest("GET", "/?"+s, nil), httptest.NewRecorder()))
}

func TestQueryReadsAList(t *testing.T) {
	q := query("q=+two++words+&sort=name&tier=2&stage=staged&stage=production&since=2026-03-03&at=2026-03-03T14:32&utm=x")
	got := []any{q.Text("q"), q.Choice("sort", "updated", "name"), q.Choice("missing", "updated", "name"), q.Int("tier", 1, 3), q.Int("none", 1, 3),
		q.Choices("stage", "registered", "production", "staged"), q.Day("since"), q.Moment("at"), q.Has("q"), q.Has("nope"), q.Err()}
	want := []any{"two words", "name", "updated", int64(2), int64(0), []string{"production", "staged"}, day.Day("2026-03-03"),
		time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC), true, false, error(nil)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMoments(t *testing.T) {
	want := time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC)
	for _, s := range []string{"2026-03-03T14:32:00Z", "2026-03-03T15:32:00%2B01:00", "2026-03-03T15:32:00+01:00", "2026-03-03T14:32", "2026-03-03+14:32", "2026-03-03T14:32:00"} {
		q := query("at=" + s)
		if got := q.Moment("at"); !got.Equal(want) || q.Err() != nil {
			t.Errorf("%s is %s (%v)", s, got, q.Err())
		}
	}
	if got := query("at=2026-03-03").Moment("at"); got.Format(time.RFC3339Nano) != "2026-03-03T23:59:59.999Z" {
		t.Errorf("a day alone is %s", got)
	}
}

func TestAnAddressThatCannotBeMeant(t *testing.T) {
	ask := map[string]func(*form.Query){
		"sort=color":                         func(q *form.Query) { q.Choice("sort", "name") },
		"stage=heaven":                       func(q *form.Query) { q.Choices("stage", "staged") },
		"tier=9":                             func(q *form.Query) { q.Int("tier", 1, 3) },
		"tier=x":                             func(q *form.Query) { q.Int("tier", 1, 3) },
		"day=yesterday":                      func(q *form.Query) { q.Day("day") },
		"at=2026-03-03T25:00":                func(q *form.Query) { q.Moment("at") },
		"at=9999-01-01":                      func(q *form.Query) { q.Moment("at") },
		"q=%ff":                              func(q *form.Query) { q.Text("q") },
		"q=%00":                              func(q *form.Query) { q.Text("q") },
		"q=" + strings.Repeat("x", 201):      func(q *form.Query) { q.Text("q") },
		"q=%zz":                              func(q *form.Query) { q.Text("q") },
		"q=a;b":                              func(q *form.Query) { q.Text("q") },
		"after=" + strings.Repeat("x", 2001): func(q *form.Query) { q.Cursor("after") },
	}
	for s, read := range ask {
		q := query(s)
		read(q)
		if !fault.Is(q.Err(), fault.Malformed) {
			t.Errorf("%.40s: %v", s, q.Err())
		}
	}
}

func TestPartsOfAPath(t *testing.T) {
	c := post("")
	c.SetParamNames("id", "model")
	for value, want := range map[string]int64{"7": 7, "07": 0, "+7": 0, "-7": 0, "x": 0, "": 0, "0": 0, "99999999999999999999": 0} {
		c.SetParamValues(value, "m")
		if got, err := form.ID(c, "id"); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v", value, got, err)
		}
	}
	for value, fine := range map[string]bool{"fraud": true, "v1/rc": true, "": false, "a\x00": false, " a": false, "\xff": false, strings.Repeat("a", 201): false} {
		c.SetParamValues("1", value)
		if _, err := form.Param(c, "model"); (err == nil) != fine {
			t.Errorf("%.20q: %v", value, err)
		}
	}
}

func upload(t *testing.T, name string, content []byte) echo.Context {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	r := httptest.NewRequest("POST", "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func TestFiles(t *testing.T) {
	f, err := form.File(upload(t, "in\u202eventory.csv", []byte("a,b\n")), "file", 100)
	if err != nil || f.Name != "inventory.csv" || string(f.Bytes) != "a,b\n" {
		t.Errorf("%+v %v", f, err)
	}
	if f, err := form.File(upload(t, `C:\temp\x.csv`, []byte("a")), "file", 100); err != nil || f.Name != "x.csv" {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := form.File(upload(t, "x.csv", nil), "file", 100); !fault.Is(err, fault.Invalid) {
		t.Errorf("empty: %v", err)
	}
	if _, err := form.File(upload(t, "x.csv", make([]byte, 101)), "file", 100); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := form.File(upload(t, "x.csv", []byte("a")), "other", 100); !fault.Is(err, fault.Invalid) {
		t.Errorf("missing: %v", err)
	}
	if _, err := form.File(post("file=x"), "file", 100); !fault.Is(err, fault.Invalid) {
		t.Errorf("no multipart: %v", err)
	}
}
