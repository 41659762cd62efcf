package decision

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sort"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// Out says what left a candidate out of an allocation. What is told is the first that did, in this
// order.
type Out uint8

// The reasons. Who is left out by ByWhere is no candidate at all.
const (
	In      Out = iota
	Absent      // has no record of its own, or was deleted
	ByWhere     // `where` does not hold, or is not known to
	Away        // on leave, or will be before an offer could be accepted
	Lapsed      // had the offer and let it lapse
	ByLimit     // `limit` does not hold, or is not known to
	NoShare     // its share is 0 or missing
	Cooling     // had it not long ago
	Others      // somebody has others of the same
)

// String returns the reason as decisions write it.
func (o Out) String() string {
	return [...]string{"", "absent", "where", "away", "lapsed", "limit", "share", "cool", "same"}[o]
}

// Account is how one allocation came out: every candidate with its terms, or what left it out
// (reference, section 8). Candidates are in no order that means anything; Ranked has one.
type Account struct {
	Rule   *policy.Allocation
	Record Ref
	IDs    []string  // of the candidates; the slice is shared and never changed
	Out    []Out     // by candidate
	Part   []uint8   // by candidate: which conjunct left it out, of `where` or `limit`
	Terms  []float64 // by candidate, and there by term, 0…1; NaN: no data
	Keys   []float64 // by candidate: what was compared, 0–100, or its turn
	Last   []uint64  // by candidate: number of its last assignment, 0: never
	Winner int32     // -1: nobody
	Next   int32     // the runner-up; -1: none
	Apart  int       // candidates that are not in the lists above: stored accounts leave out ByWhere
	Claim  bool      // the winner claimed it; nobody was compared
}

// Term is one term of a candidate; false where it has no data.
func (a *Account) Term(candidate, term int) (float64, bool) {
	x := a.Terms[candidate*len(a.Rule.Weigh)+term]
	return x, !math.IsNaN(x)
}

// Better orders two candidates that are in: the greater key, then never assigned, then longest
// ago, then by id.
func (a *Account) Better(i, j int32) bool {
	switch {
	case a.Keys[i] != a.Keys[j]:
		return a.Keys[i] > a.Keys[j]
	case a.Last[i] != a.Last[j]:
		return a.Last[i] < a.Last[j]
	}
	return a.IDs[i] < a.IDs[j]
}

