// Package lsp is the language server: it tells editors what is wrong in policies and what the
// names in them mean, over the Language Server Protocol.
//
// Messages are taken up in the order in which they came, one at a time, and answered so, but for
// what a database must be asked for, which is answered when it is known. A change marks its folder;
// when no further message waits, marked folders are checked and what is wrong is told. So typing
// is never slower than checking, and a check whose text is out of date is not begun. Reading goes
// on meanwhile, which is how a request can be cancelled before it is taken up. What takes longer
// than a keystroke, the proofs, waits until the text rests.
//
// The server reads files and never writes one, but for the standard vocabulary, which it puts into
// the user's cache so that an editor can open it. Live values come in through a function.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
)

// Options are what the server does beside the protocol. The zero Options are fine.
type Options struct {
	Lang    string // of messages, en or zh, where the client says nothing
	Version string

	// Live tells the value of an expression of a type's records in a running workspace, a few of
	// them, for who hovers over it. Nil where there is no database.
	Live func(ctx context.Context, typ, expr string) (Sample, error)

	// Fired tells in a sentence how often a declaration of a policy as it is typed would have fired,
	// for who hovers over it. Nil where there is neither database nor records.
	Fired func(ctx context.Context, p *policy.Policy, name, lang string) (string, error)

	// Metric tells the latest figures of a metric in a running workspace, a line of a list each, for
	// who hovers over it. Nil where there is no database.
	Metric func(ctx context.Context, name, lang string) (string, error)

	// Packages returns a package's folder with what it requires as sub-folders. Nil where there is
	// nothing to require.
	Packages func(fs.FS) (fs.FS, error)

	// Idle does some work beside the conversation, once, after the text has rested for a while, and
	// not if ctx is over before. It does not wait for the work. Nil where nothing is to be proved.
	Idle func(ctx context.Context, work func())
}

// Sample is what some records of a type have for an expression.
type Sample struct {
	Total  int      // records of the type
	IDs    []string // of some of them
	Values []string // as people read them, beside IDs
}

// ErrNotShutDown is the error of a client that leaves without saying so first.
var ErrNotShutDown = errors.New("the client left without a shutdown request")

// silent keeps the library from writing to the editor's log: what is wrong with a message is told
// to who sent it.
type silent struct{}

// Printf writes nothing.
func (silent) Printf(string, ...any) {}

// maxQueue is how many messages may wait; a client that sends more waits itself.
const maxQueue = 256

// Serve speaks with one client until it leaves.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	s := newServer(o)
	defer s.aside.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := newWire(in, out)
	defer close(w.released)
	conn := jsonrpc2.NewConn(ctx, w, s, jsonrpc2.SetLogger(silent{}))
	s.conn = conn
	close(s.ready)
	return s.work(ctx, w)
}

// A server is one conversation.
type server struct {
	options Options
	conn    *jsonrpc2.Conn
	ready   chan struct{} // closed when conn is set
	queue   chan *jsonrpc2.Request

	mu      sync.Mutex
	waiting map[jsonrpc2.ID]bool // requests in the queue; true: cancelled
	asides  map[jsonrpc2.ID]context.CancelCauseFunc

	aside  sync.WaitGroup
	trying chan struct{} // held by who uses tried or asks what the options give
	tried  tried

	// What follows belongs to the worker.
	state   stage
	can     clientCan
	lang    string // of messages
	wasOn   bool   // a rename keeps the identity
	wide    bool   // positions count UTF-16 units
	roots   []string
	docs    map[string]*document // open ones, by path
	folders map[string]*folder   // by path
	told    map[string]telling   // by URI
	resting context.CancelFunc   // of what is to be proved; nil: nothing is
	book    *folder              // the only one, of a Book; nil: folders are on disk

	proofs  chan []proof
	proving sync.Mutex // of prover, which is no part of the worker
	prover  dsl.Checker
}

