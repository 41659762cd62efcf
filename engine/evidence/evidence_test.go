package evidence

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/realdata"
	"pgregory.net/rapid"
)

func sketch(note string, names ...string) Sketch { return Fold(note, names).Sketch() }

func TestFold(t *testing.T) {
	for _, c := range []struct {
		note  string
		names []string
		want  string
	}{
		{"沟通产品优势，客户表示考虑。", nil, "沟通产品优势客户表示考虑"},
		{"拜访李总，ＡＢＣ　Def", nil, "拜访#abcdef"},
		{"拜访仁济医院", []string{"仁济医院"}, "拜访#"},
		{"3.5万，2026-03-02 补货 12 箱", nil, "0万0补货0箱"},
		{"主管经理在场", nil, "主管经理在场"},
	} {
		got := ""
		for _, r := range Fold(c.note, c.names).Runes {
			switch r {
			case maskedName:
				got += "#"
			case maskedNumber:
				got += "0"
			default:
				got += string(r)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.note, got, c.want)
		}
	}
}

// The notes of the golden case: 41 of 100 copied with the names swapped.
func TestSwappedNamesAreCopies(t *testing.T) {
	var n Notes
	li := Author{Person: "Rep/li", Team: "Team/east"}
	n.Add(li, 0, 1, sketch("拜访张经理：沟通产品优势，客户表示考虑", "华联超市"))
	m, ok := n.Nearest(li, value.Hour, sketch("拜访陈老师：沟通产品优势，客户表示考虑"), NearIdentical)
	if !ok || m.Record != 1 || m.Jaccard != 1 {
		t.Errorf("own copy: %+v %v", m, ok)
	}
	wu := Author{Person: "Rep/wu", Team: "Team/east"}
	if m, ok = n.Nearest(wu, value.Hour, sketch("拜访李总：沟通产品优势，客户表示考虑"), NearIdentical); !ok || m.Person != "Rep/li" {
		t.Errorf("copy of a colleague: %+v %v", m, ok)
	}
	if _, ok = n.Nearest(wu, 15*value.Day, sketch("拜访李总：沟通产品优势，客户表示考虑"), NearIdentical); ok {
		t.Error("a colleague's note of 15 days ago is still looked at")
	}
	if _, ok = n.Nearest(li, 15*value.Day, sketch("拜访李总：沟通产品优势，客户表示考虑"), NearIdentical); !ok {
		t.Error("an own note of 15 days ago is not looked at")
	}
	n.forget(1)
	if _, ok = n.Nearest(li, value.Day, sketch("拜访李总：沟通产品优势，客户表示考虑"), NearIdentical); ok {
		t.Error("a note that was taken back is still looked at")
	}
}

func TestMatching(t *testing.T) {
	a, b := Fold("今天拜访，沟通产品优势，客户表示考虑", nil), Fold("沟通产品优势！客户要求降价", nil)
	var got []string
	for _, s := range Matching(a, b) {
		got = append(got, string([]rune("今天拜访，沟通产品优势，客户表示考虑")[s.From:s.To]))
	}
	if fmt.Sprint(got) != "[沟通产品优势，客户]" {
		t.Errorf("%q", got)
	}
}

// The index finds what looking at every note finds.
func TestNearestIsExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := []rune("客户表示考虑补货三箱陈列价")
		note := rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOfN(rapid.SampledFrom(letters), 8, 16).Draw(t, "note"))
		})
		var n Notes
		var all []kept
		now := int64(0)
		for i := range rapid.IntRange(1, 60).Draw(t, "notes") {
			now += int64(rapid.IntRange(0, 2).Draw(t, "days")) * value.Day
			who := Author{Person: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "who"), Team: "t"}
			s := sketch(note.Draw(t, "text"))
			least := rapid.SampledFrom([]float64{0.3, 0.5, 0.8}).Draw(t, "least")
			want := 0.0
			for _, k := range all {
				period := int64(TeamPeriod)
				if k.person == who.Person {
					period = OwnPeriod
				}
				if j := Jaccard(k.sketch, s); k.at > now-period && j >= least {
					want = max(want, j)
				}
			}
			m, ok := n.Nearest(who, now, s, least)
			if m.Jaccard != want || ok != (want > 0) {
				t.Fatalf("nearest %v, looking at all finds %v", m, want)
			}
			n.Add(who, now, uint64(i), s)
			all = append(all, kept{at: now, person: who.Person, sketch: s})
		}
	})
}

