// Package throughline embeds the engine in a Go program: load a policy, open a workspace, submit
// records, read decisions.
//
// Everything here is a name for something below, so that a program needs one import. It is what
// stays compatible from version 1 on; before that a minor version may change it.
package throughline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/internal/calendar"
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
	// Effect is one thing that a policy wants done, with the values that led to it.
	Effect = decision.Effect
	// Writer writes decisions as JSON and texts, in one language.
	Writer = decision.Writer
	// Logged is one durable entry of a workspace's log.
	Logged = runtime.Logged
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
	p, err := LoadFS(os.DirFS(dir))
	var mistakes *MistakesError
	if err != nil && !errors.As(err, &mistakes) {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	return p, err
}

// LoadFS is Load from a file system, such as one that is embedded in the program.
func LoadFS(files fs.FS) (*Policy, error) {
	in, err := pack.Open(files)
	if err != nil {
		return nil, err
	}
	p, diags, err := dsl.Load(in, ".")
	if err != nil {
		return nil, err
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

// NewWriter writes the decisions of a policy in a language, "en" or "zh", and in its time zone.
func NewWriter(p *Policy, lang string) (*Writer, error) {
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	return decision.NewWriter(p, decision.Options{Zone: zone, Lang: lang}), nil
}

// Effects hands out what the durable decisions after a seq want done in the world, in order: tasks,
// notifications and calls. A program that keeps the last seq it was handed and begins behind it
// carries everything out at least once, also after a crash. The effect is valid until do returns.
func Effects(w *Workspace, after uint64, do func(seq uint64, e *Effect, text string) error) error {
	var show *Writer
	var of *Policy
	return w.Entries(after+1, w.Last(), false, func(l *Logged) error {
		var d Decision
		var gone *runtime.ErasedError
		err := l.Decode(&d)
		if errors.As(err, &gone) {
			return nil // nothing is known of it any more
		}
		if err == nil && of != l.Policy() {
			of = l.Policy()
			show, err = NewWriter(of, "en")
		}
		for i := range d.Effects {
			e := &d.Effects[i]
			acts := e.Kind == decision.Task || e.Kind == decision.Notify || e.Kind == decision.Call
			if err != nil || e.Shadow || !acts {
				continue
			}
			err = do(l.Seq, e, string(show.AppendMessage(nil, e)))
		}
		return err
	})
}
