package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"time"

	"sundial/components/link"
	"sundial/models/registry"
	"sundial/models/store"
)

// listGoal holds the models list through the whole stack against the floor, over HTTP, signed in.
var listGoal = goal{names: []string{"P1", "P2"}, what: "the models list, whole stack against the floor", measure: func(ctx context.Context, b *bench) ([]row, error) {
	return b.listAgainstFloor(ctx, b.sqlite, "P1", "P2")
}}

func (b *bench) listAgainstFloor(ctx context.Context, url, throughput, cost string) ([]row, error) {
	ask, err := signIn(ctx, url, link.Models())
	if err != nil {
		return nil, err
	}
	whole, err := b.start(ctx, portalPart, url)
	if err != nil {
		return nil, err
	}
	defer whole.stop()
	least, err := b.start(ctx, floorPart, url)
	if err != nil {
		return nil, err
	}
	defer least.stop()
	if err := samePage(whole, least, ask); err != nil {
		return nil, err
	}
	var rows []row
	for _, connections := range []int{4, 8} {
		got, err := byTurns(b.rounds, whole.load(ask, connections, b.seconds, http.StatusOK), least.load(ask, connections, b.seconds, http.StatusOK))
		if err != nil {
			return nil, err
		}
		p, f := got[0], got[1]
		with := fmt.Sprintf(", %d connections", connections)
		rows = append(rows,
			atLeast(throughput, "models list, throughput of the floor's"+with, ratio(p, f, perSecond), 0.75,
				fmt.Sprintf("%.0f/s against %.0f/s", middle(p, perSecond), middle(f, perSecond))),
			atMost(cost, "models list, p99 of the floor's"+with, ratio(p, f, p99Of), 1.5,
				fmt.Sprintf("%.1f ms against %.1f ms (p50 %.1f, %.1f)", middle(p, p99Of), middle(f, p99Of), middle(p, p50Of), middle(f, p50Of))),
			atMost(cost, "models list, CPU of the floor's"+with, ratio(p, f, cpuOf), 1.35,
				fmt.Sprintf("%.2f ms against %.2f ms", middle(p, cpuOf), middle(f, cpuOf))))
	}
	return rows, nil
}

// samePage makes sure that the floor draws what the portal draws: the comparison is worth nothing
// otherwise.
func samePage(whole, least *server, ask asked) error {
	a, err := whole.once(ask)
	if err != nil {
		return err
	}
	f, err := least.once(ask)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK || f.status != http.StatusOK {
		return fmt.Errorf("%s: the portal answers %d, the floor %d", ask.path, a.status, f.status)
	}
	if math.Abs(float64(a.size-f.size)) > 0.03*float64(f.size) {
		return fmt.Errorf("%s: the portal sends %d bytes, the floor %d: that is not the same page", ask.path, a.size, f.size)
	}
	return nil
}

// countGoal asks what the count above the list costs, of the page without it.
var countGoal = goal{names: []string{"P4"}, what: "the count above the models list", measure: func(ctx context.Context, b *bench) ([]row, error) {
	s, err := store.Open(ctx, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	page, err := visit(ctx, s, link.Models())
	if err != nil {
		return nil, err
	}
	got, err := byTurns(b.rounds, calls(b.calls(150), page), calls(b.calls(600), func() error {
		_, _, err := s.CountModels(ctx, registry.Filter{})
		return err
	}))
	if err != nil {
		return nil, err
	}
	whole, count := middle(got[0], cpuOf), middle(got[1], cpuOf)
	share := count / (whole - count)
	return []row{{"P4", "the bounded count, CPU added to the page", "<= 15 %", fmt.Sprintf("%.0f %%", 100*share), judged(share <= 0.15),
		fmt.Sprintf("count %.2f ms, page with it %.2f ms", count, whole)}}, nil
}}

// calls scales a number of calls to short runs.
func (b *bench) calls(n int) int { return max(3, int(float64(n)*min(1, b.seconds))) }

// visit makes a call of one page through the whole router, in this process, as the visitor.
func visit(ctx context.Context, s *store.Store, path string) (func() error, error) {
	if err := openSession(ctx, s); err != nil {
		return nil, err
	}
	handler, err := silentPortal(s)
	if err != nil {
		return nil, err
	}
	return func() error {
		w := &sink{header: http.Header{}}
		handler.ServeHTTP(w, request(ctx, path))
		if w.status != http.StatusOK {
			return fmt.Errorf("%s answered %d", path, w.status)
		}
		return nil
	}, nil
}

func request(ctx context.Context, path string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "sundial", Value: token, Expires: time.Now().Add(time.Hour)})
	return r
}

// sink is an answer nobody reads.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header               { return s.header }
func (s *sink) WriteHeader(status int)            { s.status = status }
func (s *sink) Write(part []byte) (int, error)    { s.ok(); return len(part), nil }
func (s *sink) WriteString(p string) (int, error) { s.ok(); return len(p), nil }
func (s *sink) ok() {
	if s.status == 0 {
		s.status = http.StatusOK
	}
}
