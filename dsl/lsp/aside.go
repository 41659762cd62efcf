package lsp

import (
	"context"
	"errors"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// What a database or a file of records is asked for takes as long as it takes: it is worked out
// beside the conversation, one question at a time, and the answer comes when it is there. Typing
// goes on meanwhile and ends the question: then the answer is what is known without it. A request
// that is cancelled is answered as such at once.

// An aside is the rest of an answer. It never touches what belongs to the worker.
type aside func(ctx context.Context) any

var errCancelled = errors.New("cancelled")

// beside works the rest of an answer out.
func (s *server) beside(ctx context.Context, id jsonrpc2.ID, rest aside) {
	ctx, end := context.WithCancelCause(ctx)
	s.mu.Lock()
	s.asides[id] = end
	s.mu.Unlock()
	s.aside.Go(func() {
		answer := rest(ctx)
		s.mu.Lock()
		delete(s.asides, id)
		s.mu.Unlock()
		if errors.Is(context.Cause(ctx), errCancelled) {
			_ = s.conn.ReplyWithError(ctx, id, &jsonrpc2.Error{Code: codeCancelled,
				Message: errCancelled.Error()})
		} else {
			_ = s.conn.Reply(ctx, id, answer) // who does not listen any more is gone soon
		}
		end(nil)
	})
}

// hurry ends what is worked out beside the conversation.
func (s *server) hurry() {
	s.mu.Lock()
	for _, end := range s.asides { //tidy:order each is ended by itself
		end(nil)
	}
	s.mu.Unlock()
}

// alone runs f while nothing else is worked out; false: ctx was over before.
func (s *server) alone(ctx context.Context, f func()) bool {
	select {
	case s.trying <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-s.trying }()
	if ctx.Err() != nil {
		return false
	}
	f()
	return ctx.Err() == nil
}

// tried is the whole policy that a folder's text makes for who hovers, by a checker of its own.
type tried struct {
	dir     string
	version int
	checker dsl.Checker
	policy  *policy.Policy // nil: there are errors
}

// sound is the policy of a folder's text; nil where it has errors. What was made of a text is kept
// until another is asked for.
func (t *tried) sound(f snapshot) *policy.Policy {
	if t.policy == nil || t.dir != f.dir || t.version != f.version {
		t.dir, t.version = f.dir, f.version
		var diags []source.Diagnostic
		if t.policy, diags = t.checker.Check(f.files, f.set); dsl.HasErrors(diags) {
			t.policy = nil
		}
	}
	return t.policy
}

// snapshot is a folder's text at one moment.
type snapshot struct {
	dir     string
	version int
	files   []source.File
	set     policy.Settings
}

func (f *folder) snapshot() snapshot { return snapshot{f.dir, f.version, f.files, f.set} }
