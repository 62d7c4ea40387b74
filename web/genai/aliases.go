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
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/web/form"
	"sundial/web/respond"
)

func (h Handlers) today() day.Day { return day.Of(h.now()) }

// Aliases lists the aliases.
func (h Handlers) Aliases(c echo.Context) error {
	list, filter, after, err := h.listOf(c, link.Aliases(), "red", "open", "unset")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	page, err := h.Store.Aliases(ctx, filter, h.today(), after, pageSize)
	if err != nil {
		return err
	}
	count, err := h.Store.CountAliases(ctx, filter, h.today())
	if err != nil {
		return err
	}
	v := views.AliasesView{ListView: list, Now: h.now()}
	v.Count = countWords(count, "alias", "aliases")
	v.Older, v.Newer = follow(list.Query, link.Aliases(), page.Next), follow(list.Query, link.Aliases(), page.Prev)
	for _, r := range page.Rows {
		v.Rows = append(v.Rows, views.AliasRow{Name: r.Name, Team: r.Team, Purpose: r.Purpose, Target: r.Target, Health: r.Target.Health(h.today()), Open: r.Open != 0, Since: r.Since})
	}
	p := respond.Props(c, "Aliases")
	p.Wide = true
	return respond.HTML(c, http.StatusOK, views.Aliases(p, v))
}

// AliasesCSV is the filtered list as a file.
func (h Handlers) AliasesCSV(c echo.Context) error {
	_, filter, _, err := h.listOf(c, link.Aliases(), "red", "open", "unset")
	if err != nil {
		return err
	}
	today := h.today()
	each := func(fn func(store.AliasListed) error) error {
		return h.Store.EachAlias(c.Request().Context(), filter, today, fn)
	}
	return respond.CSV(c, "aliases.csv", []string{"alias", "team", "purpose", "model", "version", "stage", "host", "vendor_model", "vendor_end", "since", "leads_astray", "note"}, lines(each, func(r store.AliasListed) []string {
		health := r.Target.Health(today)
		line := []string{r.Name, r.Team, r.Purpose, "", "", "", "", "", "", "", strconv.FormatBool(health.Bad), health.Sentence}
		if t := r.Target; t != nil {
			copy(line[3:], []string{t.Slug, t.Label, string(t.Stage), t.Host, t.VendorID, string(t.VendorEnd), r.Since.Format(time.RFC3339)})
		}
		return line
	}))
}

func (h Handlers) aliasIn(c echo.Context) (store.AliasListed, error) {
	name, err := form.Param(c, "alias")
	if err != nil {
		return store.AliasListed{}, err
	}
	return h.Store.Alias(c.Request().Context(), name)
}

// Alias shows where an alias points, and what is proposed.
func (h Handlers) Alias(c echo.Context) error {
	return h.drawAlias(c, http.StatusOK, views.FormView{})
}

func (h Handlers) drawAlias(c echo.Context, status int, shown views.FormView) error {
	al, err := h.aliasIn(c)
	if err != nil {
		return err
	}
	q := form.ReadQuery(c)
	before := q.Int("before", 1, 1<<40)
	if err := q.Err(); err != nil {
		return err
	}
	a := auth.Actor(c)
	v := views.AliasView{Alias: al.Alias, Team: al.Team, Target: al.Target, Health: al.Target.Health(h.today()), Propose: al.MayPropose(a), Decision: shown, Now: h.now(),
		API: "/api/v1/aliases/" + al.Name}
	history, err := h.Store.AliasHistory(c.Request().Context(), al.ID, before, pageVersions+1)
	if err != nil {
		return err
	}
	if len(history) > pageVersions {
		history = history[:pageVersions]
		v.Older = link.With(link.Alias(al.Name), "before", strconv.FormatInt(history[pageVersions-1].ID, 10))
	}
	for _, e := range history {
		v.History = append(v.History, views.HistoryRow{From: e.From, To: e.To, Requester: e.Requester, Decider: e.Decider, Reason: e.Reason, Decision: e.Decision, State: e.State, OpenedAt: e.OpenedAt, DecidedAt: e.DecidedAt})
		if e.State == registry.ProposalOpen {
			if v.Open, err = h.proposalView(c, al, e); err != nil {
				return err
			}
		}
	}
	return respond.HTML(c, status, views.Alias(props(c, al.Name, shown.Fault, ui.Crumb{Label: "Aliases", Href: link.Aliases()}), v))
}

