package engine_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
)

// facts are the accepted records once more, kept in the plainest way: entities as they are now,
// events as they were when they came.
type facts struct {
	zone  *time.Location
	teams map[string]*team
	reps  map[string]*rep
	shops map[string]*shop
	seen  []*visit
	order []*order
	used  map[string]bool
}

type team struct{ created int64 }

type rep struct {
	team, joined string
	quota        *int64
	created      int64
}

type shop struct {
	level, owner string
	created      int64
}

type visit struct {
	at          int64
	id          string
	store, rep  string
	team        string // of the rep, when it came
	minutes     int64
	site, atA   bool
	takenBack   bool
}

type order struct {
	at        int64
	id, store string
	amount    float64
	paid      bool
	takenBack bool
}

// sight is one field of one entity, as the engine gives it and as it should be.
func (f *facts) within(at, now int64, days int64) bool { return at > now-days*value.Day && at <= now }

// visits are those that are for a subject and placed in (from, to], by moment and arrival.
func (f *facts) visits(of func(*visit) bool, from, to int64) (out []*visit) {
	for _, v := range f.seen {
		if !v.takenBack && of(v) && v.at > from && v.at <= to {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b *visit) int { return cmp.Compare(a.at, b.at) })
	return out
}
