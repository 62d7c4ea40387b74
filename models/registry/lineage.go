package registry

import (
	"slices"
	"strings"
)

const mostDatasets = 100

// DatasetRoles are what data can be to a version.
var DatasetRoles = []string{"training", "validation", "test"}

// tidy checks a lineage and gives it back as it is kept. What is missing is the gate's business.
func (l Lineage) tidy(t *typed) Lineage {
	l.Code.Repo = t.repo("code.repo", l.Code.Repo)
	l.Code.Commit = t.commit("code.commit", l.Code.Commit)
	if l.Code.Commit != "" && l.Code.Repo == "" {
		t.Add("code.repo", "Name the repository that this commit is in.")
	}
	l.Datasets = tidyDatasets(t, l.Datasets)
	l.Parameters = t.pairs("parameters", l.Parameters)
	l.Metrics = t.pairs("metrics", l.Metrics)
	l.Environment = t.pairs("environment", l.Environment)
	l.Run.URL = t.link("run.url", l.Run.URL)
	l.Run.ID = t.line("run.id", l.Run.ID, longestLine)
	return l
}

// tidyDatasets checks the rows that hold anything. Fields keep the row's number as it was sent.
func tidyDatasets(t *typed, list []Dataset) []Dataset {
	var kept []Dataset
	for i, d := range list {
		if blank(d.Name, d.URI, d.Digest) {
			continue
		}
		field := func(name string) string { return at("datasets", i, name) }
		d.Name = t.name(field("name"), d.Name, longestLine)
		d.URI = t.place(field("uri"), d.URI)
		d.Digest = t.digest(field("digest"), d.Digest)
		d.Role = t.oneOf(field("role"), d.Role, "Choose training, validation or test.", DatasetRoles...)
		if d.Name == "" {
			t.Add(field("name"), "Name the dataset.")
		}
		if slices.ContainsFunc(kept, func(k Dataset) bool { return strings.EqualFold(k.Name, d.Name) && k.Role == d.Role && d.Name != "" }) {
			t.Addf(field("name"), "%s is listed as %s data already.", d.Name, d.Role)
		}
		kept = append(kept, d)
	}
	if len(kept) > mostDatasets {
		t.Addf("datasets", "At most %d datasets are listed.", mostDatasets)
	}
	return kept
}