// Ranked lists the candidates: those that are in, the best first, then those left out, by id.
func (a *Account) Ranked() []int32 {
	var list []int32
	for i, o := range a.Out {
		if o != ByWhere && o != Absent {
			list = append(list, int32(i))
		}
	}
	slices.SortFunc(list, func(i, j int32) int {
		switch in, other := a.Out[i] == In, a.Out[j] == In; {
		case in && other && a.Better(i, j):
			return -1
		case in && other:
			return 1
		case in != other:
			return cmp.Compare(bool01(other), bool01(in))
		}
		return strings.Compare(a.IDs[i], a.IDs[j])
	})
	return list
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Count is how many candidates a reason left out.
func (a *Account) Count(o Out) (n int) {
	for _, x := range a.Out {
		if x == o {
			n++
		}
	}
	if o == ByWhere {
		n += a.Apart
	}
	return n
}

// AddAccount appends an empty account whose slices may have capacity left from before a Reset.
func (d *Decision) AddAccount() *Account {
	d.Accounts = more(d.Accounts)
	a := &d.Accounts[len(d.Accounts)-1]
	*a = Account{Out: a.Out[:0], Part: a.Part[:0], Terms: a.Terms[:0], Keys: a.Keys[:0],
		Last: a.Last[:0], Winner: -1, Next: -1}
	return a
}

// AccountOf returns the account behind an effect that assigns or pools; nil: none is kept.
func (d *Decision) AccountOf(e *Effect) *Account {
	for i := range d.Accounts {
		if a := &d.Accounts[i]; a.Rule.Full == e.Rule && a.Record == e.Target {
			return a
		}
	}
	return nil
}

func (a *Account) copyTo(to *Account) {
	out, part, terms, keys, last := to.Out, to.Part, to.Terms, to.Keys, to.Last
	*to = *a
	to.Record = a.Record.clone()
	to.Out, to.Part = append(out, a.Out...), append(part, a.Part...)
	to.Terms, to.Keys = append(terms, a.Terms...), append(keys, a.Keys...)
	to.Last = append(last, a.Last...)
}

// appendAccount packs an account column by column. Who is no candidate is counted only: the
// engine, asked again, knows why.
func appendAccount(dst []byte, a *Account) []byte {
	dst = appendRef(appendText(dst, a.Rule.Full), a.Record)
	dst = append(dst, flag(a.Claim, 1))
	kept := make([]int32, 0, len(a.Out))
	winner, next := 0, 0
	for i, o := range a.Out {
		if o == ByWhere || o == Absent {
			continue
		}
		kept = append(kept, int32(i))
		if int32(i) == a.Winner {
			winner = len(kept)
		}
		if int32(i) == a.Next {
			next = len(kept)
		}
	}
	for _, n := range []int{len(kept), a.Count(ByWhere), winner, next} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	for _, i := range kept {
		dst = append(appendText(dst, a.IDs[i]), byte(a.Out[i]), a.Part[i])
		dst = binary.AppendUvarint(dst, a.Last[i])
	}
	for t := range a.Rule.Weigh {
		was := uint64(0)
		for _, i := range kept {
			x, _ := a.Term(int(i), t)
			dst, was = appendDelta(dst, x, was)
		}
	}
	was := uint64(0)
	for _, i := range kept {
		dst, was = appendDelta(dst, a.Keys[i], was)
	}
	return dst
}

// appendDelta stores a number by what differs from the one before it; equal ones take a byte.
func appendDelta(dst []byte, x float64, was uint64) ([]byte, uint64) {
	b := math.Float64bits(x)
	return binary.AppendUvarint(dst, bits.ReverseBytes64(b^was)), b
}

func (r *reader) delta(was uint64) (float64, uint64) {
	b := bits.ReverseBytes64(r.uvarint()) ^ was
	return math.Float64frombits(b), b
}

// account reads what appendAccount packed.
func (r *reader) account(a *Account) {
	name := r.text()
	if a.Rule = r.codec.allocation(name); a.Rule == nil {
		r.fail("policy has no allocation %q", name)
		return
	}
	a.Record = r.ref()
	a.Claim = r.flags(1) != 0
	n := r.count()
	a.Apart = r.within(math.MaxInt32, "number of others")
	a.Winner = int32(r.within(uint64(n)+1, "winner")) - 1
	a.Next = int32(r.within(uint64(n)+1, "runner-up")) - 1
	for range n {
		id, o, part := r.text(), Out(r.byte()), r.byte()
		if r.err != nil || o > Others || o == ByWhere || o == Absent {
			r.fail("no candidate is left out by %d", o)
			return
		}
		a.IDs, a.Out, a.Part = append(a.IDs, id), append(a.Out, o), append(a.Part, part)
		a.Last = append(a.Last, r.uvarint())
	}
	k := len(a.Rule.Weigh)
	a.Terms = append(a.Terms, make([]float64, n*k)...)
	for t := range k {
		was := uint64(0)
		for i := range n {
			a.Terms[i*k+t], was = r.delta(was)
		}
	}
	was := uint64(0)
	for range n {
		var x float64
		x, was = r.delta(was)
		a.Keys = append(a.Keys, x)
	}
}

// Sum is what a candidate's terms add up to, 0–100, rounded to a billionth of a point: what was
// added up in another order is still a tie.
func (a *Account) Sum(candidate int) float64 {
	sum, weights := 0.0, 0.0
	for t := range a.Rule.Weigh {
		x, ok := a.Term(candidate, t)
		w := TermWeight(&a.Rule.Weigh[t])
		if ok {
			sum += float64(w * x)
		}
		if ok || !a.Rule.Weigh[t].Skip {
			weights += w
		}
	}
	return RoundKey(sum, weights)
}

// A Gap is by how many points, of 100, one term sets a candidate apart from the winner; below 0: it
// is behind.
type Gap struct {
	Term   int
	Points float64
}

// Gaps are the terms that set a candidate apart from the winner, the one that costs it most first.
// They add up to the difference of the keys.
func (a *Account) Gaps(candidate int32) (out []Gap) {
	if a.Rule.Share != nil || a.Winner < 0 {
		return nil
	}
	it, won := a.points(candidate), a.points(a.Winner)
	for t := range it {
		if d := math.Round((it[t]-won[t])*1e9) / 1e9; d != 0 {
			out = append(out, Gap{t, d})
		}
	}
	slices.SortStableFunc(out, func(x, y Gap) int { return cmp.Compare(x.Points, y.Points) })
	return out
}

// points are what each term adds to a candidate's sum.
func (a *Account) points(candidate int32) []float64 {
	out, weights := make([]float64, len(a.Rule.Weigh)), 0.0
	for t := range out {
		w := TermWeight(&a.Rule.Weigh[t])
		x, ok := a.Term(int(candidate), t)
		if ok {
			out[t] = w * x
		}
		if ok || !a.Rule.Weigh[t].Skip {
			weights += w
		}
	}
	if weights != 100 && weights > 0 {
		for t := range out {
			out[t] *= 100 / weights
		}
	}
	return out
}

// TermWeight is a term's weight in percent, rounded to 10⁻⁶ of one, so that 20 % is exactly 20.
func TermWeight(t *policy.Term) float64 { return math.Round(t.Weight*1e8) / 1e6 }

// RoundKey brings a sum to the form in which sums are compared. A term with `else skip` leaves both
// the sum and the weights.
func RoundKey(sum, weights float64) float64 {
	if weights != 100 && weights > 0 {
		sum = sum / weights * 100
	}
	return math.Round(min(sum, 100)*1e9) / 1e9
}

// Rank finds the winner and the runner-up among those who are in.
func (a *Account) Rank() {
	a.Winner, a.Next = -1, -1
	for i := range int32(len(a.Out)) {
		switch {
		case a.Out[i] != In:
		case a.Winner < 0 || a.Better(i, a.Winner):
			a.Winner, a.Next = i, a.Winner
		case a.Next < 0 || a.Better(i, a.Next):
			a.Next = i
		}
	}
}

// Find is the number of the candidate of an id; -1: none of those that are kept.
func (a *Account) Find(id string) int32 { return int32(slices.Index(a.IDs, id)) }

// Would decides again with one candidate let in and, where term is not negative, with another value
// of one of its terms. It returns who would have won.
func (a *Account) Would(candidate int32, term int, x float64) int32 {
	var b Account
	a.copyTo(&b)
	b.Out[candidate] = In
	if term >= 0 {
		b.Terms[int(candidate)*len(a.Rule.Weigh)+term] = x
	}
	if a.Rule.Share == nil {
		b.Keys[candidate] = b.Sum(int(candidate))
	}
	b.Rank()
	return b.Winner
}

// needSteps is how finely the value is told that a term would have to have.
const needSteps = 10_000

// Need is the least value of a term, in steps of a ten-thousandth, with which a candidate would
// have won; false: none up to 1 would do.
func (a *Account) Need(candidate int32, term int) (float64, bool) {
	wins := func(n int) bool { return a.Would(candidate, term, float64(n)/needSteps) == candidate }
	if a.Rule.Share != nil || !wins(needSteps) {
		return 0, false
	}
	n := sort.Search(needSteps, wins)
	return float64(n) / needSteps, true
}
