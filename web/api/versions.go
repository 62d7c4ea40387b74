package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sundial/components/link"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
)

// Version is one state of a model, with how it was built.
type Version struct {
	Model          string     `json:"model"`
	Version        string     `json:"version" doc:"Its label."`
	Stamp          string     `json:"stamp" doc:"What predictions carry: model@version."`
	Kind           string     `json:"kind" enum:"trained,genai"`
	Stage          string     `json:"stage" enum:"experiment,registered,validated,staged,production,retired"`
	Digest         string     `json:"digest" doc:"The SHA-256 of what makes this version what it is."`
	Summary        string     `json:"summary,omitempty"`
	Lineage        *Lineage   `json:"lineage,omitempty" doc:"Of a trained version."`
	Release        *Release   `json:"release,omitempty" doc:"Of a GenAI version."`
	RollbackTarget string     `json:"rollback_target,omitempty"`
	RolloutPlan    string     `json:"rollout_plan,omitempty"`
	Monitoring     Monitoring `json:"monitoring"`
	StageSince     *time.Time `json:"stage_since,omitempty"`
	ServedSince    *time.Time `json:"served_since,omitempty" doc:"When it first served."`
	SupersededAt   *time.Time `json:"superseded_at,omitempty"`
	RollbackUntil  *time.Time `json:"rollback_until,omitempty" doc:"Until when a superseded version may return."`
	ClosedReason   string     `json:"closed_reason,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	URL            string     `json:"url" doc:"Its page."`
}

// Lineage is how a trained version was built.
type Lineage struct {
	Code        *Code     `json:"code,omitempty"`
	Datasets    []Dataset `json:"datasets,omitempty" maxItems:"200"`
	Parameters  Pairs     `json:"parameters,omitempty"`
	Metrics     Pairs     `json:"metrics,omitempty"`
	Environment Pairs     `json:"environment,omitempty"`
	Run         *Run      `json:"run,omitempty"`
}

// Code is the commit a version was built from.
type Code struct {
	Repo   string `json:"repo,omitempty" maxLength:"2000"`
	Commit string `json:"commit,omitempty" maxLength:"200" doc:"7 to 64 hexadecimal digits; a branch or tag moves and is refused."`
}

// Dataset is data a version was trained or tested on.
type Dataset struct {
	Name   string `json:"name" maxLength:"800"`
	URI    string `json:"uri,omitempty" maxLength:"8000"`
	Digest string `json:"digest,omitempty" maxLength:"400" doc:"sha256: and 64 hexadecimal digits, or the version id of the data store."`
	Role   string `json:"role" doc:"training, validation or test."`
}

// Run is the run in the tracking tool.
type Run struct {
	URL string `json:"url,omitempty" maxLength:"8000"`
	ID  string `json:"id,omitempty" maxLength:"800"`
}

// Release is the exact tuple of a GenAI version.
type Release struct {
	Host            string   `json:"host,omitempty" maxLength:"400" doc:"The service that the calls go to."`
	ModelID         string   `json:"model_id,omitempty" maxLength:"2000" doc:"The vendor's id, exactly as the calls send it."`
	UpgradePolicy   string   `json:"upgrade_policy,omitempty" maxLength:"200" doc:"Of an Azure OpenAI deployment."`
	Prompts         []Prompt `json:"prompts,omitempty" maxItems:"200"`
	Parameters      Pairs    `json:"parameters,omitempty"`
	Tools           Pairs    `json:"tools,omitempty" doc:"A tool's name to the SHA-256 of its schema."`
	NoToolsReason   string   `json:"no_tools,omitempty" maxLength:"2000"`
	EvaluationSuite *Suite   `json:"evaluation_suite,omitempty"`
}

// Prompt is one prompt under its hash.
type Prompt struct {
	Name   string `json:"name" maxLength:"400"`
	Repo   string `json:"repo,omitempty" maxLength:"8000"`
	Path   string `json:"path,omitempty" maxLength:"2000"`
	Commit string `json:"commit,omitempty" maxLength:"200"`
	SHA256 string `json:"sha256,omitempty" maxLength:"200" doc:"Computed when the text is sent."`
	Text   string `json:"text,omitempty" maxLength:"400000"`
	Config string `json:"config,omitempty" maxLength:"80000" doc:"What the prompt is sent with, as one JSON object written as text. Part of the hash."`
}

// Suite is the evaluation suite of a release.
type Suite struct {
	Name    string `json:"name,omitempty" maxLength:"800"`
	Version string `json:"version,omitempty" maxLength:"400"`
	SHA256  string `json:"sha256,omitempty" maxLength:"200"`
}

// Monitoring says where a version is watched.
type Monitoring struct {
	Drift   string `json:"drift,omitempty" maxLength:"2000"`
	Quality string `json:"quality,omitempty" maxLength:"2000"`
	Cost    string `json:"cost,omitempty" maxLength:"2000"`
}

// Pairs are named values. They are kept as text; numbers and booleans are taken as they are written.
type Pairs map[string]Scalar

// Scalar is one value of pairs.
type Scalar string

// UnmarshalJSON takes a text, a number or a boolean.
func (s *Scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	*s = Scalar(b)
	return nil
}

// Schema tells what UnmarshalJSON takes.
func (Scalar) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean}}}
}

func (a *API) versions() {
	register(a, org.Read, Operation{ID: "listVersions", Method: http.MethodGet, Path: "/models/{model}/versions", Group: "Versions", Title: "List a model's versions",
		About: "Newest first."}, a.listVersions)
	register(a, org.Edit, Operation{ID: "addVersion", Method: http.MethodPost, Path: "/models/{model}/versions", Group: "Versions", Title: "Add a version",
		About: "A trained model's version has a lineage, a GenAI model's a release, never both.", Status: http.StatusCreated}, a.addVersion)
	register(a, org.Read, Operation{ID: "version", Method: http.MethodGet, Path: "/models/{model}/versions/{version}", Group: "Versions", Title: "Read a version"}, a.readVersion)
	register(a, org.Edit, Operation{ID: "changeVersion", Method: http.MethodPatch, Path: "/models/{model}/versions/{version}", Group: "Versions", Title: "Change a version",
		About: "Fields that are not sent stay as they are; a lineage or release is replaced whole. How a version was built is fixed once it serves."}, a.changeVersion)
}

// InVersion is a path about one version.
type InVersion struct {
	InModel
	Version string `path:"version" maxLength:"200" doc:"The version's label." example:"v7"`
}

func (a *API) listVersions(ctx context.Context, in *struct {
	InModel
	Paging
}) (*Listed[Version], error) {
	before, err := countCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	m, err := a.Store.Model(ctx, in.Model)
	if err != nil {
		return nil, err
	}
	list, err := a.Store.Versions(ctx, m.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := store.Page[registry.Version]{Rows: list}
	if len(list) > in.Limit {
		page.Rows = list[:in.Limit]
		page.Next = strconv.FormatInt(page.Rows[in.Limit-1].ID, 10)
	}
	return listed(page, func(v registry.Version) Version { return a.versionOf(m, v) }), nil
}

// countCursor is a cursor that is a number; 0 without one.
func countCursor(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.Malformed, "This cursor is damaged. Start again without one.")
	}
	return n, nil
}

// VersionDraft is what adding a version asks.
type VersionDraft struct {
	Version string `json:"version" maxLength:"200" doc:"Its label, unique within the model." example:"v7"`
	VersionPatch
}

// VersionPatch names what is to change.
type VersionPatch struct {
	Summary        *string     `json:"summary,omitempty" maxLength:"8000"`
	Lineage        *Lineage    `json:"lineage,omitempty"`
	Release        *Release    `json:"release,omitempty"`
	RollbackTarget *string     `json:"rollback_target,omitempty" maxLength:"2000" doc:"Another version's label, or none: and the reason."`
	RolloutPlan    *string     `json:"rollout_plan,omitempty" maxLength:"16000"`
	Monitoring     *Monitoring `json:"monitoring,omitempty"`
}

// over is a draft with what the patch names.
func (p VersionPatch) over(d registry.VersionDraft, kind registry.Kind) (registry.VersionDraft, error) {
	if p.Release != nil && kind != registry.GenAI {
		return d, fault.At("release", "This model is trained: its versions have a lineage and no release.")
	}
	if p.Lineage != nil && kind == registry.GenAI {
		return d, fault.At("lineage", "This model is GenAI: its versions have a release and no lineage.")
	}
	if p.Summary != nil {
		d.Summary = *p.Summary
	}
	if p.RollbackTarget != nil {
		d.RollbackTarget = *p.RollbackTarget
	}
	if p.RolloutPlan != nil {
		d.RolloutPlan = *p.RolloutPlan
	}
	if p.Monitoring != nil {
		d.Monitoring = registry.Monitoring(*p.Monitoring)
	}
	if p.Lineage != nil {
		d.Lineage = p.Lineage.rule()
	}
	if p.Release != nil {
		d.Release = p.Release.rule()
	}
	return d, nil
}

func (a *API) addVersion(ctx context.Context, in *struct {
	InModel
	Body VersionDraft
}) (*Entity[Version], error) {
	m, err := a.Store.Model(ctx, in.Model)
	if err != nil {
		return nil, err
	}
	labels, err := a.Store.Labels(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.Store.AddVersion(ctx, in.Model, func(m *registry.Model) (*registry.Version, error) {
		d, err := in.Body.over(registry.VersionDraft{Label: in.Body.Version}, m.Kind)
		if err != nil {
			return nil, err
		}
		return registry.NewVersion(actorIn(ctx), m, d, labels, a.now())
	})
	if err != nil {
		return nil, relabel(err, versionField(m.Kind))
	}
	out := entity(v.Revision, a.versionOf(m, v))
	out.Location = Prefix + link.Version(m.Slug, v.Label)
	return out, nil
}

func (a *API) readVersion(ctx context.Context, in *InVersion) (*Entity[Version], error) {
	m, v, err := a.Store.Version(ctx, in.Model, in.Version)
	if err != nil {
		return nil, err
	}
	out := entity(v.Revision, a.versionOf(m, v))
	if v.Stage != registry.Production {
		return out, nil
	}
	return out, a.ends(ctx, m.Slug, out)
}

func (a *API) changeVersion(ctx context.Context, in *struct {
	InVersion
	IfMatch string `header:"If-Match" doc:"The ETag of what was read. Without it the answer is 428, with an old one 412."`
	Body    VersionPatch
}) (*Entity[Version], error) {
	rev, err := revision(in.IfMatch)
	if err != nil {
		return nil, err
	}
	m, _, err := a.Store.Version(ctx, in.Model, in.Version)
	if err != nil {
		return nil, err
	}
	labels, err := a.Store.Labels(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	_, err = a.Store.ChangeVersion(ctx, in.Model, in.Version, rev, func(m *registry.Model, v *registry.Version) error {
		kept := registry.VersionDraft{Summary: v.Summary, RollbackTarget: v.RollbackTarget, RolloutPlan: v.RolloutPlan, Monitoring: v.Monitoring}
		if !v.BuildFixed() {
			kept.Lineage, kept.Release = v.Lineage, v.Release
		}
		d, err := in.Body.over(kept, m.Kind)
		if err != nil {
			return err
		}
		return v.Edit(actorIn(ctx), m, d, labels, a.now())
	})
	if err != nil && !registry.Unchanged(err) {
		return nil, preconditioned(relabel(err, versionField(m.Kind)))
	}
	return a.readVersion(ctx, &in.InVersion)
}

// versionField is where a body has what a page's form calls otherwise.
func versionField(kind registry.Kind) func(string) string {
	part := "lineage."
	if kind == registry.GenAI {
		part = "release."
	}
	return func(field string) string {
		switch root, rest, _ := strings.Cut(field, "."); {
		case field == "label":
			return "version"
		case root == "monitoring" || field == "summary" || field == "rollback_target" || field == "rollout_plan" || field == "lineage" || field == "release":
			return field
		case root == "suite":
			return part + "evaluation_suite." + rest
		}
		return part + field
	}
}

func (a *API) versionOf(m registry.Model, v registry.Version) Version {
	out := Version{Model: m.Slug, Version: v.Label, Stamp: m.Slug + "@" + v.Label, Kind: string(v.Kind), Stage: string(v.Stage), Digest: v.Digest(), Summary: v.Summary,
		RollbackTarget: v.RollbackTarget, RolloutPlan: v.RolloutPlan, Monitoring: Monitoring(v.Monitoring), StageSince: moment(v.StageSince),
		ServedSince: moment(v.ServedSince), SupersededAt: moment(v.SupersededAt), RollbackUntil: moment(v.RollbackUntil), ClosedReason: v.ClosedReason,
		CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), URL: a.page(link.Version(m.Slug, v.Label))}
	out.Lineage, out.Release = builtOf(v)
	return out
}

// builtOf is how a version was built: one of the two.
func builtOf(v registry.Version) (*Lineage, *Release) {
	if v.Kind == registry.GenAI {
		return nil, releaseOf(v.Release)
	}
	return lineageOf(v.Lineage), nil
}

func lineageOf(l registry.Lineage) *Lineage {
	out := &Lineage{Code: unlessZero(Code(l.Code)), Parameters: pairsOf(l.Parameters), Metrics: pairsOf(l.Metrics), Environment: pairsOf(l.Environment), Run: unlessZero(Run(l.Run))}
	for _, d := range l.Datasets {
		out.Datasets = append(out.Datasets, Dataset(d))
	}
	return out
}

func (l Lineage) rule() registry.Lineage {
	out := registry.Lineage{Code: registry.Code(deref(l.Code)), Parameters: l.Parameters.rule(), Metrics: l.Metrics.rule(),
		Environment: l.Environment.rule(), Run: registry.Run(deref(l.Run))}
	for _, d := range l.Datasets {
		out.Datasets = append(out.Datasets, registry.Dataset(d))
	}
	return out
}

func releaseOf(r registry.Release) *Release {
	out := &Release{Host: r.Host, ModelID: r.ModelID, UpgradePolicy: r.UpgradePolicy, Parameters: pairsOf(r.Parameters), Tools: pairsOf(r.Tools),
		NoToolsReason: r.NoToolsReason, EvaluationSuite: unlessZero(Suite(r.EvaluationSuite))}
	for _, p := range r.Prompts {
		out.Prompts = append(out.Prompts, Prompt(p))
	}
	return out
}

func (r Release) rule() registry.Release {
	out := registry.Release{Host: r.Host, ModelID: r.ModelID, UpgradePolicy: r.UpgradePolicy, Parameters: r.Parameters.rule(), Tools: r.Tools.rule(),
		NoToolsReason: r.NoToolsReason, EvaluationSuite: registry.Suite(deref(r.EvaluationSuite))}
	for _, p := range r.Prompts {
		out.Prompts = append(out.Prompts, registry.Prompt(p))
	}
	return out
}

func pairsOf(m map[string]string) Pairs {
	if len(m) == 0 {
		return nil
	}
	out := make(Pairs, len(m))
	for k, v := range m {
		out[k] = Scalar(v)
	}
	return out
}

func (p Pairs) rule() map[string]string {
	if len(p) == 0 {
		return nil
	}
	out := make(map[string]string, len(p))
	for k, v := range p {
		out[k] = string(v)
	}
	return out
}

// unlessZero is a value, nil when nothing of it was said.
func unlessZero[T any](v T) *T {
	if reflect.ValueOf(v).IsZero() {
		return nil
	}
	return &v
}
