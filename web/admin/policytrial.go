package admin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	views "sundial/components/admin"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/lifecycle"
	"sundial/models/scorecard"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const (
	pageTrial = views.TrialSeconds * time.Second // how long a page compares at most
	fileTrial = 150 * time.Second                // and a file
	pageRows  = 200                              // of each of a page's tables
)

// TryProfile shows what a profile would change, and before one is chosen the forms alone.
func (h Handlers) TryProfile(c echo.Context) error {
	q := form.ReadQuery(c)
	name := q.Choice("profile", append([]string{""}, lifecycle.Profiles...)...)
	if err := q.Err(); err != nil {
		return err
	}
	v := views.TrialView{Profile: name}
	if name == "" {
		return h.drawTrial(c, http.StatusOK, v)
	}
	p, _ := lifecycle.Profile(name)
	return h.compare(c, p, v)
}

// TryProfileCSV is every model that a profile would change something about.
func (h Handlers) TryProfileCSV(c echo.Context) error {
	q := form.ReadQuery(c)
	name := q.Choice("profile", lifecycle.Profiles...)
	if err := q.Err(); err != nil {
		return err
	}
	p, _ := lifecycle.Profile(name)
	return h.trialCSV(c, p)
}

type trialInput struct {
	Policy string `form:"policy" is:"text" max:"200000"`
	Do     string `form:"do"`
}

// TryFile shows what a policy file would change. It is a POST because a file is too long for an address, and
// changes nothing: it answers with the page itself.
func (h Handlers) TryFile(c echo.Context) error {
	var in trialInput
	values, err := form.Decode(c, &in)
	v := views.TrialView{Text: values.Get("policy")}
	if f, ok := fault.As(err); ok && respond.Status(f.Kind) < 500 {
		return h.refuseTrial(c, v, f)
	}
	if err != nil {
		return err
	}
	v.Text = lines(c.Request().PostFormValue("policy")) // blanks at the start of a line are part of YAML
	if file, err := form.File(c, "file", lifecycle.MaxPolicyFile); err == nil {
		if _, sentence := form.Clean(string(file.Bytes)); sentence != "" {
			return h.refuseTrial(c, v, fault.At("file", "This file holds bytes that are not text. Choose a YAML file."))
		}
		v.Text = lines(string(file.Bytes))
	} else if f, ok := fault.As(err); ok && f.Kind == fault.TooLarge || !ok {
		return h.refuseTrial(c, v, f)
	}
	if strings.TrimSpace(v.Text) == "" {
		return h.refuseTrial(c, v, fault.At("policy", "Paste a policy, or choose a file."))
	}
	p, err := lifecycle.ReadPolicy([]byte(v.Text))
	if err != nil {
		return h.refuseTrial(c, v, policyFault(err))
	}
	if in.Do == "csv" {
		return h.trialCSV(c, p)
	}
	return h.compare(c, p, v)
}

// lines are a text with plain line ends and no mark of its byte order.
func lines(s string) string {
	return strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n")
}

// policyFault puts what is wrong with a policy at its field, each with its line.
func policyFault(err error) *fault.Fault {
	var wrong *lifecycle.PolicyError
	if !errors.As(err, &wrong) {
		return fault.At("policy", "This policy cannot be read.")
	}
	var p fault.Problems
	for _, x := range wrong.Problems {
		s := x.String()
		p.Add("policy", strings.ToUpper(s[:1])+strings.TrimSuffix(s[1:], ".")+".")
	}
	f, _ := fault.As(p.Err())
	return f
}

func (h Handlers) refuseTrial(c echo.Context, v views.TrialView, f *fault.Fault) error {
	if f == nil {
		f = fault.New(fault.Malformed, "The file cannot be read.")
	}
	v.Fault = f
	return h.drawTrial(c, respond.Status(f.Kind), v)
}