// proposalView sets what is proposed beside where the alias points now.
func (h Handlers) proposalView(c echo.Context, al store.AliasListed, e store.AliasEntry) (*views.ProposalView, error) {
	ctx, a := c.Request().Context(), auth.Actor(c)
	to, err := h.Store.AliasTargetOf(ctx, e.ToVersion)
	if err != nil {
		return nil, err
	}
	p := &views.ProposalView{ID: e.ID, Requester: e.Requester, To: e.To, Slug: to.Slug, Label: to.Label, Reason: e.Reason, Digest: to.Digest, OpenedAt: e.OpenedAt,
		Unfit: to.Unfit(h.today()), Decide: e.MayDecide(a, to), Withdraw: al.MayWithdraw(&e.AliasProposal, a)}
	if to.Digest != e.ToDigest && p.Unfit == "" {
		p.Unfit = "The release has changed since this was proposed: it can only be rejected or withdrawn."
	}
	if al.Target == nil {
		return p, nil
	}
	p.From = al.Target.Stamp()
	_, before, err := h.Store.Version(ctx, al.Target.Slug, al.Target.Label)
	if err != nil {
		return nil, err
	}
	_, after, err := h.Store.Version(ctx, to.Slug, to.Label)
	if err != nil {
		return nil, err
	}
	group := ""
	for _, x := range registry.DiffVersions(&before, &after) {
		row := ui.DiffRow{Field: x.Field, Before: x.Before, After: x.After, Code: x.Exact}
		if x.Group != group {
			group, row.Group = x.Group, x.Group
		}
		p.Changes = append(p.Changes, row)
	}
	return p, nil
}

type aliasInput struct {
	Name     string `form:"name"`
	Team     int64  `form:"team"`
	Purpose  string `form:"purpose" is:"text" max:"4000"`
	Version  string `form:"version"`
	Reason   string `form:"reason" is:"text" max:"4000"`
	Proposal int64  `form:"proposal"`
	Digest   string `form:"digest"`
	Verdict  string `form:"verdict"`
	Comment  string `form:"comment" is:"text" max:"4000"`
}

var aliasFields = []string{"name", "team", "purpose", "version", "reason", "comment"}

func readAlias(c echo.Context) (aliasInput, views.AliasFormView, error) {
	var in aliasInput
	values, err := form.Decode(c, &in)
	return in, views.AliasFormView{FormView: views.FormView{Typed: typed(values, aliasFields...)}}, err
}

// NewAlias is the empty form.
func (h Handlers) NewAlias(c echo.Context) error {
	return h.drawNewAlias(c, http.StatusOK, views.AliasFormView{})
}

