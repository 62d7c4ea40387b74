// Command dex runs the Dex identity provider with one client and one person, for the tests in e2e/interop.
// It is a module of its own so that what Dex needs stays out of Sundial's go.mod. It listens on a free port of
// loopback, prints "ready URL" and obeys lines on standard input ("groups a b"); when the input ends, so does it.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	gosundheit "github.com/AppsFlyer/go-sundheit"
	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/server/session"
	"github.com/dexidp/dex/server/signer"
	"github.com/dexidp/dex/server/tokens"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"
)

const email = "dana@dex.example"

func main() {
	redirect := flag.String("redirect", "", "the client's redirect URL")
	logout := flag.String("logout", "", "the client's post-logout URL")
	secret := flag.String("secret", "", "the client's secret")
	password := flag.String("password", "", "the person's password")
	algorithm := flag.String("algorithm", "RS256", "RS256 or ES256")
	flag.Parse()
	client := storage.Client{
		ID: "sundial", Secret: *secret, Name: "Sundial",
		RedirectURIs: []string{*redirect}, PostLogoutRedirectURIs: []string{*logout},
	}
	if err := run(context.Background(), client, *password, *algorithm); err != nil {
		fmt.Fprintln(os.Stderr, "dex:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, client storage.Client, password, algorithm string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store := memory.New(logger)
	if err := fill(ctx, store, client, password); err != nil {
		return err
	}
	issuer := "http://" + listener.Addr().String() + "/dex"
	handler, err := provider(ctx, issuer, algorithm, store, logger)
	if err != nil {
		return err
	}
	fmt.Println("ready", issuer)
	go obey(ctx, store, os.Stdin)
	if err := http.Serve(listener, handler); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func fill(ctx context.Context, store storage.Storage, client storage.Client, password string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	return errors.Join(
		store.CreateClient(ctx, client),
		store.CreateConnector(ctx, storage.Connector{ID: "local", Type: "local", Name: "E-mail"}),
		store.CreatePassword(ctx, storage.Password{
			Email: email, Hash: hash, Username: "dana", Name: "Dana Dex", UserID: "person-1", Groups: []string{"team-fraud", "reviewers"},
		}),
	)
}

func provider(ctx context.Context, issuer, algorithm string, store storage.Storage, logger *slog.Logger) (http.Handler, error) {
	local := signer.LocalConfig{KeysRotationPeriod: "6h", Algorithm: jose.SignatureAlgorithm(algorithm)}
	keys, err := local.Open(ctx, store, 24*time.Hour, time.Now, logger)
	if err != nil {
		return nil, err
	}
	return server.NewServer(ctx, server.Config{
		Issuer: issuer, Storage: store, Logger: logger, Signer: keys,
		PrometheusRegistry: prometheus.NewRegistry(),
		HealthChecker:      gosundheit.New(),
		RefreshTokenPolicy: tokens.NewRefreshStrategy(true, 0, 0, 0, time.Now),
		// Signing out needs sessions.
		SessionConfig: &session.Config{
			CookieName: "dex_session", CookieEncryptionKey: []byte("0123456789abcdef0123456789abcdef"),
			AbsoluteLifetime: 24 * time.Hour, ValidIfNotUsedFor: time.Hour,
		},
	})
}

// obey changes the person as an administrator would, and ends the process with its input.
func obey(ctx context.Context, store storage.Storage, in *os.File) {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		var err error
		switch {
		case len(words) > 0 && words[0] == "groups":
			err = store.UpdatePassword(ctx, email, func(old storage.Password) (storage.Password, error) {
				old.Groups = words[1:]
				return old, nil
			})
		default:
			err = fmt.Errorf("unknown command %q", lines.Text())
		}
		fmt.Println("done", err)
	}
	os.Exit(0)
}
