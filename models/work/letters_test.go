package work_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sundial/models/connect/mail"
	"sundial/models/connect/mail/mailtest"
	"sundial/models/lifecycle"
	"sundial/models/notice"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/models/work"
)

const portal = "https://sundial.example.test"

// postman is a runner that hands letters to a server.
func postman(t testing.TB, s *store.Store, server *mailtest.Server, log io.Writer) *work.Runner {
	t.Helper()
	policy, _ := lifecycle.Profile("standard")
	r := work.New(s, policy, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r.Every = 20 * time.Millisecond
	settings, err := mail.Parse(server.URL(), "sundial@example.test")
	must(t, err)
	key, err := s.LinkKey()
	must(t, err)
	r.SendLetters(mail.New(settings), notice.NewDesk(portal, key))
	return r
}

// opened is a mail as its reader sees it.
type opened struct{ to, id, subject, text, html string }

func read(t testing.TB, raw mailtest.Taken) opened {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw.Raw))
	must(t, err)
	o := opened{to: raw.To, id: m.Header.Get("Message-Id")}
	o.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, to := range []*string{&o.text, &o.html} {
		p, err := parts.NextRawPart()
		must(t, err)
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		must(t, err)
		*to = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	return o
}

func queued(t testing.TB, s *store.Store, state store.LetterState) int {
	t.Helper()
	f, err := s.CountLetters(t.Context(), store.LetterFilter{State: state})
	must(t, err)
	return f.N
}

// letter is the newest letter in a state.
func letter(t testing.TB, s *store.Store, state store.LetterState) store.Letter {
	t.Helper()
	page, err := s.Letters(t.Context(), store.LetterFilter{State: state}, "", 1)
	must(t, err)
	if len(page.Rows) == 0 {
		t.Fatalf("no letter is %s", state)
	}
	return page.Rows[0]
}

func TestAMailServerThatIsDownLosesNothingAndSendsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := time.Now()
		s.SetClock(func() time.Time { return now })
		must(t, s.SkipMail(t.Context()))
		server := mailtest.Start(t)
		var log bytes.Buffer
		r := postman(t, s, server, &log)
		server.Down()
		w.Serve(t, "fraud", "v1", 2)
		r.Once(t.Context())
		waiting := queued(t, s, store.LetterWaiting)
		if waiting < 5 || queued(t, s, "") != waiting {
			t.Fatalf("%d letters wait of %d", waiting, queued(t, s, ""))
		}
		if l := letter(t, s, store.LetterWaiting); l.Attempts != 0 {
			t.Errorf("a server that is down is no attempt of a letter: %+v", l)
		}
		m, err := s.MailServer(t.Context())
		if err != nil || m.Failures != 1 || m.LastError == "" {
			t.Errorf("%+v %v", m, err)
		}
		server.Up()
		r.Once(t.Context())
		if n := len(server.Taken()); n != 0 {
			t.Errorf("%d letters before the server is asked again", n)
		}
		now = now.Add(time.Minute)
		r.Once(t.Context())
		r.Once(t.Context())
		got := map[string]int{}
		for _, m := range server.Taken() {
			got[read(t, m).id]++
		}
		if len(server.Taken()) != waiting || len(got) != waiting || queued(t, s, store.LetterSent) != waiting {
			t.Errorf("%d mails under %d ids of %d letters", len(server.Taken()), len(got), waiting)
		}
		if m, err := s.MailServer(t.Context()); err != nil || !m.FailingSince.IsZero() {
			t.Errorf("%+v %v", m, err)
		}
		if !strings.Contains(log.String(), "mail server in trouble") {
			t.Error("nobody was told in the log")
		}
	})
}

func TestThreeRunnersSendEachLetterOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		must(t, s.SkipMail(t.Context()))
		server := mailtest.Start(t)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { postman(t, s, server, io.Discard).Run(ctx) })
		}
		const models = 12
		for i := range models {
			slug := fmt.Sprintf("m%d", i)
			w.Model(t, slug, registry.Trained, 2)
			w.Plan(t, slug) // an approval: two letters to the owner and the deputy
		}
		until(t, "every letter", func() bool {
			return queued(t, s, store.LetterSent) >= 2*models && queued(t, s, store.LetterWaiting) == 0
		})
		stop()
		wg.Wait()
		ids := map[string]bool{}
		for _, m := range server.Taken() {
			ids[read(t, m).id] = true
		}
		if n := queued(t, s, store.LetterSent); len(server.Taken()) != n || len(ids) != n {
			t.Errorf("%d letters in %d mails under %d ids", n, len(server.Taken()), len(ids))
		}
	})
}

