package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	goal    string // P1
	what    string
	want    string // ">= 75 %"
	figure  string // "82 %"
	reached verdict
	raw     string // the numbers the figure was made from
}

type verdict string

const (
	yes  verdict = "yes"
	no   verdict = "NO"
	none verdict = "-" // told, not judged
)

func judged(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

func atMost(goal, what string, figure, limit float64, raw string) row {
	return row{goal, what, fmt.Sprintf("<= %.2f x", limit), fmt.Sprintf("%.2f x", figure), judged(figure <= limit), raw}
}

func atLeast(goal, what string, figure, limit float64, raw string) row {
	return row{goal, what, fmt.Sprintf(">= %.0f %%", 100*limit), fmt.Sprintf("%.0f %%", 100*figure), judged(figure >= limit), raw}
}

func print(out io.Writer, o options, rows []row, took time.Duration) error {
	fmt.Fprintf(out, "%d models, medians of %d rounds, %d cores, %s, %.0f s in all. Ratios are of one run, variants by turns.\n\n",
		o.models, o.rounds, runtime.GOMAXPROCS(0), runtime.Version(), took.Seconds())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "goal\twhat\twanted\tmeasured\treached\traw")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.goal, r.what, r.want, r.figure, r.reached, r.raw)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nNot here: P3 compares with another product that has to be installed beside it.")
	return err
}
