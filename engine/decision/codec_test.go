package decision_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// sameDecision compares decisions as the log sees them: policy nodes by identity, floats by bits,
// references without handles, empty slices like absent ones.
func sameDecision(a, b *decision.Decision) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmpopts.EquateNaNs(),
		cmp.Comparer(func(x, y *policy.Record) bool { return x == y }),
		cmp.Comparer(func(x, y *policy.Field) bool { return x == y }),
		cmp.Comparer(func(x, y *policy.Score) bool { return x == y }),
		cmp.Comparer(func(x, y *policy.Effect) bool { return x == y }),
		cmp.Comparer(func(x, y *decision.Watch) bool {
			return x.Head == y.Head && x.What == y.What && len(x.Parts) == len(y.Parts)
		}))
}

// draw holds the generators of everything a decision can hold.
type draw struct {
	*rapid.T
	s *shop
}

func (d draw) text() string { return rapid.StringN(0, 12, 80).Draw(d.T, "text") }

func (d draw) number() float64 {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{
		0, 1, 72.5, 0.4, -1, math.Copysign(0, -1), math.Inf(1), math.MaxFloat64,
		math.SmallestNonzeroFloat64})).Draw(d.T, "number")
}

func (d draw) ref() decision.Ref {
	t := rapid.SampledFrom([]*policy.Record{nil, d.s.rep, d.s.deal}).Draw(d.T, "type")
	return decision.Ref{Type: t, ID: d.text()}
}

func (d draw) place() *value.Place {
	return &value.Place{Lat: d.number(), Lng: d.number(), Accuracy: d.number(),
		Datum: value.Datum(rapid.IntRange(0, 2).Draw(d.T, "datum")),
		Mock:  rapid.Bool().Draw(d.T, "mock")}
}

func (d draw) value(deep int) value.Value {
	last := value.WorkHours
	if deep == 0 {
		last = value.Distance
	}
	k := value.Kind(rapid.IntRange(0, int(last)).Draw(d.T, "kind"))
	switch {
	case k == value.Missing:
		return value.Value{}
	case k == value.Ref || k.Class() == value.String:
		return value.Value{Kind: k, S: d.text()}
	case k.Class() == value.Word:
		return value.OfWord(k, rapid.OneOf(rapid.Int64Range(-3, 12), rapid.Int64()).Draw(d.T, "word"))
	case k.Class() == value.Float:
		return value.OfFloat(k, d.number())
	case k == value.Point:
		return value.Value{Kind: k, X: d.place()}
	case k == value.Area:
		return value.Value{Kind: k, X: &value.Region{Radius: d.number(),
			Points: []value.Place{*d.place()}}}
	case k == value.List || k == value.Row:
		return value.Value{Kind: k, X: d.values(7, deep-1)}
	}
	return value.Value{Kind: k, X: &value.Media{SHA256: d.text(), Name: d.text(),
		Size: rapid.Int64().Draw(d.T, "size"), Taken: d.value(0), Location: d.value(deep - 1)}}
}

func (d draw) values(most, deep int) []value.Value {
	out := make([]value.Value, 0, most)
	for range rapid.IntRange(0, most).Draw(d.T, "n") {
		out = append(out, d.value(deep))
	}
	return out
}

func (d draw) refs() []decision.Ref {
	var out []decision.Ref
	for range rapid.IntRange(0, 3).Draw(d.T, "n") {
		out = append(out, d.ref())
	}
	return out
}

func (d draw) span() source.Span {
	n := rapid.Int32Range(0, 1<<20)
	return source.Span{File: n.Draw(d.T, "file"), Off: n.Draw(d.T, "off"), End: n.Draw(d.T, "end")}
}

func (d draw) effect() decision.Effect {
	type place struct {
		rule   string
		effect *policy.Effect
	}
	p := rapid.SampledFrom([]place{{"BigDeal", d.s.task}, {"BigDeal", d.s.set},
		{"Quiet", d.s.tell}, {"Quiet", nil}, {"Tiered", nil}}).Draw(d.T, "place")
	return decision.Effect{
		Kind: decision.EffectKind(rapid.IntRange(0, int(decision.Segment)).Draw(d.T, "kind")),
		Rule: p.rule, Effect: p.effect, Span: d.span(), Subject: d.ref(), For: d.refs(),
		Args: d.values(3, 2), Names: d.values(2, 0), Count: rapid.Int().Draw(d.T, "count"),
		Due: rapid.Int64().Draw(d.T, "due"), With: d.refs(), Target: d.ref(), Value: d.value(2),
		State:  decision.State(rapid.IntRange(0, int(decision.Leave)).Draw(d.T, "state")),
		Tier:   d.text(),
		Shadow: rapid.Bool().Draw(d.T, "shadow"),
	}
}

