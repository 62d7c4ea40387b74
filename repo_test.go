// Package sundial_test holds what is true of the source as a whole: who may import whom, that
// packages introduce themselves, that nothing is left undone or skipped. What the code does is
// tested beside it.
package sundial_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A package introduces itself: what it owns, and what it leaves to others.
func TestEveryPackageIntroducesItself(t *testing.T) {
	t.Parallel()
	docs := map[string]string{}
	names := map[string]string{}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_templ.go") {
			continue // templ's version would stand before the introduction
		}
		parsed := parse(t, token.NewFileSet(), file, parser.PackageClauseOnly|parser.ParseComments)
		dir := path.Dir(file)
		if name := parsed.Name.Name; names[dir] == "" || !strings.HasSuffix(name, "_test") {
			names[dir] = name
		}
		docs[dir] += parsed.Doc.Text()
	}
	for _, dir := range slices.Sorted(maps.Keys(names)) {
		want := "Package " + names[dir] + " "
		if names[dir] == "main" {
			want = "Command " + path.Base(dir) + " "
		}
		text := strings.Join(strings.Fields(docs[dir]), " ")
		if !strings.HasPrefix(text, want) || !strings.Contains(text, ".") || len(text) < 40 {
			t.Errorf("%s opens with %q; want a sentence that begins %q and says what it owns", dir, text, want)
		}
	}
}

// What templ makes is committed: building needs Go alone. That it is current, .ci/run checks.
func TestEveryTemplateIsGenerated(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, file := range all {
		if base, ok := strings.CutSuffix(file, ".templ"); ok && !slices.Contains(all, base+"_templ.go") {
			t.Errorf("%s has no %s_templ.go: run make generate", file, path.Base(base))
		}
		if base, ok := strings.CutSuffix(file, "_templ.go"); ok && !slices.Contains(all, base+".templ") {
			t.Errorf("%s is left over: %s.templ is gone", file, path.Base(base))
		}
	}
}

// A skipped test looks like a passed one. What a test needs, ./test fetches; without it, it fails.
func TestNoTestSkips(t *testing.T) {
	t.Parallel()
	skips := []string{"Skip", "Skipf", "SkipNow"}
	for _, file := range goFiles(t) {
		set := token.NewFileSet()
		ast.Inspect(parse(t, set, file, 0), func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if isIdent(s.X, "t", "b", "f", "tb") && slices.Contains(skips, s.Sel.Name) {
				t.Errorf("%s: a test that cannot run fails and says what is missing", set.Position(s.Pos()))
			}
			return true
		})
	}
}

// The marks are pieced together, or this file would find itself.
var undone = regexp.MustCompile(`\b(` + "TO" + "DO|FIX" + "ME|XX" + `X)\b`)

// What is left undone stands where it is planned, not in a comment nobody reads again.
func TestNothingIsMarkedAsUndone(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		set := token.NewFileSet()
		for _, group := range parse(t, set, file, parser.ParseComments).Comments {
			if undone.MatchString(group.Text()) {
				t.Errorf("%s: %s", set.Position(group.Pos()), strings.TrimSpace(group.Text()))
			}
		}
	}
	written := []string{".templ", ".css", ".js", ".sql", ".md", ".yml", ".yaml", ""}
	for _, file := range files(t) {
		if !slices.Contains(written, path.Ext(file)) || strings.HasPrefix(file, "static/vendor/") {
			continue
		}
		for i, line := range strings.Split(read(t, file), "\n") {
			if undone.MatchString(line) {
				t.Errorf("%s:%d: %s", file, i+1, strings.TrimSpace(line))
			}
		}
	}
}

// Long files are told, not refused: sometimes the file is right. See them with go test -v -run Long .
func TestLongFilesAreTold(t *testing.T) {
	t.Parallel()
	const page = 450
	for _, file := range files(t) {
		ext := path.Ext(file)
		if strings.HasSuffix(file, "_templ.go") || !slices.Contains([]string{".go", ".templ", ".css", ".js"}, ext) || strings.HasPrefix(file, "static/vendor/") {
			continue
		}
		if n := strings.Count(read(t, file), "\n"); n > page {
			t.Logf("%s has %d lines; a page is %d", file, n, page)
		}
	}
}

func goFiles(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(files(t), func(f string) bool { return path.Ext(f) != ".go" })
}

// files lists the module's own files, with / between the steps. It walks instead of asking git,
// which a copy without history could not answer; what .gitignore names is left out by hand.
func files(t *testing.T) []string {
	t.Helper()
	ignored := []string{".git", ".cache", "bin", "zz", "e2e/shots"}
	var found []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if !entry.IsDir() {
			found = append(found, name)
			return nil
		}
		if slices.Contains(ignored, name) || entry.Name() == "testdata" || entry.Name() == "node_modules" || isOtherModule(name) {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func isOtherModule(dir string) bool {
	if dir == "." {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func parse(t *testing.T, set *token.FileSet, file string, mode parser.Mode) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(set, file, nil, mode|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
