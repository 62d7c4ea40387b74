// Package pgtest gives each test a PostgreSQL database of its own and takes it away again.
// It owns finding the server, the template and the names; what stands in the template is its
// caller's affair, and starting a server is ./test's.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Env names the variable with the server's URL; its user must be allowed to create databases.
const Env = "SUNDIAL_TEST_POSTGRES"

// URL returns the URL of a fresh, empty database, dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// Fresh returns the URL of a fresh copy of a database on which prepare ran once in this process,
// dropped when the test ends. Copying takes some hundredths of a second, migrating takes many:
// every call in one test binary therefore has to bring the same prepare.
func Fresh(t testing.TB, prepare func(url string) error) string {
	t.Helper()
	template.once.Do(func() {
		template.err = errors.New("the test that prepared it was stopped") // stays if prepare ends the goroutine
		template.name, template.err = makeTemplate(server(t), prepare)
	})
	if template.err != nil {
		t.Fatalf("the template database could not be prepared: %v", template.err)
	}
	return create(t, template.name)
}

// template is made by whichever test comes first; there is no last one to drop it, see sweep.
var template struct {
	once sync.Once
	name string
	err  error
}

func makeTemplate(admin string, prepare func(url string) error) (string, error) {
	name := newName("template")
	if err := sweep(admin); err != nil {
		return "", err
	}
	if err := run(admin, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	if err := prepare(at(admin, name)); err != nil {
		return "", err
	}
	// Nobody may connect from here on: a single session on a template makes copying it fail.
	return name, run(admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
}

func create(t testing.TB, from string) string {
	t.Helper()
	admin, name := server(t), newName("test")
	if err := run(admin, "CREATE DATABASE "+name+" TEMPLATE "+from); err != nil {
		t.Fatalf("a test database could not be created: %v", err)
	}
	t.Cleanup(func() {
		if err := run(admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("the test database could not be dropped: %v", err)
		}
	})
	return at(admin, name)
}

// server is where databases are made. Without one the test fails: a suite that is quietly half
// as long would prove half as much.
func server(t testing.TB) string {
	t.Helper()
	admin := os.Getenv(Env)
	if admin == "" {
		t.Fatalf("This test needs PostgreSQL and %s is not set. Run ./test store, which starts one, "+
			"or set it to a server's URL, like postgres://user:password@127.0.0.1:5432/postgres.", Env)
	}
	if _, err := url.Parse(admin); err != nil || !strings.HasPrefix(admin, "postgres") {
		t.Fatalf("%s is not a URL like postgres://user:password@127.0.0.1:5432/postgres.", Env)
	}
	return admin
}

// at is the same server's URL with another database.
func at(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		panic(err) // server has parsed it already
	}
	u.Path = "/" + name
	return u.String()
}

var ours = regexp.MustCompile(`^sundial_(?:test|template)_(\d+)_[a-z0-9]+$`)

// newName carries the hour of its making, so that sweep knows what was left behind.
func newName(kind string) string {
	return fmt.Sprintf("sundial_%s_%d_%s", kind, time.Now().Unix(), strings.ToLower(rand.Text()[:12]))
}

// sweep drops templates and databases of runs that ended, or were killed, more than an hour ago:
// a process cannot drop its template itself, because it never learns that its last test is over.
func sweep(admin string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'sundial\_%'`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if !stale(name, time.Now()) {
			continue
		}
		// Another process may sweep at the same moment; IF EXISTS and FORCE leave nothing to quarrel about.
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop what an earlier run left: %w", err)
		}
	}
	return nil
}

func stale(name string, now time.Time) bool {
	m := ours.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	made, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && now.Sub(time.Unix(made, 0)) > time.Hour
}

// run uses a connection of its own: CREATE DATABASE takes no part in transactions, and a shared
// connection would make parallel tests wait for each other.
func run(admin, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
