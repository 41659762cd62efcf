package lsp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/lsp"
)

// A client speaks with a server over pipes, as an editor would.
type client struct {
	t    *testing.T
	dir  string
	in   io.WriteCloser
	out  *textproto.Reader
	raw  *bufio.Reader
	done chan error
	id   int
	docs map[string]*doc
	talk strings.Builder // what was said, without the greeting and what keeps step
	mute bool
	utf8 bool
	idle chan idle // what waits until the text rests
	held string    // id of the request whose answer is not waited for
	kept *said     // that answer, where it has come
}

// idle is work that waits until the text rests.
type idle struct {
	ctx  context.Context
	work func()
}

// rest lets the text rest: what can be proved of it is found and told.
func (c *client) rest() {
	for {
		select {
		case i := <-c.idle:
			if i.ctx.Err() != nil {
				continue
			}
			c.show("… the text rests", nil)
			i.work() // which ends when the server takes up what was found
			c.sync()
			return
		case <-time.After(10 * time.Second):
			c.t.Fatal("there is nothing to prove")
		}
	}
}

type doc struct {
	text    string
	version int
}

// greeting is what the editor says of itself; %s is its folder.
const greeting = `{"rootUri":%q,"capabilities":{"textDocument":{
"completion":{"completionItem":{"snippetSupport":true}},
"documentSymbol":{"hierarchicalDocumentSymbolSupport":true}},
"workspace":{"workspaceEdit":{"documentChanges":true}}}}`

func newClient(t *testing.T, dir string, o lsp.Options) *client {
	t.Helper()
	cIn, sOut := io.Pipe()
	sIn, cOut := io.Pipe()
	c := &client{t: t, dir: dir, in: cOut, raw: bufio.NewReader(cIn), done: make(chan error, 1),
		docs: map[string]*doc{}}
	c.out = textproto.NewReader(c.raw)
	c.idle = make(chan idle, 1000)
	o.Idle = func(ctx context.Context, work func()) { c.idle <- idle{ctx, work} }
	go func() {
		err := lsp.Serve(context.Background(), sIn, sOut, o)
		sOut.Close()
		c.done <- err
	}()
	return c
}

func (c *client) uri(name string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(c.dir, name))}).String()
}

// greet begins the conversation.
func (c *client) greet(params string) json.RawMessage {
	if params == "" {
		params = fmt.Sprintf(greeting, c.uri(""))
	}
	c.mute = true
	answer := c.request("initialize", json.RawMessage(params))
	c.notify("initialized", json.RawMessage(`{}`))
	c.mute = false
	return answer
}

// leave ends the conversation and waits for the server.
func (c *client) leave() {
	c.mute = true
	c.request("shutdown", nil)
	c.send(map[string]any{"jsonrpc": "2.0", "method": "exit"})
	go func() { _, _ = io.Copy(io.Discard, c.raw) }()
	select {
	case err := <-c.done:
		if err != nil {
			c.t.Errorf("the server: %v", err)
		}
	case <-time.After(10 * time.Second):
		c.t.Fatal("the server does not leave")
	}
}

func (c *client) send(m any) {
	body, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		c.t.Fatal(err)
	}
}

// said is one message of the server.
type said struct {
	ID     *json.RawMessage `json:"id"`
	Method string           `json:"method"`
	Params json.RawMessage  `json:"params"`
	Result json.RawMessage  `json:"result"`
	Error  json.RawMessage  `json:"error"`
}

func (c *client) read() said {
	h, err := c.out.ReadMIMEHeader()
	if err != nil {
		c.t.Fatalf("the server fell silent: %v", err)
	}
	n, err := strconv.Atoi(h.Get("Content-Length"))
	if err != nil {
		c.t.Fatal(err)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.raw, body); err != nil {
		c.t.Fatal(err)
	}
	var m said
	if err := json.Unmarshal(body, &m); err != nil {
		c.t.Fatalf("%v in %s", err, body)
	}
	return m
}

// request asks and waits for the answer; what the server says on its own meanwhile is shown first.
func (c *client) request(method string, params any) json.RawMessage {
	c.id++
	m := map[string]any{"jsonrpc": "2.0", "id": c.id, "method": method}
	if params != nil {
		m["params"] = params
	}
	c.show("→ "+method, params)
	c.send(m)
	for {
		got := c.read()
		switch {
		case c.keeps(got):
		case got.Method != "":
			c.show("← "+got.Method, got.Params)
		case got.ID != nil && string(*got.ID) == strconv.Itoa(c.id):
			if got.Error != nil {
				c.show("← error", got.Error)
				return nil
			}
			switch method {
			case "textDocument/completion":
				c.labels(got.Result)
			case "textDocument/semanticTokens/full":
				c.colours(got.Result)
			default:
				c.show("←", got.Result)
			}
			return got.Result
		}
	}
}

// hold asks without waiting for the answer; held is its id from then on.
func (c *client) hold(method string, params any) {
	c.id++
	c.held, c.kept = strconv.Itoa(c.id), nil
	c.show("→ "+method, params)
	c.send(map[string]any{"jsonrpc": "2.0", "id": c.id, "method": method, "params": params})
	c.sync()
}

// keeps reports whether a message is the answer that is not waited for.
func (c *client) keeps(got said) bool {
	if c.held == "" || got.Method != "" || got.ID == nil || string(*got.ID) != c.held {
		return false
	}
	c.kept = &got
	return true
}

