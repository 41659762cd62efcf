package insight_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/engine/record"
)

// shop has a metric of a state by when rows closed, one of a state as it stands, and one of events.
const shop = `
entity Deal { team text?; amount int?; won bool?; closed time? }
event Call { team text?; minutes int? }
metric Rate of Deal { value share(won); where amount > 10; at closed; by team; every month }
metric Sum  of Deal { value sum(amount where won) - count(); at closed; by team; every month }
metric Open of Deal { value count(Deal where not has closed); by team; every month }
metric Talk of Call { value avg(minutes); by team; every month }
metric Mid  of Call { value median(minutes) + 1; by team; every month }
alert Short of Talk by team { check each month; when value < 1 }
alert Odd   of Mid  by team { check each month; when value < 1 }
`

// row is a record as the oracle remembers it.
type row struct {
	call           bool
	id, team       string
	amount         int
	known, won     bool
	at, closed     time.Time
	judged, closes bool
}

func (r row) line() string {
	var b strings.Builder
	typ := "Deal"
	if r.call {
		typ = "Call"
	}
	fmt.Fprintf(&b, `{"type":"%s","id":"%s","at":"%s"`, typ, r.id, r.at.Format(time.RFC3339))
	text := func(name, v string) { fmt.Fprintf(&b, `,"%s":%s`, name, v) }
	if r.team != "" {
		text("team", `"`+r.team+`"`)
	}
	if r.known && r.call {
		text("minutes", fmt.Sprint(r.amount))
	} else if r.known {
		text("amount", fmt.Sprint(r.amount))
	}
	if r.judged && !r.call {
		text("won", fmt.Sprint(r.won))
	}
	if r.closes && !r.call {
		text("closed", `"`+r.closed.Format(time.RFC3339)+`"`)
	}
	return b.String() + "}"
}

// rows are drawn in order of time; a deal's later record changes it.
func rows(t *rapid.T, zone *time.Location) []row {
	at := time.Date(2023, 1, 1, 9, 0, 0, 0, zone)
	var out []row
	for i := range rapid.IntRange(1, 60).Draw(t, "rows") {
		at = at.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
		r := row{at: at, call: rapid.Bool().Draw(t, "call"),
			known:  rapid.IntRange(0, 4).Draw(t, "known") > 0,
			team:   rapid.SampledFrom([]string{"", "east", "west"}).Draw(t, "team"),
			amount: rapid.IntRange(0, 40).Draw(t, "amount"), won: rapid.Bool().Draw(t, "won"),
			judged: rapid.IntRange(0, 3).Draw(t, "judged") > 0, closes: rapid.Bool().Draw(t, "closes")}
		r.id = fmt.Sprintf("c%d", i)
		if !r.call {
			r.id = fmt.Sprintf("d%d", rapid.IntRange(0, 15).Draw(t, "id"))
		}
		r.closed = at.AddDate(0, 0, -rapid.IntRange(0, 100).Draw(t, "closed"))
		out = append(out, r)
	}
	return out
}

// present are the rows as they are after the first n records, merged as entities are.
func present(all []row) []row {
	var out []row
	for _, r := range all {
		i := slices.IndexFunc(out, func(o row) bool { return o.id == r.id })
		if i < 0 {
			out = append(out, r)
			continue
		}
		o := &out[i]
		if r.team != "" {
			o.team = r.team
		}
		if r.known {
			o.known, o.amount = true, r.amount
		}
		if r.judged {
			o.judged, o.won = true, r.won
		}
		if r.closes {
			o.closes, o.closed = true, r.closed
		}
	}
	return out
}

