package registry

import (
	"time"

	"sundial/models/audit"
)

// Version is one buildable state of a model. A trained version carries a Lineage, a GenAI version a
// Release, never both.
type Version struct {
	ID       int64
	ModelID  int64
	Label    string // "v7": unique within the model, part of the stamp model@v7
	Kind     Kind   // its model's
	Stage    Stage
	Summary  string // what is different in this version, in a sentence or two
	Lineage  Lineage
	Release  Release
	AuthorID int64

	RollbackTarget string // the label to return to when this version fails, or "none: REASON"
	RolloutPlan    string // how it will be tried beside the one that serves: shadow or canary, and how long
	Monitoring     Monitoring

	StageSince    time.Time
	ServedSince   time.Time // first time in production; zero when it never served
	SupersededAt  time.Time // when a newer version took over; zero otherwise
	RollbackUntil time.Time // until when a superseded version may return
	ClosedReason  string
	Revision      int64
	CreatedAt     time.Time
	BuiltAt       time.Time // when what it is made of last changed
	UpdatedAt     time.Time

	audit.Trail `json:"-"`
}

// Lineage is how a trained version was built.
type Lineage struct {
	Code        Code              `json:"code"`
	Datasets    []Dataset         `json:"datasets"`
	Parameters  map[string]string `json:"parameters"`
	Metrics     map[string]string `json:"metrics"`
	Environment map[string]string `json:"environment"`
	Run         Run               `json:"run"`
}

// Code is the commit a version was built from.
type Code struct {
	Repo   string `json:"repo"`
	Commit string `json:"commit"`
}

// Dataset is data a version was trained or tested on.
type Dataset struct {
	Name   string `json:"name"`
	URI    string `json:"uri"`
	Digest string `json:"digest"` // sha256:HEX of the content, or the store's own version id
	Role   string `json:"role"`   // training, validation, test
}

// Run is the experiment run in the tracking tool.
type Run struct {
	URL string `json:"url"`
	ID  string `json:"id"`
}

// Release is the exact GenAI tuple that is approved: changing any part makes another version.
type Release struct {
	Host            string            `json:"host"`
	ModelID         string            `json:"model_id"`
	UpgradePolicy   string            `json:"upgrade_policy,omitempty"` // Azure OpenAI deployments only
	Prompts         []Prompt          `json:"prompts"`
	Parameters      map[string]string `json:"parameters"`
	Tools           map[string]string `json:"tools"` // tool name to the SHA-256 of its schema
	NoToolsReason   string            `json:"no_tools,omitempty"`
	EvaluationSuite Suite             `json:"evaluation_suite"`
}

// Prompt is one prompt under the hash by which Sundial knows it.
type Prompt struct {
	Name   string `json:"name"`
	Repo   string `json:"repo"`
	Path   string `json:"path"`
	Commit string `json:"commit"`
	SHA256 string `json:"sha256"`
	Text   string `json:"text,omitempty"`
	Config string `json:"config,omitempty"` // canonical JSON of what it is sent with, part of the hash
}

// Suite is the evaluation suite a release is measured with.
type Suite struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// Monitoring says where drift, quality and cost of a version are watched.
type Monitoring struct {
	Drift   string `json:"drift"`
	Quality string `json:"quality"`
	Cost    string `json:"cost"`
}

// Digest is the SHA-256 of the facts that make this version what it is: its model, label and lineage
// or release. Evidence and approvals are bound to it; a changed fact is another digest.
func (v *Version) Digest() string {
	var built any = v.Lineage
	if v.Kind == GenAI {
		built = v.Release
	}
	d, err := audit.Digest(map[string]any{"model": v.ModelID, "label": v.Label, "kind": v.Kind, "built": built})
	if err != nil {
		panic("registry: a version's facts are plain values: " + err.Error())
	}
	return d
}

// Parts are the hashes of the parts of a GenAI version's release, none of a trained version.
func (v *Version) Parts() Parts {
	if v.Kind != GenAI {
		return nil
	}
	return v.Release.Parts()
}

// Live reports whether the version is still on its way or serving.
func (v *Version) Live() bool { return v.Stage != Retired }

// Subject names the version in the audit trail.
func (v *Version) Subject(slug string) audit.Subject {
	return audit.Subject{Kind: "version", ID: v.ID, Label: slug + "@" + v.Label, Model: v.ModelID}
}

// ServingRecord says which version of a model served from when until when, and on whose approval.
type ServingRecord struct {
	ID             int64
	ModelID        int64
	VersionID      int64
	Since          time.Time
	Until          time.Time // zero while it serves
	RequestID      int64
	How            string // promotion, rollback, break-glass
	ApprovedDigest string
	ApprovedBy     []Approver
}

// Approver is somebody whose approval put a version into production.
type Approver struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}
