package pgtest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var prepared atomic.Int32

func prepare(url string) error {
	prepared.Add(1)
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), "CREATE TABLE notes (text text)")
	return err
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestEveryTestHasItsOwnCopy(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"one", "two", "three"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, Fresh(t, prepare))
			var count int
			_, err := conn.Exec(context.Background(), "INSERT INTO notes VALUES ($1)", text)
			if err == nil {
				err = conn.QueryRow(context.Background(), "SELECT count(*) FROM notes").Scan(&count)
			}
			if err != nil || count != 1 {
				t.Errorf("count = %d, error %v; want only this test's own row", count, err)
			}
			if n := prepared.Load(); n != 1 {
				t.Errorf("prepared %d times, want once in this process", n)
			}
		})
	}
}

func TestADatabaseIsGoneAfterItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("a test", func(t *testing.T) { url = URL(t); connect(t, url) })
	if conn, err := pgx.Connect(context.Background(), url); err == nil {
		_ = conn.Close(context.Background())
		t.Errorf("the database is still there after its test")
	}
}

func TestSweepTakesOnlyOldOnesOfOurs(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	tests := map[string]bool{
		"sundial_test_990000_abc234":      true,
		"sundial_template_990000_abc234":  true,
		"sundial_test_999999_abc234":      false,
		"sundial_production_990000_abc23": false,
		"sundial":                         false,
	}
	for name, want := range tests {
		if got := stale(name, now); got != want {
			t.Errorf("stale(%q) = %v, want %v", name, got, want)
		}
	}
}

// A server that is missing must fail the test that asked for it and say what to do.
func TestWithoutAServerItFailsAndSaysSo(t *testing.T) {
	t.Parallel()
	again := exec.Command(os.Args[0], "-test.run=^TestADatabaseIsGoneAfterItsTest$")
	again.Env = append(os.Environ(), Env+"=")
	out, err := again.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Run ./test store") {
		t.Errorf("error %v, output:\n%s\nwant a failure that names ./test store", err, out)
	}
}
