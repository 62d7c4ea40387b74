// Package e2e tells Sundial's main journeys in a real browser, each with and without JavaScript.
// It owns the browser, the running demo and what every page must keep to while a story is told
// (no console error, no blocked content, no unexpected status, no accessibility violation);
// single rules and answers are tested where they live.
package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// One driver and one browser serve the whole package: starting them takes a second, a context
// of one's own in the same browser a quarter of that.
var browser playwright.Browser

func TestMain(m *testing.M) {
	if os.Getenv(standIn) != "" {
		serveStandIn() // this process plays the server for the harness's own tests
		return
	}
	os.Exit(runWithBrowser(m))
}

func runWithBrowser(m *testing.M) int {
	defer removeBinary()
	stop, err := startBrowser()
	if err != nil {
		fmt.Fprintf(os.Stderr, "The browser tests cannot run: %v\nRun ./test e2e, which fetches what is missing.\n", err)
		return 1
	}
	defer stop()
	return m.Run()
}

func startBrowser() (stop func(), err error) {
	for _, need := range []string{"PLAYWRIGHT_DRIVER_PATH", "CHROMIUM_BIN", "SUNDIAL_TEST_AXE"} {
		if path := os.Getenv(need); path == "" {
			return nil, fmt.Errorf("%s is not set", need)
		} else if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("what %s names is not there: %w", need, err)
		}
	}
	// Looked at here because playwright would answer a missing driver by making its folder.
	if _, err := os.Stat(filepath.Join(os.Getenv("PLAYWRIGHT_DRIVER_PATH"), "package", "cli.js")); err != nil {
		return nil, fmt.Errorf("the browser driver is not there: %w", err)
	}
	driver, err := playwright.Run(&playwright.RunOptions{SkipInstallBrowsers: true})
	if err != nil {
		return nil, fmt.Errorf("the browser driver does not start: %w", err)
	}
	browser, err = driver.Chromium.Launch(playwright.BrowserTypeLaunchOptions{
		ExecutablePath: playwright.String(os.Getenv("CHROMIUM_BIN")),
		Args: []string{
			"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync",
			// Whatever is not this machine does not exist: a page that asks elsewhere fails its test.
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
		},
	})
	if err != nil {
		_ = driver.Stop()
		return nil, fmt.Errorf("the browser does not start: %w", err)
	}
	return func() { _ = browser.Close(); _ = driver.Stop() }, nil
}
