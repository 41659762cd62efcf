// Package window keeps aggregates over sliding and calendar windows exact at every moment.
//
// A Series holds the rows of one source for one subject, in order of (At, Seq); all aggregates
// that place records by the same moment share it. Inserting, removing and expiring are O(1) or
// O(log n) amortised and do not depend on the order of arrival: sums of numbers round each value
// to 2⁻⁴⁰ and are kept in 128 bits (decision D11). Nothing here reads a clock: now comes in.
//
// Limits: a number of 2⁵⁵ (3.6·10¹⁶) or more is too large to be added up, and while it is in the
// window sum, avg, sd and corr are missing; so is a sum of words that does not fit 64 bits. Squares
// and products of rounded values are exact in 256 bits, so equal values have the deviation 0. This
// holds for 2³² rows a window. A column is a word, a number or a text; there are at most 64.
package window

import (
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Col is one column of a series' rows: a test's truth (Kind Bool, missing: unknown) or a value.
type Col struct {
	Kind value.Kind
	At   bool // it is always the row's moment, which is kept anyway
}

// Spec is one aggregate over a series.
type Spec struct {
	Fn     policy.AggFn
	Kind   policy.WindowKind
	D      int64 // microseconds: Sliding, After, Before
	Period policy.Period
	Where  int        // column of Kind Bool that must be true; -1: all rows
	Value  int        // column; -1: the row itself
	Value2 int        // corr; else -1
	N      int        // last(Visit, 5)
	Result value.Kind // sums keep Money and Int; means of money are Money, else Number
	Keep   int64      // microseconds that expired rows are kept on for ValueAt (`late 3d`)
}

// Row is one counted record.
type Row struct {
	At    int64    // the moment that places it
	Seq   uint64   // order among equal moments; identifies the row together with At
	Known uint64   // bit i: column i has a value
	N     []int64  // by column: class Word, bits of class Float
	S     []string // by column: class String; nil where no column is
}

// Plan is what all series of one source and subject path have in common.
type Plan struct {
	cols  []Col
	specs []Spec
	zone  *time.Location
	planned
}