// answer waits for the answer that was not waited for.
func (c *client) answer() {
	for c.kept == nil {
		if got := c.read(); !c.keeps(got) {
			c.show("← "+got.Method, got.Params)
		}
	}
	if c.kept.Error != nil {
		c.show("← error", c.kept.Error)
	} else {
		c.show("← at last", c.kept.Result)
	}
	c.held = ""
}

// notify tells, and waits until that was taken up.
func (c *client) notify(method string, params any) {
	c.show("→ "+method, params)
	c.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	c.sync()
}

// sync waits until all that was said is taken up, and shows what the server says to it.
func (c *client) sync() {
	c.id++
	c.send(map[string]any{"jsonrpc": "2.0", "id": c.id, "method": "test/sync"})
	for {
		got := c.read()
		if c.keeps(got) {
			continue
		}
		if got.Method == "" && got.ID != nil && string(*got.ID) == strconv.Itoa(c.id) {
			return
		}
		c.show("← "+got.Method, got.Params)
	}
}

// show writes down what was said.
func (c *client) show(who string, what any) {
	if c.mute {
		return
	}
	text := ""
	if what != nil {
		b, err := json.Marshal(what)
		if err != nil {
			c.t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal([]byte(c.anywhere(string(b))), &v); err != nil {
			c.t.Fatal(err)
		}
		text = " " + pretty(brief(v), "  ", 100)
	}
	fmt.Fprintf(&c.talk, "%s%s\n", who, text)
}

// anywhere is a message as it would be in any folder.
func (c *client) anywhere(text string) string {
	text = strings.ReplaceAll(text, c.uri(""), "DIR")
	if cache, err := os.UserCacheDir(); err == nil {
		text = strings.ReplaceAll(text, "file://"+cache, "CACHE")
	}
	return text
}

// labels writes a completion down: the labels in their order, and the first item whole.
func (c *client) labels(result json.RawMessage) {
	var list struct {
		Items []struct {
			Label string `json:"label"`
			Kind  int    `json:"kind"`
		} `json:"items"`
	}
	var raw struct {
		Items []any `json:"items"`
	}
	if json.Unmarshal(result, &list) != nil || json.Unmarshal(result, &raw) != nil {
		c.t.Fatalf("no list: %s", result)
	}
	line, functions := "←", 0
	for _, i := range list.Items {
		if i.Kind == 3 {
			functions++
			continue
		}
		if len(line)+len(i.Label) > 96 {
			fmt.Fprintln(&c.talk, line)
			line = " "
		}
		line += " ‹" + i.Label + "›"
	}
	if functions > 0 {
		line += fmt.Sprintf(" and %d functions", functions)
	}
	fmt.Fprintln(&c.talk, line)
	if len(raw.Items) > 0 {
		fmt.Fprintf(&c.talk, "  first: %s\n", pretty(brief(raw.Items[0]), "  ", 100))
	}
}

// colours writes semantic tokens down, a line of the file a line: where, how long, what.
func (c *client) colours(result json.RawMessage) {
	var got struct {
		Data []int `json:"data"`
	}
	if err := json.Unmarshal(result, &got); err != nil {
		c.t.Fatal(err)
	}
	types := strings.Fields("keyword type class event property enumMember variable parameter " +
		"function namespace comment string number operator")
	line, char := 0, 0
	c.talk.WriteString("←")
	for d := got.Data; len(d) >= 5; d = d[5:] {
		if d[0] > 0 {
			line, char = line+d[0], 0
			fmt.Fprintf(&c.talk, "\n  line %d:", line)
		}
		char += d[1]
		fmt.Fprintf(&c.talk, " %d+%d %s", char, d[2], types[d[3]])
		if d[4] == 1 {
			c.talk.WriteString("!")
		}
	}
	c.talk.WriteString("\n")
}

// brief writes places as line:character and documents as their URI, so that they can be read.
func brief(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = brief(v[k])
		}
		switch {
		case len(v) == 2 && v["line"] != nil && v["character"] != nil:
			return fmt.Sprintf("%v:%v", v["line"], v["character"])
		case len(v) == 2 && v["start"] != nil && v["end"] != nil:
			return fmt.Sprintf("%v–%v", v["start"], v["end"])
		case len(v) == 1 && v["uri"] != nil:
			return v["uri"]
		}
	case []any:
		for i := range v {
			v[i] = brief(v[i])
		}
	}
	return v
}

// pretty writes JSON in lines that can be read.
func pretty(v any, indent string, width int) string {
	b, _ := json.Marshal(v)
	if s := string(b); len(s) <= width {
		return unescaped(s)
	}
	var out strings.Builder
	switch v := v.(type) {
	case map[string]any:
		out.WriteString("{")
		keys := sortedKeys(v)
		for i, k := range keys {
			fmt.Fprintf(&out, "\n%s%q: %s", indent, k, pretty(v[k], indent+"  ", width))
			if i < len(keys)-1 {
				out.WriteString(",")
			}
		}
		out.WriteString("}")
	case []any:
		out.WriteString("[")
		for i, e := range v {
			fmt.Fprintf(&out, "\n%s%s", indent, pretty(e, indent+"  ", width))
			if i < len(v)-1 {
				out.WriteString(",")
			}
		}
		out.WriteString("]")
	default:
		return unescaped(string(b))
	}
	return out.String()
}

func unescaped(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}
