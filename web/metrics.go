package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sundial/models/store"
)

// metrics counts requests as they pass and asks the database for the rest when it is scraped. Every
// label has few values: routes are patterns of the table, never addresses that somebody typed.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	serve    http.Handler
}

func newMetrics(cfg Config) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sundial_http_requests_total",
			Help: "Requests by route pattern, method and class of status."}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sundial_http_request_seconds",
			Help: "How long requests took.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
	}
	about := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sundial_build_info", Help: "Always 1; what runs is in the labels.",
		ConstLabels: prometheus.Labels{"version": cfg.Version, "database": cfg.Store.Engine()}}, func() float64 { return 1 })
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.took, about, &vitals{store: cfg.Store}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve = promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 3, Timeout: 10 * time.Second})
	return m
}

// measure counts a request after its answer is known.
func (s *Server) measure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := time.Now()
		err := next(c)
		route, method := s.labels(c)
		s.metrics.requests.WithLabelValues(route, method, strconv.Itoa(c.Response().Status/100)+"xx").Inc()
		s.metrics.took.WithLabelValues(route).Observe(time.Since(begun).Seconds())
		return err
	}
}

// labels are the route's pattern and the method; whatever is in no line of the table is "other".
func (s *Server) labels(c echo.Context) (route, method string) {
	r, known := s.table.find(c)
	if !known {
		return "other", "other"
	}
	return r.Path, r.Method
}

// showMetrics answers whoever holds the token. Without one there is nothing to see, except on a portal
// that is itself on loopback: behind a proxy on the same machine everybody comes from there.
func (s *Server) showMetrics(c echo.Context) error {
	r, token := c.Request(), s.cfg.MetricsToken
	if token == "" {
		if !loopbackHost(s.cfg.BaseURL.Hostname()) || !fromLoopback(r) {
			return echo.ErrNotFound
		}
	} else if given, ok := strings.CutPrefix(r.Header.Get(echo.HeaderAuthorization), "Bearer "); !ok || !sameText(given, token) {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="metrics"`)
		return c.String(http.StatusUnauthorized, "The metrics need their bearer token.\n")
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	s.metrics.serve.ServeHTTP(c.Response(), r)
	return nil
}

// sameText compares in a time that tells neither where texts differ nor how long they are.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func loopbackHost(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// fromLoopback looks at the connection alone, and at no header.
func fromLoopback(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

// vitals asks the database at most once in freshFor, however often it is scraped.
type vitals struct {
	store *store.Store

	mu   sync.Mutex
	at   time.Time
	kept store.Vitals
	err  error
}

const freshFor = 5 * time.Second

func (v *vitals) read() (store.Vitals, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Since(v.at) >= freshFor {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		v.kept, v.err = v.store.Vitals(ctx)
		v.at = time.Now()
	}
	return v.kept, v.err
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("sundial_"+name, help, labels, nil)
}

var (
	databaseUp     = describe("database_up", "1 while the database answers.")
	statementsDesc = describe("database_statements_total", "Statements sent to the database.")
	poolOpen       = describe("database_connections", "Connections by pool and state.", "pool", "state")
	poolWaits      = describe("database_connection_waits_total", "How often somebody waited for a connection.", "pool")
	poolWaited     = describe("database_connection_wait_seconds_total", "How long they waited.", "pool")
	auditHead      = describe("audit_head_seq", "Number of the newest event in the audit trail.")
	outboxBehind   = describe("outbox_events", "Events that webhooks have not looked at yet.")
	queueDepth     = describe("webhook_queue_messages", "Messages that wait for a receiver that is not paused, up to 1,001 for each.")
	queueAge       = describe("webhook_queue_oldest_seconds", "Age of the oldest of them.")
	hookCount      = describe("webhook_endpoints", "Endpoints by health.", "health")
	sessionCount   = describe("sessions", "Live sessions, up to 10,000.")
	jobRuns        = describe("job_runs_total", "How often a recurring job was begun, by all replicas.", "job")
	jobFailures    = describe("job_failures_in_a_row", "How often it failed since it last went well.", "job")
	jobLastOK      = describe("job_last_success_timestamp_seconds", "When it last went well.", "job")
	importsOpen    = describe("import_jobs", "Imports that run or wait to run.")
)

// Describe names every figure.
func (v *vitals) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, statementsDesc, poolOpen, poolWaits, poolWaited, auditHead, outboxBehind, queueDepth, queueAge,
		hookCount, sessionCount, jobRuns, jobFailures, jobLastOK, importsOpen} {
		out <- d
	}
}

// Collect sends what is known. While the database is away, what it would tell is left out.
func (v *vitals) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, x float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, labels...)
	}
	counter := func(d *prometheus.Desc, x float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, x, labels...)
	}
	counter(statementsDesc, float64(store.Statements()))
	for name, p := range v.store.Pools() {
		gauge(poolOpen, float64(p.InUse), name, "in_use")
		gauge(poolOpen, float64(p.Idle), name, "idle")
		counter(poolWaits, float64(p.WaitCount), name)
		counter(poolWaited, p.WaitDuration.Seconds(), name)
	}
	x, err := v.read()
	if err != nil {
		gauge(databaseUp, 0)
		return
	}
	gauge(databaseUp, 1)
	gauge(auditHead, float64(x.AuditHead))
	gauge(outboxBehind, float64(x.Outbox))
	gauge(queueDepth, float64(x.Waiting))
	age := 0.0
	if !x.Oldest.IsZero() {
		age = max(0, v.store.Now().Sub(x.Oldest).Seconds())
	}
	gauge(queueAge, age)
	gauge(hookCount, float64(x.Endpoints-x.Failing), "ok")
	gauge(hookCount, float64(x.Failing), "failing")
	gauge(sessionCount, float64(x.Sessions))
	imports := 0
	for _, j := range x.Jobs {
		if strings.Contains(j.Name, ":") { // one import each; their number is no label
			imports++
			continue
		}
		counter(jobRuns, float64(j.Runs), j.Name)
		gauge(jobFailures, float64(j.Failures), j.Name)
		if !j.LastOKAt.IsZero() {
			gauge(jobLastOK, float64(j.LastOKAt.Unix()), j.Name)
		}
	}
	gauge(importsOpen, float64(imports))
}
