package lsp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// large is a policy of at least 100 KB of unlike lines.
func large() string {
	var b strings.Builder
	for i := 0; b.Len() < 100_000; i++ {
		fmt.Fprintf(&b, `entity Kind%[1]d "类%[1]d" {
  name  text
  money money?
  step  a%[1]d "甲" | b%[1]d "乙"
  heat  number = if money > %[2]d then 1 else clamp(count(Fact%[1]d in %[3]dd) / 5, 0, 1)
}
event Fact%[1]d { of Kind%[1]d; n int?; paid bool? }
score Score%[1]d of Kind%[1]d {
  size  60%% = scale(money, 0, %[2]d)
  visit 40%% = count(Fact%[1]d in 7d where paid) / 5 else skip
}
rule Rule%[1]d "规则%[1]d" on Kind%[1]d {
  when money >= %[2]d and step == a%[1]d and Score%[1]d > 50
  do   { flag "大 {name}: {money}"; set step = b%[1]d }
}
`, i, i+1, i%90+1)
	}
	return b.String()
}

// talking is a server that has greeted and opened a document.
func talking(tb testing.TB, text string) *server {
	tb.Helper()
	s := newServer(Options{})
	w := newWire(bytes.NewReader(nil), io.Discard)
	s.conn = jsonrpc2.NewConn(context.Background(), w, s)
	tb.Cleanup(func() { close(w.released) })
	if _, err := s.initialize(context.Background(), initializeParams{}); err != nil {
		tb.Fatal(err)
	}
	var p openParams
	p.TextDocument.URI, p.TextDocument.Text = "file:///nowhere/a.thru", text
	if _, err := s.opened(context.Background(), p); err != nil {
		tb.Fatal(err)
	}
	s.publish(context.Background(), inPeace)
	return s
}

// BenchmarkKeystroke is a letter typed into a document of 100 KB until what is wrong is told, and
// what an editor asks for besides: colours, and a completion.
func BenchmarkKeystroke(b *testing.B) {
	text := large()
	at := strings.Index(text, "类50")
	ctx := context.Background()
	for _, bm := range []struct {
		name string
		more func(*server)
	}{
		{"diagnostics", func(*server) {}},
		{"colours", func(s *server) {
			_, _ = s.tokens(ctx, documentParams{textDocument{"file:///nowhere/a.thru"}})
		}},
		{"completion", func(s *server) {
			_, _ = s.complete(ctx, positionParams{textDocument{"file:///nowhere/a.thru"}, position{30, 8}})
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s := talking(b, text)
			d := s.docs["/nowhere/a.thru"]
			var p changeParams
			p.TextDocument.URI = d.uri
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				from, to := d.position(int32(at)), d.position(int32(at))
				p.TextDocument.Version++
				p.ContentChanges = []change{{Range: &span{from, to}, Text: "x"}}
				if i%2 == 1 {
					p.ContentChanges[0].Range.End = d.position(int32(at + 1))
					p.ContentChanges[0].Text = ""
				}
				_, _ = s.changed(ctx, p)
				s.publish(ctx, inPeace)
				bm.more(s)
			}
		})
	}
}

// BenchmarkStart is a conversation from its beginning to the first diagnostics of a small package.
func BenchmarkStart(b *testing.B) {
	text := large()
	text = text[:strings.Index(text, "entity Kind9 ")]
	b.ReportAllocs()
	for b.Loop() {
		talking(b, text)
	}
}

// What is told of a document of 100 KB is nothing: the benchmark is of text that is right.
func TestLargeIsRight(t *testing.T) {
	s := talking(t, large())
	for _, f := range s.folders {
		p, _ := f.checker.Check(f.files, f.set)
		if len(f.diags) > 0 || len(p.Rules) < 100 {
			t.Errorf("%d diagnostics, %d rules", len(f.diags), len(p.Rules))
		}
	}
}

// The server adds little to what checking costs, and checks once a keystroke.
func TestKeystrokeCost(t *testing.T) {
	text := large()
	s := talking(t, text)
	d := s.docs["/nowhere/a.thru"]
	at := int32(strings.Index(text, "类50"))
	n := 0
	typed := func() (c change) {
		n++
		c.Range = &span{d.position(at), d.position(at)}
		if c.Text = "x"; n%2 == 0 {
			c.Range.End, c.Text = d.position(at+1), ""
		}
		return c
	}
	server := testing.AllocsPerRun(4, func() {
		var p changeParams
		p.TextDocument.URI, p.TextDocument.Version = d.uri, int32(n)
		p.ContentChanges = []change{typed()}
		_, _ = s.changed(context.Background(), p)
		s.publish(context.Background(), inPeace)
	})
	files := []source.File{{Name: "a.thru", Text: text}}
	var k dsl.Checker
	bare := testing.AllocsPerRun(4, func() {
		text := d.apply(typed())
		k.Diagnose([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	})
	if server > 1.5*bare+500 {
		t.Errorf("a keystroke takes %.0f allocations, its check %.0f", server, bare)
	}
	if all := testing.AllocsPerRun(1, func() { dsl.Check(files, policy.Settings{}) }); server > all/10 {
		t.Errorf("a keystroke takes %.0f allocations, a check of everything %.0f", server, all)
	}
	paint := func() {
		_, _ = s.tokens(context.Background(), documentParams{textDocument{d.uri}})
	}
	paint()
	if again := testing.AllocsPerRun(4, paint); again > 100 {
		t.Errorf("colours of a text that is as it was take %.0f allocations", again)
	}
}
