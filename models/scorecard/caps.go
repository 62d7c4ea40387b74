package scorecard

import (
	"time"

	"sundial/models/day"
	"sundial/models/vendors"
)

// shortcoming is one of the things that cap a score.
type shortcoming int

const (
	unnamed shortcoming = iota
	vendorMayChange
	nobodyAnswers
	noPlan
	cutoverLate
	qualityUnknown
	glassOpen
	shortcomings // how many there are
)

// capLimits is the highest score that each still allows, the hardest first.
var capLimits = [shortcomings]int{unnamed: 19, vendorMayChange: 39, nobodyAnswers: 39, noPlan: 69, cutoverLate: 69, qualityUnknown: 89, glassOpen: 89}

// capped says which shortcomings a model has. holds reports whether a criterion's fact counts, so that a
// fact that grew too old caps at the same moment as it stops earning.
func capped(f *Facts, holds func(key string) bool, today day.Day) (has [shortcomings]bool) {
	operates := f.Phase.Operates()
	has[unnamed] = operates && !f.Named
	has[vendorMayChange] = operates && vendorTrouble(f, today) != ""
	has[nobodyAnswers] = !holds("owner") && !holds("deputy")
	has[noPlan] = !holds("plan") || !holds("criterion") || !holds("candidate")
	has[cutoverLate] = operates && !f.CutoverStarted && f.VendorEnd.Known() && f.VendorEnd.After(today) && today.Until(f.VendorEnd) <= f.RunwayDays
	has[qualityUnknown] = operates && !holds("quality")
	has[glassOpen] = !holds("break_glass")
	return has
}

// caps lists every shortcoming that limits the score, the hardest first. It reads the lines that were
// just scored.
func caps(f Facts, s *Scorecard, now time.Time) []Cap {
	var out []Cap
	today := day.Of(now)
	for i, has := range capped(&f, s.holds, today) {
		if !has {
			continue
		}
		reason, key := s.capReason(shortcoming(i), &f, today)
		mend := "plan" // where a cutover begins
		if c, ok := CriterionOf(key); ok {
			mend = c.Mend
		}
		out = append(out, Cap{capLimits[i], reason, mend, key})
	}
	return out
}

// capReason says why a shortcoming caps, and the key of what lifts it.
func (s *Scorecard) capReason(what shortcoming, f *Facts, today day.Day) (reason, key string) {
	switch what {
	case unnamed:
		return "Nobody can name the version that serves.", "serving"
	case vendorMayChange:
		return vendorTrouble(f, today), "pin"
	case nobodyAnswers:
		return "The owner is not active, and no deputy stands in.", "owner"
	case noPlan:
		return "There is no approved retirement plan that still holds: " + lower(s.broken("plan", "criterion", "candidate")), s.brokenKey("plan", "criterion", "candidate")
	case cutoverLate:
		return "The vendor ends " + f.VendorID + " on " + f.VendorEnd.Human() + ", inside the runway, and no cutover has begun.", "cutover"
	case qualityUnknown:
		return "No quality was measured within its window.", "quality"
	}
	return "A break-glass still waits for its review.", "break_glass"
}

// vendorTrouble says why the vendor's id must not serve, "" when it may.
func vendorTrouble(f *Facts, today day.Day) string {
	switch {
	case f.VendorID == "":
		return ""
	case f.VendorEnd.Known() && !today.Before(f.VendorEnd):
		return "It serves on " + f.VendorID + ", which the vendor ended on " + f.VendorEnd.Human() + "."
	case f.VendorClass == vendors.Floating, f.VendorClass == vendors.PreviewFloating:
		return "It serves on " + f.VendorID + ", which may change any day."
	case f.VendorClass == vendors.Undetermined, f.VendorClass == "":
		return "It serves on " + f.VendorID + ", of which nobody knows whether it stays."
	}
	return ""
}

// holds reports whether a fact counts, be its criterion waived or not: a waiver lifts no cap.
func (s *Scorecard) holds(key string) bool {
	for i := range s.Lines {
		if s.Lines[i].Key == key {
			return s.Lines[i].Strength > 0
		}
	}
	return false
}

// brokenKey is the first of the criteria that does not hold.
func (s *Scorecard) brokenKey(keys ...string) string {
	for _, key := range keys {
		if !s.holds(key) {
			return key
		}
	}
	return ""
}

func (s *Scorecard) broken(keys ...string) string {
	key := s.brokenKey(keys...)
	for _, l := range s.Lines {
		if l.Key == key {
			return l.Fact
		}
	}
	return ""
}

// lower makes a sentence the end of another; what begins with a name keeps its capital.
func lower(s string) string {
	for _, word := range []string{"No ", "The ", "A ", "Nothing ", "It "} {
		if len(s) > len(word) && s[:len(word)] == word {
			return string(s[0]+'a'-'A') + s[1:]
		}
	}
	return s
}