func (d draw) decision() *decision.Decision {
	out := &decision.Decision{
		Seq:     rapid.Uint64().Draw(d.T, "seq"),
		Kind:    decision.Kind(rapid.IntRange(0, int(decision.Erase)).Draw(d.T, "kind")),
		Cause:   rapid.Uint64().Draw(d.T, "cause"),
		Depth:   rapid.IntRange(0, 16).Draw(d.T, "depth"),
		Moment:  rapid.Int64().Draw(d.T, "moment"),
		Record:  d.ref(),
		Outcome: decision.Outcome(rapid.IntRange(0, int(decision.Dropped)).Draw(d.T, "outcome")),
		Row:     rapid.SliceOf(rapid.Byte()).Draw(d.T, "row"),
	}
	out.At = rapid.SampledFrom([]int64{out.Moment, 0, 5}).Draw(d.T, "at")
	for range rapid.IntRange(0, 2).Draw(d.T, "findings") {
		out.Findings = append(out.Findings, decision.Finding{
			Code: source.Code(d.text()), Args: []string{d.text()}, Rule: d.text(), Span: d.span(),
			Field: rapid.SampledFrom([]*policy.Field{nil, d.s.deal.Fields[1]}).Draw(d.T, "field")})
	}
	for i := range out.Findings {
		out.Findings[i].Verdict = decision.Verdict(rapid.IntRange(0, 4).Draw(d.T, "verdict"))
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "actions") {
		tri := rapid.SampledFrom([]value.Tri{value.False, value.Unknown, value.True})
		out.Actions = append(out.Actions, decision.Completion{Action: d.s.policy.Actions[0],
			Done: tri.Draw(d.T, "done"), Counted: tri.Draw(d.T, "counted")})
	}
	if rapid.Bool().Draw(d.T, "scored") {
		out.Scores = append(out.Scores, decision.Scored{Score: d.s.score, Value: d.number(),
			Known: true, Terms: []decision.TermValue{{Value: d.number(), Skipped: true}, {Known: true}}})
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "effects") {
		e := d.effect()
		if rapid.Bool().Draw(d.T, "plain") { // the usual: about the record, standing where it stands
			e.Subject, e.State, e.Tier = out.Record, decision.NoState, ""
			if e.Effect != nil {
				e.Span = e.Effect.Span
			}
		}
		out.Effects = append(out.Effects, e)
	}
	return out
}

func (d draw) receipts(out *decision.Decision) {
	watches := append(decision.Watches(d.s.policy),
		&decision.Watch{Head: &d.s.score.Head, What: "term", Index: -1})
	out.Subjects = d.refs()
	for range rapid.IntRange(1, 4).Draw(d.T, "receipts") {
		from := int32(len(out.Seen))
		out.Seen = append(out.Seen, d.values(3, 1)...)
		out.Receipts = append(out.Receipts, decision.Receipt{
			Watch:   rapid.SampledFrom(watches).Draw(d.T, "watch"),
			Verdict: value.Tri(rapid.IntRange(0, 2).Draw(d.T, "verdict")),
			Part:    int16(rapid.IntRange(-1, 40).Draw(d.T, "part")),
			Subject: int32(rapid.IntRange(-1, len(out.Subjects)-1).Draw(d.T, "subject")),
			From:    from, To: int32(len(out.Seen))})
	}
}

func TestDecisionsComeBackAsTheyWereStored(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	var got decision.Decision // one for all, so that decoding over old contents is tried as well
	rapid.Check(t, func(rt *rapid.T) {
		want := draw{rt, s}.decision()
		b := c.AppendDecision(nil, want)
		if err := c.Decode(b, &got); err != nil {
			rt.Fatal(err)
		}
		if diff := sameDecision(want, &got); diff != "" {
			rt.Fatalf("stored and read again (-stored +read):\n%s", diff)
		}
	})
}

func TestReceiptsComeBackWithWhatAPersonReads(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	rapid.Check(t, func(rt *rapid.T) {
		want := &decision.Decision{}
		draw{rt, s}.receipts(want)
		b := c.AppendWhy(nil, want)
		got := &decision.Decision{}
		if err := c.DecodeWhy(b, got); err != nil {
			rt.Fatal(err)
		}
		if again := c.AppendWhy(nil, got); string(again) != string(b) {
			rt.Fatalf("packed %x\nagain  %x", b, again)
		}
		want.Seen, got.Seen = nil, nil // cut on purpose
		if diff := sameDecision(want, got); diff != "" {
			rt.Fatalf("stored and read again (-stored +read):\n%s", diff)
		}
	})
}

