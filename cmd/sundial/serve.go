package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sundial/auth"
	"sundial/auth/oidc"
	"sundial/models/connect/mail"
	"sundial/models/connect/webhook"
	"sundial/models/notice"
	"sundial/models/retirement/paper"
	"sundial/models/store"
	"sundial/models/work"
	"sundial/web"
)

var serveCommand = command{
	name: "serve", args: "[flags]", summary: "run the portal against the configured database and identity provider",
	example: "SUNDIAL_BASE_URL=https://sundial.example.org SUNDIAL_DATABASE_URL=postgres://sundial@db/sundial \\\n" +
		"SUNDIAL_OIDC_ISSUER=https://id.example.org SUNDIAL_OIDC_CLIENT_ID=sundial \\\n" +
		"SUNDIAL_OIDC_CLIENT_SECRET_FILE=/run/secrets/oidc SUNDIAL_SECRET_KEY_FILE=/run/secrets/key sundial serve",
}

func init() { serveCommand.run = serve }

func serve(ctx context.Context, e env) error {
	var c config
	set := serveCommand.flags(e)
	c.register(set, e.getenv)
	if err := set.Parse(e.args); err != nil {
		return err
	}
	if unknown := unknownVariables(e.all()); len(unknown) > 0 {
		return fmt.Errorf("nothing reads %s; see: sundial serve --help", strings.Join(unknown, ", "))
	}
	if err := c.validate(); err != nil {
		return fmt.Errorf("the configuration is wrong:\n%w", err)
	}
	log := newLogger(e.err, c.logFormat)
	c.logTo(log)
	s, err := openToServe(ctx, c.databaseURL, c.key, !c.noMigrate, log)
	if err != nil {
		return err
	}
	defer s.Close()
	provider, err := oidc.New(oidc.Config{Issuer: c.issuer, ClientID: c.clientID, ClientSecret: c.clientSecret,
		RedirectURL: c.base.JoinPath(auth.CallbackPath).String(), GroupsClaim: c.groupsClaim,
		PostLogoutURL: c.base.JoinPath("/login").String(), AllowHTTP: strings.HasPrefix(c.issuer, "http://")})
	if err != nil {
		return fmt.Errorf("SUNDIAL_OIDC_ISSUER: %w", err)
	}
	handler, err := web.New(web.Config{Store: s, Provider: provider, ProviderName: c.providerName, BaseURL: c.base, Policy: c.rules,
		SecretKey: c.key, Grants: c.grants, Version: version, TrustedProxies: c.proxies, RateLimit: c.rate, Outgoing: c.outgoing, MetricsToken: c.metricsToken, MailServer: c.mail.Server(), Logger: log, Idle: c.sessionIdle, Absolute: c.sessionEnd})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	runner := work.New(s, c.rules, log)
	runner.SendWebhooks(webhook.New(c.outgoing), c.base.String())
	if err := c.sendLetters(runner, s); err != nil {
		return err
	}
	runner.KeepTelemetry = c.keep
	printCertificates(runner, c.base)
	return serveUntilDone(ctx, listener, handler.Handler(), runner, log, func() {
		fmt.Fprintf(e.out, "ready %s (listening on %s)\n", c.base, listener.Addr())
	})
}

// printCertificates lets the runner make the certificates of models that were retired. They name the
// portal without a slash at its end, as its pages do: the same certificate is the same file.
func printCertificates(r *work.Runner, base *url.URL) {
	r.Print, r.Organisation = paper.Print, strings.TrimSuffix(base.String(), "/")
}

// sendLetters lets the runner send mail, where a server is set.
func (c *config) sendLetters(runner *work.Runner, s *store.Store) error {
	if !c.mail.Configured() {
		return nil
	}
	links, err := s.LinkKey()
	if err == nil {
		runner.SendLetters(mail.New(c.mail), notice.NewDesk(c.base.String(), links))
	}
	return err
}

// openToServe opens, migrates and holds the database of a portal.
func openToServe(ctx context.Context, url string, key []byte, migrate bool, log *slog.Logger) (*store.Store, error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	s.SetSealKey(sealKey(key))
	err = s.Hold()
	if err == nil && migrate {
		var steps int
		if steps, err = s.Migrate(ctx); err == nil && steps > 0 {
			log.Info("schema migrated", "steps", steps)
		}
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// longestAnswer ends an answer that its reader does not take: no route works longer than ten minutes.
const longestAnswer = 11 * time.Minute

// serveUntilDone serves until the context ends, then lets requests in flight finish for ten seconds.
func serveUntilDone(ctx context.Context, l net.Listener, h http.Handler, runner *work.Runner, log *slog.Logger, ready func()) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: longestAnswer, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		runner.Run(workCtx)
	}()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	ready()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping")
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 9*time.Second)
		defer cancel()
		err = server.Shutdown(grace)
	}
	stopWork()
	<-worked
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func newLogger(out io.Writer, format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(out, nil))
	}
	return slog.New(slog.NewJSONHandler(out, nil))
}

// logTo tells the configuration with every secret masked.
func (c *config) logTo(log *slog.Logger) {
	facts := []any{"version", version}
	for _, s := range settings {
		value := *s.to(c)
		if value != "" && masked(s.env) {
			value = "(set)"
		}
		facts = append(facts, s.env, value)
	}
	log.Info("configuration", facts...)
}

func masked(name string) bool {
	return strings.Contains(name, "SECRET") || name == "SUNDIAL_METRICS_TOKEN" || name == "SUNDIAL_DATABASE_URL" || name == "SUNDIAL_SMTP_URL"
}
