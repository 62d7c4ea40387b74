package account_test

import (
	"net/url"
	"strings"
	"testing"

	"sundial/models/notice"
	"sundial/models/store"
	"sundial/web"
	"sundial/web/webtest"
)

func TestSomebodyChoosesWhatTheyHearOf(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Viewer)
	p := b.Get("/account/notices").Is(200, "viewer@example.test", "No mail server is set", "To decide", "Reviews I may give", "In the daily digest (usual)")
	b.Submit(p, "/account/notices", "mine.stage", "never").Is(200, "Saved. It holds for what happens from now on.")
	chosen, err := site.Store.Choices(t.Context(), site.Viewer.ID)
	if err != nil || chosen["mine.stage"] != notice.Never || chosen["decide.review"] != notice.AtOnce {
		t.Errorf("%v %v", chosen, err)
	}
	if others, err := site.Store.Choices(t.Context(), site.Owner.ID); err != nil || len(others) != 0 {
		t.Errorf("somebody else's: %v %v", others, err)
	}
	again := b.Get("/account/notices").Is(200)
	if got := again.Value("mine.stage"); got != "never" {
		t.Errorf("it shows %q", got)
	}
}

func TestAChoiceThatIsNoneIsToldAtItsField(t *testing.T) {
	site := webtest.New(t)
	form := url.Values{}
	for _, m := range notice.Matters {
		form.Set(m.Key, string(notice.Never))
	}
	form.Set("end.course", "hourly")
	p := site.As(site.Viewer).Post("/account/notices", form).Is(422, "Choose at once, in the daily digest, or never.")
	if p.Value("mine.stage") != "never" {
		t.Error("what was chosen is lost")
	}
	if chosen, err := site.Store.Choices(t.Context(), site.Viewer.ID); err != nil || len(chosen) != 0 {
		t.Errorf("half of it was kept: %v %v", chosen, err)
	}
}

func TestATestMailGoesToOneself(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.MailServer = "mail.example.test:587" })
	b := site.As(site.Viewer)
	b.Submit(b.Get("/account/notices"), "/account/notices/test").Is(200, "A test mail is on its way to you.")
	b.Send("/account/notices/test").Is(429, "within the last minute")
	page, err := site.Store.Letters(t.Context(), store.LetterFilter{}, "", 10)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Kind != notice.TestLetter || page.Rows[0].Person != site.Viewer.ID {
		t.Errorf("%+v %v", page.Rows, err)
	}
	nobody := site.Nobody().Get("/account/notices")
	if !strings.Contains(nobody.Address, "/login") {
		t.Errorf("who is not signed in is at %s", nobody.Address)
	}
}

func TestWhoHasNoAddressIsTold(t *testing.T) {
	site := webtest.New(t)
	p, err := site.Store.SignIn(site.World.As(site.Viewer), store.SignIn{Issuer: "https://idp.test", Subject: "nomail", Name: "Nomail"})
	if err != nil {
		t.Fatal(err)
	}
	b := site.As(p)
	b.Get("/account/notices").Is(200, "There is no e-mail address of yours")
	b.Send("/account/notices/test").Is(409, "There is no e-mail address of yours")
}
