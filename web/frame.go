package web

import (
	"net/http"
	pathpkg "path"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/components/layout"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/org"
	"sundial/web/account"
	"sundial/web/respond"
)

// sections are the portal's parts in the order of its navigation. One that no route serves is not shown.
var sections = []struct {
	label, href string
	act         org.Act
	also        []string // pages beside those below href
}{
	{"My work", link.MyWork(), org.Read, []string{link.Confirm()}},
	{"Models", link.Models(), org.Read, nil},
	{"Requests", link.Requests(), org.Read, nil},
	{"Production", link.Production(), org.Read, nil},
	{"Stamps", link.Stamps(), org.Read, nil},
	{"Retirements", link.Retirements(), org.Read, nil},
	{"Teams", link.Teams(), org.Read, []string{link.Flow(), link.Confirmations()}},
	{"GenAI", link.Prompts(), org.Read, []string{link.Suites(), link.Aliases()}},
	{"Vendors", link.Vendors(), org.Read, nil},
	{"Imports", link.Imports(), org.Import, nil},
	{"Audit", link.Audit(), org.ReadAudit, nil},
	{"Admin", link.Admin(), org.Administer, nil},
}

// frame prepares what every page shows around itself.
func (s *Server) frame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if forMachine(c) {
			return next(c)
		}
		respond.SetFrame(c, s.frameOf(c, c.Request().URL.Path))
		// Browsers that say where a request comes from need no token in their forms.
		if c.Request().Header.Get("Sec-Fetch-Site") == "" {
			if token := s.sessions.FormToken(c); token != "" {
				r := c.Request()
				c.SetRequest(r.WithContext(ui.WithFormToken(r.Context(), token)))
			}
		}
		return next(c)
	}
}

// frameOf is the frame as it looks at a path; at "" no section is the current one.
func (s *Server) frameOf(c echo.Context, path string) *respond.Frame {
	f := &respond.Frame{Theme: account.ThemeOf(c), Version: s.cfg.Version, Secure: s.cfg.BaseURL.Scheme == "https", Key: s.flashKey}
	actor := auth.Actor(c)
	if actor.ID == 0 {
		return f
	}
	f.Person = &layout.Person{Name: actor.Name, Email: actor.Email}
	for _, role := range actor.Roles {
		f.Person.Roles = append(f.Person.Roles, role.Title())
	}
	for _, x := range sections {
		if s.table.serves(x.href) && org.May(actor, x.act, 0).Allowed {
			f.Nav = append(f.Nav, layout.NavItem{Label: x.label, Href: x.href, Current: within(path, x.href) || slices.ContainsFunc(x.also, func(page string) bool { return within(path, page) }), Count: s.waiting(c, path, x.href)})
		}
	}
	return f
}

// waiting is what waits for the person, for the badge beside My work: one query, and only for whole
// pages of whoever decides or answers. That page itself counts its own lines.
func (s *Server) waiting(c echo.Context, path, href string) int {
	r := c.Request()
	file := slices.Contains([]string{".csv", ".jsonl", ".ics"}, pathpkg.Ext(path))
	if href != link.MyWork() || path == "" || path == link.MyWork() || file || r.Method != http.MethodGet || r.Header.Get("HX-Request") != "" {
		return 0
	}
	n, _, err := s.cfg.Store.CountWaiting(r.Context(), auth.Actor(c))
	if err != nil {
		return 0 // the page itself will say that the database does not answer
	}
	return n
}

func within(path, section string) bool {
	if section == "/" {
		return path == "/"
	}
	return path == section || strings.HasPrefix(path, section+"/")
}

func (t *table) serves(path string) bool {
	for _, r := range t.list {
		if r.Method == "GET" && r.Path == path {
			return true
		}
	}
	return false
}
