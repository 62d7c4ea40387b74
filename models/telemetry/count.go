package telemetry

import "time"

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

// Aggregate adds lines up, in the order in which keys come first: the same lines give the same counts in
// the same order.
func Aggregate(lines []Line) []Count {
	at := make(map[Key]int, len(lines)/4)
	out := make([]Count, 0, len(lines)/4)
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
	return out
}
