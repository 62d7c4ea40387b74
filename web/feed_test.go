package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"sundial/auth/token"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/webtest"
)

const feed = "/retirements.ics"

// calendar parses a feed and looks at what calendar programs are strict about.
func calendar(t *testing.T, body string) map[string]*ics.VEvent {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(body, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line that is not folded well: %q", line)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%v:\n%s", err, body)
	}
	out := map[string]*ics.VEvent{}
	for _, e := range cal.Events() {
		if out[e.Id()] != nil {
			t.Errorf("two events are called %s", e.Id())
		}
		for _, p := range []ics.ComponentProperty{ics.ComponentPropertyDtstamp, ics.ComponentPropertyLastModified, ics.ComponentPropertySequence, ics.ComponentPropertySummary, ics.ComponentPropertyUrl} {
			if e.GetProperty(p) == nil {
				t.Errorf("%s has no %s", e.Id(), p)
			}
		}
		begin, err := e.GetAllDayStartAt()
		end, err2 := e.GetAllDayEndAt()
		if err != nil || err2 != nil || end.Sub(begin) != 24*time.Hour {
			t.Errorf("%s is no whole day: %v to %v, %v %v", e.Id(), begin, end, err, err2)
		}
		out[e.Id()] = e
	}
	return out
}

func on(t *testing.T, e *ics.VEvent) string {
	t.Helper()
	if e == nil {
		t.Fatal("there is no such event")
	}
	day, err := e.GetAllDayStartAt()
	if err != nil {
		t.Fatal(err)
	}
	return day.Format(time.DateOnly)
}

func TestTheCalendarHoldsEveryDayThatCounts(t *testing.T) {
	site := webtest.New(t)
	site.Serve(t, "fraud", "v1", 2)
	site.Model(t, "bare", registry.Trained, 2)
	b := site.As(site.Viewer)
	p := b.Get(feed).Is(200)
	if kind := p.Header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
		t.Errorf("it is %s", kind)
	}
	events := calendar(t, p.Body)
	m, err := site.Store.Model(t.Context(), "fraud")
	check(t, err)
	plan, err := site.Store.Plan(t.Context(), "fraud", site.Policy)
	check(t, err)
	name := func(key string) string { return "model-" + strconv.FormatInt(m.ID, 10) + "-" + key + "@127.0.0.1:8080" }
	runway := plan.InForce.Body.Runway(plan.Context)
	for key, want := range map[string]string{"deprecation": string(m.DeprecationOn), "review-by": string(plan.InForce.Body.Dates.ReviewBy), "latest-start": string(runway.LatestStart)} {
		if got := on(t, events[name(key)]); got != want {
			t.Errorf("%s is on %s, want %s", key, got, want)
		}
	}
	if len(events) != 4 { // and the bare model's deprecation
		t.Errorf("%d events", len(events))
	}
	e := events[name("latest-start")]
	if url := e.GetProperty(ics.ComponentPropertyUrl).Value; url != webtest.Base+"/models/fraud/retirement" {
		t.Errorf("it links to %s", url)
	}
	if text := e.GetProperty(ics.ComponentPropertyDescription).Value; !strings.Contains(text, "Team: Fraud") || !strings.Contains(text, "Owner: Owner") {
		t.Errorf("it says %q", text)
	}
}

func TestTheCalendarIsTheSameUntilSomethingChanges(t *testing.T) {
	site := webtest.New(t)
	m := site.Model(t, "tested", registry.Trained, 2)
	b := site.As(site.Owner)
	first := b.Get(feed).Is(200)
	site.Clock.Add(time.Minute)
	if again := b.Get(feed).Is(200); again.Body != first.Body {
		t.Error("the same facts made another calendar")
	}
	b.Header.Set("If-None-Match", first.Header.Get("ETag"))
	b.Get(feed).Is(304)
	sequence := func(p *webtest.Page) (int, time.Time) {
		for _, e := range calendar(t, p.Body) {
			n, err := strconv.Atoi(e.GetProperty(ics.ComponentPropertySequence).Value)
			changed, err2 := e.GetLastModifiedAt()
			if err != nil || err2 != nil || e.Id() != "model-"+strconv.FormatInt(m.ID, 10)+"-deprecation@127.0.0.1:8080" {
				t.Errorf("%s: %v %v", e.Id(), err, err2)
			}
			return n, changed
		}
		t.Fatal("no event")
		return 0, time.Time{}
	}
	before, was := sequence(first)
	b.Submit(b.Get("/models/tested/edit/promises"), "/models/tested/edit/promises", "deprecation_on", "2031-05-06").Is(200)
	next := b.Get(feed).Is(200)
	after, is := sequence(next)
	if after <= before || !is.After(was) || !strings.Contains(next.Body, "20310506") {
		t.Errorf("sequence %d after %d, changed %s after %s:\n%s", after, before, is, was, next.Body)
	}
}

