package genai

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	views "sundial/components/genai"
	"sundial/components/link"
	"sundial/components/ui"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

// Prompts lists the registered prompts.
func (h Handlers) Prompts(c echo.Context) error {
	list, filter, after, err := h.listOf(c, link.Prompts(), "unused")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Prompts(ctx, filter, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountPrompts(ctx, filter)
	if err != nil {
		return err
	}
	v := views.PromptsView{ListView: list, Now: h.now()}
	v.Count = countWords(count, "prompt", "prompts")
	v.Older, v.Newer = follow(list.Query, link.Prompts(), page.Next), follow(list.Query, link.Prompts(), page.Prev)
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, views.PromptRow{Name: r.Name, Team: r.Team, Purpose: r.Purpose, SHA256: r.SHA256, Versions: r.Versions, UsedBy: r.UsedBy, UpdatedAt: r.UpdatedAt})
	}
	p := respond.Props(c, "Prompts")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Prompts(p, v))
}

func follow(q views.Query, list, cursor string) string {
	if cursor == "" {
		return ""
	}
	return link.With(q.Address(list), "after", cursor)
}

// PromptsCSV is the filtered list as a file.
func (h Handlers) PromptsCSV(c echo.Context) error {
	_, filter, _, err := h.listOf(c, link.Prompts(), "unused")
	if err != nil {
		return err
	}
	each := func(fn func(store.PromptListed) error) error {
		return h.Store.EachPrompt(c.Request().Context(), filter, fn)
	}
	return respond.CSV(c, "prompts.csv", []string{"name", "team", "purpose", "newest_version", "newest_sha256", "used_by_models", "updated_at"}, lines(each, func(r store.PromptListed) []string {
		return []string{r.Name, r.Team, r.Purpose, strconv.Itoa(r.Versions), r.SHA256, strconv.Itoa(r.UsedBy), r.UpdatedAt.Format(time.RFC3339)}
	}))
}

func (h Handlers) promptIn(c echo.Context) (store.PromptListed, error) {
	name, err := form.Param(c, "prompt")
	if err != nil {
		return store.PromptListed{}, err
	}
	return h.Store.Prompt(c.Request().Context(), name)
}

// Prompt shows one prompt with its versions.
func (h Handlers) Prompt(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	before := int(q.Int("before", 1, 1_000_000))
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	list, err := h.Store.PromptVersions(ctx, p.ID, before, pageVersions+1)
	if err != nil {
		return err
	}
	may := org.May(auth.Actor(c), org.Edit, p.TeamID)
	v := views.PromptView{Prompt: p.PromptRecord, Team: p.Team, Count: p.Versions, MayEdit: may.Allowed, WhyNot: reasonOf(may), Now: h.now()}
	if len(list) > pageVersions {
		list = list[:pageVersions]
		v.Older = link.With(link.Prompt(p.Name), "before", strconv.Itoa(list[pageVersions-1].Number))
	}
	if v.Versions, err = h.promptRows(c, list); err != nil {
		return err
	}
	if v.Newest, err = h.Store.PromptVersion(ctx, p.ID, p.Versions); err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.Prompt(props(c, p.Name, nil, ui.Crumb{Label: "Prompts", Href: link.Prompts()}), v))
}

func (h Handlers) promptRows(c echo.Context, list []registry.PromptVersion) ([]views.PromptVersionRow, error) {
	ctx := c.Request().Context()
	var hashes []string
	var authors []int64
	for _, x := range list {
		hashes, authors = append(hashes, x.SHA256), append(authors, x.AuthorID)
	}
	uses, err := h.Store.PromptUses(ctx, hashes, mostUses)
	if err != nil {
		return nil, err
	}
	people, err := h.names(ctx, authors)
	if err != nil {
		return nil, err
	}
	by, more := usesOf(uses)
	out := make([]views.PromptVersionRow, 0, len(list))
	for _, x := range list {
		out = append(out, views.PromptVersionRow{PromptVersion: x, Author: people[x.AuthorID].Name, Uses: by[x.SHA256], More: more[x.SHA256]})
	}
	return out, nil
}

