package sundial_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The ladder: imports go down only. A package that is not in the table fails its first test run,
// so that somebody decides where it stands. ARCHITECTURE.md says why each rung is where it is.

// rung is one line of the table. In pkg and ours, * is one step of a path and a trailing /... any
// number of them; the first line that fits a package holds for it.
type rung struct {
	level   int
	pkg     string
	below   int    // all of ours up to this level, -1 for none
	ours    string // more of ours; {subject} is the second step of the importing package's path
	outside string // modules, besides the standard library
}

const (
	gorm   = "gorm.io/gorm gorm.io/driver/sqlite gorm.io/driver/postgres modernc.org/sqlite github.com/jackc/pgx/v5"
	echo   = "github.com/labstack/echo/v4"
	templ  = "github.com/a-h/templ"
	goidc  = "github.com/coreos/go-oidc/v3 golang.org/x/oauth2 github.com/go-jose/go-jose/v4"
	kit    = "components/ui components/layout components/link"
	driver = "modernc.org/sqlite github.com/jackc/pgx/v5"

	anything = 100 // of ours
	support  = 99  // the level of packages that only tests may import
)

var ladder = []rung{
	{level: 0, pkg: "models", below: -1}, // the glossary, no code
	{level: 0, pkg: "models/fault", below: -1},
	{level: 0, pkg: "models/day", below: -1},

	{level: 1, pkg: "models/org", below: 0},
	{level: 1, pkg: "models/audit", below: 0},

	{level: 2, pkg: "models/vendors", below: 1},
	// A prompt's hash is taken of its normal form, of which Unicode's is a part.
	{level: 2, pkg: "models/registry", below: 1, ours: "models/vendors", outside: "golang.org/x/text"},

	{level: 3, pkg: "models/evidence", below: 2},
	{level: 3, pkg: "models/confirmation", below: 2},
	{level: 3, pkg: "models/telemetry", below: 2},
	{level: 3, pkg: "models/retirement", below: 2},

	// A gate looks at everything a version rests on.
	{level: 4, pkg: "models/lifecycle", below: 3, outside: "gopkg.in/yaml.v3"},
	// What is printed is bytes like any digest is: the same each time, and without input or output.
	{level: 4, pkg: "models/retirement/paper", below: 3, outside: "codeberg.org/go-pdf/fpdf golang.org/x/image golang.org/x/text"},
	{level: 4, pkg: "models/retirement/sample", below: 3}, // plans to show and to test with

	{level: 5, pkg: "models/scorecard", below: 4},
	{level: 5, pkg: "models/flow", below: 4},
	{level: 5, pkg: "models/notice", below: 4},
	{level: 5, pkg: "models/intake", below: 4, outside: "golang.org/x/text"},

	{level: 6, pkg: "models/store", below: 5, ours: "models/store/migrate", outside: gorm},
	{level: 6, pkg: "models/store/migrate", below: -1, outside: driver + " github.com/pressly/goose/v3"},
	{level: 6, pkg: "models/connect/mail", below: 5, outside: "github.com/wneessen/go-mail"},
	// Whoever is called at an address that somebody typed in is called through outgoing.
	{level: 6, pkg: "models/connect/outgoing", below: -1},
	{level: 6, pkg: "models/connect/*", below: 5, ours: "models/connect/outgoing"},
	{level: 6, pkg: "static", below: -1},

	// Letters are drawn where they are sent; no page draws them.
	{level: 7, pkg: "components/mail", below: 5, outside: templ},
	{level: 7, pkg: "models/work", below: 5, ours: "models/store models/connect/* components/mail"},
	{level: 7, pkg: "auth/demoidp", below: 0, ours: "models/org static", outside: templ + " github.com/zitadel/oidc/v3 github.com/go-jose/go-jose/v4"},
	{level: 7, pkg: "auth/...", below: 0, ours: "models/store models/org auth/...", outside: echo + " " + goidc},
	{level: 7, pkg: "components/layout", below: 5, ours: kit + " static", outside: templ},
	{level: 7, pkg: "components/*", below: 5, ours: kit, outside: templ},

	// A list's CSV makes cells harmless by the rule that reads them, so that both agree.
	{level: 8, pkg: "web/respond", below: 0, ours: "components/layout models/intake", outside: echo + " " + templ},
	{level: 8, pkg: "web/form", below: 0, ours: "components/layout", outside: echo + " " + templ + " github.com/go-playground/form/v4 golang.org/x/text"},

	{level: 9, pkg: "web/api", below: 5, ours: "models/store auth/... components/api components/link web/respond web/form", outside: echo + " github.com/danielgtaylor/huma/v2"},
	{level: support, pkg: "web/webtest", below: anything, outside: "golang.org/x/net github.com/google/go-cmp " + echo},
	// The calendar of how models end is written by the library that others read calendars with.
	{level: 9, pkg: "web/retirement", below: 5, ours: "models/store auth/... components/{subject} web/respond web/form " + kit, outside: echo + " github.com/arran4/golang-ical"},
	// A handler fills the kit's shapes and redirects to the kit's links; of the subjects it draws its own alone.
	{level: 9, pkg: "web/*", below: 5, ours: "models/store auth/... components/{subject} web/respond web/form " + kit, outside: echo},

	{level: 10, pkg: "web", below: 9, outside: echo + " github.com/prometheus/client_golang"},

	// What perfcheck measures against is written without the portal's own layers.
	{level: 11, pkg: "cmd/perfcheck", below: 10, outside: echo + " " + templ + " " + driver},
	{level: 11, pkg: "cmd/gallery", below: 10, outside: templ},
	{level: 10, pkg: "cmd/sundial/demodata", below: 5, ours: "models/store auth auth/demoidp"},
	{level: 11, pkg: "cmd/sundial", below: 10, ours: "cmd/sundial/demodata"},
	{level: 11, pkg: "cmd/*", below: 10},

	{level: support, pkg: "models/store/storetest", below: anything, outside: gorm + " github.com/google/go-cmp"},
	{level: support, pkg: "models/connect/mail/mailtest", below: -1, outside: "github.com/emersion/go-smtp github.com/emersion/go-sasl"},
	{level: support, pkg: "models/store/pgtest", below: -1, outside: "github.com/jackc/pgx/v5"},
	{level: support, pkg: "e2e/...", below: anything, outside: goidc + " github.com/playwright-community/playwright-go " + echo},
}

