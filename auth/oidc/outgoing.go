package oidc

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	answerBytes    = 1 << 20 // of anything a provider may send
	answerTime     = 10 * time.Second
	redirectsTaken = 3
)

var errTooLarge = errors.New("the answer is larger than 1 MiB")

// carefulClient is the only way out of this package: every answer is bounded in time and size, and secrets
// never follow a redirect.
func carefulClient(given *http.Client) *http.Client {
	client := &http.Client{Timeout: answerTime}
	var transport http.RoundTripper = http.DefaultTransport
	if given != nil {
		if given.Transport != nil {
			transport = given.Transport
		}
		if given.Timeout > 0 {
			client.Timeout = given.Timeout
		}
	}
	client.Transport = bounded{transport}
	client.CheckRedirect = sameOriginReadsOnly
	return client
}

// sameOriginReadsOnly lets a provider move a document on its own host. A redirected POST would carry the client's
// secret and the code, a redirect to elsewhere would let another host answer in the provider's name.
func sameOriginReadsOnly(next *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet:
		return errors.New("a redirect of a request that carries secrets is not followed")
	case origin(next.URL) != origin(first.URL):
		return fmt.Errorf("a redirect to another origin is not followed")
	case len(via) > redirectsTaken:
		return errors.New("too many redirects")
	}
	return nil
}

type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &boundedBody{ReadCloser: answer.Body, left: answerBytes}
	return answer, nil
}

// boundedBody fails where io.LimitReader would silently cut: half an answer must not pass for a whole one.
type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(to []byte) (int, error) {
	if len(to) > b.left+1 {
		to = to[:b.left+1]
	}
	n, err := b.ReadCloser.Read(to)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
