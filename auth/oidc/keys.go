package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// signatures are the algorithms an ID token may be signed with. All are asymmetric: whoever can check a
// token must not be able to make one.
var signatures = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const (
	keysFresh = 10 * time.Minute // after this keys are read again before they verify anything
	keysLife  = 50 * time.Minute // how long old keys serve while they cannot be read: a removed key is out within the hour
	keysRest  = 30 * time.Second // between two readings that were caused by keys nobody knows
	keysRetry = 3 * time.Second  // between two readings that failed

	smallestRSA, largestRSA = 2048, 8192 // bits
)

var errNoKey = errors.New("no published key made this signature")

// keySet is the provider's published keys. go-oidc's own would read them again for each unknown key id, keep a
// removed key for ever and take any key for any algorithm.
type keySet struct {
	address string
	get     func(ctx context.Context, address string) ([]byte, error)
	now     func() time.Time

	mu     sync.RWMutex // guards keys and readAt
	keys   []publishedKey
	readAt time.Time

	turn     chan struct{} // held by the one who reads keys; guards the rest
	missedAt time.Time     // the last reading that did not bring the key it was made for
	failedAt time.Time
	failure  error
}

type publishedKey struct {
	jose.JSONWebKey
	Operations []string
}

func newKeySet(address string, get func(context.Context, string) ([]byte, error), now func() time.Time) *keySet {
	return &keySet{address: address, get: get, now: now, turn: make(chan struct{}, 1)}
}

// VerifySignature gives the payload of a token that one of the published keys signed, reading the keys again
// when they are old or none fits.
func (s *keySet) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	token, err := jose.ParseSignedCompact(raw, signatures)
	if err != nil {
		return nil, err
	}
	if payload, ok := s.verify(token, keysFresh); ok {
		return payload, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, unavailable("waiting for the provider's keys", ctx.Err())
	}
	if payload, ok := s.verify(token, keysFresh); ok { // read by somebody else while this call waited
		return payload, nil
	}
	if s.age() < keysFresh && s.now().Sub(s.missedAt) < keysRest {
		return nil, errNoKey
	}
	if err := s.read(ctx); err != nil {
		if payload, ok := s.verify(token, keysLife); ok {
			return payload, nil
		}
		return nil, unavailable("the provider's keys", err)
	}
	payload, ok := s.verify(token, keysFresh)
	if !ok {
		s.missedAt = s.now()
		return nil, errNoKey
	}
	return payload, nil
}

func (s *keySet) age() time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now().Sub(s.readAt)
}

// verify tries the keys that are no older than a limit.
func (s *keySet) verify(token *jose.JSONWebSignature, limit time.Duration) ([]byte, bool) {
	s.mu.RLock()
	keys, age := s.keys, s.now().Sub(s.readAt)
	s.mu.RUnlock()
	if age >= limit {
		return nil, false
	}
	header := token.Signatures[0].Protected
	for _, key := range keys {
		if !key.fits(header.KeyID, header.Algorithm) {
			continue
		}
		if payload, err := token.Verify(key.Key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// read replaces the keys by what is published now. The caller has the turn.
func (s *keySet) read(ctx context.Context) error {
	if s.failure != nil && s.now().Sub(s.failedAt) < keysRetry {
		return s.failure
	}
	body, err := s.get(context.WithoutCancel(ctx), s.address)
	var keys []publishedKey
	if err == nil {
		keys, err = parseKeys(body)
	}
	if err != nil {
		s.failure, s.failedAt = err, s.now()
		return err
	}
	s.failure = nil
	s.mu.Lock()
	s.keys, s.readAt = keys, s.now()
	s.mu.Unlock()
	return nil
}

// parseKeys keeps what can verify an ID token and steps over the rest, as RFC 7517 asks: a set may hold
// keys for encryption, or of kinds nobody here knows.
func parseKeys(body []byte) ([]publishedKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := decodeObject(body, &set); err != nil {
		return nil, fmt.Errorf("not a key set: %w", err)
	}
	var keys []publishedKey
	for _, raw := range set.Keys {
		var key publishedKey
		var more struct {
			Operations []string `json:"key_ops"`
		}
		if json.Unmarshal(raw, &more) != nil || json.Unmarshal(raw, &key.JSONWebKey) != nil {
			continue
		}
		if key.Operations = more.Operations; key.strong() {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// strong leaves out shared secrets, private halves and RSA keys short enough to be factored.
func (k publishedKey) strong() bool {
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= smallestRSA && key.N.BitLen() <= largestRSA && key.E >= 3
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// fits reports whether a key may verify a token that names this key id and algorithm.
func (k publishedKey) fits(id, algorithm string) bool {
	return (id == "" || id == k.KeyID) &&
		(k.Use == "" || k.Use == "sig") &&
		(len(k.Operations) == 0 || slices.Contains(k.Operations, "verify")) &&
		(k.Algorithm == "" || k.Algorithm == algorithm) &&
		kindOf(k.Key) == kindFor(algorithm)
}

func kindOf(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return "RSA"
	case *ecdsa.PublicKey:
		return key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return ""
}

func kindFor(algorithm string) string {
	switch jose.SignatureAlgorithm(algorithm) {
	case jose.ES256:
		return "P-256"
	case jose.ES384:
		return "P-384"
	case jose.ES512:
		return "P-521"
	case jose.EdDSA:
		return "Ed25519"
	}
	return "RSA"
}