// templates and edits of the study that the threshold was chosen by.
var templates = []string{"沟通产品优势,客户表示考虑", "今天拜访客户,沟通产品优势,客户表示考虑,后续继续跟进",
	"拜访主任,介绍新品参数,主任表示满意,下周再约", "与采购沟通报价方案,客户需要内部讨论,等待回复",
	"门店陈列已整理,补货3箱,老板反馈动销一般"}

func edited(r *rand.Rand, s string, edits int) string {
	x, words := []rune(s), []rune("的了和在对就也都很较今昨已再")
	for range edits {
		p, w := r.IntN(len(x)), words[r.IntN(len(words))]
		if r.IntN(2) == 0 {
			x[p] = w
		} else {
			x = append(x[:p], append([]rune{w}, x[p:]...)...)
		}
	}
	return string(x)
}

// One edit on each of two copies is found in at least 95 of 100 pairs; distinct real texts are
// taken for copies in at most one of 100 000.
func TestNearDuplicatesOfRealTexts(t *testing.T) {
	methods := []struct {
		name  string
		near  float64 // to what the study that chose the threshold found; its SimHash mixed otherwise
		finds func(a, b Sketch) bool
	}{
		{"J ≥ 0.5", 0.03, func(a, b Sketch) bool { return Jaccard(a, b) >= NearIdentical }},
		{"J ≥ 0.4 or containment ≥ 0.6", 0.03, func(a, b Sketch) bool {
			return Jaccard(a, b) >= 0.4 ||
				float64(Common(a, b)) >= 0.6*float64(min(len(a), len(b)))
		}},
		{"SimHash ≤ 3", 0.03, func(a, b Sketch) bool { return apart(a, b) <= 3 }},
		{"SimHash ≤ 12", 0.25, func(a, b Sketch) bool { return apart(a, b) <= 12 }},
	}
	r := rand.New(rand.NewPCG(3, 3))
	const trials = 4000
	for edits, want := range [][]float64{{1, 1, 1, 1}, {0.98, 1, 0.01, 0.52}, {0.71, 0.88, 0, 0.20},
		{0.18, 0.59, 0, 0.06}} {
		found := make([]int, len(methods))
		for range trials {
			s := templates[r.IntN(len(templates))]
			a, b := sketch(edited(r, s, edits)), sketch(edited(r, s, edits))
			for i, m := range methods {
				if m.finds(a, b) {
					found[i]++
				}
			}
		}
		for i, m := range methods {
			share := float64(found[i]) / trials
			t.Logf("%d edits on each copy: %.3f found by %s, %.2f then", edits, share, m.name, want[i])
			if math.Abs(share-want[i]) > m.near {
				t.Errorf("%d edits, %s: %.3f instead of %.2f", edits, m.name, share, want[i])
			}
		}
		if edits == 1 && found[0] < trials*95/100 {
			t.Errorf("%d of %d copies with one edit found", found[0], trials)
		}
	}
	all := reviews(t)
	wrong, pairs := [2]int{}, 0
	for pairs < 1_000_000 {
		a, b := all[r.IntN(len(all))], all[r.IntN(len(all))]
		if &a[0] == &b[0] {
			continue
		}
		pairs++
		for i := range wrong {
			if methods[i].finds(a, b) {
				wrong[i]++
			}
		}
	}
	t.Logf("of %d pairs of distinct reviews taken for copies: %d, and %d by the wider rule", pairs,
		wrong[0], wrong[1])
	if wrong[0] > pairs/100_000 || wrong[1] > 3*pairs/100_000 {
		t.Errorf("%d of %d pairs", wrong, pairs)
	}
}

func apart(a, b Sketch) int { return bits.OnesCount64(simHash(a) ^ simHash(b)) }

// simHash is the method that ours is held against (Charikar, 2002).
func simHash(s Sketch) (h uint64) {
	var sums [64]int
	for _, p := range s {
		x := uint64(p) * 0x9e3779b97f4a7c15
		x = (x ^ x>>32) * 0xd6e8feb86659fd93
		x ^= x >> 32
		for i := range sums {
			sums[i] += int(x>>i&1)*2 - 1
		}
	}
	for i, n := range sums {
		if n > 0 {
			h |= 1 << i
		}
	}
	return h
}

