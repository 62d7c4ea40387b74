package vendors

import (
	"net/http"

	"github.com/labstack/echo/v4"

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

// listed is how a file of vendor models is read.
type listed struct {
	List   string  `form:"list"`
	Source string  `form:"source" max:"500"`
	ReadOn day.Day `form:"read_on"`
}

// check says what is missing of how a file is read.
func (in listed) check(today day.Day) error {
	var p fault.Problems
	if _, known := vendors.FindList(in.List); !known && in.List != "catalogue" {
		p.Add("list", "Say what the file is.")
	}
	if in.Source == "" {
		p.Add("source", "Say where this was read: an address, or the document.")
	}
	switch {
	case !in.ReadOn.Known():
		p.Add("read_on", "Enter the day on which it was read: dates move weekly.")
	case in.ReadOn.After(today):
		p.Add("read_on", "This day is still to come.")
	}
	return p.Err()
}

// read reads a file by the rules of what it is.
func (in listed) read(raw []byte, today day.Day) ([]vendors.Line, []vendors.RowError, error) {
	if l, is := vendors.FindList(in.List); is {
		return l.Read(raw, in.Source, in.ReadOn)
	}
	return vendors.ParseCatalogue(raw, in.Source, in.ReadOn, today)
}

// AskImport is the form that takes a file.
func (h Handlers) AskImport(c echo.Context) error {
	return drawImport(c, http.StatusOK, views.ImportView{Typed: map[string]string{"list": "catalogue", "read_on": string(day.Of(h.Clock()))}})
}

// Upload keeps a file and leads to what it would do. What cannot be read at all is refused here.
func (h Handlers) Upload(c echo.Context) error {
	today := day.Of(h.Clock())
	file, err := form.File(c, "file", vendors.MaxSeedBytes)
	var in listed
	values, unread := form.Decode(c, &in)
	err = both(both(err, unread), in.check(today))
	if err == nil {
		_, _, err = in.read(file.Bytes, today)
	}
	digest := ""
	if err == nil {
		digest, err = h.Store.KeepVendorFile(c.Request().Context(), file.Name, file.Bytes)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge || f.Kind == fault.Malformed) {
		status := respond.Status(f.Kind)
		if len(f.Problems) == 0 {
			f = &fault.Fault{Kind: f.Kind, Sentence: f.Sentence, Problems: []fault.Problem{{Field: "file", Sentence: f.Sentence}}}
		}
		typed := map[string]string{"list": values.Get("list"), "source": values.Get("source"), "read_on": values.Get("read_on")}
		return drawImport(c, status, views.ImportView{Fault: f, Typed: typed})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, link.VendorImportPreview("file", digest, "name", file.Name, "list", in.List, "source", in.Source, "read_on", string(in.ReadOn)))
}

func drawImport(c echo.Context, status int, v views.ImportView) error {
	p := respond.Props(c, "Import a list")
	p.Error, p.Crumbs = v.Fault != nil, crumbs("Import")
	v.Limit = form.Bytes(vendors.MaxSeedBytes)
	return respond.HTML(c, status, views.Import(p, v))
}

// Preview shows what a file would do, from its address alone: it can be left and come back to.
func (h Handlers) Preview(c echo.Context) error {
	q := form.ReadQuery(c)
	in := listed{List: q.Text("list"), Source: q.Cursor("source"), ReadOn: q.Day("read_on")}
	digest, name := q.Text("file"), q.Text("name")
	if err := q.Err(); err != nil {
		return err
	}
	return h.drawPreview(c, http.StatusOK, digest, name, in, false)
}

func (h Handlers) drawPreview(c echo.Context, status int, digest, name string, in listed, stale bool) error {
	f, bad, err := h.fileOf(c, digest, name, in)
	if err != nil {
		return err
	}
	plan, err := h.Store.PreviewVendors(c.Request().Context(), f, h.Policy)
	if err != nil {
		return err
	}
	v := views.PreviewView{FileName: f.Name, File: digest, List: in.List, Source: in.Source, ReadOn: string(in.ReadOn), Digest: plan.Digest, Stale: stale}
	v.Bad, v.MoreBad = bad[:min(len(bad), mostShown)], max(0, len(bad)-mostShown)
	for _, e := range []vendors.Effect{vendors.Adds, vendors.Changes, vendors.Disagrees, vendors.Waits, vendors.Repeats} {
		v.Counts = append(v.Counts, views.EffectCount{Effect: e, N: plan.Counts[e]})
	}
	for _, x := range plan.Changes {
		switch {
		case x.Effect == vendors.Repeats:
		case len(v.Rows) < mostShown:
			v.Rows = append(v.Rows, views.PreviewRow{Line: x.Line.Row, Outcome: x.Outcome})
		default:
			v.More++
		}
	}
	if len(f.Lines) == 0 {
		v.Nothing = "No row of the file can be used."
	}
	p := respond.Props(c, "Preview of "+f.Name)
	p.Wide, p.Error, p.Crumbs = true, stale, []ui.Crumb{{Label: "Vendor models", Href: link.Vendors()}, {Label: "Import", Href: link.VendorImport()}, {Label: "Preview"}}
	return respond.HTML(c, status, views.Preview(p, v))
}

// mostShown is how many rows a preview lists of each kind; the counts are of all.
const mostShown = 200

// fileOf reads a kept file again, as its address says.
func (h Handlers) fileOf(c echo.Context, digest, name string, in listed) (store.VendorFile, []vendors.RowError, error) {
	today := day.Of(h.Clock())
	if err := in.check(today); err != nil {
		return store.VendorFile{}, nil, fault.New(fault.Malformed, "This address is not complete. Upload the file again.")
	}
	raw, err := h.Store.Blob(c.Request().Context(), digest)
	if err != nil {
		return store.VendorFile{}, nil, err
	}
	lines, bad, err := in.read(raw, today)
	if name == "" {
		name = "file"
	}
	return store.VendorFile{Name: name, Source: in.Source, SHA256: digest, Lines: lines, Via: vendors.ByImport}, bad, err
}

type agreed struct {
	List   string  `form:"list"`
	Source string  `form:"source" max:"500"`
	ReadOn day.Day `form:"read_on"`
	File   string  `form:"file" max:"64"`
	Name   string  `form:"name" max:"200"`
	Digest string  `form:"digest" max:"64"`
}

// Apply takes the file in, as it was previewed.
func (h Handlers) Apply(c echo.Context) error {
	var in agreed
	if _, err := form.Decode(c, &in); err != nil {
		return fault.New(fault.Malformed, "This form is not complete. Upload the file again.")
	}
	if in.Digest == "" {
		return fault.New(fault.Malformed, "This form is not complete. Upload the file again.")
	}
	how := listed{in.List, in.Source, in.ReadOn}
	f, _, err := h.fileOf(c, in.File, in.Name, how)
	if err != nil {
		return err
	}
	plan, err := h.Store.ApplyVendors(c.Request().Context(), f, in.Digest, h.Policy)
	if fault.Is(err, fault.Stale) {
		return h.drawPreview(c, http.StatusConflict, in.File, in.Name, how, true)
	}
	if err != nil {
		return err
	}
	said := ui.Count(int64(len(f.Lines)), "row", "rows") + " read: " + ui.Number(int64(plan.Counts[vendors.Adds])) + " added, " + ui.Number(int64(plan.Counts[vendors.Changes]+plan.Counts[vendors.Disagrees])) + " changed."
	if n := plan.Counts[vendors.Waits]; n > 0 {
		said += " " + ui.Count(int64(n), "row waits", "rows wait") + " to be confirmed by somebody else."
	}
	return respond.SeeOther(c, link.VendorCatalogue(), said)
}