func (h Handlers) drawTrial(c echo.Context, status int, v views.TrialView) error {
	p := respond.Props(c, "Try another policy")
	p.Error, p.Crumbs = v.Fault != nil, []ui.Crumb{{Label: "Policy", Href: link.Policy()}, {Label: "Try another"}}
	p.Wide = v.Result != nil
	v.InForce, v.Limit = h.Policy.Version(), form.Bytes(lifecycle.MaxPolicyFile)
	return respond.HTML(c, status, views.Trial(p, v))
}

var errBusy = fault.New(fault.TooMany, "Somebody else is trying a policy just now, and that takes the whole inventory. Try again in a moment.")

// try compares for a time at most. One trial runs at a time in a process.
func (h Handlers) try(ctx context.Context, p lifecycle.Policy, most time.Duration, each func(scorecard.ModelTrial) error) (scorecard.Trial, error) {
	if !h.Trying.TryLock() {
		return scorecard.Trial{}, errBusy
	}
	defer h.Trying.Unlock()
	return h.Store.TryPolicy(ctx, h.Policy, p, store.AtMost(most), each)
}

func (h Handlers) compare(c echo.Context, p lifecycle.Policy, v views.TrialView) error {
	r := views.TrialResult{Policy: p.Version(), Same: p.Version() == h.Policy.Version()}
	var err error
	r.Trial, err = h.try(c.Request().Context(), p, pageTrial, func(m scorecard.ModelTrial) error {
		if m.Score.Tiered() {
			r.Tiers = append(r.Tiers, m)
		}
		if len(m.Gate.Fails)+len(m.Gate.Passes) > 0 {
			if len(r.Gates) < pageRows {
				r.Gates = append(r.Gates, m)
			} else {
				r.MoreGates++
			}
		}
		return nil
	})
	if f, ok := fault.As(err); ok {
		return h.refuseTrial(c, v, f)
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.Tiers, func(a, b scorecard.ModelTrial) int {
		switch x, y := a.Score.Gain(), b.Score.Gain(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	if n := len(r.Tiers); n > pageRows {
		r.Tiers, r.MoreTiers = r.Tiers[:pageRows], n-pageRows
	}
	v.Result = &r
	return h.drawTrial(c, http.StatusOK, v)
}

// trialCSV is a whole comparison or none: a file that ends in the middle would be taken for all there is.
func (h Handlers) trialCSV(c echo.Context, p lifecycle.Policy) error {
	var list []scorecard.ModelTrial
	t, err := h.try(c.Request().Context(), p, fileTrial, func(m scorecard.ModelTrial) error { list = append(list, m); return nil })
	if err != nil {
		return err
	}
	if !t.Whole() {
		return fault.Newf(fault.TooLarge, "There are too many models to compare for a page: use the command sundial policy dry-run, which has no limit of time.")
	}
	head := []string{"model", "slug", "team", "risk_tier", "phase", "score_before", "score_after", "tier_before", "tier_after", "criteria", "version", "gate_to", "gate_newly_failing", "gate_no_longer_failing"}
	return respond.CSV(c, "policy-dry-run-"+p.Profile+".csv", head, trialRows(list))
}

func trialRows(list []scorecard.ModelTrial) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, m := range list {
			var criteria []string
			for _, x := range m.Score.Moved {
				criteria = append(criteria, fmt.Sprintf("%s %g to %g", x.Key, x.Was, x.Is))
			}
			if !yield([]string{m.Name, m.Slug, m.Team, strconv.Itoa(int(m.Risk)), string(m.Phase), scorecard.Text(m.Score.Was), scorecard.Text(m.Score.Is), string(m.Score.WasTier), string(m.Score.IsTier),
				strings.Join(criteria, "; "), m.Version, string(m.To), checkKeys(m.Gate.Fails), checkKeys(m.Gate.Passes)}, nil) {
				return
			}
		}
	}
}

func checkKeys(list []lifecycle.Check) string {
	var keys []string
	for _, c := range list {
		keys = append(keys, c.Key)
	}
	return strings.Join(keys, "; ")
}
