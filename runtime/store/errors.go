package store

import (
	"errors"
	"fmt"
)

// Why a log cannot be opened or written. Every OpenError and WriteError wraps one of them.
var (
	ErrInUse     = errors.New("another process has it open")
	ErrForeign   = errors.New("it is not a Throughline database")
	ErrDamaged   = errors.New("it is damaged")
	ErrTruncated = errors.New("it is cut short")
	ErrNotThere  = errors.New("there is no such file")
	ErrReadOnly  = errors.New("it may not be written")
	ErrFull      = errors.New("the disk is full")
	ErrClosed    = errors.New("it is closed")
)

// OpenError says why a database could not be opened and what to do about it.
type OpenError struct {
	Path string
	Why  error  // one of the errors above, or the system's
	Hint string // what to do
	More string // what else is known, such as who has it open
}

// Error names the path, the reason and the way out.
func (e *OpenError) Error() string {
	s := fmt.Sprintf("open %s: %v", e.Path, e.Why)
	if e.More != "" {
		s += " (" + e.More + ")"
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap returns the reason.
func (e *OpenError) Unwrap() error { return e.Why }

// WriteError says why a batch was not appended. Whether its bytes reached the disk is then not
// known: the log has to be opened again to see.
type WriteError struct {
	Path string
	Seq  uint64 // the first of the batch
	Why  error
}

// Error names the path, the first seq and the reason.
func (e *WriteError) Error() string {
	return fmt.Sprintf("commit seq %d to %s: %v", e.Seq, e.Path, e.Why)
}

// Unwrap returns the reason.
func (e *WriteError) Unwrap() error { return e.Why }

// ConflictError says that a batch does not continue the log: somebody else wrote it meanwhile.
type ConflictError struct {
	After, Last  uint64 // what the batch expected, and where the log ends
	Epoch, Wants uint64 // the batch's epoch, and the one in force
}

// Error says which of the two did not fit.
func (e *ConflictError) Error() string {
	if e.Epoch != e.Wants {
		return fmt.Sprintf("append with epoch %d: a newer writer has epoch %d", e.Epoch, e.Wants)
	}
	return fmt.Sprintf("append after seq %d: the log ends at %d", e.After, e.Last)
}

// FormatError says that something was written by another version of this program.
type FormatError struct {
	What         string
	Found, Known int
}

// Error names both format numbers.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s has format %d and this program reads format %d", e.What, e.Found, e.Known)
}

// DamageError says that a log does not hold what it once held, and where.
type DamageError struct {
	Seq  uint64
	What string
}

// Error names the seq.
func (e *DamageError) Error() string { return fmt.Sprintf("seq %d: %s", e.Seq, e.What) }

// Is makes every DamageError an ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }
