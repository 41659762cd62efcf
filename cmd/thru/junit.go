package main

import (
	"encoding/xml"
	"path/filepath"

	"github.com/throughline/throughline/engine/trial"
)

// The parts of JUnit's XML that build servers read. Times are left out: tests run in virtual time,
// and the same policy gives the same file.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes the results where they were asked for.
func (a *app) junit(dir, name string, results []trial.Result) error {
	suite := junitSuite{Name: dir, Tests: len(results)}
	for _, r := range results {
		c := junitCase{Class: dir, Name: r.Name, Line: r.Line,
			File: filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(r.File)))}
		if !r.Passed {
			suite.Failures++
			c.Failure = &junitFailure{Message: flat(r.Message), Text: r.Message}
		}
		suite.Cases = append(suite.Cases, c)
	}
	text, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	return writeIf(name, func() []byte { return append([]byte(xml.Header), append(text, '\n')...) })
}
