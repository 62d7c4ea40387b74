package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// Pattern finds Sundial's tokens in text, for secret scanners. The last six characters are a checksum
// of the 43 before them: their CRC-32 (IEEE) in base 62.
const Pattern = `\bsdl_[0-9A-Za-z]{49}\b`

const (
	prefix      = "sdl_"
	bodyLength  = 43 // 256 bits in base 62
	checkLength = 6  // 32 bits in base 62
	hintLength  = len(prefix) + 6
)

// Secret is a new token as its holder keeps it. It is shown once and is nowhere else.
type Secret string

// NewSecret makes 256 bits of randomness into a token.
func NewSecret() Secret {
	b := make([]byte, 32)
	rand.Read(b)
	body := base62(new(big.Int).SetBytes(b), bodyLength)
	return Secret(prefix + body + checksum(body))
}

// Hash is how a token is kept: a stolen database opens no door. The secret is random in full, so a
// plain hash cannot be guessed back.
func (s Secret) Hash() string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Hint is the beginning, by which people tell tokens apart.
func (s Secret) Hint() string { return string(s[:min(hintLength, len(s))]) }

// Parse reads a token. What was cut off or mistyped is refused by its checksum, without a look at the
// database.
func Parse(text string) (Secret, bool) {
	body, ours := strings.CutPrefix(text, prefix)
	if !ours || len(body) != bodyLength+checkLength {
		return "", false
	}
	return Secret(text), checksum(body[:bodyLength]) == body[bodyLength:]
}

func checksum(body string) string {
	return base62(new(big.Int).SetUint64(uint64(crc32.ChecksumIEEE([]byte(body)))), checkLength)
}

// base62 writes a number with this many digits: 0 to 9, a to z, A to Z.
func base62(n *big.Int, digits int) string {
	s := n.Text(62)
	return strings.Repeat("0", digits-len(s)) + s
}
