package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sundial/auth"
	"sundial/models/connect/mail"
	"sundial/models/connect/outgoing"
	"sundial/models/lifecycle"
	"sundial/models/org"
)

// config is everything `serve` can be told, by environment or by flag.
type config struct {
	addr, baseURL, databaseURL     string
	issuer, clientID, clientSecret string
	clientSecretFile, groupsClaim  string
	providerName, roles            string
	secretKey, secretKeyFile       string
	smtpURL, mailFrom              string
	policy, logFormat              string
	trustedProxies, retention      string
	outgoingAllow, metricsToken    string
	rateLimit                      string
	sessionIdle, sessionEnd        time.Duration
	noMigrate                      bool

	// What validate made of it.
	base    *url.URL
	grants  auth.Grants
	key     []byte
	rules   lifecycle.Policy
	proxies []netip.Prefix
	rate    int // calls a minute, below 0 for no limit

	outgoing outgoing.Policy
	mail     mail.Settings
	keep     int // days of telemetry
}

// setting is one environment variable and its flag.
type setting struct {
	env, flag, fallback, help string
	to                        func(*config) *string
}

var settings = []setting{
	{"SUNDIAL_ADDR", "addr", "127.0.0.1:8080", "address to listen on", func(c *config) *string { return &c.addr }},
	{"SUNDIAL_BASE_URL", "base-url", "", "the URL people use, as https://sundial.example.org", func(c *config) *string { return &c.baseURL }},
	{"SUNDIAL_DATABASE_URL", "database", "", "sqlite:PATH or postgres://USER@HOST/NAME", func(c *config) *string { return &c.databaseURL }},
	{"SUNDIAL_OIDC_ISSUER", "oidc-issuer", "", "the identity provider, exactly as it names itself", func(c *config) *string { return &c.issuer }},
	{"SUNDIAL_OIDC_CLIENT_ID", "oidc-client-id", "", "Sundial's client id there", func(c *config) *string { return &c.clientID }},
	{"SUNDIAL_OIDC_CLIENT_SECRET", "oidc-client-secret", "", "its secret; better by file", func(c *config) *string { return &c.clientSecret }},
	{"SUNDIAL_OIDC_CLIENT_SECRET_FILE", "oidc-client-secret-file", "", "a file with the secret", func(c *config) *string { return &c.clientSecretFile }},
	{"SUNDIAL_OIDC_GROUPS_CLAIM", "oidc-groups-claim", "groups", "the claim that lists a person's groups", func(c *config) *string { return &c.groupsClaim }},
	{"SUNDIAL_OIDC_NAME", "oidc-name", "", "what people call the provider, for the sign-in button", func(c *config) *string { return &c.providerName }},
	{"SUNDIAL_ROLES", "roles", "", "group to role, as ml-reviewers=reviewer,ml-admins=admin", func(c *config) *string { return &c.roles }},
	{"SUNDIAL_SECRET_KEY", "secret-key", "", "at least 32 bytes in hex or base64; better by file", func(c *config) *string { return &c.secretKey }},
	{"SUNDIAL_SECRET_KEY_FILE", "secret-key-file", "", "a file with the key", func(c *config) *string { return &c.secretKeyFile }},
	{"SUNDIAL_SMTP_URL", "smtp-url", "", "the mail server, as smtp://USER:PASSWORD@HOST:587 (STARTTLS; ?tls=none to do without) or smtps://HOST; without one letters wait", func(c *config) *string { return &c.smtpURL }},
	{"SUNDIAL_MAIL_FROM", "mail-from", "", "who sends mail, as \"Sundial <sundial@example.org>\"; needed with SUNDIAL_SMTP_URL", func(c *config) *string { return &c.mailFrom }},
	{"SUNDIAL_POLICY", "policy", "standard", "light, standard, strict, or a YAML file", func(c *config) *string { return &c.policy }},
	{"SUNDIAL_STAMP_RETENTION", "stamp-retention", "400", "days for which counts of stamps and monitoring reports are kept", func(c *config) *string { return &c.retention }},
	{"SUNDIAL_LOG_FORMAT", "log-format", "json", "json or text", func(c *config) *string { return &c.logFormat }},
	{"SUNDIAL_RATE_LIMIT", "rate-limit", "1200", "calls of the API a minute of one token, over all replicas; a twentieth of it may fail at one address; 0 is no limit", func(c *config) *string { return &c.rateLimit }},
	{"SUNDIAL_TRUSTED_PROXIES", "trusted-proxies", "", "networks whose X-Forwarded-For is believed, as 10.0.0.0/8", func(c *config) *string { return &c.trustedProxies }},
	{"SUNDIAL_OUTGOING_ALLOW", "outgoing-allow", "", "hosts and networks that webhooks may call though they are not public https addresses, as hooks.internal,10.20.0.0/16", func(c *config) *string { return &c.outgoingAllow }},
	{"SUNDIAL_METRICS_TOKEN", "metrics-token", "", "the bearer token that opens /metrics; without one there are none, except on loopback", func(c *config) *string { return &c.metricsToken }},
}

