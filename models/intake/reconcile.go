package intake

import (
	"maps"
	"slices"
	"strings"
)

// Changes is what a new inventory means for what is known.
type Changes struct {
	Added      []Record
	Changed    []Change
	Unchanged  []Record
	Vanished   []Known    // in operation before, no longer listed, no retirement on record: ask the owners
	Unlisted   []Known    // no longer listed either, but not in operation or already retired: for information
	LikelySame []Likeness // vanished systems that are perhaps listed under another name
}

// Change is a record that is known and differs, field by field.
type Change struct {
	Record Record
	Before Known
	Fields []FieldChange // our fields first, then facts, each in order
}

// FieldChange is one field before and after. Name is a Field, or the source's column for a fact.
type FieldChange struct {
	Name          string
	Fact          bool
	Before, After string
}

// Title is the changed field as people read it.
func (c FieldChange) Title() string {
	if c.Fact {
		return c.Name
	}
	return Field(c.Name).Title()
}

// OnlyFacts reports whether none of our own fields changed: a new layout of the spreadsheet changes
// the facts of every record, which nobody has to look at one by one.
func (c Change) OnlyFacts() bool {
	return !slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return !f.Fact })
}

// Reconcile compares a new inventory with what the last one left. A record is recognised by its identity;
// among equals (same identity but for the order) first by equal content, so that rows that merely
// changed places are unchanged, and then by order. Records in the result carry the identity under which
// they are known.
func Reconcile(previous []Known, now []Record) Changes {
	var c Changes
	groups := map[string][]Known{}
	for _, k := range previous {
		key := identityKey(k.Identity)
		groups[key] = append(groups[key], k)
	}
	equals := map[string][]Record{}
	var keys []string
	for _, r := range now {
		key := identityKey(r.Identity)
		if len(equals[key]) == 0 {
			keys = append(keys, key)
		}
		equals[key] = append(equals[key], r)
	}
	for _, key := range keys {
		c.group(key, groups[key], equals[key])
		delete(groups, key)
	}
	for _, k := range previous {
		if len(groups[identityKey(k.Identity)]) > 0 {
			c.gone(k)
		}
	}
	byRow := func(a, b Record) int { return a.Row - b.Row }
	slices.SortStableFunc(c.Added, byRow)
	slices.SortStableFunc(c.Unchanged, byRow)
	slices.SortStableFunc(c.Changed, func(a, b Change) int { return byRow(a.Record, b.Record) })
	byIdentity := func(a, b Known) int { return strings.Compare(a.Identity, b.Identity) }
	slices.SortStableFunc(c.Vanished, byIdentity)
	slices.SortStableFunc(c.Unlisted, byIdentity)
	c.LikelySame = likelySame(c.Vanished, c.Added)
	return c
}

// group pairs the known and the new records of one key.
func (c *Changes) group(key string, known []Known, now []Record) {
	slices.SortStableFunc(known, func(a, b Known) int { return len(a.Identity) - len(b.Identity) }) // #2 before #10
	byDigest := map[string][]int{}
	for i, k := range known {
		byDigest[k.Digest] = append(byDigest[k.Digest], i)
	}
	used := make([]bool, len(known))
	var rest []Record
	for _, r := range now {
		if same := byDigest[r.Digest]; len(same) > 0 {
			byDigest[r.Digest] = same[1:]
			used[same[0]] = true
			r.Identity = known[same[0]].Identity
			c.Unchanged = append(c.Unchanged, r)
			continue
		}
		rest = append(rest, r)
	}
	taken := map[string]bool{}
	for _, k := range known {
		taken[k.Identity] = true
	}
	for i, k := range known {
		switch {
		case used[i]:
		case len(rest) == 0:
			c.gone(k)
		default:
			r := rest[0]
			rest = rest[1:]
			r.Identity = k.Identity
			c.Changed = append(c.Changed, Change{r, k, diff(k.Fields, r.Fields())})
		}
	}
	for n := 1; len(rest) > 0; n++ {
		if id := numbered(key, n); !taken[id] {
			r := rest[0]
			rest = rest[1:]
			r.Identity = id
			c.Added = append(c.Added, r)
		}
	}
}

func (c *Changes) gone(k Known) {
	if k.Reported == Operating && !k.RetirementOnRecord {
		c.Vanished = append(c.Vanished, k)
		return
	}
	c.Unlisted = append(c.Unlisted, k)
}

// diff compares two records field by field.
func diff(before, after map[string]string) []FieldChange {
	var changes []FieldChange
	note := func(key, name string, fact bool) {
		if before[key] != after[key] {
			changes = append(changes, FieldChange{name, fact, before[key], after[key]})
		}
	}
	for _, f := range Fields {
		note(string(f), string(f), false)
	}
	facts := map[string]bool{}
	for _, m := range []map[string]string{before, after} {
		for key := range m {
			if strings.HasPrefix(key, factPrefix) {
				facts[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		note(key, strings.TrimPrefix(key, factPrefix), true)
	}
	return changes
}
