package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/lifecycle"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/work"
)

var importCommand = command{
	name: "import", args: "inventory FILE --mapping NAME [--inventory NAME] [--dry-run] [--database URL | --data DIR]",
	summary: "bring in a spreadsheet of systems; ends with 1 when rows were refused",
	example: "sundial import inventory systems.csv --mapping systems --dry-run --data ./demo-data",
}

func init() { importCommand.run = runImport }

// inventoryFile is the file of an import with how it is read.
type inventoryFile struct {
	name      string
	raw       []byte
	guess     intake.Guess
	mapping   intake.Mapping
	inventory string
}

func runImport(ctx context.Context, e env) error {
	var d database
	set := importCommand.flags(e)
	d.register(set, e.getenv)
	name := set.String("mapping", "", "the kept `mapping` to read the file with; guessed and kept under this name when there is none")
	inventory := set.String("inventory", "", "the `inventory` to compare with; the mapping's own, or its name, when not given")
	dry := set.Bool("dry-run", false, "say what would happen and write nothing")
	verb, rest := split(e.args)
	path, rest := split(rest)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if path == "" {
		path = set.Arg(0)
	}
	switch {
	case verb != "inventory" || path == "" || set.NArg() > 1:
		return errors.New("say: sundial import inventory FILE --mapping NAME")
	case *name == "":
		return errors.New("which mapping? Give --mapping NAME; with a new name the columns are guessed")
	}
	f, err := readInventory(path)
	if err != nil {
		return err
	}
	s, err := d.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx = bySystem(ctx, "import inventory")
	if err := f.mapped(ctx, e.out, s, *name, *inventory, *dry); err != nil {
		return sentence(err)
	}
	if *dry {
		return rehearse(ctx, e, s, f)
	}
	return importFile(ctx, e, s, f)
}

func readInventory(path string) (*inventoryFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > intake.MaxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d MB; split it", path, intake.MaxFileBytes>>20)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	guess, err := intake.Detect(raw)
	if err != nil {
		return nil, sentence(fmt.Errorf("%s: %w", path, err))
	}
	return &inventoryFile{name: filepath.Base(path), raw: raw, guess: guess}, nil
}

// sentence is a fault as a command says it: everything in one line.
func sentence(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	words := []string{f.Sentence}
	for _, p := range f.Problems {
		words = append(words, p.Field+": "+p.Sentence)
	}
	return errors.New(strings.Join(words, " "))
}

// mapped finds the kept mapping and fits it to the file, or guesses one.
func (f *inventoryFile) mapped(ctx context.Context, out io.Writer, s *store.Store, name, inventory string, dry bool) error {
	columns, rows, err := intake.Sample(f.raw, f.guess.Format, intake.MaxRows)
	if err != nil {
		return err
	}
	kept, err := s.Mapping(ctx, name)
	switch {
	case fault.Is(err, fault.NotFound):
		f.mapping, _ = intake.GuessMapping(columns, rows)
		f.mapping.Name = name
		kepts := "It is kept under this name."
		if dry {
			kepts = "A dry run keeps nothing."
		}
		fmt.Fprintf(out, "There is no mapping %q: the columns were guessed. %s\n", name, kepts)
	case err != nil:
		return err
	default:
		var moved []intake.Fitting
		f.mapping, moved = kept.Mapping.Fit(columns)
		if err := tellMoved(out, moved, name); err != nil {
			return err
		}
	}
	f.inventory = inventory
	for _, other := range []string{kept.Inventory, name} {
		if f.inventory == "" {
			f.inventory = other
		}
	}
	return nil
}

// tellMoved goes on with titles that are written a little otherwise. A column that is gone is for a
// person to decide about: without it every record would seem to have changed.
func tellMoved(out io.Writer, moved []intake.Fitting, name string) error {
	var gone []string
	for _, m := range moved {
		if m.Found == "" {
			gone = append(gone, fmt.Sprintf("%q", m.Wanted))
			continue
		}
		fmt.Fprintf(out, "The column %q is taken to be %q.\n", m.Found, m.Wanted)
	}
	if len(gone) > 0 {
		return fmt.Errorf("the mapping %q names columns that the file does not have: %s; map the file in the browser, or give another name to have it guessed",
			name, strings.Join(gone, ", "))
	}
	return nil
}

func rehearse(ctx context.Context, e env, s *store.Store, f *inventoryFile) error {
	p, err := s.Rehearse(ctx, f.raw, f.guess.Format, f.mapping, f.inventory)
	if err != nil {
		return sentence(err)
	}
	f.tell(e.out, p)
	fmt.Fprintln(e.out, "\nWould be, for this was a dry run and nothing was written:")
	tellCounts(e.out, intake.Progress{Added: p.Added, Changed: p.Changed, OnlyFacts: p.OnlyFacts, Unchanged: p.Unchanged, Refused: p.Refused, Vanished: p.Vanished})
	return refusals(p.Refused, "would be")
}

