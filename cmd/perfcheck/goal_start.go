package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"sundial/components/link"
)

// startGoal builds the one binary as a release does and starts it on the seeded database.
var startGoal = goal{names: []string{"P20"}, what: "from start to first page, memory, binary", measure: func(ctx context.Context, b *bench) ([]row, error) {
	dir, err := os.MkdirTemp("", "sundial-perfcheck-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "sundial")
	if err := build(ctx, binary); err != nil {
		return nil, err
	}
	size, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	ask, err := signIn(ctx, b.sqlite, link.Models())
	if err != nil {
		return nil, err
	}
	var first, fresh, worked []float64
	for range b.rounds {
		s, err := startPortal(ctx, binary, b.sqlite, ask)
		if err != nil {
			return nil, err
		}
		first, fresh, worked = append(first, s.firstPage.Seconds()*1000), append(fresh, megabytes(s.fresh)), append(worked, megabytes(s.worked))
	}
	under := func(what string, got, limit float64, unit, raw string) row {
		return row{"P20", what, fmt.Sprintf("< %.0f %s", limit, unit), fmt.Sprintf("%.0f %s", got, unit), judged(got < limit), raw}
	}
	return []row{
		under("start to first page on a migrated database", median(first), 300, "ms", ""),
		under("memory after the first page", median(fresh), 100, "MB", ""),
		under("memory after 400 pages of the models list over 4 connections", median(worked), 100, "MB", ""),
		under("the static binary", megabytes(size.Size()), 40, "MB", "CGO_ENABLED=0, -trimpath, -s -w"),
	}, nil
}}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

func build(ctx context.Context, to string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the module: run this from its folder: %w", err)
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, "./cmd/sundial")
	c.Dir, c.Env = strings.TrimSpace(string(root)), append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, said)
	}
	return nil
}

// started is one life of the portal.
type started struct {
	firstPage     time.Duration
	fresh, worked int64 // bytes resident
}

func startPortal(ctx context.Context, binary, database string, ask asked) (s started, err error) {
	address, err := freeAddress()
	if err != nil {
		return s, err
	}
	c := exec.CommandContext(ctx, binary, "serve")
	c.Env = append(othersEnviron(), "SUNDIAL_ADDR="+address, "SUNDIAL_BASE_URL=http://"+address, "SUNDIAL_DATABASE_URL="+database,
		"SUNDIAL_OIDC_ISSUER="+issuer, "SUNDIAL_OIDC_CLIENT_ID=sundial", "SUNDIAL_OIDC_CLIENT_SECRET=secret", "SUNDIAL_SECRET_KEY="+hexDigits(17, 64))
	var log strings.Builder
	c.Stderr = &log
	began := time.Now()
	if err := c.Start(); err != nil {
		return s, err
	}
	defer func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	}()
	if err := firstPage(ctx, address); err != nil {
		return s, fmt.Errorf("%w\n%s", err, log.String())
	}
	s.firstPage, s.fresh = time.Since(began), resident(c.Process.Pid)
	if err := visitAgain(address, ask, 4, 100); err != nil {
		return s, err
	}
	s.worked = resident(c.Process.Pid)
	return s, nil
}

// othersEnviron is the environment without what configures a portal: a stray setting would stop it.
func othersEnviron() []string {
	return slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "SUNDIAL_") })
}

// freeAddress is one that nobody listened on a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func firstPage(ctx context.Context, address string) error {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until) && ctx.Err() == nil; time.Sleep(2 * time.Millisecond) {
		r, err := http.Get("http://" + address + link.Login())
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if err == nil && r.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("the portal did not show its first page within 20 seconds")
}

func visitAgain(address string, ask asked, connections, times int) error {
	errs := make(chan error, connections)
	for range connections {
		go func() {
			c, err := dial(address, ask)
			if err != nil {
				errs <- err
				return
			}
			defer c.conn.Close()
			for range times {
				if _, err = c.call(); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	var all []error
	for range connections {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}
