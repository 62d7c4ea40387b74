package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"sundial/models/notice"
	"sundial/models/org"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web"
	"sundial/web/webtest"
)

var consumersLink = retirement.AnswerLink{Workflow: 7, Consumer: "checkout", Nonce: "1", Expires: "2100-01-01"}

func announced(t *testing.T, site *webtest.Site) (page string) {
	t.Helper()
	storetest.Post(t, site.Store, notice.Letter{Key: "k1", Kind: notice.ConsumerAnnouncement, To: "checkout@example.test",
		Payload: notice.ConsumerLetter{Consumer: "Checkout", Model: "Fraud <scorer>", Link: consumersLink}})
	list, err := site.Store.Letters(t.Context(), store.LetterFilter{}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/admin/letters/%d", list.Rows[0].ID)
}

// settled claims the next letter and writes down an outcome.
func settled(t *testing.T, site *webtest.Site, a notice.MailAnswer) {
	t.Helper()
	l, claimed, err := site.Store.ClaimLetter(t.Context())
	if err != nil || !claimed {
		t.Fatal(claimed, err)
	}
	if err := site.Store.SettleLetter(t.Context(), l, a, 0); err != nil {
		t.Fatal(err)
	}
}

func TestLettersAreForAdministrators(t *testing.T) {
	site := webtest.New(t)
	page := announced(t, site)
	for _, who := range []org.Person{site.Owner, site.Reviewer, site.Risk, site.Leader, site.Auditor, site.Viewer} {
		for _, address := range []string{"/admin/letters", "/admin/letters.csv", page} {
			site.As(who).Get(address).Is(403).Lacks("checkout@example.test")
		}
		site.As(who).Send(page + "/resend").Is(403)
	}
}

func TestTheLogOfLetters(t *testing.T) {
	site := webtest.New(t)
	b := site.As(site.Admin)
	b.Get("/admin/letters").Is(200, "No letters yet", "No mail server is set")
	page := announced(t, site)
	b.Get("/admin/letters").Is(200, "1 letter", "Announcement", "checkout@example.test", "Waiting")
	b.Get("/admin/letters?state=sent").Is(200, "No letters match").Lacks("checkout@example.test")
	b.Get("/admin/letters?state=lost").Is(400)
	b.Get(page).Is(200, "Fraud <scorer> will be retired", "The consumer's link is not shown", "/answer/…")
	b.Send(page+"/resend").Is(409, "in the queue already")
	settled(t, site, notice.MailAnswer{Outcome: notice.Refused, Sentence: "The mail server refused it: 550 no such user"})
	b.Get("/admin/letters?state=failed&kind=consumer_announcement").Is(200, "Failed", "550 no such user")
	b.Submit(b.Get(page).Is(200, "Failed", "550 no such user"), page+"/resend").Is(200, "The letter is in the queue again", "Waiting")
	csv := b.Get("/admin/letters.csv").Is(200).Body
	if !strings.Contains(csv, "consumer_announcement,,checkout@example.test,,,pending,1,") || strings.Contains(csv, "Fraud") {
		t.Error(csv)
	}
	b.Get("/admin/letters/4711").Is(404)
	if err := site.Store.MailServerFailed(t.Context(), "The mail server does not answer as it should: nobody there"); err != nil {
		t.Fatal(err)
	}
	b.Get("/admin/letters").Is(200, "No mail server is set").Lacks("nobody there")
}

func TestTroubleWithTheMailServerIsShown(t *testing.T) {
	site := webtest.New(t, func(c *web.Config) { c.MailServer = "mail.example.test:587" })
	b := site.As(site.Admin)
	b.Get("/admin/letters").Is(200).Lacks("No mail server is set", "in trouble")
	if err := site.Store.MailServerFailed(t.Context(), "Nobody there."); err != nil {
		t.Fatal(err)
	}
	b.Get("/admin/letters").Is(200, "The mail server is in trouble", "Nobody there.", "Nothing is lost")
	b.Get("/account/notices").Is(200).Lacks("No mail server is set")
}

// Nobody outside gets the demo's letters, so its administrator may read them whole.
func TestOnlyTheDemoShowsAConsumersLink(t *testing.T) {
	for _, demo := range []bool{true, false} {
		site := webtest.New(t, func(c *web.Config) { c.Demo = demo })
		page := announced(t, site)
		key, err := site.Store.LinkKey()
		if err != nil {
			t.Fatal(err)
		}
		body := site.As(site.Admin).Get(page).Is(200).Body
		if shown := strings.Contains(body, "/answer/"+consumersLink.Sign(key)); shown != demo {
			t.Errorf("in the demo %v: shown %v", demo, shown)
		}
		if list := site.As(site.Admin).Get("/admin/letters").Is(200).Body; strings.Contains(list, consumersLink.Sign(key)) {
			t.Error("the list has it")
		}
	}
}

func TestLettersAreReadPageByPage(t *testing.T) {
	site := webtest.New(t)
	var all []notice.Letter
	for i := range 60 {
		all = append(all, notice.Letter{Key: fmt.Sprint(i), Kind: notice.TestLetter, To: fmt.Sprintf("p%d@example.test", i)})
	}
	storetest.Post(t, site.Store, all...)
	b := site.As(site.Admin)
	seen := map[string]bool{}
	older := "/admin/letters?kind=test"
	for pages := 0; older != ""; pages++ {
		p := b.Get(older).Is(200, "60 letters")
		for i := range 60 {
			if strings.Contains(p.Text(), fmt.Sprintf("p%d@example.test", i)) {
				seen[fmt.Sprint(i)] = true
			}
		}
		older = ""
		if strings.Contains(p.Body, `rel="next"`) && pages < 5 {
			for _, l := range p.Links() {
				if strings.Contains(l, "after=") {
					older = l // the older page's link stands last
				}
			}
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 letters were on a page", len(seen))
	}
}
