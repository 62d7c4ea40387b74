package notice_test

import (
	"strings"
	"testing"

	"sundial/models/notice"
	"sundial/models/retirement"
)

func TestALetterGoesToAnAddressAlone(t *testing.T) {
	tests := map[string]string{
		"checkout@example.test":                    "checkout@example.test",
		"  checkout@example.test ":                 "checkout@example.test",
		"mailto:checkout@example.test":             "checkout@example.test",
		"Checkout <checkout@example.test>":         "checkout@example.test",
		"o'neil+ml@mail.example.test":              "o'neil+ml@mail.example.test",
		"root@localhost":                           "root@localhost",
		"":                                         "",
		"#checkout":                                "",
		"+44 20 7946 0000":                         "",
		"a@b@example.test":                         "",
		"somebody@intranet":                        "",
		"a@example.test, b@example.test":           "",
		"a@example.test\r\nBcc: b@x.test":          "",
		"<script>@example.test":                    "",
		strings.Repeat("a", 250) + "@example.test": "",
	}
	for typed, want := range tests {
		if got, ok := notice.Address(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", typed, got, ok, want)
		}
	}
}

// What is kept of a consumer's letter must not open their link.
func TestAConsumersLetterKeepsNoToken(t *testing.T) {
	key := []byte("a key of thirty-two bytes or more")
	l := notice.ConsumerLetter{Consumer: "Checkout", Model: "Fraud", Link: retirement.AnswerLink{Workflow: 7, Consumer: "checkout", Nonce: "n1", Expires: "2027-01-14"}}
	kept, err := notice.Letter{Kind: notice.ConsumerAnnouncement, Payload: l}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	token := l.Link.Sign(key)
	if strings.Contains(kept, token) || strings.Contains(kept, token[len(token)-43:]) || !strings.Contains(kept, `"nonce":"n1"`) {
		t.Error(kept)
	}
}

func TestEveryKindOfLetterHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range notice.LetterKinds {
		if k.Title() == "Letter" || seen[k.Title()] {
			t.Errorf("%s is called %q", k, k.Title())
		}
		seen[k.Title()] = true
	}
	if notice.EventLetter.ToConsumer() || !notice.ConsumerReminder.ToConsumer() {
		t.Error("who a letter goes to")
	}
}
