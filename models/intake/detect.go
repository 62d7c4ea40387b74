package intake

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"sundial/models/fault"
)

// Encoding is how the characters of a file are written as bytes.
type Encoding string

// The encodings that can be read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
	Latin1      Encoding = "iso-8859-1"
	Latin9      Encoding = "iso-8859-15"
)

// Encodings lists the encodings in the order of the form.
var Encodings = []Encoding{UTF8, Windows1252, Latin1, Latin9, UTF16LE, UTF16BE}

// Title is the encoding as people read it.
func (e Encoding) Title() string {
	switch e {
	case UTF8:
		return "UTF-8"
	case UTF16LE:
		return "UTF-16 (little endian)"
	case UTF16BE:
		return "UTF-16 (big endian)"
	case Windows1252:
		return "Windows-1252 (Western European)"
	case Latin1:
		return "ISO-8859-1 (Latin-1)"
	case Latin9:
		return "ISO-8859-15 (Latin-9)"
	}
	return "Unknown"
}

// Format is what must be known to read a file: its encoding and the character between cells.
type Format struct {
	Encoding  Encoding  `json:"encoding"`
	Delimiter Delimiter `json:"delimiter"`
}

// Guess is how a file seems to be written, and what speaks for it.
type Guess struct {
	Format
	HasBOM bool   // a byte-order mark says the encoding outright
	Why    string // one or two sentences for the person who may change it
}

// Detect guesses how a file is written. Give it the whole file when it is at hand: a single byte far
// down can settle the encoding. A file that is no text, or empty, is a fault that says what to do.
func Detect(sample []byte) (Guess, error) {
	if err := refuseNoText(sample); err != nil {
		return Guess{}, err
	}
	g, err := detectEncoding(sample)
	if err != nil {
		return Guess{}, err
	}
	head := sample[:min(len(sample), delimiterSample)]
	if g.Encoding == UTF16LE || g.Encoding == UTF16BE {
		head = head[:len(head)&^1]
	}
	text, err := decodeText(head, g.Encoding)
	if err != nil {
		return Guess{}, err
	}
	if strings.TrimSpace(string(text)) == "" {
		return Guess{}, fault.New(fault.Invalid, sentenceEmpty)
	}
	var why string
	g.Delimiter, why = detectDelimiter(text)
	g.Why += " " + why
	return g, nil
}

const sentenceEmpty = "The file is empty. Choose a CSV file with a row of column titles and at least one row below it."

// containers are the first bytes of files that people take for CSV files.
var containers = []struct{ magic, sentence string }{
	{"PK\x03\x04", "This is an Excel or OpenDocument workbook, or another zip file. Open it and save the sheet as CSV, then upload that."},
	{"\xD0\xCF\x11\xE0", "This is an old Excel workbook. Open it and save the sheet as CSV, then upload that."},
	{"%PDF", "This is a PDF document. Export the table behind it as CSV, then upload that."},
	{"\x1F\x8B", "This is a compressed file. Unpack it and upload the CSV file inside."},
	{"SQLite format 3\x00", "This is a database file. Export its table as CSV, then upload that."},
	{"<!DOCTYPE", "This is a web page. Download the table itself as CSV, then upload that."},
	{"<html", "This is a web page. Download the table itself as CSV, then upload that."},
	{"\x89PNG", "This is a picture. Export the table behind it as CSV, then upload that."},
	{"\xFF\xD8\xFF", "This is a picture. Export the table behind it as CSV, then upload that."},
	{"GIF8", "This is a picture. Export the table behind it as CSV, then upload that."},
	{"{\\rtf", "This is a word processor's document. Save the table as CSV, then upload that."},
}

func refuseNoText(sample []byte) error {
	if len(sample) == 0 {
		return fault.New(fault.Invalid, sentenceEmpty)
	}
	for _, c := range containers {
		if bytes.HasPrefix(sample, []byte(c.magic)) {
			return fault.New(fault.Invalid, c.sentence)
		}
	}
	return nil
}

func detectEncoding(sample []byte) (Guess, error) {
	if e, bom := byteOrderMark(sample); bom > 0 {
		return Guess{Format: Format{Encoding: e}, HasBOM: true,
			Why: "A byte-order mark at the start says " + e.Title() + "."}, nil
	}
	if e, ok := wideWithoutMark(sample); ok {
		return Guess{Format: Format{Encoding: e},
			Why: "Every other byte is zero, as " + e.Title() + " writes Latin letters."}, nil
	}
	if looksBinary(sample) {
		return Guess{}, fault.New(fault.Invalid, "This is not a text file. Save the table as CSV, then upload that.")
	}
	return detectNarrow(sample), nil
}

// byteOrderMark returns the encoding a mark stands for and the mark's length, 0 without one.
func byteOrderMark(b []byte) (Encoding, int) {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return UTF8, 3
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return UTF16LE, 2
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return UTF16BE, 2
	}
	return "", 0
}

// wideWithoutMark recognises UTF-16 by where its zero bytes stand: nearly all on one side.
func wideWithoutMark(sample []byte) (Encoding, bool) {
	head := sample[:min(len(sample), 4096)&^1]
	if len(head) < 4 {
		return "", false
	}
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	pairs := len(head) / 2
	switch {
	case zeros[1] > pairs*6/10 && zeros[0] < pairs/20:
		return UTF16LE, true
	case zeros[0] > pairs*6/10 && zeros[1] < pairs/20:
		return UTF16BE, true
	}
	return "", false
}

// looksBinary allows a stray NUL or two (they are cleaned from their cells) but no file full of them.
func looksBinary(sample []byte) bool {
	head := sample[:min(len(sample), 64<<10)]
	control := 0
	for _, b := range head {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' {
			control++
		}
	}
	return control > 2+len(head)/100
}

// detectNarrow tells the encodings of one byte a letter from UTF-8, which is hard to hit by accident.
func detectNarrow(sample []byte) Guess {
	var high, c1 int
	undefined := false
	for _, b := range sample {
		if b < 0x80 {
			continue
		}
		high++
		if b < 0xA0 {
			c1++
			undefined = undefined || bytes.IndexByte([]byte{0x81, 0x8D, 0x8F, 0x90, 0x9D}, b) >= 0
		}
	}
	switch {
	case high == 0:
		return Guess{Format: Format{Encoding: UTF8}, Why: "Only plain ASCII characters, which UTF-8 reads as they are."}
	case utf8.Valid(withoutCutRune(sample)):
		return Guess{Format: Format{Encoding: UTF8}, Why: "Every byte is part of valid UTF-8."}
	case undefined:
		return Guess{Format: Format{Encoding: Latin1},
			Why: "The bytes are not valid UTF-8, and some are not used in Windows-1252."}
	case c1 > 0:
		return Guess{Format: Format{Encoding: Windows1252},
			Why: "The bytes are not valid UTF-8, and some are the curly quotes and dashes of Windows-1252."}
	}
	return Guess{Format: Format{Encoding: Windows1252},
		Why: "The bytes are not valid UTF-8; Windows-1252 is the usual encoding of such files and reads ISO-8859-1 alike."}
}

// withoutCutRune drops the beginning of a character that the end of a sample cut in two.
func withoutCutRune(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
