package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// server is a process that a test started and that ends with it.
type server struct {
	URL string // without a slash at the end

	cmd   *exec.Cmd
	mu    sync.Mutex // output arrives on another goroutine
	log   bytes.Buffer
	ended chan struct{}
	err   error // why it ended; read only after ended is closed
}

// startDemo runs the demo portal on a free port of this machine with data of its own: a copy of what
// a first start made, since making a year of history for every story would take longer than the story.
func startDemo(t testing.TB) *server {
	t.Helper()
	folder, err := demoFolder()
	if err != nil {
		t.Fatalf("the demo's data: %v", err)
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(data, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return runDemo(t, data)
}

// startEmptyDemo has the people and teams alone.
func startEmptyDemo(t testing.TB) *server {
	t.Helper()
	return runDemo(t, t.TempDir(), "--empty")
}

func runDemo(t testing.TB, data string, more ...string) *server {
	t.Helper()
	binary, err := demoBinary()
	if err != nil {
		t.Fatalf("cmd/sundial does not build: %v", err)
	}
	return start(t, exec.Command(binary, append([]string{"demo", "--addr", "127.0.0.1:0", "--data", data}, more...)...))
}

// demoFolder is what the demo keeps after its first start, stopped in good order.
var demoFolder = sync.OnceValues(func() (folder string, err error) {
	binary, err := demoBinary()
	if err != nil {
		return "", err
	}
	folder = filepath.Join(binaryFolder, "data")
	s, err := run(exec.Command(binary, "demo", "--addr", "127.0.0.1:0", "--data", folder))
	if err != nil {
		return "", err
	}
	return folder, s.end()
})

// signIn goes the way a person goes: from the portal to the provider's page, choose somebody, and
// back. The demo's password is filled in already.
func signIn(t testing.TB, p *page, name string) {
	t.Helper()
	p.visit("/login")
	start := p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "Sign in with"})
	if err := start.Click(playwright.LocatorClickOptions{Timeout: patience}); err != nil {
		t.Fatalf("the portal offers no sign-in on %s, which reads:\n%s", p.URL(), p.text())
	}
	person := p.GetByRole(*playwright.AriaRoleRadio, playwright.PageGetByRoleOptions{Name: name})
	if err := person.Check(playwright.LocatorCheckOptions{Timeout: patience}); err != nil {
		t.Fatalf("there is nobody called %q on %s, which reads:\n%s", name, p.URL(), p.text())
	}
	p.button("Sign in")
	back := func(u string) bool { return !strings.Contains(u, "sign-in") && !strings.Contains(u, "callback") }
	if err := p.WaitForURL(back, playwright.PageWaitForURLOptions{Timeout: patience}); err != nil {
		t.Fatalf("signing in as %s ended on %s, which reads:\n%s", name, p.URL(), p.text())
	}
}

var binaryFolder string

// demoBinary builds the command once for all tests, as it is shipped: without cgo.
var demoBinary = sync.OnceValues(func() (string, error) {
	var err error
	if binaryFolder, err = os.MkdirTemp("", "sundial-e2e"); err != nil {
		return "", err
	}
	binary := filepath.Join(binaryFolder, "sundial")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "sundial/cmd/sundial")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, nil
})

func removeBinary() {
	if binaryFolder != "" {
		_ = os.RemoveAll(binaryFolder)
	}
}

// start runs a server until the test ends. What it writes is shown when the test fails.
func start(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s, err := run(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the server wrote:\n%s", s.output())
		}
	})
	return s
}

// run waits for the line `ready http://...` on standard output.
func run(cmd *exec.Cmd) (*server, error) {
	s := &server{cmd: cmd, ended: make(chan struct{})}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	_ = in.Close()
	if err != nil {
		_ = out.Close()
		return nil, fmt.Errorf("%s does not start: %w", filepath.Base(cmd.Path), err)
	}
	ready := make(chan string, 1)
	go s.read(out, ready)
	select {
	case s.URL = <-ready:
		return s, nil
	case <-s.ended:
		return nil, fmt.Errorf("the server ended before it was ready: %w\n%s", s.err, s.output())
	case <-time.After(time.Minute):
		return nil, errors.Join(fmt.Errorf("the server was not ready within a minute\n%s", s.output()), s.end())
	}
}

var readyLine = regexp.MustCompile(`^ready (http://\S+?)/?$`)

func (s *server) read(out *os.File, ready chan<- string) {
	defer out.Close()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		s.mu.Lock()
		s.log.WriteString(line)
		s.mu.Unlock()
		if m := readyLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			select {
			case ready <- m[1]:
			default: // said twice; the first one counts
			}
		}
		if err != nil {
			break
		}
	}
	s.err = s.cmd.Wait()
	close(s.ended)
}

func (s *server) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// end asks by the process's own id and insists after ten seconds, which is Sundial's promise.
func (s *server) end() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		return nil
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return errors.New("the server did not end within 10 seconds of SIGTERM")
	}
}
