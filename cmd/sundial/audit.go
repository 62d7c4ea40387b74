package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"sundial/models/fault"
	"sundial/models/store"
)

var auditCommand = command{
	name: "audit", args: "verify [--certificate FILE] [--database URL | --data DIR]", summary: "walk the audit chain and name the first broken link",
	example: "sundial audit verify --data ./demo-data\n" +
		"sundial audit verify --certificate fraud-scorer-retirement-1.pdf --data ./demo-data",
}

func init() { auditCommand.run = runAudit }

func runAudit(ctx context.Context, e env) error {
	var d database
	set := auditCommand.flags(e)
	d.register(set, e.getenv)
	certificate := set.String("certificate", "", "`FILE` of a retirement certificate or a dossier: also say which event put it on record")
	verb, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if verb != "verify" {
		return errors.New("say: sundial audit verify")
	}
	sha := ""
	if *certificate != "" {
		var err error
		if sha, err = digestOfFile(*certificate); err != nil {
			return fmt.Errorf("--certificate: %w", err)
		}
	}
	s, err := d.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	n, broken, err := s.VerifyAudit(ctx)
	if err != nil {
		return err
	}
	if broken != nil {
		return answeredNo{fmt.Sprintf("broken at event %d: %s", broken.Seq, broken.What)}
	}
	if sha != "" {
		if err := prove(ctx, e.out, s, *certificate, sha); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "%d events, every link holds\n", n)
	return nil
}

// prove says which event put a file on record.
func prove(ctx context.Context, out io.Writer, s *store.Store, file, sha string) error {
	p, err := s.ProofOf(ctx, sha)
	if fault.Is(err, fault.NotFound) {
		return answeredNo{fmt.Sprintf("%s (SHA-256 %s): %s", file, sha, err)}
	}
	if err != nil {
		return err
	}
	what := "the certificate"
	if p.Verb == "retirement.sealed" {
		what = "the sealed dossier"
	}
	fmt.Fprintf(out, "%s is %s of %s: event %d of the trail, hash %s, holds its SHA-256 %s\n", file, what, p.Subject, p.Event.Seq, p.Event.Hash, sha)
	return nil
}

func digestOfFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
