package ui

import (
	"context"
	"strings"

	"sundial/models/fault"
)

type tokenKey struct{}

// WithFormToken makes every Form carry a cross-site token, for browsers that send no Sec-Fetch-Site.
func WithFormToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

func formToken(ctx context.Context) string {
	token, _ := ctx.Value(tokenKey{}).(string)
	return token
}

// local reports whether a URL is a path of ours. Only such URLs become hx attributes: htmx runs
// what follows "js:" and templ does not clean hx-* values.
func local(url string) bool {
	return strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//")
}

func kind(k ButtonKind) string {
	if k == "" {
		return string(Secondary)
	}
	return string(k)
}

// reasonID ties a button to the sentence that says why it is off. Two buttons with one label on a
// page would be one button too many, so the label is unique enough.
func reasonID(p ButtonProps) string {
	return "why-" + strings.TrimPrefix(ID(strings.ToLower(strings.ReplaceAll(p.Label+p.Value, " ", "-"))), "f-")
}

// Problems are the sentences of a refused form, looked up by field.
type Problems []fault.Problem

// ProblemsOf takes the problems out of an error; nil when it holds none.
func ProblemsOf(err error) Problems {
	if f, ok := fault.As(err); ok {
		return f.Problems
	}
	return nil
}

// At is the first sentence at a field, "" when the field is fine.
func (p Problems) At(field string) string {
	for _, x := range p {
		if x.Field == field {
			return x.Sentence
		}
	}
	return ""
}
