package web_test

import (
	"maps"
	"testing"

	"sundial/web/webtest"
)

// templateDeeds are samples of what is done to templates of plans.
var templateDeeds = map[string]func(t *testing.T, s *webtest.Site, do press){
	"POST /admin/plan-templates/new": func(t *testing.T, s *webtest.Site, do press) {
		do(s.As(s.Admin), "/admin/plan-templates/new", "name", "A model of one season", "slug", "season", "summary", words)
	},
	"POST /admin/plan-templates/:template/edit": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), "/admin/plan-templates/unused-model/edit", do, "summary", words)
	},
	"POST /admin/plan-templates/:template/edit/:section": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), "/admin/plan-templates/unused-model/edit/rollback", do, "rollback.window_days", "9")
	},
	"POST /admin/plan-templates/:template/retire": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Admin), "/admin/plan-templates/unused-model/retire", do)
	},
	"POST /admin/plan-templates/:template/revive": func(t *testing.T, s *webtest.Site, do press) {
		b := s.As(s.Admin)
		b.Submit(b.Get("/admin/plan-templates/unused-model/retire"), "/admin/plan-templates/unused-model/retire").Is(200)
		submitTo(b, "/admin/plan-templates/unused-model", "/admin/plan-templates/unused-model/revive", do)
	},
	"POST /models/:model/retirement/fill": func(t *testing.T, s *webtest.Site, do press) {
		bare(t, s)
		b := s.As(s.Owner)
		b.Send("/models/tested/retirement").Is(200)
		do(b, "/models/tested/retirement/fill", "template", "unused-model")
	},
}

// everySample are all there are.
func everySample() map[string]func(*testing.T, *webtest.Site, press) {
	all := map[string]func(*testing.T, *webtest.Site, press){}
	maps.Copy(all, good)
	maps.Copy(all, deeds)
	maps.Copy(all, templateDeeds)
	maps.Copy(all, noticeDeeds)
	all["POST /confirm"] = confirmEntry
	return all
}
