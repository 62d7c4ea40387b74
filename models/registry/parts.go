package registry

import (
	"strconv"
	"strings"

	"sundial/models/audit"
	"sundial/models/vendors"
)

// Part is one part of a release with its own SHA-256: together they are the unit that is approved.
// The hash is that of the part's canonical JSON (keys sorted, no blanks) as the version holds it:
//
//	host        {"host":…,"upgrade_policy":…}
//	model       {"model_id":…}
//	prompts     the list of prompts, each with name, place, commit, hash, text and configuration
//	parameters  the object of name and value
//	tools       {"no_tools":…,"tools":{name: SHA-256 of its schema}}
//	suite       {"name":…,"sha256":…,"version":…}
//
// A release's digest differs exactly where one of these does.
type Part struct {
	Key    string // of PartKeys
	Title  string // "Prompts"
	What   string // in short, for people
	SHA256 string
}

// Parts are the hashes of a release's parts by key, as evidence and approvals keep them.
type Parts map[string]string

// PartKeys lists the parts in the order of pages.
var PartKeys = []string{"host", "model", "prompts", "parameters", "tools", "suite"}

// PartTitle is a part as people read it.
func PartTitle(key string) string {
	return map[string]string{"host": "Host", "model": "Model id", "prompts": "Prompts", "parameters": "Parameters", "tools": "Tools", "suite": "Evaluation suite"}[key]
}

// PartList are the parts of a release in the order of pages.
func (r Release) PartList() []Part {
	hashes := r.Parts()
	out := make([]Part, 0, len(PartKeys))
	for _, key := range PartKeys {
		out = append(out, Part{key, PartTitle(key), r.partWords(key), hashes[key]})
	}
	return out
}

// Parts are the hashes of a release's parts.
func (r Release) Parts() Parts {
	host := map[string]any{"host": r.Host}
	if r.UpgradePolicy != "" {
		host["upgrade_policy"] = r.UpgradePolicy
	}
	tools := map[string]any{"tools": orEmpty(r.Tools)}
	if r.NoToolsReason != "" {
		tools["no_tools"] = r.NoToolsReason
	}
	prompts := r.Prompts
	if prompts == nil {
		prompts = []Prompt{}
	}
	out := Parts{}
	for key, v := range map[string]any{"host": host, "model": map[string]any{"model_id": r.ModelID}, "prompts": prompts,
		"parameters": orEmpty(r.Parameters), "tools": tools, "suite": r.EvaluationSuite} {
		hash, err := audit.Digest(v)
		if err != nil {
			panic("registry: a release is plain values: " + err.Error())
		}
		out[key] = hash
	}
	return out
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func (r Release) partWords(key string) string {
	switch key {
	case "host":
		if r.Host == "" {
			return ""
		}
		return strings.TrimSuffix(vendors.Host(r.Host).Name()+", "+r.UpgradePolicy, ", ")
	case "model":
		return r.ModelID
	case "prompts":
		names := make([]string, 0, len(r.Prompts))
		for _, p := range r.Prompts {
			names = append(names, p.Name)
		}
		return strings.Join(names, ", ")
	case "parameters":
		return pairWords(r.Parameters)
	case "tools":
		if len(r.Tools) == 0 && r.NoToolsReason != "" {
			return "None: " + r.NoToolsReason
		}
		return strings.Join(sortedKeys(r.Tools), ", ")
	}
	return strings.TrimSpace(r.EvaluationSuite.Name + " " + r.EvaluationSuite.Version)
}

// pairWords are the first few of many.
func pairWords(m map[string]string) string {
	const most = 4
	var out []string
	for i, k := range sortedKeys(m) {
		if i == most {
			out = append(out, strconv.Itoa(len(m)-most)+" more")
			break
		}
		out = append(out, k+" "+m[k])
	}
	return strings.Join(out, ", ")
}

// Changed lists the keys of the parts in which other differs from p. Where either is not known, as on
// records from before parts were kept, nothing is.
func (p Parts) Changed(other Parts) []string {
	var out []string
	if len(p) == 0 || len(other) == 0 {
		return out
	}
	for _, key := range PartKeys {
		if p[key] != other[key] {
			out = append(out, key)
		}
	}
	return out
}

// ChangedWords begins a sentence about parts that are no longer what they were: "The prompts and the
// parameters changed". Without a part it is about the version.
func ChangedWords(keys []string) string {
	if len(keys) == 0 {
		return "The version changed"
	}
	words := make([]string, 0, len(keys))
	for _, key := range keys {
		words = append(words, "the "+strings.ToLower(PartTitle(key)))
	}
	list := words[0]
	if n := len(words); n > 1 {
		list = strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.ToUpper(list[:1]) + list[1:] + " changed"
}