// Rules are rungs 0 to 5. They take time and values as arguments.
const lastRule = 5

var forbiddenInRules = []string{
	"context", "crypto/rand", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2",
	"net", "net/http", "os", "os/exec", "os/signal",
}

var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTicker", "NewTimer", "Local"}

const module = "sundial"

func TestImportsGoDownTheLadder(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		from := path.Dir(file)
		if _, known := rungOf(from); !known {
			t.Errorf("%s: package %s is not in the table. Decide in ladder_test.go on which rung it stands.", file, from)
			continue
		}
		set := token.NewFileSet()
		for _, spec := range parse(t, set, file, parser.ImportsOnly).Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if refusal := refuse(from, imported); refusal != "" {
				t.Errorf("%s:%d: %s", file, set.Position(spec.Pos()).Line, refusal)
			}
		}
	}
}

// Time comes in as an argument, else neither a rule nor a page can be tested at a date.
func TestRulesAndPagesHaveNoClock(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		r, _ := rungOf(path.Dir(file))
		page := strings.HasPrefix(file, "components/")
		if strings.HasSuffix(file, "_test.go") || r.level > lastRule && !page {
			continue
		}
		set := token.NewFileSet()
		ast.Inspect(parse(t, set, file, 0), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && isIdent(s.X, "time") && slices.Contains(clock, s.Sel.Name) {
				t.Errorf("%s: time.%s: take the time as an argument", set.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}

func TestTheLadderRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, imports string
		allowed       bool
	}{
		{"models/fault", "sundial/models/day", false},
		{"models/fault", "strings", true},
		{"models/org", "sundial/models/day", true},
		{"models/org", "sundial/models/audit", false},
		{"models/registry", "sundial/models/vendors", true},
		{"models/vendors", "sundial/models/registry", false},
		{"models/retirement", "sundial/models/evidence", false},
		{"models/lifecycle", "sundial/models/retirement", true},
		{"models/lifecycle", "gopkg.in/yaml.v3", true},
		{"models/lifecycle", "context", false},
		{"models/lifecycle", "sundial/models/store", false},
		{"models/scorecard", "gopkg.in/yaml.v3", false},
		{"models/notice", "sundial/models/intake", false},
		{"models/store", "gorm.io/gorm/clause", true},
		{"models/store", "sundial/web", false},
		{"models/store", "sundial/models/connect/mail", false},
		{"models/store", "sundial/models/store/pgtest", false},
		{"models/connect/mail", "sundial/models/store", false},
		{"models/connect/mail", "sundial/models/connect/webhook", false},
		{"models/connect/webhook", "sundial/models/connect/outgoing", true},
		{"models/connect/outgoing", "sundial/models/connect/webhook", false},
		{"models/connect/mlflow", "github.com/wneessen/go-mail", false},
		{"models/work", "sundial/models/store", true},
		{"models/work", "sundial/auth", false},
		{"auth", "sundial/auth/oidc", true},
		{"auth", "sundial/models/lifecycle", false},
		{"components/lifecycle", "sundial/models/lifecycle", true},
		{"components/lifecycle", "sundial/components/registry", false},
		{"components/lifecycle", "sundial/models/store", false},
		{"components/lifecycle", "sundial/auth", false},
		{"web/respond", "sundial/models/store", false},
		{"web/lifecycle", "sundial/components/lifecycle", true},
		{"web/lifecycle", "sundial/components/registry", false},
		{"web/lifecycle", "sundial/web/registry", false},
		{"web/lifecycle", "sundial/models/store", true},
		{"web/lifecycle", "gorm.io/gorm", false},
		{"web", "sundial/web/lifecycle", true},
		{"web", "sundial/web/webtest", false},
		{"web", "sundial/cmd/sundial", false},
		{"cmd/sundial", "sundial/web", true},
		{"cmd/sundial", "sundial/models/work", true},
		{"cmd/sundial", "gorm.io/gorm", false},
		{"cmd/sundial", "sundial/models/unheardof", false},
	}
	for _, tt := range tests {
		if got := refuse(tt.from, tt.imports); (got == "") != tt.allowed {
			t.Errorf("%s importing %s: allowed = %v (%s), want %v", tt.from, tt.imports, got == "", got, tt.allowed)
		}
	}
	for _, unknown := range []string{"models/unheardof", "models/lifecycle/deep", "toolbox"} {
		if r, known := rungOf(unknown); known {
			t.Errorf("%s stands on the rung of %s, want it refused until it is in the table", unknown, r.pkg)
		}
	}
}

// refuse says why this import is against the ladder, or "".
func refuse(from, imported string) string {
	r, _ := rungOf(from)
	own, isOurs := strings.CutPrefix(imported, module+"/")
	switch {
	case isOurs && !r.mayUse(from, own), isOutside(imported) && !r.mayUseModule(imported):
		return fmt.Sprintf("%s may not import %s.\n\tRung %d, %s, may import of ours: %s; from outside: %s.",
			from, imported, r.level, r.pkg, r.oursInWords(from), orNothing(r.outside))
	case r.level <= lastRule && slices.Contains(forbiddenInRules, imported):
		return fmt.Sprintf("%s may not import %s.\n\tRung %d, %s, holds rules: no clock, context, input, output or randomness.",
			from, imported, r.level, r.pkg)
	}
	return ""
}

func rungOf(pkg string) (rung, bool) {
	for _, r := range ladder {
		if matches(r.pkg, pkg) {
			return r, true
		}
	}
	return rung{level: -1, below: -1, pkg: "not in the table"}, false
}

func (r rung) mayUse(from, own string) bool {
	used, known := rungOf(own)
	if !known || used.level == support && r.level != support {
		return false
	}
	if used.level <= r.below {
		return true
	}
	return slices.ContainsFunc(r.named(from), func(pattern string) bool { return matches(pattern, own) })
}

func (r rung) mayUseModule(imported string) bool {
	return slices.ContainsFunc(strings.Fields(r.outside), func(m string) bool { return matches(m+"/...", imported) })
}

func (r rung) named(from string) []string {
	_, subject, _ := strings.Cut(from, "/")
	return strings.Fields(strings.ReplaceAll(r.ours, "{subject}", subject))
}

func (r rung) oursInWords(from string) string {
	words := r.named(from)
	switch {
	case r.below == anything:
		return "everything"
	case r.below >= 0:
		words = append([]string{fmt.Sprintf("rungs 0 to %d", r.below)}, words...)
	}
	return orNothing(strings.Join(words, ", "))
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// isOutside tells modules from the standard library by the dot in a host's name.
func isOutside(imported string) bool {
	host, _, _ := strings.Cut(imported, "/")
	return strings.Contains(host, ".")
}

func matches(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}

func isIdent(e ast.Expr, names ...string) bool {
	id, ok := e.(*ast.Ident)
	return ok && slices.Contains(names, id.Name)
}
