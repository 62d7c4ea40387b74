// Package mailtest is a mail server for tests: it speaks SMTP on loopback, keeps what it takes, and can be
// told to refuse, to put off, or to be down. It holds no tests.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Taken is one mail that the server answers for.
type Taken struct {
	From, To string
	User     string // who signed in, "" for nobody
	Secure   bool   // the connection was encrypted
	Raw      string
}

// Server is a mail server. Its zero answers are yes.
type Server struct {
	t        testing.TB
	addr     string
	tls      *tls.Config
	password string
	implicit bool

	mu     sync.Mutex
	smtp   *smtp.Server
	listen net.Listener
	taken  []Taken
	rcpt   func(to string) error
	data   func(to string) error
	hangUp bool
}

// Option changes a server before it starts.
type Option func(*Server)

// Password demands a sign-in with it, whatever the name.
func Password(p string) Option { return func(s *Server) { s.password = p } }

// Secured offers STARTTLS, or begins with TLS; Roots of the certificate are the server's.
func Secured(first bool) Option {
	return func(s *Server) { s.tls, s.implicit = certificate(s.t), first }
}

// Start starts a server that is stopped when the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{t: t, addr: "127.0.0.1:0"}
	for _, o := range options {
		o(s)
	}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up serves, at the address that the server had before.
func (s *Server) Up() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, secure := c.TLSConnectionState()
		return &session{server: s, secure: secure || s.implicit}, nil
	}))
	srv.Domain, srv.TLSConfig, srv.AllowInsecureAuth, srv.ErrorLog = "mail.example.test", s.tls, s.tls == nil, silent{}
	srv.ReadTimeout, srv.WriteTimeout = 10*time.Second, 10*time.Second
	s.mu.Lock()
	s.addr, s.smtp, s.listen = l.Addr().String(), srv, l
	s.mu.Unlock()
	if s.implicit {
		l = tls.NewListener(l, s.tls)
	}
	go func() { _ = srv.Serve(l) }()
}

// Down stops serving and cuts every connection. A server that is down may go down again.
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.smtp != nil {
		_ = s.listen.Close() // the library knows of it only when it serves
		_ = s.smtp.Close()
		s.smtp = nil
	}
}

// Port is where it listens, also while it is down.
func (s *Server) Port() int {
	_, port, _ := net.SplitHostPort(s.addr)
	n, _ := strconv.Atoi(port)
	return n
}

// URL is how Sundial is told of the server, with a sign-in when it has a password.
func (s *Server) URL() string {
	scheme, who, query := "smtp://", "", ""
	if s.implicit {
		scheme = "smtps://"
	} else if s.tls != nil {
		query = "?tls=starttls"
	}
	if s.password != "" {
		who = "sundial:" + s.password + "@"
	}
	return scheme + who + s.addr + query
}

// Roots trusts the server's certificate.
func (s *Server) Roots() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(s.tls.Certificates[0].Leaf)
	return &tls.Config{RootCAs: pool}
}

// AnswerRecipient and AnswerData decide from now on what is said to a recipient, or after the mail; nil
// is yes to all.
func (s *Server) AnswerRecipient(f func(to string) error) { s.mu.Lock(); s.rcpt = f; s.mu.Unlock() }
func (s *Server) AnswerData(f func(to string) error)      { s.mu.Lock(); s.data = f; s.mu.Unlock() }

// HangUp makes the server take a mail and cut the connection before it says so.
func (s *Server) HangUp(yes bool) { s.mu.Lock(); s.hangUp = yes; s.mu.Unlock() }

// Say is an answer in the server's words.
func Say(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: words}
}

// Taken is what the server took, in order.
func (s *Server) Taken() []Taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Taken(nil), s.taken...)
}

type session struct {
	server   *Server
	secure   bool
	user     string
	from, to string
}

func (x *session) AuthMechanisms() []string {
	if x.server.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != x.server.password {
			return smtp.ErrAuthFailed
		}
		x.user = user
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.server.password != "" && x.user == "" {
		return Say(530, "Sign in first")
	}
	x.from = from
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.to = to
	return x.server.answer(func() func(string) error { return x.server.rcpt }, to)
}

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := x.server.answer(func() func(string) error { return x.server.data }, x.to); err != nil {
		return err
	}
	x.server.mu.Lock()
	x.server.taken = append(x.server.taken, Taken{From: x.from, To: x.to, User: x.user, Secure: x.secure, Raw: string(raw)})
	hang, srv := x.server.hangUp, x.server.smtp
	x.server.mu.Unlock()
	if hang && srv != nil {
		_ = srv.Close()
		return errors.New("hung up")
	}
	return nil
}

func (s *Server) answer(which func() func(string) error, to string) error {
	s.mu.Lock()
	f := which()
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(to)
}

func (x *session) Reset()        { x.from, x.to = "", "" }
func (x *session) Logout() error { return nil }

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func certificate(t testing.TB) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example.test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}}
}
