package window

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/value"
)

// begin is where the tests' time begins: two weeks before clocks go forward in Berlin.
const begin = 1772323200 * value.Second

var zones = []string{"Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo"}

// script turns bytes into a rig and what is done to it. After the bytes end it yields zeros.
type script struct {
	b []byte
	g *rig
	n uint64
}

func (c *script) next(n int) int {
	if len(c.b) == 0 {
		return 0
	}
	v := int(c.b[0])
	c.b = c.b[1:]
	return v % n
}

// plan draws one to six specs, some of them kept on for late looks.
func (c *script) plan(t testing.TB) {
	var specs []Spec
	for n := 1 + c.next(6); n > 0; n-- {
		s := testSpecs[(c.next(256)<<8|c.next(256))%len(testSpecs)]
		s.Keep = []int64{0, 0, 5 * value.Hour, 3 * value.Day}[c.next(4)]
		specs = append(specs, s)
	}
	c.g = &rig{p: New(testCols, specs, zone(t, zones[c.next(len(zones))])), now: begin, t: begin}
}

// row draws a row: late or in time, sometimes early, often at an earlier one's moment.
func (c *script) row() Row {
	c.n++
	some, more := c.next(256), c.next(256) // a column is known three times in four
	r := Row{Seq: c.n, At: c.g.now, Known: uint64(some | more), N: make([]int64, len(testCols)), S: make([]string, len(testCols))}
	if c.next(8) == 0 {
		r.Seq = 1000 - c.n // equal moments in any order
	}
	switch k := c.next(8); {
	case k == 1 && len(c.g.rows) > 0:
		r.At = c.g.rows[c.next(len(c.g.rows))].At
	case k == 2:
		r.At += int64(c.next(256)) * value.Hour / 4
	case k > 4:
		r.At -= int64(c.next(256)) * value.Hour / 2
	}
	floats := []float64{0, math.Copysign(0, -1), 0.1, -0.1, 1, 1.0 / 3, -7.25, 1e6, 1e6 + 0.1, 3e16, -5e16, 1e300, 1e-13}
	words := []int64{0, 1, -1, 3, 25_000, -12_345, math.MaxInt64, math.MinInt64, 1 << 62}
	r.N[colPaid], r.N[colGood] = int64(c.next(2)), int64(c.next(2))
	r.N[colPieces], r.N[colAmount] = words[c.next(len(words))], words[c.next(256)%len(words)]
	r.N[colWeight] = value.OfFloat(value.Number, floats[c.next(len(floats))]).N
	r.N[colHeight] = value.OfFloat(value.Number, floats[c.next(256)%len(floats)]).N
	r.N[colMoment] = r.At
	r.Known |= 1 << colMoment
	r.S[colNote] = []string{"", "a", "b", "货架"}[c.next(4)]
	return r
}

// run plays a script and compares after every step.
func (c *script) run(t testing.TB) error {
	c.plan(t)
	g := c.g
	for len(c.b) > 0 {
		switch k := c.next(12); {
		case k < 6:
			g.insert(c.row())
		case k < 8 && len(g.rows) > 0:
			g.remove(c.next(len(g.rows)))
		case k == 8:
			g.now += int64(c.next(256)) * value.Hour / 3
		case k == 9:
			g.now += int64(c.next(256)) * value.Day / 4
		case k == 10:
			if err := g.restore(); err != nil {
				return err
			}
		case k == 11:
			g.t = g.now + int64(c.next(256)-128)*value.Hour
		}
		if c.next(2) == 0 {
			continue
		}
		if err := g.check(); err != nil {
			return err
		}
	}
	if err := g.check(); err != nil {
		return err
	}
	return g.restore()
}

// Every aggregate over every window equals recomputation from all rows at every moment, with
// late, early and removed rows and snapshots between, and never changes before Next.
func TestSeriesEqualsOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := script{b: rapid.SliceOfN(rapid.Byte(), 50, 900).Draw(rt, "script")}
		if err := c.run(t); err != nil {
			rt.Fatal(err)
		}
	})
}

// The same over long scripts of evenly spread bytes, which rapid does not draw.
func TestLongScriptsEqualOracle(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := make([]byte, 1500)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		c := script{b: b}
		if err := c.run(t); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func FuzzSeries(f *testing.F) {
	f.Add([]byte("a series of bytes that inserts, removes, moves on and restores"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := script{b: b[:min(len(b), 1000)]}
		if err := c.run(t); err != nil {
			t.Fatal(err)
		}
	})
}
