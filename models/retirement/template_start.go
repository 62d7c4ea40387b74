package retirement

import "sundial/models/registry"

// StartingTemplates come with Sundial, as number 1 of each. An organisation edits them into its own numbers
// or retires them; those it did not touch follow Sundial's versions.
func StartingTemplates() []Template {
	return []Template{vendorEndTemplate(), replacedTemplate(), unusedTemplate(), regulatedTemplate()}
}

func starting(slug, name, summary string, kind registry.Kind, b Body) Template {
	return Template{Slug: slug, Name: name, Summary: summary, Kind: kind, Body: b, Number: 1, Changed: "Came with Sundial"}
}

func vendorEndTemplate() Template {
	return starting("vendor-end-of-life", "The vendor ends the model", "For a GenAI model whose vendor announces the end of what it is built on.", registry.GenAI, Body{
		Trigger: Trigger{Kind: VendorEndOfLife, Explanation: "The vendor's model behind it stops answering on the day that the vendor announced."},
		Candidate: Candidate{EquivalenceTests: []string{
			"The whole evaluation suite passes on the successor with the thresholds of this release",
			"At most [[how many]] of 100 recorded answers are judged worse by [[who judges]]"}},
		Steps: []Step{
			{Order: 1, Title: "Measure the successor with today's prompts", Owner: "Model owner", Precondition: "The successor is pinned and in the catalogue", Check: "The evaluation suite passed for exactly the new release", Reversible: true, ExpectedDays: 10},
			{Order: 2, Title: "Announce the change to all consumers", Owner: "Cutover lead", Precondition: "The new release is approved", Check: "Every consumer has acknowledged", Reversible: true, ExpectedDays: 10},
			{Order: 3, Title: "Run the new release in shadow", Owner: "Cutover lead", Precondition: "Consumers have been told", Check: "[[which figures]] stay within what was agreed for a week", Reversible: true, ExpectedDays: 10, Mode: Shadow, DualRunDays: 7},
			{Order: 4, Title: "Move the traffic by growing shares", Owner: "Cutover lead", Precondition: "The shadow run was quiet", Check: "At least 99 % of stamps name the new release", Reversible: true, ExpectedDays: 5, Mode: Split, DualRunDays: 5},
		},
		Rollback: Rollback{WindowDays: 14, CapacityHeldDays: 14, Decides: "The owner, after a call with the cutover lead", PointOfNoReturn: "When the vendor's model stops answering"},
		Assets: []DataAsset{
			{Kind: "prompts", Name: "System prompts and their configuration", Location: "[[repository]]", Decision: Transfer, Hold: HoldNone, Method: "The successor's release takes them over; the old versions stay in the repository", Performer: "Model owner", Verifier: "Deputy"},
			{Kind: "vendor_files", Name: "Files and fine-tuned weights at the vendor", Location: "[[the vendor's account]]", Decision: Delete, Hold: HoldNone, DeleteAfterDays: 30, Method: "Delete by the vendor's API, then list to prove it", Performer: "[[who runs the account]]", Verifier: "[[who checks]]"},
			{Kind: "prediction_logs", Name: "Logged questions and answers", Location: "[[where they lie]]", PersonalData: true, Decision: Delete, Hold: HoldUnknown, DeleteAfterDays: 90, LegalBasis: "[[legal basis]]", Method: "Drop the partitions, then count to prove it", Performer: "[[who runs the store]]", Verifier: "Data protection office"},
		},
		Access:  []Access{{What: "API key of the old release", Action: "Revoke it, and see that calls with it are refused"}},
		Archive: []Archive{{What: "Approvals, evaluations and this plan", Years: 7, Where: "[[records archive]]"}},
	})
}

func replacedTemplate() Template {
	return starting("replaced", "Something better replaces it", "For a model whose successor is another model of this portal.", "", Body{
		Trigger:   Trigger{Kind: "replaced", Explanation: "[[name the successor]] does the same better: [[in what, by how much]]."},
		Candidate: Candidate{EquivalenceTests: []string{"Same decision on at least [[how many]] % of last quarter's cases", "No group's error rate rises by more than one point"}},
		Steps: []Step{
			{Order: 1, Title: "Announce the end to all consumers", Owner: "Model owner", Precondition: "The successor is in production", Check: "Every consumer has acknowledged", Reversible: true, ExpectedDays: 14},
			{Order: 2, Title: "Run both side by side", Owner: "Cutover lead", Precondition: "Every consumer has acknowledged", Check: "The equivalence tests hold on live traffic", Reversible: true, ExpectedDays: 21, Mode: Shadow, DualRunDays: 21},
			{Order: 3, Title: "Move all traffic and drain", Owner: "Cutover lead", Precondition: "The side-by-side run met its thresholds", Check: "No stamp of the old model for seven days", Reversible: true, ExpectedDays: 7, Mode: BigBang},
		},
		Rollback: Rollback{WindowDays: 14, CapacityHeldDays: 21, Decides: "The owner, after a call with the cutover lead", PointOfNoReturn: "When the endpoint's capacity is given back"},
		Assets: []DataAsset{
			{Kind: "weights", Name: "Model weights of all versions", Location: "[[bucket or registry]]", Decision: Delete, Hold: HoldNone, DeleteAfterDays: 30, Method: "Delete all object versions, then list to prove it", Performer: "[[who runs the store]]", Verifier: "[[who checks]]"},
			{Kind: "training_data", Name: "Extracts made for training", Location: "[[where they lie]]", Decision: Delete, Hold: HoldUnknown, DeleteAfterDays: 30, Method: "Drop the extracts; their sources stay", Performer: "[[who runs the store]]", Verifier: "[[who checks]]"},
		},
		Access:  []Access{{What: "Serving endpoint and its service account", Action: "Scale to zero, then delete"}, {What: "Read access to the source tables", Action: "Revoke the grant"}},
		Archive: []Archive{{What: "Approvals, evaluations and this plan", Years: 7, Where: "[[records archive]]"}},
	})
}

