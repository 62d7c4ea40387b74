package scorecard

import (
	"time"

	"sundial/models/day"
	"sundial/models/vendors"
)

// caps lists every shortcoming that limits the score, the hardest first. It reads the lines that were
// just scored, so that a fact that grew too old caps at the same moment as it stops earning.
func caps(f Facts, s *Scorecard, now time.Time) []Cap {
	var out []Cap
	add := func(limit int, reason, key string) {
		mend := "plan" // where a cutover begins
		if c, ok := CriterionOf(key); ok {
			mend = c.Mend
		}
		out = append(out, Cap{limit, reason, mend, key})
	}
	operates := f.Phase.Operates()
	if operates && !f.Named {
		add(19, "Nobody can name the version that serves.", "serving")
	}
	if why := vendorTrouble(f, day.Of(now)); operates && why != "" {
		add(39, why, "pin")
	}
	holds := s.holds
	if !holds("owner") && !holds("deputy") {
		add(39, "The owner is not active, and no deputy stands in.", "owner")
	}
	if !holds("plan") || !holds("criterion") || !holds("candidate") {
		add(69, "There is no approved retirement plan that still holds: "+lower(s.broken("plan", "criterion", "candidate")), s.brokenKey("plan", "criterion", "candidate"))
	}
	if operates && !f.CutoverStarted && f.VendorEnd.Known() && f.VendorEnd.After(day.Of(now)) && day.Of(now).Until(f.VendorEnd) <= f.RunwayDays {
		add(69, "The vendor ends "+f.VendorID+" on "+f.VendorEnd.Human()+", inside the runway, and no cutover has begun.", "cutover")
	}
	if operates && !holds("quality") {
		add(89, "No quality was measured within its window.", "quality")
	}
	if !holds("break_glass") {
		add(89, "A break-glass still waits for its review.", "break_glass")
	}
	return out
}

// vendorTrouble says why the vendor's id must not serve, "" when it may.
func vendorTrouble(f Facts, today day.Day) string {
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