// PromptVersion shows one version of a prompt.
func (h Handlers) PromptVersion(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	number, err := form.ID(c, "number")
	if err != nil {
		return err
	}
	x, err := h.Store.PromptVersion(c.Request().Context(), p.ID, int(min(number, 1<<30)))
	if err != nil {
		return err
	}
	rows, err := h.promptRows(c, []registry.PromptVersion{x})
	if err != nil {
		return err
	}
	v := views.PromptVersionView{Name: p.Name, Version: rows[0], Count: p.Versions, Now: h.now()}
	return respond.HTML(c, http.StatusOK, views.PromptVersion(props(c, "Version "+strconv.Itoa(x.Number), nil, ui.Crumb{Label: "Prompts", Href: link.Prompts()}, ui.Crumb{Label: p.Name, Href: link.Prompt(p.Name)}), v))
}

// PromptDiff compares two versions of a prompt word by word: the newest two unless the address says others.
func (h Handlers) PromptDiff(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	a, b := int(q.Int("a", 1, 1_000_000)), int(q.Int("b", 1, 1_000_000))
	if err := q.Err(); err != nil {
		return err
	}
	if b == 0 {
		b = p.Versions
	}
	if a == 0 {
		a = max(b-1, 1)
	}
	ctx := c.Request().Context()
	v := views.PromptDiffView{Name: p.Name}
	if v.A, err = h.Store.PromptVersion(ctx, p.ID, a); err != nil {
		return err
	}
	if v.B, err = h.Store.PromptVersion(ctx, p.ID, b); err != nil {
		return err
	}
	if v.A.Text != "" && v.B.Text != "" {
		v.Words = registry.DiffWords(v.A.Text, v.B.Text)
	}
	v.Config = registry.DiffWords(registry.PrettyConfig(v.A.Config), registry.PrettyConfig(v.B.Config))
	v.Facts = []ui.DiffRow{{Field: "SHA-256", Before: v.A.SHA256, After: v.B.SHA256, Code: true}, {Field: "Repository", Before: v.A.Repo, After: v.B.Repo, Code: true},
		{Field: "Path", Before: v.A.Path, After: v.B.Path, Code: true}, {Field: "Commit", Before: v.A.Commit, After: v.B.Commit, Code: true}, {Field: "Note", Before: v.A.Note, After: v.B.Note}}
	v.Numbers = numbers(p.Versions, a, b)
	title := "Compare versions " + strconv.Itoa(a) + " and " + strconv.Itoa(b)
	return respond.HTML(c, http.StatusOK, views.PromptDiff(props(c, title, nil, ui.Crumb{Label: "Prompts", Href: link.Prompts()}, ui.Crumb{Label: p.Name, Href: link.Prompt(p.Name)}), v))
}