func unusedTemplate() Template {
	return starting("unused-model", "Nobody uses it any more", "For a model in production that nobody would miss: no consumer, no calls.", "", Body{
		Trigger:   Trigger{Kind: "unused", Explanation: "No prediction was reported since [[since when]], and no consumer is on record."},
		Candidate: Candidate{None: true, DecisionGoesTo: "Nobody decides by it any more, which [[who]] confirmed."},
		Steps: []Step{
			{Order: 1, Title: "Ask once more who uses it", Owner: "Model owner", Precondition: "None", Check: "Two weeks passed without an answer", Reversible: true, ExpectedDays: 14},
			{Order: 2, Title: "Switch it off for a week", Owner: "Model owner", Precondition: "Nobody answered", Check: "Nobody missed it", Reversible: true, ExpectedDays: 7, Mode: BigBang},
		},
		Rollback: Rollback{WindowDays: 7, CapacityHeldDays: 7, Decides: "The owner", PointOfNoReturn: "When the endpoint is deleted"},
		Assets: []DataAsset{
			{Kind: "weights", Name: "Model weights of all versions", Location: "[[bucket or registry]]", Decision: Delete, Hold: HoldNone, DeleteAfterDays: 14, Method: "Delete all object versions, then list to prove it", Performer: "[[who runs the store]]", Verifier: "[[who checks]]"},
		},
		Access:  []Access{{What: "Serving endpoint and its service account", Action: "Scale to zero, then delete"}},
		Archive: []Archive{{What: "Approvals, evaluations and this plan", Years: 3, Where: "[[records archive]]"}},
	})
}

func regulatedTemplate() Template {
	return starting("regulated-tier-1", "A regulated tier 1 model", "For a trained model whose decisions a supervisor may ask about years later.", registry.Trained, Body{
		Trigger:   Trigger{Kind: "regulation", Explanation: "[[law or guideline]] asks for another model, or for none: [[what it says]]."},
		Candidate: Candidate{EquivalenceTests: []string{"Same decision on at least [[how many]] % of last quarter's cases", "No protected group's error rate rises by more than half a point", "Independent validation signed the successor without open findings"}},
		Steps: []Step{
			{Order: 1, Title: "Tell the supervisor and internal audit", Owner: "Model owner", Precondition: "The plan is approved", Check: "Both confirmed that they were told", Reversible: true, ExpectedDays: 20},
			{Order: 2, Title: "Announce the end to all consumers", Owner: "Cutover lead", Precondition: "The supervisor was told", Check: "Every consumer has acknowledged; silence is no consent", Reversible: true, ExpectedDays: 30},
			{Order: 3, Title: "Run both side by side", Owner: "Cutover lead", Precondition: "Every consumer has acknowledged", Check: "Independent validation signed the comparison", Reversible: true, ExpectedDays: 60, Mode: Shadow, DualRunDays: 60},
			{Order: 4, Title: "Move the traffic by growing shares", Owner: "Cutover lead", Precondition: "The comparison is signed", Check: "At least 99 % of stamps name the successor", Reversible: true, ExpectedDays: 20, Mode: Split, DualRunDays: 20},
		},
		Rollback: Rollback{WindowDays: 30, CapacityHeldDays: 45, Decides: "The owner with the chief risk officer's delegate", PointOfNoReturn: "When the endpoint's capacity is given back"},
		Assets: []DataAsset{
			{Kind: "weights", Name: "Weights and code of every version that served", Location: "[[archive]]", Decision: KeepUntil, Hold: HoldUnknown, LegalBasis: "[[retention rule]]"},
			{Kind: "training_data", Name: "Training data of every version that served", Location: "[[archive]]", PersonalData: true, Decision: KeepUntil, Hold: HoldUnknown, LegalBasis: "[[retention rule]]"},
			{Kind: "prediction_logs", Name: "Decisions with their inputs and reasons", Location: "[[archive]]", PersonalData: true, Decision: KeepUntil, Hold: HoldUnknown, LegalBasis: "[[retention rule]]"},
		},
		Access:  []Access{{What: "Serving endpoint and its service account", Action: "Scale to zero, then delete"}, {What: "Read access to personal data", Action: "Revoke the grant, and have the data protection office confirm it"}},
		Archive: []Archive{{What: "Approvals, validations, evaluations and this plan", Years: 10, Where: "[[records archive]]"}},
	})
}
