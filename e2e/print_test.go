package e2e

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// A plan and a request go on paper whole: every word of the page, nothing wider than the sheet, no buttons.
func TestPlanAndRequestPrintWhole(t *testing.T) {
	t.Parallel()
	p := person(t, view{Base: startDemo(t).URL, JS: true}, leader)
	p.visit("/models/fraud-scorer/retirement")
	p.sees("Move all traffic and drain")
	printed(t, p, "plan", []string{"When auc falls below 0.78", "Records archive", "Data protection office"}, "Revise the plan")
	findRequest(p, "all", "Fraud scorer v8")
	printed(t, p, "request", []string{"20 of 20 checks pass", "asked for this", "Evaluation and fairness read"}, "Comment", "Approve")
}

// Scores go on paper as a board reads them: with their colours, their words, and no form.
func TestScoresPrintWhole(t *testing.T) {
	t.Parallel()
	p := person(t, view{Base: startDemo(t).URL, JS: true}, leader)
	p.visit("/teams")
	printed(t, p, "board", []string{"models count", "Corporate", "Payment Fraud"}, "Apply")
	p.visit("/teams/payment-fraud")
	printed(t, p, "team", []string{"Fraud scorer", "The three actions that raise this team most"}, "Show the score", "Clear")
	p.visit("/models/support-bot/maturity")
	printed(t, p, "scorecard", []string{"An approved retirement plan", "Stamp coverage"})
}

// printed looks at the page as paper sees it, and at the file a browser makes of it.
func printed(t *testing.T, p *page, name string, onPaper []string, notOnPaper ...string) {
	t.Helper()
	must(t, "paper", p.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}))
	must(t, "the sheet's width", p.SetViewportSize(680, 900)) // A4 less its margins
	cut, err := p.Evaluate(cutText)
	if err != nil || cut != "" {
		t.Errorf("on paper the %s cuts: %v %v", name, cut, err)
	}
	for _, text := range onPaper {
		must(t, text, expect.Locator(p.Locator("main").GetByText(text).First()).ToBeVisible())
	}
	for _, button := range notOnPaper {
		if n, _ := p.Locator("button:visible", playwright.PageLocatorOptions{HasText: button}).Count(); n > 0 {
			t.Errorf("the printed %s shows the button %q", name, button)
		}
	}
	pdf, err := p.PDF(playwright.PagePdfOptions{Format: playwright.String("A4"), PrintBackground: playwright.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	if pages := pagesIn(t, pdf); pages < 2 || pages > 12 {
		t.Errorf("the %s takes %d sheets, want 2 to 12", name, pages)
	}
	if os.Getenv("SUNDIAL_SHOTS") != "" {
		must(t, "keep the file", os.MkdirAll("shots", 0o755))
		must(t, "keep the file", os.WriteFile(filepath.Join("shots", name+".pdf"), pdf, 0o600))
		shot(t, p, "printed-"+name)
	}
	must(t, "back to the screen", p.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaScreen}))
	must(t, "back to the screen", p.SetViewportSize(1280, 900))
}

// cutText names the first element that shows less than it holds, or that leaves the sheet.
const cutText = `() => {
	for (const e of document.querySelectorAll("main *")) {
		const s = getComputedStyle(e), box = e.getBoundingClientRect();
		if (e.closest(".visually-hidden, svg, [hidden]") || !box.width || s.visibility === "hidden") continue;
		if (s.clipPath !== "none") continue; // for screen readers alone
		const hides = s.overflowX !== "visible" || s.overflowY !== "visible";
		if (hides && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)) return "hidden: " + e.outerHTML.slice(0, 200);
		if (box.right > innerWidth + 1 || box.left < -1) return "off the sheet: " + e.outerHTML.slice(0, 200);
	}
	return "";
}`

var (
	pageObject = regexp.MustCompile(`/Type\s*/Page[^s]`)
	stream     = regexp.MustCompile(`stream\r?\n`)
)

// pagesIn counts the sheets of a PDF, also where its objects are packed.
func pagesIn(t *testing.T, pdf []byte) int {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("this is no PDF: %.20q", pdf)
	}
	all := string(pdf)
	for _, at := range stream.FindAllIndex(pdf, -1) {
		if unpacked, err := unpack(pdf[at[1]:]); err == nil {
			all += unpacked
		}
	}
	return len(pageObject.FindAllString(all, -1))
}

func unpack(packed []byte) (string, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("not packed: %w", err)
	}
	defer r.Close()
	var b strings.Builder
	_, err = io.Copy(&b, r)
	return b.String(), err
}