func TestAPersonReadsWhatHappenedAndWhatToDo(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	server := mailtest.Start(t)
	w.Model(t, "fraud", registry.Trained, 2)
	w.Version(t, "fraud", "v1")
	w.Promote(t, "fraud", "v1", registry.Registered)
	must(t, s.SkipMail(t.Context()))
	_, err := s.OpenRequest(w.As(w.Contributor), "fraud", "v1", w.Policy, func(d *lifecycle.Dossier, now time.Time) error {
		return d.Propose(storetest.Actor(w.Contributor), registry.Validated, "Ready <b>for</b> it.", now)
	})
	must(t, err)
	postman(t, s, server, io.Discard).Once(t.Context())
	to := map[string]bool{}
	for _, taken := range server.Taken() {
		m := read(t, taken)
		to[m.to] = true
		if m.subject != "Contributor asked for fraud@v1 to validated" {
			t.Errorf("subject %q", m.subject)
		}
		for _, says := range []string{m.subject, "Read it and approve", portal + "/requests/", "Model fraud", "Reviews I may give", portal + "/account/notices"} {
			if !strings.Contains(flat(m.text), says) || !strings.Contains(flat(m.html), says) {
				t.Errorf("a mail does not say %q:\n%s\n%s", says, m.text, m.html)
			}
		}
		if strings.Contains(m.html, "<b>") || !strings.Contains(m.text, "Ready <b>for</b> it.") {
			t.Error("somebody's words are somebody's markup")
		}
	}
	if len(to) != 4 || to["owner@example.test"] || to["contributor@example.test"] {
		t.Errorf("it went to %v", to)
	}
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

var answerLink = regexp.MustCompile(portal + `/answer/([A-Za-z0-9_-]+)`)

func TestAConsumersLinkOpensAndIsNowhereElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		server := mailtest.Start(t)
		link := retirement.AnswerLink{Workflow: 7, Consumer: "checkout", Nonce: "n1", Expires: "2100-01-14"}
		storetest.Post(t, s, notice.Letter{Key: "retirement:7:checkout:1", Kind: notice.ConsumerAnnouncement, To: "checkout@example.test",
			Payload: notice.ConsumerLetter{Consumer: "Checkout", Model: "Fraud scorer", Team: "Fraud", EndsOn: "2027-03-01", Link: link}})
		var log bytes.Buffer
		postman(t, s, server, &log).Once(t.Context())
		var m opened
		for _, taken := range server.Taken() {
			if taken.To == "checkout@example.test" {
				m = read(t, taken)
			}
		}
		found := answerLink.FindStringSubmatch(m.text)
		if found == nil || !strings.Contains(m.html, found[0]) {
			t.Fatalf("no link:\n%s\n%s", m.text, m.html)
		}
		key, err := s.LinkKey()
		must(t, err)
		if got, err := retirement.ReadAnswerLink(key, found[1], s.Now()); err != nil || got != link {
			t.Errorf("%+v %v", got, err)
		}
		if strings.Contains(m.text, "/account/notices") || !strings.Contains(m.subject, "Fraud scorer will be retired on 1 March 2027") {
			t.Errorf("%s\n%s", m.subject, m.text)
		}
		kept := ""
		must(t, s.EachLetter(t.Context(), store.LetterFilter{}, func(l store.Letter) error { kept += fmt.Sprintf("%+v", l); return nil }))
		if all := kept + log.String(); strings.Contains(all, found[1]) || strings.Contains(all, found[1][len(found[1])-40:]) {
			t.Error("the token is kept")
		}
	})
}