func reviews(t testing.TB) []Sketch {
	f, err := os.Open(filepath.Join(realdata.Dir(t, "text-reviews"), "waimai_10k.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(z)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	list, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []Sketch
	for _, row := range list[1:] {
		if l := Fold(row[1], nil); len(l.Runes) >= 15 {
			out = append(out, l.Sketch())
		}
	}
	return out
}

func TestVague(t *testing.T) {
	for note, want := range map[string]value.Tri{
		"":   value.Unknown,
		"满意": value.True,
		"沟通产品优势，客户表示考虑":                       value.True,
		"客户有兴趣，回去商量，后续继续跟进":                   value.True,
		"Client is interested, will consider": value.True,
		"库存压了三百箱，临期两批，想退":                     value.False,
		"主任担心耗材涨价":                            value.False,
		"下午拆了两台样机，客户要求换掉密封圈再试一周":              value.False,
		"Asked for 3% off and a trial unit":   value.False,
	} {
		if got := Vague(note, nil); got != want {
			t.Errorf("%q: %v, want %v", note, got, want)
		}
	}
}

func TestHits(t *testing.T) {
	list := []string{"库存积压", "回款慢", "动销差", "窜货"}
	for note, want := range map[string]int{
		"老板说库存积压，回款慢":     2,
		"库存积压库存积压":        1,
		"没有库存积压的问题":       0,
		"库存积压、回款慢、动销差、窜货": 0, // the list itself
		"窜货严重，库存积压两百箱，动销差是因为陈列在二楼，回款慢": 4,
		"": 0,
	} {
		if got := Hits(note, list); len(got) != want {
			t.Errorf("%q: %q, want %d", note, got, want)
		}
	}
}

func TestRichness(t *testing.T) {
	rich := "采购王经理说库存积压了三百箱，嫌贵，我给出满 50 箱 9 折并演示了扫码，约好周五提交报价。他原话：“能退临期我就签”"
	full := Rich(rich, Lexicon{}, nil, false)
	if full.Score < 80 {
		t.Errorf("a rich note scores %v: %+v", full.Score, full.Features)
	}
	if got := Rich("客户满意，再看看", Lexicon{}, nil, false).Score; got != 0 {
		t.Errorf("a vague note scores %v", got)
	}
	if got := Rich(rich, Lexicon{}, nil, true).Score; got != copyCap {
		t.Errorf("a copy scores %v", got)
	}
	if got := Rich(rich, Lexicon{}, []Sketch{sketch(rich)}, false); got.Novelty != 0 || got.Score >= full.Score/2 {
		t.Errorf("what was said before scores %v of %v", got.Score, full.Score)
	}
	sum := 0.0
	for _, f := range full.Features {
		sum += f.Most
	}
	if sum != 100 {
		t.Errorf("the features add up to %v", sum)
	}
}

func TestTravel(t *testing.T) {
	at := func(minutes int64, lat, lng, accuracy float64) Fix {
		return Fix{minutes * value.Minute, value.Place{Lat: lat, Lng: lng, Accuracy: accuracy}}
	}
	shanghai, hangzhou := at(600, 31.2304, 121.4737, 20), at(605, 30.2741, 120.1551, 20)
	for _, c := range []struct {
		what string
		from Fix
		to   Fix
		want value.Tri
	}{
		{"across town in half an hour", shanghai, at(630, 31.20, 121.60, 20), value.True},
		{"to another city in five minutes", shanghai, hangzhou, value.False},
		{"to another city by train", shanghai, at(600+50, 30.2741, 120.1551, 20), value.Unknown},
		{"to another city by car", shanghai, at(600+120, 30.2741, 120.1551, 20), value.True},
		{"two places at one moment", shanghai, at(600, 31.24, 121.4737, 20), value.False},
		{"within the accuracy", shanghai, at(600, 31.2314, 121.4737, 100), value.True},
		{"a record that comes late", hangzhou, shanghai, value.False},
		{"a flight", shanghai, at(600+150, 39.9042, 116.4074, 20), value.Unknown},
		{"faster than planes", shanghai, at(600+30, 39.9042, 116.4074, 20), value.False},
	} {
		if got := DefaultTravel.Plausible(&c.from, c.to); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	mock := shanghai
	mock.Place.Mock = true
	if DefaultTravel.Plausible(nil, mock) != value.False || DefaultTravel.Plausible(nil, shanghai) != value.True {
		t.Error("the first fix is judged by what it says of itself")
	}
}

func TestFiles(t *testing.T) {
	var f Files
	li := []string{"Rep/li", "Store/s1"}
	f.Add(File{SHA256: "aa", Look: 0xff00ff00ff00ff00, Looked: true, Keys: li}, 1)
	for _, c := range []struct {
		what string
		file File
		want Seen
		seen bool
	}{
		{"the same bytes from anybody", File{SHA256: "aa"}, Seen{Record: 1, Bytes: true}, true},
		{"eight bits off", File{SHA256: "bb", Look: 0xff00ff00ff00ffff, Looked: true, Keys: li[:1]},
			Seen{Record: 1, Bits: 8}, true},
		{"nine bits off", File{SHA256: "bb", Look: 0xff00ff00ff01ffff, Looked: true, Keys: li[:1]},
			Seen{}, false},
		{"somebody else's shelf", File{SHA256: "bb", Look: 0xff00ff00ff00ff00, Looked: true,
			Keys: []string{"Rep/wu", "Store/s2"}}, Seen{}, false},
		{"the same shop, another person", File{SHA256: "bb", Look: 0xff00ff00ff00ff00, Looked: true,
			Keys: []string{"Rep/wu", "Store/s1"}}, Seen{Record: 1}, true},
	} {
		got, seen := f.Find(c.file)
		if seen != c.seen || seen && got != c.want {
			t.Errorf("%s: %+v %v", c.what, got, seen)
		}
	}
	f.forget(1)
	if _, seen := f.Find(File{SHA256: "aa", Look: 0xff00ff00ff00ff00, Looked: true, Keys: li}); seen {
		t.Error("a file that was taken back cannot come again")
	}
	for record := range uint64(3) {
		f.Add(File{SHA256: "cc"}, record)
	}
	for record := range uint64(3) {
		f.forget(record)
		got, seen := f.Find(File{SHA256: "cc"})
		if seen != (record < 2) || seen && got != (Seen{Record: record + 1, Bytes: true}) {
			t.Errorf("once %d was taken back, the file came with %+v %v", record, got, seen)
		}
	}
}

// The bands find what looking at every picture finds.
func TestLooksAreExhaustive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f Files
		base := rapid.Uint64().Draw(t, "base")
		var all []uint64
		for i := range rapid.IntRange(1, 40).Draw(t, "pictures") {
			h := base
			for _, b := range rapid.SliceOfN(rapid.IntRange(0, 63), 0, 14).Draw(t, "bits") {
				h ^= 1 << b
			}
			x := File{Look: h, Looked: true, Keys: []string{"Rep/li"}}
			want := SameLook + 1
			for _, o := range all {
				n := 0
				for d := o ^ h; d != 0; d &= d - 1 {
					n++
				}
				want = min(want, n)
			}
			if got, seen := f.Find(x); seen != (want <= SameLook) || seen && got.Bits != want {
				t.Fatalf("%+v %v, looking at all finds %d", got, seen, want)
			}
			f.Add(x, uint64(i))
			all = append(all, h)
		}
	})
}

