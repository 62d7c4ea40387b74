package imports

import (
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/imports"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// mostFound is how many systems a search offers to choose from.
const mostFound = 20

// Questions is what is asked about vanished systems.
func (h Handlers) Questions(c echo.Context) error {
	q := form.ReadQuery(c)
	v := views.QuestionsView{State: q.Choice("state", "", "open", "answered", "settled"), Whose: q.Choice("whose", "", "mine"),
		Inventory: q.Text("inventory"), Now: h.Clock()}
	after := q.Cursor("after")
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	f := store.QuestionFilter{State: intake.QuestionState(v.State), Inventory: v.Inventory}
	if v.Whose == "mine" {
		f.Mine = auth.Actor(c)
	}
	page, err := h.Store.Questions(ctx, f, after, pageRows)
	if err != nil {
		return err
	}
	n, more, err := h.Store.CountQuestions(ctx, f)
	if err != nil {
		return err
	}
	if more {
		n = store.CountLimit + 1
	}
	v.Count = ui.CountUpTo(int64(n), store.CountLimit, "question", "questions")
	if v.Inventories, err = h.Store.Inventories(ctx); err != nil {
		return err
	}
	for _, x := range page.Rows {
		v.Rows = append(v.Rows, questionRow(x))
	}
	here := func(cursor string) string { return link.QuestionsOf(v.Inventory, v.State, v.Whose, cursor) }
	if page.Prev != "" {
		v.Newer, v.First = here(page.Prev), here("")
	}
	if page.Next != "" {
		v.Older = here(page.Next)
	}
	p := respond.Props(c, "Vanished systems")
	p.Crumbs = []ui.Crumb{{Label: "Imports", Href: link.Imports()}, {Label: "Vanished systems"}}
	return respond.HTML(c, http.StatusOK, views.Questions(p, v))
}

func questionRow(x store.QuestionView) views.QuestionRow {
	return views.QuestionRow{ID: x.ID, Question: x.Question, Inventory: x.Inventory, ImportID: x.ImportID, FileName: x.FileName, AskedAt: x.AskedAt,
		Model: x.Model.Name, Slug: x.Model.Slug, Team: x.Team, Owner: x.Owner}
}

func (h Handlers) question(c echo.Context) (store.QuestionView, error) {
	id, err := form.ID(c, "question")
	if err != nil {
		return store.QuestionView{}, err
	}
	return h.Store.Question(c.Request().Context(), id)
}

// Question is one question, with the form to answer it.
func (h Handlers) Question(c echo.Context) error {
	x, err := h.question(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	words := q.Text("q")
	if err := q.Err(); err != nil {
		return err
	}
	v, err := h.questionView(c, x)
	if err != nil {
		return err
	}
	if v.Words = words; words != "" {
		found, err := h.Store.ListedSystems(c.Request().Context(), x.Inventory, words, mostFound)
		if err != nil {
			return err
		}
		v.Found = choicesOf(found)
	}
	return drawQuestion(c, http.StatusOK, v)
}

func (h Handlers) questionView(c echo.Context, x store.QuestionView) (views.QuestionView, error) {
	v := views.QuestionView{QuestionRow: questionRow(x), AnsweredBy: x.AnsweredBy, AnsweredAt: x.AnsweredAt, Likely: choicesOf(x.Likely),
		Into: views.Choice{Slug: x.Into.Slug, Name: x.Into.Name}, Revision: x.Revision, Today: day.Of(h.Clock()), Now: h.Clock()}
	if d := intake.MayAnswer(auth.Actor(c), x.Model); !d.Allowed {
		v.Why = d.Reason
	}
	records, err := h.Store.ImportedRecords(c.Request().Context(), x.Model.ID)
	if err != nil {
		return v, err
	}
	for _, r := range records {
		if r.Inventory == x.Inventory && r.Identity == x.Question.Identity {
			v.Fields = fieldsOf(r.Fields, 20)
		}
	}
	return v, nil
}

// fieldsOf are the filled fields of ours, then the source's own columns, as far as the page holds.
func fieldsOf(fields map[string]string, most int) []intake.FieldChange {
	var list []intake.FieldChange
	ours := map[string]bool{}
	for _, f := range intake.Fields {
		ours[string(f)] = true
		if value := fields[string(f)]; value != "" {
			list = append(list, intake.FieldChange{Name: string(f), After: value})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if name, fact := intake.FactName(key); fact && len(list) < most {
			list = append(list, intake.FieldChange{Name: name, Fact: true, After: fields[key]})
		}
	}
	return list
}

func choicesOf(list []store.Listed) []views.Choice {
	var out []views.Choice
	for _, l := range list {
		out = append(out, views.Choice{Slug: l.Slug, Name: l.Name, Team: l.Team, Why: l.Why})
	}
	return out
}

func drawQuestion(c echo.Context, status int, v views.QuestionView) error {
	p := respond.Props(c, "What became of "+v.Question.Name+"?")
	p.Error = v.Refusal != nil
	p.Crumbs = []ui.Crumb{{Label: "Imports", Href: link.Imports()}, {Label: "Vanished systems", Href: link.Questions()}, {Label: v.Question.Name}}
	return respond.HTML(c, status, views.Question(p, v))
}

// Answer takes somebody's reply.
func (h Handlers) Answer(c echo.Context) error {
	x, err := h.question(c)
	if err != nil {
		return err
	}
	var in struct {
		Answer   string  `form:"answer"`
		On       day.Day `form:"on"`
		Into     string  `form:"into"`
		Detail   string  `form:"detail" is:"text" max:"2000"`
		Revision int64   `form:"revision"`
	}
	typed, err := form.Decode(c, &in)
	reply := intake.Reply{Answer: intake.Answer(in.Answer), On: in.On, Detail: in.Detail}
	if err == nil {
		if reply.Into, err = h.identityOf(c, x, in.Into); err == nil {
			err = h.Store.AnswerQuestion(c.Request().Context(), x.ID, in.Revision, reply)
		}
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		if err != nil {
			return err
		}
		return respond.SeeOther(c, link.Question(x.ID), "Answer recorded.")
	}
	if x, err = h.question(c); err != nil { // as it is now: somebody may have answered
		return err
	}
	v, err := h.questionView(c, x)
	if err != nil {
		return err
	}
	v.Refusal, v.TypedInto = f, in.Into
	v.Typed = intake.Reply{Answer: intake.Answer(in.Answer), On: day.Day(typed.Get("on")), Detail: typed.Get("detail")}
	if in.Into != "" {
		if l, err := h.Store.ListedBySlug(c.Request().Context(), x.Inventory, in.Into); err == nil {
			v.Found = choicesOf([]store.Listed{l})
		}
	}
	return drawQuestion(c, status, v)
}

// identityOf finds the listed system behind a short name. An unknown one is a problem at the field, if it
// matters for the answer.
func (h Handlers) identityOf(c echo.Context, x store.QuestionView, slug string) (string, error) {
	if slug == "" {
		return "", nil
	}
	l, err := h.Store.ListedBySlug(c.Request().Context(), x.Inventory, slug)
	if fault.Is(err, fault.NotFound) {
		return slug, nil // the rule says that it is not listed
	}
	return l.Identity, err
}
