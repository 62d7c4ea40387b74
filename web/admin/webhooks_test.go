package admin_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sundial/models/audit"
	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/webtest"
)

var secretShape = regexp.MustCompile(`whsec_[A-Za-z0-9+/]{43}=`)

// added adds an endpoint in the browser and returns its page and its secret.
func added(t *testing.T, b *webtest.Browser, pairs ...string) (page, secret string) {
	t.Helper()
	values := append([]string{"url", "https://hooks.example.test/in?key=hidden", "description", "Chat of the fraud team"}, pairs...)
	p := b.Submit(b.Get("/admin/webhooks/new"), "/admin/webhooks/new", values...).Is(200, "This secret is shown once", "Chat of the fraud team is told from now on")
	secret = secretShape.FindString(p.Text())
	if secret == "" {
		t.Fatalf("no secret on the page:\n%s", p.Text())
	}
	for _, l := range p.Links() {
		if strings.HasPrefix(l, "/admin/webhooks/") {
			page = l
		}
	}
	return page, secret
}

// sent moves the outbox and answers every message that is due.
func sent(t *testing.T, site *webtest.Site, a notice.Answer) {
	t.Helper()
	ctx := site.World.As(site.Admin)
	for n := 1; n > 0; {
		var err error
		if n, err = site.Store.MoveOutbox(ctx, webtest.Base, 100); err != nil {
			t.Fatal(err)
		}
	}
	due, err := site.Store.Due(ctx, 1, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	a.At = site.Clock.Now()
	for _, d := range due {
		if err := site.Store.Attempted(ctx, d, a, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWebhooksAreForAdministrators(t *testing.T) {
	site := webtest.New(t)
	page, _ := added(t, site.As(site.Admin))
	for _, who := range []org.Person{site.Owner, site.Reviewer, site.Risk, site.Leader, site.Auditor, site.Viewer} {
		for _, address := range []string{"/admin/webhooks", "/admin/webhooks/new", page, page + "/edit", page + "/rotate", page + "/delete", page + "/deliveries/1"} {
			site.As(who).Get(address).Is(403, "Only administrators").Lacks("hooks.example.test")
		}
		for _, verb := range []string{"edit", "pause", "resume", "test", "rotate", "delete"} {
			site.As(who).Send(page+"/"+verb).Is(403, "Only administrators")
		}
	}
}

func TestAnEndpointIsAddedAndItsSecretShownOnce(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Get("/admin/webhooks").Is(200, "Nobody is told yet", "Add an endpoint")
	page, secret := added(t, b, "types", "plan.stale")
	b.Get("/admin/webhooks").Is(200, "1 endpoint", "Chat of the fraud team", "hooks.example.test", "Working", "1 kind", "none yet").Lacks("key=hidden")
	said := []string{b.Get(page).Is(200, "https://hooks.example.test/in?key=hidden", "plan.stale", "by Admin", "Kept sealed", "Nothing was sent yet").Body,
		b.Get(page + "/edit").Is(200).Body, b.Get(page + "/rotate").Is(200).Body, site.Log.String()}
	trail := ""
	err := site.Store.EachEvent(t.Context(), store.EventFilter{}, func(e audit.Event) error {
		line, err := audit.Canonical(e)
		trail += string(line)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range append(said, trail) {
		if strings.Contains(text, secret) || strings.Contains(text, strings.TrimPrefix(secret, "whsec_")) {
			t.Errorf("the secret came out again (%d)", i)
		}
	}
	if !strings.Contains(trail, "webhook.added") || strings.Contains(trail, "key=hidden") {
		t.Error("the trail should name the host and nothing else of the address")
	}
	again := b.Post("/admin/webhooks/new", url.Values{"url": {"https://hooks.example.test/in?key=hidden"}}).Is(422)
	if again.ErrorAt("url") != "Error: This address is told already." {
		t.Errorf("sent twice: %q", again.ErrorAt("url"))
	}
}

func TestABadEndpointIsToldAtItsFields(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	tests := map[string]struct{ field, value, at, says string }{
		"no address":           {"url", "", "url", "Enter the address"},
		"no address at all":    {"url", "hooks", "url", "not an address"},
		"plain http":           {"url", "http://hooks.example.test/", "url", "Only https"},
		"a password in it":     {"url", "https://a:b@hooks.example.test/", "url", "no user name"},
		"this machine":         {"url", "https://127.0.0.1/", "url", "inside the network"},
		"mapped":               {"url", "https://[::ffff:10.0.0.1]/", "url", "inside the network"},
		"metadata":             {"url", "https://169.254.169.254/latest", "url", "inside the network"},
		"another protocol":     {"url", "gopher://hooks.example.test/", "url", "Only https"},
		"a long address":       {"url", "https://hooks.example.test/" + strings.Repeat("x", 1000), "url", "at most 1000"},
		"a long description":   {"description", strings.Repeat("x", 201), "description", "at most 200"},
		"an unheard-of event":  {"types", "model.exploded", "types", "no such event"},
		"control characters":   {"description", "a\x00b", "description", "control characters"},
		"the test, subscribed": {"types", "webhook.test", "types", "no such event"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := url.Values{"url": {"https://hooks.example.test/"}, "description": {"Chat"}, "types": {"plan.stale"}}
			v.Set(tt.field, tt.value)
			p := b.On(t).Post("/admin/webhooks/new", v).Is(422)
			if !strings.Contains(p.ErrorAt(tt.at), tt.says) || !strings.HasPrefix(p.PageTitle(), "Error:") {
				t.Errorf("%q at %s, title %q", p.ErrorAt(tt.at), tt.at, p.PageTitle())
			}
			if tt.field != "description" && p.Value("description") != "Chat" {
				t.Error("the other fields were lost")
			}
		})
	}
	b.Get("/admin/webhooks").Is(200, "Nobody is told yet")
}

func TestAnEndpointIsChangedPausedRotatedAndDeleted(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page, first := added(t, b)
	form := b.Get(page + "/edit").Is(200)
	b.Submit(form, page+"/edit", "description", "Pager", "types", "plan.stale").Is(200, "Endpoint saved.", "Pager", "plan.stale")
	p := b.Submit(form, page+"/edit", "description", "Other").Is(409, "changed while you were editing", "Pager", "Other")
	b.Submit(p, page+"/edit").Is(200, "Endpoint saved.", "Other")

	if p := b.Send(page+"/pause").Is(200, "Endpoint paused.", "Paused", "Nothing is sent while the endpoint is paused", "Resume"); p.Form(page+"/test") != nil {
		t.Error("a paused endpoint can be tested")
	}
	b.Send(page+"/pause").Is(409, "already")
	b.Send(page+"/test").Is(409, "Resume the endpoint")
	b.Send(page+"/resume").Is(200, "Endpoint resumed.", "Working")

	ask := b.Get(page+"/rotate").Is(200, "Rotate the secret of Other?", "signed with both").Lacks("still going on")
	p = b.Submit(ask, page+"/rotate").Is(200, "This secret is shown once", "Another secret for Other", "either")
	if second := secretShape.FindString(p.Text()); second == "" || second == first {
		t.Errorf("the secret is %q", second)
	}
	b.Submit(ask, page+"/rotate").Is(409)
	b.Get(page).Is(200, "The one before it signs too")
	b.Get(page+"/rotate").Is(200, "still going on")
	site.Clock.Add(25 * time.Hour)
	b = site.As(site.Admin)
	b.Get(page).Is(200).Lacks("The one before it signs too")

	ask = b.Get(page+"/delete").Is(200, "Delete Other?")
	b.Submit(ask, page+"/delete").Is(200, "Endpoint deleted.", "Nobody is told yet")
	for _, gone := range []string{page, page + "/edit", "/admin/webhooks/999", "/admin/webhooks/x", page + "/deliveries/1"} {
		b.Get(gone).Is(404)
	}
	b.Send(page + "/delete").Is(404)
}

func TestTheLogTellsWhatWasSentAndSendsAgain(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	page, _ := added(t, b)
	for i := range 30 {
		site.Model(t, fmt.Sprintf("m%02d", i), registry.Trained, 2)
	}
	sent(t, site, notice.Answer{Status: 200, Took: 31 * time.Millisecond, Excerpt: "thanks <b>you</b>"})
	b.Send(page+"/test").Is(200, "A test message is on its way")
	sent(t, site, notice.Answer{Status: 500, Took: 12 * time.Millisecond, Error: "The receiver answered 500.", Excerpt: "stack trace"})
	list := b.Get(page).Is(200, "31 messages", "webhook.test", "Waiting", "next at", "Failing", "The receiver answered 500.", "after five days", "Next")
	if list.Queries > 6 {
		t.Errorf("%d queries", list.Queries)
	}
	for _, l := range list.Links() {
		if strings.Contains(l, "after=") {
			b.Get(l).Is(200, "31 messages", "First page", "Previous", "Delivered").Lacks("webhook.test")
		}
	}
	b.Get(page+"?state=pending").Is(200, "1 message", "webhook.test").Lacks("model.registered")
	b.Get(page+"?state=delivered").Is(200, "30 messages").Lacks("webhook.test")
	b.Get(page+"?state=failed").Is(200, "No messages match")
	b.Get(page + "?state=lost").Is(400)
	b.Get(page + "?after=zz").Is(400)
	b.Swap("GET", page+"?state=delivered", "log", nil).Is(200, "30 messages").Lacks("Send a test")

	one := b.Get(page+"/deliveries/1").Is(200, "model.registered", "Delivered", "1 attempt", "31 ms", "thanks <b>you</b>", `"model": "m00"`, "/models/m00", "msg_")
	b.Submit(one, page+"/deliveries/1/resend").Is(200, "sent again, under the id it had", "Waiting", "It goes out within seconds")
	b.Send(page+"/deliveries/1/resend").Is(409, "within seconds")
	for _, gone := range []string{"/deliveries/999", "/deliveries/x"} {
		b.Get(page + gone).Is(404)
		b.Send(page + gone + "/resend").Is(404)
	}
	other, _, err := site.Store.AddEndpoint(site.World.As(site.Admin), notice.Endpoint{URL: "https://other.example.test/"})
	if err != nil {
		t.Fatal(err)
	}
	b.Get(fmt.Sprintf("/admin/webhooks/%d/deliveries/1", other.ID)).Is(404)
	b.Send(fmt.Sprintf("/admin/webhooks/%d/deliveries/1/resend", other.ID)).Is(404)
	if p := b.Get("/admin/webhooks").Is(200, "2 endpoints"); p.Queries > 6 {
		t.Errorf("%d queries", p.Queries)
	}
}

func TestTheOperatorMayAllowMore(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Post("/admin/webhooks/new", url.Values{"url": {"https://hooks.localhost/"}}).Is(422, "The operator may allow it")
}
