package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// maxIdentity bounds an identity in bytes; longer ones end in a digest of the whole.
const maxIdentity = 400

func shortKey(key string) string {
	if len(key) <= maxIdentity {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:maxIdentity-20], "") + "~" + hex.EncodeToString(sum[:8])
}

const orderMark = " / #"

// numbered is the identity of the nth record with the same key: the first has no number, so that a
// second one next year does not rename it.
func numbered(key string, n int) string {
	if n < 2 {
		return key
	}
	return key + orderMark + strconv.Itoa(n)
}

// identityKey is an identity without its order among equals.
func identityKey(identity string) string {
	i := strings.LastIndex(identity, orderMark)
	if i < 0 {
		return identity
	}
	if n, err := strconv.Atoi(identity[i+len(orderMark):]); err != nil || n < 2 {
		return identity
	}
	return identity[:i]
}
