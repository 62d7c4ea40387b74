package outgoing

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errRedirect is why an answer that sends elsewhere is the end of it.
var errRedirect = errors.New("the receiver redirects")

// Client is an HTTP client that calls only what the policy allows, follows no redirect, and uses no
// proxy of the environment: a proxy would resolve names where nobody checks them.
//
// An address is looked at when the connection is made, after its name was resolved. A name that leads
// elsewhere the second time gains nothing by it.
func (p Policy) Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
		Transport: &http.Transport{
			DialContext:            p.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        30 * time.Second,
			ForceAttemptHTTP2:      true,
		},
	}
}

// dial connects on behalf of a host name. What the kernel is about to connect to is checked, and
// nothing else.
func (p Policy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errInside
		}
		return p.may(host, to.Addr())
	}}
	return d.DialContext(ctx, network, address)
}

// Sentence says for people why a call failed, without what a stranger's answer or an address of ours
// might put into an error's text.
func Sentence(err error) string {
	var name *net.DNSError
	var wait net.Error
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errInside):
		return "The name leads to an address inside the network, which the operator does not allow."
	case errors.Is(err, errRedirect):
		return "The receiver answered with a redirect, which is not followed. Enter its final address."
	case errors.As(err, &name):
		return "The host name could not be found."
	case errors.As(err, &cert):
		return "The receiver's certificate is not valid for its name."
	case errors.Is(err, http.ErrSchemeMismatch):
		return "The receiver does not speak https."
	case errors.As(err, &wait) && wait.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "The receiver did not answer in time."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The receiver refused the connection."
	case errors.Is(err, context.Canceled):
		return "Sundial was stopped before the receiver answered."
	}
	return "The connection to the receiver failed."
}
