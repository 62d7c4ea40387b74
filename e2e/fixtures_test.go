package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fixturesOf finds in the demo, or makes in it, a record for every parameter of the route table. A whole
// route stands where its page needs a record in a certain state.
func fixturesOf(t *testing.T, demo *server) map[string]string {
	t.Helper()
	mira := person(t, view{Base: demo.URL}, owner)
	greta := person(t, view{Base: demo.URL}, riskOfficer)
	alma := person(t, view{Base: demo.URL}, admin)
	ada := person(t, view{Base: demo.URL}, auditor)
	out := map[string]string{
		":model": "fraud-scorer", ":version": "v8", ":section": "trigger", ":number": "1", ":row": "1", ":team": "payment-fraud", ":department": "payments",
		":prompt": "support-bot-system", ":suite": "support-bot-suite", ":alias": "document-reader", ":template": "unused-model",
		":seq":    last(ada.firstLink("/audit", `^/audit/\d+$`)),
		":waiver": last(greta.firstLink("/waivers", `^/waivers/\d+$`)),
		":person": last(alma.firstLink("/admin/people", `^/admin/people/\d+$`)),
	}
	out[":request"] = last(findRequest(mira, "all", "Fraud scorer v8"))
	const section = "/models/:model/retirement/edit/:section"
	out[section] = strings.NewReplacer(":model", "merchant-risk", ":section", "trigger").Replace(section)
	out["/models/:model/versions/:version/evidence/:evidence/withdraw"] = mira.firstLink("/models/fraud-scorer/versions/v8", `/evidence/\d+/withdraw$`)
	out["/vendors/edit"] = greta.firstLink("/vendors/catalogue", `^/vendors/edit\?`)
	out["/vendors/model"] = greta.firstLink("/vendors", `^/vendors/model\?`)
	out["/vendors/import/preview"], out[":reading"] = vendorList(t, greta)
	out[":token"] = tokenFor(person(t, view{Base: demo.URL}, reviewer))
	out[":letter"] = last(alma.firstLink("/admin/letters", `^/admin/letters/\d+$`))
	webhookOf(t, alma, out)
	importsOf(t, greta, out)
	return out
}

// firstLink is the first address on a page that looks so.
func (p *page) firstLink(path, pattern string) string {
	p.t.Helper()
	p.visit(path)
	found, err := p.Locator("main a[href]").EvaluateAll("links => links.map(a => a.getAttribute('href'))")
	if err != nil {
		p.t.Fatal(err)
	}
	shape := regexp.MustCompile(pattern)
	for _, href := range found.([]any) {
		if shape.MatchString(href.(string)) {
			return href.(string)
		}
	}
	p.t.Fatalf("%s has no link like %s; it reads:\n%s", path, pattern, p.text())
	return ""
}

// vendorList takes a list of vendor models in whose one row waits to be confirmed, and gives the address of
// its preview and the number of the reading.
func vendorList(t *testing.T, p *page) (preview, reading string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "models.csv")
	if err := os.WriteFile(path, []byte("provider,model_id,class\nacme,acme-large,pinned\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.visit("/vendors/import")
	must(t, "choose the file", p.field("File").SetInputFiles(path))
	p.fill("Source", "https://acme.example/models")
	p.button("Upload and look at it")
	p.heading("models.csv")
	u, err := url.Parse(p.URL())
	must(t, "read the address", err)
	preview = u.RequestURI()
	p.button("Apply all of it")
	p.heading("Catalogue of vendor models")
	return preview, last(p.firstLink("/vendors", `^/vendors/readings/\d+$`))
}

// tokenFor makes a service token of whoever looks at the page, and gives its number.
func tokenFor(p *page) string {
	p.t.Helper()
	p.visit("/tokens/new")
	p.fill("Name", "nightly evaluation")
	p.button("Make the token")
	p.heading("Token nightly evaluation is made")
	path := p.firstLink("/tokens", `^/tokens/\d+/revoke$`)
	return last(strings.TrimSuffix(path, "/revoke"))
}

func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// importsOf brings small lists in, and leaves one import at each of its steps.
func importsOf(t *testing.T, p *page, out map[string]string) {
	t.Helper()
	first := list(t, "first.csv", "Shelf scanner,Logistics,Operation and Maintenance\nDock camera,Logistics,Operation and Maintenance\nYard planner,Logistics,Initiated\n")
	next := list(t, "next.csv", "Shelf scanner,Logistics,Operation and Maintenance\nYard planner,Logistics,Initiated\n")
	for step, file := range map[string]string{"format": first, "mapping": first} {
		uploadSmall(p, file)
		if step == "mapping" {
			p.button("It reads well, go on")
			p.heading("What do the columns mean?")
		}
		out["/imports/:import/"+step] = p.path()
	}
	checkSmall(p, first)
	runImport(p)
	out[":import"] = last(p.path())
	checkSmall(p, next)
	runImport(p)
	out[":question"] = last(p.firstLink("/imports/questions", `^/imports/questions/\d+$`))
	checkSmall(p, first)
	out["/imports/:import/cancel"] = p.path() + "/cancel"
}

func list(t *testing.T, name, rows string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("Name,Department,Stage of development\n"+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func uploadSmall(p *page, file string) {
	p.visit("/imports/new")
	must(p.t, "choose the file", p.field("CSV file").SetInputFiles(file))
	p.button("Upload and look at it")
	p.heading("How is the file written?")
}

func checkSmall(p *page, file string) {
	uploadSmall(p, file)
	p.button("It reads well, go on")
	p.heading("What do the columns mean?")
	p.fill("Inventory", "Warehouse systems")
	p.fill("Name of this mapping", "Warehouse systems")
	p.button("Check all rows")
	p.heading("Check before it runs")
}
