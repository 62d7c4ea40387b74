package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Settings say which server takes mail, and who writes.
type Settings struct {
	Host           string
	Port           int
	User, Password string
	Security       Security
	From           mail.Address
	TLS            *tls.Config // nil: the system's roots and the host's name
}

// Security is how the connection is protected.
type Security int

// The ways: STARTTLS is demanded, TLS comes first, or nothing is encrypted.
const (
	StartTLS Security = iota
	TLSFirst
	Plain
)

// Configured reports whether there is a server at all.
func (s Settings) Configured() bool { return s.Host != "" }

// Server names the server without its secrets.
func (s Settings) Server() string {
	if !s.Configured() {
		return ""
	}
	return s.Host + ":" + strconv.Itoa(s.Port)
}

// usualName is what the sender is called where the address gives no name.
const usualName = "Sundial"

// Parse reads smtp://USER:PASSWORD@HOST:PORT or smtps://..., and the sender's address. smtp demands
// STARTTLS, except on loopback or with ?tls=none; no password ever travels in the clear. Errors name no
// part of the URL: it may hold the password.
func Parse(address, from string) (Settings, error) {
	if address == "" {
		return Settings{}, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return Settings{}, errors.New("is not a URL like smtp://USER:PASSWORD@mail.example.org:587; write special characters of the password as %40 and the like")
	}
	s := Settings{Host: u.Hostname(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	if err := s.secure(u); err != nil {
		return Settings{}, err
	}
	if u.Port() != "" {
		if s.Port, err = strconv.Atoi(u.Port()); err != nil || s.Port < 1 || s.Port > 65535 {
			return Settings{}, errors.New("has a port that is not a number from 1 to 65535")
		}
	}
	if s.Password != "" && s.Security == Plain && !loopback(s.Host) {
		return Settings{}, errors.New("would send its password in the clear: leave tls=none out, or the password")
	}
	a, err := mail.ParseAddress(from)
	if err != nil || !strings.Contains(a.Address, "@") {
		return Settings{}, fmt.Errorf("needs a sender: set SUNDIAL_MAIL_FROM to an address, as \"Sundial <sundial@example.org>\"; %q is none", from)
	}
	if s.From = *a; s.From.Name == "" {
		s.From.Name = usualName
	}
	return s, nil
}

// secure reads the scheme, and what ?tls= says of it.
func (s *Settings) secure(u *url.URL) error {
	asked := u.Query().Get("tls")
	switch {
	case u.Scheme == "smtps" && asked == "":
		s.Security, s.Port = TLSFirst, 465
	case u.Scheme == "smtp" && (asked == "none" || asked == "" && loopback(s.Host)):
		s.Security, s.Port = Plain, 25
	case u.Scheme == "smtp" && (asked == "" || asked == "starttls"):
		s.Security, s.Port = StartTLS, 587
	case u.Scheme == "smtp" || u.Scheme == "smtps":
		return errors.New("says tls= something else than none or starttls, which only smtp:// knows")
	default:
		return errors.New("begins with neither smtp:// nor smtps://")
	}
	for key := range u.Query() {
		if key != "tls" {
			return fmt.Errorf("has an option %q that nothing reads; there is tls=none and tls=starttls", key)
		}
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
