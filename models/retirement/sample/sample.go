// Package sample writes retirement plans that are complete and believable, for the demonstration data and
// for tests that need some plan rather than a particular one. It decides nothing: what a plan must hold is
// retirement's.
package sample

import (
	"cmp"

	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
)

// Body is a plan without a replacement that every profile accepts, as long as the model's owner and deputy
// are two active people and no vendor ends it within the year (or before the model's own deprecation date).
func Body(model registry.Model, today day.Day) retirement.Body {
	end := cmp.Or(model.DeprecationOn, today.Add(365))
	return retirement.Body{
		Trigger:   trigger(model),
		Dates:     retirement.Dates{Deprecation: end, ReviewBy: min(today.Add(180), end)},
		Candidate: retirement.Candidate{None: true, DecisionGoesTo: "The specialists' desk decides by hand, from the checklist it used before."},
		Consumers: consumers(model),
		Steps:     steps(),
		Rollback: retirement.Rollback{
			WindowDays: 14, Decides: "The owner, after a call with the cutover lead",
			PointOfNoReturn: "When the endpoint's capacity is given back", CapacityHeldDays: 21,
		},
		Assets: assets(model, end),
		Access: []retirement.Access{
			{What: "Serving endpoint and its service account", Action: "Scale to zero, then delete", MonthlyCost: 840},
			{What: "Read access to the source tables", Action: "Revoke the grant", MonthlyCost: 0},
		},
		Archive: []retirement.Archive{
			{What: "Approvals, evaluations and this plan", Years: 7, Where: "Records archive, section models"},
		},
		People: retirement.People{
			Owner: model.OwnerID, Deputy: model.DeputyID, CutoverLead: model.DeputyID, DataSteward: model.OwnerID,
		},
	}
}

// Replacement is a candidate of this portal with the tests that show it is as good.
func Replacement(slug, version string) retirement.Candidate {
	return retirement.Candidate{
		Model: slug, Version: version,
		EquivalenceTests: []string{
			"Same decision on at least 98 % of last quarter's cases",
			"No group's error rate rises by more than one point",
		},
	}
}

func trigger(model registry.Model) retirement.Trigger {
	if model.Kind == registry.GenAI {
		return retirement.Trigger{
			Kind:        "cost",
			Criterion:   criterion("cost_per_answer_cents", ">", 4, 30, "Billing export"),
			Explanation: "Above this an answer by hand is cheaper.",
		}
	}
	return retirement.Trigger{
		Kind:        "performance",
		Criterion:   criterion("auc", "<", 0.78, 30, "Weekly monitoring report"),
		Explanation: "Below this the rule of thumb used before the model is as good.",
	}
}

func criterion(metric, operator string, threshold float64, window int, source string) retirement.Criterion {
	return retirement.Criterion{
		Metric: metric, Operator: retirement.Operator(operator), Threshold: &threshold,
		WindowDays: window, Source: source,
	}
}

// consumers are the model's own; what it does not say of them is filled in.
func consumers(model registry.Model) retirement.Consumers {
	var out retirement.Consumers
	for _, c := range model.Consumers {
		c.Contact = cmp.Or(c.Contact, "service-desk@example.org")
		c.Criticality = cmp.Or(c.Criticality, "medium")
		c.Integration = cmp.Or(c.Integration, "HTTP API")
		c.NoticeDays = cmp.Or(c.NoticeDays, 30)
		out.List = append(out.List, c)
	}
	if len(out.List) == 0 {
		out.NoneReason = cmp.Or(model.NoConsumersReason, "Its answers are read by its own team on a dashboard only.")
	}
	return out
}

func steps() []retirement.Step {
	return []retirement.Step{
		{
			Order: 1, Title: "Announce the end to all consumers", Owner: "Model owner", Precondition: "None",
			Check: "Every consumer has acknowledged", Reversible: true, ExpectedDays: 14,
		},
		{
			Order: 2, Title: "Run both ways side by side", Owner: "Cutover lead",
			Precondition: "Every consumer has acknowledged", Check: "Decisions agree on 98 % of cases",
			Reversible: true, ExpectedDays: 21, Mode: retirement.Shadow, DualRunDays: 21,
		},
		{
			Order: 3, Title: "Move all traffic and drain", Owner: "Cutover lead",
			Precondition: "The side-by-side run met its threshold", Check: "No request for seven days",
			Reversible: true, ExpectedDays: 7, Mode: retirement.BigBang,
		},
	}
}

func assets(model registry.Model, end day.Day) []retirement.DataAsset {
	learned := retirement.DataAsset{
		Kind: "weights", Name: "Model weights of all versions", Location: "s3://models.example/" + model.Slug + "/",
	}
	if model.Kind == registry.GenAI {
		learned = retirement.DataAsset{
			Kind: "vendor_files", Name: "Files uploaded to the vendor", Location: "Vendor project " + model.Slug,
		}
	}
	learned.Decision, learned.Hold, learned.DeleteAfterDays = retirement.Delete, retirement.HoldNone, 30
	learned.Method = "Delete all object versions, then list to prove it"
	learned.Performer, learned.Verifier = "Platform operations", "Data protection office"
	return []retirement.DataAsset{learned, {
		Kind: "prediction_logs", Name: "Prediction log", Location: "warehouse.predictions." + model.Slug,
		PersonalData: true, Decision: retirement.KeepUntil, KeepUntil: end.Add(730),
		LegalBasis: "Complaints may be raised for two years", Hold: retirement.HoldNone,
	}}
}
