package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sundial/models/registry"
	"sundial/models/store"
)

// migrated is the data folder of an empty portal.
func migrated(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if a := sundial(t, nil, "", "migrate", "up", "--data", dir); a.code != exitDone {
		t.Fatalf("migrate: %+v", a)
	}
	return dir
}

func modelsIn(t *testing.T, dir string) int {
	t.Helper()
	s, err := store.Open(context.Background(), "sqlite:"+filepath.Join(dir, "sundial.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := 0
	if err := s.EachModel(context.Background(), registry.Filter{}, func(registry.Row) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func written(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "systems.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const realInventory = "../../../shared/data/federal-ai-inventory/2024.csv"

func TestImportOfARealInventoryByCommand(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	a := sundial(t, nil, "", "import", "inventory", realInventory, "--mapping", "federal", "--dry-run", "--data", dir)
	for _, says := range []string{"    2133  rows", "     892  reported in operation, not governed yet", "     142  reported retired", "     351  tier 1",
		"      11  warning: retired without a date", "    2133  added", "the columns were guessed. A dry run keeps nothing", "Windows-1252"} {
		if !strings.Contains(a.out, says) {
			t.Errorf("the dry run does not say %q:\n%s", says, a.out)
		}
	}
	if a.code != exitDone || modelsIn(t, dir) != 0 {
		t.Errorf("the dry run ended with %d and left %d models: %s", a.code, modelsIn(t, dir), a.err)
	}
	a = sundial(t, nil, "", "import", "inventory", "--mapping", "federal", "--data", dir, realInventory)
	if a.code != exitDone || !strings.Contains(a.out, "    2133  added") || !strings.Contains(a.out, "It is kept under this name") || modelsIn(t, dir) != 2133 {
		t.Errorf("the import ended with %d and %d models: %s%s", a.code, modelsIn(t, dir), a.out, a.err)
	}
	a = sundial(t, nil, "", "import", "inventory", realInventory, "--mapping", "federal", "--data", dir)
	if a.code != exitDone || !strings.Contains(a.out, "    2133  unchanged") || strings.Contains(a.out, "guessed") || modelsIn(t, dir) != 2133 {
		t.Errorf("the second import ended with %d: %s%s", a.code, a.out, a.err)
	}
	if a = sundial(t, nil, "", "audit", "verify", "--data", dir); a.code != exitDone {
		t.Errorf("the audit trail does not hold: %+v", a)
	}
}

func TestImportEndsWithOneWhenRowsAreRefused(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	path := written(t, "Department,Name,Stage\nRisk,Alpha,Operating\nRisk,,Operating\n")
	for _, extra := range [][]string{{"--dry-run"}, nil} {
		a := sundial(t, nil, "", append([]string{"import", "inventory", path, "--mapping", "m", "--data", dir}, extra...)...)
		if a.code != exitNo || !strings.Contains(a.err, "1 rows") || !strings.Contains(a.out, "refused: no name") {
			t.Errorf("%v ended with %d: %s%s", extra, a.code, a.out, a.err)
		}
	}
	if n := modelsIn(t, dir); n != 1 {
		t.Errorf("%d models, want the good row", n)
	}
}

func TestImportsThatCannotBeDone(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	good := written(t, "Department,Name,Stage\nRisk,Alpha,Operating\n")
	if a := sundial(t, nil, "", "import", "inventory", good, "--mapping", "kept", "--data", dir); a.code != exitDone {
		t.Fatalf("%+v", a)
	}
	tests := map[string]struct {
		args []string
		says string
	}{
		"no file":                   {[]string{"inventory", "--mapping", "m"}, "say: sundial import inventory"},
		"no mapping":                {[]string{"inventory", good}, "which mapping?"},
		"a verb unheard of":         {[]string{"spreadsheet", good, "--mapping", "m"}, "say: sundial import inventory"},
		"a file that is not there":  {[]string{"inventory", "nowhere.csv", "--mapping", "m"}, "no such file"},
		"an empty file":             {[]string{"inventory", written(t, ""), "--mapping", "m"}, "The file is empty"},
		"a workbook":                {[]string{"inventory", written(t, "PK\x03\x04xxxx"), "--mapping", "m"}, "save the sheet as CSV"},
		"titles alone":              {[]string{"inventory", written(t, "Name,Stage\n"), "--mapping", "m"}, "no rows below them"},
		"no column for the name":    {[]string{"inventory", written(t, "Colour,Size\nred,2\n"), "--mapping", "m"}, "Choose the column that holds the name"},
		"columns that went missing": {[]string{"inventory", written(t, "Department,Title\nRisk,Alpha\n"), "--mapping", "kept"}, "names columns that the file does not have"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := sundial(t, nil, "", append(append([]string{"import"}, tt.args...), "--data", dir)...)
			if a.code != exitCouldNot || !strings.Contains(a.err, tt.says) {
				t.Errorf("ended with %d and said %q", a.code, a.err)
			}
		})
	}
}

func TestAnInventoryHasOneNameAcrossMappings(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	first := written(t, "Department,Name,Stage\nRisk,Alpha,Operating\nRisk,Beta,Operating\n")
	second := written(t, "Division;System name;Status\nRisk;Alpha;Operating\n")
	if a := sundial(t, nil, "", "import", "inventory", first, "--mapping", "2024", "--inventory", "Systems", "--data", dir); a.code != exitDone {
		t.Fatalf("%+v", a)
	}
	a := sundial(t, nil, "", "import", "inventory", second, "--mapping", "2025", "--inventory", "systems", "--data", dir)
	if a.code != exitDone || !strings.Contains(a.out, "       1  vanished") || !strings.Contains(a.out, "       0  added") {
		t.Errorf("the second file should be compared with the first: %s%s", a.out, a.err)
	}
}
