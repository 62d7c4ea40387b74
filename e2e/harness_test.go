package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// The harness is worth what it catches, so each thing it should see is done on purpose here.

const goodPage = `<!doctype html><html lang="en"><head><title>Dial</title></head>
<body><main><h1>Dial</h1><p>Noon</p></main></body></html>`

// sundry serves one HTML page at /, with Sundial's kind of policy, and 422 at /refused.
func sundry(t *testing.T, html string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, html)
	})
	mux.HandleFunc("/throw.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `throw new Error("the gnomon fell")`)
	})
	mux.HandleFunc("/complain.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `console.error("no sun"); console.warn("some cloud")`)
	})
	mux.HandleFunc("/refused", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, goodPage)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func withBody(body string) string { return strings.Replace(goodPage, "<p>Noon</p>", body, 1) }

// settled returns what was noted and forgets it, so that the test itself may pass.
func settled(p *page) []string {
	_, _ = p.Evaluate("0")
	found := p.noted()
	p.mu.Lock()
	p.problems = nil
	p.mu.Unlock()
	return found
}

func TestHarnessSeesWhatGoesWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, path string
		js               bool
		want             string // "" when nothing may be noted
	}{
		{name: "a good page", body: "<p>Noon</p>", js: true},
		{name: "a console error", body: `<script src="/complain.js"></script>`, js: true, want: "console error: no sun"},
		{name: "an exception", body: `<script src="/throw.js"></script>`, js: true, want: "page error: playwright: the gnomon fell"},
		{name: "an inline script against the policy", body: `<script>1</script>`, js: true, want: "Content Security Policy"},
		{name: "an inline style against the policy", body: `<p style="color:red">x</p>`, js: true, want: "Content Security Policy"},
		{name: "an inline style without JavaScript", body: `<p style="color:red">x</p>`, want: "Content Security Policy"},
		{name: "a missing picture", body: `<img src="/gone.png" alt="">`, want: "unexpected status: 404 Not Found for GET"},
		{name: "another host", body: `<img src="http://elsewhere.example/a.png" alt="">`, want: "Content Security Policy"},
		{name: "a refused page", path: "/refused", want: "unexpected status: 422"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPage(t, view{Base: sundry(t, withBody(tt.body)), JS: tt.js})
			p.visit("/" + strings.TrimPrefix(tt.path, "/"))
			found := strings.Join(settled(p), "\n")
			if tt.want == "" && found != "" || !strings.Contains(found, tt.want) {
				t.Errorf("noted %q, want %q in it", found, tt.want)
			}
		})
	}
}

func TestHarnessAllowsTheRefusalsOfAStory(t *testing.T) {
	t.Parallel()
	base := sundry(t, goodPage)
	newPage(t, view{Base: base, Statuses: []int{422}}).visit("/refused")
	later := newPage(t, view{Base: base})
	later.visit("/")
	later.expect(422)
	later.visit("/refused")
}

func TestHarnessSeesAccessibilityViolations(t *testing.T) {
	t.Parallel()
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("JavaScript %v", js), func(t *testing.T) {
			t.Parallel()
			good := newPage(t, view{Base: sundry(t, goodPage), JS: js})
			good.visit("/")
			axe(t, good)

			bad := newPage(t, view{Base: sundry(t, withBody(`<form><input name="hour"></form>`)), JS: js})
			bad.visit("/")
			found, err := violationsOn(bad)
			if err != nil || len(found) != 1 || !strings.Contains(found[0].String(), `<input name="hour">`) {
				t.Errorf("found %v, error %v; want the input without a label", found, err)
			}
		})
	}
}

func TestHarnessWorksForms(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		v.Width, v.Dark = 320, true
		v.Base = sundry(t, withBody(`<form action="/"><label>Hour <input name="hour"></label>
			<label><input type="checkbox" name="am"> Morning</label>
			<label for="p">Place</label> <select id="p" name="place"><option>Kiln<option>Yard</select>
			<button>Set</button></form><a href="/?again">Again</a>`))
		p := newPage(t, v)
		p.visit("/")
		p.fill("Hour", "9")
		p.check("Morning")
		p.choose("Place", "Yard")
		p.button("Set")
		p.sees("Again")
		p.seesNot("Dusk")
		if want := v.Base + "/?hour=9&am=on&place=Yard"; p.URL() != want {
			t.Errorf("arrived at %s, want %s", p.URL(), want)
		}
		shot(t, p, "harness-form")
		p.link("Again")
		if want := v.Base + "/?again"; p.URL() != want {
			t.Errorf("arrived at %s, want %s", p.URL(), want)
		}
	})
}

func TestHarnessStartsAndStopsAServer(t *testing.T) {
	t.Parallel()
	var s *server
	t.Run("a story", func(t *testing.T) {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), standIn+"=1")
		s = start(t, command)
		p := newPage(t, view{Base: s.URL})
		p.visit("/")
		p.sees("Noon")
	})
	select {
	case <-s.ended:
	default:
		t.Error("the server still runs after its test")
	}
	if !strings.Contains(s.output(), "stopped in good order") {
		t.Errorf("the server wrote %q, want it to have heard SIGTERM", s.output())
	}
}

// standIn makes this test binary play the part of the demo: see TestMain.
const standIn = "SUNDIAL_E2E_STAND_IN"

func serveStandIn() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, goodPage)
		}))
	}()
	fmt.Printf("ready http://%s\n", listener.Addr())
	<-stop
	fmt.Println("stopped in good order")
}