func TestPace(t *testing.T) {
	var p Pace
	for i := range int64(4) {
		if o := p.OriginOf("Rep/li", i*20*value.Second, i*20*value.Second, false); o != Live {
			t.Errorf("record %d: %v", i+1, o)
		}
		p.Add("Rep/li", i*20*value.Second, uint64(i))
	}
	if n := p.Burst("Rep/li", 80*value.Second, value.Minute); n != 3 {
		t.Errorf("%d within a minute", n)
	}
	now := 80 * value.Second
	for _, c := range []struct {
		person   string
		at       int64
		imported bool
		want     Origin
	}{
		{"Rep/li", now, false, Batch}, {"Rep/wu", now, false, Live}, {"Rep/li", now, true, System},
		{"Rep/wu", now - 25*value.Hour, false, Late}, {"Rep/wu", now - 24*value.Hour, false, Live},
	} {
		if o := p.OriginOf(c.person, c.at, now, c.imported); o != c.want {
			t.Errorf("%+v: %v", c, o)
		}
	}
	if Prompt(0, value.Hour, value.Hour) != value.True || Prompt(0, value.Hour+1, value.Hour) != value.False {
		t.Error("prompt is up to and with its duration")
	}
}

func TestDevices(t *testing.T) {
	var d Devices
	for i := range KnownDevice {
		if d.Usual("Rep/li", "HUAWEI P60") != value.Unknown {
			t.Error("judged before any device is known")
		}
		d.Add("Rep/li", "HUAWEI P60", uint64(i))
	}
	for device, want := range map[string]value.Tri{"HUAWEI P60": value.True, "iPhone 15": value.False,
		"": value.Unknown} {
		if got := d.Usual("Rep/li", device); got != want {
			t.Errorf("%q: %v, want %v", device, got, want)
		}
	}
	(&Memory{Devices: d}).Forget(1)
	if d.Usual("Rep/li", "HUAWEI P60") != value.Unknown {
		t.Error("a photo that was taken back still counts")
	}
}

