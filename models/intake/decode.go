package intake

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"sundial/models/fault"
)

// MaxFileBytes is the largest file that is taken.
const MaxFileBytes = 64 << 20

// Decode turns a file into UTF-8 with \n or \r\n line ends, without a byte-order mark. Bytes that the
// encoding does not allow are a fault that names the line, so that another encoding can be chosen.
func Decode(raw []byte, e Encoding) ([]byte, error) {
	if len(raw) > MaxFileBytes {
		return nil, fault.Newf(fault.TooLarge, "The file is larger than %d MB. Split it and import the parts one after the other.", MaxFileBytes>>20)
	}
	if err := refuseNoText(raw); err != nil {
		return nil, err
	}
	if e != UTF8 {
		return decodeText(raw, e)
	}
	text, err := decodeText(raw, e)
	if err != nil {
		return nil, err
	}
	if at := firstInvalid(text); at >= 0 {
		line := 1 + bytes.Count(text[:at], []byte("\n"))
		return nil, fault.Newf(fault.Malformed, "Line %d holds the byte 0x%02X, which is not UTF-8. Choose another encoding, Windows-1252 perhaps.", line, text[at])
	}
	return text, nil
}

// decodeText decodes without judging: a sample may end in the middle of a character.
func decodeText(raw []byte, e Encoding) ([]byte, error) {
	if marked, n := byteOrderMark(raw); n > 0 && marked == e {
		raw = raw[n:]
	}
	var dec encoding.Encoding
	switch e {
	case UTF8:
		return unixLines(raw), nil
	case UTF16LE:
		dec = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case UTF16BE:
		dec = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case Windows1252:
		dec = charmap.Windows1252
	case Latin1:
		dec = charmap.ISO8859_1
	case Latin9:
		dec = charmap.ISO8859_15
	default:
		return nil, fault.At("encoding", "Choose one of the encodings in the list.")
	}
	if (e == UTF16LE || e == UTF16BE) && len(raw)%2 != 0 {
		return nil, fault.New(fault.Malformed, "The file ends in the middle of a character, so it is not UTF-16. Choose another encoding.")
	}
	text, err := dec.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fault.New(fault.Malformed, "The file cannot be read in this encoding. Choose another one.")
	}
	return unixLines(text), nil
}

// unixLines mends files whose lines end in a lone carriage return; all others stay as they are.
func unixLines(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0 {
		return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	return text
}

func firstInvalid(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}