func TestTheCalendarIsNarrowed(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "tested", registry.Trained, 2)
	b := site.As(site.Viewer)
	for query, want := range map[string]int{"": 1, "?team=fraud": 1, "?team=credit": 0, "?team=nowhere": 0, "?owner=" + id(site.Owner.ID): 1, "?owner=" + id(site.Deputy.ID): 1, "?owner=" + id(site.Viewer.ID): 0} {
		if got := len(calendar(t, b.Get(feed+query).Is(200).Body)); got != want {
			t.Errorf("%q holds %d events, want %d", query, got, want)
		}
	}
	for _, bad := range []string{"?owner=me", "?owner=-1", "?team=%01", "?owner=%zz"} {
		b.Get(feed + bad).Is(400)
	}
}

// Names of people and models are strangers' text: it must neither break out of its line nor be cut
// inside a letter.
func TestStrangeNamesStayInTheirLine(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	names := []string{strings.Repeat("Überprüfung ", 12), `Semi;colon, back\slash "quote" END:VEVENT`, strings.Repeat("模型", 30), "🌞" + strings.Repeat("🌗🌘", 12)}
	for i, name := range names {
		slug := "m" + strconv.Itoa(i)
		b.Send("/models/new", "name", name, "slug", slug, "kind", "trained", "purpose", "Says who may leave us.", "tier", "3", "team", id(site.Fraud.ID)).Is(200)
		b.Submit(b.Get("/models/"+slug+"/edit/promises"), "/models/"+slug+"/edit/promises", "deprecation_on", "2031-05-06").Is(200)
	}
	events := calendar(t, b.Get(feed).Is(200).Body)
	said := ""
	for _, e := range events {
		said += e.GetProperty(ics.ComponentPropertySummary).Value + "\n"
	}
	if len(events) != len(names) {
		t.Errorf("%d events", len(events))
	}
	for _, name := range names {
		if !strings.Contains(said, strings.TrimSpace(name)) {
			t.Errorf("%q came back otherwise:\n%s", name, said)
		}
	}
}

// program asks as calendar programs do.
func program(s *webtest.Site, address, basic string) *webtest.Page {
	b := s.Nobody()
	r := b.Request(http.MethodGet, address, nil, "")
	r.Header.Set("Accept", "text/calendar")
	r.Header.Del("Sec-Fetch-Site")
	if basic != "" {
		r.SetBasicAuth("anybody", basic)
	}
	return b.Do(r)
}

func TestTokensOpenTheCalendar(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "tested", registry.Trained, 2)
	narrow, made := tokenOf(t, site, site.Owner, "calendar", time.Hour, org.ScopeCalendar)
	read, _ := tokenOf(t, site, site.Owner, "read", time.Hour, org.ScopeRead)
	stamps, _ := tokenOf(t, site, site.Owner, "stamps", time.Hour, org.ScopeStamps)
	both, _ := tokenOf(t, site, site.Owner, "both", time.Hour, org.ScopeCalendar, org.ScopeRead)
	admin, _ := tokenOf(t, site, site.Admin, "admin", time.Hour, org.ScopeRead, org.ScopeWrite, org.ScopeApprove)
	open := map[string]*webtest.Page{
		"in the address":            program(site, feed+"?key="+string(narrow)+"&team=fraud", ""),
		"as the password":           program(site, feed, string(narrow)),
		"as the password, reading":  program(site, feed, string(read)),
		"as the password, of both":  program(site, feed, string(both)),
		"as a bearer":               call(t, machine(site, string(narrow)), "GET", feed, ""),
		"as a bearer, of an admin":  call(t, machine(site, string(admin)), "GET", feed, ""),
		"both ways, the same token": program(site, feed+"?key="+string(narrow), string(narrow)),
	}
	for how, p := range open {
		if p.Status != 200 || len(calendar(t, p.Body)) != 1 {
			t.Errorf("%s: %d %s", how, p.Status, p.Text())
		}
	}
	shut := map[string]*webtest.Page{
		"nothing":                      program(site, feed, ""),
		"a read token in the address":  program(site, feed+"?key="+string(read), ""),
		"more than calendar there":     program(site, feed+"?key="+string(both), ""),
		"an admin's there":             program(site, feed+"?key="+string(admin), ""),
		"stamps there":                 program(site, feed+"?key="+string(stamps), ""),
		"a made-up one":                program(site, feed+"?key="+string(token.NewSecret()), ""),
		"half of one":                  program(site, feed+"?key="+string(narrow)[:20], ""),
		"an empty one":                 program(site, feed+"?key=", ""),
		"a made-up password":           program(site, feed, "noon-mark-1700"),
		"a wrong key, a good password": program(site, feed+"?key="+string(read), string(narrow)),
	}
	for how, p := range shut {
		if p.Status != 401 || p.Header.Get("WWW-Authenticate") == "" || strings.Contains(p.Body, "BEGIN:VCALENDAR") || strings.Contains(p.Body, "Owner") {
			t.Errorf("%s: %d %s\n%s", how, p.Status, p.Header.Get("WWW-Authenticate"), p.Text())
		}
	}
	if p := program(site, feed, string(stamps)); p.Status != 403 {
		t.Errorf("a token without the scope: %d", p.Status)
	}
	for _, elsewhere := range []string{"/retirements", "/models", "/audit.jsonl", "/retirements.csv", "/api/v1/models"} {
		if p := program(site, elsewhere+"?key="+string(narrow), ""); p.Status == 200 {
			t.Errorf("a key in the address opens %s", elsewhere)
		}
		if p := program(site, elsewhere, string(read)); p.Status == 200 {
			t.Errorf("a password opens %s", elsewhere)
		}
	}
	if _, err := site.Store.RevokeToken(site.World.As(site.Owner), made.ID); err != nil {
		t.Fatal(err)
	}
	if p := program(site, feed+"?key="+string(narrow), ""); p.Status != 401 {
		t.Errorf("after it was revoked: %d", p.Status)
	}
	for what, secret := range map[string]token.Secret{"calendar": narrow, "read": read, "admin": admin} {
		if strings.Contains(site.Log.String(), string(secret)) || strings.Contains(trail(t, site), string(secret)) {
			t.Errorf("the %s token is in the log or the trail", what)
		}
	}
}

