package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// asked is one request as it goes over the wire, the same every time.
type asked struct {
	path   string
	header []string // "Name: value"
	body   []byte   // JSON, sent by POST; nil is a GET
}

func (a asked) bytes(host string) []byte {
	var b strings.Builder
	method := "GET"
	if a.body != nil {
		method = "POST"
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: perfcheck\r\nSec-Fetch-Site: same-origin\r\n", method, a.path, host)
	for _, line := range a.header {
		b.WriteString(line + "\r\n")
	}
	if a.body != nil {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(a.body))
	}
	b.WriteString("\r\n")
	return append([]byte(b.String()), a.body...)
}

// answer is what came back.
type answer struct {
	status int
	size   int64 // of the body
	header http.Header
}

// caller is one connection that asks and waits, again and again. It is no http.Client, because the
// client shares the machine with what it measures.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dial(address string, a asked) (*caller, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), out: a.bytes(address)}, nil
}

func (c *caller) call() (answer, error) {
	if _, err := c.conn.Write(c.out); err != nil {
		return answer{}, err
	}
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return answer{}, err
	}
	n, err := io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return answer{r.StatusCode, n, r.Header}, err
}

// once asks one time.
func (s *server) once(a asked) (answer, error) {
	c, err := dial(s.address, a)
	if err != nil {
		return answer{}, err
	}
	defer c.conn.Close()
	return c.call()
}

// load asks the same over a number of connections for some seconds, which is one round.
func (s *server) load(a asked, connections int, seconds float64, status int) func() (sample, error) {
	return s.loadOf(slices.Repeat([]asked{a}, connections), seconds, status)
}

// loadOf is load with a request of its own for each connection.
func (s *server) loadOf(asks []asked, seconds float64, status int) func() (sample, error) {
	connections := len(asks)
	return func() (sample, error) {
		before, err := s.spent()
		if err != nil {
			return sample{}, err
		}
		began := time.Now()
		until := began.Add(time.Duration(seconds * float64(time.Second)))
		took := make([][]time.Duration, connections)
		errs := make([]error, connections)
		var wait sync.WaitGroup
		for i := range connections {
			wait.Go(func() { took[i], errs[i] = s.drive(asks[i], until, status) })
		}
		wait.Wait()
		wall := time.Since(began)
		after, err := s.spent()
		if err != nil {
			return sample{}, err
		}
		var all []time.Duration
		for i := range took {
			if errs[i] != nil {
				return sample{}, errs[i]
			}
			all = append(all, took[i]...)
		}
		return sampleOf(all, wall, after.CPU-before.CPU), nil
	}
}

func (s *server) drive(a asked, until time.Time, status int) ([]time.Duration, error) {
	c, err := dial(s.address, a)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	var took []time.Duration
	for t := time.Now(); t.Before(until); {
		got, err := c.call()
		if err != nil {
			return nil, err
		}
		if got.status != status {
			return nil, fmt.Errorf("%s answered %d, not %d", a.path, got.status, status)
		}
		now := time.Now()
		took = append(took, now.Sub(t))
		t = now
	}
	return took, nil
}
