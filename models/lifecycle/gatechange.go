package lifecycle

// GateChange is how a gate would stand under another policy: which checks would newly hold a version up, and
// which no longer.
type GateChange struct {
	Fails  []Check // as they would stand
	Passes []Check // as they stood
	Was    bool    // whether the gate is green now
	Is     bool    // and would be
}

// CompareGates compares the same gate under two policies.
func CompareGates(was, is Gate) GateChange {
	return GateChange{Fails: without(is.Red(), was.Red()), Passes: without(was.Red(), is.Red()), Was: was.Green(), Is: is.Green()}
}

func without(list, others []Check) (out []Check) {
	keys := make(map[string]bool, len(others))
	for _, c := range others {
		keys[c.Key] = true
	}
	for _, c := range list {
		if !keys[c.Key] {
			out = append(out, c)
		}
	}
	return out
}
