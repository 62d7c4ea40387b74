package registry

import (
	"fmt"
	"strconv"
	"time"

	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

func slaLines(s registry.SLA) []string {
	var out []string
	if s.AvailabilityPercent > 0 {
		out = append(out, number(s.AvailabilityPercent)+" % available")
	}
	if s.LatencyP95Millis > 0 {
		out = append(out, "95 of 100 answers within "+ui.Number(int64(s.LatencyP95Millis))+" ms")
	}
	if s.QualityMetric != "" {
		words := "at least"
		if s.QualityOperator == "<=" {
			words = "at most"
		}
		out = append(out, fmt.Sprintf("%s %s %s", s.QualityMetric, words, number(s.QualityThreshold)))
	}
	if s.Support != "" {
		out = append(out, "Support: "+s.Support)
	}
	return out
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func consumerNote(c registry.Consumer) string {
	note := c.Contact
	switch c.Criticality {
	case "high":
		note = "depends critically, " + note
	case "low":
		note = "depends little, " + note
	}
	if c.NoticeDays > 0 {
		note += ", needs " + ui.Count(int64(c.NoticeDays), "day", "days") + " notice"
	}
	return note
}

// versionNote says what a stage alone does not: that a version may return, or why it ended.
func versionNote(v registry.Version, now time.Time) string {
	switch {
	case lifecycle.MayReturn(&v, now):
		return "superseded, may return until " + ui.FormatDate(v.RollbackUntil)
	case v.Stage == registry.Staged && !v.SupersededAt.IsZero():
		return "superseded, its rollback window is over"
	case v.Stage == registry.Retired && !v.SupersededAt.IsZero():
		return "superseded on " + ui.FormatDate(v.SupersededAt)
	case v.Stage == registry.Retired && v.ClosedReason != "":
		return "closed: " + cut(v.ClosedReason)
	}
	return ""
}

func howWords(how string) string {
	switch how {
	case "promotion":
		return "Promoted"
	case "rollback":
		return "Rolled back to"
	case "break-glass":
		return "Break-glass"
	}
	return how
}

func reportedWords(state string) string {
	switch state {
	case "planned":
		return "Reported as planned"
	case "developing":
		return "Reported in development"
	case "operating":
		return "Reported in operation"
	case "retired":
		return "Reported as retired"
	case "vanished":
		return "Was reported in operation"
	}
	return "Reported"
}

func openItems(rows []OpenRow, now time.Time) []ui.WorkItem {
	items := make([]ui.WorkItem, 0, len(rows))
	for _, r := range rows {
		item := ui.WorkItem{Title: r.Version + " to " + string(r.To), Href: link.Request(r.ID),
			Note: "Asked by " + r.Requester + " " + ui.Ago(r.OpenedAt, now) + ", " + ui.Count(int64(r.Approvals), "approval", "approvals") + " so far"}
		if r.Late {
			item.Meta = ui.Badge(ui.Warn, "Late")
		}
		items = append(items, item)
	}
	return items
}
