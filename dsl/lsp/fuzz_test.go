package lsp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/lsp"
)

// framed puts each line of a text into a frame of its own.
func framed(text string) []byte {
	var b bytes.Buffer
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(line), line)
	}
	return b.Bytes()
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}
{"jsonrpc":"2.0","method":"initialized","params":{}}
{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///fuzz/a.thru","version":1,"text":"entity A \"甲\" { n int }\nrule R on A { when n > 1; do { flag \"{n}\" } }\n"}}}
`

// serve plays bytes to a server and fails where it does not come to an end.
func serve(t *testing.T, in []byte) string {
	t.Helper()
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = lsp.Serve(context.Background(), bytes.NewReader(in), &out, lsp.Options{})
	}()
	select {
	case <-done:
		return out.String()
	case <-time.After(20 * time.Second):
		buf := make([]byte, 1<<16)
		t.Fatalf("no end after 20 s of %d bytes\n%s", len(in), buf[:runtime.Stack(buf, true)])
		return ""
	}
}

// FuzzMessages: whatever comes, in a frame or without, before or after the greeting, the server
// does not break and comes to an end.
func FuzzMessages(f *testing.F) {
	f.Add(false, "Content-Length: 5\r\n\r\nhello")
	f.Add(false, "Content-Length: 99999999999\r\n\r\n{}")
	f.Add(false, "Content-Length: 10\r\n\r\n{}")
	f.Add(false, "Content-Length: -1\r\n\r\n{}")
	f.Add(false, "\r\n\r\n")
	f.Add(true, `{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":7}`)
	f.Add(true, `{"jsonrpc":"2.0","id":2.5,"method":"shutdown"}`)
	f.Add(true, `[{"jsonrpc":"2.0","id":2,"method":"shutdown"}]`)
	f.Add(true, `{"jsonrpc":"2.0","id":9,"result":null}`)
	f.Add(true, `{"jsonrpc":"2.0","id":2,"method":"no/such","params":{}}`)
	f.Add(true, `{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}`)
	for _, m := range []string{"hover", "completion", "definition", "references", "signatureHelp",
		"documentHighlight", "prepareRename", "formatting", "documentSymbol", "foldingRange",
		"semanticTokens/full", "codeAction", "rangeFormatting", "rename"} {
		f.Add(true, `{"jsonrpc":"2.0","id":2,"method":"textDocument/`+m+`","params":{"textDocument":`+
			`{"uri":"file:///fuzz/a.thru"},"newName":"é","position":{"line":1,"character":21},`+
			`"range":{"start":{"line":0,"character":3},"end":{"line":9,"character":9}}}}`)
	}
	for _, text := range []string{"alert A of A { when count(", "规则 \"😀{", "test \"a\" {\n A x { n: ", ""} {
		f.Add(true, fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":`+
			`{"uri":"file:///fuzz/a.thru","version":2},"contentChanges":[{"range":{"start":{"line":1,"character":4294967295},`+
			`"end":{"line":0,"character":2}},"text":%q},{"range":{"start":{"line":99,"character":1},"end":{"line":4294967295,"character":0}},"text":%q}]}}`,
			text, text)+
			"\n"+`{"jsonrpc":"2.0","id":3,"method":"textDocument/completion","params":{"textDocument":{"uri":"file:///fuzz/a.thru"},"position":{"line":9,"character":99}}}`)
	}
	f.Fuzz(func(t *testing.T, inFrames bool, text string) {
		if len(text) > 1<<16 {
			return
		}
		if !inFrames {
			serve(t, []byte(text))
			serve(t, append(framed(hello), text...))
			return
		}
		serve(t, framed(text))
		serve(t, framed(hello+text))
	})
}

// asked is all that can be asked of a place in a document.
func asked() []string {
	return []string{"hover", "completion", "definition", "references", "signatureHelp",
		"documentHighlight", "rename", "formatting", "documentSymbol", "foldingRange",
		"semanticTokens/full", "codeAction"}
}