// stage is how far the conversation has come.
type stage uint8

const (
	begun stage = iota
	open
	shut
)

func newServer(o Options) *server {
	if o.Lang == "" {
		o.Lang = "en"
	}
	return &server{options: o, lang: o.Lang, wasOn: true, wide: true, ready: make(chan struct{}),
		queue: make(chan *jsonrpc2.Request, maxQueue), waiting: map[jsonrpc2.ID]bool{},
		docs: map[string]*document{}, folders: map[string]*folder{},
		told: map[string]telling{}, proofs: make(chan []proof),
		asides: map[jsonrpc2.ID]context.CancelCauseFunc{}, trying: make(chan struct{}, 1)}
}

// Handle takes a message off the wire. It only queues it: the worker is one.
func (s *server) Handle(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) {
	if r.Method == "$/cancelRequest" {
		s.cancel(r)
		return
	}
	if !r.Notif {
		s.mu.Lock()
		s.waiting[r.ID] = false
		s.mu.Unlock()
	}
	select {
	case s.queue <- r:
	case <-ctx.Done():
	}
}

func (s *server) cancel(r *jsonrpc2.Request) {
	var p cancelParams
	var id jsonrpc2.ID
	if r.Params == nil || json.Unmarshal(*r.Params, &p) != nil || json.Unmarshal(p.ID, &id) != nil {
		return
	}
	s.mu.Lock()
	if _, ok := s.waiting[id]; ok {
		s.waiting[id] = true
	}
	if end := s.asides[id]; end != nil {
		end(errCancelled)
	}
	s.mu.Unlock()
}

// taken takes a request out of those that wait and says whether it was cancelled meanwhile.
func (s *server) taken(id jsonrpc2.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancelled := s.waiting[id]
	delete(s.waiting, id)
	return cancelled
}

// work takes up message after message.
func (s *server) work(ctx context.Context, w *wire) error {
	<-s.ready
	for {
		var r *jsonrpc2.Request
		select {
		case r = <-s.queue:
		default:
			s.publish(ctx, inPeace) // nothing waits: what is known is brought up to date
			if len(s.queue) > 0 {
				continue
			}
			s.rest(ctx)
			select {
			case r = <-s.queue:
			case p := <-s.proofs:
				s.found(p)
				continue
			case <-w.over:
				if len(s.queue) > 0 { // what came before the end is still answered
					continue
				}
				if !errors.Is(w.why, io.EOF) {
					return w.why
				}
				return s.left()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if r.Method == "exit" {
			return s.left()
		}
		s.take(ctx, r)
	}
}

func (s *server) left() error {
	if s.state == shut {
		return nil
	}
	return ErrNotShutDown
}

// codeNotInitialized and codeCancelled are the protocol's own.
const (
	codeNotInitialized = -32002
	codeCancelled      = -32800
	codeFailed         = -32803
)

// take takes up one message.
func (s *server) take(ctx context.Context, r *jsonrpc2.Request) {
	answer, fault := s.answer(ctx, r)
	rest, more := answer.(aside)
	switch {
	case r.Notif:
	case more:
		s.beside(ctx, r.ID, rest)
	case fault != nil:
		_ = s.conn.ReplyWithError(ctx, r.ID, fault) // who does not listen any more is gone soon
	default:
		_ = s.conn.Reply(ctx, r.ID, answer)
	}
}

func (s *server) answer(ctx context.Context, r *jsonrpc2.Request) (any, *jsonrpc2.Error) {
	cancelled := !r.Notif && s.taken(r.ID)
	do, known := methods()[r.Method]
	switch {
	case cancelled:
		return nil, &jsonrpc2.Error{Code: codeCancelled, Message: "cancelled"}
	case s.state == begun && r.Method != "initialize":
		return nil, &jsonrpc2.Error{Code: codeNotInitialized, Message: "not initialized"}
	case s.state == shut, s.state == open && r.Method == "initialize":
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest,
			Message: "not at this point of the conversation"}
	}
	if !r.Notif { // an answer never comes before what is wrong in the text that it is about
		s.publish(ctx, aboutOpen(r.Method))
	}
	if !known {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound,
			Message: "no method " + r.Method}
	}
	answer, err := do(ctx, s, r.Params)
	var fault *jsonrpc2.Error
	switch {
	case errors.As(err, &fault):
		return nil, fault
	case err != nil:
		return nil, &jsonrpc2.Error{Code: codeFailed, Message: err.Error()}
	}
	return answer, nil
}

