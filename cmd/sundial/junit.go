package main

import (
	"encoding/xml"
	"fmt"
)

type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Failure *junitNote `xml:"failure,omitempty"`
		Skipped *junitNote `xml:"skipped,omitempty"`
	}
	junitNote struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes a gate's checks as a suite of tests, one a check, in the shape that CI systems show.
func junit(q gateQuestion, a gateAnswer) ([]byte, error) {
	s := junitSuite{Name: fmt.Sprintf("sundial gate %s %s to %s", q.model, q.version, q.to)}
	class := "sundial." + q.model + "." + q.version
	for _, c := range a.Checks {
		x := junitCase{Class: class, Name: c.Key + ": " + c.Title}
		switch {
		case !c.green():
			x.Failure = &junitNote{Message: c.Fact, Text: c.Why + "\n" + c.FixURL}
			s.Failures++
		case c.Outcome != "pass":
			x.Skipped = &junitNote{Message: c.Outcome + ": " + c.Fact}
			s.Skipped++
		}
		s.Cases = append(s.Cases, x)
	}
	approvals := junitCase{Class: class, Name: "approvals"}
	if have, needed := a.Approvals.Have, a.Approvals.Needed; have < needed && !a.Allowed {
		approvals.Failure = &junitNote{Message: fmt.Sprintf("%d of %d approvals", have, needed)}
		s.Failures++
	}
	s.Cases = append(s.Cases, approvals)
	s.Tests = len(s.Cases)
	raw, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JUnit: %w", err)
	}
	return append([]byte(xml.Header), append(raw, '\n')...), nil
}