// naive is a metric's value over rows; ok is false where it is missing.
func naive(metric string, rows []row) (v float64, ok bool) {
	var values []float64
	n, sum, won := 0, 0, 0
	for _, r := range rows {
		n++
		switch metric {
		case "Rate":
			if r.judged {
				values = append(values, 0)
				if r.won {
					won++
				}
			}
		case "Sum":
			if r.judged && r.won && r.known {
				sum += r.amount
			}
		case "Open":
			if !r.closes {
				sum++
			}
		default:
			if r.known {
				values = append(values, float64(r.amount))
				sum += r.amount
			}
		}
	}
	switch k := float64(len(values)); metric {
	case "Rate":
		return float64(won) / k, k > 0
	case "Sum":
		return float64(sum - n), true
	case "Open":
		return float64(sum), true
	case "Talk":
		return float64(sum) / k, k > 0
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	h := len(values) / 2
	return (values[h]+values[(len(values)-1)/2])/2 + 1, true
}

func takes(metric string, r row) (time.Time, bool) {
	switch metric {
	case "Rate":
		return r.closed, !r.call && r.closes && r.known && r.amount > 10
	case "Sum":
		return r.closed, !r.call && r.closes
	}
	return r.at, r.call == (metric != "Open")
}

func month(t time.Time) string { return t.Format("2006-01") }

// figure is one month's.
type figure struct {
	v       float64
	ok, has bool
	n       int
}

// ofMonth works one figure of a group out from the records.
func ofMonth(metric, team string, all []row, m, last time.Time) (f figure) {
	upTo := all
	if metric == "Open" {
		upTo = nil
		for _, r := range all {
			if r.at.Before(m.AddDate(0, 1, 0)) {
				upTo = append(upTo, r)
			}
		}
	}
	var in []row
	for _, r := range present(upTo) {
		at, ok := takes(metric, r)
		if ok && r.team == team && (metric == "Open" || month(at) == month(m)) && !at.After(last) {
			in = append(in, r)
		}
	}
	f.n = len(in)
	f.v, f.ok = naive(metric, in)
	f.has = f.ok || f.n > 0
	return f
}

// baseline is the mean and the sample deviation; of fewer than three figures there is none.
func baseline(before []figure) (mean, sd float64) {
	var known []float64
	for _, f := range before {
		if f.ok {
			known = append(known, f.v)
		}
	}
	k := float64(len(known))
	if k < 3 {
		return math.NaN(), math.NaN()
	}
	for _, v := range known {
		mean += v / k
	}
	for _, v := range known {
		sd += (v - mean) * (v - mean) / (k - 1)
	}
	return mean, math.Sqrt(sd)
}

// expected works all figures of a group out: "month value n mean sd previous last_year".
func expected(metric, team string, all []row, first, last time.Time) (out []string) {
	var figures []figure
	at := func(i int) string {
		if i < 0 || !figures[i].ok {
			return "–"
		}
		return show(figures[i].v)
	}
	for i := 0; ; i++ {
		m := time.Date(first.Year(), first.Month()+time.Month(i), 1, 0, 0, 0, 0, first.Location())
		if m.After(last) {
			return out
		}
		f := ofMonth(metric, team, all, m, last)
		mean, sd := baseline(figures[max(0, i-12):])
		if figures = append(figures, f); f.has {
			out = append(out, fmt.Sprint(month(m), " ", at(i), " ", f.n, " ", show(mean), " ",
				show(sd), " ", at(i-1), " ", at(i-12)))
		}
	}
}

func show(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.9g", math.Round(v*1e9)/1e9+0)
}

func shown(v value.Value) string {
	switch {
	case !v.Known():
		return "–"
	case v.Kind.Class() == value.Float:
		return show(v.Float())
	}
	return show(float64(v.N))
}

// TestFiguresAreWhatTheRecordsSay compares every figure with one worked out from all records anew.
func TestFiguresAreWhatTheRecordsSay(t *testing.T) {
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: shop}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := p.Metrics[rapid.IntRange(0, len(p.Metrics)-1).Draw(rt, "metric")]
		q := insight.Ask(p, m, m.By, m.Every)
		e, err := engine.New(q.Policy, engine.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		all := rows(rt, e.Zone())
		last := feed(e, q, all)
		q.Take(e)
		figures := q.Figures()
		nowIsTheSame(rt, p, insight.Ask(p, m, m.By, m.Every), all, figures)
		got := map[string][]string{}
		var earliest time.Time
		for i := range figures {
			f := &figures[i]
			start := time.UnixMicro(f.Start).In(e.Zone())
			if earliest.IsZero() || start.Before(earliest) {
				earliest = start
			}
			got[f.By[0].S] = append(got[f.By[0].S], fmt.Sprint(q.Label(f), " ", shown(f.Value), " ",
				f.N, " ", shown(f.Mean), " ", shown(f.SD), " ", shown(f.Previous), " ",
				shown(f.LastYear)))
		}
		for _, team := range []string{"", "east", "west"} {
			if got[team] == nil {
				continue // a group without a row has no figures
			}
			want := expected(m.Name, team, all, earliest, last)
			if !slices.Equal(got[team], want) {
				rt.Fatalf("%s of %q:\n%s\nwant\n%s", m.Name, team, strings.Join(got[team], "\n"),
					strings.Join(want, "\n"))
			}
		}
	})
}

// nowIsTheSame reads the figures off an engine that keeps nothing for the question: they are those
// that the whole log gives.
func nowIsTheSame(
	t *rapid.T, p *policy.Policy, q *insight.Question, all []row, want []insight.Figure,
) {
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := record.NewDecoder(p, e.Zone())
	var r record.Record
	for _, x := range all {
		d.Decode([]byte(x.line()), nil, &r)
		e.Absorb(&engine.Entry{Kind: decision.Record, Moment: x.at.UnixMicro(), Record: &r})
	}
	if is := q.TakeNow(e); is == q.Metric.Taken() {
		t.Fatalf("%s is read off the engine: %v", q.Metric.Name, is)
	} else if !is {
		return
	}
	if got := q.Figures(); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s read off the engine:\n%v\nwant\n%v", q.Metric.Name, got, want)
	}
}

// feed gives an engine all records, and takes the metric of a state whenever a month closes.
func feed(e *engine.Engine, q *insight.Question, all []row) (last time.Time) {
	d := record.NewDecoder(q.Policy, e.Zone())
	var r record.Record
	next := int64(0)
	for _, x := range all {
		last = x.at
		moment := x.at.UnixMicro()
		if next == 0 {
			next = q.Closes(e, moment)
		}
		for moment >= next {
			if q.Metric.Taken() {
				e.AbsorbUntil(next - 1)
				q.Take(e)
			}
			next = q.Closes(e, next)
		}
		d.Decode([]byte(x.line()), nil, &r)
		e.Absorb(&engine.Entry{Kind: decision.Record, Moment: moment, Record: &r})
	}
	return last
}
