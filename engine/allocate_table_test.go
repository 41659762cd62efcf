package engine_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// twoRegions has twelve people, six in each region. In region A a lead takes 45 days and 8 units of
// effort, in region B 12 days and one; everybody has 2.5 units a day.
const twoRegions = `
entity Rep {
  region text; days number; effort number; capacity number
  open1  int = count(Lead where live)
  closed int = count(Lead in 30d at updated where not live)
  rate   number = 30 * open1 / max(closed, 0.5)
}
entity Lead { owner Rep?; live bool; fill live = true }
allocate Lead.owner to Rep { %s }
`

// market is a seeded stream of leads that are worked on by whoever gets them, for as long as that
// region takes.
type market struct {
	e     *engine.Engine
	dec   *record.Decoder
	state uint64
	ends  map[int][]int // leads by the day on which they close
	open  [12]int
	owner []int
}

// next is splitmix64: the same stream on every machine.
func (m *market) next() float64 {
	m.state += 0x9e3779b97f4a7c15
	z := m.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

func (m *market) poisson(mean float64) (k int) {
	for p, least := m.next(), math.Exp(-mean); p > least; k++ {
		p *= m.next()
	}
	return k
}

func (m *market) feed(day int, clock, line string) (got string) {
	at := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day).Format("2006-01-02")
	var r record.Record
	m.dec.Decode([]byte(`{"at":"`+at+"T"+clock+`+08:00",`+line), nil, &r)
	m.e.Apply(&engine.Entry{Kind: decision.Record, Moment: max(m.e.Now(), r.Received), Record: &r},
		func(_ *engine.Entry, d *decision.Decision) {
			for i := range d.Effects {
				if x := &d.Effects[i]; x.Kind == decision.Assign {
					got = x.For[0].ID
				}
			}
		})
	return got
}

// row is one row of the table: what a rule makes of the market.
type row struct {
	share  float64    // of the leads that region A gets, in percent
	use    [2]float64 // mean utilisation by region
	closes [2]float64 // conversion by region where attention is short, of 23.5 %
}

var days, effort = [2]float64{45, 12}, [2]float64{8, 1}

func inRegion(rep int) int { return rep / 6 }

// play lets leads come for so many days: in the first 120 by hand in turn, so that there is a
// history; measured is the last part.
func play(t *testing.T, p *policy.Policy, perDay float64, from, until int) row {
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := &market{e: e, dec: record.NewDecoder(p, e.Zone()), state: 11, ends: map[int][]int{}}
	for i := range 12 {
		g := inRegion(i)
		m.feed(0, "08:00:00", fmt.Sprintf(`"type":"Rep","id":"%02d","region":"%c","days":%g,"effort":%g,`+
			`"capacity":2.5}`, i, 'A'+g, days[g], effort[g]))
	}
	var got, weight, caught, use [2]float64
	looks := 0.0
	for d := range until {
		for range m.poisson(perDay) {
			n := len(m.owner)
			hand := ""
			if d < 120 {
				hand = fmt.Sprintf(`,"owner":"%02d"`, n%12)
			}
			to := m.feed(d, "09:00:00", fmt.Sprintf(`"type":"Lead","id":"l%d"%s}`, n, hand))
			who := n % 12
			if hand == "" {
				fmt.Sscanf(to, "%02d", &who)
			}
			m.owner = append(m.owner, who)
			m.open[who]++
			if d >= from {
				got[inRegion(who)]++
			}
			ends := d + max(1, int(math.Ceil(-math.Log(1-m.next())*days[inRegion(who)])))
			m.ends[ends] = append(m.ends[ends], n)
		}
		for _, n := range m.ends[d] {
			m.feed(d, "18:00:00", fmt.Sprintf(`"type":"Lead","id":"l%d","live":false}`, n))
			m.open[m.owner[n]]--
		}
		if d < from {
			continue
		}
		looks += 6
		for i, n := range m.open {
			g := inRegion(i)
			u := float64(n) * effort[g] / days[g] / 2.5
			use[g] += u
			weight[g] += float64(n)
			caught[g] += float64(n) * min(1, 1/max(u, 1e-9))
		}
	}
	r := row{share: 100 * got[0] / (got[0] + got[1])}
	for g := range 2 {
		r.use[g], r.closes[g] = use[g]/looks, 23.5*caught[g]/max(1, weight[g])
	}
	return r
}

// TestAllocationTable reproduces what each way of ordering people comes to in a market with long and
// short cycles. Only the last, effort for each expected day, keeps both regions alike busy: in turn
// drowns the region with long cycles, equal open counts give it 12 ÷ (45 + 12) of the leads because
// a count is arrivals × days, and the load rate of open ÷ closed does not depend on what is given at
// all, so it always prefers short cycles.
func TestAllocationTable(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		perDay     float64
		want       row
	}{
		{"round robin", "by round_robin", 6, row{50, [2]float64{1.65, 0.22}, [2]float64{14.3, 23.5}}},
		{"fewest open", "by least_open where live", 6,
			row{22.7, [2]float64{0.75, 0.32}, [2]float64{23.5, 23.5}}},
		{"load rate", "by load_rate where live", 6,
			row{2.4, [2]float64{0.08, 0.41}, [2]float64{23.5, 23.5}}},
		{"load rate against the usual cycle",
			"weigh { own 100% = 1 / (1 + candidate.rate / candidate.days) }", 6,
			row{61, [2]float64{1.97, 0.16}, [2]float64{11.7, 23.5}}},
		{"sum of effort", "weigh { work 100% = 1 / (1 + (candidate.open1 + 1) * candidate.effort) }", 6,
			row{2.6, [2]float64{0.08, 0.40}, [2]float64{23.5, 23.5}}},
		{"utilisation", utilisation, 6, row{11.5, [2]float64{0.39, 0.36}, [2]float64{23.5, 23.5}}},
		{"round robin, twice the leads", "by round_robin", 12,
			row{50, [2]float64{3.18, 0.43}, [2]float64{7.4, 23.5}}},
		{"fewest open, twice the leads", "by least_open where live", 12,
			row{23.1, [2]float64{1.47, 0.64}, [2]float64{16.0, 23.5}}},
		{"utilisation, twice the leads", utilisation, 12,
			row{12.1, [2]float64{0.77, 0.73}, [2]float64{23.5, 23.5}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(t, check(t, fmt.Sprintf(twoRegions, c.rule)), c.perDay, 400, 800)
			t.Logf("%.1f%% to A, utilisation %.2f %.2f, conversion %.1f%% %.1f%%", got.share, got.use[0],
				got.use[1], got.closes[0], got.closes[1])
			near := func(what string, got, want, within float64) {
				if math.Abs(got-want) > within {
					t.Errorf("%s: %.2f instead of %.2f ± %.2f", what, got, want, within)
				}
			}
			near("share of A", got.share, c.want.share, max(1.5, 0.06*c.want.share))
			for g := range 2 {
				near("utilisation", got.use[g], c.want.use[g], max(0.06, 0.12*c.want.use[g]))
				near("conversion", got.closes[g], c.want.closes[g], max(0.6, 0.08*c.want.closes[g]))
			}
		})
	}
}

const utilisation = "weigh { idle 100% = 1 / (1 + (candidate.open1 + 1) * candidate.effort / " +
	"candidate.days / candidate.capacity) }"
