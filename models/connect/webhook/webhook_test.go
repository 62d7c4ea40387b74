package webhook_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"sundial/models/connect/outgoing"
	"sundial/models/connect/webhook"
	"sundial/models/notice"
)

func client(t *testing.T) *webhook.Client {
	t.Helper()
	p, err := outgoing.Parse("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return webhook.New(p)
}

func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return "whsec_" + base64.StdEncoding.EncodeToString(b)
}

func send(t *testing.T, address string, secrets ...string) notice.Answer {
	t.Helper()
	if len(secrets) == 0 {
		secrets = []string{newSecret()}
	}
	return client(t).Send(t.Context(), webhook.Call{URL: address, ID: "msg_1_abc", Body: `{"type":"plan.stale"}`, Secrets: secrets, At: time.Now()})
}

// What the specification's own library accepts is right.
func TestTheSpecificationsLibraryVerifiesWhatIsSent(t *testing.T) {
	current, previous, other := newSecret(), newSecret(), newSecret()
	if current == previous || !strings.HasPrefix(current, "whsec_") {
		t.Fatal(current)
	}
	var verify func(secret string) error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		header := r.Header.Clone()
		if r.Method != http.MethodPost || header.Get("Content-Type") != "application/json" || header.Get("webhook-id") != "msg_1_abc" {
			t.Errorf("%s %v", r.Method, header)
		}
		verify = func(secret string) error {
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				return err
			}
			return wh.Verify(body, header)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	if a := send(t, server.URL, current); !a.Arrived() || a.Status != 204 || a.Took <= 0 {
		t.Fatalf("%+v", a)
	}
	if err := verify(current); err != nil {
		t.Error(err)
	}
	if verify(other) == nil {
		t.Error("another secret verifies")
	}
	if a := send(t, server.URL, current, previous); !a.Arrived() {
		t.Fatalf("%+v", a)
	}
	for _, secret := range []string{current, previous} {
		if err := verify(secret); err != nil {
			t.Error("while a secret is replaced, both hold:", err)
		}
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	for _, bad := range []string{"", "whsec_", "whsec_???", "plain words"} {
		if _, err := webhook.Sign("id", time.Now(), "", bad); err == nil {
			t.Errorf("signed with %q", bad)
		}
	}
	if _, err := webhook.Sign("id", time.Now(), ""); err == nil {
		t.Error("signed with nothing")
	}
	if a := send(t, "http://127.0.0.1:9/", "whsec_???"); a.Arrived() || strings.Contains(a.Error, "???") {
		t.Errorf("%+v", a)
	}
}

func TestReceiversThatMisbehave(t *testing.T) {
	var sent atomic.Int64
	mux := http.NewServeMux()
	answer := func(path string, status int, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) })
	}
	answer("/500", 500, "it broke\x00\x1b[31m \u202eover")
	answer("/410", 410, "")
	answer("/404", 404, strings.Repeat("x", 2000))
	mux.HandleFunc("/loopback", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/flood", func(w http.ResponseWriter, _ *http.Request) {
		block := strings.Repeat("flood ", 10_000)
		for {
			n, err := io.WriteString(w, block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	tests := map[string]struct {
		path, sentence, excerpt string
		status                  int
		arrived, gone           bool
	}{
		"fails":                  {"/500", "The receiver answered 500.", "it broke[31m over", 500, false, false},
		"is gone":                {"/410", "The receiver answered 410.", "", 410, false, true},
		"talks much":             {"/404", "The receiver answered 404.", strings.Repeat("x", 500) + "…", 404, false, false},
		"sends elsewhere":        {"/loopback", "The receiver answered with a redirect, which is not followed. Enter its final address.", "", 0, false, false},
		"takes it and then some": {"/flood", "", "", 200, true, false},
	}
	for name, tt := range tests {
		a := send(t, server.URL+tt.path)
		if a.Status != tt.status || a.Error != tt.sentence || a.Arrived() != tt.arrived || a.Gone() != tt.gone || (tt.excerpt != "" && a.Excerpt != tt.excerpt) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if n := sent.Load(); n > 32<<20 {
		t.Errorf("%d bytes of a flood were taken", n)
	}
}

func TestAReceiverThatNeverEndsItsAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = bufio.NewReader(c).ReadString('\n') }() // and says nothing
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	a := client(t).Send(ctx, webhook.Call{URL: "http://" + l.Addr().String(), ID: "msg_1", Secrets: []string{newSecret()}, At: time.Now()})
	if a.Arrived() || a.Error != "The receiver did not answer in time." || a.Took > 5*time.Second {
		t.Errorf("%+v", a)
	}
}

func TestAddressesInsideAreNotCalled(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called") }))
	defer server.Close()
	a := webhook.New(outgoing.Policy{}).Send(t.Context(), webhook.Call{URL: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), ID: "msg_1",
		Secrets: []string{newSecret()}, At: time.Now()})
	if a.Status != 0 || !strings.Contains(a.Error, "inside the network") {
		t.Errorf("%+v", a)
	}
}
