package org

import "slices"

// Allows is what a scope is for, for whoever chooses it.
func (s Scope) Allows() string {
	switch s {
	case ScopeCalendar:
		return "Reads the calendar feed of retirements and nothing else. The one scope that calendar programs may carry in an address."
	case ScopeStamps:
		return "Sends stamps and monitoring reports, and reads nothing. For applications that answer with a model."
	case ScopeRead:
		return "Reads models, versions, gates, requests, plans and what is in production."
	case ScopeWrite:
		return "Reads, registers models and versions, records evidence, asks for transitions, files plans, sends stamps. For pipelines."
	case ScopeApprove:
		return "Reads and gives reviews in your name, under all rules that hold for you: never on what you asked for or worked on."
	}
	return ""
}

// Acts are the acts a scope covers, in the order of their names.
func (s Scope) Acts() []Act {
	var acts []Act
	for act, scopes := range scopesOf {
		if slices.Contains(scopes, s) {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

// Withheld are the reasons why this person's roles do not allow acts that a scope covers: their token
// could not do them either. Each reason is told once.
func (s Scope) Withheld(p Person) []string {
	var reasons []string
	for _, act := range s.Acts() {
		d := May(Actor{Person: p, Via: "session"}, act, 0)
		if !d.Allowed && !slices.Contains(reasons, d.Reason) {
			reasons = append(reasons, d.Reason)
		}
	}
	return reasons
}
