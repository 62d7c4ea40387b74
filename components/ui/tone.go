package ui

// Tone is what a badge, notice or tile means. It picks colours and a default icon.
type Tone string

const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// toneIcon is the glyph a tone shows unless told otherwise, so that colour never speaks alone.
func toneIcon(t Tone) string {
	switch t {
	case Info:
		return "info"
	case Good:
		return "check"
	case Warn:
		return "warning"
	case Bad:
		return "cross"
	default:
		return "dot"
	}
}

// noticeIcon is toneIcon in its larger, circled form.
func noticeIcon(t Tone) string {
	switch t {
	case Good:
		return "check-circle"
	case Bad:
		return "error"
	case Warn:
		return "warning"
	default:
		return "info"
	}
}
