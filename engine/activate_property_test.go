package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// log is what an engine took in and made, so that another policy can take it in as facts.
type log struct {
	line   []string // of a record
	moment []int64
	step   []*engine.StepChange
}

// keep makes a world write the log of what it does.
func (w *world) keep(lines []string) *log {
	l := &log{}
	add := func(line string, in *engine.Entry) {
		l.line, l.moment = append(l.line, line), append(l.moment, in.Moment)
		l.step = append(l.step, in.Step)
	}
	for _, line := range lines {
		if to, ok := strings.CutPrefix(line, "until "); ok {
			w.e.Advance(moment(to, w.e.Zone()), func(in *engine.Entry, _ *decision.Decision) { add("", in) })
			continue
		}
		text := []byte(line)
		w.decoder.Decode(text, nil, &w.rec)
		in := engine.Entry{Kind: decision.Record, Moment: max(w.rec.Received, w.e.Now()), Record: &w.rec}
		w.e.Apply(&in, func(x *engine.Entry, _ *decision.Decision) {
			if x.Kind == decision.Record {
				add(line, x)
			} else {
				add("", x)
			}
		})
		overwrite(text)
	}
	return l
}

// rebuild is an engine of another policy that has taken in a log.
func rebuild(t rapid.TB, p *policy.Policy, l *log) *engine.Engine {
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := record.NewDecoder(p, e.Zone())
	for i, line := range l.line {
		in := engine.Entry{Kind: decision.Tick, Moment: l.moment[i]}
		switch {
		case line != "":
			var r record.Record
			d.Decode([]byte(line), nil, &r)
			in.Kind, in.Record = decision.Record, &r
		case l.step[i] != nil && l.step[i].Type != nil:
			s := *l.step[i]
			for _, r := range p.Records {
				if s.Type != nil && r.Full == s.Type.Full { // a row of what the engine keeps has none
					s.Field, s.Type = r.Fields[s.Field.Index], r
					break
				}
			}
			in.Kind, in.Step = decision.Step, &s
		}
		e.Absorb(&in)
	}
	return e
}

// standing is what alerts are open and who is a member, by declaration.
func standing(e *engine.Engine) map[string]string {
	out := map[string]string{}
	for _, a := range e.Policy().Alerts {
		out[a.Name] = strings.Join(e.OpenAlerts(a.Full), " ")
	}
	for _, s := range e.Policy().Segments {
		out[s.Name] = strings.Join(e.Members(s.Full), " ")
	}
	return out
}

// withoutRetractions leaves out what takes events back: the rows to take out are another policy's.
func withoutRetractions(lines []string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, `"retracted"`) })
}

// TestActivatingTheSamePolicy holds an engine rebuilt with its own policy to the one it replaces.
func TestActivatingTheSamePolicy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := drawPolicy(rt)
		p := quietly(t, rt, text)
		lines := withoutRetractions(drawScript(rt, rapid.IntRange(2, 50).Draw(rt, "records")))
		cut := rapid.IntRange(min(1, len(lines)), len(lines)).Draw(rt, "cut")
		w := newWorld(t, p, engine.Options{})
		l := w.keep(lines[:cut])
		z := newWorld(t, check(t, text), engine.Options{})
		z.e = rebuild(rt, z.e.Policy(), l)
		for _, s := range z.e.Adopt(w.e) {
			if !s.Kept {
				rt.Fatalf("%s is unchanged and was not kept", s.Declaration)
			}
		}
		if got, want := standing(z.e), standing(w.e); !maps.Equal(got, want) {
			rt.Fatalf("standing is %v instead of %v", got, want)
		}
		w.play(lines[cut:])
		z.play(lines[cut:])
		sameLines(rt, "after activation", z.out.String(), w.out.String())
	})
}

// renamedFields gives two fields that what is kept reads other names.
var renamedFields = strings.NewReplacer("seen    int", "watched was seen int", "seen >= 2", "watched >= 2",
	"Rep.seen", "Rep.watched", "minutes int;", "length was minutes int;", "Visit.minutes", "Visit.length",
	"minutes > 90", "length > 90", "visits == 0", "calls == 0",
	"Store.visits", "Store.calls", "  visits  int", "  calls was visits int")

// TestActivatingAnotherPolicy holds a change of policy to silence: nothing new is said until
// something happens; what is unchanged keeps its state, a rename carries it, what is new is
// what the condition says; and it is the same twice.
func TestActivatingAnotherPolicy(t *testing.T) {
	kept := `alert Quiet of Store { when visits == 0; for 2d; do { note "{name}" } }
segment Big of Rep { when seen >= 2 }
`
	old := schema + kept + `segment Mine of Rep { when owns >= 1; enter { note "new" } }` + "\n"
	next := renamedFields.Replace(schema+kept) + `segment Ours was Mine of Rep { when owns >= 1; enter { note "new" } }
alert Fresh of Store { when calls >= 1; do { note "open" } }
alert Fifth of Rep { check each day; when watched >= 3; do { note "open" } }
rule Turned on Rep { when watched >= 1; do { note "turned" } }
`
	p, q := check(t, old), check(t, next)
	rapid.Check(t, func(rt *rapid.T) {
		lines := withoutRetractions(drawScript(rt, rapid.IntRange(2, 50).Draw(rt, "records")))
		w := newWorld(t, p, engine.Options{})
		l := w.keep(lines)
		was := standing(w.e)
		e, twin := rebuild(rt, q, l), rebuild(rt, q, l)
		for _, s := range e.Adopt(w.e) {
			if kept := s.Declaration == "Quiet" || s.Declaration == "Big" || s.Declaration == "Ours"; s.Kept != kept {
				rt.Fatalf("%s is kept: %v", s.Declaration, s.Kept)
			}
		}
		twin.Adopt(w.e)
		if e.StateHash() != twin.StateHash() {
			rt.Fatal("one log and one policy, two states")
		}
		now := standing(e)
		if now["Quiet"] != was["Quiet"] || now["Big"] != was["Big"] || now["Ours"] != was["Mine"] {
			rt.Fatalf("standing is %v after %v", now, was)
		}
		fields, fresh, fifth := newAsker(q, e).all(), []string{}, []string{}
		for k, v := range fields {
			if id, ok := strings.CutSuffix(k, ".calls"); ok && v != "0" && k[0] == 'S' {
				fresh = append(fresh, strings.TrimPrefix(id, "Store/"))
			}
			if id, ok := strings.CutSuffix(k, ".watched"); ok && len(v) == 1 && v >= "3" || ok && len(v) > 1 {
				fifth = append(fifth, strings.TrimPrefix(id, "Rep/"))
			}
		}
		slices.Sort(fresh)
		slices.Sort(fifth)
		if now["Fresh"] != strings.Join(fresh, " ") || now["Fifth"] != strings.Join(fifth, " ") {
			rt.Fatalf("open are %v, the conditions hold for %v and %v", now, fresh, fifth)
		}
		e.Apply(&engine.Entry{Kind: decision.Command, Moment: e.Now()},
			func(_ *engine.Entry, d *decision.Decision) {
				if len(d.Effects) > 0 {
					rt.Fatalf("an effect of %s at activation", d.Effects[0].Rule)
				}
			})
	})
}
