package retirement_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"sundial/models/fault"
	"sundial/models/retirement"
)

var (
	answerKey  = []byte("a key of thirty-two bytes or more")
	answerLink = retirement.AnswerLink{Workflow: 42, Consumer: "Checkout / Kasse", Nonce: "N0NCE", Expires: "2027-01-14"}
	answerNow  = time.Date(2027, 1, 14, 23, 59, 59, 0, time.UTC)
)

func TestALinkOpensWhatItWasMadeFor(t *testing.T) {
	token := answerLink.Sign(answerKey)
	if strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("not fit for an address: %s", token)
	}
	got, err := retirement.ReadAnswerLink(answerKey, token, answerNow)
	if err != nil || got != answerLink {
		t.Errorf("%+v, %v", got, err)
	}
	if token != answerLink.Sign(answerKey) {
		t.Error("signed twice, it should be the same link")
	}
}

func TestALinkEndsWithItsDay(t *testing.T) {
	got, err := retirement.ReadAnswerLink(answerKey, answerLink.Sign(answerKey), answerNow.Add(time.Second))
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "14 January 2027") {
		t.Errorf("%v", err)
	}
	if got != answerLink {
		t.Errorf("who comes too late is told of what: %+v", got)
	}
	endless := answerLink
	endless.Expires = ""
	if _, err := retirement.ReadAnswerLink(answerKey, endless.Sign(answerKey), answerNow); !fault.Is(err, fault.NotFound) {
		t.Errorf("a link without an end: %v", err)
	}
}

func TestALinkOfSomebodyElseIsNone(t *testing.T) {
	token := answerLink.Sign(answerKey)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	other, later, again := answerLink, answerLink, answerLink
	other.Consumer, later.Expires, again.Nonce = "Kasse / Checkout", "2028-01-14", "OTHER"
	swapped := func(l retirement.AnswerLink) string { // its words under the first one's signature
		words, _ := base64.RawURLEncoding.DecodeString(l.Sign(answerKey))
		return base64.RawURLEncoding.EncodeToString(append(words[:len(words)-32], raw[len(raw)-32:]...))
	}
	tests := map[string]string{
		"nothing":               "",
		"another key":           answerLink.Sign([]byte("another key of thirty-two bytes")),
		"no key":                answerLink.Sign(nil),
		"another consumer":      swapped(other),
		"a later end":           swapped(later),
		"another nonce":         swapped(again),
		"cut short":             token[:len(token)-1],
		"the signature alone":   token[len(token)-43:],
		"something behind":      token + "A",
		"a line break":          token[:9] + "\n" + token[9:],
		"padding":               token + "=",
		"the standard alphabet": base64.RawStdEncoding.EncodeToString(append([]byte{1, 0xfb, 0xff}, raw...)),
		"endless":               strings.Repeat("A", 5000),
	}
	for name, forged := range tests {
		if got, err := retirement.ReadAnswerLink(answerKey, forged, answerNow); !fault.Is(err, fault.NotFound) || got != (retirement.AnswerLink{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for i := range raw {
		altered := bytes.Clone(raw)
		altered[i] ^= 1
		if _, err := retirement.ReadAnswerLink(answerKey, base64.RawURLEncoding.EncodeToString(altered), answerNow); !fault.Is(err, fault.NotFound) {
			t.Errorf("byte %d altered: %v", i, err)
		}
	}
	if _, err := retirement.ReadAnswerLink(nil, answerLink.Sign(nil), answerNow); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a key nothing opens: %v", err)
	}
}

// The last bits of a base64 text may mean nothing: a second spelling of a token is another address.
func TestALinkHasOneSpelling(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, consumer := range []string{"a", "ab", "abc"} {
		l := answerLink
		l.Consumer = consumer
		token, opened := l.Sign(answerKey), 0
		for _, last := range alphabet {
			if _, err := retirement.ReadAnswerLink(answerKey, token[:len(token)-1]+string(last), answerNow); err == nil {
				opened++
			}
		}
		if opened != 1 {
			t.Errorf("%d spellings of %s open", opened, token)
		}
	}
}

func FuzzReadAnswerLink(f *testing.F) {
	f.Add(answerLink.Sign(answerKey))
	f.Add("")
	f.Add("AQ")
	f.Add(base64.RawURLEncoding.EncodeToString(append([]byte{1, 42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, make([]byte, 32)...)))
	f.Fuzz(func(t *testing.T, token string) {
		got, err := retirement.ReadAnswerLink(answerKey, token, answerNow)
		if err == nil && got.Sign(answerKey) != token {
			t.Errorf("%q opened %+v", token, got)
		}
	})
}
