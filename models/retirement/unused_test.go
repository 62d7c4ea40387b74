package retirement

import (
	"testing"

	"sundial/models/day"
)

func TestSinceWhenNobodyNoticed(t *testing.T) {
	for name, x := range map[string]struct {
		u    Unnoticed
		want day.Day
	}{
		"it never reported":              {Unnoticed{FirstServed: "2026-01-05"}, "2026-01-05"},
		"it stopped":                     {Unnoticed{FirstServed: "2026-01-05", LastStamp: "2026-08-31"}, "2026-09-01"},
		"reports from before it served":  {Unnoticed{FirstServed: "2026-01-05", LastStamp: "2025-12-01"}, "2026-01-05"},
		"a report of the day it started": {Unnoticed{FirstServed: "2026-01-05", LastStamp: "2026-01-05"}, "2026-01-06"},
	} {
		if got := x.u.Since(); got != x.want {
			t.Errorf("%s: since %s, want %s", name, got, x.want)
		}
	}
}

func TestTheNextStepForWhatNobodyNotices(t *testing.T) {
	for name, x := range map[string]struct {
		u    Unnoticed
		want NextStep
	}{
		"silence that nobody measures is measured first": {Unnoticed{Plan: "approved"}, MeasureFirst},
		"not measured and without a plan":                {Unnoticed{}, MeasureFirst},
		"no plan on file":                                {Unnoticed{TeamReports: true}, FilePlan},
		"the plan was rejected":                          {Unnoticed{TeamReports: true, Plan: "rejected"}, FilePlan},
		"the plan is being written":                      {Unnoticed{TeamReports: true, Plan: "draft"}, FinishPlan},
		"the reviewer asked for changes":                 {Unnoticed{TeamReports: true, Plan: "changes_requested"}, FinishPlan},
		"the plan is in review":                          {Unnoticed{TeamReports: true, Plan: "submitted"}, AwaitReview},
		"a stale plan counts as none":                    {Unnoticed{TeamReports: true, Plan: "stale"}, MendPlan},
		"the plan holds":                                 {Unnoticed{TeamReports: true, Plan: "approved"}, BeginEnding},
		"under way, measured or not":                     {Unnoticed{Plan: "approved", Retiring: Drain}, FollowEnding},
	} {
		if got := x.u.Next(); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
}
