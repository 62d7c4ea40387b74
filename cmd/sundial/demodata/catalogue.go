package demodata

import (
	"sundial/models/day"
	"sundial/models/vendors"
)

// announced are the ends that public sources gave in November 2026 for the vendor models in the demo.
// Dates move weekly; a real instance reads them anew.
var announced = []struct {
	host          vendors.Host
	id, successor string
	end           day.Day
	source        string
}{
	{"openai", "gpt-4o-2024-11-20", "gpt-4.1-2025-04-14", "2027-01-14", "copy of the vendor's deprecations page"},
	{"openai", "gpt-4.1-2025-04-14", "", "2027-01-14", "copy of the vendor's deprecations page"},
	{"openai", "gpt-4o", "gpt-4o-2024-11-20", "", "vendor's list of models"},
	{"anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-6", "", "vendor's list of models"},
	{"anthropic", "claude-haiku-4-5-20251001", "", "", "vendor's list of models"},
	{"anthropic", "claude-opus-4-6", "claude-opus-4-7", "2027-02-05", "public catalogue, field deprecation_date"},
	{"anthropic", "claude-opus-4-5-20251101", "claude-opus-4-6", "2026-11-24", "public catalogue, field deprecation_date"},
	{"anthropic", "claude-3-7-sonnet-20250219", "claude-sonnet-4-5-20250929", "2026-02-19", "public issue thread"},
	{"mistral", "mistral-large-2411", "mistral-large-2512", "2026-05-31", "framework's documentation"},
	{"mistral", "mistral-large-2512", "", "", "vendor's list of models"},
}

// vendorModels is the catalogue as it was read on a day, before or after the vendors announced the ends.
func vendorModels(readOn day.Day, ends bool) []vendors.Entry {
	out := make([]vendors.Entry, 0, len(announced))
	for _, a := range announced {
		e := vendors.Entry{Host: a.host, ModelID: a.id, Class: vendors.Classify(string(a.host), a.id).Class, Successor: a.successor, Source: a.source, ReadOn: readOn}
		if ends {
			e.EndOfLife = a.end
		}
		out = append(out, e)
	}
	return out
}
