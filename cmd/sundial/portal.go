package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// portal is a running Sundial as the commands for pipelines ask it, over its API.
type portal struct {
	base  *url.URL
	token string
	http  *http.Client
}

// errUnreachable says that a portal gave no answer: it could not be reached, or is not well.
var errUnreachable = errors.New("the portal could not be asked")

const (
	mostAnswer = 8 << 20 // bytes
	attempts   = 4
)

// portalOf reads SUNDIAL_URL and SUNDIAL_TOKEN (or SUNDIAL_TOKEN_FILE). The token is no flag: those are
// in every list of processes.
func portalOf(getenv func(string) string) (*portal, error) {
	base, err := url.Parse(strings.TrimRight(getenv("SUNDIAL_URL"), "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("set SUNDIAL_URL to the portal's address, as https://sundial.example.org")
	}
	if base.Scheme == "http" && !isLoopback(base.Hostname()) {
		return nil, errors.New("SUNDIAL_URL is plain http: the token would travel in the clear. Use https")
	}
	token := getenv("SUNDIAL_TOKEN")
	if file := getenv("SUNDIAL_TOKEN_FILE"); token == "" && file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("SUNDIAL_TOKEN_FILE: %w", err)
		}
		token = string(raw)
	}
	if token = strings.TrimSpace(token); token == "" {
		return nil, errors.New("set SUNDIAL_TOKEN to a service token with the scope read; make one at /tokens, or with: sundial token create")
	}
	// A redirect would carry the token to wherever it leads.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &portal{base: base, token: token, http: client}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// get reads one call's answer into v and returns it as it came. parts are a path, the last with its query.
func (p *portal) get(ctx context.Context, v any, parts ...string) ([]byte, error) {
	last, query, _ := strings.Cut(parts[len(parts)-1], "?")
	escaped := make([]string, 0, len(parts))
	for _, part := range append(parts[:len(parts)-1:len(parts)-1], last) {
		escaped = append(escaped, url.PathEscape(part))
	}
	address := p.base.String() + "/api/v1/" + strings.Join(escaped, "/")
	if query != "" {
		address += "?" + query
	}
	raw, err := p.ask(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, fmt.Errorf("%w: %s answered something that is not Sundial's", errUnreachable, p.base)
	}
	return raw, nil
}

// ask tries a few times: a portal that restarts should not fail a night's pipeline.
func (p *portal) ask(ctx context.Context, address string) ([]byte, error) {
	wait := 500 * time.Millisecond
	for try := 1; ; try++ {
		raw, after, err := p.once(ctx, address)
		if err == nil || !errors.Is(err, errUnreachable) || try == attempts {
			return raw, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(max(wait, after)):
		}
		wait *= 2
	}
}

func (p *portal) once(ctx context.Context, address string) (raw []byte, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "sundial/"+version)
	res, err := p.http.Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %s", errUnreachable, withoutAddress(err))
	}
	defer res.Body.Close()
	raw, err = io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("%w: its answer broke off", errUnreachable)
	case res.StatusCode == http.StatusOK:
		return raw, 0, nil
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return nil, time.Duration(seconds) * time.Second, fmt.Errorf("%w: it answered %s", errUnreachable, res.Status)
	}
	return nil, 0, refusalOf(res.StatusCode, raw)
}

// withoutAddress is a failure without the address asked, which is said already.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refusalOf is what a portal that answered says against the question.
func refusalOf(status int, raw []byte) error {
	var problem struct{ Title, Detail string }
	_ = json.Unmarshal(raw, &problem)
	said := strings.TrimSpace(problem.Title + ". " + problem.Detail)
	switch {
	case status == http.StatusUnauthorized:
		return errors.New("the portal does not know this token, or it has ended or was revoked. Make another one")
	case said != ".":
		return fmt.Errorf("the portal answered %d: %s", status, said)
	case status >= 300 && status < 400:
		return fmt.Errorf("the portal answered %d and leads elsewhere: set SUNDIAL_URL to its own address", status)
	}
	return fmt.Errorf("the portal answered %d", status)
}