// filled is a memory after some days of work.
func filled() *Memory {
	m := &Memory{}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
		who := Author{Person: fmt.Sprint("Rep/", i%7), Team: fmt.Sprint("Team/", i%2)}
		at := int64(i) * value.Hour
		m.Notes.Add(who, at, uint64(i), sketch(edited(r, templates[i%5], 3)))
		m.Files.Add(File{SHA256: fmt.Sprint(i), Look: r.Uint64(), Looked: true,
			Keys: []string{who.Person}}, uint64(i))
		m.Files.Add(File{SHA256: fmt.Sprint(i % 9)}, uint64(i))
		m.Pace.Add(who.Person, at, uint64(i))
		m.Devices.Add(who.Person, "a phone", uint64(i))
		m.Said.Add("Store/s", uint64(i), sketch(templates[i%5]))
		m.Fixes.Add(who.Person, uint64(i), Fix{at, value.Place{Lat: 31, Lng: float64(i)}})
	}
	return m
}

// What nothing is left of leaves nothing: a memory that was read back forgets as the one it was.
func TestForgottenMemoriesAreReadBack(t *testing.T) {
	m := filled()
	for record := range uint64(400) {
		if m.Forget(record); record%50 > 0 && record < 396 {
			continue
		}
		b := m.Append(nil)
		got, _, err := Load(b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Append(nil), b) {
			t.Fatalf("without the first %d records the memory that is read back is another", record+1)
		}
	}
}

func TestMemoryIsReadBack(t *testing.T) {
	m := filled()
	b := m.Append(nil)
	got, rest, err := Load(append(bytes.Clone(b), 7))
	if err != nil || len(rest) != 1 {
		t.Fatal(err, rest)
	}
	if !bytes.Equal(got.Append(nil), b) {
		t.Error("what was read back is written differently")
	}
	s := sketch("门店陈列已整理,补货3箱,老板反馈动销一般")
	a, _ := m.Notes.Nearest(Author{"Rep/1", "Team/1"}, 400*value.Hour, s, 0.3)
	c, _ := got.Notes.Nearest(Author{"Rep/1", "Team/1"}, 400*value.Hour, s, 0.3)
	if a != c || a.Jaccard == 0 {
		t.Errorf("%+v before, %+v after", a, c)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(filled().Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, _, err := Load(b)
		if err != nil {
			return
		}
		again, _, err := Load(m.Append(nil))
		if err != nil || !bytes.Equal(again.Append(nil), m.Append(nil)) {
			t.Error("what was read is not written alike", err)
		}
	})
}

// BenchmarkNearest holds a note against 600 of one's own and 14 days of a team of fifty.
func BenchmarkNearest(b *testing.B) {
	all := reviews(b)
	var n Notes
	now := int64(0)
	for i := range 600 {
		now += 3 * value.Hour
		n.Add(Author{Person: "Rep/li", Team: "Team/east"}, now, uint64(i), all[i])
	}
	for i := range 50 * 10 * 10 {
		n.Add(Author{Person: fmt.Sprint("Rep/", i%49), Team: "Team/east"}, now, uint64(i), all[i%len(all)])
	}
	i := 0
	for b.Loop() {
		i++
		n.Nearest(Author{Person: "Rep/li", Team: "Team/east"}, now, all[(i*31)%len(all)], NearIdentical)
	}
}
