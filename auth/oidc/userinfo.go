package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// errNotWelcome is userinfo refusing the access token: it has ended, was revoked, or the person is disabled.
var errNotWelcome = errors.New("userinfo refuses the access token")

// userinfo reads what the provider says now about the bearer of an access token, who must be the subject of the ID token.
func (p *Provider) userinfo(ctx context.Context, meta *metadata, accessToken, subject string) (claims, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, meta.UserInfo, nil)
	if err != nil {
		return nil, unavailable("userinfo", err)
	}
	request.Header.Set("Authorization", "Bearer "+accessToken)
	request.Header.Set("Accept", "application/json")
	answer, err := p.http.Do(request)
	if err != nil {
		return nil, unavailable("userinfo", err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return nil, distrust("it does not know you any more", errNotWelcome)
	case answer.StatusCode != http.StatusOK:
		return nil, unavailable("userinfo", fmt.Errorf("answered with status %d", answer.StatusCode))
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, unavailable("userinfo", err)
	}
	said, err := p.readUserinfo(ctx, meta, answer.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	if about, err := said.subject(); err != nil || about != subject {
		return nil, distrust("its two answers speak of different people", errors.New("the subject of userinfo is missing or differs"))
	}
	return said, nil
}

func (p *Provider) readUserinfo(ctx context.Context, meta *metadata, contentType string, body []byte) (claims, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/json":
		said, err := parseClaims(body)
		if err != nil {
			return nil, distrust("what it says about you cannot be read", err)
		}
		return said, nil
	case "application/jwt":
		said, _, err := p.signed(ctx, meta, strings.TrimSpace(string(body)))
		return said, err
	}
	return nil, distrust("what it says about you cannot be read", errors.New("userinfo is neither JSON nor a signed token"))
}
