package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sundial/models/registry"
)

var gateCommand = command{
	name: "gate", args: "check MODEL VERSION --to STAGE [--json] [--junit FILE] [--if-unreachable deny|allow]",
	summary: "ask a portal whether a version may go to a stage; for pipelines",
	example: "SUNDIAL_URL=https://sundial.example.org SUNDIAL_TOKEN=... sundial gate check fraud-scorer v7 --to production",
}

func init() { gateCommand.run = runGate }

// gateQuestion is what a pipeline asks.
type gateQuestion struct {
	model, version, to string
	asJSON             bool
	junit              string
	unreachable        string
	timeout            time.Duration
}

// gateAnswer is what the portal says of it.
type gateAnswer struct {
	To        string      `json:"to"`
	Allowed   bool        `json:"allowed"`
	Digest    string      `json:"digest"`
	Checks    []gateCheck `json:"checks"`
	Approvals struct {
		Needed int `json:"needed"`
		Have   int `json:"have"`
	} `json:"approvals"`
}

type gateCheck struct {
	Key        string     `json:"key"`
	Title      string     `json:"title"`
	Outcome    string     `json:"outcome"`
	Why        string     `json:"why"`
	Fact       string     `json:"fact"`
	ObservedAt *time.Time `json:"observed_at,omitempty"`
	FixURL     string     `json:"fix_url"`
}

// green reports whether the check lets a version through: unknown is not pass.
func (c gateCheck) green() bool {
	return c.Outcome == "pass" || c.Outcome == "waived" || c.Outcome == "not_applicable"
}

func runGate(ctx context.Context, e env) error {
	q, err := readGateQuestion(e)
	if err != nil {
		return err
	}
	p, err := portalOf(e.getenv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	var a gateAnswer
	raw, err := p.get(ctx, &a, "models", q.model, "versions", q.version, "gate?to="+q.to)
	if errors.Is(err, errUnreachable) && q.unreachable == "allow" {
		fmt.Fprintf(e.err, "WARNING: %v. Let through unasked, because --if-unreachable allow was given.\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	if q.junit != "" {
		if err := writeJUnit(e.out, q, a); err != nil {
			return err
		}
	}
	if q.junit == "-" && !q.asJSON {
		return a.verdict(q)
	}
	if q.asJSON {
		if _, err := fmt.Fprintln(e.out, strings.TrimSpace(string(raw))); err != nil {
			return err
		}
	} else {
		a.tell(e.out)
	}
	if a.Allowed && !q.asJSON {
		fmt.Fprintf(e.out, "%s %s may go to %s.\n", q.model, q.version, q.to)
	}
	return a.verdict(q)
}

func (a gateAnswer) verdict(q gateQuestion) error {
	if a.Allowed {
		return nil
	}
	return answeredNo{fmt.Sprintf("%s %s may not go to %s: %s.", q.model, q.version, q.to, a.missing())}
}

func readGateQuestion(e env) (gateQuestion, error) {
	var q gateQuestion
	set := gateCommand.flags(e)
	set.StringVar(&q.to, "to", "", "the `stage` to go to: "+stageNames())
	set.BoolVar(&q.asJSON, "json", false, "print the portal's answer as JSON")
	set.StringVar(&q.junit, "junit", "", "write the checks as JUnit XML to this `file` too; - for standard output, and nothing else there")
	set.StringVar(&q.unreachable, "if-unreachable", "deny", "`deny` ends with 2 when the portal cannot be asked, allow ends with 0 and a warning")
	set.DurationVar(&q.timeout, "timeout", 30*time.Second, "how long to try")
	verb, rest := split(e.args)
	words, err := parseAmong(set, rest)
	if err != nil {
		return q, err
	}
	switch {
	case verb != "check" || len(words) != 2:
		return q, errors.New("say: sundial gate check MODEL VERSION --to STAGE")
	case !slices.Contains(registry.Stages, registry.Stage(q.to)):
		return q, fmt.Errorf("to which stage? Give --to with one of %s", stageNames())
	case q.unreachable != "deny" && q.unreachable != "allow":
		return q, errors.New("--if-unreachable is deny or allow")
	case q.timeout <= 0:
		return q, errors.New("--timeout is a time such as 30s")
	}
	q.model, q.version = words[0], words[1]
	return q, nil
}

// parseAmong parses flags that stand before, between and after the words.
func parseAmong(set *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		if set.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, set.Arg(0)), set.Args()[1:]
	}
}

func stageNames() string {
	names := make([]string, 0, len(registry.Stages))
	for _, s := range registry.Stages {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// tell prints what stands in the way, a check on a line.
func (a gateAnswer) tell(out io.Writer) {
	for _, c := range a.Checks {
		if c.green() {
			continue
		}
		fmt.Fprintf(out, "%-8s %s: %s", strings.ToUpper(c.Outcome), c.Title, c.Fact)
		if c.FixURL != "" {
			fmt.Fprintf(out, " Mend it at %s", c.FixURL)
		}
		fmt.Fprintln(out)
	}
	if have, needed := a.Approvals.Have, a.Approvals.Needed; have < needed {
		fmt.Fprintf(out, "%-8s Approvals: %d of %d.\n", "WAITING", have, needed)
	}
}

// missing says in a few words what does.
func (a gateAnswer) missing() string {
	red := 0
	for _, c := range a.Checks {
		if !c.green() {
			red++
		}
	}
	switch have, needed := a.Approvals.Have, a.Approvals.Needed; {
	case red > 0:
		return fmt.Sprintf("%d of %d checks do not pass", red, len(a.Checks))
	case have < needed:
		return fmt.Sprintf("it has %d of %d approvals", have, needed)
	}
	return "the portal does not allow it"
}

func writeJUnit(out io.Writer, q gateQuestion, a gateAnswer) error {
	raw, err := junit(q, a)
	if err != nil {
		return err
	}
	if q.junit == "-" {
		_, err = out.Write(raw)
		return err
	}
	if err := os.WriteFile(q.junit, raw, 0o644); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}
