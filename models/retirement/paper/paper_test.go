package paper

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"sundial/models/retirement"
)

func on2026(month time.Month, d int) time.Time {
	return time.Date(2026, month, d, 9, 30, 0, 0, time.UTC)
}

// example is a certificate with everything that one can have.
func example() retirement.Certificate {
	sha := func(s string) string { return strings.Repeat(s, 32) }
	way := []retirement.Phase{retirement.Triggered, retirement.Announced, retirement.DualRun, retirement.Cutover, retirement.Drain,
		retirement.RollbackWindow, retirement.Disabled, retirement.Disposition, retirement.Sealed, retirement.Retired}
	var history []retirement.Passage
	for i, p := range way {
		history = append(history, retirement.Passage{To: p, At: on2026(time.Month(i+1), 3), By: "Mina Okafor"})
	}
	history[9].By = "Sundial"
	return retirement.Certificate{
		Number: 1, Organisation: "https://sundial.example.org", Model: "Fraud scorer", Slug: "fraud-scorer", Team: "Payments", Tier: 1, Version: "v7",
		ServedFrom: on2026(1, 3).AddDate(-2, 0, 0), ServedUntil: on2026(7, 3),
		Cause:      retirement.Cause{Kind: "criterion", Sentence: "Recall fell below 0.82", Evidence: "0.79 over 30 days, from the fraud desk's review", By: "Sundial", At: on2026(1, 3)},
		PlanNumber: 2, PlanDigest: sha("3f"), ApprovedBy: "Rufus Lindqvist", Successor: "fraud-scorer-2@v1", Extended: 1,
		Consumers: []retirement.ConsumerAnswer{
			{Name: "Checkout", Answer: retirement.Accept, By: "Pia Sørensen", ToldAt: on2026(2, 3), AnsweredAt: on2026(2, 5)},
			{Name: "Zahlungsabgleich Köln", Answer: retirement.NeedTime, Until: "2026-03-15", Reason: "Our release train leaves in March", By: "Jörg Weiß", How: "e-mail of 9 February, in the team's mailbox", RecordedBy: 4, Confirmer: "Ines Ferreira", ConfirmedAt: on2026(2, 11), ToldAt: on2026(2, 3), AnsweredAt: on2026(2, 9)},
			{Name: "batch-7", Discovered: true, OverruledBy: "Rufus Lindqvist", Overruled: "The job was switched off", OverruledAt: on2026(2, 20), ToldAt: on2026(2, 3)},
		},
		Attested: []retirement.CertifiedWord{
			{What: "Serving endpoint and its service account", Attestation: retirement.Attestation{Statement: "The endpoint answers 404 and the account is deleted", Artefact: "ticket OPS-4411", By: "Tomasz Nowak", At: on2026(7, 6), Second: "Ines Ferreira", SecondID: 3, SecondAt: on2026(7, 7)}},
		},
		Assets: []retirement.CertifiedAsset{
			{DataAsset: retirement.DataAsset{Kind: "training_data", Name: "Transactions 2019 to 2025", Location: "s3://payments-ml/fraud/training/", PersonalData: true, Decision: retirement.Delete},
				Disposal: retirement.Disposal{HoldAnswer: "Legal knows of no hold", HoldBy: "Ines Ferreira", HoldAt: on2026(8, 4), Certificate: &retirement.DeletionCertificate{
					Method: "Objects and their versions removed", Tool: "storage job 114", Performer: "Tomasz Nowak", PerformedOn: "2026-08-20", Probe: "Listing the bucket with versions", Result: "No object is listed",
					DigestBefore: "sha256:" + sha("9c"), LegalBasis: "Art. 17 GDPR", Exceptions: "The backup of July, which runs out by itself on 31 August",
					FiledBy: "Tomasz Nowak", FiledAt: on2026(8, 21), VerifierID: 3, Verifier: "Ines Ferreira", VerifiedAt: on2026(8, 23), Finding: "Listed again: empty"}}},
			{DataAsset: retirement.DataAsset{Kind: "eval_sets", Name: "Golden evaluation set", Location: "s3://payments-ml/fraud/golden/", Decision: retirement.KeepUntil, KeepUntil: "2033-12-31", LegalBasis: "Records of decisions on payments"},
				Disposal: retirement.Disposal{Keeper: "Records archive", KeptUntil: "2033-12-31", KeptBy: "Tomasz Nowak", KeptAt: on2026(8, 22)}},
		},
		Emergency: &retirement.Emergency{Reason: "A leak of the feature store", By: "Rufus Lindqvist", At: on2026(6, 1), SettledID: 9, Settled: "Ada Brandt", SettledAt: on2026(6, 3), Right: true, Finding: "There was no other way"},
		History:   history, SealedAt: on2026(9, 3), RetiredAt: on2026(10, 3), WatchFrom: on2026(9, 3), Sightings: 2,
		DossierSHA: sha("7b"), Sealed: retirement.Position{Seq: 48113, Hash: sha("a1")},
	}
}

