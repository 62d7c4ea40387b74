package interop

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is a provider in a process of its own.
type running struct {
	t       *testing.T
	issuer  string
	command *exec.Cmd
	in      io.WriteCloser
	lines   chan string
	once    sync.Once
}

// start runs a provider and waits until it says that it is ready.
func start(t *testing.T, name string, args ...string) *running {
	t.Helper()
	r := &running{t: t, command: exec.Command(name, args...), lines: make(chan string, 100)}
	var complaints bytes.Buffer
	r.command.Stderr = &complaints
	out, err := r.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if r.in, err = r.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	go func() {
		defer close(r.lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			if line := scan.Text(); strings.HasPrefix(line, "ready") || strings.HasPrefix(line, "done") { // the rest is chatter
				r.lines <- line
			}
		}
	}()
	first := r.hear(30 * time.Second)
	issuer, ready := strings.CutPrefix(first, "ready ")
	if !ready {
		r.stop() // so that nobody writes to complaints any more
		t.Fatalf("%s says %q instead of being ready:\n%s", filepath.Base(name), first, complaints.String())
	}
	r.issuer = issuer
	return r
}

func (r *running) hear(patience time.Duration) string {
	select {
	case line := <-r.lines:
		return line
	case <-time.After(patience):
		return "nothing"
	}
}

// tell has the provider change the person, and waits until it did.
func (r *running) tell(command string) {
	r.t.Helper()
	if _, err := io.WriteString(r.in, command+"\n"); err != nil {
		r.t.Fatal(err)
	}
	if line := r.hear(10 * time.Second); !strings.HasPrefix(line, "done") {
		r.t.Fatalf("told %q, it says %q", command, line)
	}
}

// stop ends the process that start began: by the end of its input, and if that is not enough by its id.
func (r *running) stop() {
	r.once.Do(func() {
		_ = r.in.Close()
		gone := make(chan error, 1)
		go func() { gone <- r.command.Wait() }()
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			_ = r.command.Process.Kill()
			<-gone
		}
	})
}

// root is the folder of Sundial's go.mod.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, folder string, environment []string, name string, args ...string) error {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	if said, err := command.CombinedOutput(); err != nil {
		return errors.New(name + " " + strings.Join(args, " ") + ": " + err.Error() + "\n" + string(said))
	}
	return nil
}

var dexOnce sync.Once
var errDex error

// startDex builds Dex from its own module, which takes minutes the first time and a second after that.
func startDex(t *testing.T, args ...string) *running {
	t.Helper()
	binary := filepath.Join(root(t), ".cache", "interop", "dex")
	dexOnce.Do(func() {
		errDex = run(t, filepath.Join(root(t), "e2e", "dex"), []string{"CGO_ENABLED=0"}, "go", "build", "-o", binary, ".")
	})
	if errDex != nil {
		t.Fatalf("Dex could not be built: %v", errDex)
	}
	return start(t, binary, args...)
}

var nodeOnce sync.Once
var errNode error

// startOIDCProvider installs the npm package oidc-provider at the versions of its lock file.
func startOIDCProvider(t *testing.T, args ...string) *running {
	t.Helper()
	folder := filepath.Join(root(t), ".cache", "interop", "oidcprovider")
	nodeOnce.Do(func() { errNode = installOIDCProvider(t, folder) })
	if errNode != nil {
		t.Fatalf("oidc-provider could not be installed: %v", errNode)
	}
	return start(t, "node", append([]string{filepath.Join(folder, "provider.mjs")}, args...)...)
}

func installOIDCProvider(t *testing.T, folder string) error {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return errors.New(tool + " is missing; install Node.js 20 or newer")
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	before, _ := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	for _, name := range []string{"package.json", "package-lock.json", "provider.mjs"} {
		text, err := os.ReadFile(filepath.Join(root(t), "e2e", "oidcprovider", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	wanted, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return err
	}
	// npm writes this file last, so that an installation which broke off does not count.
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")); err == nil && bytes.Equal(before, wanted) {
		return nil
	}
	cache := "npm_config_cache=" + filepath.Join(root(t), ".cache", "npm")
	return run(t, folder, []string{cache}, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
}
