package retirement_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sundial/components/link"
	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/store"
	"sundial/models/telemetry"
	portal "sundial/web"
	"sundial/web/webtest"
)

const ending = "fraud"

// announced is a portal with a model whose consumers have been told: one of the plan, one known by stamps.
func announced(t *testing.T) (*webtest.Site, store.RetirementView) {
	t.Helper()
	s := webtest.New(t)
	s.Serve(t, ending, "v1", 1)
	body := fmt.Appendf(nil, `[{"bucket": %q, "app": "batch-7", "stamp": "fraud@v1", "count": 3}]`, s.Clock.Now().Format(time.RFC3339))
	lines, err := telemetry.ReadLines(body, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.TakeStamps(s.World.As(s.Contributor), store.StampCall{Body: body, Lines: lines}); err != nil {
		t.Fatal(err)
	}
	s.Trigger(t, ending)
	return s, s.RetireTo(t, ending, retirement.Announced, nil)
}

// letterTo is the address in the letter of a consumer.
func letterTo(t *testing.T, s *webtest.Site, view store.RetirementView, consumer int) (address, token string) {
	t.Helper()
	return addressOf(t, s, store.LinkOf(view.Workflow, view.Workflow.Consumers[consumer]))
}

func addressOf(t *testing.T, s *webtest.Site, l retirement.AnswerLink) (address, token string) {
	t.Helper()
	key, err := s.Store.LinkKey()
	if err != nil {
		t.Fatal(err)
	}
	token = l.Sign(key)
	return link.Answer(token), token
}

func consumerOf(t *testing.T, s *webtest.Site, i int) retirement.ConsumerAnswer {
	t.Helper()
	view, err := s.Store.Retirement(t.Context(), ending, 0, s.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return view.Workflow.Consumers[i]
}

func answerEvents(t *testing.T, s *webtest.Site) []audit.Event {
	t.Helper()
	events, err := s.Store.Events(context.WithoutCancel(t.Context()), store.EventFilter{Verb: "retirement.answered"}, 50)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestAConsumerAnswersByTheirLinkAndChangesTheirMind(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, token := letterTo(t, s, view, 0)
	until := string(day.Of(s.Clock.Now()).Add(40))
	b := s.Nobody()
	page := b.Get(to).Is(http.StatusOK, "Model fraud is being retired", "For Checkout", "Fraud ends this model", "Something better is there.", "It stops answering on", "We do not go on without your answer.")
	page = b.Submit(page, to, "answer", "need_time", "until", until, "reason", "Our release train leaves in March.", "by", "Pia Sørensen").
		Is(http.StatusOK, "Thank you. Your answer is recorded.", "Your answer: We need more time", "Pia Sørensen", "Our release train", "You may change it here until the traffic begins to move.").At(to)
	if x := consumerOf(t, s, 0); x.Answer != retirement.NeedTime || string(x.Until) != until || x.By != "Pia Sørensen" || x.RecordedBy != 0 {
		t.Errorf("kept: %+v", x)
	}
	page = b.Submit(page, to, "answer", "object", "reason", "Nothing else reads cheques.").Is(http.StatusOK, "Your answer: We object", "Nothing else reads cheques.")
	b.Submit(page, to, "answer", "accept", "reason", "").Is(http.StatusOK, "Your answer: We will have moved by then").Lacks("Nothing else reads cheques.")
	events := answerEvents(t, s)
	if len(events) != 3 || events[0].Actor != "Checkout" || events[0].ActorID != 0 || events[0].Via != "link" || events[0].RequestID == "" {
		t.Errorf("the trail has %d answers, the last by %+v", len(events), events[0])
	}
	if x := consumerOf(t, s, 1); x.Answer != "" {
		t.Errorf("another consumer answered: %+v", x)
	}
	if log := s.Log.String(); strings.Contains(log, token) || strings.Contains(log, token[:40]) || !strings.Contains(log, "/answer/:token") {
		t.Error("the token stands in the log")
	}
}

func TestARefusedAnswerKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, _ := letterTo(t, s, view, 0)
	b := s.Nobody()
	past := string(day.Of(s.Clock.Now()).Add(-1))
	for name, tt := range map[string]struct {
		pairs []string
		at    string
	}{
		"nothing chosen":          {[]string{"answer", "", "by", "Pia"}, "answer"},
		"no answer of ours":       {[]string{"answer", "perhaps", "by", "Pia"}, "answer"},
		"nobody answers":          {[]string{"answer", "accept", "by", " "}, "by"},
		"time without a day":      {[]string{"answer", "need_time", "reason", "The train", "by", "Pia"}, "until"},
		"time until the past":     {[]string{"answer", "need_time", "until", past, "reason", "The train", "by", "Pia"}, "until"},
		"time until no day":       {[]string{"answer", "need_time", "until", "soon", "reason", "The train", "by", "Pia"}, "until"},
		"time for nothing":        {[]string{"answer", "need_time", "until", "2099-01-01", "by", "Pia"}, "reason"},
		"an objection and no why": {[]string{"answer", "object", "reason", "n/a", "by", "Pia"}, "reason"},
		"a reason without end":    {[]string{"answer", "object", "reason", strings.Repeat("long ", 500), "by", "Pia"}, "reason"},
	} {
		page := b.On(t).Send(to, tt.pairs...).Is(http.StatusUnprocessableEntity)
		if page.ErrorAt(tt.at) == "" || !strings.HasPrefix(page.PageTitle(), "Error:") {
			t.Errorf("%s: nothing is said at %s", name, tt.at)
		}
		for i := 0; i < len(tt.pairs); i += 2 {
			if field := tt.pairs[i]; field != "answer" && strings.TrimSpace(page.Value(field)) != strings.TrimSpace(tt.pairs[i+1]) {
				t.Errorf("%s: %s was %q and is %q", name, field, tt.pairs[i+1], page.Value(field))
			}
		}
	}
	if n := len(answerEvents(t, s)); n != 0 {
		t.Errorf("%d answers were kept", n)
	}
}

func TestWhoeverHoldsTheLinkSeesTheirOwnMatterAlone(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, _ := letterTo(t, s, view, 0)
	page := s.Nobody().Get(to).Is(http.StatusOK, "Checkout")
	page.Lacks("batch-7", "v1", "Reviewer", "Contributor", "checkout@example.test", "tier", "Rollback", "Sign out", "Search models")
	if page.Header.Get("Cache-Control") != "no-store" || page.Header.Get("Referrer-Policy") != "same-origin" || !strings.Contains(page.Header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("headers: %v", page.Header)
	}
	for _, to := range page.Links() {
		if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/static/") {
			t.Errorf("a stranger is led to %s", to)
		}
	}
	second, _ := letterTo(t, s, view, 1)
	s.Nobody().Get(second).Is(http.StatusOK, "For batch-7").Lacks("Checkout")
	// Somebody who is signed in answers for the consumer as well, and not in their own name.
	owner := s.As(s.Owner)
	owner.Submit(owner.Get(to), to, "answer", "accept", "by", "Pia").Is(http.StatusOK, "Your answer is recorded")
	if e := answerEvents(t, s)[0]; e.Actor != "Checkout" || e.ActorID != 0 {
		t.Errorf("the trail names %s", e.Actor)
	}
}

func TestLinksThatOpenNothing(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, token := letterTo(t, s, view, 0)
	l := store.LinkOf(view.Workflow, view.Workflow.Consumers[0])
	foreign := l.Sign([]byte("another portal's key"))
	last := byte('A')
	if token[len(token)-1] == last {
		last = 'B'
	}
	b, same := s.Nobody(), ""
	for name, other := range map[string]string{"made up": "1", "altered": token[:len(token)-1] + string(last), "cut": token[:len(token)/2], "longer": token + "AA", "foreign": foreign, "huge": strings.Repeat("A", 5000)} {
		page := b.On(t).Get(link.Answer(other)).Is(http.StatusNotFound, "This link opens nothing", "not one of ours")
		page.Lacks("Checkout", "fraud")
		if same == "" {
			same = page.Body
		}
		if page.Body != same {
			t.Errorf("a link that was %s gives another page", name)
		}
		b.Send(link.Answer(other), "answer", "accept", "by", "Pia").Is(http.StatusNotFound, "This link opens nothing")
	}
	unknown := l
	unknown.Consumer = "c9"
	nobody, _ := addressOf(t, s, unknown)
	b.Get(nobody).Is(http.StatusNotFound).Lacks("fraud")
	unknown = l
	unknown.Workflow = 999
	nothing, _ := addressOf(t, s, unknown)
	b.Get(nothing).Is(http.StatusNotFound).Lacks("Checkout")

	// A newer letter makes the older one's link void, also for an answer that was being typed.
	s.Workflow(t, ending, s.Owner, func(r *retirement.Workflow, c *retirement.World) error {
		r.Consumers[0].Round++
		r.Note("retirement.reminded", r.Subject(ending), nil, map[string]any{"consumer": "Checkout"})
		return nil
	})
	b.Get(to).Is(http.StatusNotFound, "replaced by a newer one")
	b.Send(to, "answer", "accept", "by", "Pia").Is(http.StatusNotFound, "replaced by a newer one")
	if n := len(answerEvents(t, s)); n != 0 {
		t.Errorf("%d answers were kept", n)
	}
}

func TestALinkEndsWithTheModel(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, _ := letterTo(t, s, view, 0)
	s.Clock.Add(view.Workflow.EndsOn.Time().Sub(s.Clock.Now()) + 23*time.Hour)
	s.Nobody().Get(to).Is(http.StatusOK)
	s.Clock.Add(time.Hour)
	b := s.Nobody()
	b.Get(to).Is(http.StatusConflict, "This link has ended", "Ask for another").Lacks("Checkout")
	b.Send(to, "answer", "accept", "by", "Pia").Is(http.StatusConflict, "This link has ended")
}

func TestAnswersEndWhereTheTrafficMoves(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, _ := letterTo(t, s, view, 0)
	b := s.Nobody()
	b.Submit(b.Get(to), to, "answer", "object", "reason", "Nothing else reads cheques.", "by", "Pia").Is(http.StatusOK)
	s.Workflow(t, ending, s.Owner, func(r *retirement.Workflow, c *retirement.World) error {
		r.Phase = retirement.Cutover
		r.Note("retirement.advanced", r.Subject(ending), nil, map[string]any{"phase": "cutover"})
		return nil
	})
	page := b.Get(to).Is(http.StatusOK, "Your answer: We object", "The traffic is moving already").Lacks("You may change it")
	if page.Form(to) != nil {
		t.Error("a form that is refused is still offered")
	}
	b.Send(to, "answer", "accept", "by", "Pia").Is(http.StatusConflict, "The traffic is moving already")
}

func TestAnotherSitesFormDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	to, _ := letterTo(t, s, view, 0)
	b := s.Nobody()
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Send(to, "answer", "accept", "by", "Pia").Is(http.StatusForbidden, "own pages")
	if x := consumerOf(t, s, 0); x.Answer != "" {
		t.Errorf("it was kept: %+v", x)
	}
}