// numbers are the newest versions to choose from, and the two that are compared now.
func numbers(newest int, chosen ...int) []ui.Option {
	var out []ui.Option
	for n := newest; n >= 1; n-- {
		if newest-n >= mostChoices && n != chosen[0] && n != chosen[1] {
			continue
		}
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return out
}

type promptInput struct {
	Name     string `form:"name"`
	Team     int64  `form:"team"`
	Purpose  string `form:"purpose" is:"text" max:"4000"`
	Text     string `form:"text" is:"text" max:"100000"`
	Config   string `form:"config" is:"text" max:"20000"`
	SHA256   string `form:"sha256"`
	Repo     string `form:"repo" max:"2000"`
	Path     string `form:"path" max:"500"`
	Commit   string `form:"commit"`
	Note     string `form:"note" max:"2000"`
	Check    string `form:"check"`
	Revision int64  `form:"revision"`
}

var promptFields = []string{"name", "team", "purpose", "text", "config", "sha256", "repo", "path", "commit", "note"}

// readPrompt decodes the form. The text is taken as it was sent, so that the rule says what it takes away
// and refuses what nobody sees; only the line ends are the browser's own.
func readPrompt(c echo.Context) (promptInput, views.PromptFormView, error) {
	var in promptInput
	values, err := form.Decode(c, &in)
	v := views.PromptFormView{FormView: views.FormView{Typed: typed(values, promptFields...), Revision: values.Get("revision")}}
	if raw := c.Request().PostForm.Get("text"); raw != "" {
		in.Text = strings.ReplaceAll(raw, "\r\n", "\n")
	}
	if f, ok := fault.As(err); err != nil && (!ok || f.Kind != fault.Invalid) {
		return in, v, err
	}
	if in.Check != "" && strings.TrimSpace(in.Text) != "" {
		if config, wrong := registry.CanonicalConfig(in.Config); wrong == nil {
			v.Hashed = &views.Hashed{SHA256: registry.HashPromptWith(in.Text, config), Removed: registry.NormalizePrompt(in.Text).Removed}
		}
	}
	return in, v, err
}

func (in promptInput) version() registry.PromptVersionDraft {
	return registry.PromptVersionDraft{Repo: in.Repo, Path: in.Path, Commit: in.Commit, SHA256: in.SHA256, Text: in.Text, Config: in.Config, Note: in.Note}
}

// NewPrompt is the empty form.
func (h Handlers) NewPrompt(c echo.Context) error {
	return h.drawNewPrompt(c, http.StatusOK, views.PromptFormView{})
}

// AddPrompt registers a prompt.
func (h Handlers) AddPrompt(c echo.Context) error {
	in, v, read := readPrompt(c)
	if fatal(read) {
		return read
	}
	if in.Check != "" {
		return h.drawNewPrompt(c, http.StatusOK, checked(v, in))
	}
	draft := registry.PromptDraft{Name: in.Name, TeamID: in.Team, Purpose: in.Purpose, Version: in.version()}
	a := auth.Actor(c)
	var added registry.PromptVersion
	var err error
	if read != nil {
		_, _, err = registry.NewPrompt(a, draft, h.now())
	} else {
		_, added, err = h.Store.AddPrompt(c.Request().Context(), func(now time.Time) (*registry.PromptRecord, *registry.PromptVersion, error) {
			return registry.NewPrompt(a, draft, now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Prompt(strings.TrimSpace(in.Name)), "The prompt is registered."+removedWords(added))
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	return h.drawNewPrompt(c, status, v)
}

// fatal says that a form could not be read at all.
func fatal(err error) bool {
	f, ok := fault.As(err)
	return err != nil && (!ok || f.Kind != fault.Invalid)
}

// checked says at the configuration why nothing was computed.
func checked(v views.PromptFormView, in promptInput) views.PromptFormView {
	var p fault.Problems
	if strings.TrimSpace(in.Text) == "" {
		p.Add("text", "Enter the text of which the hash is to be taken.")
	}
	if _, wrong := registry.CanonicalConfig(in.Config); wrong != nil {
		p.Add("config", wrong.Error())
	}
	if f, is := fault.As(p.Err()); is {
		v.Fault = f
	}
	return v
}

func removedWords(v registry.PromptVersion) string {
	if len(v.Removed) == 0 {
		return ""
	}
	return " Taken away before hashing: " + strings.Join(v.Removed, " ")
}

func (h Handlers) drawNewPrompt(c echo.Context, status int, v views.PromptFormView) error {
	a := auth.Actor(c)
	var err error
	if v.Teams, err = h.teamOptions(c.Request().Context(), a, v.Typed["team"]); err != nil {
		return err
	}
	if v.Typed == nil {
		v.Typed = map[string]string{"team": ownTeam(v.Teams)}
	}
	v.Reason = reasonOf(org.May(a, org.Edit, 0))
	return respond.HTML(c, status, views.NewPrompt(props(c, "Register a prompt", v.Fault, ui.Crumb{Label: "Prompts", Href: link.Prompts()}), v))
}

// NewPromptVersion is the form with the words of the newest version, to be changed.
func (h Handlers) NewPromptVersion(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	newest, err := h.Store.PromptVersion(c.Request().Context(), p.ID, p.Versions)
	if err != nil {
		return err
	}
	v := views.PromptFormView{FormView: views.FormView{Typed: map[string]string{"text": newest.Text, "config": registry.PrettyConfig(newest.Config), "repo": newest.Repo, "path": newest.Path}}}
	return h.drawPromptVersion(c, http.StatusOK, p, v)
}

// AddPromptVersion adds a version.
func (h Handlers) AddPromptVersion(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	in, v, read := readPrompt(c)
	if fatal(read) {
		return read
	}
	if in.Check != "" {
		return h.drawPromptVersion(c, http.StatusOK, p, checked(v, in))
	}
	a := auth.Actor(c)
	var added registry.PromptVersion
	if read != nil {
		scratch := p.PromptRecord
		_, err = scratch.AddVersion(a, in.version(), nil, h.now())
	} else {
		added, err = h.Store.AddPromptVersion(c.Request().Context(), p.Name, func(p *registry.PromptRecord, have []registry.PromptVersion, now time.Time) (*registry.PromptVersion, error) {
			return p.AddVersion(a, in.version(), have, now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Prompt(p.Name), "Version "+strconv.Itoa(added.Number)+" is added."+removedWords(added))
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	return h.drawPromptVersion(c, status, p, v)
}

func (h Handlers) drawPromptVersion(c echo.Context, status int, p store.PromptListed, v views.PromptFormView) error {
	v.Name, v.Reason = p.Name, reasonOf(org.May(auth.Actor(c), org.Edit, p.TeamID))
	return respond.HTML(c, status, views.NewPromptVersion(props(c, "Add a version", v.Fault, ui.Crumb{Label: "Prompts", Href: link.Prompts()}, ui.Crumb{Label: p.Name, Href: link.Prompt(p.Name)}), v))
}

// EditPrompt is the form about what a prompt is for and whose it is.
func (h Handlers) EditPrompt(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	v := views.EditView{FormView: views.FormView{Typed: map[string]string{"team": idText(p.TeamID), "purpose": p.Purpose}, Revision: strconv.FormatInt(p.Revision, 10)}}
	return h.drawEditPrompt(c, http.StatusOK, p, v)
}

// SavePrompt changes it.
func (h Handlers) SavePrompt(c echo.Context) error {
	p, err := h.promptIn(c)
	if err != nil {
		return err
	}
	in, shown, read := readPrompt(c)
	if fatal(read) {
		return read
	}
	v := views.EditView{FormView: shown.FormView}
	a := auth.Actor(c)
	if err = read; err == nil {
		err = h.Store.ChangePrompt(c.Request().Context(), p.Name, max(in.Revision, 1), func(p *registry.PromptRecord, now time.Time) error {
			return p.Edit(a, registry.PromptDraft{TeamID: in.Team, Purpose: in.Purpose}, now)
		})
	}
	if err == nil {
		return respond.SeeOther(c, link.Prompt(p.Name), "Saved.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	if f.Kind == fault.Stale {
		now, err := h.Store.Prompt(c.Request().Context(), p.Name)
		if err != nil {
			return err
		}
		if err := h.clash(c.Request().Context(), &v.FormView, "prompt", p.ID, now.Revision, [][3]string{{"team", "Team", idText(now.TeamID)}, {"purpose", "What for", now.Purpose}}); err != nil {
			return err
		}
	}
	return h.drawEditPrompt(c, status, p, v)
}

func (h Handlers) drawEditPrompt(c echo.Context, status int, p store.PromptListed, v views.EditView) error {
	a := auth.Actor(c)
	v.Eyebrow, v.Name, v.Action, v.Back, v.Reason = "Prompt", p.Name, link.EditPrompt(p.Name), link.Prompt(p.Name), reasonOf(org.May(a, org.Edit, p.TeamID))
	return h.drawEdit(c, status, v, idText(p.TeamID), ui.Crumb{Label: "Prompts", Href: link.Prompts()}, ui.Crumb{Label: p.Name, Href: link.Prompt(p.Name)})
}

func (h Handlers) drawEdit(c echo.Context, status int, v views.EditView, team string, crumbs ...ui.Crumb) error {
	var err error
	if v.Teams, err = h.teamOptions(c.Request().Context(), auth.Actor(c), team); err != nil {
		return err
	}
	for i, x := range v.Clashes { // teams by their names
		if x.Label == "Team" {
			v.Clashes[i].Yours, v.Clashes[i].Theirs = label(v.Teams, x.Yours), label(v.Teams, x.Theirs)
		}
	}
	return respond.HTML(c, status, views.EditNamed(props(c, "Edit", v.Fault, crumbs...), v))
}

func label(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
