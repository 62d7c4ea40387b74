package retirement

import (
	"fmt"
	"strconv"
	"strings"

	"sundial/models/day"
	"sundial/models/registry"
)

// Body is what a plan says, section by section. JSON names are the forms' input names, so that a problem's
// field ("steps[0].title") points at the input. The tags most and least bound a text's
// characters, a list's rows or a number; the defaults are in check.go.
type Body struct {
	Trigger   Trigger     `json:"trigger"`
	Dates     Dates       `json:"dates"`
	Candidate Candidate   `json:"candidate"`
	Consumers Consumers   `json:"consumers"`
	Steps     []Step      `json:"steps,omitempty"`
	Rollback  Rollback    `json:"rollback"`
	Assets    []DataAsset `json:"assets,omitempty" most:"100"`
	Access    []Access    `json:"access,omitempty"`
	Archive   []Archive   `json:"archive,omitempty"`
	People    People      `json:"people"`
}

// Trigger says what ends the model: a criterion that is measured, or a date.
type Trigger struct {
	Kind        TriggerKind `json:"kind,omitempty"`
	Criterion   Criterion   `json:"criterion"`
	Date        day.Day     `json:"date,omitempty"`
	Explanation string      `json:"explanation,omitempty" most:"2000"`
}

// Criterion is the replacement criterion as a predicate: the metric, over the window, compared.
type Criterion struct {
	Metric     string   `json:"metric,omitempty"`
	Operator   Operator `json:"operator,omitempty"`
	Threshold  *float64 `json:"threshold,omitempty" least:"-1e15" most:"1e15"` // nil: not said; 0 is a threshold
	WindowDays int      `json:"window_days,omitempty" most:"365"`
	Source     string   `json:"source,omitempty"` // where the metric is reported
}

// Given reports whether anything of a criterion was written.
func (c Criterion) Given() bool { return c != Criterion{} }

// Measurable reports whether the criterion can be evaluated: every part of the predicate is there.
func (c Criterion) Measurable() bool {
	return c.Metric != "" && c.Operator != "" && c.Operator.Known() && c.Threshold != nil &&
		c.WindowDays > 0 && c.Source != ""
}

// Sentence is the criterion as people read it: "auc < 0.8 over 30 days (monitoring)".
func (c Criterion) Sentence() string {
	if !c.Measurable() {
		return ""
	}
	return fmt.Sprintf("%s %s %s over %s (%s)", c.Metric, c.Operator,
		strconv.FormatFloat(*c.Threshold, 'g', -1, 64), days(c.WindowDays), c.Source)
}

// Dates are promises of days. The latest start is not among them: it is computed (see Runway).
type Dates struct {
	Deprecation day.Day `json:"deprecation,omitempty"` // when the model is meant to be gone
	ReviewBy    day.Day `json:"review_by,omitempty"`   // until when somebody looks at the plan again
	VendorEnd   day.Day `json:"vendor_end,omitempty"`  // what the vendor announced, "" when nobody did
}

// Candidate is what takes over: a model of this portal (with or without a version), a vendor's release,
// or nothing, and then where the decision goes that the model made.
type Candidate struct {
	Model            string   `json:"model,omitempty"` // slug
	Version          string   `json:"version,omitempty"`
	Host             string   `json:"host,omitempty"`
	VendorID         string   `json:"vendor_id,omitempty"`
	None             bool     `json:"none,omitempty"`
	DecisionGoesTo   string   `json:"decision_goes_to,omitempty" most:"2000"`
	EquivalenceTests []string `json:"equivalence_tests,omitempty"` // in a form: one input, one test a line
}

// Label names the candidate in a sentence.
func (c Candidate) Label() string {
	switch {
	case c.None:
		return "no replacement"
	case c.Model != "" && c.Version != "":
		return c.Model + "@" + c.Version
	case c.Model != "":
		return c.Model
	}
	return strings.Trim(c.Host+"/"+c.VendorID, "/")
}

// Consumers is the model's consumer list as it stood when the plan was written, so that the approval is
// bound to it; or why there are none.
type Consumers struct {
	List       []registry.Consumer `json:"list,omitempty" most:"200"`
	NoneReason string              `json:"none_reason,omitempty" most:"2000"`
}

// Step is one step of the cutover.
type Step struct {
	Order        int    `json:"order,omitempty" most:"999"`
	Title        string `json:"title,omitempty"`
	Owner        string `json:"owner,omitempty"`
	Precondition string `json:"precondition,omitempty" most:"1000"`
	Check        string `json:"check,omitempty" most:"1000"` // how one sees that it worked
	Reversible   bool   `json:"reversible,omitempty"`
	ExpectedDays int    `json:"expected_days,omitempty" most:"730"`
	Mode         Mode   `json:"mode,omitempty"` // "" for a step that moves no traffic
	DualRunDays  int    `json:"dual_run_days,omitempty" most:"730"`
}

// Rollback says how long the old version may return, on whose word, and from when on it cannot.
type Rollback struct {
	WindowDays       int    `json:"window_days,omitempty" most:"730"`
	Decides          string `json:"decides,omitempty"`
	PointOfNoReturn  string `json:"point_of_no_return,omitempty" most:"1000"`
	CapacityHeldDays int    `json:"capacity_held_days,omitempty" most:"730"`
}

// DataAsset is data the model leaves behind, and the decision what happens to it.
type DataAsset struct {
	Kind            AssetKind `json:"kind,omitempty"`
	Name            string    `json:"name,omitempty"`
	Location        string    `json:"location,omitempty" most:"500"`
	PersonalData    bool      `json:"personal_data,omitempty"`
	Decision        Decision  `json:"decision,omitempty"`
	KeepUntil       day.Day   `json:"keep_until,omitempty"`
	LegalBasis      string    `json:"legal_basis,omitempty" most:"1000"`
	Hold            Hold      `json:"hold,omitempty"`
	DeleteOn        day.Day   `json:"delete_on,omitempty"`
	DeleteAfterDays int       `json:"delete_after_days,omitempty"` // after the deprecation date
	Method          string    `json:"method,omitempty" most:"1000"`
	Performer       string    `json:"performer,omitempty"`
	Verifier        string    `json:"verifier,omitempty"`
}

// Access is a credential, endpoint or resource to release, and what it costs until then.
type Access struct {
	What        string  `json:"what,omitempty"`
	Action      string  `json:"action,omitempty" most:"1000"`
	MonthlyCost float64 `json:"monthly_cost,omitempty" most:"1000000000"`
}

// Archive is evidence that outlives the model, for a number of years or until a day.
type Archive struct {
	What  string  `json:"what,omitempty"`
	Years int     `json:"years,omitempty" most:"100"`
	Until day.Day `json:"until,omitempty"`
	Where string  `json:"where,omitempty" most:"500"`
}

// People are the ids of those who carry the retirement; 0 when nobody is named.
type People struct {
	Owner       int64 `json:"owner,omitempty"`
	CutoverLead int64 `json:"cutover_lead,omitempty"`
	DataSteward int64 `json:"data_steward,omitempty"`
	Deputy      int64 `json:"deputy,omitempty"`
}

// Ends is the day the model is meant to be gone: the deprecation date, else the trigger's date.
func (b Body) Ends() day.Day {
	if b.Dates.Deprecation.Known() {
		return b.Dates.Deprecation
	}
	return b.Trigger.Date
}

// RollbackEnds is the day the rollback window closes, "" while the end is unknown.
func (b Body) RollbackEnds() day.Day { return b.Ends().Add(b.Rollback.WindowDays) }

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}
