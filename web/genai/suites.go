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
	"sundial/models/evidence"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

const mostResults = 50

// Suites lists the evaluation suites.
func (h Handlers) Suites(c echo.Context) error {
	list, filter, after, err := h.listOf(c, link.Suites(), "unused")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Suites(ctx, filter, after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountSuites(ctx, filter)
	if err != nil {
		return err
	}
	v := views.SuitesView{ListView: list, Now: h.now()}
	v.Count = countWords(count, "suite", "suites")
	v.Older, v.Newer = follow(list.Query, link.Suites(), page.Next), follow(list.Query, link.Suites(), page.Prev)
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, views.SuiteRow{Name: r.Name, Team: r.Team, Purpose: r.Purpose, SHA256: r.SHA256, Versions: r.Versions, UsedBy: r.UsedBy, UpdatedAt: r.UpdatedAt})
	}
	p := respond.Props(c, "Evaluations")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Suites(p, v))
}

// SuitesCSV is the filtered list as a file.
func (h Handlers) SuitesCSV(c echo.Context) error {
	_, filter, _, err := h.listOf(c, link.Suites(), "unused")
	if err != nil {
		return err
	}
	each := func(fn func(store.SuiteListed) error) error {
		return h.Store.EachSuite(c.Request().Context(), filter, fn)
	}
	return respond.CSV(c, "evaluations.csv", []string{"name", "team", "purpose", "versions", "newest_sha256", "used_by_models", "updated_at"}, lines(each, func(r store.SuiteListed) []string {
		return []string{r.Name, r.Team, r.Purpose, strconv.Itoa(r.Versions), r.SHA256, strconv.Itoa(r.UsedBy), r.UpdatedAt.Format(time.RFC3339)}
	}))
}

func (h Handlers) suiteIn(c echo.Context) (store.SuiteListed, error) {
	name, err := form.Param(c, "suite")
	if err != nil {
		return store.SuiteListed{}, err
	}
	return h.Store.Suite(c.Request().Context(), name)
}