func refusals(n int, verb string) error {
	if n == 0 {
		return nil
	}
	return answeredNo{fmt.Sprintf("%d rows %s refused; the others are not affected", n, verb)}
}

// importFile does here and now what the browser leaves to the portal. An import of the same file that was
// stopped goes on.
func importFile(ctx context.Context, e env, s *store.Store, f *inventoryFile) error {
	job, err := f.start(ctx, e.out, s)
	if err != nil {
		return sentence(err)
	}
	f.tell(e.out, job.Preview)
	rules, _ := lifecycle.Profile("standard")
	bar := progressBar(e.err)
	job, err = work.New(s, rules, slog.New(slog.DiscardHandler)).Import(ctx, job.ID, bar.draw)
	bar.end()
	p := job.Progress
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("stopped after %d of %d rows; the same command goes on, and so does a portal on this database", p.RowsDone, p.RowsTotal)
	case err != nil:
		return err
	case p.State != intake.JobDone:
		return fmt.Errorf("the import %s after %d rows: %s", p.State, p.RowsDone, p.Message)
	}
	fmt.Fprintf(e.out, "\nImport %d is done:\n", job.ID)
	tellCounts(e.out, p)
	return refusals(p.Refused, "were")
}

func (f *inventoryFile) start(ctx context.Context, out io.Writer, s *store.Store) (intake.Job, error) {
	sum := sha256.Sum256(f.raw)
	if id, err := s.RunningImport(ctx, f.inventory); err == nil {
		job, err := s.Import(ctx, id)
		if err == nil && job.FileSHA256 == hex.EncodeToString(sum[:]) {
			fmt.Fprintf(out, "Import %d of this file was begun and goes on at row %d.\n", id, job.Progress.RowsDone)
			return job, nil
		}
	}
	job, err := s.AddImport(ctx, f.name, f.raw, f.guess.Format)
	if err != nil {
		return job, err
	}
	if job, err = s.MapImport(ctx, job.ID, 0, f.mapping, f.inventory); err != nil {
		return job, err
	}
	return s.StartImport(ctx, job.ID, 0)
}

// tell says what is in the file.
func (f *inventoryFile) tell(out io.Writer, p intake.Preview) {
	fmt.Fprintf(out, "%s: %s, %s; inventory %q, mapping %q\n", f.name, f.guess.Encoding.Title(), f.guess.Delimiter.Title(), f.inventory, f.mapping.Name)
	line := func(n int, what string) { fmt.Fprintf(out, "%8d  %s\n", n, what) }
	line(p.Rows, "rows")
	line(p.Known, "records of this inventory before")
	fmt.Fprintln(out, "\nReported stage:")
	for _, r := range []intake.Reported{intake.Operating, intake.Developing, intake.Planned, intake.Retired, intake.NotStated} {
		line(p.Stages[r], strings.ToLower(r.Title()))
	}
	fmt.Fprintln(out, "\nRisk tier:")
	for _, t := range []registry.Tier{1, 2, 3} {
		line(p.Tiers[t], fmt.Sprintf("tier %d", t))
	}
	line(p.Tiers[0], "open")
	fmt.Fprintln(out, "\nKind:")
	for _, k := range []registry.Kind{registry.Trained, registry.GenAI} {
		line(p.Kinds[k], k.Title())
	}
	fmt.Fprintln(out, "\nNew departments and teams:")
	line(len(p.NewPlaces.Departments), "departments")
	line(p.NewPlaces.TeamCount, "teams")
	if len(p.Groups) > 0 {
		fmt.Fprintf(out, "\nRefusals and warnings (%d rows with warnings):\n", p.Warned)
		for _, g := range p.Groups {
			line(g.Count, fmt.Sprintf("%s: %s", g.Severity, strings.ToLower(g.Rule.Title())))
		}
	}
}

func tellCounts(out io.Writer, p intake.Progress) {
	for _, x := range []struct {
		n    int
		what string
	}{
		{p.Added, "added"}, {p.Changed, "changed"}, {p.OnlyFacts, "of them only in the source's own columns"}, {p.Kept, "of them kept what a person entered"},
		{p.Unchanged, "unchanged"}, {p.Vanished, "vanished"}, {p.Refused, "refused"},
	} {
		fmt.Fprintf(out, "%8d  %s\n", x.n, x.what)
	}
}

// bar draws how far an import is, on a terminal only.
type bar struct {
	out   io.Writer
	drawn bool
}

func progressBar(out io.Writer) *bar {
	f, ok := out.(*os.File)
	if !ok {
		return &bar{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{out: out}
}

const barWidth = 40

func (b *bar) draw(p intake.Progress) {
	if b.out == nil {
		return
	}
	b.drawn = true
	full := barWidth * p.Percent() / 100
	fmt.Fprintf(b.out, "\r[%s%s] %3d %%  %d of %d rows", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.Percent(), p.RowsDone, p.RowsTotal)
}

func (b *bar) end() {
	if b.drawn {
		fmt.Fprintln(b.out)
	}
}
