package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// shortestSecret is what SecretKey must hold, in bytes.
const shortestSecret = 32

// sealer encrypts small values under a key of ours. What a value is for and whom it belongs to is
// part of the seal, so that one cannot be passed off as another.
type sealer struct {
	aead cipher.AEAD
	mac  []byte
}

func newSealer(secret []byte) (*sealer, error) {
	if len(secret) < shortestSecret {
		return nil, fmt.Errorf("the secret key has %d bytes and needs at least %d", len(secret), shortestSecret)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "sundial seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "sundial mac", 32)
	return &sealer{aead, mac}, err
}

// seal writes v as text that fits a cookie.
func (s *sealer) seal(purpose string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", purpose, err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(purpose))), nil
}

// open reads what seal wrote for the same purpose.
func (s *sealer) open(purpose, sealed string, v any) error {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return errors.New("not sealed by us")
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], []byte(purpose))
	if err != nil {
		return errors.New("not sealed by us")
	}
	return json.Unmarshal(plain, v)
}

// token derives a value that only we can know from one that only the browser has.
func (s *sealer) token(purpose, of string) string {
	m := hmac.New(sha256.New, s.mac)
	m.Write([]byte(purpose + "\x00" + of))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Key derives a key of its own for a purpose outside this package.
func (s *Sessions) Key(purpose string) []byte { return []byte(s.seal.token("key", purpose)) }

// tokenLength is how long unguessable is.
const tokenLength = 43

// unguessable is 256 bits of randomness as text.
func unguessable() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashed is how a token is kept: a stolen database opens no session.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
