package main

import (
	"context"
	"fmt"

	"sundial/models/store"
)

var migrateCommand = command{
	name: "migrate", args: "up | status  [--database URL | --data DIR]", summary: "bring the schema up to date, or show where it stands",
	example: "sundial migrate up --database postgres://sundial@db/sundial",
}

func init() { migrateCommand.run = runMigrate }

func runMigrate(ctx context.Context, e env) error {
	var d database
	set := migrateCommand.flags(e)
	d.register(set, e.getenv)
	verb, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	url, err := d.resolve()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer s.Close()
	switch verb {
	case "up":
		n, err := s.Migrate(ctx)
		if err == nil {
			fmt.Fprintf(e.out, "%d steps taken; the schema is up to date\n", n)
		}
		return err
	case "status":
		return migrationStatus(ctx, e, s)
	}
	return fmt.Errorf("say up or status")
}

func migrationStatus(ctx context.Context, e env, s *store.Store) error {
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	pending := 0
	for _, m := range all {
		state := "applied"
		if !m.Applied {
			state = "pending"
			pending++
		}
		fmt.Fprintf(e.out, "%04d  %-8s %s\n", m.Version, state, m.Name)
	}
	if pending > 0 {
		return answeredNo{fmt.Sprintf("%d pending; run: sundial migrate up", pending)}
	}
	return nil
}

// split takes the verb of a command with verbs off its arguments, wherever it stands before the flags.
func split(args []string) (verb string, rest []string) {
	if len(args) == 0 || args[0] == "" || args[0][0] == '-' {
		return "", args
	}
	return args[0], args[1:]
}