func TestReceiptsCutLongValues(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	long := strings.Repeat("库存", 40)
	list := make([]value.Value, 9)
	for i := range list {
		list[i] = value.OfWord(value.Int, int64(i))
	}
	d := &decision.Decision{
		Seen: []value.Value{value.OfText(long), {Kind: value.List, X: list},
			{Kind: value.Photo, X: &value.Media{Name: "a.jpg", SHA256: strings.Repeat("0", 64)}}},
		Receipts: []decision.Receipt{{Watch: decision.Watches(s.policy)[0], Subject: -1, To: 3}}}
	b := c.AppendWhy(nil, d)
	got := &decision.Decision{}
	if err := c.DecodeWhy(b, got); err != nil {
		t.Fatal(err)
	}
	cut := append([]value.Value{}, list[:4]...)
	want := []value.Value{value.OfText(strings.Repeat("库存", 7) + "库…"),
		{Kind: value.List, X: append(cut, value.OfText("…"))},
		{Kind: value.Photo, X: &value.Media{Name: "a.jpg"}}}
	if diff := cmp.Diff(want, got.Seen); diff != "" {
		t.Error(diff)
	}
}

func TestClonesShareNothing(t *testing.T) {
	s := newShop()
	rapid.Check(t, func(rt *rapid.T) {
		d := draw{rt, s}.decision()
		draw{rt, s}.receipts(d)
		c := decision.NewCodec(s.policy)
		before := append(c.AppendDecision(nil, d), c.AppendWhy(nil, d)...)
		clone := d.Clone()
		if diff := sameDecision(d, clone); diff != "" {
			rt.Fatal(diff)
		}
		d.Reset()
		for range 3 { // what the engine's next call writes over the old memory
			d.AddEffect().Args = append(d.Effects[0].Args, value.OfText("over"))
			d.AddFinding().Args = append(d.Findings[0].Args, "over")
			d.AddScore().Terms = append(d.Scores[0].Terms, decision.TermValue{})
		}
		d.Seen = append(d.Seen, value.OfText("over"))
		after := append(c.AppendDecision(nil, clone), c.AppendWhy(nil, clone)...)
		if string(before) != string(after) {
			rt.Fatal("writing over a decision changed its clone")
		}
	})
}

func TestCodecRefusesWhatItDidNotWrite(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	good := c.AppendDecision(nil, &decision.Decision{Kind: decision.Record, Outcome: decision.Accepted,
		Seq: 300, Moment: 5, At: 5, Record: decision.Ref{Type: s.deal, ID: "d1"}})
	cases := []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "ends 1 bytes early"},
		{"another form", append([]byte{9}, good[1:]...), "form 9"},
		{"cut short", good[:len(good)-1], "ends 1 bytes early"},
		{"followed by more", append(good[:len(good):len(good)], 0), "1 bytes follow"},
		{"a type the policy lacks", []byte(strings.Replace(string(good), "Deal", "Dead", 1)),
			`no record type "Dead"`},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			err := c.Decode(tt.b, new(decision.Decision))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decode(%x) = %v, want an error with %q", tt.b, err, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	seed := rapid.Custom(func(t *rapid.T) *decision.Decision { return draw{t, s}.decision() })
	for i := range 20 {
		f.Add(c.AppendDecision(nil, seed.Example(i)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decision.Decision
		if c.Decode(b, &d) != nil {
			return
		}
		if again := c.AppendDecision(nil, &d); string(again) != string(b) {
			t.Errorf("%x is read as what is stored as %x", b, again)
		}
	})
}

func FuzzDecodeWhy(f *testing.F) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	seed := rapid.Custom(func(t *rapid.T) *decision.Decision {
		d := new(decision.Decision)
		draw{t, s}.receipts(d)
		return d
	})
	for i := range 20 {
		f.Add(c.AppendWhy(nil, seed.Example(i)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decision.Decision
		if c.DecodeWhy(b, &d) != nil {
			return
		}
		if again := c.AppendWhy(nil, &d); string(again) != string(b) {
			t.Errorf("%x is read as what is stored as %x", b, again)
		}
	})
}

func TestPackingDoesNotAllocate(t *testing.T) {
	s := newShop()
	c := decision.NewCodec(s.policy)
	d := &decision.Decision{Kind: decision.Record, Outcome: decision.Accepted, Seq: 300,
		Record: decision.Ref{Type: s.deal, ID: "d1"},
		Effects: []decision.Effect{{Kind: decision.Set, Rule: "BigDeal", Effect: s.set,
			Value: value.OfWord(value.Choice, 0)}},
		Seen: []value.Value{value.OfWord(value.Money, 5), value.OfFloat(value.Percent, 0.4)},
	}
	for _, w := range decision.Watches(s.policy) {
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: w, Subject: -1, To: 2})
	}
	buf := make([]byte, 0, 4096)
	got := testing.AllocsPerRun(100, func() {
		buf = c.AppendWhy(c.AppendDecision(buf[:0], d), d)
	})
	if got != 0 {
		t.Errorf("packing a decision allocates %v times", got)
	}
}
