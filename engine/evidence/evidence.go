// Package evidence holds the trust functions: how far what a person sent can be believed
// (reference, section 6). Each takes what was measured on arrival and what the same person, team or
// place sent before, and says true, false or unknown; none looks at bytes, a clock or a network.
//
// Two rules hold everywhere. What is missing is missing, not fraud: without a capture time, a
// device or an accuracy the answer is unknown. And metadata can refute but never prove: it is
// forged easily, so it may speak against a record, and only weakly for it.
package evidence

import "github.com/throughline/throughline/dsl/value"

// The thresholds that hold where a policy gives none.
const (
	// NearIdentical is the least Jaccard index of the bigrams of two notes that are copies. Over
	// short Chinese notes it finds 98 % of copies with one edit and takes three in ten million
	// pairs of distinct notes for copies.
	NearIdentical = 0.5
	// ShortNote is how many letters a note needs to be judged: shorter fixed phrases repeat
	// lawfully.
	ShortNote = 8
	// OwnNotes and OwnPeriod bound what a note is held against of one's own.
	OwnNotes  = 600
	OwnPeriod = 90 * value.Day
	// TeamPeriod bounds what it is held against of the others in the team.
	TeamPeriod = 14 * value.Day
	// SameLook is the greatest Hamming distance of two 64-bit difference hashes of one picture.
	SameLook = 8
	// BatchSize records of one person within BatchPeriod are a batch.
	BatchSize   = 5
	BatchPeriod = 3 * value.Minute
	// LateAfter is how long after it happened a record is late.
	LateAfter = 24 * value.Hour
	// KnownDevice is how many earlier photos of a person make their device a usual one.
	KnownDevice = 3
)