// answers asks a server about a place in a text and fails where it does not answer everything.
func answers(t *testing.T, text string, line, char uint32, ask []string) {
	t.Helper()
	in := strings.Replace(hello, `entity A \"甲\" { n int }\nrule R on A { when n > 1; do { flag \"{n}\" } }\n`,
		quoted(text), 1)
	for i, m := range ask {
		in += fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/%s","params":{"textDocument":`+
			`{"uri":"file:///fuzz/a.thru"},"newName":"x1","position":{"line":%d,"character":%d},`+
			`"range":{"start":{"line":0,"character":0},"end":{"line":%d,"character":9}}}}`+"\n",
			i+10, m, line, char, line)
	}
	out := serve(t, framed(in))
	for i, m := range ask {
		if !strings.Contains(out, fmt.Sprintf(`"id":%d,`, i+10)) {
			t.Fatalf("%s was not answered", m)
		}
	}
}

// places are texts, some of them broken, with a place in each.
func places() []place {
	return []place{
		{"entity A { n int }\nrule R on A { when n > 1; do { flag \"{n}\" } }\n", 1, 20},
		{"用 x.\n评分 A 面向 B { a 100% = 折算(计数(A 条件 n", 1, 30},
		{"test \"a\" {\n given A x { n: 1, k: [ } expect ", 1, 17},
		{"\uFEFFalert A of B {\r\n when \"{", 1, 8},
		{"event X { n int }\nrule A on X { do { flag \"{.", 1, 27},
	}
}

type place struct {
	text       string
	line, char uint32
}

// FuzzText: whatever a document holds, what is asked of any place in it is answered.
func FuzzText(f *testing.F) {
	for i, p := range places() {
		f.Add(p.text, p.line, p.char, uint8(i))
	}
	f.Fuzz(func(t *testing.T, text string, line, char uint32, ask uint8) {
		if len(text) <= 1<<12 {
			i := int(ask) % len(asked())
			answers(t, text, line, char, asked()[i:i+1])
		}
	})
}

// TestAsked asks everything of every place that the fuzz target begins with.
func TestAsked(t *testing.T) {
	for _, p := range places() {
		answers(t, p.text, p.line, p.char, asked())
	}
}

func quoted(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A length is a promise, not memory: what was promised and does not come costs nothing.
func TestHugeLength(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, n := range []string{"60000000", "9000000000000000000"} {
		serve(t, []byte("Content-Length: "+n+"\r\n\r\n{}"))
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("%d bytes were taken", got)
	}
}

// A request that was cancelled while it waited is answered so, and those around it are not.
func TestCancel(t *testing.T) {
	in := hello + `{"jsonrpc":"2.0","id":2,"method":"workspace/symbol","params":{"query":""}}
{"jsonrpc":"2.0","id":3,"method":"workspace/symbol","params":{"query":""}}
{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":3}}
{"jsonrpc":"2.0","method":"$/fill","params":"` + strings.Repeat(" ", 1<<16) + `"}
{"jsonrpc":"2.0","id":4,"method":"shutdown"}
`
	r, w := io.Pipe()
	var out bytes.Buffer
	gate := &gated{Writer: &out, open: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- lsp.Serve(context.Background(), r, gate, lsp.Options{}) }()
	// All is read before the first answer is out; what fills the buffer between makes sure that the
	// cancelling is not only read but heard.
	if _, err := w.Write(framed(in)); err != nil {
		t.Fatal(err)
	}
	close(gate.open)
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id":3,"error":{"code":-32800`, `"id":2,"result":[`,
		`"id":4,"result":null`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, out.String())
		}
	}
}

// gated holds what is written back until it is opened.
type gated struct {
	io.Writer
	open chan struct{}
}

func (g *gated) Write(b []byte) (int, error) {
	<-g.open
	return g.Writer.Write(b)
}
