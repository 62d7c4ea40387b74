package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/retirement"
)

// Print makes the bytes of a certificate. The same certificate gives the same bytes.
type Print func(retirement.Certificate) ([]byte, error)

// IssueCertificates makes the certificates that are due: of retirements that ended and have none yet. It
// says how many. A crash between the end and here loses nothing; the next look makes them.
func (s *Store) IssueCertificates(ctx context.Context, p lifecycle.Policy, organisation string, print Print) (int, error) {
	var ids []int64
	err := s.read.WithContext(ctx).Table("retirements").Where("phase = 'retired' AND kind = 'retirement' AND certificate = ''").
		Order("id").Limit(100).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("due certificates: %w", err)
	}
	n := 0
	for _, id := range ids {
		did, err := s.issue(ctx, id, p, organisation, print)
		if err != nil {
			return n, err
		}
		if did {
			n++
		}
	}
	return n, nil
}

// IssueCertificate makes the certificate of one workflow, if it is due.
func (s *Store) IssueCertificate(ctx context.Context, id int64, p lifecycle.Policy, organisation string, print Print) error {
	_, err := s.issue(WithSource(ctx, Source{Actor: org.System, RequestID: "certificate"}), id, p, organisation, print)
	return err
}

func (s *Store) issue(ctx context.Context, id int64, p lifecycle.Policy, organisation string, print Print) (bool, error) {
	err := s.change(ctx, func(tx *txn) error {
		if err := tx.lockModelOf("retirements", id, "retirement"); err != nil {
			return err
		}
		var row retirementRow
		if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
			return found(err, "retirement")
		}
		m, err := modelByID(tx.DB, row.ModelID)
		if err != nil {
			return err
		}
		view, err := s.retirementView(tx.DB, m, row, p)
		if err != nil {
			return err
		}
		w, c := view.Workflow, view.World
		if w.Kind != retirement.Ending || w.Phase != retirement.Retired || w.Certificate() != "" {
			return errNothingMoved
		}
		paper, err := tx.paper(w, c, organisation)
		if err != nil {
			return err
		}
		raw, err := print(paper)
		if err != nil {
			return fmt.Errorf("print certificate: %w", err)
		}
		sha, err := tx.keepBlob(raw)
		if err != nil {
			return err
		}
		was := before(w, c)
		w.Issue(sha, c)
		return tx.saveRetirement(w, c, was)
	})
	if errors.Is(err, errNothingMoved) {
		return false, nil
	}
	return err == nil, err
}

func (tx *txn) paper(w *retirement.Workflow, c *retirement.World, organisation string) (retirement.Certificate, error) {
	sealed, err := positionOf(tx.DB, w.ID, "retirement.sealed")
	if err != nil {
		return retirement.Certificate{}, err
	}
	team, err := teamByID(tx.DB, c.Model.TeamID)
	if err != nil {
		return retirement.Certificate{}, err
	}
	var d sealedDossier
	if err := tx.sealedServing(&d, w); err != nil {
		return retirement.Certificate{}, err
	}
	if err := tx.sealedPlan(&d, w); err != nil {
		return retirement.Certificate{}, err
	}
	out := w.Paper(c, sealed, w.CreatedAt, team.Name, fmt.Sprint(d.Plan["approved_by"]), organisation)
	if n := len(d.Serving); n > 0 {
		out.ServedFrom = d.Serving[0].Since
	}
	return out, nil
}

// CertificateView is a certificate with what the page beside the file shows.
type CertificateView struct {
	Workflow *retirement.Workflow
	Paper    retirement.Certificate
	SHA256   string // of the newest file, "" while none was made
	Issued   retirement.Position
}

// Certificate reads what the certificate of a model's last retirement says.
func (s *Store) Certificate(ctx context.Context, slug string, p lifecycle.Policy, organisation string) (CertificateView, error) {
	view, err := s.Retirement(ctx, slug, 0, p)
	if err != nil {
		return CertificateView{}, err
	}
	w := view.Workflow
	if w == nil || !w.Closed() {
		return CertificateView{}, fault.New(fault.NotFound, "This model has no retirement certificate yet.")
	}
	tx := &txn{DB: s.read.WithContext(ctx), s: s, ctx: ctx}
	out := CertificateView{Workflow: w, SHA256: w.Certificate()}
	if out.Paper, err = tx.paper(w, view.World, organisation); err != nil {
		return out, err
	}
	out.Paper.Number = max(1, len(w.Issued))
	out.Issued, err = positionOf(tx.DB, w.ID, "retirement.certificate_issued")
	return out, err
}

// Proof is what the audit trail says of a file.
type Proof struct {
	Event   retirement.Position
	Verb    string // retirement.sealed for a dossier, retirement.certificate_issued for a certificate
	Subject string
}

// ProofOf looks a file's SHA-256 up in the trail: the event that put it there, or a NotFound fault. That
// the chain itself holds is VerifyAudit's.
func (s *Store) ProofOf(ctx context.Context, sha string) (Proof, error) {
	if len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "" {
		return Proof{}, fault.New(fault.Invalid, "A SHA-256 has 64 hexadecimal digits.")
	}
	var rows []eventRow
	err := s.read.WithContext(ctx).Where("subject_kind = 'retirement' AND verb IN ('retirement.sealed', 'retirement.certificate_issued')").
		Where("after_json LIKE ?", "%_sha256\":\""+sha+"\"%").Order("seq").Limit(10).Find(&rows).Error
	if err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	for _, r := range rows {
		mine := `"dossier_sha256":"` + sha + `"`
		if r.Verb == "retirement.certificate_issued" {
			mine = `"certificate_sha256":"` + sha + `"`
		}
		if strings.Contains(r.AfterJSON, mine) {
			return Proof{Event: retirement.Position{Seq: r.Seq, Hash: r.Hash}, Verb: r.Verb, Subject: r.SubjectLabel}, nil
		}
	}
	return Proof{}, fault.New(fault.NotFound, "The audit trail knows no such file: it was changed, or it was made elsewhere.")
}
