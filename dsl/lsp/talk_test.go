package lsp_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/internal/golden"
)

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// TestTalk plays what editors say and holds what they hear against the archives. A line of
// `client` is a step: what is asked, the file, and a piece of its text with a | where the cursor
// stands, or two around what is marked.
func TestTalk(t *testing.T) {
	golden.Run(t, "testdata/talk", func(t *testing.T, g *golden.Case) golden.Outputs {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
		dir = filepath.Join(dir, "work")
		for _, name := range g.Names() {
			if filepath.Ext(name) == ".thru" || filepath.Base(name) == "thru.toml" {
				text := g.Input(t, name)
				text = strings.NewReplacer("␍\n", "\r\n", "␂", "\uFEFF").Replace(text)
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		c := newClient(t, dir, lsp.Options{Live: live, Fired: fired, Metric: metric})
		hello, _ := g.Section("hello")
		hello = strings.ReplaceAll(hello, "DIR", c.uri(""))
		c.utf8 = strings.Contains(hello, "utf-8")
		c.greet(hello)
		for step := range strings.Lines(g.Input(t, "client")) {
			if step = strings.TrimSpace(step); step != "" {
				c.step(step)
			}
		}
		c.leave()
		return golden.Outputs{"talk": c.talk.String()}
	})
}

func live(_ context.Context, typ, expr string) (lsp.Sample, error) {
	if expr == "broken" {
		return lsp.Sample{}, errors.New("no such expression\nand more")
	}
	return lsp.Sample{Total: 7, IDs: []string{"li", "wu"}, Values: []string{"12 " + typ, "3"}}, nil
}

func metric(_ context.Context, name, lang string) (string, error) {
	if name == "Broken" {
		return "", errors.New("the database is in use\nby somebody")
	}
	return "now, the last first:\n- `2026-03` 51.2 (n 40) " + lang, nil
}

// fired shows that the server hands on the policy as it is typed.
func fired(ctx context.Context, p *policy.Policy, name, lang string) (string, error) {
	if name == "Endless" { // until nobody waits any more
		<-ctx.Done()
		return "", ctx.Err()
	}
	if name == "Broken" {
		return "", errors.New("the database is in use\nby somebody")
	}
	for _, r := range p.Rules {
		if r.Full == name {
			return "would have fired where " + p.Files[r.When.Span.File].Text[r.When.Span.Off:r.When.Span.End] +
				" (" + lang + ")", nil
		}
	}
	return "would have opened 3 times in 90 days", nil
}

// TestLeavingWaitsForAnswers holds a server to answer what was asked before the client said that it
// leaves, however long the answer takes.
func TestLeavingWaitsForAnswers(t *testing.T) {
	dir := t.TempDir()
	text := "entity Rep { name text; n int }\nrule Many on Rep { when n > 3; do { flag } }\n"
	if err := os.WriteFile(filepath.Join(dir, "a.thru"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	asked, leaving := make(chan struct{}), make(chan struct{})
	c := newClient(t, dir, lsp.Options{
		Fired: func(ctx context.Context, _ *policy.Policy, _, _ string) (string, error) {
			close(asked)
			<-leaving
			return "would have fired once", ctx.Err()
		}})
	c.docs["a.thru"] = &doc{text: text, version: 1}
	c.greet("")
	c.opening("a.thru", text)
	ask := func(id int, method string, params any) {
		c.send(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	}
	ask(100, "textDocument/hover", map[string]any{"position": c.position("a.thru", 38),
		"textDocument": map[string]any{"uri": c.uri("a.thru")}})
	<-asked
	ask(101, "shutdown", nil)
	c.send(map[string]any{"jsonrpc": "2.0", "method": "exit"})
	close(leaving)
	got := c.read()
	if string(*got.ID) != "100" || !strings.Contains(string(got.Result), "would have fired once") {
		t.Errorf("the hover: %s %s", got.Result, got.Error)
	}
	if got = c.read(); string(*got.ID) != "101" {
		t.Errorf("the shutdown: %+v", got)
	}
	if err := <-c.done; err != nil {
		t.Error(err)
	}
}

// step plays one line of a script.
func (c *client) step(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	name, at, _ := strings.Cut(rest, " ")
	at, fresh, _ := strings.Cut(" "+at+" ", " => ")
	at, fresh = strings.TrimSpace(at), strings.TrimSuffix(fresh, " ")
	fresh = strings.NewReplacer(`\n`, "\n", `\s`, " ").Replace(fresh)
	id := map[string]any{"uri": c.uri(name)}
	switch verb {
	case "open":
		b, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			c.t.Fatal(err)
		}
		c.docs[name] = &doc{text: string(b), version: 1}
		c.opening(name, string(b))
		return
	case "change", "replace":
		d := c.docs[name]
		d.version++
		from, to := 0, len(d.text)
		change := map[string]any{"text": fresh}
		if verb == "change" {
			from, to = c.find(name, at)
			change["range"] = c.span(name, from, to)
		}
		d.text = d.text[:from] + fresh + d.text[to:]
		c.notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": c.uri(name), "version": d.version},
			"contentChanges": []any{change}})
		return
	case "write":
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(fresh), 0o644); err != nil {
			c.t.Fatal(err)
		}
		c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{
			map[string]any{"uri": c.uri(name), "type": 2}}})
		return
	case "rest":
		c.rest()
		return
	case "cancel":
		c.notify("$/cancelRequest", map[string]any{"id": json.RawMessage(c.held)})
		return
	case "answer":
		c.answer()
		return
	case "close":
		c.notify("textDocument/didClose", map[string]any{"textDocument": id})
		return
	case "save":
		c.notify("textDocument/didSave", map[string]any{"textDocument": id})
		return
	case "tell":
		c.notify(name, json.RawMessage(strings.ReplaceAll(at, "DIR", c.uri(""))))
		return
	case "ask":
		c.request(name, json.RawMessage(strings.ReplaceAll(at, "DIR", c.uri(""))))
		return
	}
	method, ok := map[string]string{"hover": "hover", "hold": "hover", "complete": "completion",
		"define": "definition", "refer": "references", "highlight": "documentHighlight",
		"prepare": "prepareRename", "rename": "rename", "format": "formatting",
		"formatrange": "rangeFormatting", "fix": "codeAction", "outline": "documentSymbol",
		"fold": "foldingRange", "paint": "semanticTokens/full", "sign": "signatureHelp"}[verb]
	if !ok {
		c.t.Fatalf("no step %q", verb)
	}
	params := map[string]any{"textDocument": id}
	if at != "" {
		from, to := c.find(name, at)
		params["position"] = c.position(name, from)
		if verb == "fix" || verb == "formatrange" {
			delete(params, "position")
			params["range"] = c.span(name, from, to)
		}
	}
	switch verb {
	case "refer":
		params["context"] = map[string]any{"includeDeclaration": true}
	case "fix":
		params["context"] = map[string]any{"diagnostics": []any{}}
		if fresh != "" {
			params["context"] = map[string]any{"diagnostics": []any{}, "only": []string{fresh}}
		}
	case "rename":
		params["newName"] = fresh
	case "format", "formatrange":
		params["options"] = map[string]any{"tabSize": 2, "insertSpaces": true}
	}
	if verb == "hold" {
		c.hold("textDocument/"+method, params)
		return
	}
	c.request("textDocument/"+method, params)
}

