package web

import (
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"sundial/auth"
	"sundial/models/intake"
	rules "sundial/models/lifecycle"
	"sundial/models/org"
	modelsvendors "sundial/models/vendors"
	"sundial/static"
	"sundial/web/account"
	"sundial/web/admin"
	"sundial/web/api"
	"sundial/web/audit"
	"sundial/web/confirmation"
	"sundial/web/genai"
	"sundial/web/help"
	"sundial/web/home"
	"sundial/web/imports"
	"sundial/web/lifecycle"
	"sundial/web/maturity"
	"sundial/web/registry"
	"sundial/web/retirement"
	"sundial/web/telemetry"
	"sundial/web/vendors"
)

// routes is every address of the portal and who may use it, one line each. A line asks coarsely, by
// role; the record's own rule asks again. testdata/routes.golden is this table as people read it.
func (s *Server) routes(r *table) {
	me := account.Handlers{Sessions: s.sessions, Store: s.cfg.Store, BaseURL: s.cfg.BaseURL, Provider: s.cfg.ProviderName, Demo: s.cfg.Demo, Mail: s.cfg.MailServer, Clock: s.cfg.Clock}

	// Assets and probes.
	r.asset(static.Prefix+"*", echo.WrapHandler(static.Handler()))
	r.asset("/favicon.ico", favicon)
	r.asset("/robots.txt", robots)
	r.asset("/healthz", healthy)
	r.asset("/readyz", s.ready)
	r.asset("/metrics", s.showMetrics)

	// Signing in and out, and one's own things.
	r.GET("/login", me.Login, public)
	r.GET("/login/start", me.Start, public)
	r.GET(auth.CallbackPath, me.Callback, public)
	r.GET("/logout", me.AskLogout, public)
	r.POST("/logout", me.Logout, public)
	r.GET("/sessions", me.List, may(org.ManageOwnThings))
	r.POST("/sessions/:session/revoke", me.Revoke, may(org.ManageOwnThings))
	r.GET("/tokens", me.Tokens, may(org.ManageOwnThings))
	r.GET("/tokens/new", me.NewToken, may(org.ManageOwnThings))
	r.POST("/tokens/new", me.MakeToken, may(org.ManageOwnThings))
	r.GET("/tokens/:token/revoke", me.AskRevokeToken, may(org.ManageOwnThings))
	r.POST("/tokens/:token/revoke", me.RevokeToken, may(org.ManageOwnThings))
	r.GET("/account/notices", me.Notices, may(org.ManageOwnThings))
	r.POST("/account/notices", me.ChooseNotices, may(org.ManageOwnThings))
	r.POST("/account/notices/test", me.TestNotices, may(org.ManageOwnThings))
	r.POST("/theme", me.Theme, public)
	r.GET("/help", help.Handlers{Grants: s.cfg.Grants, Store: s.cfg.Store}.Show, may(org.Read))

	// My work.
	mine := home.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock}
	r.GET("/", mine.Show, may(org.Read))

	// The audit trail.
	trail := audit.New(s.cfg.Store, s.cfg.Clock)
	r.GET("/audit", trail.List, may(org.ReadAudit))
	r.GET("/audit.jsonl", trail.Export, may(org.ReadAudit), longer(10*time.Minute), bearer)
	r.POST("/audit/verify", trail.Verify, may(org.ReadAudit), longer(10*time.Minute))
	r.GET("/audit/:seq", trail.Show, may(org.ReadAudit))

	// People, teams and the policy in force.
	desk := admin.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock, Trying: new(sync.Mutex)}
	r.GET("/policy", desk.ShowPolicy, may(org.Read))
	r.GET("/policy/dry-run", desk.TryProfile, may(org.TryPolicy), longer(time.Minute))
	r.GET("/policy/dry-run.csv", desk.TryProfileCSV, may(org.TryPolicy), longer(3*time.Minute))
	r.POST("/policy/dry-run", desk.TryFile, may(org.TryPolicy), body(rules.MaxPolicyFile+usualBody), longer(3*time.Minute)) // reads only
	r.GET("/admin", desk.Index, may(org.Administer))
	r.GET("/admin/people", desk.People, may(org.Administer))
	r.GET("/admin/people/:person", desk.Person, may(org.Administer))
	r.GET("/admin/people/:person/disable", desk.AskDisable, may(org.Administer))
	r.POST("/admin/people/:person/disable", desk.Disable, may(org.Administer))
	r.POST("/admin/people/:person/enable", desk.Enable, may(org.Administer))
	r.GET("/admin/people/:person/end-sessions", desk.AskEndSessions, may(org.Administer))
	r.POST("/admin/people/:person/end-sessions", desk.EndSessions, may(org.Administer))
	r.GET("/admin/tokens", desk.Tokens, may(org.Administer))
	r.GET("/admin/tokens.csv", desk.TokensCSV, may(org.Administer), longer(2*time.Minute))
	r.GET("/admin/tokens/:token/revoke", desk.AskRevokeToken, may(org.Administer))
	r.POST("/admin/tokens/:token/revoke", desk.RevokeToken, may(org.Administer))
	r.GET("/admin/teams", desk.Teams, may(org.Administer))
	r.GET("/admin/teams/new", desk.NewTeam, may(org.Administer))
	r.POST("/admin/teams/new", desk.AddTeam, may(org.Administer))
	r.GET("/admin/teams/:team", desk.EditTeam, may(org.Administer))
	r.POST("/admin/teams/:team", desk.ChangeTeam, may(org.Administer))
	hooks := admin.Webhooks{Store: s.cfg.Store, Clock: s.cfg.Clock, MayCall: s.cfg.Outgoing.Check}
	r.GET("/admin/webhooks", hooks.List, may(org.Administer))
	r.GET("/admin/webhooks/new", hooks.New, may(org.Administer))
	r.POST("/admin/webhooks/new", hooks.Add, may(org.Administer))
	r.GET("/admin/webhooks/:endpoint", hooks.Show, may(org.Administer))
	r.GET("/admin/webhooks/:endpoint/edit", hooks.Edit, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/edit", hooks.Change, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/pause", hooks.Pause, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/resume", hooks.Resume, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/test", hooks.Test, may(org.Administer))
	r.GET("/admin/webhooks/:endpoint/rotate", hooks.AskRotate, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/rotate", hooks.Rotate, may(org.Administer))
	r.GET("/admin/webhooks/:endpoint/delete", hooks.AskDelete, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/delete", hooks.Delete, may(org.Administer))
	r.GET("/admin/webhooks/:endpoint/deliveries/:delivery", hooks.Delivery, may(org.Administer))
	r.POST("/admin/webhooks/:endpoint/deliveries/:delivery/resend", hooks.Resend, may(org.Administer))
	letters := admin.Letters{Store: s.cfg.Store, Clock: s.cfg.Clock, Server: s.cfg.MailServer, Portal: s.cfg.BaseURL.String(), Demo: s.cfg.Demo}
	r.GET("/admin/letters", letters.List, may(org.Administer))
	r.GET("/admin/letters.csv", letters.CSV, may(org.Administer), longer(2*time.Minute))
	r.GET("/admin/letters/:letter", letters.Show, may(org.Administer))
	r.POST("/admin/letters/:letter/resend", letters.Resend, may(org.Administer))
	r.GET("/admin/departments/new", desk.NewDepartment, may(org.Administer))
	r.POST("/admin/departments/new", desk.AddDepartment, may(org.Administer))
	r.GET("/admin/departments/:department", desk.EditDepartment, may(org.Administer))
	r.POST("/admin/departments/:department", desk.RenameDepartment, may(org.Administer))

	// The catalogue of vendors' models.
	cat := vendors.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock}
	r.GET("/vendors", cat.List, may(org.Read))
	r.GET("/vendors.csv", cat.CSV, may(org.Read), longer(2*time.Minute))
	r.GET("/vendors/catalogue", cat.Catalogue, may(org.Read))
	r.GET("/vendors/catalogue.csv", cat.CatalogueCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/vendors/model", cat.Show, may(org.Read))
	r.GET("/models/:model/versions/:version/vendor", cat.OfVersion, may(org.Read))
	r.GET("/vendors/readings/:reading", cat.Reading, may(org.Read))
	r.POST("/vendors/readings/:reading", cat.Decide, may(org.Catalogue))
	r.GET("/vendors/import", cat.AskImport, may(org.Catalogue))
	r.POST("/vendors/import", cat.Upload, may(org.Catalogue), body(modelsvendors.MaxSeedBytes+usualBody), longer(2*time.Minute))
	r.GET("/vendors/import/preview", cat.Preview, may(org.Catalogue), longer(2*time.Minute))
	r.POST("/vendors/import/apply", cat.Apply, may(org.Catalogue), longer(2*time.Minute))
	r.GET("/vendors/try", cat.Try, may(org.Read))
	r.GET("/vendors/new", cat.New, may(org.Catalogue))
	r.POST("/vendors/new", cat.Add, may(org.Catalogue))
	r.GET("/vendors/edit", cat.Edit, may(org.Catalogue))
	r.POST("/vendors/edit", cat.Save, may(org.Catalogue))

	// What GenAI releases are made of: prompts, evaluation suites, and the aliases that point at releases.
	parts := genai.Handlers{Store: s.cfg.Store, Clock: s.cfg.Clock}
	r.GET("/prompts", parts.Prompts, may(org.Read))
	r.GET("/prompts.csv", parts.PromptsCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/prompts/new", parts.NewPrompt, may(org.Edit))
	r.POST("/prompts/new", parts.AddPrompt, may(org.Edit), body(promptBody))
	r.GET("/prompts/:prompt", parts.Prompt, may(org.Read))
	r.GET("/prompts/:prompt/diff", parts.PromptDiff, may(org.Read))
	r.GET("/prompts/:prompt/edit", parts.EditPrompt, may(org.Edit))
	r.POST("/prompts/:prompt/edit", parts.SavePrompt, may(org.Edit))
	r.GET("/prompts/:prompt/versions/new", parts.NewPromptVersion, may(org.Edit))
	r.POST("/prompts/:prompt/versions/new", parts.AddPromptVersion, may(org.Edit), body(promptBody))
	r.GET("/prompts/:prompt/versions/:number", parts.PromptVersion, may(org.Read))
	r.GET("/evaluations", parts.Suites, may(org.Read))
	r.GET("/evaluations.csv", parts.SuitesCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/evaluations/new", parts.NewSuite, may(org.Edit))
	r.POST("/evaluations/new", parts.AddSuite, may(org.Edit))
	r.GET("/evaluations/:suite", parts.Suite, may(org.Read))
	r.GET("/evaluations/:suite/edit", parts.EditSuite, may(org.Edit))
	r.POST("/evaluations/:suite/edit", parts.SaveSuite, may(org.Edit))
	r.GET("/evaluations/:suite/versions/new", parts.NewSuiteVersion, may(org.Edit))
	r.POST("/evaluations/:suite/versions/new", parts.AddSuiteVersion, may(org.Edit))
	r.GET("/aliases", parts.Aliases, may(org.Read))
	r.GET("/aliases.csv", parts.AliasesCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/aliases/new", parts.NewAlias, may(org.Edit))
	r.POST("/aliases/new", parts.AddAlias, may(org.Edit))
	r.GET("/aliases/:alias", parts.Alias, may(org.Read))
	r.GET("/aliases/:alias/propose", parts.AskProposeAlias, may(org.Request))
	r.POST("/aliases/:alias/propose", parts.ProposeAlias, may(org.Request))
	r.POST("/aliases/:alias/decide", parts.DecideAlias, may(org.Decide))
	r.POST("/aliases/:alias/withdraw", parts.WithdrawAlias, may(org.Comment))

	// How models end. Who may confirm a plan is more than a role tells: an owner may, whatever their role.
	ends := retirement.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock, Portal: strings.TrimSuffix(s.cfg.BaseURL.String(), "/")}
	r.GET("/retirements", ends.Board, may(org.Read))
	r.GET("/retirements/board.csv", ends.BoardCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/retirements/plans", ends.List, may(org.Read))
	r.GET("/retirements/timeline", ends.Timeline, may(org.Read))
	r.GET("/retirements/timeline.csv", ends.TimelineCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/retirements/unused", ends.Unused, may(org.Read))
	r.GET("/retirements/unused.csv", ends.UnusedCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/retirements.csv", ends.CSV, may(org.Read), longer(2*time.Minute))
	r.GET("/retirements.ics", ends.Feed, may(org.ReadCalendar), longer(2*time.Minute), bearer)
	r.GET("/admin/plan-templates", ends.Templates, may(org.Administer))
	r.GET("/admin/plan-templates.csv", ends.TemplatesCSV, may(org.Administer))
	r.GET("/admin/plan-templates/new", ends.NewTemplate, may(org.Administer))
	r.POST("/admin/plan-templates/new", ends.AddTemplate, may(org.Administer))
	r.GET("/admin/plan-templates/:template", ends.Template, may(org.Administer))
	r.GET("/admin/plan-templates/:template/edit", ends.EditTemplate, may(org.Administer))
	r.POST("/admin/plan-templates/:template/edit", ends.SaveTemplate, may(org.Administer))
	r.GET("/admin/plan-templates/:template/edit/:section", ends.EditTemplateSection, may(org.Administer))
	r.POST("/admin/plan-templates/:template/edit/:section", ends.SaveTemplateSection, may(org.Administer))
	r.GET("/admin/plan-templates/:template/retire", ends.AskRetireTemplate, may(org.Administer))
	r.POST("/admin/plan-templates/:template/retire", ends.RetireTemplate, may(org.Administer))
	r.POST("/admin/plan-templates/:template/revive", ends.ReviveTemplate, may(org.Administer))
	r.GET("/models/:model/retirement", ends.Show, may(org.Read))
	r.POST("/models/:model/retirement", ends.File, may(org.Request))
	r.GET("/models/:model/retirement/edit", ends.EditList, may(org.Request))
	r.GET("/models/:model/retirement/edit/:section", ends.Edit, may(org.Request))
	r.POST("/models/:model/retirement/edit/:section", ends.Save, may(org.Request))
	r.POST("/models/:model/retirement/fill", ends.Fill, may(org.Request))
	r.POST("/models/:model/retirement/submit", ends.Submit, may(org.Request))
	r.POST("/models/:model/retirement/review", ends.Review, may(org.Decide))
	r.POST("/models/:model/retirement/confirm", ends.Confirm, may(org.Read))
	r.GET("/models/:model/retirement/workflow", ends.Workflow, may(org.Read))
	r.GET("/models/:model/retirement/workflow/:number", ends.Workflow, may(org.Read))
	for _, act := range retirement.Acts {
		// Owners, leads, reviewers and leadership have a part in it; the rule asks each by record.
		r.GET("/models/:model/retirement/do/"+act, ends.Ask(act), may(org.Read))
		r.POST("/models/:model/retirement/do/"+act, ends.Do(act), may(org.Read))
	}
	r.GET("/models/:model/retirement/certificate", ends.Certificate, may(org.Read))
	r.GET("/models/:model/retirement/certificate.pdf", ends.CertificatePDF, may(org.Read))
	r.GET("/models/:model/retirement/dossier.json", ends.Dossier, may(org.Read))
	r.GET("/models/:model/retirement/:number", ends.Number, may(org.Read))
	// Consumers without an account answer by the link of their letter.
	r.GET("/answer/:token", ends.AskAnswer, public, paced)
	r.POST("/answer/:token", ends.Answer, public, paced)

	// The inventory.
	inv := registry.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock}
	r.GET("/models", inv.List, may(org.Read))
	r.GET("/models.csv", inv.CSV, may(org.Read), longer(5*time.Minute))
	r.GET("/models/new", inv.New, may(org.Register))
	r.POST("/models/new", inv.Register, may(org.Register))
	r.GET("/models/:model", inv.Show, may(org.Read))
	r.GET("/models/:model/history", inv.History, may(org.Read))
	r.GET("/models/:model/diff", inv.Diff, may(org.Read))
	r.GET("/models/:model/edit", inv.EditBasics, may(org.Edit))
	r.POST("/models/:model/edit", inv.SaveBasics, may(org.Edit))
	r.GET("/models/:model/edit/people", inv.EditPeople, may(org.Assign))
	r.POST("/models/:model/edit/people", inv.SavePeople, may(org.Assign))
	r.GET("/models/:model/edit/promises", inv.EditPromises, may(org.Edit))
	r.POST("/models/:model/edit/promises", inv.SavePromises, may(org.Edit))
	r.GET("/models/:model/consumers", inv.EditConsumers, may(org.Read))
	r.POST("/models/:model/consumers", inv.SaveConsumers, may(org.Edit))
	r.GET("/models/:model/versions/new", inv.NewVersion, may(org.Edit))
	r.POST("/models/:model/versions/new", inv.AddVersion, may(org.Edit))
	r.GET("/models/:model/versions/:version/edit", inv.EditVersion, may(org.Edit))
	r.POST("/models/:model/versions/:version/edit", inv.SaveVersion, may(org.Edit))

	// A version's way. Whoever is signed in takes part in the conversation; who may withdraw and who may
	// break glass is the request's and the policy's to say.
	gov := lifecycle.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock}
	r.GET("/models/:model/versions/:version", gov.Version, may(org.Read))
	r.GET("/models/:model/versions/:version/evidence/new", gov.NewEvidence, may(org.Edit))
	r.POST("/models/:model/versions/:version/evidence/new", gov.RecordEvidence, may(org.Edit))
	r.GET("/models/:model/versions/:version/evidence/:evidence/withdraw", gov.AskWithdrawEvidence, may(org.Edit))
	r.POST("/models/:model/versions/:version/evidence/:evidence/withdraw", gov.WithdrawEvidence, may(org.Edit))
	r.GET("/models/:model/versions/:version/transitions/new", gov.NewMove, may(org.Request))
	r.POST("/models/:model/versions/:version/transitions/new", gov.Propose, may(org.Request))
	r.GET("/models/:model/versions/:version/close", gov.AskClose, may(org.Edit))
	r.POST("/models/:model/versions/:version/close", gov.Close, may(org.Edit))
	r.GET("/models/:model/versions/:version/break-glass", gov.AskBreakGlass, may(org.Read))
	r.POST("/models/:model/versions/:version/break-glass", gov.BreakGlass, may(org.Read))
	r.GET("/models/:model/versions/:version/waivers/new", gov.NewWaiver, may(org.Request))
	r.POST("/models/:model/versions/:version/waivers/new", gov.AskWaiver, may(org.Request))
	r.GET("/models/:model/rollback", gov.Rollback, may(org.Read))
	r.GET("/waivers", gov.Waivers, may(org.Read))
	r.GET("/waivers/:waiver", gov.Waiver, may(org.Read))
	r.POST("/waivers/:waiver", gov.DecideWaiver, may(org.Decide))
	r.GET("/requests", gov.Requests, may(org.Read))
	r.GET("/requests.csv", gov.RequestsCSV, may(org.Read), longer(5*time.Minute))
	r.GET("/requests/:request", gov.Request, may(org.Read))
	r.POST("/requests/:request/review", gov.Review, may(org.Decide))
	r.POST("/requests/:request/comment", gov.Comment, may(org.Comment))
	r.GET("/requests/:request/reason", gov.AskReason, may(org.Request))
	r.POST("/requests/:request/reason", gov.Reason, may(org.Request))
	r.GET("/requests/:request/withdraw", gov.AskWithdraw, may(org.Comment))
	r.POST("/requests/:request/withdraw", gov.Withdraw, may(org.Comment))
	r.POST("/requests/:request/settle", gov.Settle, may(org.Decide))
	r.GET("/production", gov.Production, may(org.Read))
	r.GET("/production.csv", gov.ProductionCSV, may(org.Read), longer(5*time.Minute))

	// How mature models, teams and the organisation are.
	scores := maturity.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, Clock: s.cfg.Clock}
	r.GET("/teams", scores.Board, may(org.ReadLeadership))
	r.GET("/teams.csv", scores.BoardCSV, may(org.ReadLeadership), longer(2*time.Minute))
	r.GET("/teams/:team", scores.Team, may(org.ReadLeadership))
	r.GET("/teams/:team/models.csv", scores.TeamCSV, may(org.ReadLeadership), longer(2*time.Minute))
	r.GET("/teams/:team/flow", scores.TeamFlow, may(org.ReadLeadership))
	r.GET("/flow", scores.Flow, may(org.ReadLeadership))
	r.GET("/flow.csv", scores.FlowCSV, may(org.ReadLeadership), longer(2*time.Minute))
	r.GET("/models/:model/maturity", scores.Card, may(org.Read))

	// The quarterly confirmation of the inventory. Who confirms an entry is no role: its owner and deputy do.
	word := confirmation.Handlers{Store: s.cfg.Store, Clock: s.cfg.Clock}
	r.GET("/confirm", word.Ask, may(org.Read))
	r.POST("/confirm", word.Confirm, may(org.Read))
	r.GET("/confirmations", word.List, may(org.ReadLeadership))
	r.GET("/confirmations.csv", word.CSV, may(org.ReadLeadership), longer(2*time.Minute))

	// What machines reported: stamps and monitoring.
	seen := telemetry.Handlers{Store: s.cfg.Store, Policy: s.cfg.Policy, BaseURL: strings.TrimSuffix(s.cfg.BaseURL.String(), "/"), Clock: s.cfg.Clock}
	r.GET("/stamps", seen.Stamps, may(org.Read))
	r.GET("/stamps.csv", seen.StampsCSV, may(org.Read), longer(2*time.Minute))
	r.GET("/models/:model/monitoring", seen.Monitoring, may(org.Read))
	r.GET("/models/:model/monitoring.csv", seen.MonitoringCSV, may(org.Read), longer(5*time.Minute))

	// Inventories that come in, and questions about what vanished from them. Who may answer is more than a
	// role tells: an owner may, whatever their role.
	in := imports.Handlers{Store: s.cfg.Store, Clock: s.cfg.Clock}
	r.GET("/imports", in.List, may(org.Read))
	r.GET("/imports/new", in.New, may(org.Import))
	r.POST("/imports/new", in.Upload, may(org.Import), body(intake.MaxFileBytes+usualBody), longer(2*time.Minute))
	r.GET("/imports/questions", in.Questions, may(org.Read))
	r.GET("/imports/questions/:question", in.Question, may(org.Read))
	r.POST("/imports/questions/:question/answer", in.Answer, may(org.Read))
	r.GET("/imports/:import", in.Show, may(org.Read))
	r.GET("/imports/:import/format", in.Format, may(org.Import), longer(2*time.Minute))
	r.POST("/imports/:import/format", in.SetFormat, may(org.Import), longer(2*time.Minute))
	r.GET("/imports/:import/mapping", in.Mapping, may(org.Import), longer(2*time.Minute))
	r.POST("/imports/:import/mapping", in.SetMapping, may(org.Import), longer(2*time.Minute))
	r.POST("/imports/:import/run", in.Run, may(org.Import))
	r.GET("/imports/:import/cancel", in.AskCancel, may(org.Import))
	r.POST("/imports/:import/cancel", in.Cancel, may(org.Import))
	r.POST("/imports/:import/again", in.Again, may(org.Import), longer(2*time.Minute))
	r.GET("/imports/:import/rows/:row", in.Row, may(org.Read))
	r.GET("/imports/:import/rows.csv", in.RowsCSV, may(org.Read), longer(5*time.Minute))
	r.GET("/imports/:import/problems.csv", in.ProblemsCSV, may(org.Read), longer(2*time.Minute))

	// The machines' door. Each call says in web/api who may; web/api/testdata/calls.golden is that table.
	r.GET("/api", s.showAPI, may(org.Read))
	r.GET(api.Prefix+"/openapi.json", s.document, public)
	for _, op := range s.api.Operations() {
		r.call(op, s.api.Handler(op))
	}
}
