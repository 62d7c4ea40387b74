package vendors

import (
	"strings"
	"testing"

	"sundial/models/day"
	"sundial/models/fault"
)

// Written from the names of the fields; the values are invented.
const (
	openAIList = `{"object": "list", "data": [
		{"id": "gpt-4o-2024-11-20", "object": "model", "created": 1731975040, "owned_by": "system", "shutdown_date": "2027-01-14"},
		{"id": "gpt-4-0613", "object": "model", "created": 1686588896, "owned_by": "openai", "shutdown_date": 1801526400},
		{"id": "gpt-4o", "object": "model", "created": 1715367049, "owned_by": "system", "shutdown_date": null},
		{"id": "o3", "object": "model", "created": 1744225308, "owned_by": "system"},
		{"id": "ft:gpt-4o-mini-2024-07-18:acme::Abc123", "object": "model", "owned_by": "acme", "shutdown_date": "2026-12-01"},
		{"id": "gpt-odd", "object": "model", "shutdown_date": "soon"},
		{"id": "", "object": "model"}]}`
	azureList = `{"object": "list", "data": [
		{"id": "gpt-4o-2024-11-20", "status": "succeeded", "capabilities": {"inference": true}, "lifecycle_status": "generally-available", "deprecation": {"fine_tune": 1790812800, "inference": 1801526400}, "object": "model"},
		{"id": "gpt-4o-realtime-preview-2024-12-17", "lifecycle_status": "preview", "deprecation": {"inference": 1767225600}},
		{"id": "dall-e-3-3.0", "lifecycle_status": "deprecating", "deprecation": {}},
		{"id": "gpt-4-0613.ft-0e208cf3", "lifecycle_status": "generally-available", "deprecation": {"inference": 1801526400}}]}`
	bedrockList = `{"modelSummaries": [
		{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "modelId": "anthropic.claude-3-haiku-20240307-v1:0", "providerName": "Anthropic",
		 "modelLifecycle": {"status": "LEGACY", "legacyTime": "2026-09-01T00:00:00+00:00", "endOfLifeTime": "2027-03-01T00:00:00+00:00"}},
		{"modelId": "amazon.nova-lite-v1:0", "modelLifecycle": {"status": "ACTIVE"}},
		{"modelId": "amazon.nova-micro-v1:0", "modelLifecycle": {"status": "LEGACY", "endOfLifeTime": 1801526400.0}},
		{"modelId": "amazon.odd-v1:0", "modelLifecycle": {"endOfLifeTime": 1801526400000}}]}`
)

func TestVendorsOwnLists(t *testing.T) {
	for _, c := range []struct {
		list, data string
		ends       map[string]day.Day
		bad        int
		note       string
	}{
		{"openai", openAIList, map[string]day.Day{"gpt-4o-2024-11-20": "2027-01-14", "gpt-4-0613": "2027-02-02", "gpt-4o": "", "o3": ""}, 2, ""},
		{"azure", azureList, map[string]day.Day{"gpt-4o-2024-11-20": "2027-02-02", "gpt-4o-realtime-preview-2024-12-17": "2026-01-01", "dall-e-3-3.0": ""}, 0, "The vendor calls it preview."},
		{"bedrock", bedrockList, map[string]day.Day{"anthropic.claude-3-haiku-20240307-v1:0": "2027-03-01", "amazon.nova-lite-v1:0": "", "amazon.nova-micro-v1:0": "2027-02-02"}, 1, "The vendor calls it legacy. Legacy from 1 September 2026."},
	} {
		t.Run(c.list, func(t *testing.T) {
			l, ok := FindList(c.list)
			lines, bad, err := l.Read([]byte(c.data), "", "2026-11-20")
			if !ok || err != nil || len(bad) != c.bad || len(lines) != len(c.ends) {
				t.Fatalf("%v: %d lines, bad rows %+v", err, len(lines), bad)
			}
			noted := c.note == ""
			for _, x := range lines {
				if end, ok := c.ends[x.ModelID]; !ok || end != x.EndOfLife || x.Source != l.Source || x.ReadOn != "2026-11-20" || x.Host != l.Host {
					t.Errorf("%+v, want the end %q", x, end)
				}
				noted = noted || x.Note == c.note
			}
			if !noted {
				t.Errorf("nothing says %q: %+v", c.note, lines)
			}
			for _, b := range bad {
				if b.Row == 0 || !strings.HasSuffix(b.Sentence, ".") {
					t.Errorf("%+v", b)
				}
			}
			for _, junk := range []string{"", "[]", "{}", `{"data": 3}`, "<html>", "\xff", `{"data": [3]}`, `{"modelSummaries": "x"}`} {
				if _, _, err := l.Read([]byte(junk), "", "2026-11-20"); !fault.Is(err, fault.Malformed) {
					t.Errorf("%q: %v", junk, err)
				}
			}
		})
	}
	if _, ok := FindList("mistral"); ok {
		t.Error("there is no reader for Mistral")
	}
	if l, ok := FindList("Azure OpenAI"); !ok || l.Name != "azure" {
		t.Error("a list is found by its host's name")
	}
}

