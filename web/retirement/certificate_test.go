package retirement_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sundial/components/link"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/telemetry"
	"sundial/web/webtest"
)

var certificate = link.RetirementCertificate(slug)

// brought is a portal whose model was led to a phase.
func brought(t *testing.T, to retirement.Phase) *webtest.Site {
	t.Helper()
	s := serving(t)
	s.Trigger(t, slug)
	s.RetireTo(t, slug, to, s.Clock)
	return s
}

func TestACertificateIsMadeShownAndKept(t *testing.T) {
	t.Parallel()
	s := brought(t, retirement.Retired)
	b := s.As(s.Auditor)
	page := b.Get(certificate).Is(http.StatusOK, "Certificate of retirement", "Model churn", "version v1 · Fraud · tier 1", "its retirement was complete",
		"Checkout", "Pia of Checkout", "Attested, not measured", "confirmed by Reviewer", "Records archive", "Event ", "sundial audit verify --certificate FILE", "Data disposition, by")
	view, err := s.Store.Certificate(t.Context(), slug, s.Policy, webtest.Base)
	if err != nil || view.SHA256 == "" || view.Paper.Number != 1 {
		t.Fatalf("the page made none: %+v, %v", view, err)
	}
	for _, to := range []string{link.RetirementCertificatePDF(slug), link.RetirementDossier(slug), link.AuditEvent(view.Paper.Sealed.Seq), link.AuditEvent(view.Issued.Seq), link.AuditOfRetirement(view.Workflow.ID)} {
		if !strings.Contains(page.Body, `href="`+strings.ReplaceAll(to, "&", "&amp;")+`"`) {
			t.Errorf("the page does not lead to %s", to)
		}
		b.Do(b.Request(http.MethodGet, to, nil, "")).Is(http.StatusOK)
	}
	b.Get(link.AuditOfRetirement(view.Workflow.ID)).Is(http.StatusOK, "retirement 1")

	for name, file := range map[string]struct{ address, sha, kind string }{
		"churn-retirement-certificate-1.pdf": {link.RetirementCertificatePDF(slug), view.SHA256, "application/pdf"},
		"churn-retirement-dossier-1.json":    {link.RetirementDossier(slug), view.Paper.DossierSHA, "application/json"},
	} {
		got := b.Do(b.Request(http.MethodGet, file.address, nil, ""))
		sum := sha256.Sum256([]byte(got.Body))
		if got.Status != http.StatusOK || hex.EncodeToString(sum[:]) != file.sha || got.Header.Get("Content-Type") != file.kind ||
			got.Header.Get("Content-Disposition") != "attachment; filename="+name || got.Header.Get("ETag") != `"`+file.sha+`"` {
			t.Errorf("%s: status %d, %v", name, got.Status, got.Header)
		}
		r := b.Request(http.MethodGet, file.address, nil, "")
		r.Header.Set("If-None-Match", `"older", "`+file.sha+`"`)
		if again := b.Do(r); again.Status != http.StatusNotModified || again.Body != "" {
			t.Errorf("%s is sent again: %d", name, again.Status)
		}
	}
	b.Get(certificate).Is(http.StatusOK)
	if again, _ := s.Store.Certificate(t.Context(), slug, s.Policy, webtest.Base); again.SHA256 != view.SHA256 || len(again.Workflow.Issued) != 1 {
		t.Errorf("looking twice made %d certificates", len(again.Workflow.Issued))
	}
	raw := b.Do(b.Request(http.MethodGet, link.RetirementDossier(slug), nil, "")).Body
	if !json.Valid([]byte(raw)) || !strings.Contains(raw, "sundial-retirement-dossier/1") {
		t.Error("the dossier is none")
	}
	// Who may not open the trail is told the position all the same.
	s.As(s.Viewer).Get(certificate).Is(http.StatusOK, "of the audit trail").Lacks("All events of this retirement")
}

func TestASealedModelHasNoCertificateYet(t *testing.T) {
	t.Parallel()
	s := brought(t, retirement.Sealed)
	b := s.As(s.Owner)
	ends := s.Clock.Now().AddDate(0, 0, retirement.WatchDays).Format("2 January 2006")
	b.Get(certificate).Is(http.StatusOK, "Sealed, and watched", "The certificate follows on "+ends+" when nobody gets an answer until then.", "Sealed dossier").
		Lacks("Certificate as PDF", "its retirement was complete", "Certificate of retirement", "Watched From")
	b.Get(link.RetirementCertificatePDF(slug)).Is(http.StatusNotFound)
	b.Do(b.Request(http.MethodGet, link.RetirementDossier(slug), nil, "")).Is(http.StatusOK)
}

func TestAZombieTakesTheCertificateBackUntilItIsGone(t *testing.T) {
	t.Parallel()
	s := brought(t, retirement.Retired)
	b := s.As(s.Owner)
	b.Get(certificate).Is(http.StatusOK, "Certificate as PDF")
	s.Clock.Add(48 * time.Hour)
	body := fmt.Appendf(nil, `[{"bucket": %q, "app": "batch-7", "stamp": "churn@v1", "count": 12}]`, s.Clock.Now().Format(time.RFC3339))
	lines, err := telemetry.ReadLines(body, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.TakeStamps(s.World.As(s.Contributor), store.StampCall{Body: body, Lines: lines}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Store.ReopenForZombies(s.World.As(s.Admin), s.Policy); err != nil || n != 1 {
		t.Fatalf("reopened %d: %v", n, err)
	}
	b = s.As(s.Owner)
	b.Get(certificate).Is(http.StatusOK, "Reopened", "The retired version answered", "batch-7, 12 times", "replaces the one that was issued before").Lacks("Certificate as PDF")
	b.Get(link.RetirementCertificatePDF(slug)).Is(http.StatusNotFound)
	s.RetireTo(t, slug, retirement.Retired, s.Clock)
	s.As(s.Owner).Get(certificate).Is(http.StatusOK, "Certificate 2", "1 caller was seen").Lacks("The retired version answered")
}

func TestWithoutASealThereIsNoCertificate(t *testing.T) {
	t.Parallel()
	s := brought(t, retirement.Cutover)
	b := s.As(s.Owner)
	for _, to := range []string{certificate, link.RetirementCertificatePDF(slug), link.RetirementDossier(slug), link.RetirementCertificate("nothing")} {
		b.Get(to).Is(http.StatusNotFound)
	}
}
