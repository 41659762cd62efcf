package engine_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// process makes the records of a sales team over four weeks: 200 people with 25 stores each, who
// visit, call, quote, and move their deals along. One in fifty visits is logged a day late, one in
// twenty is away from its store, and one note in thirty is the last one again.
type process struct {
	n     int
	buf   []byte
	start time.Time
	every time.Duration
	stage []uint8 // of deals
	note  string
}

const (
	processReps   = 200
	processStores = 25 * processReps
)

func newProcess(n int) *process {
	zone := time.FixedZone("", 8*3600)
	return &process{start: time.Date(2026, 3, 2, 8, 0, 0, 0, zone),
		every: 28 * 24 * time.Hour / time.Duration(n)}
}

// first are the people and stores.
func (g *process) first() (out [][]byte) {
	at := g.start.Format(time.RFC3339)
	for i := range processReps {
		out = append(out, fmt.Appendf(nil, `{"type":"Rep","id":"r%d","at":"%s","name":"代表%d","manager":"r%d"}`,
			i, at, i, i/10*10))
	}
	for i := range processStores {
		lat, lng := g.place(i)
		out = append(out, fmt.Appendf(nil, `{"type":"Store","id":"s%d","at":"%s","name":"店%d",`+
			`"channel":"%s","owner":"r%d","location":[%.5f,%.5f],"monthly":%d}`, i, at, i,
			[]string{"chain", "community"}[i%2], i/25, lat, lng, 1000*(i%97)))
	}
	return out
}

// place is where a store stands: those of one person within a few kilometres.
func (g *process) place(store int) (lat, lng float64) {
	rep, i := store/25, store%25
	return 31 + float64(rep/20)*0.1 + float64(i%5)*0.01, 121 + float64(rep%20)*0.1 + float64(i/5)*0.01
}

// next is the next record. What it is follows from its number.
func (g *process) next() []byte {
	i := g.n
	g.n++
	at := g.start.Add(time.Hour + time.Duration(i)*g.every)
	rep := i * 7 % processReps
	turn := i / processReps
	store := rep*25 + turn*3%25
	b := g.buf[:0]
	head := func(typ, id string, n int, at time.Time) {
		b = append(b, `{"type":"`...)
		b = append(append(b, typ...), `","id":"`...)
		b = strconv.AppendInt(append(b, id...), int64(n), 10)
		b = append(at.AppendFormat(append(b, `","at":"`...), time.RFC3339), '"')
	}
	switch i % 10 {
	case 0, 1, 2, 3:
		moment := at
		if i%50 == 0 {
			moment = at.Add(-20 * time.Hour)
		}
		head("Visit", "v", i, moment)
		if i%50 == 0 {
			b = append(at.AppendFormat(append(b, `,"received":"`...), time.RFC3339), '"')
		}
		lat, lng := g.place(store)
		if i%20 == 1 {
			lat += 0.02
		}
		b = fmt.Appendf(b, `,"rep":"r%d","store":"s%d","location":[%.5f,%.5f],"skus":["a","b","%c"],"tag":%t,`+
			`"note":"%s"}`, rep, store, lat, lng, 'a'+byte(i%7), i%9 != 0, g.said(i))
	case 4, 5, 6:
		head("Call", "c", i, at)
		b = fmt.Appendf(b, `,"rep":"r%d","deal":"d%d","minutes":%d}`, rep, g.deal(i), i%9)
	case 7:
		head("Quote", "q", i, at)
		b = fmt.Appendf(b, `,"deal":"d%d","amount":%d,"custom":%t}`, g.deal(i), i%5000*100, i%3 != 0)
	case 8:
		d := len(g.stage)
		g.stage = append(g.stage, 0)
		head("Deal", "d", d, at)
		b = fmt.Appendf(b, `,"name":"商机%d","owner":"r%d","store":"s%d","amount":%d}`, d, rep, store, i%3000*1000)
	default:
		d := g.deal(i)
		g.stage[d] = min(g.stage[d]+1, 3)
		head("Deal", "d", d, at)
		b = fmt.Appendf(b, `,"stage":"%s"}`, []string{"Lead", "Offer", "Won", "Lost"}[g.stage[d]])
	}
	g.buf = b
	return b
}

// said is what somebody wrote: four of many phrases.
func (g *process) said(i int) string {
	if i%30 == 1 && g.note != "" {
		return g.note
	}
	x := uint64(i)*0x9e3779b97f4a7c15 + 1
	g.note = ""
	for range 4 {
		x ^= x >> 29
		x *= 0xbf58476d1ce4e5b9
		g.note += phrases[x>>40%uint64(len(phrases))]
	}
	return g.note
}

