// Package mail hands letters to the organisation's mail server by SMTP and says what became of each:
// taken, put off, refused, or trouble with the server itself. It owns the bytes on the wire and the
// reading of answers; which letters there are and when they are tried again is notice's and store's.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"sundial/models/notice"
)

// timeout bounds what one letter takes, from the first command to the last answer.
const timeout = 30 * time.Second

// Client sends mail by one server. It is safe for concurrent use; a Session is not.
type Client struct{ settings Settings }

// New makes a client; nothing is asked of the network.
func New(s Settings) *Client { return &Client{s} }

// Settings are what the client was made with.
func (c *Client) Settings() Settings { return c.settings }

// Letter is one mail, ready to send.
type Letter struct {
	ID         string // the Message-ID without its brackets: the same at every attempt
	To         string // a bare address
	Subject    string
	Text, HTML string
	Date       time.Time
	Choose     string // where the reader chooses what they hear of, "" for none
}

// Session is one connection, for several letters.
type Session struct {
	client *gomail.Client
	smtp   *smtp.Client
	conn   net.Conn
	from   Settings
}

// Open connects, encrypts and signs in.
func (c *Client) Open(ctx context.Context) (*Session, error) {
	s := &Session{from: c.settings}
	var err error
	if s.client, err = gomail.NewClient(c.settings.Host, c.options(s)...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if s.smtp, err = s.client.DialToSMTPClientWithContext(ctx); err != nil {
		s.drop() // the library leaves a connection open that it could not greet on
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return s, nil
}

func (c *Client) options(s *Session) []gomail.Option {
	x := c.settings
	policy := gomail.TLSMandatory
	if x.Security != StartTLS {
		policy = gomail.NoTLS // none, or the connection is encrypted before the first word
	}
	config := x.TLS
	if config == nil {
		config = &tls.Config{}
	}
	config = config.Clone()
	config.ServerName, config.MinVersion = x.Host, tls.VersionTLS12
	options := []gomail.Option{gomail.WithPort(x.Port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(config),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			if x.Security == TLSFirst {
				s.conn, err = (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
			} else {
				s.conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
			}
			return s.conn, err
		})}
	if x.User != "" {
		// PLAIN and LOGIN refuse by themselves where the connection is not encrypted, but on loopback.
		options = append(options, gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5),
			gomail.WithUsername(x.User), gomail.WithPassword(x.Password))
	}
	return options
}

// Send hands over one letter. After Trouble the session is of no more use; after any other outcome it
// takes the next letter.
func (s *Session) Send(ctx context.Context, l Letter) notice.MailAnswer {
	msg, err := s.message(l)
	if err != nil {
		return notice.MailAnswer{Outcome: notice.Refused, Sentence: "It cannot be written as mail: " + excerpt(err.Error())}
	}
	stop := context.AfterFunc(ctx, s.drop)
	defer stop()
	err = s.client.SendWithSMTPClient(s.smtp, msg)
	if msg.IsDelivered() {
		return notice.MailAnswer{Outcome: notice.Taken} // also when the server hung up right after
	}
	return answerOf(err)
}

func (s *Session) message(l Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&s.from.From)
	if err := m.To(l.To); err != nil {
		return nil, err
	}
	m.SetMessageIDWithValue(l.ID)
	m.SetDateWithValue(l.Date)
	m.Subject(l.Subject)
	// Nobody's absence notice answers a machine (RFC 3834; the second is Exchange's name for it).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if l.Choose != "" {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+l.Choose+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return m, nil
}

// Close says goodbye.
func (s *Session) Close() {
	if s.smtp != nil {
		_ = s.client.CloseWithSMTPClient(s.smtp)
	}
	s.drop()
}

func (s *Session) drop() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// answerOf reads what the server said. Only an answer about the recipient or the content is about the
// letter; everything else would befall every letter.
func answerOf(err error) notice.MailAnswer {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return Trouble(err)
	}
	code := sent.ErrorCode()
	about := sent.Reason == gomail.ErrSMTPRcptTo || sent.Reason == gomail.ErrSMTPData || sent.Reason == gomail.ErrSMTPDataClose
	switch {
	case !about, code == 421, code == 530, code == 535: // closing, or wants a sign-in
		return trouble(said(sent))
	case code >= 500 && code < 600:
		return notice.MailAnswer{Outcome: notice.Refused, Sentence: "The mail server refused it: " + said(sent)}
	case code >= 400:
		return notice.MailAnswer{Outcome: notice.PutOff, Sentence: "The mail server put it off: " + said(sent)}
	}
	return trouble(said(sent))
}

// Trouble is the answer where the server itself failed.
func Trouble(err error) notice.MailAnswer { return trouble(excerpt(err.Error())) }

func trouble(why string) notice.MailAnswer {
	return notice.MailAnswer{Outcome: notice.Trouble, Sentence: "The mail server does not answer as it should: " + why}
}

// said is the server's own answer, without what the library puts around it.
func said(err *gomail.SendError) string {
	s, _, _ := strings.Cut(err.Error(), ", affected recipient(s)")
	s, _, _ = strings.Cut(s, ", affected message ID")
	if _, after, found := strings.Cut(s, ": "); found {
		s = after
	}
	return excerpt(s)
}

// excerpt is a stranger's words as one short line.
func excerpt(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(s); len(runes) > 300 {
		s = string(runes[:300]) + "…"
	}
	return s
}
