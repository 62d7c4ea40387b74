package scorecard

import (
	"sundial/models/lifecycle"
	"sundial/models/registry"
)

// Advice is how a model in production keeps up with the world: whether its retraining fits its drift or, for
// GenAI, whether its release is to be evaluated again.
type Advice struct {
	Kind    registry.Kind
	Version string
	Retrain Cadence           // of a trained model
	Again   lifecycle.Cadence // of GenAI
}

// Known reports whether there is advice at all: drift was not reported often enough, or nothing is asked yet.
func (a Advice) Known() bool {
	if a.Kind == registry.GenAI {
		return a.Again.Applies
	}
	return a.Retrain.Fit != FitUnknown
}

// Fine reports whether nothing is to be done.
func (a Advice) Fine() bool {
	if a.Kind == registry.GenAI {
		return a.Again.Applies && !a.Again.Due
	}
	return a.Retrain.Fit == Fits
}

// Word is the advice in a word or two.
func (a Advice) Word() string {
	switch {
	case !a.Known():
		return "Not known"
	case a.Kind == registry.GenAI && a.Again.Due:
		return "Evaluate again"
	case a.Kind == registry.GenAI:
		return "Up to date"
	}
	return a.Retrain.Fit.Title()
}

// Sentence says why, with the figures.
func (a Advice) Sentence() string {
	if a.Kind == registry.GenAI {
		return a.Again.Why
	}
	return a.Retrain.Sentence
}
