package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sundial/auth"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
)

// Paging is what every list takes.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"Where to go on: next of the page before."`
}

// Listed is one page of a list.
type Listed[T any] struct {
	Body struct {
		Items []T    `json:"items"`
		Next  string `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
	}
}

func listed[R, T any](page store.Page[R], as func(R) T) *Listed[T] {
	out := &Listed[T]{}
	out.Body.Items = make([]T, 0, len(page.Rows))
	for _, r := range page.Rows {
		out.Body.Items = append(out.Body.Items, as(r))
	}
	out.Body.Next = page.Next
	return out
}

// Person is somebody as answers name them.
type Person struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

func personOf(p org.Person) *Person {
	if p.ID == 0 {
		return nil
	}
	return &Person{ID: p.ID, Name: p.Name, Email: p.Email}
}

func actorIn(ctx context.Context) org.Actor { return auth.ActorIn(ctx) }

// person finds who is meant by an e-mail address or an id; "" is nobody.
func (a *API) person(ctx context.Context, field, who string) (int64, error) {
	who = strings.TrimSpace(who)
	if who == "" {
		return 0, nil
	}
	var p org.Person
	var err error
	if id, e := strconv.ParseInt(who, 10, 64); e == nil {
		p, err = a.Store.Person(ctx, id)
	} else {
		p, err = a.Store.PersonByEmail(ctx, who)
	}
	if fault.Is(err, fault.NotFound) {
		return 0, fault.At(field, "Nobody with this e-mail address or id has signed in here.")
	}
	return p.ID, err
}

// team finds a team by its short name; "" is none.
func (a *API) team(ctx context.Context, field, slug string) (int64, error) {
	if slug == "" {
		return 0, nil
	}
	t, err := a.Store.TeamBySlug(ctx, slug)
	if fault.Is(err, fault.NotFound) {
		return 0, fault.At(field, "There is no team of this short name.")
	}
	return t.ID, err
}

// moment is a time in an answer: RFC 3339 in UTC, missing when there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// all joins what several look-ups found wrong, so that a caller hears everything at once. An error that
// is no refusal of a field stands alone.
func all(errs ...error) error {
	var p fault.Problems
	for _, err := range errs {
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			p.Merge("", err)
		} else if err != nil {
			return err
		}
	}
	return p.Err()
}

// relabel names fields as bodies do where a page's form names them otherwise.
func relabel(err error, rename func(field string) string) error {
	f, ok := fault.As(err)
	if !ok || len(f.Problems) == 0 {
		return err
	}
	out := fault.New(f.Kind, f.Sentence)
	for _, p := range f.Problems {
		out.Problems = append(out.Problems, fault.Problem{Field: rename(p.Field), Sentence: p.Sentence})
	}
	return out
}

// located says that what is wrong is not in the body but in the query, or in what is kept.
func located(place string, err error) error {
	if _, ok := fault.As(err); !ok {
		return err
	}
	p := ProblemOf(err)
	for i, x := range p.Errors {
		p.Errors[i] = wrong(place+"."+x.Field, x.Message)
	}
	return p
}

// page is the whole address of a page.
func (a *API) page(path string) string { return strings.TrimSuffix(a.BaseURL.String(), "/") + path }
