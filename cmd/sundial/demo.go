package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"sundial/auth"
	"sundial/auth/demoidp"
	"sundial/auth/oidc"
	"sundial/cmd/sundial/demodata"
	"sundial/models/connect/outgoing"
	"sundial/models/connect/webhook"
	"sundial/models/lifecycle"
	"sundial/models/store"
	"sundial/models/work"
	"sundial/static"
	"sundial/web"
)

var demoCommand = command{
	name: "demo", args: "[--addr 127.0.0.1:8080] [--data DIR]", summary: "run the whole portal here, with demo people and data",
	example: "sundial demo --data ./demo-data",
}

func init() { demoCommand.run = demo }

const demoPassword = "noon-mark-1700"

// demoRate shows that calls are limited and is in nobody's way who tries things out.
const demoRate = 60_000

func demo(ctx context.Context, e env) error {
	set := demoCommand.flags(e)
	addr := set.String("addr", "127.0.0.1:8080", "loopback address to listen on")
	data := set.String("data", "", "folder to keep the data in; a fresh temporary one when absent")
	policy := set.String("policy", "standard", "light, standard, strict, or a YAML file")
	empty := set.Bool("empty", false, "start without demo data: only the people")
	verbose := set.Bool("verbose", false, "log every request")
	if err := set.Parse(e.args); err != nil {
		return err
	}
	rules, err := readPolicy(*policy)
	if err != nil {
		return fmt.Errorf("--policy: %w", err)
	}
	listener, base, err := listenOnLoopback(*addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	dir, cleanup, err := dataFolder(*data)
	if err != nil {
		return err
	}
	defer cleanup()
	var logs io.Writer = io.Discard
	if *verbose {
		logs = e.err
	}
	return runDemo(ctx, e, listener, base, dir, rules, *empty, newLogger(logs, "text"))
}

func runDemo(ctx context.Context, e env, l net.Listener, base *url.URL, dir string, rules lifecycle.Policy, empty bool, log *slog.Logger) error {
	key, err := demoKey(dir)
	if err != nil {
		return err
	}
	issuer, path := base.JoinPath("idp").String(), filepath.Join(dir, "sundial.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := fillDemo(ctx, path, key, rules, issuer, empty, log); err != nil {
			return fmt.Errorf("demo data: %w", err)
		}
	}
	s, err := openToServe(ctx, "sqlite:"+path, key, true, log)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.MoveIssuer(bySystem(ctx, "demo"), issuer); err != nil {
		return fmt.Errorf("demo people: %w", err)
	}
	// Webhooks may be tried with a receiver on this machine.
	calls, err := outgoing.Parse("localhost,127.0.0.0/8,::1")
	if err != nil {
		return err
	}
	handler, err := demoPortal(s, base, issuer, key, dir, rules, calls, log)
	if err != nil {
		return err
	}
	runner := work.New(s, rules, log)
	runner.SendWebhooks(webhook.New(calls), base.String())
	printCertificates(runner, base)
	return serveUntilDone(ctx, l, handler, runner, log, func() {
		fmt.Fprintf(e.out, "Demo people (everybody's password is %s):\n", demoPassword)
		for _, p := range demodata.People() {
			fmt.Fprintf(e.out, "  %-18s %s\n", p.Name, p.Title)
		}
		fmt.Fprintf(e.out, "Data in %s\n", dir)
		fmt.Fprintf(e.out, "ready %s\n", base)
	})
}

// fillDemo makes the demo's database beside its place and moves it there when it is whole: a demo that
// was stopped while it began starts afresh.
func fillDemo(ctx context.Context, path string, key []byte, rules lifecycle.Policy, issuer string, empty bool, log *slog.Logger) error {
	unfinished := path + ".unfinished"
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(unfinished + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	s, err := openToServe(ctx, "sqlite:"+unfinished, key, true, log)
	if err != nil {
		return err
	}
	if err = demodata.Fill(bySystem(ctx, "demo"), s, rules, issuer, empty); err == nil {
		err = s.SkipMail(ctx) // nobody is told of what was invented
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// demoPortal puts the portal and its identity provider under one address, the provider below /idp.
func demoPortal(s *store.Store, base *url.URL, issuer string, key []byte, dir string, rules lifecycle.Policy, calls outgoing.Policy, log *slog.Logger) (http.Handler, error) {
	callback, login := base.JoinPath(auth.CallbackPath).String(), base.JoinPath("/login").String()
	const clientID = "sundial-demo"
	secret := hex.EncodeToString(sealKey(append([]byte("demo client "), key...)))
	idp, err := demoidp.New(demoidp.Config{Issuer: issuer, ClientID: clientID, ClientSecret: secret, RedirectURLs: []string{callback},
		PostLogoutURLs: []string{login}, People: demodata.People(), Password: demoPassword, StylesheetURL: static.URL("app.css"),
		KeyFile: filepath.Join(dir, "idp.key")})
	if err != nil {
		return nil, fmt.Errorf("demo provider: %w", err)
	}
	provider, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: clientID, ClientSecret: secret, RedirectURL: callback, PostLogoutURL: login, AllowHTTP: true})
	if err != nil {
		return nil, fmt.Errorf("demo sign-in: %w", err)
	}
	portal, err := web.New(web.Config{Store: s, Provider: provider, ProviderName: "the demo provider", BaseURL: base, Policy: rules,
		SecretKey: key, Grants: demodata.Grants(), Version: version, Demo: true, RateLimit: demoRate, Outgoing: calls, Logger: log})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/idp/", idp)
	mux.Handle("/", portal.Handler())
	return mux, nil
}

// listenOnLoopback refuses any other address: the demo's passwords are on its sign-in page.
func listenOnLoopback(addr string) (net.Listener, *url.URL, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, fmt.Errorf("--addr: %q is not HOST:PORT", addr)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, nil, fmt.Errorf("--addr: the demo listens on loopback only, because its passwords are public; use 127.0.0.1:PORT")
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; choose another address with --addr 127.0.0.1:PORT", err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return l, &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}

// dataFolder is the folder asked for, or a temporary one that goes with the demo.
func dataFolder(dir string) (path string, cleanup func(), err error) {
	if dir != "" {
		return dir, func() {}, os.MkdirAll(dir, 0o700)
	}
	path, err = os.MkdirTemp("", "sundial-demo-")
	return path, func() { _ = os.RemoveAll(path) }, err
}

// demoKey is the demo's secret key, made at the first start and kept with its data.
func demoKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret.key")
	raw, err := os.ReadFile(path)
	if err == nil {
		return hex.DecodeString(strings.TrimSpace(string(raw)))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	if err := os.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, err
	}
	return key, nil
}
