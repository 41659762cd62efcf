// Package floor holds hand-written yardsticks: what a Go programmer would write for one fixed task,
// without a language, an engine or a receipt. Benchmarks divide by them, in the same run, because
// a ratio means the same on every machine and a number of seconds does not.
//
// There are four, each with the generator of its input:
//
//   - Judge decides one lead without state: gates, complexity, score, alerts, allocation (Leads).
//   - Windows keeps sliding windows, a segment and a weekly alert over a stream (Events).
//   - Committer writes records to a bare bbolt file, many to a transaction (Records).
//   - Slots decodes a flat JSON object into numbers (LeadLines).
//
// Seeds are fixed and the tests pin the sums of the results, so that two runs years apart compare
// the same work. Code here is written for speed first: it is what the product is measured against.
package floor

// random is splitmix64: 64 bits of state, the same sequence everywhere and forever.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9E3779B97F4A7C15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// low is a number from 0 to n-1, small ones often and large ones rarely.
func (r *random) low(n int) int {
	a, b := r.below(n), r.below(n)
	return a * b / n
}

// mix scatters a number.
func mix(x uint64) uint64 {
	r := random(x)
	return r.next()
}