func FuzzLists(f *testing.F) {
	for _, s := range []string{openAIList, azureList, bedrockList, `{"data":[{"id":"x","shutdown_date":{}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, l := range Lists() {
			lines, _, err := l.Read(data, "", "2026-11-20")
			if err != nil && len(lines) > 0 {
				t.Fatal("an error and rows at once")
			}
			for _, x := range lines {
				if err := x.Check("", "2026-11-20"); err != nil {
					t.Fatalf("%+v: %v", x, err)
				}
			}
		}
		_, _, _ = ParseCatalogue(data, "a page", "2026-11-20", "2026-11-20")
	})
}

func TestACatalogueFileIsCSVOrJSON(t *testing.T) {
	csv := "provider,model_id,class,end_of_life,source,read_on\n" +
		"openai,gpt-4o-2024-11-20,,2027-01-14,,\n" +
		"acme,acme-large,pinned_dateless,,https://acme.example/promise,2026-11-02\n" +
		"openai,gpt-4o,pinned,,,\n" +
		"acme,acme-small,pinned,,said so,\n" +
		"openai,gpt-5-2026-01-01,,,,2027-01-01\n" +
		"openai,gpt-5-2026-01-02,,,,soon\n"
	json := `[{"provider": "openai", "model_id": "gpt-4o-2024-11-20", "end_of_life": "2027-01-14"},
		{"host": "acme", "provider": "acme", "model_id": "acme-large", "class": "pinned_dateless", "source": "https://acme.example/promise", "read_on": "2026-11-02"},
		{"provider": "openai", "model_id": "gpt-4o", "class": "pinned"},
		{"provider": "acme", "model_id": "acme-small", "class": "pinned", "source": "said so"},
		{"provider": "openai", "model_id": "gpt-5-2026-01-01", "read_on": "2027-01-01"},
		{"provider": "openai", "model_id": "gpt-5-2026-01-02", "read_on": ["soon"]}]`
	for name, data := range map[string]string{"csv": csv, "json": json, "json under models": `{"models": ` + json + `}`} {
		t.Run(name, func(t *testing.T) {
			lines, bad, err := ParseCatalogue([]byte(data), "The vendors' pages", "2026-11-20", "2026-11-20")
			if err != nil || len(lines) != 2 || lines[0].Source != "The vendors' pages" || lines[0].ReadOn != "2026-11-20" || lines[1].ReadOn != "2026-11-02" || lines[1].Row != 3 {
				t.Fatalf("%v: %+v", err, lines)
			}
			var at []string
			for _, b := range bad {
				at = append(at, b.Field)
			}
			if got := strings.Join(at, " "); got != "class source read_on read_on" || bad[0].Row != 4 {
				t.Errorf("bad rows: %+v", bad)
			}
		})
	}
	for _, junk := range []string{"", "{", "[1]", `{"x": []}`, `[{"colour": "red"}]`, "a,b\n"} {
		if _, _, err := ParseCatalogue([]byte(junk), "x", "", "2026-11-20"); !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: %v", junk, err)
		}
	}
}

// The shared table comes in whole: every row of it is held to the rules of a person's row.
func TestTheSharedTableComesInWhole(t *testing.T) {
	var file strings.Builder
	file.WriteString("provider,model_id,class\n")
	for _, x := range readExamples(t) {
		file.WriteString(x.provider + "," + x.id + "," + x.class + "\n")
	}
	lines, bad, err := ParseCatalogue([]byte(file.String()), "Vendors' pages of November 2026", "2026-11-20", "2026-11-20")
	if err != nil || len(bad) > 0 || len(lines) != len(readExamples(t)) {
		t.Errorf("%v: %d lines, %+v", err, len(lines), bad)
	}
}
