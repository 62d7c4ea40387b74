// Command perfcheck measures the portal on a database of the size it is made for and prints one table:
// each performance goal, the figure reached, and whether that is enough.
//
// It owns the data it seeds, the floor that everything is held against (echo, prepared SQL and the same
// templ page in this same binary, on the same file) and how things are measured: ratios within one
// run, variants by turns, medians, servers in processes of their own so that the client's CPU is not
// counted. What is measured belongs to the packages it calls. A goal is one file, goal_*.go.
//
//	go run ./cmd/perfcheck [-models 100000] [-rounds 7] [-only P1,P5] [-data DIR] [-postgres URL]
//
// Machines are shared and noisy: trust the ratios, and of those the ones of CPU.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are what one run is told.
type options struct {
	models   int
	rounds   int
	seconds  float64 // of load in a round
	only     string
	data     string
	postgres string
	profile  string // folder for CPU profiles
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "perfcheck:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	set := flag.NewFlagSet("perfcheck", flag.ContinueOnError)
	set.SetOutput(progress)
	var o options
	set.IntVar(&o.models, "models", 100_000, "models to seed; teams, versions and events follow: 1/200, 3 and 10 for each")
	set.IntVar(&o.rounds, "rounds", 7, "rounds of every measurement; the median counts")
	set.Float64Var(&o.seconds, "seconds", 1.5, "seconds of load in one round")
	set.StringVar(&o.only, "only", "", "goals to measure, as P1,P5; all when empty")
	set.StringVar(&o.data, "data", "", "folder to keep the seeded databases in and to find them again; a temporary one when empty")
	set.StringVar(&o.postgres, "postgres", "", "URL of an empty or earlier seeded PostgreSQL database, to measure P21 too")
	set.StringVar(&o.profile, "profile", "", "folder to write CPU profiles to: of the portal and of this process")
	part := set.String("role", "", "internal: be one of the servers that are measured")
	url := set.String("database", "", "internal: the database of the server")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *part != "" {
		return serveAs(ctx, *part, *url, o.profile, in, out)
	}
	if o.models < 100 || o.rounds < 1 || o.seconds <= 0 {
		return errors.New("give at least 100 models, one round and some seconds")
	}
	if o.data == "" {
		dir, err := os.MkdirTemp("", "sundial-perfcheck-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.data = dir
	}
	return measure(ctx, o, out, progress)
}

// measure seeds what is not there yet, runs the goals that were asked for and prints the table.
func measure(ctx context.Context, o options, out, progress io.Writer) error {
	wanted, err := chosen(o.only)
	if err != nil {
		return err
	}
	if o.profile != "" {
		stop, err := profileTo(filepath.Join(o.profile, "self.cpu"))
		if err != nil {
			return err
		}
		defer stop()
	}
	b := &bench{options: o, progress: progress, began: time.Now()}
	b.sqlite = "sqlite:" + filepath.Join(o.data, fmt.Sprintf("models-%d.db", o.models))
	if err := b.seeded(ctx, b.sqlite, o.models); err != nil {
		return err
	}
	var rows []row
	var errs []error
	for _, g := range wanted {
		b.say("%s: %s", strings.Join(g.names, ", "), g.what)
		got, err := g.measure(ctx, b)
		if err != nil {
			// The others' figures took minutes: they are not lost over one.
			err = fmt.Errorf("%s: %w", strings.Join(g.names, ", "), err)
			errs = append(errs, err)
			b.say("%v", err)
			got = []row{{g.names[0], g.what, "", "-", no, "could not be measured"}}
		}
		rows = append(rows, got...)
	}
	return errors.Join(append(errs, print(out, o, rows, time.Since(b.began)))...)
}

// bench is what the goals of one run share.
type bench struct {
	options
	sqlite   string // URL of the seeded database
	progress io.Writer
	began    time.Time
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "%5.0f s  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// goal is a file of this folder: what it measures and the rows it prints.
type goal struct {
	names   []string
	what    string
	measure func(context.Context, *bench) ([]row, error)
}

// goals is every goal in the order of the table.
func goals() []goal {
	return []goal{listGoal, countGoal, depthGoal, sizeGoal, readsGoal, servingGoal, transitionGoal, countersGoal, decodeGoal, besideGoal, scoresGoal, teamsGoal, searchGoal, answersGoal, startGoal, postgresGoal}
}

func chosen(only string) ([]goal, error) {
	if only == "" {
		return goals(), nil
	}
	want := map[string]bool{}
	for name := range strings.SplitSeq(only, ",") {
		want[strings.ToUpper(strings.TrimSpace(name))] = true
	}
	var out []goal
	for _, g := range goals() {
		hit := false
		for _, name := range g.names {
			hit = hit || want[name]
			delete(want, name)
		}
		if hit {
			out = append(out, g)
		}
	}
	for name := range want {
		return nil, fmt.Errorf("-only: there is no goal %s here", name)
	}
	return out, nil
}
