package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Whatever the gallery draws, pages draw too: one h1, ids once, every label and reference resolved.
func TestEveryPageHoldsTogether(t *testing.T) {
	server := routes()
	for _, path := range []string{"/", "/model", "/list", "/request", "/form", "/conflict", "/confirm", "/signin", "/torture"} {
		t.Run(path, func(t *testing.T) {
			w := httptest.NewRecorder()
			server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusOK {
				t.Fatalf("status %d", w.Code)
			}
			doc, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			p := page{ids: map[string]int{}}
			p.walk(doc)
			if p.h1 != 1 {
				t.Errorf("%d h1", p.h1)
			}
			for id, n := range p.ids {
				if n > 1 {
					t.Errorf("id %q stands %d times", id, n)
				}
			}
			for _, ref := range p.refs {
				if p.ids[ref] == 0 && ref != "confirm-title" { // the dialog's title arrives with its content
					t.Errorf("something refers to %q, which is not there", ref)
				}
			}
		})
	}
}

func TestAPartIsAnsweredAlone(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/list", nil)
	r.Header.Set("HX-Target", "div#models")
	w := httptest.NewRecorder()
	routes().ServeHTTP(w, r)
	body := w.Body.String()
	if !strings.HasPrefix(body, `<div class="region" id="models">`) || strings.Contains(body, "<h1") {
		t.Errorf("not the region alone: %.120s", body)
	}
}

type page struct {
	h1   int
	ids  map[string]int
	refs []string
}

func (p *page) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		if n.Data == "h1" {
			p.h1++
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				p.ids[a.Val]++
			case "for", "aria-labelledby", "aria-describedby", "list", "form":
				p.refs = append(p.refs, strings.Fields(a.Val)...)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c)
	}
}