func TestABrowserWithoutASessionIsLedToSignInWithoutTheKey(t *testing.T) {
	site := webtest.New(t)
	narrow, _ := tokenOf(t, site, site.Owner, "calendar", time.Hour, org.ScopeCalendar)
	p := site.Nobody().Get(feed)
	if !strings.HasPrefix(p.Address, "/login") {
		t.Errorf("it stands at %s", p.Address)
	}
	b := site.Nobody()
	wrong := b.Do(b.Request(http.MethodGet, feed+"?key="+string(narrow)+"x", nil, ""))
	if wrong.Status != 401 || strings.Contains(wrong.Body+wrong.Header.Get("Location"), string(narrow)) {
		t.Errorf("%d %s", wrong.Status, wrong.Header.Get("Location"))
	}
}

func TestThePageOfRetirementsTellsHowToSubscribe(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "tested", registry.Trained, 2)
	p := site.As(site.Owner).Get("/retirements/plans?team=fraud").Is(200, "In your calendar", "whose one scope is calendar", webtest.Base+feed+"?team=fraud&key=TOKEN")
	found := false
	for _, l := range p.Links() {
		found = found || regexp.MustCompile(`/retirements\.ics\?owner=\d+$`).MatchString(l)
	}
	if !found {
		t.Errorf("no calendar of one's own: %v", p.Links())
	}
}

// A calendar of one's own and one for each of one's teams, by addresses that nobody guesses and that end when
// their token does.
func TestWhoMakesACalendarTokenIsGivenItsAddressesOnce(t *testing.T) {
	site := webtest.New(t)
	site.Model(t, "tested", registry.Trained, 2)
	b := site.As(site.Deputy)
	p := b.Get("/tokens/new?scope=calendar&name=My+calendar").Is(200)
	if p.Value("name") != "My calendar" {
		t.Errorf("the name is %q", p.Value("name"))
	}
	made := b.Submit(p, "/tokens/new").Is(200, "Subscribe to one of these", "Models that you answer for", "Models of Fraud", "All models").Lacks("Models of Credit")
	addresses := regexp.MustCompile(`http://127\.0\.0\.1:8080(/retirements\.ics\?[^<"\s]+)`).FindAllStringSubmatch(strings.ReplaceAll(made.Body, "&amp;", "&"), -1)
	seen := map[string]bool{}
	for _, a := range addresses {
		seen[a[1]] = true
	}
	if len(seen) != 3 {
		t.Fatalf("three addresses are shown: %v", addresses)
	}
	secret := ""
	for address := range seen {
		if open := program(site, address, ""); open.Status != 200 || len(calendar(t, open.Body)) != 1 {
			t.Errorf("%s: %d %s", address, open.Status, open.Text())
		}
		_, secret, _ = strings.Cut(address, "key=")
		secret, _, _ = strings.Cut(secret, "&")
	}
	if strings.Contains(b.Get("/tokens").Is(200, "My calendar").Body, secret) {
		t.Error("the secret is shown a second time")
	}
	tokens, err := site.Store.Tokens(t.Context(), store.TokenFilter{Owner: site.Deputy.ID}, site.Clock.Now(), "", 5)
	check(t, err)
	b.Send("/tokens/"+id(tokens.Rows[0].ID)+"/revoke").Is(200, "revoked")
	for address := range seen {
		if shut := program(site, address, ""); shut.Status != 401 || strings.Contains(shut.Body, "BEGIN:VCALENDAR") {
			t.Errorf("after it was revoked %s answers %d", address, shut.Status)
		}
	}
	if strings.Contains(site.Log.String(), secret) || strings.Contains(trail(t, site), secret) {
		t.Error("the secret is in the log or the trail")
	}
}

func TestOtherTokensAreGivenNoCalendar(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Owner)
	for _, scopes := range [][]string{{"read"}, {"read", "calendar"}} {
		form := b.Get("/tokens/new").Fields("/tokens/new")
		form.Set("name", "pipeline "+strings.Join(scopes, " "))
		form["scopes"] = scopes
		b.Post("/tokens/new", form).Is(200, "Copy it now").Lacks("Subscribe to one of these", "key=")
	}
	b.Get("/tokens/new?scope=everything").Is(400)
	b.Get("/tokens/new?name=%01").Is(400)
}
