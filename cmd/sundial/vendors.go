package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"sundial/models/vendors"
)

var vendorsCommand = command{
	name: "vendors", args: "classify PROVIDER ID | classify --csv", summary: "say whether a vendor's model id is pinned, and why",
	example: "sundial vendors classify openai gpt-4o\nsundial vendors classify --csv < ids.csv",
}

func init() { vendorsCommand.run = runVendors }

func runVendors(_ context.Context, e env) error {
	set := vendorsCommand.flags(e)
	asCSV := set.Bool("csv", false, "read provider,model_id lines from standard input, write provider,model_id,class,reason")
	verb, rest := split(e.args)
	if err := set.Parse(rest); err != nil {
		return err
	}
	switch {
	case verb != "classify":
		return errors.New("say: sundial vendors classify PROVIDER ID")
	case *asCSV:
		return classifyCSV(e.in, e.out)
	case set.NArg() != 2:
		return errors.New("give a provider and a model id, as in: sundial vendors classify openai gpt-4o")
	}
	v := vendors.Classify(set.Arg(0), set.Arg(1))
	fmt.Fprintf(e.out, "%s: %s\n", v.Class, v.Reason)
	if v.Suggestion != "" {
		fmt.Fprintln(e.out, v.Suggestion)
	}
	return nil
}

func classifyCSV(in io.Reader, out io.Writer) error {
	r := csv.NewReader(bufio.NewReader(in))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	w := csv.NewWriter(out)
	for line := 1; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if len(row) < 2 {
			return fmt.Errorf("line %d: needs provider,model_id", line)
		}
		if line == 1 && row[0] == "provider" && row[1] == "model_id" {
			_ = w.Write([]string{"provider", "model_id", "class", "reason"})
			continue
		}
		v := vendors.Classify(row[0], row[1])
		_ = w.Write([]string{row[0], row[1], v.Class.String(), v.Reason})
	}
	w.Flush()
	return w.Error()
}
