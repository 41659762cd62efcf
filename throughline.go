// Package throughline embeds the engine in a Go program: load a policy, open a workspace, submit
// records, read decisions.
//
// Everything here is a name for something below, so that a program needs one import. It is what
// stays compatible from version 1 on; before that a minor version may change it.
package throughline

import (
	"fmt"
	"os"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/templates/pack"
)

type (
	// Policy is a checked policy.
	Policy = policy.Policy
	// Diagnostic is a mistake or remark about a policy's text.
	Diagnostic = source.Diagnostic
	// Workspace is one policy running over one durable log.
	Workspace = runtime.Workspace
	// Config adjusts a workspace; its zero value is right for almost everybody.
	Config = runtime.Config
	// Answer is what became of one record, once it is durable.
	Answer = runtime.Answer
	// Decision is what the engine says about one entry of the log.
	Decision = decision.Decision
	// Engine runs a policy in memory, without a log: time comes in with the entries.
	Engine = engine.Engine
	// Extern is a pure Go function that a policy's `extern` declares.
	Extern = eval.Extern
	// Options adjust an engine.
	Options = engine.Options
)

// MistakesError says why a policy cannot run. Its text is in English; the diagnostics can be
// rendered in either language.
type MistakesError struct {
	Files       []source.File
	Diagnostics []Diagnostic // all of them, warnings too
}

// Error renders the errors as `thru check` does.
func (e *MistakesError) Error() string {
	var b strings.Builder
	for _, d := range e.Diagnostics {
		if d.Code.Severity() == source.Error {
			b.WriteString(source.Text(e.Files, d, "en"))
		}
	}
	return b.String()
}

// Load reads and checks the policy in a folder. A policy with mistakes is a *MistakesError; what
// only deserves a remark does not keep it from running.
func Load(dir string) (*Policy, error) {
	in, err := pack.Open(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	p, diags, err := dsl.Load(in, ".")
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	if dsl.HasErrors(diags) {
		return nil, &MistakesError{Files: p.Files, Diagnostics: diags}
	}
	return p, nil
}

// Open opens the workspace in a file, or makes it; an empty path keeps it in memory.
func Open(path string, cfg Config) (*Workspace, error) { return runtime.Open(path, cfg) }

// New plans a policy to run in memory, for programs that keep their own log.
func New(p *Policy, o Options) (*Engine, error) { return engine.New(p, o) }
