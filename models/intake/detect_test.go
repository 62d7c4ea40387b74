package intake

import (
	"strings"
	"testing"
	"unicode/utf16"

	"sundial/models/fault"
)

// wide writes text as UTF-16.
func wide(text string, big bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

func TestDetect(t *testing.T) {
	tests := map[string]struct {
		sample    string
		encoding  Encoding
		delimiter Delimiter
		bom       bool
	}{
		"plain ASCII is UTF-8":                        {"a,b\n1,2\n", UTF8, Comma, false},
		"valid UTF-8":                                 {"näme,b\n1,2\n", UTF8, Comma, false},
		"UTF-8 cut in the middle of a character":      {"a,b\n1,2\nä,\xc3", UTF8, Comma, false},
		"a mark says UTF-8":                           {"\xEF\xBB\xBFa;b\n1;2\n", UTF8, Semicolon, true},
		"a mark says UTF-16, little endian":           {"\xFF\xFE" + string(wide("a\tb\n1\t2\n", false)), UTF16LE, Tab, true},
		"a mark says UTF-16, big endian":              {"\xFE\xFF" + string(wide("a|b\n1|2\n", true)), UTF16BE, Pipe, true},
		"zero bytes on one side are UTF-16":           {string(wide("name,stage\none,live\n", false)), UTF16LE, Comma, false},
		"curly quotes of Windows-1252":                {"name,x\nthe agency\x92s,2\n", Windows1252, Comma, false},
		"accents alone read as Windows-1252":          {"name,x\ncaf\xe9,2\n", Windows1252, Comma, false},
		"bytes that Windows-1252 lacks are ISO":       {"name,x\ncaf\xe9\x81,2\n", Latin1, Comma, false},
		"semicolons with decimal commas in the cells": {"a;b;c\n1,5;2,5;3\n1,5;2;3\n", UTF8, Semicolon, false},
		"commas inside quotes do not count":           {"a;b\n\"x,y,z\";2\n\"p,q,r\n,,\";3\n", UTF8, Semicolon, false},
		"one column":                                  {"name\none\ntwo\n", UTF8, Comma, false},
		"the spreadsheet's own sep line":              {"sep=|\na,b|c\n1|2\n", UTF8, Pipe, false},
		"old Mac line ends":                           {"a;b\r1;2\r", UTF8, Semicolon, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, err := Detect([]byte(tt.sample))
			if err != nil {
				t.Fatal(err)
			}
			if g.Encoding != tt.encoding || g.Delimiter != tt.delimiter || g.HasBOM != tt.bom {
				t.Errorf("got %s, %s, mark %t: %s", g.Encoding, g.Delimiter.Title(), g.HasBOM, g.Why)
			}
			if g.Why == "" {
				t.Error("no reason is given")
			}
		})
	}
}

func TestDetectRefusesWhatIsNoTable(t *testing.T) {
	for name, tt := range map[string]struct{ sample, says string }{
		"nothing":           {"", "empty"},
		"blanks only":       {" \r\n \n", "empty"},
		"a mark only":       {"\xEF\xBB\xBF", "empty"},
		"an Excel workbook": {"PK\x03\x04xxxx", "save the sheet as CSV"},
		"an old workbook":   {"\xD0\xCF\x11\xE0xxxx", "save the sheet as CSV"},
		"a PDF":             {"%PDF-1.7", "PDF"},
		"a zipped file":     {"\x1f\x8b\x08", "Unpack"},
		"a web page":        {"<!DOCTYPE html><table>", "web page"},
		"a picture":         {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x08\x06\x00\x00", "picture"},
		"a program":         {"\x7fELF\x02\x01\x01\x00\x00\x00\x01\x02\x03\x00\x00\x00\x00", "not a text file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Detect([]byte(tt.sample))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for name, tt := range map[string]struct {
		raw  string
		in   Encoding
		want string
	}{
		"a mark is dropped":       {"\xEF\xBB\xBFä", UTF8, "ä"},
		"Windows-1252":            {"it\x92s \x80", Windows1252, "it’s €"},
		"Latin-1":                 {"\xe9\xa4", Latin1, "é¤"},
		"Latin-9":                 {"\xe9\xa4", Latin9, "é€"},
		"UTF-16, little endian":   {"\xFF\xFE" + string(wide("ä😀", false)), UTF16LE, "ä😀"},
		"UTF-16, big endian":      {string(wide("ä😀", true)), UTF16BE, "ä😀"},
		"lone carriage returns":   {"a\rb\r", UTF8, "a\nb\n"},
		"carriage return newline": {"a\r\nb\r\n", UTF8, "a\r\nb\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(tt.raw), tt.in)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		raw  []byte
		in   Encoding
		kind fault.Kind
		says string
	}{
		"bytes that are not UTF-8, naming the line": {[]byte("a\nb\nit\x92s"), UTF8, fault.Malformed, "Line 3 holds the byte 0x92"},
		"half a UTF-16 character":                   {[]byte("abc"), UTF16LE, fault.Malformed, "not UTF-16"},
		"an encoding nobody knows":                  {[]byte("a"), "ebcdic", fault.Invalid, "list"},
		"a file too large":                          {make([]byte, MaxFileBytes+1), UTF8, fault.TooLarge, "64 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(tt.raw, tt.in)
			if !fault.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xFF\xFEa\x00", "it\x92s;x\n", "PK\x03\x04", "sep=;\na;b", "\xEF\xBB\xBF", "\xfe\xff\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, sample []byte) {
		g, err := Detect(sample)
		if _, ok := fault.As(err); err != nil && !ok {
			t.Fatalf("not a sentence for a person: %v", err)
		}
		if err == nil && g.Encoding == UTF8 && len(g.Delimiter) != 1 {
			t.Fatalf("no delimiter: %+v", g)
		}
	})
}
