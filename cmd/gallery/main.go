// Command gallery draws every component of components/ui in every state, with invented data, and a
// few whole pages as they look in the portal. It is for whoever changes a component; nothing of it
// ships.
//
//	go run ./cmd/gallery --addr 127.0.0.1:8090
//
// Add ?theme=dark or ?theme=light to any page.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"sundial/components/layout"
	"sundial/components/ui"
	"sundial/static"

	"github.com/a-h/templ"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("gallery", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8090", "where to listen; port 0 picks one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	server := &http.Server{Handler: routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(out, "ready http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// routes serves under the portal's own content policy, so that a component that needs more fails
// here first.
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	show(mux, "/{$}", layout.Props{Title: "Components"}, components())
	show(mux, "/model", layout.Props{Title: "fraud-scorer", Crumbs: modelCrumbs}, modelPage())
	show(mux, "/list", layout.Props{Title: "Models"}, listPage())
	show(mux, "/request", layout.Props{Title: "Request 41"}, requestPage())
	show(mux, "/form", layout.Props{Title: "Register a model", Error: true}, formPage())
	show(mux, "/conflict", layout.Props{Title: "Edit Fraud scorer", Error: true}, conflictPage())
	show(mux, "/confirm", layout.Props{Title: "Close version v3"}, confirmPage())
	show(mux, "/signin", layout.Props{Title: "Sign in", NoChrome: true}, signInPage())
	show(mux, "/torture", layout.Props{Title: "Long words"}, torture())
	return policy(mux)
}

func show(mux *http.ServeMux, path string, p layout.Props, body templ.Component) {
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		p := p
		p.Theme = r.URL.Query().Get("theme")
		p.Flash = r.URL.Query().Get("flash")
		p.Version = "0.1.0"
		if !p.NoChrome {
			p.Nav, p.Person = nav(p.Title), ada
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := draw(templ.WithChildren(r.Context(), body), w, r, layout.Page(p)); err != nil {
			fmt.Fprintln(os.Stderr, "gallery:", err)
		}
	})
}

// draw answers htmx with the region it asked for, anybody else with the page.
func draw(ctx context.Context, w io.Writer, r *http.Request, page templ.Component) error {
	if _, region, ok := strings.Cut(r.Header.Get("HX-Target"), "#"); ok {
		return templ.RenderFragments(ctx, w, page, region)
	}
	return page.Render(ctx, w)
}

func policy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'")
		next.ServeHTTP(w, r)
	})
}

var modelCrumbs = []ui.Crumb{{Label: "Models", Href: "/list"}, {Label: "fraud-scorer"}}