var phrases = strings.Fields("老板在外地 货架挪到门口 竞品做了堆头 催收上月欠款 周末想办试饮 收银台加了陈列 员工刚换班 " +
	"冰柜坏了要修 少了两个规格 价签被撕掉 新店长姓陈 要一张海报 库房堆得太满 下雨客人少 学校放假没人 隔壁开了超市 " +
	"促销员没来 送货晚了半天 包装压坏几箱 问了返利政策 希望换个口味 同意试卖新品 不肯签协议 等总部批准 想看样品 " +
	"反映保质期短 盘点差了数量 答应调整位置 拍了门头照片 地铺占了通道 会员日要备货 月底再谈扣点 采购休产假 改用线上下单 " +
	"投诉口感偏甜 客流比去年多 拆了旧堆头 要求独家 物业不让卸货 预存了货款")

// deal is one of the latest thousand.
func (g *process) deal(i int) int {
	if len(g.stage) == 0 {
		g.stage = append(g.stage, 0)
	}
	return len(g.stage) - 1 - i*31%min(1000, len(g.stage))
}

// BenchmarkProcess takes in mixed records of work with journeys, proof, scores and streaks, from
// lines of JSON to decisions with receipts. A round is 200 000 records, in the long run a million;
// the figure is of the process's own CPU time, collecting memory included.
func BenchmarkProcess(b *testing.B) {
	n := 200_000
	if os.Getenv("THRU_FULL") != "" {
		n = 1_000_000
	}
	p := load(b, "testdata/process.thru")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var spent int64
	effects, findings := 0, 0
	for b.Loop() {
		e := newEngine(b, p)
		g := newProcess(n)
		dec := record.NewDecoder(p, e.Zone())
		var batch [engine.Ahead]record.Record
		var coming [engine.Ahead]*record.Record
		for i := range batch {
			coming[i] = &batch[i]
		}
		entry := engine.Entry{Kind: decision.Record}
		feed := func(lines [][]byte) {
			from := cpuTime(b)
			for some := range slices.Chunk(lines, engine.Ahead) { // as the writer of a workspace does
				for i, line := range some {
					dec.Decode(line, nil, &batch[i])
				}
				e.Foresee(coming[:len(some)])
				for _, r := range coming[:len(some)] {
					entry.Record, entry.Moment = r, max(e.Now(), r.Received)
					e.Apply(&entry, func(_ *engine.Entry, d *decision.Decision) {
						effects += len(d.Effects)
						findings += len(d.Findings)
					})
				}
			}
			spent += cpuTime(b) - from
		}
		feed(g.first())
		spent = 0
		for range n / 10_000 {
			var lines [][]byte
			for range 10_000 {
				lines = append(lines, append([]byte(nil), g.next()...))
			}
			feed(lines)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(n)/(float64(spent)/1e9), "records/s")
		b.ReportMetric(float64(m.HeapAlloc)/float64(n), "B/record")
		b.ReportMetric(float64(effects), "effects")
		b.ReportMetric(float64(findings), "findings")
		runtime.KeepAlive(e)
	}
}

// BenchmarkSnapshot writes the state of a million entities and reads it back.
func BenchmarkSnapshot(b *testing.B) {
	const n = 1_000_000
	p := check(b, `
entity Store { name text; region text; owner text; level int; monthly money; opened date
  lat number; active bool; phone text; visits int = count(Visit in 90d) }
event Visit { store Store; n int }
rule Big on Store { when monthly > 100000 and visits == 0; do { note "x" } }`)
	e := newEngine(b, p)
	dec := record.NewDecoder(p, e.Zone())
	var r record.Record
	entry := engine.Entry{Kind: decision.Record, Record: &r}
	var line []byte
	for i := range n {
		line = fmt.Appendf(line[:0], `{"type":"Store","id":"s%d","at":"2026-03-02T08:00:00+08:00","name":"店%d",`+
			`"region":"East","owner":"r%d","level":%d,"monthly":%d,"opened":"2024-01-01","lat":31.2,`+
			`"active":true,"phone":"1380000%d"}`, i, i, i%500, i%5, i%200000, i%10000)
		dec.Decode(line, nil, &r)
		entry.Moment = r.Received
		e.Apply(&entry, func(*engine.Entry, *decision.Decision) {})
	}
	var state []byte
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			state = e.AppendSnapshot(state[:0])
		}
		b.ReportMetric(float64(len(state))/n, "B/entity")
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			z := newEngine(b, p)
			if err := z.Restore(state); err != nil {
				b.Fatal(err)
			}
		}
	})
}
