package runtime

import (
	"fmt"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/plural"
)

// PanicError is a bug of ours: the engine gave up.
type PanicError struct {
	What  string
	Stack []byte
}

// Error says what the engine said.
func (e *PanicError) Error() string { return "the engine broke: " + e.What }

// QuarantineError says that the engine broke on a record, which was rejected instead.
type QuarantineError struct {
	Seq  uint64 // of its entry; 0: not yet in the log
	Line []byte
	Why  error
}

// Error names the entry and what happened.
func (e *QuarantineError) Error() string {
	line := e.Line
	if len(line) > 200 {
		line = line[:200]
	}
	return fmt.Sprintf("seq %d is quarantined: %v: %s", e.Seq, e.Why, line)
}

// Unwrap returns what happened.
func (e *QuarantineError) Unwrap() error { return e.Why }

// OtherwiseError says that another version of the engine decided otherwise than this one would.
// What was decided stays so, and the state is this version's (decision D5).
type OtherwiseError struct {
	Differ    uint64 // times
	First     uint64 // the entry where it first does
	Semantics uint32 // the version that decided that
}

// Error says how often, and which versions.
func (e *OtherwiseError) Error() string { return e.In("en") }

// In says it in a language.
func (e *OtherwiseError) In(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("日志由另一版本判定（语义 %d，本程序为 %d），有 %d 处结果不同，最早在 seq %d；已作出的决定不变",
			e.Semantics, engine.Semantics, e.Differ, e.First)
	}
	return plural.Sprintf("another version (semantics %d, this is %d) decided otherwise "+
		"%d time{|s}, first at seq %d; what was decided stays", e.Semantics, engine.Semantics,
		e.Differ, e.First)
}

// DivergeError says that replaying the log decides otherwise than was decided. With equal
// semantics that is a bug of ours or a changed file, and nothing is run on it (decision D5).
type DivergeError struct {
	Seq  uint64
	What string
}

// Error names the first seq that differs.
func (e *DivergeError) Error() string {
	return fmt.Sprintf("replaying seq %d gives another result than the log holds: %s", e.Seq, e.What)
}
