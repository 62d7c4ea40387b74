// Package registry knows what is governed: models, their versions, how a version was built (lineage or
// release), who consumes a model and what served when. Which stage a version may move to belongs to
// lifecycle, how a model ends to retirement.
package registry

import (
	"time"

	"sundial/models/audit"
	"sundial/models/day"
)

// Kind says whether a model is trained here or consumed from a vendor as GenAI.
type Kind string

// The two kinds.
const (
	Trained Kind = "trained"
	GenAI   Kind = "genai"
)

// Title is the kind as people read it.
func (k Kind) Title() string {
	switch k {
	case Trained:
		return "Trained"
	case GenAI:
		return "GenAI"
	}
	return "Unknown"
}

// Valid reports whether this is one of the two kinds.
func (k Kind) Valid() bool { return k == Trained || k == GenAI }

// Stage is where a version stands. A model's stage is its furthest live version's.
type Stage string

// The six stages, in order.
const (
	Experiment Stage = "experiment"
	Registered Stage = "registered"
	Validated  Stage = "validated"
	Staged     Stage = "staged"
	Production Stage = "production"
	Retired    Stage = "retired"
)

// Stages lists the stages in order.
var Stages = []Stage{Experiment, Registered, Validated, Staged, Production, Retired}

// Rank is the stage's place in the order, -1 for something that is not a stage.
func (s Stage) Rank() int {
	for i, x := range Stages {
		if x == s {
			return i
		}
	}
	return -1
}

// Title is the stage as people read it.
func (s Stage) Title() string {
	if s.Rank() < 0 {
		return "Unknown"
	}
	return string(s[0]-'a'+'A') + string(s[1:])
}

// Tier is the risk tier: 1 is the highest risk, 3 the lowest, 0 not set.
type Tier int

// Model is what an organisation governs. Ids of people and teams are 0 when nobody is named.
type Model struct {
	ID                int64
	Slug, Name        string
	Kind              Kind
	Purpose           string
	TeamID            int64
	OwnerID, DeputyID int64
	Tier              Tier
	SLA               SLA
	DeprecationOn     day.Day
	Consumers         []Consumer
	NoConsumersReason string // why there are none, when there are none
	Stage             Stage  // the furthest live version's; experiment when there is no version
	Retiring          string // the phase of the retirement under way, "" for none
	RetrainingDays    int    // every how many days the team says that it retrains; 0: not said
	Reported          string // what an imported inventory said: planned, developing, operating, retired, or ""
	Source            Source
	Revision          int64 // grows with every change; a form that carries an older one is stale
	CreatedAt         time.Time
	UpdatedAt         time.Time

	audit.Trail `json:"-"`
}

// SLA is what consumers may expect. Zero values mean "not promised".
type SLA struct {
	AvailabilityPercent float64 `json:"availability_percent,omitempty"` // 99.5 means 99.5 %
	LatencyP95Millis    int     `json:"latency_p95_ms,omitempty"`
	QualityMetric       string  `json:"quality_metric,omitempty"`
	QualityOperator     string  `json:"quality_operator,omitempty"` // >= or <=
	QualityThreshold    float64 `json:"quality_threshold,omitempty"`
	Support             string  `json:"support,omitempty"` // hours and channel
}

// Set reports whether the SLA promises anything measurable.
func (s SLA) Set() bool {
	return s.AvailabilityPercent > 0 || s.LatencyP95Millis > 0 || s.QualityMetric != ""
}

// Consumer is a person, team or system that depends on the model.
type Consumer struct {
	Name        string `json:"name"`
	Contact     string `json:"contact"`
	Criticality string `json:"criticality"` // low, medium, high
	Integration string `json:"integration"` // how it calls: API, batch, embedded, ...
	NoticeDays  int    `json:"notice_days"`
}

// Source is where a model's facts came from when they were imported.
type Source struct {
	FileSHA256 string `json:"file_sha256,omitempty"`
	FileName   string `json:"file_name,omitempty"`
	Row        int    `json:"row,omitempty"`      // 1 is the first row after the titles
	Identity   string `json:"identity,omitempty"` // what tells this record from the others in its source
}

// Subject names the model in the audit trail.
func (m *Model) Subject() audit.Subject {
	return audit.Subject{Kind: "model", ID: m.ID, Label: m.Slug, Model: m.ID}
}
