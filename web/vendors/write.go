package vendors

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"sundial/components/layout"
	"sundial/components/link"
	"sundial/components/ui"
	views "sundial/components/vendors"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/store"
	"sundial/models/vendors"
	"sundial/web/form"
	"sundial/web/respond"
)

type input struct {
	Host      string  `form:"host" max:"64"`
	ModelID   string  `form:"model_id" max:"512"`
	How       string  `form:"how"`
	Class     string  `form:"class"`
	EndOfLife day.Day `form:"end_of_life"`
	Successor string  `form:"successor" max:"512"`
	Source    string  `form:"source" max:"500"`
	ReadOn    day.Day `form:"read_on"`
	Note      string  `form:"note" is:"text" max:"2000"`
	Revision  int64   `form:"revision"`
}

var fields = []string{"host", "model_id", "how", "class", "end_of_life", "successor", "source", "read_on", "note"}

// entry is the row that was typed. Without a class it has the one that Sundial reads from the id.
func (in input) entry(host, id string) vendors.Entry {
	known, _ := vendors.ParseHost(host)
	e := vendors.Entry{Host: known, ModelID: id, Class: vendors.Class(in.Class), EndOfLife: in.EndOfLife, Successor: in.Successor,
		Source: in.Source, ReadOn: in.ReadOn, Note: in.Note}
	if e.Class == "" {
		e.Class = vendors.Classify(string(known), id).Class
	}
	return e
}

// New is the empty form; the box that tries ids fills in what it knows.
func (h Handlers) New(c echo.Context) error {
	q := form.ReadQuery(c)
	v := views.FormView{Typed: map[string]string{"host": q.Text("host"), "model_id": q.Cursor("id"), "read_on": string(day.Of(h.Clock()))}}
	if err := q.Err(); err != nil {
		return err
	}
	v.Hosts = hosts(v.Typed["host"])
	return respond.HTML(c, http.StatusOK, views.Form(respond.Props(c, "Add a vendor model"), v))
}

// Add adds a row.
func (h Handlers) Add(c echo.Context) error {
	var in input
	values, err := form.Decode(c, &in)
	e := in.entry(in.Host, in.ModelID)
	var outcome vendors.Outcome
	if err = both(err, e.Check("", day.Of(h.Clock()))); err == nil {
		outcome, err = h.Store.AddReading(c.Request().Context(), vendors.Reading{Entry: e, Via: vendors.ByForm}, true, 0, h.Policy)
	}
	if f, status, ok := respond.Fault(err); ok {
		return h.refused(c, status, respond.Refused(c, "Add a vendor model"), views.FormView{Typed: typed(values), Fault: f, Hosts: hosts(in.Host)})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.VendorModel(string(e.Host), e.ModelID), saidOf(outcome, e.ModelID, "added"))
}

// row is the one that the address names.
func (h Handlers) row(c echo.Context) (store.VendorRow, error) {
	q := form.ReadQuery(c)
	host, id := q.Text("host"), q.Cursor("id")
	if err := q.Err(); err != nil {
		return store.VendorRow{}, err
	}
	return h.Store.VendorModel(c.Request().Context(), host, id)
}

// Edit shows a row as it is kept.
func (h Handlers) Edit(c echo.Context) error {
	r, err := h.row(c)
	if err != nil {
		return err
	}
	kept := rowOf(r)
	source := r.Source
	if list, err := h.Store.VendorReadings(c.Request().Context(), string(r.Host), r.ModelID); err != nil {
		return err
	} else if len(vendors.Latest(list)) > 1 {
		source = "" // the row's is those of several sources, and none that can be cited again
	}
	class := string(r.Class)
	if vendors.Classify(string(r.Host), r.ModelID).Class == r.Class {
		class = ""
	}
	v := views.FormView{Row: &kept, Revision: strconv.FormatInt(r.Revision, 10), Typed: map[string]string{"how": "correct", "class": class, "end_of_life": string(r.EndOfLife),
		"successor": r.Successor, "source": source, "read_on": string(r.ReadOn), "note": r.Note}}
	return respond.HTML(c, http.StatusOK, views.Form(respond.Props(c, "Correct "+r.ModelID), v))
}

// Save corrects a row, or merges what another source says into it.
func (h Handlers) Save(c echo.Context) error {
	r, err := h.row(c)
	if err != nil {
		return err
	}
	var in input
	values, err := form.Decode(c, &in)
	reading := in.entry(string(r.Host), r.ModelID)
	var outcome vendors.Outcome
	if err = both(both(err, in.brings()), reading.Check(r.Class, day.Of(h.Clock()))); err == nil {
		outcome, err = h.Store.AddReading(c.Request().Context(), vendors.Reading{Entry: reading, Via: vendors.ByForm, Corrects: in.How == "correct"}, false, in.Revision, h.Policy)
	}
	if f, status, ok := respond.Fault(err); ok {
		kept := rowOf(r)
		v := views.FormView{Row: &kept, Typed: typed(values), Fault: f, Revision: values.Get("revision")}
		if f.Kind == fault.Stale {
			v.Revision, v.Clashes = strconv.FormatInt(r.Revision, 10), clashes(reading, r.Entry)
		}
		return h.refused(c, status, respond.Refused(c, "Correct "+r.ModelID), v)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.VendorModel(string(r.Host), r.ModelID), saidOf(outcome, r.ModelID, "saved"))
}

// brings asks whether this is a correction or another source's word.
func (in input) brings() error {
	switch {
	case in.How != "correct" && in.How != "another":
		return fault.At("how", "Say whether this corrects the row or is what another source says.")
	case in.Revision <= 0:
		return fault.New(fault.Malformed, "This form is not complete. Reload the page and try again.")
	}
	return nil
}

// saidOf tells what became of what was typed.
func saidOf(o vendors.Outcome, id, done string) string {
	switch o.Effect {
	case vendors.Waits:
		return "Proposed. It counts when somebody else has confirmed it."
	case vendors.Repeats:
		return id + " read again: nothing new."
	}
	return id + " " + done + "."
}

func (h Handlers) refused(c echo.Context, status int, p layout.Props, v views.FormView) error {
	return respond.HTML(c, status, views.Form(p, v))
}

func typed(values form.Values) map[string]string {
	out := map[string]string{}
	for _, name := range fields {
		out[name] = values.Get(name)
	}
	return out
}

func clashes(mine, theirs vendors.Entry) []ui.Clash {
	var out []ui.Clash
	for _, x := range [][3]string{{"Class", string(mine.Class), string(theirs.Class)}, {"Ends on", string(mine.EndOfLife), string(theirs.EndOfLife)},
		{"Successor", mine.Successor, theirs.Successor}, {"Source", mine.Source, theirs.Source}, {"Read on", string(mine.ReadOn), string(theirs.ReadOn)}, {"Note", mine.Note, theirs.Note}} {
		if x[1] != x[2] {
			out = append(out, ui.Clash{Label: x[0], Yours: x[1], Theirs: x[2]})
		}
	}
	return out
}

// both joins what the form could not read with what the rule refuses, one sentence a field.
func both(read, rule error) error {
	var p fault.Problems
	seen := map[string]bool{}
	for _, err := range []error{read, rule} {
		if err == nil {
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.Invalid {
			return err
		}
		for _, x := range f.Problems {
			if !seen[x.Field] {
				seen[x.Field] = true
				p.Add(x.Field, x.Sentence)
			}
		}
	}
	return p.Err()
}
