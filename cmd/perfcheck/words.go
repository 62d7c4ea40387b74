package main

// The words that names are made of. People and places are invented.
var (
	subjects = []string{"Card", "Claims", "Credit", "Fraud", "Freight", "Harvest", "Invoice", "Ledger", "Loyalty", "Mortgage", "Parcel", "Payroll",
		"Pension", "Permit", "Pricing", "Rail", "Renewal", "Roster", "Safety", "Supplier", "Tariff", "Tenant", "Triage", "Turbine", "Vaccine", "Warranty", "Water", "Weather"}
	tasks = []string{"anomaly watch", "answer writer", "churn score", "classifier", "deduplicator", "demand forecast", "document reader", "early warning",
		"entity match", "intent router", "letter draft", "limit advice", "loss estimate", "next step", "outage forecast", "quality grade", "queue order",
		"ranking", "reply assistant", "risk score", "route planner", "sentiment", "summary", "translator", "visit planner"}
	regions = []string{"Northmoor", "Eastvale", "Southmere", "Westholt", "Highfell", "Lowmarsh", "Oldbridge", "Newhaven", "Redcliff", "Greenwick",
		"Longacre", "Shortwood", "Stonebeck", "Ashford", "Birchley", "Elmstead", "Oakham", "Thornby", "Wyeford", "Yarrow"}
	uses = []string{"find what should be looked at first", "answer letters within a day", "plan the coming weeks", "notice when something drifts",
		"price what is offered", "route work to whoever can do it", "avoid paying twice"}
	firstNames = []string{"Ada", "Bela", "Cato", "Dara", "Emre", "Fenna", "Goran", "Hana", "Ilse", "Juno", "Kaya", "Lior", "Mira", "Nilo", "Oda", "Pia",
		"Quin", "Runa", "Suri", "Tove", "Uma", "Vito", "Wim", "Xenia", "Yara", "Zeno"}
	lastNames = []string{"Abel", "Brook", "Castell", "Dorn", "Easter", "Falk", "Grove", "Hollis", "Ivers", "Janda", "Kestrel", "Lund", "Marsh", "Noor",
		"Orchard", "Pell", "Quill", "Rowan", "Sands", "Tarn", "Usher", "Vale", "Winter", "Yates"}
)
