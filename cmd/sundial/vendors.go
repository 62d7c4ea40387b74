package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"sundial/models/vendors"
)

var vendorsCommand = command{
	name: "vendors", args: "classify PROVIDER ID | classify --csv | import FILE --source NAME | read openai|azure|bedrock FILE|URL",
	summary: "say whether a vendor's model id is pinned, and take vendors' lists into the catalogue",
	example: "sundial vendors classify openai gpt-4o\nsundial vendors classify --csv < ids.csv\n" +
		"sundial vendors import models.csv --source https://vendor.example/deprecations --data ./demo-data --dry-run\n" +
		"sundial vendors read openai https://api.openai.com/v1/models --key-file openai.key --database sqlite:sundial.db\n" +
		"aws bedrock list-foundation-models > models.json && sundial vendors read bedrock models.json --database sqlite:sundial.db",
}

func init() { vendorsCommand.run = runVendors }

func runVendors(ctx context.Context, e env) error {
	var lists listFlags
	set := vendorsCommand.flags(e)
	lists.register(set, e.getenv)
	asCSV := set.Bool("csv", false, "read provider,model_id lines from standard input, write provider,model_id,class,reason")
	verb, rest := split(e.args)
	words, rest := leading(rest)
	if err := set.Parse(rest); err != nil {
		return err
	}
	words = append(words, set.Args()...)
	switch {
	case verb == "import" && len(words) == 1:
		return importVendors(ctx, e, &lists, words[0])
	case verb == "read" && len(words) == 2:
		return readVendors(ctx, e, &lists, words[0], words[1])
	case verb == "import":
		return errors.New("say: sundial vendors import FILE --source NAME")
	case verb == "read":
		return errors.New("say: sundial vendors read openai|azure|bedrock FILE|URL")
	case verb != "classify":
		return errors.New("say: sundial vendors classify PROVIDER ID")
	case *asCSV:
		return classifyCSV(e.in, e.out)
	case len(words) != 2:
		return errors.New("give a provider and a model id, as in: sundial vendors classify openai gpt-4o")
	}
	v := vendors.Classify(words[0], words[1])
	fmt.Fprintf(e.out, "%s: %s\n", v.Class, v.Reason)
	if v.Suggestion != "" {
		fmt.Fprintln(e.out, v.Suggestion)
	}
	return nil
}

// leading takes the words before the first flag off.
func leading(args []string) (words, rest []string) {
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		words, args = append(words, args[0]), args[1:]
	}
	return words, args
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
