package demodata

import (
	"strings"
	"time"

	"sundial/models/day"
	"sundial/models/registry"
)

// genaiParts plans what releases are made of: a prompt for every GenAI model, the suites of three of them,
// and the names by which developers call them.
func (f *filler) genaiParts() {
	for i, sp := range specs {
		if sp.kind != genai {
			continue
		}
		minute := i*7 - 2
		for j, v := range sp.versions {
			first := j == 0
			f.at(v.age, minute, "prompt of "+sp.slug+" "+v.label, func(now time.Time) error { return f.prompt(sp, v, first, now) })
		}
		if sp.consumers != nil && sp.plan == approvedPlan {
			f.at(sp.versions[0].age+2, minute, "suite of "+sp.slug, func(now time.Time) error { return f.suite(sp, now) })
		}
	}
	f.at(4, 200, "a prompt that nobody uses yet", func(now time.Time) error {
		return f.promptVersion("suki", "support-bot-system", promptText(specOf("support-bot"), "v1")+"\nOffer a person to talk to whenever money is involved.", "Hand-over for money.", now)
	})
	f.at(11, 200, "a larger suite", f.largerSuite)
	f.alias("assistant-default", "support-assistants", "What apps call when they want the company's assistant and nothing special.", "suki", 62, "support-bot", "v1", "greta",
		"It answers in four languages and hands over to people.", "Evaluation and canary read; fit to be everybody's default.")
	f.alias("search-rewriter", "search", "Rewriting for every search box.", "lena", 44, "query-rewriter", "v2", "rowan", "One prompt for all languages, half the cost.", "Fine for searches that found nothing anyway.")
	f.alias("document-reader", "documents", "Structured reading of business documents.", "dirk", 3, "invoice-reader", "v3", "", "Three teams copy its model id by hand today.", "")
}

func specOf(slug string) spec {
	for _, sp := range specs {
		if sp.slug == slug {
			return sp
		}
	}
	panic("demodata: no model " + slug)
}

// promptText is the system prompt of a version.
func promptText(sp spec, label string) string {
	text := "You are the " + strings.ToLower(sp.name) + " of Gnomon.\n" + sp.purpose + "\n\nAnswer in the language of the question. If you are not sure, say so."
	if label != "v1" {
		text = strings.Replace(text, "If you are not sure, say so.", "If you are unsure, say so and name who can help.", 1) + "\nKeep it short: three sentences at most."
	}
	return text
}

func author(sp spec) string {
	if sp.deputy == "" {
		return "alma"
	}
	return sp.deputy
}

func (f *filler) prompt(sp spec, v versionSpec, first bool, now time.Time) error {
	if !first {
		return f.promptVersion(author(sp), sp.slug+"-system", promptText(sp, v.label), v.summary, now)
	}
	who := author(sp)
	_, _, err := f.s.AddPrompt(f.as(who), func(time.Time) (*registry.PromptRecord, *registry.PromptVersion, error) {
		return registry.NewPrompt(f.actor(who), registry.PromptDraft{Name: sp.slug + "-system", TeamID: f.teams[sp.team].ID, Purpose: "How the " + strings.ToLower(sp.name) + " introduces itself and what it must not do.",
			Version: registry.PromptVersionDraft{Repo: "https://git.gnomon.example/prompts/" + sp.slug, Path: "system.md", Commit: digest(sp.slug, v.label, "prompt")[:40], Text: promptText(sp, v.label)}}, now)
	})
	return err
}

func (f *filler) promptVersion(who, name, text, note string, now time.Time) error {
	_, err := f.s.AddPromptVersion(f.as(who), name, func(p *registry.PromptRecord, have []registry.PromptVersion, _ time.Time) (*registry.PromptVersion, error) {
		return p.AddVersion(f.actor(who), registry.PromptVersionDraft{Repo: "https://git.gnomon.example/prompts/" + strings.TrimSuffix(name, "-system"), Path: "system.md",
			Commit: digest(name, text)[:40], Text: text, Note: note}, have, now)
	})
	return err
}

var thresholds = []registry.ThresholdDraft{{Metric: "grounded_answers", Operator: ">=", Value: "0.95"}, {Metric: "refusal_rate", Operator: "<=", Value: "0.05"}}

func (f *filler) suite(sp spec, now time.Time) error {
	who := author(sp)
	_, _, err := f.s.AddSuite(f.as(who), func(time.Time) (*registry.SuiteRecord, *registry.SuiteVersion, error) {
		return registry.NewSuite(f.actor(who), registry.SuiteDraft{Name: sp.slug + "-suite", TeamID: f.teams[sp.team].ID, Purpose: "Questions of last year's customers with answers that people checked.",
			Version: registry.SuiteVersionDraft{Label: "3", SHA256: digest(sp.slug, "suite"), Repo: "https://git.gnomon.example/evals/" + sp.slug, Path: "suite-3", Commit: digest(sp.slug, "suite", "commit")[:40],
				Thresholds: thresholds, Note: "400 questions in four languages."}}, now)
	})
	return err
}

func (f *filler) largerSuite(now time.Time) error {
	_, err := f.s.AddSuiteVersion(f.as("suki"), "support-bot-suite", func(s *registry.SuiteRecord, have []registry.SuiteVersion, _ time.Time) (*registry.SuiteVersion, error) {
		return s.AddVersion(f.actor("suki"), registry.SuiteVersionDraft{Label: "4", SHA256: digest("support-bot", "suite", "4"), Repo: "https://git.gnomon.example/evals/support-bot", Path: "suite-4",
			Commit: digest("support-bot", "suite", "4", "commit")[:40], Note: "900 questions, with complaints.",
			Thresholds: append([]registry.ThresholdDraft{{Metric: "complaints_handled", Operator: ">=", Value: "0.9"}}, thresholds...)}, have, now)
	})
	return err
}

// alias plans a name for a release: proposed, and decided two days later unless nobody did yet.
func (f *filler) alias(name, team, purpose, by string, daysAgo int, slug, label, decider, why, because string) {
	f.at(daysAgo, 120, "alias "+name, func(now time.Time) error {
		_, err := f.s.AddAlias(f.as(by), func(time.Time) (*registry.Alias, error) {
			return registry.NewAlias(f.actor(by), name, purpose, f.teams[team].ID, now)
		})
		if err != nil {
			return err
		}
		return f.s.ProposeAlias(f.as(by), name, slug, label, func(al *registry.Alias, to registry.AliasTarget, open bool, _ time.Time) (*registry.AliasProposal, error) {
			return al.Propose(f.actor(by), to, why, open, day.Of(now), now)
		})
	})
	if decider == "" {
		return
	}
	f.at(daysAgo-2, 121, "decide "+name, func(now time.Time) error {
		al, err := f.s.Alias(f.ctx, name)
		if err != nil {
			return err
		}
		return f.s.DecideAlias(f.as(decider), name, al.Open, func(al *registry.Alias, p *registry.AliasProposal, to registry.AliasTarget, _ time.Time) error {
			return al.Decide(p, f.actor(decider), to, true, to.Digest, because, day.Of(now), now)
		})
	})
}
