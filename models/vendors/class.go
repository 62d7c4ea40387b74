package vendors

import (
	"strings"

	"sundial/models/fault"
)

// Class says what holds the weights behind an id in place. The zero Class counts as Undetermined.
type Class string

// The six classes, from the firmest to the unknown.
const (
	Pinned          Class = "pinned"
	PinnedDateless  Class = "pinned_dateless"
	PreviewPinned   Class = "preview_pinned"
	PreviewFloating Class = "preview_floating"
	Floating        Class = "floating"
	Undetermined    Class = "undetermined"
)

// Classes lists all six, from the firmest to the unknown.
func Classes() []Class {
	return []Class{Pinned, PinnedDateless, PreviewPinned, PreviewFloating, Floating, Undetermined}
}

// ParseClass reads a class by its name; case, blanks and hyphens for underscores are forgiven.
func ParseClass(s string) (Class, error) {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "-", "_")
	for _, c := range Classes() {
		if word == string(c) {
			return c, nil
		}
	}
	return "", fault.At("class", "Choose one of pinned, pinned_dateless, preview_pinned, preview_floating, floating, undetermined.")
}

func (c Class) String() string {
	if c == "" {
		return string(Undetermined)
	}
	return string(c)
}

// Meaning is the class as half a sentence, for pages that show the word.
func (c Class) Meaning() string {
	switch c {
	case Pinned:
		return "a date, digest or revision fixes the weights"
	case PinnedDateless:
		return "the vendor promises that this id never moves"
	case PreviewPinned:
		return "a dated preview: fixed, but it may be withdrawn at short notice"
	case PreviewFloating:
		return "an undated preview: it may change or vanish any day"
	case Floating:
		return "the vendor may put another model behind this id any day"
	default:
		return "neither a date nor a promise was found; a reviewer must classify it with a citation"
	}
}

// IsPinned reports whether the weights cannot change behind the id, previews included.
func (c Class) IsPinned() bool { return c == Pinned || c == PinnedDateless || c == PreviewPinned }

// lowestTier is the risk tier (1 highest, 3 lowest) that may run on a dated preview.
const lowestTier = 3

// MayServe reports whether a model of this risk tier may go to production on an id of the class.
// A waiver lifts a dated preview only: nobody can waive that a floating id moves.
func MayServe(c Class, tier int, waived bool) bool {
	switch c {
	case Pinned, PinnedDateless:
		return true
	case PreviewPinned:
		return tier == lowestTier || waived
	default:
		return false
	}
}

// firmness orders classes by how much they promise; of two, the lower is the safer to believe.
func (c Class) firmness() int {
	for i, known := range Classes() {
		if c == known {
			return len(Classes()) - i
		}
	}
	return 1
}