func TestWhatTheServerRefusesIsShownAndTheRestGoesOut(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	must(t, s.SkipMail(t.Context()))
	server := mailtest.Start(t)
	server.AnswerRecipient(func(to string) error {
		switch {
		case strings.HasPrefix(to, "owner@"):
			return mailtest.Say(550, "no such user")
		case strings.HasPrefix(to, "deputy@"):
			return mailtest.Say(451, "greylisted")
		}
		return nil
	})
	for _, p := range []*struct{ id int64 }{{w.Owner.ID}, {w.Deputy.ID}, {w.Viewer.ID}} {
		must(t, s.PostTest(w.As(w.Viewer), p.id))
	}
	r := postman(t, s, server, io.Discard)
	r.Once(t.Context())
	if got := server.Taken(); len(got) != 1 || got[0].To != "viewer@example.test" {
		t.Fatalf("%+v", got)
	}
	if l := letter(t, s, store.LetterFailed); l.Person != w.Owner.ID || l.LastError != `The mail server refused it: 550 "5.0.0 no such user"` {
		t.Errorf("%+v", l)
	}
	if l := letter(t, s, store.LetterWaiting); l.Person != w.Deputy.ID || l.Failures != 1 || !l.NextAt.After(now) {
		t.Errorf("%+v", l)
	}
	server.AnswerRecipient(nil)
	must(t, s.ResendLetter(w.As(w.Admin), letter(t, s, store.LetterFailed).ID))
	now = now.Add(2 * time.Minute)
	r.Once(t.Context())
	if len(server.Taken()) != 3 || queued(t, s, store.LetterSent) != 3 {
		t.Errorf("%+v", server.Taken())
	}
}

// Taken and not said is the one case in which a mail may come twice, under one name.
func TestALetterThatWasTakenInSilenceComesAgainUnderItsName(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	must(t, s.SkipMail(t.Context()))
	server := mailtest.Start(t)
	server.HangUp(true)
	must(t, s.PostTest(w.As(w.Viewer), w.Viewer.ID))
	r := postman(t, s, server, io.Discard)
	r.Once(t.Context())
	server.HangUp(false)
	server.Down()
	server.Up()
	now = now.Add(10 * time.Minute)
	r.Once(t.Context())
	got := server.Taken()
	if len(got) != 2 || read(t, got[0]).id != read(t, got[1]).id || got[0].Raw == "" {
		t.Fatalf("%d mails", len(got))
	}
	if queued(t, s, store.LetterSent) != 1 {
		t.Error("it is not on record as sent")
	}
}

func TestTheDigestComesOnceADayAndNotWithoutNews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		now := time.Now().UTC().Truncate(24 * time.Hour).Add(6 * time.Hour)
		s.SetClock(func() time.Time { return now })
		must(t, s.SkipMail(t.Context()))
		server := mailtest.Start(t)
		r := postman(t, s, server, io.Discard)
		w.Serve(t, "fraud", "v1", 2)
		r.Once(t.Context())
		digests := func() (out []opened) {
			for _, m := range server.Taken() {
				if o := read(t, m); strings.HasPrefix(o.subject, "Sundial: ") {
					out = append(out, o)
				}
			}
			return out
		}
		if len(digests()) != 0 {
			t.Fatal("a digest before seven")
		}
		now = now.Add(61 * time.Minute)
		for range 3 {
			must(t, s.RouseJob(t.Context(), "digest"))
			r.Once(t.Context())
		}
		got := digests()
		if len(got) != 2 {
			t.Fatalf("%d digests", len(got))
		}
		for _, m := range got {
			if m.subject != "Sundial: 4 pieces of news since yesterday" || strings.Count(m.text, "promoted fraud@v1") != 4 || strings.Count(m.text, "What serves\n") != 1 ||
				!strings.Contains(m.html, "promoted fraud@v1") {
				t.Errorf("%s\n%s", m.subject, m.text)
			}
		}
		now = now.Add(24 * time.Hour)
		must(t, s.RouseJob(t.Context(), "digest"))
		r.Once(t.Context())
		if len(digests()) != 2 {
			t.Error("a digest of nothing")
		}
	})
}

func TestWithoutAMailServerLettersWait(t *testing.T) {
	s := storetest.New(t)
	w := storetest.NewWorld(t, s)
	must(t, s.SkipMail(t.Context()))
	policy, _ := lifecycle.Profile("standard")
	w.Serve(t, "fraud", "v1", 2)
	work.New(s, policy, slog.New(slog.DiscardHandler)).Once(t.Context())
	if n := queued(t, s, store.LetterWaiting); n < 5 || n != queued(t, s, "") {
		t.Errorf("%d wait of %d", n, queued(t, s, ""))
	}
}
