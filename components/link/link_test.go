package link

import (
	"testing"
	"time"
)

func TestPathsEscapeWhatPeopleName(t *testing.T) {
	tests := map[string]struct{ got, want string }{
		"plain slug":                        {Model("fraud-scorer"), "/models/fraud-scorer"},
		"slash stays in its segment":        {Version("a/b", "v1/rc"), "/models/a%2Fb/versions/v1%2Frc"},
		"question mark opens no query":      {Model("what?"), "/models/what%3F"},
		"number":                            {Request(7), "/requests/7"},
		"verb on a number":                  {RequestAct(7, "approve"), "/requests/7/approve"},
		"query is escaped":                  {Search("a&b=c"), "/models?q=a%26b%3Dc"},
		"empty parameters are left out":     {With("/models", "q", "", "team", "risk"), "/models?team=risk"},
		"nothing left, no question mark":    {With("/models", "q", ""), "/models"},
		"a second set joins with ampersand": {With("/models?a=1", "b", "2"), "/models?a=1&b=2"},
		"diff names both sides":             {Diff("m", "v1", "v2"), "/models/m/diff?a=v1&b=v2"},
		"a moment is UTC": {
			ProductionAt(time.Date(2026, 3, 3, 15, 32, 0, 0, time.FixedZone("CET", 3600))),
			"/production?at=2026-03-03T14%3A32%3A00Z",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %s, want %s", tt.got, tt.want)
			}
		})
	}
}
