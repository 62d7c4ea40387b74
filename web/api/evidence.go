package api

import (
	"context"
	"net/http"
	"time"

	"sundial/models/evidence"
	"sundial/models/org"
	"sundial/models/registry"
)

// Evidence is one recorded result for a version as it was then.
type Evidence struct {
	ID             int64      `json:"id"`
	Model          string     `json:"model"`
	Version        string     `json:"version"`
	VersionDigest  string     `json:"version_digest" doc:"It counts while the version has this digest."`
	Kind           string     `json:"kind"`
	Outcome        string     `json:"outcome"`
	Metrics        []Metric   `json:"metrics"`
	DatasetDigest  string     `json:"dataset_digest,omitempty"`
	Suite          string     `json:"suite,omitempty"`
	SuiteSHA256    string     `json:"suite_sha256,omitempty"`
	URL            string     `json:"url,omitempty"`
	ArtifactSHA256 string     `json:"artifact_sha256,omitempty"`
	Note           string     `json:"note,omitempty"`
	RecordedAt     time.Time  `json:"recorded_at"`
	FreshUntil     *time.Time `json:"fresh_until,omitempty" doc:"When it stops to count; missing when it does not grow old."`
}

// Metric is one measured value against its threshold.
type Metric struct {
	Name      string  `json:"name" maxLength:"400"`
	Value     float64 `json:"value"`
	Operator  string  `json:"operator" doc:">=, <=, > or <."`
	Threshold float64 `json:"threshold"`
}

// EvidenceDraft is what recording evidence asks.
type EvidenceDraft struct {
	Kind           string     `json:"kind" enum:"evaluation,fairness,security_review,shadow,canary,privacy_review,other"`
	Outcome        string     `json:"outcome" enum:"passed,failed,inconclusive"`
	Metrics        []Metric   `json:"metrics,omitempty" maxItems:"100"`
	DatasetDigest  string     `json:"dataset_digest,omitempty" maxLength:"800" doc:"What it ran on: sha256: and 64 hexadecimal digits, or a version id."`
	Suite          string     `json:"suite,omitempty" maxLength:"800" doc:"The suite's name and version."`
	SuiteSHA256    string     `json:"suite_sha256,omitempty" maxLength:"200"`
	URL            string     `json:"url,omitempty" maxLength:"8000" doc:"Where a reviewer can look at it."`
	ArtifactSHA256 string     `json:"artifact_sha256,omitempty" maxLength:"200"`
	Note           string     `json:"note,omitempty" maxLength:"16000"`
	ExpiresAt      *time.Time `json:"expires_at,omitempty" doc:"When it stops to count, if before the policy says so."`
}

func (a *API) evidence() {
	register(a, org.Edit, Operation{ID: "addEvidence", Method: http.MethodPost, Path: "/models/{model}/versions/{version}/evidence", Group: "Versions", Title: "Record evidence",
		About: "It counts for the version as it is now. Whoever recorded it does not decide on it.", Status: http.StatusCreated}, a.addEvidence)
}

func (a *API) addEvidence(ctx context.Context, in *struct {
	InVersion
	Body EvidenceDraft
}) (*Entity[Evidence], error) {
	b := in.Body
	d := evidence.Draft{Kind: evidence.Kind(b.Kind), Outcome: evidence.Outcome(b.Outcome), DatasetDigest: b.DatasetDigest, Suite: b.Suite,
		SuiteSHA256: b.SuiteSHA256, URL: b.URL, ArtifactSHA256: b.ArtifactSHA256, Note: b.Note, ExpiresAt: deref(b.ExpiresAt)}
	for _, m := range b.Metrics {
		d.Metrics = append(d.Metrics, evidence.Metric(m))
	}
	e, err := a.Store.AddEvidence(ctx, in.Model, in.Version, func(m *registry.Model, v *registry.Version, now time.Time) (*evidence.Evidence, error) {
		return evidence.New(actorIn(ctx), m, v, d, now)
	})
	if err != nil {
		return nil, err
	}
	out := Evidence{ID: e.ID, Model: in.Model, Version: in.Version, VersionDigest: e.VersionDigest, Kind: string(e.Kind), Outcome: string(e.Outcome), Metrics: []Metric{},
		DatasetDigest: e.DatasetDigest, Suite: e.Suite, SuiteSHA256: e.SuiteSHA256, URL: e.URL, ArtifactSHA256: e.ArtifactSHA256, Note: e.Note,
		RecordedAt: e.RecordedAt.UTC(), FreshUntil: moment(e.FreshUntil(a.Policy.FreshFor(e.Kind)))}
	for _, m := range e.Metrics {
		out.Metrics = append(out.Metrics, Metric(m))
	}
	return entity(0, out), nil
}
