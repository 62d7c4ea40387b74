package registry

import "time"

// Filter is what a list of models is narrowed by. Empty fields do not narrow.
type Filter struct {
	Query    string // part of the name, slug or purpose
	Team     string // slug
	Stage    Stage
	Kind     Kind
	Tier     Tier
	Owner    int64
	Mine     int64  // owned or deputised by this person
	Reported string // what an imported inventory said: operating, ...
	Missing  string // owner, team, tier, plan: what a model lacks
	Sort     string // updated (default), name, tier, stage
	Desc     bool
}

// Row is one model in a list, flat, with names instead of ids.
type Row struct {
	ID            int64
	Slug, Name    string
	Kind          Kind
	Stage         Stage
	Tier          Tier
	Team, Owner   string
	TeamSlug      string
	OwnerDisabled bool
	Serving       string // label of the version in production, "" when none
	VendorHost    string // of the version in production, GenAI only
	VendorModel   string
	Reported      string // what an imported inventory said, "" when not imported
	Plan          string // retirement plan's state, "" when none
	Maturity      string // tier of its score, "" while it has none
	Score         float64
	UpdatedAt     time.Time
}