func TestStrangersWhoKnockTooOftenWait(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(c *portal.Config) { c.RateLimit = 100 })
	s.Model(t, slug, registry.Trained, 2)
	b := s.Nobody()
	for range 5 {
		b.Get(link.Answer("1")).Is(http.StatusNotFound)
	}
	if page := b.Get(link.Answer("1")).Is(http.StatusTooManyRequests); page.Header.Get("Retry-After") == "" {
		t.Error("nothing says how long to wait")
	}
}

// A letter that went astray is sent anew: the address is mended, and the older link opens nothing.
func TestAConsumerIsToldAnewByAFreshLink(t *testing.T) {
	t.Parallel()
	s, view := announced(t)
	old, _ := letterTo(t, s, view, 0)
	b, act := s.As(s.Contributor), link.WorkflowAct(ending, "tell", "c1")
	page := b.Get(act).Is(http.StatusOK, "Tell a consumer anew", "The older link opens nothing any more")
	if page.Value("contact") != consumerOf(t, s, 0).Contact {
		t.Errorf("the address on record is %q, the form holds %q", consumerOf(t, s, 0).Contact, page.Value("contact"))
	}
	to := link.WorkflowAct(ending, "tell", "")
	b.Submit(page, to, "contact", " ").Is(http.StatusUnprocessableEntity, "Say where the consumer can be reached.")
	b.Submit(page, to, "contact", "checkout.lead@example.test").Is(http.StatusOK, "Told anew. The older link is void.")
	s.Nobody().Get(old).Is(http.StatusNotFound, "replaced by a newer one")
	after, err := s.Store.Retirement(t.Context(), ending, 0, s.Policy)
	if err != nil {
		t.Fatal(err)
	}
	fresh, _ := letterTo(t, s, after, 0)
	if fresh == old {
		t.Fatal("the fresh letter has the old link")
	}
	n := s.Nobody()
	n.Submit(n.Get(fresh).Is(http.StatusOK), fresh, "answer", "accept", "by", "Pia").Is(http.StatusOK)
	b.Get(link.Workflow(ending)).Is(http.StatusOK, "told Checkout anew").Lacks("do/tell?key=c1")
	s.As(s.Admin).Get(link.Letters()).Is(http.StatusOK, "checkout.lead@example.test")
}
