package mail_test

import (
	"strings"
	"testing"

	"sundial/models/connect/mail"
)

func TestSettings(t *testing.T) {
	tests := map[string]struct {
		url      string
		server   string
		security mail.Security
	}{
		"the usual":                   {"smtp://u:p@mail.example.test:587", "mail.example.test:587", mail.StartTLS},
		"its usual port":              {"smtp://mail.example.test", "mail.example.test:587", mail.StartTLS},
		"tls first":                   {"smtps://u:p@mail.example.test", "mail.example.test:465", mail.TLSFirst},
		"plain on loopback":           {"smtp://127.0.0.1:2525", "127.0.0.1:2525", mail.Plain},
		"plain on loopback, by name":  {"smtp://localhost", "localhost:25", mail.Plain},
		"also with a password":        {"smtp://u:p@[::1]:25", "::1:25", mail.Plain},
		"encrypted on loopback":       {"smtp://localhost?tls=starttls", "localhost:587", mail.StartTLS},
		"plain elsewhere, when asked": {"smtp://relay.internal:25?tls=none", "relay.internal:25", mail.Plain},
	}
	for name, tt := range tests {
		s, err := mail.Parse(tt.url, "Portal <sundial@example.test>")
		if err != nil || s.Server() != tt.server || s.Security != tt.security || s.From.Name != "Portal" || !s.Configured() {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if s, err := mail.Parse("", ""); err != nil || s.Configured() || s.Server() != "" {
		t.Errorf("none: %+v, %v", s, err)
	}
	if s, err := mail.Parse("smtp://u:p%40ss@mail.example.test", "sundial@example.test"); err != nil || s.Password != "p@ss" || s.From.Name != "Sundial" {
		t.Errorf("escaped: %+v, %v", s, err)
	}
}

func TestBadSettingsAreToldWithoutTheirSecrets(t *testing.T) {
	tests := map[string]struct{ url, from, says string }{
		"another scheme":         {"http://u:hunter2@mail.example.test", "a@example.test", "smtp:// nor smtps://"},
		"no host":                {"smtp://", "a@example.test", "is not a URL"},
		"a path":                 {"smtp://u:hunter2@mail.example.test/inbox", "a@example.test", "is not a URL"},
		"a bad escape":           {"smtp://u:hunter2%zz@mail.example.test", "a@example.test", "is not a URL"},
		"a port that is none":    {"smtp://u:hunter2@mail.example.test:99999", "a@example.test", "port"},
		"password in the clear":  {"smtp://u:hunter2@mail.example.test:25?tls=none", "a@example.test", "in the clear"},
		"smtps and not":          {"smtps://u:hunter2@mail.example.test?tls=none", "a@example.test", "tls="},
		"an option nobody reads": {"smtp://u:hunter2@mail.example.test?insecure=1", "a@example.test", `"insecure"`},
		"no sender":              {"smtp://u:hunter2@mail.example.test", "", "SUNDIAL_MAIL_FROM"},
		"a sender that is none":  {"smtp://u:hunter2@mail.example.test", "Sundial", "SUNDIAL_MAIL_FROM"},
	}
	for name, tt := range tests {
		_, err := mail.Parse(tt.url, tt.from)
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