// crowded fills pages with long texts of many tongues.
func crowded() retirement.Certificate {
	c := example()
	c.Model = "Ζωή-модель für Übergrößenträgerwahrscheinlichkeitsschätzung " + strings.Repeat("x", 120)
	long := strings.Repeat("Čtvrtletní přehled, обзор квартала, επισκόπηση 🙂 ✓ → ≥ 日本 עברית. ", 20)
	for i := range 30 {
		a := c.Assets[0]
		cert := *a.Certificate
		cert.Method, a.Certificate = long, &cert
		a.Name = fmt.Sprintf("Asset %d", i)
		c.Assets = append(c.Assets, a)
	}
	return c
}

// Other certificates are printed in between, whose letters must not rub off.
func TestTheSameCertificateGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	other := retirement.Certificate{Model: "ÅÉÎÕÜ ǻ ḗ ὖ", Team: "“é”", RetiredAt: on2026(1, 1)}
	for name, c := range map[string]retirement.Certificate{"usual": example(), "crowded": crowded()} {
		first, err := Print(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range 2 {
			if _, err := Print(other); err != nil {
				t.Fatal(err)
			}
			if again, err := Print(c); err != nil || !bytes.Equal(first, again) {
				t.Fatalf("%s: printed anew it is another file: %v", name, err)
			}
		}
	}
}

var pageObject = regexp.MustCompile(`/Type /Page\b[^s]`)

func TestLongCertificatesGoOnOverPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		c           retirement.Certificate
		least, most int
	}{{example(), 2, 4}, {crowded(), 20, 60}, {retirement.Certificate{Model: "m", RetiredAt: on2026(1, 1)}, 1, 2}} {
		raw, err := Print(tt.c)
		if n := len(pageObject.FindAll(raw, -1)); err != nil || n < tt.least || n > tt.most {
			t.Errorf("%.20s has %d pages: %v", tt.c.Model, n, err)
		}
	}
}

func TestDatesAreTheCertificatesOwn(t *testing.T) {
	t.Parallel()
	raw, err := Print(example())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/CreationDate (D:20261003093000)", "/ModDate (D:20261003093000)", "/FontFile2"} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("the file has no %s", want)
		}
	}
	later := example()
	later.RetiredAt = later.RetiredAt.Add(time.Hour)
	if other, _ := Print(later); bytes.Equal(raw, other) {
		t.Error("another hour gives the same file")
	}
}

// written is every line that a certificate shows, in its order.
func written(t *testing.T, c retirement.Certificate) string {
	t.Helper()
	s, err := compose(c)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(s.said, "\n")
}

func TestThePaperSaysAllThatWasDone(t *testing.T) {
	t.Parallel()
	text := strings.Join(strings.Fields(written(t, example())), " ")
	for _, want := range []string{
		"CERTIFICATE OF RETIREMENT", "Fraud scorer", "version v7 · Payments · tier 1", "It served from 3 January 2024 until 3 July 2026 and serves no more.",
		"Recall fell below 0.82.", "0.79 over 30 days", "Retirement plan 2, approved by Rufus Lindqvist", "fraud-scorer-2@v1", "1 time",
		"Ordered by Rufus Lindqvist on 1 June 2026: A leak of the feature store.", "Ada Brandt found it right",
		"“We will have moved by then”: Pia Sørensen on 5 February 2026.", "Asked for time until 15 March 2026.", "Ines Ferreira confirmed it", "Overruled by Rufus Lindqvist", "nobody had declared them",
		"Attested, not measured", "Attested by Tomasz Nowak on 6 July 2026, confirmed by Ines Ferreira on 7 July 2026.", "ticket OPS-4411",
		"Training data · s3://payments-ml/fraud/training/ · personal data", "On 20 August 2026 by Tomasz Nowak: Objects and their versions removed (storage job 114)",
		"Listing the bucket with versions: No object is listed.", "By Ines Ferreira on 23 August 2026: Listed again: empty.", "The backup of July", "Art. 17 GDPR", "sha256:9c9c",
		"Until 31 December 2033 by Records archive", "Data disposition", "2 callers were seen", strings.Repeat("7b", 32), "Event 48113 of the audit trail", strings.Repeat("a1", 32),
		"sundial audit verify --certificate FILE", "https://sundial.example.org", "Page 1 of ", "Certificate 1 of fraud-scorer",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(text, "cannot draw") {
		t.Error("nothing was left out, and it says so")
	}
}

func TestWhatDidNotHappenIsNotOnThePaper(t *testing.T) {
	t.Parallel()
	c := example()
	c.Emergency, c.Attested, c.Extended, c.Sightings, c.Consumers = nil, nil, 0, 0, nil
	text := written(t, c)
	for _, not := range []string{"Emergency", "Attested", "Extended", "anew", "Checkout"} {
		if strings.Contains(text, not) {
			t.Errorf("it speaks of %q", not)
		}
	}
	if !strings.Contains(text, "Nobody.") {
		t.Error("that nobody depended on it is not said")
	}
}

func TestWhatCannotBeDrawnIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Søren Čapek Ζωή Обзор": "Søren Čapek Ζωή Обзор", "✓ → ≥ €": "✓ → ≥ €", "e\u0301": "é", "a\u200bb\tc": "ab c",
		"日本": "��", "🙂": "�", "שלום": "����",
	} {
		got, whole := printable(text)
		if got != want || whole == strings.Contains(want, "�") {
			t.Errorf("%q became %q (%v), want %q", text, got, whole, want)
		}
	}
	if !strings.Contains(written(t, crowded()), "cannot draw") {
		t.Error("characters were left out, and nothing says so")
	}
}
