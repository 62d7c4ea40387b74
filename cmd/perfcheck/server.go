package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// The parts this binary plays when it calls itself.
const (
	portalPart = "portal"
	floorPart  = "floor"
)

// serveAs is the whole life of a server that is measured: it says where it listens, answers every line
// on its input with what it has used, and ends with its input, so that it never outlives its parent.
func serveAs(ctx context.Context, part, url, profile string, in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	build := map[string]func(context.Context, string, net.Addr) (http.Handler, error){portalPart: portal, floorPart: floor}[part]
	if build == nil {
		return fmt.Errorf("there is no part %q", part)
	}
	handler, err := build(ctx, url, listener.Addr())
	if err != nil {
		return err
	}
	if profile != "" && part == portalPart {
		stop, err := profileTo(filepath.Join(profile, part+".cpu"))
		if err != nil {
			return err
		}
		defer stop()
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	answers := json.NewEncoder(out)
	if err := answers.Encode(spent{Address: listener.Addr().String()}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := answers.Encode(spent{CPU: cpuTime(), Memory: resident(os.Getpid())}); err != nil {
			return err
		}
	}
	return nil
}

func profileTo(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

// spent is what a server answers: where it listens, or what it has used so far.
type spent struct {
	Address string
	CPU     time.Duration
	Memory  int64 // bytes
}

// server is one of ourselves in a process of its own.
type server struct {
	address string
	command *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
}

// start runs a server on a database.
func (b *bench) start(ctx context.Context, part, url string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-role", part, "-database", url}
	if b.profile != "" {
		args = append(args, "-profile", b.profile)
	}
	s := &server{command: exec.CommandContext(ctx, self, args...)}
	s.command.Stderr = os.Stderr
	if s.in, err = s.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	s.answers = json.NewDecoder(out)
	first, err := s.answer()
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("start the %s: %w", part, err)
	}
	s.address = first.Address
	return s, nil
}

func (s *server) answer() (spent, error) {
	var a spent
	err := s.answers.Decode(&a)
	return a, err
}

// spent asks what the server has used so far.
func (s *server) spent() (spent, error) {
	if _, err := io.WriteString(s.in, "\n"); err != nil {
		return spent{}, err
	}
	return s.answer()
}

func (s *server) stop() {
	_ = s.in.Close()
	_ = s.command.Wait()
}
