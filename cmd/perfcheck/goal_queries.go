package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web"
)

const (
	mostQueries = 6
	slowPage    = 50 * time.Millisecond // of CPU, where the database is in this process
)

// queriesOfPages counts the statements behind every page that somebody may look at all day: the
// session's is one of them. A page that is not built yet is not in the table.
func (b *bench) queriesOfPages(ctx context.Context, database, name string) ([]row, error) {
	s, err := store.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := openSession(ctx, s); err != nil {
		return nil, err
	}
	portal, err := buildPortal(s, &url.URL{Scheme: "http", Host: "example.com"}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	pages, err := pagesOf(ctx, s, portal.Routes())
	if err != nil {
		return nil, err
	}
	worst, all := 0, []string(nil)
	var slow []string
	for _, path := range pages {
		n, status := queriesOf(ctx, portal, path)
		began, cpu := time.Now(), cpuTime()
		queriesOf(ctx, portal, path)
		if took := cpuTime() - cpu; took > slowPage {
			slow = append(slow, fmt.Sprintf("%s %d ms (CPU %d ms)", path, time.Since(began).Milliseconds(), took.Milliseconds()))
		}
		if status >= http.StatusInternalServerError {
			return nil, fmt.Errorf("%s answered %d", path, status)
		}
		if status != http.StatusOK { // leads elsewhere, or this model has none
			continue
		}
		worst = max(worst, n)
		short, _, _ := strings.Cut(path, "?after=")
		all = append(all, fmt.Sprintf("%s %d", short, n))
	}
	few, _ := queriesOf(ctx, portal, "/models?q=zzzzzz")
	many, _ := queriesOf(ctx, portal, "/models")
	return []row{
		{name, "most queries of a page", fmt.Sprintf("<= %d", mostQueries), fmt.Sprint(worst), judged(worst <= mostQueries), strings.Join(all, ", ")},
		{name, "queries of the models list with no row and with 50", "the same", fmt.Sprintf("%d, %d", few, many), judged(few == many), ""},
		{name, fmt.Sprintf("pages that take more than %d ms of CPU here", slowPage.Milliseconds()), "", fmt.Sprint(len(slow)), none, strings.Join(slow, ", ")},
	}, nil
}

func queriesOf(ctx context.Context, portal *web.Server, path string) (queries, status int) {
	ctx, n := store.CountQueries(ctx)
	w := &sink{header: http.Header{}}
	portal.Handler().ServeHTTP(w, request(ctx, path))
	return int(n.Load()), w.status
}

// pagesOf is every page of the route table that needs no more than a model and a version, and the
// models list in a few states. Exports are not pages.
func pagesOf(ctx context.Context, s *store.Store, routes []web.Route) ([]string, error) {
	slug, err := someServing(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range routes {
		path := strings.ReplaceAll(strings.ReplaceAll(r.Path, ":model", slug), ":version", "v1")
		if r.Method != http.MethodGet || r.Public || strings.ContainsAny(path, ":*.") || strings.HasSuffix(path, "/export") {
			continue
		}
		out = append(out, path)
	}
	page, err := s.Models(ctx, registry.Filter{}, "", pageRows)
	if err != nil {
		return nil, err
	}
	return append(out, "/models?after="+page.Next, "/models?q=risk+score&stage=production&sort=name", "/models?owner=11"), nil
}
