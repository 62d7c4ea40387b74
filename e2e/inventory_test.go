package e2e

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// inventoryFile is a real inventory, as organisations keep one.
const inventoryFile = "../../shared/data/federal-ai-inventory/2024.csv"

// A risk reviewer brings a real inventory in, brings it in again, and next year asks what vanished.
func TestInventoryImport(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		v.Base = startEmptyDemo(t).URL
		p := person(t, v, riskOfficer)
		refuseWhatIsNoTable(p)

		preview(p, inventoryFile)
		added, refused := figure(p, "Would be added"), figure(p, "Refused")
		if added+refused != 2133 || added < 2000 {
			t.Errorf("of 2,133 rows %d would be added and %d refused", added, refused)
		}
		axe(t, p)
		runImport(p)
		if figure(p, "Added") != added || figure(p, "Refused") != refused || figure(p, "Changed") != 0 {
			t.Errorf("the import did otherwise than its check said: %s", p.text())
		}
		axe(t, p)

		preview(p, inventoryFile)
		runImport(p)
		if figure(p, "Unchanged") != added || figure(p, "Added")+figure(p, "Changed")+figure(p, "Vanished") != 0 {
			t.Errorf("the same file again changed something: %s", p.text())
		}

		path, name := nextYear(t)
		preview(p, path)
		p.reads(p.in("What is no longer listed"), name)
		runImport(p)
		if figure(p, "Changed") != 1 || figure(p, "Vanished") != 1 || figure(p, "Added") != 0 {
			t.Errorf("one row was changed and one is gone, but: %s", p.text())
		}
		answerWhatVanished(p, person(t, v, admin), name)
	})
}

func refuseWhatIsNoTable(p *page) {
	p.visit("/imports/new")
	p.expect(400, 413, 422)
	p.button("Upload and look at it")
	p.refused("CSV file", "Choose")
	axe(p.t, p)
}

// preview goes from the file to what running it would do. Nothing is changed by it.
func preview(p *page, path string) {
	p.visit("/imports/new")
	must(p.t, "choose the file", p.field("CSV file").SetInputFiles(path))
	p.button("Upload and look at it")
	p.heading("How is the file written?")
	p.reads(p.Locator("main"), "Windows-1252", "62 columns", "Use Case Name")
	p.button("It reads well, go on")
	p.heading("What do the columns mean?")
	if kept := p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "Use it", Exact: playwright.Bool(true)}); visible(kept) {
		p.link("Use it")
		p.reads(p.Locator("main"), "What do the columns mean?")
	}
	p.fill("Inventory", "AI use cases")
	p.fill("Name of this mapping", "Use cases, as published")
	p.button("Check all rows")
	p.heading("Check before it runs")
	p.reads(p.Locator("main"), "Nothing has been changed yet.")
}

func visible(l playwright.Locator) bool {
	ok, err := l.First().IsVisible()
	return err == nil && ok
}

// runImport starts it and follows it to its end: by itself with JavaScript, by the link without.
func runImport(p *page) {
	start := p.GetByRole(*playwright.AriaRoleButton, playwright.PageGetByRoleOptions{Name: regexp.MustCompile(`^Import [\d,]+ rows?$`)})
	must(p.t, "start the import", start.Click(playwright.LocatorClickOptions{Timeout: patience}))
	p.reads(p.Locator("main"), "Import of")
	latest := p.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "Show the latest"})
	for end := time.Now().Add(3 * time.Minute); visible(latest); {
		if time.Now().After(end) {
			p.t.Fatalf("the import is not done after three minutes: %s", p.text())
		}
		if p.view.JS {
			_ = latest.WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateDetached, Timeout: patience})
			continue
		}
		p.reads(p.Locator("main"), "Bringing rows in")
		p.link("Show the latest")
	}
	p.reads(p.Locator("main"), "What became of each row")
}

// figure reads a number from the page's tiles.
func figure(p *page, label string) int {
	tile := p.Locator(".metric").Filter(playwright.LocatorFilterOptions{
		Has: p.Locator(".metric-label", playwright.PageLocatorOptions{HasText: regexp.MustCompile(`^\s*` + label + `\s*$`)}),
	})
	text, err := tile.Locator(".metric-figure").InnerText(playwright.LocatorInnerTextOptions{Timeout: patience})
	if err != nil {
		p.t.Fatalf("there is no figure called %q on %s, which reads:\n%s", label, p.URL(), p.text())
	}
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		p.t.Fatalf("the figure %q reads %q", label, text)
	}
	return n
}

// nextYear is the file with one system in operation left out, whose name it returns, and another
// one retired. It cuts the bytes, so that everything else stays as it was written.
func nextYear(t *testing.T) (path, gone string) {
	t.Helper()
	raw, err := os.ReadFile(inventoryFile)
	if err != nil {
		t.Fatal(err)
	}
	const stage = "Operation and Maintenance"
	rows := csv.NewReader(bytes.NewReader(raw))
	seen := map[string]bool{}
	var cut, changed [2]int64
	for from := int64(0); changed[1] == 0; {
		row, err := rows.Read()
		if err == io.EOF {
			t.Fatal("the file has no two systems in operation")
		} else if err != nil {
			t.Fatal(err)
		}
		to := rows.InputOffset()
		operating := row[9] == stage && !seen[row[0]] && len(seen) > 20
		switch {
		case operating && gone == "":
			gone, cut = row[0], [2]int64{from, to}
		case operating:
			changed = [2]int64{from, to}
		}
		seen[row[0]] = true
		from = to
	}
	retired := bytes.Replace(raw[changed[0]:changed[1]], []byte(stage), []byte("Retired"), 1)
	next := bytes.Join([][]byte{raw[:cut[0]], raw[cut[1]:changed[0]], retired, raw[changed[1]:]}, nil)
	path = filepath.Join(t.TempDir(), "2025.csv")
	if err := os.WriteFile(path, next, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, gone
}

// answerWhatVanished: a risk reviewer imports and does not answer for the team; the administrator may.
func answerWhatVanished(p, administrator *page, name string) {
	p.link("Vanished")
	p.heading("Vanished systems")
	p.reads(p.Locator("main"), "1 question", "Open")
	p.link(name)
	p.heading("What became of " + name)
	p.reads(p.Locator("main"), "Only contributors change models.")

	administrator.visit(p.path())
	administrator.expect(422)
	administrator.button("Answer")
	must(p.t, "an answer is asked for", expect.Locator(administrator.Locator(".error-summary")).ToBeFocused())
	axe(p.t, administrator)
	administrator.check("It was retired")
	administrator.fill("Ended on", in(-30))
	administrator.fill("In your words", "Its contract ended and nobody renewed it.")
	administrator.button("Answer")
	administrator.reads(administrator.Locator("main"), "Answered by", admin, "Its contract ended")
}
