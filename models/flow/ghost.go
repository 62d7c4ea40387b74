package flow

import (
	"sundial/models/registry"
	"sundial/models/vendors"
)

// Lacks is what is missing to build a version again from its record, nothing for one that is whole. A trained
// version needs its code, its training data by digest, its parameters and its environment; metrics and the run
// tell how it went and are not needed. A release needs an id that fixes the weights, and every prompt where it
// can be found by its hash. class is that of a release's vendor id.
func Lacks(v *registry.Version, class vendors.Class) []string {
	if v.Kind == registry.GenAI {
		return releaseLacks(v.Release, class)
	}
	var out []string
	l := v.Lineage
	if l.Code.Repo == "" || l.Code.Commit == "" {
		out = append(out, "the code commit")
	}
	if !digested(l.Datasets) {
		out = append(out, "a digest of the training data")
	}
	if len(l.Parameters) == 0 {
		out = append(out, "the hyperparameters")
	}
	if len(l.Environment) == 0 {
		out = append(out, "the environment")
	}
	return out
}

// digested reports whether there is training data, all of it with a digest.
func digested(list []registry.Dataset) bool {
	n := 0
	for _, d := range list {
		if d.Role == "training" {
			if d.Digest == "" {
				return false
			}
			n++
		}
	}
	return n > 0
}

func releaseLacks(r registry.Release, class vendors.Class) []string {
	var out []string
	switch {
	case r.ModelID == "":
		out = append(out, "the vendor's model id")
	case !class.IsPinned():
		out = append(out, "an id that fixes the vendor's weights")
	}
	if !found(r.Prompts) {
		out = append(out, "a prompt that can be found by its hash")
	}
	if len(r.Parameters) == 0 {
		out = append(out, "the parameters")
	}
	return out
}

// found reports whether there are prompts, each under a hash and either kept here or in a repository.
func found(list []registry.Prompt) bool {
	for _, p := range list {
		if p.SHA256 == "" || p.Text == "" && (p.Repo == "" || p.Commit == "") {
			return false
		}
	}
	return len(list) > 0
}
