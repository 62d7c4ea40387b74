package telemetry

import (
	"cmp"
	"slices"
	"time"
)

// Key is what counts are added up by.
type Key struct {
	Bucket            int64 // milliseconds of the hour
	Stamp             Stamp
	App               string
	Requested, Served string
}

// Count is the sum of all lines with one key.
type Count struct {
	Key
	N int64
}

// Hour is the bucket as a moment.
func (k Key) Hour() time.Time { return time.UnixMilli(k.Bucket).UTC() }

// Aggregate adds lines up, sorted by key: the same lines give the same counts in the same order.
func Aggregate(lines []Line) []Count {
	at := make(map[Key]int, len(lines)/4)
	var out []Count
	for i := range lines {
		l := &lines[i]
		k := Key{Bucket: l.Bucket.UnixMilli(), Stamp: l.Stamp, App: l.App, Requested: l.Requested, Served: l.Served}
		if j, seen := at[k]; seen {
			out[j].N += l.Count
			continue
		}
		at[k] = len(out)
		out = append(out, Count{k, l.Count})
	}
	slices.SortFunc(out, func(a, b Count) int { return a.Key.compare(b.Key) })
	return out
}

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Stamp.Model, o.Stamp.Model), cmp.Compare(k.Bucket, o.Bucket), cmp.Compare(k.Stamp.Version, o.Stamp.Version),
		cmp.Compare(k.Stamp.Prompt, o.Stamp.Prompt), cmp.Compare(k.App, o.App), cmp.Compare(k.Requested, o.Requested), cmp.Compare(k.Served, o.Served))
}
