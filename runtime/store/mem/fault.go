package mem

import (
	"errors"

	"github.com/throughline/throughline/runtime/store"
)

// Call names a writing call, for faults at chosen ones.
type Call string

// The writing calls.
const (
	Claim      Call = "claim"
	Append     Call = "append"
	PutSection Call = "put section"
	PutPages   Call = "put pages"
	Save       Call = "save"
	SaveRun    Call = "save run"
)

// Fault is what goes wrong in one call.
type Fault uint8

// The faults. A caller cannot tell Refused, Lost and Torn apart: each is an error.
const (
	None     Fault = iota
	Refused        // nothing is written
	Lost           // it is written and not synced: a crash forgets it
	Torn           // it is written and synced, and yet the call fails
	Unsynced       // it is written and said to be synced, and a crash forgets it
	Crash          // the machine stops before the call
	Stopped        // the machine stops right after the call was synced
)

// ErrFault is the error of a call that was made to fail.
var ErrFault = errors.New("fault on demand")

// Break asks f at every writing call what goes wrong in it.
func (l *Log) Break(f func(Call) Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = f
}

// Reopen returns the log as somebody finds it who opens it again: after a crash without what was
// not synced. The old one takes and gives nothing any more.
func (l *Log) Reopen(crashed bool) *Log {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(store.ErrClosed)
	next := &Log{now: l.now}
	if crashed && l.kept != nil {
		next.now = *l.kept
	}
	next.now.rows = next.now.rows[:len(next.now.rows):len(next.now.rows)]
	next.tail.Move(uint64(len(next.now.rows)))
	return next
}

// write runs one writing call with whatever goes wrong in it.
func (l *Log) write(c Call, f func(*state) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	what := None
	if l.fault != nil {
		what = l.fault(c)
	}
	fail := func() error {
		err := &store.WriteError{Path: "memory", Seq: uint64(len(l.now.rows)) + 1, Why: ErrFault}
		l.end(err)
		return err
	}
	if what == Refused || what == Crash {
		return fail()
	}
	next := l.now
	if err := f(&next); err != nil {
		return err
	}
	before := l.now
	l.now = next
	switch what {
	case Lost, Unsynced:
		if l.kept == nil {
			l.kept = &before
		}
	default:
		l.kept = nil // a sync takes everything written before with it
	}
	if what != None && what != Unsynced {
		return fail()
	}
	l.tail.Move(uint64(len(next.rows)))
	return nil
}
