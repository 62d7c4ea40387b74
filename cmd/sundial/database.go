package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"sundial/models/org"
	"sundial/models/store"
)

// database is the two flags of every command that works on one.
type database struct{ url, data string }

func (d *database) register(set *flag.FlagSet, getenv func(string) string) {
	set.StringVar(&d.url, "database", getenv("SUNDIAL_DATABASE_URL"), "database `URL`: sqlite:PATH or postgres://... (SUNDIAL_DATABASE_URL)")
	set.StringVar(&d.data, "data", "", "data `DIR` of a demo; the same as --database sqlite:DIR/sundial.db")
}

func (d *database) resolve() (string, error) {
	switch {
	case d.data != "":
		return "sqlite:" + filepath.Join(d.data, "sundial.db"), nil
	case d.url != "":
		return d.url, nil
	}
	return "", errors.New("which database? Give --database URL or --data DIR, or set SUNDIAL_DATABASE_URL")
}

// open opens the database and refuses one whose schema is not this binary's.
func (d *database) open(ctx context.Context, getenv func(string) string) (*store.Store, error) {
	url, err := d.resolve()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	all, err := s.Migrations(ctx)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	for _, m := range all {
		if !m.Applied {
			_ = s.Close()
			return nil, fmt.Errorf("the database lacks migration %d; run: sundial migrate up", m.Version)
		}
	}
	key, err := d.secretKey(getenv)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	s.SetSealKey(sealKey(key))
	return s, nil
}

// secretKey is the instance's key: the demo keeps one in its data folder, a deployment configures it.
func (d *database) secretKey(getenv func(string) string) ([]byte, error) {
	if d.data != "" {
		return demoKey(d.data)
	}
	return secretFromEnv(getenv)
}

// bySystem is a context for what a command does on nobody's behalf but the operator's.
func bySystem(ctx context.Context, command string) context.Context {
	return store.WithSource(ctx, store.Source{Actor: org.System, RequestID: "command:" + command, From: "command line"})
}
