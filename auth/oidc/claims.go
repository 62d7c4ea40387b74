package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// claims are the members of one JSON object, each name exactly once and exactly as written. encoding/json alone would let
// "SUB" overwrite "sub", and the last of two equal names win.
type claims map[string]json.RawMessage

// decisive are the names that decide who somebody is; nothing that a lenient reader could take for one is tolerated.
var decisive = []string{"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "auth_time", "at_hash", "events"}

func parseClaims(raw []byte) (claims, error) {
	c, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	for name := range c {
		for _, known := range decisive {
			if name != known && strings.EqualFold(name, known) {
				return nil, fmt.Errorf("a claim is called %q instead of %q", name, known)
			}
		}
	}
	return c, nil
}

func parseObject(raw []byte) (claims, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("not UTF-8")
	}
	read := json.NewDecoder(bytes.NewReader(raw))
	if open, err := read.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	c := claims{}
	for read.More() {
		name, err := read.Token()
		if err != nil {
			return nil, errors.New("not a JSON object")
		}
		var value json.RawMessage
		if err := read.Decode(&value); err != nil {
			return nil, errors.New("not a JSON object")
		}
		if _, twice := c[name.(string)]; twice {
			return nil, fmt.Errorf("%q is there twice", name)
		}
		c[name.(string)] = value
	}
	if _, err := read.Token(); err != nil {
		return nil, errors.New("not a JSON object")
	}
	if _, err := read.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object")
	}
	return c, nil
}

// decodeObject fills a struct from a JSON object by the same strict reading of names.
func decodeObject(raw []byte, into any) error {
	c, err := parseObject(raw)
	if err != nil {
		return err
	}
	exact, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return json.Unmarshal(exact, into)
}

func (c claims) has(name string) bool { _, ok := c[name]; return ok }

// text is a string claim; there is false when it is missing.
func (c claims) text(name string) (value string, there bool, err error) {
	raw, there := c[name]
	if !there {
		return "", false, nil
	}
	if raw[0] != '"' || json.Unmarshal(raw, &value) != nil {
		return "", true, fmt.Errorf("%q is not a string", name)
	}
	return value, true, nil
}

// moment is a NumericDate: seconds since 1970 as a JSON number, never as a string.
func (c claims) moment(name string) (at time.Time, there bool, err error) {
	raw, there := c[name]
	if !there {
		return time.Time{}, false, nil
	}
	var seconds float64
	first := raw[0]
	if first != '-' && (first < '0' || first > '9') || json.Unmarshal(raw, &seconds) != nil {
		return time.Time{}, true, fmt.Errorf("%q is not a number", name)
	}
	if seconds < 0 || seconds > 1e11 { // year 5138, well before time arithmetic overflows
		return time.Time{}, true, fmt.Errorf("%q is not a sensible time", name)
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)), true, nil
}

// list is a claim that is a string or an array of strings.
func (c claims) list(name string) ([]string, error) {
	raw, there := c[name]
	if !there {
		return nil, nil
	}
	var one string
	var many []*string
	switch {
	case raw[0] == '"' && json.Unmarshal(raw, &one) == nil:
		return []string{one}, nil
	case raw[0] == '[' && json.Unmarshal(raw, &many) == nil && !slices.Contains(many, nil):
		list := make([]string, len(many))
		for i, s := range many {
			list[i] = *s
		}
		return list, nil
	}
	return nil, fmt.Errorf("%q is not a list of strings", name)
}

// label is a claim for people's eyes: missing, misshapen or overlong is no reason to turn somebody away.
func (c claims) label(name string, longest int) string {
	value, _, err := c.text(name)
	if err != nil {
		return ""
	}
	value = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) && r != utf8.RuneError {
			return r
		}
		return -1
	}, value))
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest])
	}
	return value
}

const (
	mostGroups   = 5000
	longestGroup = 255 // bytes
)

// groups are the person's groups, each once. Whatever is no plausible name of a group gives no rights.
func (c claims) groups(name string) []string {
	given, err := c.list(name)
	if err != nil {
		return nil
	}
	var groups []string
	for _, group := range given {
		if group != "" && len(group) <= longestGroup && len(groups) < mostGroups && !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	return groups
}

const longestSubject = 255 // OpenID Connect Core, section 2

// subject is the provider's name for the person, held to what can be compared and kept without harm.
func (c claims) subject() (string, error) {
	sub, there, err := c.text("sub")
	switch {
	case err != nil:
		return "", err
	case !there || strings.TrimSpace(sub) == "":
		return "", errors.New(`"sub" is missing or empty`)
	case len(sub) > longestSubject:
		return "", errors.New(`"sub" is longer than 255 bytes`)
	}
	for _, r := range sub {
		// Lone surrogates all read as U+FFFD: two people would become one.
		if !unicode.IsGraphic(r) || r == utf8.RuneError {
			return "", errors.New(`"sub" holds a character that cannot be shown`)
		}
	}
	return sub, nil
}
