package demoidp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	jose "github.com/go-jose/go-jose/v4"
)

// key signs ID tokens; what seals the other tokens is derived from it, so that one file is enough.
type key struct{ private *rsa.PrivateKey }

// signingKey reads the key of an earlier run, or makes one and keeps it when there is a file to keep it in.
func signingKey(file string) (key, error) {
	if file == "" {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		return key{private}, err
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newKeyIn(file)
	}
	if err != nil {
		return key{}, fmt.Errorf("the demo's key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return key{}, fmt.Errorf("the demo's key in %s cannot be read; delete the file to get a new one", file)
	}
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return key{}, fmt.Errorf("the demo's key in %s cannot be read; delete the file to get a new one", file)
	}
	return key{private}, nil
}

func newKeyIn(file string) (key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return key{}, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return key{}, fmt.Errorf("the demo's key: %w", err)
	}
	return key{private}, nil
}

func (k key) secret() [32]byte {
	return sha256.Sum256(append([]byte("sundial demo tokens\n"), x509.MarshalPKCS1PrivateKey(k.private)...))
}

// private and published are the two views of a key that zitadel/oidc asks for.
type (
	private   struct{ key }
	published struct{ key }
)

// ID changes with the key, so that a portal never takes an old key for the new one.
func (k key) ID() string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&k.private.PublicKey))
	return hex.EncodeToString(sum[:8])
}

func (p private) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p private) Key() any                                    { return p.key.private }

func (p published) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return &p.key.private.PublicKey }
