package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sundial/models/store"
)

var backupCommand = command{
	name: "backup", args: "FILE  [--database URL | --data DIR]", summary: "copy a SQLite database, also while it is served",
	example: "sundial backup ./sundial-2027-01-31.db --data ./demo-data",
}

var restoreCommand = command{
	name: "restore", args: "FILE  [--database URL | --data DIR]", summary: "put a backup in place of a SQLite database that is not served",
	example: "sundial restore ./sundial-2027-01-31.db --data ./demo-data",
}

func init() { backupCommand.run, restoreCommand.run = runBackup, runRestore }

func runBackup(ctx context.Context, e env) error {
	var d database
	set := backupCommand.flags(e)
	d.register(set, e.getenv)
	file, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if file == "" {
		return errors.New("name the file to write")
	}
	s, err := d.open(ctx, e.getenv)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Backup(ctx, file); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "backup written to %s\n", file)
	return nil
}

func runRestore(ctx context.Context, e env) error {
	var d database
	set := restoreCommand.flags(e)
	force := set.Bool("replace", false, "replace a database that exists; it is kept beside with .replaced behind its name")
	d.register(set, e.getenv)
	file, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	if file == "" {
		return errors.New("name the backup to restore")
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	url, err := d.resolve()
	if err != nil {
		return err
	}
	n, err := store.Restore(ctx, file, url, *force)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "restored; %d audit events, every link holds\n", n)
	return nil
}