// AddAlias registers an alias.
func (h Handlers) AddAlias(c echo.Context) error {
	in, v, read := readAlias(c)
	if fatal(read) {
		return read
	}
	a := auth.Actor(c)
	var err error
	if read != nil {
		_, err = registry.NewAlias(a, in.Name, in.Purpose, in.Team, h.now())
	} else {
		_, err = h.Store.AddAlias(c.Request().Context(), func(now time.Time) (*registry.Alias, error) {
			return registry.NewAlias(a, in.Name, in.Purpose, in.Team, now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Alias(strings.TrimSpace(in.Name)), "The alias is added. Propose the release that it points at.")
	}
	f, status, ok := respond.Fault(err)
	if !ok {
		return err
	}
	v.Fault = f
	return h.drawNewAlias(c, status, v)
}

func (h Handlers) drawNewAlias(c echo.Context, status int, v views.AliasFormView) error {
	a := auth.Actor(c)
	var err error
	if v.Teams, err = h.teamOptions(c.Request().Context(), a, v.Typed["team"]); err != nil {
		return err
	}
	if v.Typed == nil {
		v.Typed = map[string]string{"team": ownTeam(v.Teams)}
	}
	v.Reason = reasonOf(org.May(a, org.Edit, 0))
	return respond.HTML(c, status, views.NewAlias(props(c, "Add an alias", v.Fault, ui.Crumb{Label: "Aliases", Href: link.Aliases()}), v))
}

// AskProposeAlias is the form that proposes a release.
func (h Handlers) AskProposeAlias(c echo.Context) error {
	return h.drawPropose(c, http.StatusOK, views.AliasFormView{})
}

// ProposeAlias asks to point an alias at a release.
func (h Handlers) ProposeAlias(c echo.Context) error {
	al, err := h.aliasIn(c)
	if err != nil {
		return err
	}
	in, v, read := readAlias(c)
	if fatal(read) {
		return read
	}
	a := auth.Actor(c)
	slug, label, ok := registry.ParseStamp(in.Version)
	switch {
	case !al.MayPropose(a).Allowed:
		err = fault.New(fault.Forbidden, al.MayPropose(a).Reason)
	case !ok:
		err = fault.At("version", "Write the release as model@version, such as support-bot@v3.")
	case read == nil:
		err = h.Store.ProposeAlias(c.Request().Context(), al.Name, slug, label, func(al *registry.Alias, to registry.AliasTarget, open bool, now time.Time) (*registry.AliasProposal, error) {
			return al.Propose(a, to, in.Reason, open, day.Of(now), now)
		})
	}
	if err = both(read, err); err == nil {
		return respond.SeeOther(c, link.Alias(al.Name), "Proposed. It moves when a reviewer approves.")
	}
	f, status, is := respond.Fault(err)
	if !is {
		return err
	}
	v.Fault = f
	return h.drawPropose(c, status, v)
}

func (h Handlers) drawPropose(c echo.Context, status int, v views.AliasFormView) error {
	al, err := h.aliasIn(c)
	if err != nil {
		return err
	}
	v.Name, v.Reason = al.Name, reasonOf(al.MayPropose(auth.Actor(c)))
	if v.Reason == "" && al.Open != 0 {
		v.Reason = "A proposal for " + al.Name + " is open already. Decide or withdraw that one first."
	}
	if al.Target != nil {
		v.Now = al.Target.Stamp()
	}
	if v.Targets, err = h.Store.AliasTargets(c.Request().Context(), al.TeamID, mostChoices); err != nil {
		return err
	}
	return respond.HTML(c, status, views.ProposeAlias(props(c, "Propose a release", v.Fault, ui.Crumb{Label: "Aliases", Href: link.Aliases()}, ui.Crumb{Label: al.Name, Href: link.Alias(al.Name)}), v))
}

// DecideAlias approves or rejects the proposal that was read.
func (h Handlers) DecideAlias(c echo.Context) error {
	return h.onProposal(c, func(a org.Actor, in aliasInput, al *registry.Alias, p *registry.AliasProposal, to registry.AliasTarget, now time.Time) error {
		if in.Verdict != "approve" && in.Verdict != "reject" {
			return fault.New(fault.Invalid, "Choose approve or reject.")
		}
		return al.Decide(p, a, to, in.Verdict == "approve", in.Digest, in.Comment, day.Of(now), now)
	}, func(in aliasInput) string {
		if in.Verdict == "approve" {
			return "Approved: the alias points there now."
		}
		return "Rejected: the alias stays where it is."
	})
}

// WithdrawAlias takes a proposal back.
func (h Handlers) WithdrawAlias(c echo.Context) error {
	return h.onProposal(c, func(a org.Actor, _ aliasInput, al *registry.Alias, p *registry.AliasProposal, _ registry.AliasTarget, now time.Time) error {
		return al.Withdraw(p, a, now)
	}, func(aliasInput) string { return "The proposal is withdrawn." })
}

func (h Handlers) onProposal(c echo.Context, rule func(org.Actor, aliasInput, *registry.Alias, *registry.AliasProposal, registry.AliasTarget, time.Time) error, said func(aliasInput) string) error {
	name, err := form.Param(c, "alias")
	if err != nil {
		return err
	}
	in, v, err := readAlias(c)
	if fatal(err) {
		return err
	}
	if err == nil {
		a := auth.Actor(c)
		err = h.Store.DecideAlias(c.Request().Context(), name, in.Proposal, func(al *registry.Alias, p *registry.AliasProposal, to registry.AliasTarget, now time.Time) error {
			return rule(a, in, al, p, to, now)
		})
	}
	if err == nil {
		return respond.SeeOther(c, link.Alias(name), said(in))
	}
	f, status, ok := respond.Fault(err)
	if !ok || f.Kind == fault.NotFound {
		return err
	}
	v.Fault = f
	return h.drawAlias(c, status, v.FormView)
}
