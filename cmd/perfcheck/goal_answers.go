package main

import (
	"context"
	"fmt"
	"net/http"

	"sundial/components/link"
)

// answersGoal asks what is saved on the way to the browser: compression, and not sending a page again
// that has not changed.
var answersGoal = goal{names: []string{"P17", "P18"}, what: "unchanged pages and compression", measure: func(ctx context.Context, b *bench) ([]row, error) {
	plain, err := signIn(ctx, b.sqlite, link.Models())
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, portalPart, b.sqlite)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	packed := asked{path: plain.path, header: append([]string{"Accept-Encoding: gzip"}, plain.header...)}
	whole, err := s.once(plain)
	if err != nil {
		return nil, err
	}
	short, err := s.once(packed)
	if err != nil {
		return nil, err
	}
	got, err := byTurns(b.rounds, s.load(packed, 4, b.seconds, http.StatusOK), s.load(plain, 4, b.seconds, http.StatusOK))
	if err != nil {
		return nil, err
	}
	rows := []row{
		atMost("P18", "gzip, CPU of the page without", ratio(got[0], got[1], cpuOf), 1.15, fmt.Sprintf("%.2f ms against %.2f ms", middle(got[0], cpuOf), middle(got[1], cpuOf))),
		atMost("P18", "gzip, size of the page without", float64(short.size)/float64(whole.size), 0.2, fmt.Sprintf("%d bytes against %d", short.size, whole.size)),
	}
	unchanged, err := b.unchanged(s, plain, whole)
	return append([]row{unchanged}, rows...), err
}}

// unchanged asks for a page again with the tag that came with it, if one came.
func (b *bench) unchanged(s *server, plain asked, first answer) (row, error) {
	tag := first.header.Get("ETag")
	if tag == "" {
		return row{"P17", "an unchanged page again, CPU of the first", "<= 0.10 x", "-", no, "pages carry no ETag yet"}, nil
	}
	again := asked{path: plain.path, header: append([]string{"If-None-Match: " + tag}, plain.header...)}
	got, err := byTurns(b.rounds, s.load(again, 4, b.seconds, http.StatusNotModified), s.load(plain, 4, b.seconds, http.StatusOK))
	if err != nil {
		return row{}, err
	}
	return atMost("P17", "an unchanged page again, CPU of the first", ratio(got[0], got[1], cpuOf), 0.1,
		fmt.Sprintf("%.2f ms against %.2f ms", middle(got[0], cpuOf), middle(got[1], cpuOf))), nil
}
