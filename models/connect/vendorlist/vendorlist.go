// Package vendorlist fetches a vendor's own list of models from its API. What stands in the list is
// models/vendors' to read, and which addresses may be called models/connect/outgoing's to say.
package vendorlist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sundial/models/connect/outgoing"
	"sundial/models/vendors"
)

// Timeout is the longest a vendor may take, from the connection to the last byte.
const Timeout = 30 * time.Second

// Fetch gets a list. key is what the vendor's API wants of whoever asks, "" for none: OpenAI takes it as a
// bearer token, Azure as api-key. Errors are sentences that do not repeat it.
func Fetch(ctx context.Context, p outgoing.Policy, l vendors.List, address, key string) ([]byte, error) {
	if wrong := p.Check(address); wrong != "" {
		return nil, errors.New(wrong)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("this is not an address that can be called")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Sundial")
	switch {
	case key == "":
	case l.Host == vendors.AzureOpenAI:
		req.Header.Set("api-key", key)
	default:
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := p.Client(Timeout).Do(req)
	if err != nil {
		return nil, errors.New(outgoing.Sentence(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the vendor answered %d instead of its list", resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, vendors.MaxSeedBytes+1))
	switch {
	case err != nil:
		return nil, errors.New(outgoing.Sentence(err))
	case len(raw) > vendors.MaxSeedBytes:
		return nil, fmt.Errorf("the list has more than %d MiB", vendors.MaxSeedBytes>>20)
	}
	return raw, nil
}
