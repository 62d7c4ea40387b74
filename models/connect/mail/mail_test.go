package mail_test

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"sundial/models/connect/mail"
	"sundial/models/connect/mail/mailtest"
	"sundial/models/notice"
)

func client(t *testing.T, s *mailtest.Server) *mail.Client {
	t.Helper()
	settings, err := mail.Parse(s.URL(), "Sundial portal <sundial@example.test>")
	if err != nil {
		t.Fatal(err)
	}
	return mail.New(settings)
}

func open(t *testing.T, c *mail.Client) *mail.Session {
	t.Helper()
	s, err := c.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var letter = mail.Letter{ID: "0123456789abcdef@sundial.example.test", To: "mira@example.test", Subject: "Rowan refused: größer als nötig", Text: "Rowan said no.\n.\nA dot alone.\n",
	HTML: "<p>Rowan said no.</p>", Date: time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC), Choose: "https://sundial.example.test/account/notices"}

func TestALetterArrivesWholeBothWays(t *testing.T) {
	server := mailtest.Start(t)
	s := open(t, client(t, server))
	for range 2 { // over one connection
		if a := s.Send(t.Context(), letter); a != (notice.MailAnswer{}) {
			t.Fatal(a)
		}
	}
	got := server.Taken()
	if len(got) != 2 || got[0].From != "sundial@example.test" || got[0].To != letter.To {
		t.Fatalf("%+v", got)
	}
	m, err := netmail.ReadMessage(strings.NewReader(got[0].Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for header, want := range map[string]string{"Message-Id": "<" + letter.ID + ">", "Date": "Tue, 03 Mar 2026 14:32:00 +0000", "From": `"Sundial portal" <sundial@example.test>`,
		"To": "<mira@example.test>", "Auto-Submitted": "auto-generated", "List-Unsubscribe": "<" + letter.Choose + ">"} {
		if m.Header.Get(header) != want {
			t.Errorf("%s is %q, want %q", header, m.Header.Get(header), want)
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ kind, body string }{{"text/plain; charset=UTF-8", letter.Text}, {"text/html; charset=UTF-8", letter.HTML}} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil || p.Header.Get("Content-Type") != want.kind || strings.ReplaceAll(string(body), "\r\n", "\n") != want.body {
			t.Errorf("%s: %q, %v; want %s", p.Header.Get("Content-Type"), body, err, want.kind)
		}
	}
}

func TestWhatTheServerSaysDecides(t *testing.T) {
	tests := map[string]struct {
		rcpt, data error
		outcome    notice.MailOutcome
		says       string
	}{
		"no such user":            {mailtest.Say(550, "no such user"), nil, notice.Refused, "refused it: 550"},
		"greylisted":              {mailtest.Say(451, "try again later"), nil, notice.PutOff, "put it off: 451"},
		"mailbox full":            {mailtest.Say(452, "mailbox full"), nil, notice.PutOff, "mailbox full"},
		"spam":                    {nil, mailtest.Say(554, "looks like spam"), notice.Refused, "looks like spam"},
		"no room":                 {nil, mailtest.Say(452, "no room"), notice.PutOff, "no room"},
		"shutting down":           {mailtest.Say(421, "closing"), nil, notice.Trouble, "421"},
		"wants a sign-in":         {mailtest.Say(530, "who are you"), nil, notice.Trouble, "530"},
		"a refusal over lines":    {mailtest.Say(550, "no\r\nsuch\r\nuser"), nil, notice.Refused, "such"},
		"words without an ending": {mailtest.Say(550, strings.Repeat("no ", 200)), nil, notice.Refused, "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t)
			server.AnswerRecipient(func(string) error { return tt.rcpt })
			server.AnswerData(func(string) error { return tt.data })
			a := open(t, client(t, server)).Send(t.Context(), letter)
			if a.Outcome != tt.outcome || !strings.Contains(a.Sentence, tt.says) || strings.ContainsAny(a.Sentence, "\r\n") || len(a.Sentence) > 400 {
				t.Errorf("%+v", a)
			}
			if strings.Contains(a.Sentence, letter.ID) {
				t.Error("the library's own words are not for people:", a.Sentence)
			}
		})
	}
}

func TestAServerThatIsDownIsTroubleAndNotTheLetters(t *testing.T) {
	server := mailtest.Start(t)
	c := client(t, server)
	server.Down()
	if _, err := c.Open(t.Context()); err == nil {
		t.Fatal("connected to nothing")
	}
	server.Up()
	s := open(t, c)
	server.Down()
	if a := s.Send(t.Context(), letter); a.Outcome != notice.Trouble {
		t.Errorf("cut off: %+v", a)
	}
	server.Up()
	server.HangUp(true)
	if a := open(t, c).Send(t.Context(), letter); a.Outcome != notice.Trouble || len(server.Taken()) != 1 {
		t.Errorf("taken and not said: %+v", a)
	}
}

func TestATimeThatIsOverEndsTheSending(t *testing.T) {
	server := mailtest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.AnswerData(func(string) error { cancel(); time.Sleep(50 * time.Millisecond); return nil })
	if a := open(t, client(t, server)).Send(ctx, letter); a.Outcome != notice.Trouble {
		t.Errorf("%+v", a)
	}
}

func TestTheConnectionIsEncryptedAndThePasswordGoesNowhereElse(t *testing.T) {
	for name, first := range map[string]bool{"starttls": false, "tls first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, mailtest.Secured(first), mailtest.Password("s3cret"))
			settings, err := mail.Parse(server.URL(), "sundial@example.test")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := mail.New(settings).Open(t.Context()); err == nil {
				t.Error("a certificate that nobody vouches for was taken")
			}
			settings.TLS = server.Roots()
			if a := open(t, mail.New(settings)).Send(t.Context(), letter); a.Outcome != notice.Taken {
				t.Fatal(a)
			}
			if got := server.Taken(); len(got) != 1 || !got[0].Secure || got[0].User != "sundial" {
				t.Errorf("%+v", got)
			}
			settings.Password = "wrong"
			if _, err := mail.New(settings).Open(t.Context()); err == nil || strings.Contains(err.Error(), "wrong") {
				t.Errorf("a wrong password: %v", err)
			}
		})
	}
	plain := mailtest.Start(t)
	settings, err := mail.Parse(plain.URL()+"?tls=starttls", "sundial@example.test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mail.New(settings).Open(t.Context()); err == nil {
		t.Error("no STARTTLS, and it went on in the clear")
	}
}

func TestALetterThatIsNoMailIsRefusedBeforeItIsSent(t *testing.T) {
	server := mailtest.Start(t)
	bad := letter
	bad.To = "nobody"
	if a := open(t, client(t, server)).Send(t.Context(), bad); a.Outcome != notice.Refused || len(server.Taken()) != 0 {
		t.Errorf("%+v", a)
	}
}
