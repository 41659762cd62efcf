// Package source holds places in policy text, edits to it, and diagnostics about it.
//
// A diagnostic is data: a code and its arguments, never a sentence. English and Chinese are
// rendered from the code when somebody reads it, so both say the same and neither can drift.
package source

// Span is a range of bytes in one file of a package: [Off, End). The zero Span is "nowhere".
type Span struct {
	File     int32 // index into the Files the span was made with
	Off, End int32
}

// IsZero reports whether the span points nowhere.
func (s Span) IsZero() bool { return s == Span{} }

// File is one policy file: its name as people write it and its bytes as they were read.
type File struct {
	Name string // relative to the package's folder, with forward slashes
	Text string
}

// Edit replaces the bytes [Off, End) of a file by New.
type Edit struct {
	Span Span
	New  string
}

// Fix is an edit that is certain to be what the author meant.
type Fix struct {
	Edits []Edit
}

// Severity says what a diagnostic means for running the policy.
type Severity uint8

// The severities, from worst to mildest. Only an Error keeps a policy from running.
const (
	Error Severity = iota
	Warning
	Note
)

// Related is a second place that explains a diagnostic, such as the first of two equal names.
type Related struct {
	Span Span
	Code Code // what stands there, rendered like a diagnostic without arguments of its own
	Args []string
}

// Code identifies a kind of diagnostic for good: T0123. See Codes for all of them.
type Code string

// Diagnostic is one mistake or remark: what it is, where, what was found, what was expected,
// the nearest right name, and a fix where one is certain. One cause gives one diagnostic.
type Diagnostic struct {
	Code    Code
	Span    Span
	Args    []string // fill the placeholders {0}, {1}, … of the code's texts
	Found   string   // the text at Span, or "" at the end of a line
	Want    []string // what would have been accepted there
	Near    string   // the nearest right name, "" where none is near
	Related []Related
	Fix     *Fix
}