// A method is what is done for a message.
type method func(context.Context, *server, *json.RawMessage) (any, error)

// on makes a method of a function over typed parameters.
func on[P any](f func(*server, context.Context, P) (any, error)) method {
	return func(ctx context.Context, s *server, raw *json.RawMessage) (any, error) {
		var p P
		if raw == nil {
			return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "no parameters"}
		}
		if err := json.Unmarshal(*raw, &p); err != nil {
			return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
		}
		return f(s, ctx, p)
	}
}

// always makes a method of a function that takes no parameters.
func always(f func(*server, context.Context) (any, error)) method {
	return func(ctx context.Context, s *server, _ *json.RawMessage) (any, error) { return f(s, ctx) }
}

var methods = sync.OnceValue(func() map[string]method {
	return map[string]method{
		"initialize":                       on((*server).initialize),
		"initialized":                      always((*server).initialized),
		"shutdown":                         always((*server).shutdown),
		"$/setTrace":                       always(nothing),
		"workspace/didChangeConfiguration": on((*server).configured),
		"workspace/didChangeWatchedFiles":  on((*server).watched),

		"workspace/didChangeWorkspaceFolders": on((*server).foldersChanged),

		"textDocument/didOpen":   on((*server).opened),
		"textDocument/didChange": on((*server).changed),
		"textDocument/didSave":   on((*server).saved),
		"textDocument/didClose":  on((*server).closed),

		"textDocument/hover":               on((*server).hover),
		"textDocument/completion":          on((*server).complete),
		"textDocument/signatureHelp":       on((*server).signature),
		"textDocument/definition":          on((*server).definition),
		"textDocument/references":          on((*server).references),
		"textDocument/documentHighlight":   on((*server).highlights),
		"textDocument/prepareRename":       on((*server).prepareRename),
		"textDocument/rename":              on((*server).rename),
		"textDocument/formatting":          on((*server).format),
		"textDocument/rangeFormatting":     on((*server).formatRange),
		"textDocument/codeAction":          on((*server).actions),
		"textDocument/documentSymbol":      on((*server).outline),
		"textDocument/foldingRange":        on((*server).foldings),
		"textDocument/semanticTokens/full": on((*server).tokens),
		"workspace/symbol":                 on((*server).symbols),
	}
})

func nothing(*server, context.Context) (any, error) { return nil, nil }

func (s *server) initialize(_ context.Context, p initializeParams) (any, error) {
	s.state, s.can = open, p.Capabilities
	if p.Locale != "" {
		s.lang = langOf(p.Locale)
	}
	s.configure(p.InitializationOptions)
	encoding := "utf-16"
	if encodings := p.Capabilities.General.PositionEncodings; slices.Contains(encodings, "utf-8") {
		encoding, s.wide = "utf-8", false
	}
	for _, f := range p.WorkspaceFolders {
		s.addRoot(f.URI)
	}
	if len(p.WorkspaceFolders) == 0 {
		s.addRoot(p.RootURI)
	}
	return map[string]any{
		"capabilities": serverCan(encoding),
		"serverInfo":   map[string]string{"name": "thru", "version": s.options.Version},
	}, nil
}

