package mail_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	drawn "sundial/components/mail"
	"sundial/models/notice"
	"sundial/models/retirement"
)

var update = flag.Bool("update", false, "rewrite the goldens")

var at = time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC)

// letters are one of each kind, with words that try to be markup.
var letters = map[string]struct {
	kind    notice.LetterKind
	payload any
}{
	"event": {notice.EventLetter, notice.Item{Matter: "asked.decided", Event: 42, At: at, Said: "Rowan Reckoner asked for changes to the request fraud-scorer@v8 to production",
		Note: "The evaluation is from <January>; drift since then is not in it.", Todo: "Mend what the reviewer asks for; the request stays open.", Model: "Fraud scorer", Path: "/requests/7"}},
	"digest": {notice.DigestLetter, notice.Digest{More: 3, Items: []notice.Item{
		{Matter: "mine.stage", Event: 40, At: at, Said: "Rowan Reckoner promoted fraud-scorer@v8", Note: "Its stage is staged now.", Path: "/models/fraud-scorer/versions/v8"},
		{Matter: "decide.reading", Event: 41, At: at, Said: "Greta Gnomon proposed a reading of gpt-4o at openai", Todo: "Read the source and confirm or refuse.", Path: "/vendors"},
		{Matter: "mine.stage", Event: 43, At: at, Said: "Rowan Reckoner promoted churn@v2", Path: "/models/churn/versions/v2"}}}},
	"test":                  {notice.TestLetter, struct{}{}},
	"consumer_announcement": {notice.ConsumerAnnouncement, consumer},
	"consumer_reminder":     {notice.ConsumerReminder, consumer},
	"consumer_escalation":   {notice.ConsumerEscalation, silent},
}

var consumer = notice.ConsumerLetter{Consumer: "Checkout & Co", Model: "Fraud scorer", Team: "Fraud", EndsOn: "2027-03-01", AnswerBy: "2027-01-14",
	Why: "The vendor ends the model it is built on.", Replacement: "fraud-scorer-2@v1", Contact: "mira@example.test",
	Link: retirement.AnswerLink{Workflow: 7, Consumer: "checkout", Nonce: "n1", Expires: "2027-03-01"}}

var silent = func() notice.ConsumerLetter { l := consumer; l.Silence, l.Why, l.Team = true, "", ""; return l }()

func TestMailsLookAsTheyDid(t *testing.T) {
	desk := notice.Desk{Portal: "https://sundial.example.test/", Answer: func(l retirement.AnswerLink) string {
		return "https://sundial.example.test/answer/TOKEN-OF-" + l.Consumer
	}}
	for name, l := range letters {
		t.Run(name, func(t *testing.T) {
			payload, err := json.Marshal(l.payload)
			if err != nil {
				t.Fatal(err)
			}
			m, err := notice.Compose(l.kind, string(payload), desk)
			if err != nil {
				t.Fatal(err)
			}
			var html bytes.Buffer
			if err := drawn.HTML(m).Render(t.Context(), &html); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"<January>", "Checkout & Co", "<script", "<img", "<link", "src="} {
				if strings.Contains(html.String(), bad) {
					t.Errorf("the HTML holds %q", bad)
				}
			}
			for line := range strings.SplitSeq(m.Text(), "\n") {
				if len([]rune(line)) > 76 && strings.Contains(line, " ") && !strings.Contains(line, "https://") {
					t.Errorf("a long line: %q", line)
				}
			}
			for file, got := range map[string]string{name + ".txt": "Subject: " + m.Subject + "\n\n" + m.Text(), name + ".html": strings.ReplaceAll(html.String(), "><", ">\n<")} {
				golden(t, file, got)
			}
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", file, diff)
	}
}

func TestALetterThatNobodyKnowsIsNotWritten(t *testing.T) {
	if _, err := notice.Compose("poem", "{}", notice.Desk{}); err == nil {
		t.Error("a poem")
	}
	if _, err := notice.Compose(notice.EventLetter, "not json", notice.Desk{}); err == nil {
		t.Error("nothing that can be read")
	}
}
