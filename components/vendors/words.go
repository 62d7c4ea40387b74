package vendors

import (
	"strings"

	"sundial/models/vendors"
)

func classWord(c vendors.Class) string {
	switch c {
	case vendors.Pinned:
		return "Pinned"
	case vendors.PinnedDateless:
		return "Pinned, no date"
	case vendors.PreviewPinned:
		return "Dated preview"
	case vendors.PreviewFloating:
		return "Floating preview"
	case vendors.Floating:
		return "Floating"
	}
	return "Undetermined"
}

// mayServe is MayServe for what was tried.
func mayServe(t Try) string {
	c := t.Verdict.Class
	if c == vendors.Undetermined && t.Known != nil {
		c = t.Known.Class
	}
	return MayServe(c)
}

// MayServe says where an id of a class may go.
func MayServe(c vendors.Class) string {
	switch {
	case vendors.MayServe(c, 1, false):
		return "It may go to production at every tier, as long as its end is known and far enough away."
	case vendors.MayServe(c, 3, false):
		return "It may go to production at tier 3, at other tiers with a waiver."
	case c == vendors.Undetermined:
		return "It may not go to production until a reviewer has classified it, with a citation."
	}
	return "It may not go to production, and no waiver lifts that."
}

func address(source string) bool {
	return strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://")
}

// ClassWord is a class as people read it.
func ClassWord(c vendors.Class) string { return classWord(c) }
