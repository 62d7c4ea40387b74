package store

import (
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
)

// The dialect of gorm would open a cgo driver by itself; ours must be the one in Go.
func TestSQLiteIsTheOneInGoAndNewEnough(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "new.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, g := range map[string]interface{ Name() string }{"write": s.write.Dialector, "read": s.read.Dialector} {
		if g.Name() != "sqlite" {
			t.Errorf("%s speaks %s", name, g.Name())
		}
	}
	db, err := s.write.DB()
	if err != nil {
		t.Fatal(err)
	}
	if _, ours := db.Driver().(*sqlite.Driver); !ours {
		t.Errorf("the driver is %T", db.Driver())
	}
	for version, new := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.54.1": true, "4.0.0": true, "3.41.2": false, "": false} {
		if atLeast(version, oldestSQLite) != new {
			t.Errorf("SQLite %q: new enough should be %t", version, new)
		}
	}
}

func TestTheReadingPoolCannotWrite(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "new.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.read.Exec("DELETE FROM models").Error; err == nil {
		t.Error("a reader deleted")
	}
}

func TestOneProcessServesAFile(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "one.db")
	first, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := first.Hold(); err != nil {
		t.Fatal(err)
	}
	if err := second.Hold(); err == nil {
		t.Error("two processes hold one file")
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(encodeCursor("name", 7, false))
	f.Add(encodeCursor(int64(1700000000000), 7, true))
	f.Add("")
	f.Add("eyJrIjpudWxsLCJpIjoxfQ")
	f.Fuzz(func(t *testing.T, s string) {
		key, id, back, err := decodeCursor[int64](s)
		if err == nil {
			again, id2, back2, err := decodeCursor[int64](encodeCursor(key, id, back))
			if err != nil || again != key || id2 != id || back2 != back {
				t.Errorf("%q does not survive", s)
			}
		}
		if name, id, back, err := decodeCursor[string](s); err == nil {
			if again, _, _, err := decodeCursor[string](encodeCursor(name, id, back)); err != nil || again != name {
				t.Errorf("%q does not survive", s)
			}
		}
	})
}