// serverCan is what the server offers.
func serverCan(encoding string) map[string]any {
	return map[string]any{
		"positionEncoding": encoding,
		"textDocumentSync": map[string]any{"openClose": true, "change": 2,
			"save": map[string]bool{"includeText": false}},
		"completionProvider":    map[string]any{"triggerCharacters": []string{".", "("}},
		"hoverProvider":         true,
		"signatureHelpProvider": map[string]any{"triggerCharacters": []string{"(", ","}},

		"definitionProvider":              true,
		"referencesProvider":              true,
		"documentHighlightProvider":       true,
		"documentSymbolProvider":          true,
		"workspaceSymbolProvider":         true,
		"documentFormattingProvider":      true,
		"documentRangeFormattingProvider": true,
		"foldingRangeProvider":            true,

		"renameProvider": map[string]bool{"prepareProvider": true},
		"codeActionProvider": map[string]any{
			"codeActionKinds": []string{kindQuickFix, kindFixAll}},
		"semanticTokensProvider": map[string]any{"full": true, "legend": map[string]any{
			"tokenTypes": tokenTypes(), "tokenModifiers": []string{"declaration"}}},
		"workspace": map[string]any{"workspaceFolders": map[string]any{"supported": true,
			"changeNotifications": true}},
	}
}

// initialized asks to be told when files change outside the editor.
func (s *server) initialized(ctx context.Context) (any, error) {
	if s.can.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		watchers := []map[string]string{{"globPattern": "**/*.thru"}, {"globPattern": "**/thru.toml"}}
		// Nobody waits for the answer: it would come through the wire that waits for us.
		_, err := s.conn.DispatchCall(ctx, "client/registerCapability", map[string]any{
			"registrations": []map[string]any{{"id": "files", "method": "workspace/didChangeWatchedFiles",
				"registerOptions": map[string]any{"watchers": watchers}}}})
		return nil, err
	}
	return nil, nil
}

// shutdown lets what is asked be answered: a client may have said all it wanted without waiting.
func (s *server) shutdown(context.Context) (any, error) {
	s.aside.Wait()
	s.state = shut
	return nil, nil
}

// configure reads settings: of the section throughline, or the section itself.
func (s *server) configure(raw json.RawMessage) {
	type section struct {
		Language string `json:"language"`
		Rename   struct {
			Was *bool `json:"was"`
		} `json:"rename"`
	}
	var all struct {
		section
		Throughline section `json:"throughline"`
	}
	if json.Unmarshal(raw, &all) != nil {
		return // settings of another shape are none of ours
	}
	for _, o := range []section{all.section, all.Throughline} {
		if o.Language == "en" || o.Language == "zh" {
			s.lang = o.Language
		}
		if o.Rename.Was != nil {
			s.wasOn = *o.Rename.Was
		}
	}
}

func (s *server) configured(_ context.Context, p configurationParams) (any, error) {
	s.configure(p.Settings)
	for _, f := range s.folders { //tidy:order each is marked by itself
		f.untold = true // in the language that was asked for
	}
	return nil, nil
}

func (s *server) addRoot(uri string) {
	if p := pathOf(uri); p != "" {
		s.roots = append(s.roots, p)
		s.discover(p)
	}
}

func (s *server) foldersChanged(_ context.Context, p foldersParams) (any, error) {
	for _, f := range p.Event.Removed {
		gone := pathOf(f.URI)
		s.roots = slices.DeleteFunc(s.roots, func(r string) bool { return r == gone })
		for dir, f := range s.folders { //tidy:order each is decided by itself
			if within(dir, gone) && !s.inUse(f) {
				s.forget(f)
			}
		}
	}
	for _, f := range p.Event.Added {
		s.addRoot(f.URI)
	}
	return nil, nil
}

// within reports whether a path is a folder or lies below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+
		string(filepath.Separator))
}

func langOf(locale string) string {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return "zh"
	}
	return "en"
}

// say is the one of two texts that the reader wants.
func (s *server) say(en, zh string) string {
	if s.lang == "zh" {
		return zh
	}
	return en
}