// Suite shows one suite with its versions and what releases reached.
func (h Handlers) Suite(c echo.Context) error {
	s, err := h.suiteIn(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	before := q.Int("before", 1, 1<<40)
	if err := q.Err(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	list, err := h.Store.SuiteVersions(ctx, s.ID, before, pageVersions+1)
	if err != nil {
		return err
	}
	may := org.May(auth.Actor(c), org.Edit, s.TeamID)
	v := views.SuiteView{Suite: s.SuiteRecord, Team: s.Team, Count: s.Versions, MayEdit: may.Allowed, WhyNot: reasonOf(may), Now: h.now()}
	if len(list) > pageVersions {
		list = list[:pageVersions]
		v.Older = link.With(link.Suite(s.Name), "before", strconv.FormatInt(list[pageVersions-1].ID, 10))
	}
	if err := h.fillSuite(c, &v, list); err != nil {
		return err
	}
	return respond.HTML(c, http.StatusOK, views.Suite(props(c, s.Name, nil, ui.Crumb{Label: "Evaluations", Href: link.Suites()}), v))
}

// fillSuite reads who uses the versions on the page and what their runs reached.
func (h Handlers) fillSuite(c echo.Context, v *views.SuiteView, list []registry.SuiteVersion) error {
	ctx := c.Request().Context()
	var hashes []string
	var authors []int64
	labels := map[string]string{}
	for _, x := range list {
		hashes, authors = append(hashes, x.SHA256), append(authors, x.AuthorID)
		labels[x.SHA256] = x.Label
	}
	uses, err := h.Store.SuiteUses(ctx, hashes, mostUses)
	if err != nil {
		return err
	}
	people, err := h.names(ctx, authors)
	if err != nil {
		return err
	}
	results, err := h.Store.SuiteResults(ctx, hashes, mostResults)
	if err != nil {
		return err
	}
	by, more := usesOf(uses)
	for _, x := range list {
		v.Versions = append(v.Versions, views.SuiteVersionRow{SuiteVersion: x, Author: people[x.AuthorID].Name, Uses: by[x.SHA256], More: more[x.SHA256]})
	}
	for _, r := range results {
		v.Results = append(v.Results, views.ResultRow{Use: views.Use{Model: r.Model, Slug: r.Slug, Version: r.Version, Stage: r.Stage}, Suite: labels[r.SHA256],
			Outcome: evidence.Outcome(r.Outcome), Metrics: r.Metrics, At: r.At, Withdrawn: r.Withdrawn, Current: r.Current})
	}
	return nil
}

type suiteInput struct {
	Name       string           `form:"name"`
	Team       int64            `form:"team"`
	Purpose    string           `form:"purpose" is:"text" max:"4000"`
	Label      string           `form:"label"`
	SHA256     string           `form:"sha256"`
	Repo       string           `form:"repo" max:"2000"`
	Path       string           `form:"path" max:"500"`
	Commit     string           `form:"commit"`
	URL        string           `form:"url" max:"2000"`
	Note       string           `form:"note" max:"2000"`
	Thresholds []thresholdInput `form:"thresholds"`
	Add        string           `form:"add"`
	Revision   int64            `form:"revision"`
}

type thresholdInput struct {
	Metric   string `form:"metric"`
	Operator string `form:"operator"`
	Value    string `form:"value"`
}

var suiteFields = []string{"name", "team", "purpose", "label", "sha256", "repo", "path", "commit", "url", "note"}

func readSuite(c echo.Context) (suiteInput, views.SuiteFormView, error) {
	var in suiteInput
	values, err := form.Decode(c, &in)
	v := views.SuiteFormView{FormView: views.FormView{Typed: typed(values, suiteFields...), Revision: values.Get("revision")}, Rows: max(values.Rows("thresholds"), 1)}
	for i := range v.Rows {
		for _, field := range []string{"metric", "operator", "value"} {
			name := row(i, field)
			v.Typed[name] = values.Get(name)
		}
	}
	if in.Add != "" && v.Rows < 50 {
		v.Focus = row(v.Rows, "metric")
		v.Rows++
	}
	return in, v, err
}

func row(i int, field string) string { return "thresholds[" + strconv.Itoa(i) + "]." + field }

func (in suiteInput) version() registry.SuiteVersionDraft {
	d := registry.SuiteVersionDraft{Label: in.Label, SHA256: in.SHA256, Repo: in.Repo, Path: in.Path, Commit: in.Commit, URL: in.URL, Note: in.Note}
	for _, t := range in.Thresholds {
		d.Thresholds = append(d.Thresholds, registry.ThresholdDraft(t))
	}
	return d
}

// NewSuite is the empty form.
func (h Handlers) NewSuite(c echo.Context) error {
	return h.drawNewSuite(c, http.StatusOK, views.SuiteFormView{Rows: 3})
}

// AddSuite registers a suite.
func (h Handlers) AddSuite(c echo.Context) error {
	in, v, read := readSuite(c)
	if fatal(read) {
		return read
	}
	if in.Add != "" {
		return h.drawNewSuite(c, http.StatusOK, v)
	}
	a := auth.Actor(c)
	draft := registry.SuiteDraft{Name: in.Name, TeamID: in.Team, Purpose: in.Purpose, Version: in.version()}
	var err error
	if read != nil {
		_, _, err = registry.NewSuite(a, draft, h.now())
	} else {
		_, _, err = h.Store.AddSuite(c.Request().Context(), func(now time.Time) (*registry.SuiteRecord, *registry.SuiteVersion, error) {
			return registry.NewSuite(a, draft, now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Suite(strings.TrimSpace(in.Name)), "The suite is registered.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	return h.drawNewSuite(c, status, v)
}

func (h Handlers) drawNewSuite(c echo.Context, status int, v views.SuiteFormView) error {
	a := auth.Actor(c)
	var err error
	if v.Teams, err = h.teamOptions(c.Request().Context(), a, v.Typed["team"]); err != nil {
		return err
	}
	if v.Typed == nil {
		v.Typed = map[string]string{"team": ownTeam(v.Teams)}
	}
	v.Reason = reasonOf(org.May(a, org.Edit, 0))
	return respond.HTML(c, status, views.NewSuite(props(c, "Register a suite", v.Fault, ui.Crumb{Label: "Evaluations", Href: link.Suites()}), v))
}

// NewSuiteVersion is the form with the thresholds of the newest version, to be changed.
func (h Handlers) NewSuiteVersion(c echo.Context) error {
	s, err := h.suiteIn(c)
	if err != nil {
		return err
	}
	v := views.SuiteFormView{FormView: views.FormView{Typed: map[string]string{}}, Rows: 1}
	list, err := h.Store.SuiteVersions(c.Request().Context(), s.ID, 0, 1)
	if err != nil {
		return err
	}
	for _, x := range list {
		v.Typed["repo"], v.Typed["path"], v.Typed["url"] = x.Repo, x.Path, x.URL
		v.Rows = len(x.Thresholds)
		for i, t := range x.Thresholds {
			v.Typed[row(i, "metric")], v.Typed[row(i, "operator")], v.Typed[row(i, "value")] = t.Metric, t.Operator, strconv.FormatFloat(t.Value, 'g', -1, 64)
		}
	}
	return h.drawSuiteVersion(c, http.StatusOK, s, v)
}

// AddSuiteVersion adds a version.
func (h Handlers) AddSuiteVersion(c echo.Context) error {
	s, err := h.suiteIn(c)
	if err != nil {
		return err
	}
	in, v, read := readSuite(c)
	if fatal(read) {
		return read
	}
	if in.Add != "" {
		return h.drawSuiteVersion(c, http.StatusOK, s, v)
	}
	a := auth.Actor(c)
	if read != nil {
		scratch := s.SuiteRecord
		_, err = scratch.AddVersion(a, in.version(), nil, h.now())
	} else {
		_, err = h.Store.AddSuiteVersion(c.Request().Context(), s.Name, func(s *registry.SuiteRecord, have []registry.SuiteVersion, now time.Time) (*registry.SuiteVersion, error) {
			return s.AddVersion(a, in.version(), have, now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Suite(s.Name), "Version "+in.Label+" is added.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	return h.drawSuiteVersion(c, status, s, v)
}

func (h Handlers) drawSuiteVersion(c echo.Context, status int, s store.SuiteListed, v views.SuiteFormView) error {
	v.Name, v.Reason = s.Name, reasonOf(org.May(auth.Actor(c), org.Edit, s.TeamID))
	return respond.HTML(c, status, views.NewSuiteVersion(props(c, "Add a version", v.Fault, ui.Crumb{Label: "Evaluations", Href: link.Suites()}, ui.Crumb{Label: s.Name, Href: link.Suite(s.Name)}), v))
}

// EditSuite is the form about what a suite is for and whose it is.
func (h Handlers) EditSuite(c echo.Context) error {
	s, err := h.suiteIn(c)
	if err != nil {
		return err
	}
	v := views.EditView{FormView: views.FormView{Typed: map[string]string{"team": idText(s.TeamID), "purpose": s.Purpose}, Revision: strconv.FormatInt(s.Revision, 10)}}
	return h.drawEditSuite(c, http.StatusOK, s, v)
}

// SaveSuite changes it.
func (h Handlers) SaveSuite(c echo.Context) error {
	s, err := h.suiteIn(c)
	if err != nil {
		return err
	}
	in, shown, read := readSuite(c)
	if fatal(read) {
		return read
	}
	v := views.EditView{FormView: shown.FormView}
	a := auth.Actor(c)
	if err = read; err == nil {
		err = h.Store.ChangeSuite(c.Request().Context(), s.Name, max(in.Revision, 1), func(s *registry.SuiteRecord, now time.Time) error {
			return s.Edit(a, registry.SuiteDraft{TeamID: in.Team, Purpose: in.Purpose}, now)
		})
	}
	if err == nil {
		return respond.SeeOther(c, link.Suite(s.Name), "Saved.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	if f.Kind == fault.Stale {
		now, err := h.Store.Suite(c.Request().Context(), s.Name)
		if err != nil {
			return err
		}
		if err := h.clash(c.Request().Context(), &v.FormView, "suite", s.ID, now.Revision, [][3]string{{"team", "Team", idText(now.TeamID)}, {"purpose", "What for", now.Purpose}}); err != nil {
			return err
		}
	}
	return h.drawEditSuite(c, status, s, v)
}

func (h Handlers) drawEditSuite(c echo.Context, status int, s store.SuiteListed, v views.EditView) error {
	v.Eyebrow, v.Name, v.Action, v.Back, v.Reason = "Evaluation suite", s.Name, link.EditSuite(s.Name), link.Suite(s.Name), reasonOf(org.May(auth.Actor(c), org.Edit, s.TeamID))
	return h.drawEdit(c, status, v, idText(s.TeamID), ui.Crumb{Label: "Evaluations", Href: link.Suites()}, ui.Crumb{Label: s.Name, Href: link.Suite(s.Name)})
}