func (c *client) opening(name, text string) {
	c.show("→ textDocument/didOpen", map[string]any{"uri": c.uri(name)})
	c.send(map[string]any{"jsonrpc": "2.0", "method": "textDocument/didOpen",
		"params": map[string]any{"textDocument": map[string]any{"uri": c.uri(name),
			"languageId": "thru", "version": 1, "text": text}}})
	c.sync()
}

// find is the place of a piece of text with a cursor in it, or two.
func (c *client) find(name, piece string) (from, to int) {
	d := c.docs[name]
	if d == nil {
		c.t.Fatalf("%s is not open", name)
	}
	parts := strings.Split(strings.NewReplacer(`\n`, "\n", `\s`, " ").Replace(piece), "|")
	at := strings.Index(d.text, strings.Join(parts, ""))
	if at < 0 || len(parts) < 2 {
		c.t.Fatalf("%q is not in %s, or has no | for the cursor", piece, name)
	}
	from = at + len(parts[0])
	to = from
	if len(parts) > 2 {
		to += len(parts[1])
	}
	return from, to
}

func (c *client) position(name string, off int) map[string]any {
	before := c.docs[name].text[:off]
	line := strings.Count(before, "\n")
	col := before[strings.LastIndexByte(before, '\n')+1:]
	n := len(utf16.Encode([]rune(col)))
	if c.utf8 {
		n = len(col)
	}
	return map[string]any{"line": line, "character": n}
}

func (c *client) span(name string, from, to int) map[string]any {
	return map[string]any{"start": c.position(name, from), "end": c.position(name, to)}
}
