package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sundial/models/connect/outgoing"
	"sundial/models/connect/vendorlist"
	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/store"
	"sundial/models/vendors"
)

// listFlags are those of the commands that take vendor models into the catalogue.
type listFlags struct {
	database
	source, readOn, policy, keyFile, allow string
	dry                                    bool
}

func (l *listFlags) register(set *flag.FlagSet, getenv func(string) string) {
	l.database.register(set, getenv)
	set.StringVar(&l.source, "source", "", "the page, document or address that rows without a `NAME` of their own were read from")
	set.StringVar(&l.readOn, "read-on", "", "the `day` on which it was read; today when not given")
	set.StringVar(&l.policy, "policy", orElse(getenv("SUNDIAL_POLICY"), "standard"), "profile name or policy `FILE` (SUNDIAL_POLICY)")
	set.BoolVar(&l.dry, "dry-run", false, "say what would happen and write nothing")
	set.StringVar(&l.keyFile, "key-file", "", "read: a `FILE` that holds the key of the vendor's API")
	set.StringVar(&l.allow, "outgoing-allow", getenv("SUNDIAL_OUTGOING_ALLOW"), "read: `hosts` and networks that may be called though they are not public (SUNDIAL_OUTGOING_ALLOW)")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// importVendors takes a catalogue file in, as the browser's import does.
func importVendors(ctx context.Context, e env, l *listFlags, path string) error {
	if l.source == "" {
		return errors.New("which source? Give --source NAME: rows without one cite it")
	}
	raw, err := readList(path)
	if err != nil {
		return err
	}
	on, err := l.day()
	if err != nil {
		return err
	}
	lines, bad, err := vendors.ParseCatalogue(raw, l.source, on, today())
	if err != nil {
		return sentence(err)
	}
	return l.apply(ctx, e, store.VendorFile{Name: filepath.Base(path), Source: l.source, Lines: lines, Via: vendors.ByImport}, bad)
}

// readVendors takes a vendor's own list in, from a file or from its API.
func readVendors(ctx context.Context, e env, l *listFlags, name, from string) error {
	list, known := vendors.FindList(name)
	if !known {
		return fmt.Errorf("there is no reader for %q; there are openai, azure and bedrock", name)
	}
	on, err := l.day()
	if err != nil {
		return err
	}
	raw, err := l.fetch(ctx, list, from)
	if err != nil {
		return err
	}
	source := l.source
	if source == "" && isAddress(from) {
		source = strings.SplitN(from, "?", 2)[0]
	}
	lines, bad, err := list.Read(raw, source, on)
	if err != nil {
		return sentence(err)
	}
	return l.apply(ctx, e, store.VendorFile{Name: list.Name + " list", Source: orElse(source, list.Source), Lines: lines, Via: vendors.ByList}, bad)
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

func (l *listFlags) fetch(ctx context.Context, list vendors.List, from string) ([]byte, error) {
	if !isAddress(from) {
		return readList(from)
	}
	allowed, err := outgoing.Parse(l.allow)
	if err != nil {
		return nil, err
	}
	key := ""
	if l.keyFile != "" {
		raw, err := os.ReadFile(l.keyFile)
		if err != nil {
			return nil, err
		}
		key = strings.TrimSpace(string(raw))
	}
	return vendorlist.Fetch(ctx, allowed, list, from, key)
}

func readList(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > vendors.MaxSeedBytes {
		return nil, fmt.Errorf("%s is larger than %d MiB; split it", path, vendors.MaxSeedBytes>>20)
	}
	return os.ReadFile(path)
}

func (l *listFlags) day() (day.Day, error) {
	if l.readOn == "" {
		return today(), nil
	}
	on, err := day.Parse(l.readOn)
	if err != nil || on.After(today()) {
		return "", fmt.Errorf("--read-on %s is not a day like 2026-11-20 that has come", l.readOn)
	}
	return on, nil
}

func today() day.Day { return day.Of(time.Now()) }

// apply says what happens and lets it happen, unless it is a rehearsal. Refused rows end with 1.
func (l *listFlags) apply(ctx context.Context, e env, f store.VendorFile, bad []vendors.RowError) error {
	rules, err := readPolicy(l.policy)
	if err != nil {
		return err
	}
	for _, b := range bad {
		fmt.Fprintf(e.err, "line %d %s: %s\n", b.Row, b.Field, b.Sentence)
	}
	s, err := l.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	plan, err := l.run(bySystem(ctx, "vendors"), s, f, rules)
	if err != nil {
		return sentence(err)
	}
	if l.dry {
		fmt.Fprintln(e.out, "Would be, for this was a dry run and nothing was written:")
	}
	for _, effect := range []vendors.Effect{vendors.Adds, vendors.Changes, vendors.Disagrees, vendors.Waits, vendors.Repeats} {
		fmt.Fprintf(e.out, "%8d  %s\n", plan.Counts[effect], effect)
	}
	fmt.Fprintf(e.out, "%8d  refused\n", len(bad))
	if len(bad) > 0 {
		return answeredNo{fmt.Sprintf("%d rows cannot be used; the others are not affected", len(bad))}
	}
	return nil
}

func (l *listFlags) run(ctx context.Context, s *store.Store, f store.VendorFile, rules lifecycle.Policy) (store.VendorPlan, error) {
	if l.dry {
		return s.PreviewVendors(ctx, f, rules)
	}
	return s.ApplyVendors(ctx, f, "", rules)
}
