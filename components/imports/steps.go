package imports

import (
	"strings"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/intake"
)

// step is where on its way an import is.
type step int

const (
	stepFile step = iota
	stepFormat
	stepColumns
	stepCheck
	stepImport
)

// steps are the way of an import; those behind are links while they may be taken again.
func steps(j intake.Job, at step) []ui.Step {
	labels := []string{"File", "Format", "Columns", "Check", "Import"}
	hrefs := []string{"", link.ImportFormat(j.ID), link.ImportMapping(j.ID), "", ""}
	over := j.Progress.State == intake.JobRunning || j.Progress.State.Over()
	var list []ui.Step
	for i, label := range labels {
		s := ui.Step{Label: label, State: ui.StepAhead}
		switch {
		case step(i) < at || j.Progress.State == intake.JobDone:
			s.State = ui.StepDone
			if !over {
				s.Href = hrefs[i]
			}
		case step(i) == at:
			s.State = ui.StepCurrent
		}
		list = append(list, s)
	}
	return list
}

func stateTone(s intake.JobState) ui.Tone {
	switch s {
	case intake.JobDone:
		return ui.Good
	case intake.JobFailed:
		return ui.Bad
	case intake.JobRunning:
		return ui.Info
	case intake.JobCancelled:
		return ui.Warn
	}
	return ui.Neutral
}

func stateTitle(s intake.JobState) string {
	switch s {
	case intake.JobUploaded:
		return "Format not confirmed"
	case intake.JobMapping:
		return "Columns not mapped"
	case intake.JobPreviewed:
		return "Ready to run"
	case intake.JobRunning:
		return "Running"
	case intake.JobDone:
		return "Done"
	case intake.JobFailed:
		return "Failed"
	case intake.JobCancelled:
		return "Cancelled"
	}
	return "Unknown"
}

func outcomeTone(o intake.Outcome) ui.Tone {
	switch o {
	case intake.OutcomeAdded:
		return ui.Good
	case intake.OutcomeChanged:
		return ui.Info
	case intake.OutcomeRefused:
		return ui.Bad
	}
	return ui.Neutral
}

func outcomeIcon(o intake.Outcome) string {
	switch o {
	case intake.OutcomeAdded:
		return "plus"
	case intake.OutcomeChanged, intake.OutcomeFacts:
		return "changed"
	case intake.OutcomeRefused:
		return "cross"
	}
	return "dash"
}

// reportedTitle says a reported state in a column or a form, without "Reported".
func reportedTitle(r intake.Reported) string {
	switch r {
	case intake.NotStated:
		return "Not stated"
	case intake.Operating:
		return "In operation, not governed yet"
	case intake.Developing:
		return "In development"
	case intake.Planned:
		return "Planned"
	case intake.Retired:
		return "Retired"
	}
	return r.Title()
}

func cut(s string, n int) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= n {
		return string(r)
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// cutAt is where a text that is too long for its place is cut.
const cutAt = 160
