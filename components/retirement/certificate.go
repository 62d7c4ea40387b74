package retirement

import (
	"fmt"
	"strings"

	"sundial/models/retirement"
)

func certificateVersion(c retirement.Certificate) string {
	said := "version " + c.Version
	if c.Team != "" {
		said += " · " + c.Team
	}
	return said + fmt.Sprintf(" · tier %d", c.Tier)
}

// lately are the newest sightings, newest first: a caller that asks every hour fills no page.
func lately(all []retirement.Sighting) []retirement.Sighting {
	const most = 10
	var out []retirement.Sighting
	for i := len(all) - 1; i >= 0 && len(out) < most; i-- {
		out = append(out, all[i])
	}
	return out
}

func again(v CertificateView) string {
	if len(v.Workflow.Issued) > 0 {
		return "anew, and replaces the one that was issued before"
	}
	return "out"
}

// digestLike tells a digest from the sentence why there is none.
func digestLike(s string) bool {
	_, hex, found := strings.Cut(s, ":")
	if !found {
		hex = s
	}
	return len(hex) >= 32 && strings.Trim(strings.ToLower(hex), "0123456789abcdef") == ""
}
