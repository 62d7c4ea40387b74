// Command sundial is the one binary: the portal, its demo, and the commands that work on its database.
// It owns flags, environment and exit codes, one file per command; what they do belongs to the
// packages they call.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// version is set by the release build with -ldflags "-X main.version=...".
var version = "dev"

// The exit codes, the same for every command.
const (
	exitDone     = 0
	exitNo       = 1 // the question was answered, and the answer is no
	exitCouldNot = 2
)

// answeredNo ends a command with exit code 1: it did its work, and the answer is no.
type answeredNo struct{ why string }

func (a answeredNo) Error() string { return a.why }

// command is one thing the binary does.
type command struct {
	name, args, summary, example string
	run                          func(context.Context, env) error
}

// env is what a command may look at: nothing else of the process.
type env struct {
	args   []string
	getenv func(string) string
	all    func() []string // every NAME=VALUE, to find variables nobody knows
	in     io.Reader
	out    io.Writer
	err    io.Writer
}

func commands() []command {
	return []command{demoCommand, serveCommand, migrateCommand, importCommand, vendorsCommand, gateCommand, promptCommand, policyCommand, tokenCommand, auditCommand, backupCommand, restoreCommand, versionCommand}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, env{args: os.Args[1:], getenv: os.Getenv, all: os.Environ, in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run finds the command, runs it and turns its error into a sentence and an exit code.
func run(ctx context.Context, e env) int {
	if len(e.args) == 0 || e.args[0] == "help" || e.args[0] == "--help" || e.args[0] == "-h" {
		usage(e.out)
		return exitDone
	}
	for _, c := range commands() {
		if c.name != e.args[0] {
			continue
		}
		e.args = e.args[1:]
		return report(e, c, c.run(ctx, e))
	}
	fmt.Fprintf(e.err, "sundial: there is no command %q. See: sundial help\n", e.args[0])
	return exitCouldNot
}

func report(e env, c command, err error) int {
	var no answeredNo
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.As(err, &no):
		fmt.Fprintln(e.err, no.why)
		return exitNo
	}
	fmt.Fprintf(e.err, "sundial %s: %v\n", c.name, err)
	return exitCouldNot
}

func usage(out io.Writer) {
	fmt.Fprintln(out, "Sundial governs models from first experiment to honourable retirement.")
	fmt.Fprintln(out, "\nUsage: sundial COMMAND [ARGUMENTS]")
	fmt.Fprintln(out)
	for _, c := range commands() {
		fmt.Fprintf(out, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(out, "\nEvery command has --help with an example. Exit codes: 0 done, 1 the answer is no, 2 could not.")
}

// flags makes a flag set whose --help shows the command's arguments and an example.
func (c command) flags(e env) *flag.FlagSet {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(e.err)
	set.Usage = func() {
		fmt.Fprintf(e.err, "sundial %s: %s\n\nUsage: sundial %s %s\n\n", c.name, c.summary, c.name, c.args)
		set.PrintDefaults()
		fmt.Fprintf(e.err, "\nExample:\n  %s\n", strings.ReplaceAll(c.example, "\n", "\n  "))
	}
	return set
}

var versionCommand = command{
	name: "version", summary: "print the version", example: "sundial version",
	run: func(_ context.Context, e env) error {
		_, err := fmt.Fprintln(e.out, "sundial", version)
		return err
	},
}
