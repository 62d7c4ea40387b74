package registry

import (
	"context"

	views "sundial/components/registry"
	"sundial/models/fault"
	"sundial/models/registry"
)

const mostChoices = 100 // registered prompts and suites that a form suggests

// picks takes over what registered prompts and a registered suite say, instead of what stands in the fields
// below them. What was picked stands in those fields from then on, so that a refused form shows it.
func (h Handlers) picks(ctx context.Context, in *versionForm, stored views.Stored) error {
	var p fault.Problems
	for i := range in.Prompts {
		row := &in.Prompts[i]
		if row.Pick == "" {
			continue
		}
		record, v, err := h.Store.PickPrompt(ctx, row.Pick)
		if f, is := fault.As(err); is {
			p.Add(views.Row("prompts", i, "pick"), f.Sentence)
			continue
		}
		if err != nil {
			return err
		}
		x := v.InRelease(row.Name, record.Name)
		row.Name, row.Repo, row.Path, row.Commit, row.SHA256, row.Text, row.Config = x.Name, x.Repo, x.Path, x.Commit, x.SHA256, x.Text, x.Config
		for field, value := range map[string]string{"pick": "", "name": x.Name, "repo": x.Repo, "path": x.Path, "commit": x.Commit, "sha256": x.SHA256, "text": x.Text, "config": x.Config} {
			stored[views.Row("prompts", i, field)] = value
		}
	}
	if in.Suite.Pick != 0 {
		c, err := h.Store.SuiteByVersion(ctx, in.Suite.Pick)
		switch f, is := fault.As(err); {
		case is:
			p.Add("suite.pick", f.Sentence)
		case err != nil:
			return err
		default:
			x := c.InRelease(c.Suite)
			in.Suite.Name, in.Suite.Version, in.Suite.SHA256 = x.Name, x.Version, x.SHA256
			stored["suite.pick"], stored["suite.name"], stored["suite.version"], stored["suite.sha256"] = "", x.Name, x.Version, x.SHA256
		}
	}
	return p.Err()
}

// choices are what a release's form suggests: registered prompts and suites, the team's first.
func (h Handlers) choices(ctx context.Context, m registry.Model, view *views.VersionView) error {
	if m.Kind != registry.GenAI || view.BuildFixed {
		return nil
	}
	prompts, err := h.Store.PromptChoices(ctx, m.TeamID, mostChoices)
	if err != nil {
		return err
	}
	for _, x := range prompts {
		view.Prompts = append(view.Prompts, registry.PromptRecord{Name: x.Name}.Named(registry.PromptVersion{SHA256: x.SHA256}))
	}
	suites, err := h.Store.SuiteChoices(ctx, m.TeamID, registry.Suite{Name: view.Stored["suite.name"], SHA256: view.Stored["suite.sha256"]}, mostChoices)
	if err != nil {
		return err
	}
	for _, x := range suites {
		view.Suites = append(view.Suites, views.SuiteOption(x.ID, x.Suite, x.Label, x.Team))
	}
	return nil
}
