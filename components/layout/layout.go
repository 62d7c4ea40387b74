// Package layout owns the frame around every page: head, header, navigation, messages, footer.
// It leaves the page's own content, its h1 and every decision about what somebody may see to the
// caller, who hands over the navigation ready made.
package layout

import (
	"sundial/components/ui"
	"sundial/static"
)

// Props is what the frame needs to know about a page.
type Props struct {
	Title   string // of the page, before "Sundial"
	Heading string // drawn as h1 when the page has no ui.PageHead of its own
	Error   bool   // a refused form: the title begins with "Error:"
	Nav     []NavItem
	Person  *Person // nil when nobody is signed in
	Flash   string  // said once after a change: "Model registered."
	Theme   string  // "light", "dark" or "" to follow the system
	Crumbs  []ui.Crumb
	Search  string // words now searched for, kept in the header's field
	Version string // of Sundial, in the footer
	// NoChrome leaves header and navigation out, for signing in and the like.
	NoChrome bool
	// Wide lets tables and boards take the whole window.
	Wide bool
}

// NavItem is one section of the portal. Count is what waits there, 0 shows none.
type NavItem struct {
	Label   string
	Href    string
	Current bool
	Count   int
}

// Person is who is signed in.
type Person struct {
	Name     string
	Email    string
	Roles    []string
	Initials string // of the name when ""
}

func (p Props) title() string {
	title := p.Title + " · Sundial"
	if p.Title == "" {
		title = "Sundial"
	}
	if p.Error {
		title = "Error: " + title
	}
	return title
}

func (p Person) initials() string {
	if p.Initials != "" {
		return p.Initials
	}
	return ui.Initials(p.Name)
}

func theme(t string) string {
	if t == "light" || t == "dark" {
		return t
	}
	return ""
}

func asset(name string) string { return static.URL(name) }
