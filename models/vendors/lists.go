package vendors

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/fault"
)

// List is a vendor's own list of models that Sundial can read.
type List struct {
	Name    string // as a command names it
	Host    Host
	Source  string // what its readings cite, unless somebody names the address
	Example string // the call that gives it
	read    func([]byte) ([]listed, error)
}

// Lists are the vendors' lists with a reader.
func Lists() []List {
	return []List{
		{"openai", OpenAI, "OpenAI, list of models", "GET https://api.openai.com/v1/models", readOpenAI},
		{"azure", AzureOpenAI, "Azure OpenAI, list of models", "GET https://RESOURCE.openai.azure.com/openai/models?api-version=2024-10-21", readAzure},
		{"bedrock", Bedrock, "Amazon Bedrock, list of foundation models", "aws bedrock list-foundation-models", readBedrock},
	}
}

// FindList finds a list by its name.
func FindList(name string) (List, bool) {
	host, _ := ParseHost(name)
	for _, l := range Lists() {
		if l.Name == strings.ToLower(strings.TrimSpace(name)) || l.Host == host {
			return l, true
		}
	}
	return List{}, false
}

// listed is one model as a list gives it.
type listed struct {
	id, successor, note string
	when                any // the end as JSON has it: unix seconds, a day, or a moment
}

// Read reads the list as the vendor's API answers: its ids, their ends, and what the vendor says of their
// state. A list that names no end of a model says that none was announced. It never classifies by
// itself: the class is what the id tells.
func (l List) Read(data []byte, source string, readOn day.Day) ([]Line, []RowError, error) {
	if len(data) > MaxSeedBytes {
		return nil, nil, fault.Newf(fault.TooLarge, "The list has more than %d MiB.", MaxSeedBytes>>20)
	}
	rows, err := l.read(data)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) > MaxSeedRows {
		return nil, nil, fault.Newf(fault.TooLarge, "The list has more than %d models.", MaxSeedRows)
	}
	if source == "" {
		source = l.Source
	}
	var out []Line
	var bad []RowError
	seen := map[string]bool{}
	for i, r := range rows {
		end, ok := endOf(r.when)
		e := Entry{Host: l.Host, ModelID: strings.TrimSpace(r.id), Class: Classify(string(l.Host), r.id).Class, EndOfLife: end,
			Successor: r.successor, Source: source, ReadOn: readOn, Note: r.note}
		switch {
		case !ok:
			bad = append(bad, RowError{i + 1, "end_of_life", "The end of " + cut(e.ModelID) + " is neither a day nor seconds since 1970."})
		case BaseOf(string(l.Host), e.ModelID) != "" || seen[e.Key()]:
			// One's own fine-tunes stand in the list too, and end with their base.
		default:
			seen[e.Key()] = true
			if err := e.Check("", readOn); err != nil {
				bad = append(bad, rowErrors(i+1, err)...)
				continue
			}
			out = append(out, Line{e, i + 1})
		}
	}
	return out, bad, nil
}

func cut(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func notAList(what string) error {
	return fault.New(fault.Malformed, "This is not "+what+".")
}

// readOpenAI reads GET /v1/models: data[].id and shutdown_date.
func readOpenAI(data []byte) ([]listed, error) {
	var list struct {
		Data []struct {
			ID       string `json:"id"`
			Shutdown any    `json:"shutdown_date"`
		} `json:"data"`
	}
	if json.Unmarshal(data, &list) != nil || list.Data == nil {
		return nil, notAList("OpenAI's list of models: it has no list under \"data\"")
	}
	var out []listed
	for _, m := range list.Data {
		out = append(out, listed{id: m.ID, when: m.Shutdown})
	}
	return out, nil
}

// readAzure reads GET /openai/models: data[].id, lifecycle_status and deprecation.inference.
func readAzure(data []byte) ([]listed, error) {
	var list struct {
		Data []struct {
			ID          string `json:"id"`
			Status      string `json:"lifecycle_status"`
			Deprecation struct {
				Inference any `json:"inference"`
			} `json:"deprecation"`
		} `json:"data"`
	}
	if json.Unmarshal(data, &list) != nil || list.Data == nil {
		return nil, notAList("Azure's list of models: it has no list under \"data\"")
	}
	var out []listed
	for _, m := range list.Data {
		out = append(out, listed{id: m.ID, when: m.Deprecation.Inference, note: status(m.Status)})
	}
	return out, nil
}

// readBedrock reads ListFoundationModels: modelSummaries[].modelId and modelLifecycle (status, legacyTime,
// endOfLifeTime).
func readBedrock(data []byte) ([]listed, error) {
	var list struct {
		Models []struct {
			ID        string `json:"modelId"`
			Lifecycle struct {
				Status string `json:"status"`
				Legacy any    `json:"legacyTime"`
				End    any    `json:"endOfLifeTime"`
			} `json:"modelLifecycle"`
		} `json:"modelSummaries"`
	}
	if json.Unmarshal(data, &list) != nil || list.Models == nil {
		return nil, notAList("Bedrock's list of models: it has no list under \"modelSummaries\"")
	}
	var out []listed
	for _, m := range list.Models {
		note := status(m.Lifecycle.Status)
		if legacy, ok := endOf(m.Lifecycle.Legacy); ok && legacy.Known() {
			note = joined(" ", note, "Legacy from "+legacy.Human()+".")
		}
		out = append(out, listed{id: m.ID, when: m.Lifecycle.End, note: note})
	}
	return out, nil
}

// status is the vendor's own word for a model's state, as a sentence.
func status(word string) string {
	if word = strings.TrimSpace(word); word == "" {
		return ""
	}
	return "The vendor calls it " + strings.ToLower(cut(strings.ReplaceAll(word, "_", " "))) + "."
}

// endOf reads an end as vendors write it: nothing, seconds since 1970, a day, or a moment.
func endOf(v any) (day.Day, bool) {
	switch x := v.(type) {
	case nil:
		return "", true
	case float64:
		return unixDay(int64(x))
	case string:
		x = strings.TrimSpace(x)
		if x == "" {
			return "", true
		}
		if seconds, err := strconv.ParseInt(x, 10, 64); err == nil {
			return unixDay(seconds)
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999", time.DateOnly} {
			if t, err := time.Parse(layout, x); err == nil {
				return plausible(t)
			}
		}
	}
	return "", false
}

// unixDay refuses milliseconds and other numbers that are no moment of this century.
func unixDay(seconds int64) (day.Day, bool) {
	if seconds == 0 {
		return "", true
	}
	return plausible(time.Unix(seconds, 0))
}

func plausible(t time.Time) (day.Day, bool) {
	if y := t.UTC().Year(); y < 2015 || y > 2100 {
		return "", false
	}
	return day.Of(t), true
}
