package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Backup writes a consistent copy of a SQLite database to a new file, while others go on writing.
func (s *Store) Backup(ctx context.Context, file string) error {
	if s.dialect != sqliteDialect {
		return errors.New("PostgreSQL is backed up by its own tools: pg_dump")
	}
	if fileExists(file) {
		return fmt.Errorf("%s exists already; a backup never overwrites", file)
	}
	if err := s.write.WithContext(ctx).Exec("VACUUM INTO ?", file).Error; err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return os.Chmod(file, 0o600)
}

// Restore puts a backup in the place of a SQLite database that nobody serves, after reading it whole:
// it must open, hold its foreign keys and its audit links. It returns the number of audit events.
func Restore(ctx context.Context, file, url string, replace bool) (int64, error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return 0, errors.New("PostgreSQL is restored by its own tools: pg_restore")
	}
	release, err := lockFile(path+".lock", false)
	if err != nil {
		return 0, fmt.Errorf("stop the Sundial that serves %s first: %w", path, err)
	}
	defer release()
	if fileExists(path) && !replace {
		return 0, fmt.Errorf("%s exists already; say --replace to replace it", path)
	}
	fresh := path + ".restoring"
	_ = os.Remove(fresh)
	n, err := copyChecked(ctx, file, fresh)
	if err != nil {
		_ = os.Remove(fresh)
		return n, err
	}
	if fileExists(path) {
		if err := os.Rename(path, path+".replaced"); err != nil {
			return n, err
		}
	}
	for _, tail := range []string{"-wal", "-shm"} {
		_ = os.Remove(path + tail)
	}
	return n, os.Rename(fresh, path)
}

func copyChecked(ctx context.Context, file, to string) (int64, error) {
	from, err := Open(ctx, "sqlite:"+file)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	db, err := from.read.DB()
	if err != nil {
		return 0, err
	}
	if err := foreignKeysHold(ctx, db); err != nil {
		return 0, err
	}
	n, broken, err := from.verifyLinks(ctx)
	if err != nil {
		return n, fmt.Errorf("%s is not a backup of Sundial: %w", file, err)
	}
	if broken != nil {
		return n, fmt.Errorf("the backup's audit chain is broken at event %d: %s", broken.Seq, broken.What)
	}
	return n, from.Backup(ctx, to)
}
