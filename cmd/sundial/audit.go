package main

import (
	"context"
	"errors"
	"fmt"
)

var auditCommand = command{
	name: "audit", args: "verify  [--database URL | --data DIR]", summary: "walk the audit chain and name the first broken link",
	example: "sundial audit verify --data ./demo-data",
}

func init() { auditCommand.run = runAudit }

func runAudit(ctx context.Context, e env) error {
	var d database
	set := auditCommand.flags(e)
	d.register(set, e.getenv)
	verb, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if verb != "verify" {
		return errors.New("say: sundial audit verify")
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
	fmt.Fprintf(e.out, "%d events, every link holds\n", n)
	return nil
}
