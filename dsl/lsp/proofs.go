package lsp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
)

// What can be proved of a policy takes longer than a keystroke. It is told once the text rests:
// then a snapshot is checked and proved beside the conversation, by a checker of its own, and what
// was found comes back to the worker like a message. The next edit cancels what is under way. What
// was found before stays where the edit did not touch it, and moves with the text.

// A proof is what was found in one folder's text.
type proof struct {
	f       *folder
	version int // of the folder's text
	diags   []source.Diagnostic
}

// rest has the folders proved in which something is open and changed, once the text has rested.
func (s *server) rest(ctx context.Context) {
	if s.options.Idle == nil || s.state != open || s.resting != nil {
		return
	}
	var jobs []func(stop func() bool) proof
	for _, f := range s.folders { //tidy:order what is found in one is told by itself
		if f.told == nil || f.stale || f.proved == f.version || len(s.openIn(f)) == 0 {
			continue
		}
		p, files, set := proof{f: f, version: f.version}, f.files, f.set
		jobs = append(jobs, func(stop func() bool) proof {
			policy, diags := s.prover.Check(files, set)
			p.diags = dsl.ProveUnless(stop, policy, diags)
			return p
		})
	}
	if len(jobs) == 0 {
		return
	}
	ctx, s.resting = context.WithCancel(ctx)
	s.options.Idle(ctx, func() {
		s.proving.Lock()
		defer s.proving.Unlock()
		var all []proof
		for _, job := range jobs {
			if ctx.Err() == nil {
				all = append(all, job(func() bool { return ctx.Err() != nil }))
			}
		}
		if ctx.Err() != nil {
			return // what was found is not all
		}
		select {
		case s.proofs <- all:
		case <-ctx.Done():
		}
	})
}

// disturb cancels what is proved or waits to be.
func (s *server) disturb() {
	if s.resting != nil {
		s.resting()
		s.resting = nil
	}
}

// found tells what was proved of the text as it is.
func (s *server) found(all []proof) {
	s.disturb()
	slices.SortFunc(all, func(a, b proof) int { return strings.Compare(a.f.dir, b.f.dir) })
	for _, p := range all {
		if f := p.f; p.version == f.version && s.folders[f.dir] == f {
			f.proved, f.findings = f.version, p.diags
			s.publishFolder(f)
		}
	}
}

// all is what is wrong in a folder, in order of files and places.
func (f *folder) all() []source.Diagnostic {
	if len(f.findings) == 0 {
		return f.diags
	}
	out := slices.Concat(f.diags, f.findings)
	slices.SortStableFunc(out, func(a, b source.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off))
	})
	return out
}

// moved keeps the findings that an edit did not touch. Those behind it move with the text.
func moved(findings []source.Diagnostic, was, is []source.File) []source.Diagnostic {
	var out []source.Diagnostic
	edits := map[int32]stretch{}
	for _, d := range findings {
		ok := move(&d.Span, edits, was, is)
		d.Related = slices.Clone(d.Related)
		for i := range d.Related {
			ok = ok && move(&d.Related[i].Span, edits, was, is)
		}
		d.Fix = nil // it may be about what was edited
		if ok {
			out = append(out, d)
		}
	}
	return out
}

// stretch is the part of a file that an edit changed, and which file it is of those that are.
type stretch struct {
	file    int32 // -1: it is gone
	off, to int32 // of the text as it was
	by      int32 // how far what follows moved
}

// move finds where a place is after an edit; false where it was edited itself.
func move(at *source.Span, edits map[int32]stretch, was, is []source.File) bool {
	e, ok := edits[at.File]
	if !ok {
		e = stretchOf(was[at.File], is)
		edits[at.File] = e
	}
	behind := at.Off > e.to
	if e.file < 0 || !behind && at.End >= e.off {
		return false
	}
	at.File = e.file
	if behind {
		at.Off, at.End = at.Off+e.by, at.End+e.by
	}
	return true
}

func stretchOf(was source.File, is []source.File) stretch {
	i := slices.IndexFunc(is, func(f source.File) bool { return f.Name == was.Name })
	if i < 0 {
		return stretch{file: -1}
	}
	a, b := was.Text, is[i].Text
	if a == b {
		return stretch{file: int32(i), off: int32(len(a)) + 1, to: int32(len(a)) + 1}
	}
	head, tail, n := 0, 0, min(len(a), len(b))
	for head < n && a[head] == b[head] {
		head++
	}
	for tail < n-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return stretch{int32(i), int32(head), int32(len(a) - tail), int32(len(b) - len(a))}
}
