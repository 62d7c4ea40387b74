package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sundial/models/audit"
	"sundial/models/fault"
)

// NormalPrompt is a prompt's text as it is hashed, with what was taken away from what was given.
type NormalPrompt struct {
	Text    string
	Removed []string // in sentences, empty when nothing was
}

// NormalizePrompt takes away what editors, checkouts and keyboards add and no author means: a byte-order
// mark at the beginning, the carriage returns of line ends, letters in two parts that have a form in one
// (Unicode NFC), and white space before the first and after the last letter. Everything else stays, also
// blanks inside and at the ends of lines: a model reads them.
func NormalizePrompt(text string) NormalPrompt {
	var n NormalPrompt
	if cut, had := strings.CutPrefix(text, "\ufeff"); had {
		text = cut
		n.Removed = append(n.Removed, "A byte-order mark at the beginning.")
	}
	if count := strings.Count(text, "\r"); count > 0 {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		n.Removed = append(n.Removed, fmt.Sprintf("Carriage returns at line ends: %d.", count))
	}
	if !norm.NFC.IsNormalString(text) {
		text = norm.NFC.String(text)
		n.Removed = append(n.Removed, "Letters written in two parts became one (Unicode NFC).")
	}
	left := strings.TrimLeftFunc(text, unicode.IsSpace)
	n.Text = strings.TrimRightFunc(left, unicode.IsSpace)
	if len(left) < len(text) {
		n.Removed = append(n.Removed, "White space before the text.")
	}
	if len(n.Text) < len(left) {
		n.Removed = append(n.Removed, "White space after the text.")
	}
	return n
}

// HashPrompt is the SHA-256, in hex, by which Sundial knows a prompt's text: that of its normal form.
func HashPrompt(text string) string {
	sum := sha256.Sum256([]byte(NormalizePrompt(text).Text))
	return hex.EncodeToString(sum[:])
}

// HashPromptWith is the SHA-256 of a prompt with the configuration it is sent with. config is the
// canonical form of CanonicalConfig; with none it is HashPrompt, so that a prompt without configuration
// is known by its text alone. Otherwise it is taken of a zero byte, which no text holds, and the
// canonical JSON of {"config":…,"text":…}.
func HashPromptWith(text, config string) string {
	if config == "" {
		return HashPrompt(text)
	}
	raw, err := audit.Canonical(map[string]any{"config": json.RawMessage(config), "text": NormalizePrompt(text).Text})
	if err != nil {
		panic("registry: a configuration was not in canonical form: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte{0}, raw...))
	return hex.EncodeToString(sum[:])
}

const longestConfig = 20_000 // characters

// CanonicalConfig reads a prompt's configuration, one JSON object, and writes it as it is hashed: keys
// sorted, no blanks, numbers as they were written. Nothing, null and {} are no configuration.
func CanonicalConfig(text string) (string, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if text == "" || text == "null" {
		return "", nil
	}
	if utf8.RuneCountInString(text) > longestConfig {
		return "", fault.Newf(fault.Invalid, "Use at most %d characters; this has %d.", longestConfig, utf8.RuneCountInString(text))
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := object(dec, 0)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		err = fmt.Errorf("it cannot be read from character %d on", broken.Offset)
	}
	if err != nil {
		return "", fault.Newf(fault.Invalid, `This is not one JSON object: %s. Write it as {"temperature": 0.2}.`, err)
	}
	fields, is := v.(map[string]any)
	if !is {
		return "", fault.New(fault.Invalid, `This is JSON but not an object. Write it as {"temperature": 0.2}.`)
	}
	if len(fields) == 0 {
		return "", nil
	}
	raw, err := audit.Canonical(fields)
	if err != nil {
		return "", fault.New(fault.Invalid, "This cannot be written as JSON.")
	}
	return string(raw), nil
}

const deepestConfig = 20

// object reads one JSON value and refuses a key that is there twice: two readers would believe two
// different values.
func object(dec *json.Decoder, depth int) (any, error) {
	if depth > deepestConfig {
		return nil, fmt.Errorf("it is nested more than %d deep", deepestConfig)
	}
	tok, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it ends too early")
	}
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		out := map[string]any{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, is := key.(string)
			if !is {
				return nil, errors.New("a key is no text")
			}
			if _, twice := out[name]; twice {
				return nil, fmt.Errorf("the key %q is there twice", name)
			}
			if out[name], err = object(dec, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for dec.More() {
			v, err := object(dec, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err := dec.Token()
		return out, err
	}
	return tok, nil
}

// PrettyConfig is a canonical configuration as people read it.
func PrettyConfig(config string) string {
	if config == "" {
		return ""
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(config), "", "  ") != nil {
		return config
	}
	return b.String()
}

// LongestPrompt is how many characters of a prompt's text are kept and compared.
const LongestPrompt = longestPrompt

// ReadPrompt says what is wrong with bytes that should be a prompt's text, "" when nothing is.
func ReadPrompt(raw []byte) string {
	var t typed
	n := NormalizePrompt(string(raw))
	t.bounded("", n.Text, longestPrompt, "\n\t")
	switch {
	case !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0:
		return "This is no text in UTF-8: it holds bytes that are no letters."
	case len(t.List()) > 0:
		return t.List()[0].Sentence
	case n.Text == "":
		return "There is no text in it."
	}
	return ""
}
