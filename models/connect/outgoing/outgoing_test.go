package outgoing_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sundial/models/connect/outgoing"
)

func policy(t *testing.T, list string) outgoing.Policy {
	t.Helper()
	p, err := outgoing.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPublicAddresses(t *testing.T) {
	for _, ip := range []string{"8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1"} {
		if !outgoing.Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s is public", ip)
		}
	}
	for _, ip := range []string{"0.0.0.0", "0.1.2.3", "10.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "100.64.0.1", "192.0.0.170", "198.18.0.1", "192.0.2.1", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
		"ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1"} {
		if outgoing.Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s is not public", ip)
		}
	}
	if outgoing.Public(netip.Addr{}) {
		t.Error("no address is no public one")
	}
}

func TestAddressesAreCheckedWhenTheyAreTyped(t *testing.T) {
	p := policy(t, "hooks.internal, 10.20.0.0/16,127.0.0.1 [::1]")
	fine := []string{"https://hooks.example.org/x?y=1", "https://93.184.215.14/", "https://hooks.internal/", "http://HOOKS.internal.:8080/x", "http://10.20.3.4/",
		"http://127.0.0.1:9/", "https://[::1]/", "http://[::ffff:10.20.0.1]/", "https://xn--bcher-kva.example/"}
	for _, address := range fine {
		if s := p.Check(address); s != "" {
			t.Errorf("%s: %s", address, s)
		}
	}
	tests := map[string]string{
		"": "not an address", "hooks.example.org": "not an address", "https://": "not an address", "https:///path": "not an address", "https://:443/": "not an address",
		"ftp://hooks.example.org/": "Only https", "file:///etc/passwd": "not an address", "gopher://x/": "Only https", "javascript:alert(1)": "not an address",
		"http://hooks.example.org/": "Only https", "https://user:pass@hooks.example.org/": "no user name", "https://hooks.example.org/#x": "#",
		"https://10.0.0.1/": "inside", "https://127.0.0.2/": "inside", "https://localhost/": "inside", "https://a.LOCALHOST./": "inside",
		"https://169.254.169.254/latest/meta-data/": "inside", "https://[fe80::1]/": "inside", "https://[::ffff:192.168.0.1]/": "inside", "https://0.0.0.0/": "inside",
		"http://hooks.internal.example.org/": "Only https", "https://evil\u202e.example/": "cannot be called", "https://[::1": "not an address",
	}
	for address, want := range tests {
		if s := p.Check(address); !strings.Contains(s, want) {
			t.Errorf("%q: %q, want %q", address, s, want)
		}
	}
}

func TestListsOfWhatIsAllowed(t *testing.T) {
	for _, bad := range []string{"10.0.0.0/99", "a/b", "http://x", "*.internal", "a b\x00c", "ex ample,?"} {
		if _, err := outgoing.Parse(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if s := policy(t, " , ").Check("https://10.0.0.1/"); s == "" {
		t.Error("an empty list allows")
	}
}

// Names are looked at when the connection is made: one that resolves to loopback is refused however
// innocent it looks, and however it looked a moment before.
func TestAConnectionInsideIsRefusedAfterTheNameIsResolved(t *testing.T) {
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.1", "0", "2130706433", "0x7f.1"} {
		_, err := outgoing.Policy{}.Client(time.Second).Get("http://" + host + port)
		if err == nil || called {
			t.Fatalf("%s was reached", host)
		}
		if s := outgoing.Sentence(err); !strings.Contains(s, "inside the network") && !strings.Contains(s, "could not be found") {
			t.Errorf("%s: %s (%v)", host, s, err)
		}
	}
	for _, list := range []string{"localhost", "127.0.0.0/8 ::1"} {
		answer, err := policy(t, list).Client(time.Second).Get("http://localhost" + port)
		if err != nil || !called {
			t.Errorf("allowed by %q and not reached: %v", list, err)
			continue
		}
		answer.Body.Close()
		called = false
	}
}

func TestARedirectIsTheEnd(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer inside.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, status) }))
		_, err := policy(t, "127.0.0.1").Client(time.Second).Post(server.URL, "text/plain", strings.NewReader("x"))
		if s := outgoing.Sentence(err); err == nil || !strings.Contains(s, "redirect") {
			t.Errorf("%d: %q", status, s)
		}
		server.Close()
	}
}

func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:1")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "direct") }))
	defer server.Close()
	if _, err := policy(t, "127.0.0.1").Client(time.Second).Get(server.URL); err != nil {
		t.Error(err)
	}
}

func TestFailuresAreToldInSentences(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	tests := map[string]struct{ address, want string }{
		"slow":        {slow.URL, "in time"},
		"certificate": {secure.URL, "certificate"},
		"not https":   {strings.Replace(plain.URL, "http:", "https:", 1), "does not speak https"},
		"nobody":      {gone.URL, "refused the connection"},
		"no name":     {"https://nowhere.invalid/", "could not be found"},
	}
	for name, tt := range tests {
		_, err := policy(t, "127.0.0.1").Client(300 * time.Millisecond).Get(tt.address)
		if s := outgoing.Sentence(err); !strings.Contains(s, tt.want) || strings.Contains(s, "127.0.0.1") {
			t.Errorf("%s: %q (%v)", name, s, err)
		}
	}
	if s := outgoing.Sentence(context.Canceled); !strings.Contains(s, "stopped") {
		t.Error(s)
	}
	if s := outgoing.Sentence(errors.New("canary")); strings.Contains(s, "canary") {
		t.Error(s)
	}
}
