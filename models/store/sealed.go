package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// errUnsealed says that what is kept cannot be read: the instance's key is another one now, or none.
var errUnsealed = errors.New("store: sealed under another key")

// sealText encrypts what the database must not tell to whoever steals it. The purpose is part of the
// seal: what was sealed for one record does not open for another.
func (s *Store) sealText(purpose, plain string) (string, error) {
	aead, err := s.aead()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, []byte(plain), []byte(purpose))), nil
}

// openText reads what sealText wrote for the same purpose.
func (s *Store) openText(purpose, sealed string) (string, error) {
	aead, err := s.aead()
	if err != nil {
		return "", err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < aead.NonceSize() {
		return "", errUnsealed
	}
	n := aead.NonceSize()
	plain, err := aead.Open(nil, raw[:n], raw[n:], []byte(purpose))
	if err != nil {
		return "", errUnsealed
	}
	return string(plain), nil
}

// aead encrypts under a key of its own, derived from the one the store was given.
func (s *Store) aead() (cipher.AEAD, error) {
	if len(s.sealKey) == 0 {
		return nil, errors.New("store: no key to seal with")
	}
	key, err := hkdf.Key(sha256.New, s.sealKey, nil, "sundial store seal", 32)
	if err != nil {
		return nil, fmt.Errorf("derive seal key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCM(block)
}