// clientVariables are SUNDIAL_ variables of the commands that talk to a portal.
var clientVariables = []string{"SUNDIAL_URL", "SUNDIAL_TOKEN", "SUNDIAL_TOKEN_FILE"}

func (c *config) register(set *flag.FlagSet, getenv func(string) string) {
	for _, s := range settings {
		value := getenv(s.env)
		if value == "" {
			value = s.fallback
		}
		*s.to(c) = value
		set.Func(s.flag, fmt.Sprintf("%s (%s, default %q)", s.help, s.env, s.fallback), func(v string) error {
			*s.to(c) = v
			return nil
		})
	}
	set.DurationVar(&c.sessionIdle, "session-idle", 8*time.Hour, "a session ends after so long without a request")
	set.DurationVar(&c.sessionEnd, "session-end", 24*time.Hour, "a session ends after so long in any case")
	set.BoolVar(&c.noMigrate, "no-migrate", false, "do not migrate the schema at start")
}

// unknownVariables finds SUNDIAL_ variables that nothing reads: a misspelt one must not pass in silence.
func unknownVariables(environ []string) []string {
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		known := slices.ContainsFunc(settings, func(s setting) bool { return s.env == name })
		if strings.HasPrefix(name, "SUNDIAL_") && !known && !slices.Contains(clientVariables, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// validate reads every value and reports all that is wrong at once.
func (c *config) validate() error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
	}
	if _, _, err := net.SplitHostPort(c.addr); err != nil {
		bad("SUNDIAL_ADDR", "%q is not HOST:PORT", c.addr)
	}
	base, err := url.Parse(c.baseURL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || strings.Trim(base.Path, "/") != "" {
		bad("SUNDIAL_BASE_URL", "%q is not a URL like https://sundial.example.org without a path", c.baseURL)
	} else if base.Scheme == "http" && !loopback(base.Hostname()) {
		bad("SUNDIAL_BASE_URL", "plain http is only for loopback: session cookies would travel in the clear")
	}
	c.base = base
	if !strings.HasPrefix(c.databaseURL, "sqlite:") && !strings.HasPrefix(c.databaseURL, "postgres") {
		bad("SUNDIAL_DATABASE_URL", "is neither sqlite:PATH nor postgres://...")
	}
	if c.issuer == "" {
		bad("SUNDIAL_OIDC_ISSUER", "is needed: people sign in there and nowhere else")
	}
	if c.clientID == "" {
		bad("SUNDIAL_OIDC_CLIENT_ID", "is needed")
	}
	if c.clientSecret, err = valueOrFile(c.clientSecret, c.clientSecretFile); err != nil {
		bad("SUNDIAL_OIDC_CLIENT_SECRET_FILE", "%v", err)
	}
	if c.grants, err = readGrants(c.roles); err != nil {
		bad("SUNDIAL_ROLES", "%v", err)
	}
	if c.key, err = readKey(c.secretKey, c.secretKeyFile); err != nil {
		bad("SUNDIAL_SECRET_KEY", "%v", err)
	}
	if c.mail, err = mail.Parse(c.smtpURL, c.mailFrom); err != nil {
		bad("SUNDIAL_SMTP_URL", "%v", err)
	}
	if c.rules, err = readPolicy(c.policy); err != nil {
		bad("SUNDIAL_POLICY", "%v", err)
	}
	if c.keep, err = strconv.Atoi(c.retention); err != nil || c.keep < 100 || c.keep > 3650 {
		bad("SUNDIAL_STAMP_RETENTION", "%q is not a number of days from 100 to 3650: counts are taken for the last 90 days", c.retention)
	}
	if c.logFormat != "json" && c.logFormat != "text" {
		bad("SUNDIAL_LOG_FORMAT", "%q is neither json nor text", c.logFormat)
	}
	if c.proxies, err = readNetworks(c.trustedProxies); err != nil {
		bad("SUNDIAL_TRUSTED_PROXIES", "%v", err)
	}
	if c.outgoing, err = outgoing.Parse(c.outgoingAllow); err != nil {
		bad("SUNDIAL_OUTGOING_ALLOW", "%v", err)
	}
	if c.metricsToken != "" && len(c.metricsToken) < 16 {
		bad("SUNDIAL_METRICS_TOKEN", "has fewer than 16 characters; make one with: openssl rand -hex 32")
	}
	if c.rate, err = strconv.Atoi(c.rateLimit); err != nil || c.rate < 0 || c.rate > mostRate {
		bad("SUNDIAL_RATE_LIMIT", "%q is not a number of calls a minute up to a million, or 0", c.rateLimit)
	} else if c.rate == 0 {
		c.rate = -1
	}
	if c.sessionIdle < time.Minute || c.sessionEnd < c.sessionIdle {
		bad("--session-idle and --session-end", "a session lives at least a minute, and ends later than it idles")
	}
	return errors.Join(errs...)
}

const mostRate = 1_000_000

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

func valueOrFile(value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", errors.New("give the value or the file, not both")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(raw)), nil
}

func readGrants(s string) (auth.Grants, error) {
	grants := auth.Grants{}
	for _, pair := range strings.Split(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		group, name, ok := strings.Cut(pair, "=")
		role, known := org.ParseRole(name)
		if !ok || strings.TrimSpace(group) == "" || !known {
			return nil, fmt.Errorf("%q is not GROUP=ROLE with one of the roles %v", pair, org.Roles)
		}
		grants[strings.TrimSpace(group)] = role
	}
	return grants, nil
}

func readKey(value, file string) ([]byte, error) {
	text, err := valueOrFile(value, file)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, errors.New("is needed; make one with: openssl rand -hex 32")
	}
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if key, err := decode(text); err == nil && len(key) >= 32 {
			return key, nil
		}
	}
	return nil, errors.New("is not 32 bytes or more in hex or base64; make one with: openssl rand -hex 32")
}

func secretFromEnv(getenv func(string) string) ([]byte, error) {
	key, err := readKey(getenv("SUNDIAL_SECRET_KEY"), getenv("SUNDIAL_SECRET_KEY_FILE"))
	if err != nil {
		return nil, fmt.Errorf("SUNDIAL_SECRET_KEY: %w", err)
	}
	return key, nil
}

// sealKey is derived from the instance's key for one purpose alone: sealing the audit chain's head.
func sealKey(key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("sundial audit head"))
	return mac.Sum(nil)
}

func readPolicy(s string) (lifecycle.Policy, error) {
	if p, ok := lifecycle.Profile(s); ok {
		return p, nil
	}
	raw, err := os.ReadFile(s)
	if err != nil {
		return lifecycle.Policy{}, fmt.Errorf("%q is neither a profile (%s) nor a readable file", s, strings.Join(lifecycle.Profiles, ", "))
	}
	return lifecycle.ReadPolicy(raw)
}

func readNetworks(s string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network like 10.0.0.0/8", part)
		}
		out = append(out, p)
	}
	return out, nil
}
