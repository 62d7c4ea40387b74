package notice

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sundial/models/audit"
)

// Facts are what an event alone does not tell: the names of what it is about.
type Facts struct {
	Portal  string // the portal's address, https://sundial.example.org
	Model   string // short name, "" for what belongs to no model
	Version string // label, "" for what belongs to no version
	Request int64  // 0 for what belongs to no request
}

// Message is what goes out. What changed from what to what is not in it: whoever may know follows the
// link and is asked who they are.
type Message struct {
	Type      Type      `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data says what the message is about. Fields that do not apply are left out.
type Data struct {
	Action   string `json:"action"`  // the trail's own verb, finer than the type
	Summary  string `json:"summary"` // one sentence
	Subject  string `json:"subject"` // what it happened to, as the trail names it
	Model    string `json:"model,omitempty"`
	Version  string `json:"version,omitempty"`
	Request  int64  `json:"request,omitempty"`
	Actor    string `json:"actor"`
	URL      string `json:"url"`
	AuditSeq int64  `json:"audit_seq"`
}

// Of is the message of an event; false when the event stays inside.
func Of(e audit.Event, f Facts) (Message, bool) {
	t, goes := TypeOf(e.Verb)
	if !goes || Rehearsed(e) {
		return Message{}, false
	}
	actor := e.Actor
	if actor == "" {
		actor = "Sundial"
	}
	return Message{Type: t, Timestamp: e.At.UTC(), Data: Data{
		Action: e.Verb, Summary: actor + " " + e.Sentence(), Subject: e.Subject.Label, Model: f.Model, Version: f.Version,
		Request: f.Request, Actor: actor, URL: strings.TrimSuffix(f.Portal, "/") + address(e, f), AuditSeq: e.Seq,
	}}, true
}

// Body is the message as it is signed and sent. Every attempt sends the same bytes.
func (m Message) Body() (string, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write message: %w", err)
	}
	return string(b), nil
}

// ID is the message's name for receivers, who drop what they know already: the same at every attempt
// and at every resend. The event's hash keeps it apart from that of a database that was restored and
// counts on from an earlier event.
func ID(seq int64, hash string) string {
	return fmt.Sprintf("msg_%d_%s", seq, hash[:min(12, len(hash))])
}

// address is the page that shows what the event is about.
func address(e audit.Event, f Facts) string {
	model := "/models/" + url.PathEscape(f.Model)
	switch {
	case e.Subject.Kind == "request" && e.Subject.ID != 0:
		return "/requests/" + number(e.Subject.ID)
	case e.Subject.Kind == "waiver" && e.Subject.ID != 0:
		return "/waivers/" + number(e.Subject.ID)
	case e.Subject.Kind == "import" && e.Subject.ID != 0:
		return "/imports/" + number(e.Subject.ID)
	case e.Subject.Kind == "alias":
		return "/aliases/" + url.PathEscape(e.Subject.Label)
	case e.Subject.Kind == "confirmation":
		return "/confirm"
	case e.Subject.Kind == "webhook":
		return "/admin/webhooks/" + number(e.Subject.ID)
	case e.Subject.Kind == "vendors":
		return "/vendors"
	case f.Model == "":
		return "/audit/" + number(e.Seq)
	case e.Subject.Kind == "plan", e.Subject.Kind == "retirement":
		return model + "/retirement"
	case f.Version != "":
		return model + "/versions/" + url.PathEscape(f.Version)
	}
	return model
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
