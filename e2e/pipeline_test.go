package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// The pipeline of the documentation, as it stands there, takes a model to production; a reviewer in a
// browser decides what people decide.
func TestAPipelineTakesAModelToProduction(t *testing.T) {
	t.Parallel()
	folder, err := demoFolder()
	if err != nil {
		t.Fatalf("the demo's data: %v", err)
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(data, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	portal := runDemo(t, data)
	token := tokenOf(t, data, "mira")
	rowan := person(t, view{Base: portal.URL, JS: true}, reviewer)

	pipeline := exec.CommandContext(t.Context(), "sh", "../docs/pipeline.sh")
	pipeline.Env = append(os.Environ(), "SUNDIAL_URL="+portal.URL, "SUNDIAL_TOKEN="+token, "SUNDIAL="+binaryOf(t), "PATIENCE=60",
		"MODEL=payment-delay", "VERSION=v1", "TEAM=payment-fraud", "OWNER="+mailOf("mira"), "DEPUTY="+mailOf("dara"))
	said := follow(t, pipeline, func(line string) {
		if path, waits := strings.CutPrefix(line, "The plan waits for a reviewer: "+portal.URL); waits {
			approveHere(rowan, path, "Plan approved. It is in force.")
		}
		if asked, path, is := strings.Cut(line, ": "+portal.URL); is && strings.HasPrefix(asked, "Asked for ") && !strings.HasSuffix(asked, " registered") {
			approveHere(rowan, path, "Applied")
		}
	})
	for _, want := range []string{
		"may not go to registered", "FAIL     Training data", "may not go to production", "An approved, living retirement plan",
		"payment-delay v1 is in production.", "payment-delay v1 may go to production.", `"version":"v1"`, "Rowan Reckoner", "Done.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the pipeline never said %q", want)
		}
	}
	if strings.Contains(said+portal.output(), token) {
		t.Error("the token is in an output or a log")
	}
	if t.Failed() {
		t.Logf("the pipeline said:\n%s", said)
	}
	rowan.visit("/stamps?stamp=payment-delay%40v1")
	rowan.reads(rowan.Locator("main"), "payment-delay", "v1")
}

// tokenOf makes a service token beside the running portal, as its operator would.
func tokenOf(t *testing.T, data, who string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), binaryOf(t), "token", "create", "--owner", mailOf(who), "--name", "pipeline",
		"--scope", "read,write", "--ttl", "1h", "--data", data).Output()
	if err != nil {
		t.Fatalf("no token: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func mailOf(who string) string { return who + "@gnomon.example" }

func binaryOf(t *testing.T) string {
	t.Helper()
	binary, err := demoBinary()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// follow runs a command and shows its lines to who listens, as they come; it returns all of them.
func follow(t *testing.T, cmd *exec.Cmd, heard func(line string)) string {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = in, in
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Start()
	_ = in.Close()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		heard(lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the pipeline ended with %v:\n%s", err, all.String())
	}
	return all.String()
}

func approveHere(p *page, path, says string) {
	p.visit(path)
	button := p.GetByRole(*playwright.AriaRoleButton, playwright.PageGetByRoleOptions{Name: "Approve", Exact: playwright.Bool(true)})
	if err := button.Click(playwright.LocatorClickOptions{Timeout: patience}); err != nil {
		p.t.Fatalf("%s cannot be approved: %v\n%s", path, err, p.text())
	}
	p.reads(p.Locator("main"), says)
}
