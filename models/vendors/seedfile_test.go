package vendors

import (
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"
)

const seedPath = "../../../shared/data/vendor-model-ids/ids.csv"

type example struct{ provider, id, class string }

func readExamples(t *testing.T) []example {
	t.Helper()
	f, err := os.Open(seedPath)
	if err != nil {
		t.Fatalf("the table of vendor ids must be beside the module: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	for _, row := range rows[1:] {
		list = append(list, example{row[0], row[1], row[2]})
	}
	return list
}

// Every row of the table must be right. The rows are counted in two halves as well, by a hash of
// the id: rules written while looking at one half must hold on the other.
func TestEveryIDOfTheTable(t *testing.T) {
	table, halves := confusion{}, [2]struct{ right, all int }{}
	for _, x := range readExamples(t) {
		v := Classify(x.provider, x.id)
		table.count(x.class, v.Class.String())
		h := fnv.New32a()
		h.Write([]byte(x.provider + x.id))
		half := &halves[h.Sum32()%2]
		half.all++
		if v.Class.String() == x.class {
			half.right++
		} else {
			t.Errorf("%s %s: %s (%s), want %s", x.provider, x.id, v.Class, v.Reason, x.class)
		}
		if !strings.HasSuffix(v.Reason, ".") {
			t.Errorf("%s %s: the reason is no sentence: %q", x.provider, x.id, v.Reason)
		}
	}
	t.Logf("confusion, rows are the table's classes:\n%s", table)
	t.Logf("by half: %d of %d, %d of %d", halves[0].right, halves[0].all, halves[1].right, halves[1].all)
}

// confusion counts expected against found.
type confusion map[[2]string]int

func (c confusion) count(want, got string) { c[[2]string{want, got}]++ }

func (c confusion) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-17s", "")
	for _, got := range Classes() {
		fmt.Fprintf(&b, "%17s", got)
	}
	for _, want := range Classes() {
		fmt.Fprintf(&b, "\n%-17s", want)
		for _, got := range Classes() {
			fmt.Fprintf(&b, "%17d", c[[2]string{string(want), string(got)}])
		}
	}
	return b.String()
}

func TestParseSeedReadsTheTable(t *testing.T) {
	data, err := os.ReadFile(seedPath)
	if err != nil {
		t.Fatal(err)
	}
	entries, problems, err := ParseSeed(data, "2026-11-20")
	if err != nil || len(problems) > 0 {
		t.Fatalf("error %v, row errors %v", err, problems)
	}
	if want := len(readExamples(t)); len(entries) != want {
		t.Fatalf("%d entries, want %d", len(entries), want)
	}
	byID := map[string]Entry{}
	for _, e := range entries {
		byID[e.ModelID] = e
	}
	opus := byID["claude-opus-4-5-20251101"]
	if opus.EndOfLife != "2026-11-24" || opus.Note != "The date is the source's deprecation_date." || opus.Source != "braintrust list" || opus.ReadOn != "2026-11-20" || opus.Host != Anthropic {
		t.Errorf("a date with a remark: %+v", opus)
	}
	if e := byID["mistral-large-2402"]; e.EndOfLife != "2025-06-01" || !strings.Contains(e.Note, "only the month") {
		t.Errorf("a month without a day: %+v", e)
	}
	if e := byID["gpt-5-mini-2025-08-07"]; e.Source != "developers.openai.com/api/docs/deprecations" {
		t.Errorf("source \"same\" is the one above: %+v", e)
	}
}
