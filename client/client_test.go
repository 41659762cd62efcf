package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/throughline/throughline/client"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/intake"
)

const shop = `entity Rep { name text? }
event Visit { rep Rep; n int }
rule Big on Visit {
  when n == 9
  do { task "look at {n}" for rep due 1d }
}
`

// serve is a real server with a workspace, and a client of it. Refused says of how many requests to
// come the server is too busy.
func serve(t *testing.T) (c *client.Client, refused, broken *atomic.Int32) {
	t.Helper()
	dir := t.TempDir()
	keys, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Open(dir, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kept := files.In(filepath.Join(dir, "workspaces"), files.Options{})
	desk, err := intake.Open(intake.Options{Host: h, Dir: filepath.Join(dir, "workspaces"), Files: kept})
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Options{Host: h, Access: keys, Files: kept, Desk: desk})
	refused, broken = new(atomic.Int32), new(atomic.Int32)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refused.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"code":"busy","title":"busy","status":429}`)
			return
		}
		if broken.Add(-1) >= 0 { // in the middle of an answer
			server.ServeHTTP(&breaking{ResponseWriter: w, left: 3}, r)
			return
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Drain()
		web.CloseClientConnections()
		web.Close()
		desk.Close()
		if err := errors.Join(h.Close(), keys.Close()); err != nil {
			t.Error(err)
		}
	})
	token, _, err := keys.Make(t.Context(), access.Key{Label: "test", Workspaces: []string{"*"},
		Verbs: access.Verbs()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	c = &client.Client{Base: web.URL + "/", Key: token}
	if _, err := c.Create(t.Context(), &client.CreateInBody{Name: "east",
		Files: []client.File{{Name: "p.thru", Text: shop}}}); err != nil {
		t.Fatal(err)
	}
	return c, refused, broken
}

// breaking is an answer whose connection breaks after some pieces.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func (b *breaking) Write(p []byte) (int, error) {
	if b.left--; b.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return b.ResponseWriter.Write(p)
}

// TestClient asks a server everything that is not like the rest.
func TestClient(t *testing.T) {
	c, refused, _ := serve(t)
	ctx, east := t.Context(), c.In("east")
	refused.Store(2)
	made, err := east.Submit(ctx, client.Record{"type": "Rep", "id": "li", "name": "Li"},
		client.Record{"type": "Visit", "rep": "li", "n": 9})
	if err != nil || made[0].Outcome != "accepted" || made[1].Record.ID == "" || len(made[1].Effects) != 1 {
		t.Fatal(made, err)
	}
	tasks, err := east.Tasks(ctx, &client.TasksParams{For: "li"})
	if err != nil || len(tasks.Tasks) != 1 || tasks.Tasks[0].Due == nil {
		t.Errorf("%+v %v", tasks, err)
	}
	n := 0
	for d, err := range east.Stream(ctx, func(yield func(client.Record) bool) {
		for i := range 300 {
			if !yield(client.Record{"type": "Visit", "rep": "li", "n": i + 10}) {
				return
			}
		}
	}) {
		if err != nil || d.Outcome != "accepted" {
			t.Fatal(d, err)
		}
		n++
	}
	st, err := east.StateRecord(ctx, "Rep", "li", &client.StateRecordParams{Expr: []string{"count(Visit)"}})
	if err != nil || n != 300 || string(st.Rows[0].Values[0]) != "301" {
		t.Errorf("%d answers, %+v %v", n, st, err)
	}
	var p *client.Problem
	if _, err := c.In("none").Tasks(ctx, nil); !errors.As(err, &p) || p.Code != "unknown-workspace" {
		t.Error(err)
	}
	refused.Store(100)
	if _, err := (&client.Client{Base: c.Base, Key: c.Key, Try: 2}).In("east").Alerts(ctx); !errors.As(err, &p) ||
		p.Code != "busy" {
		t.Error(err)
	}
	refused.Store(0)
	sent, err := east.SendFiles(ctx, client.Upload{Name: "a.txt", Data: []byte("text")})
	if err != nil || sent.Files[0].Size != 4 {
		t.Fatal(sent, err)
	}
	body, err := east.File(ctx, sent.Files[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || string(b) != "text" {
		t.Errorf("%q %v", b, err)
	}
}

// TestImport takes a table in and back.
func TestImport(t *testing.T) {
	c, _, _ := serve(t)
	ctx, east := t.Context(), c.In("east")
	x, err := east.SendTable(ctx, client.Upload{Name: "a.csv", Data: []byte("at,rep,n\n2026-03-02,li,3\n")}, nil)
	if err != nil || x.Report.New != 1 {
		t.Fatal(x, err)
	}
	if _, err := east.StartImport(ctx, x.ID); err != nil {
		t.Fatal(err)
	}
	for x.State = "running"; x.State == "running"; {
		j, err := east.Import(ctx, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		x.State, x.Counts = j.State, j.Counts
	}
	if fmt.Sprintf("%s %v", x.State, x.Counts) != "done map[accepted:1]" {
		t.Errorf("%s %v", x.State, x.Counts)
	}
}

// TestFeed hears every decision once, whatever becomes of the connection.
func TestFeed(t *testing.T) {
	c, _, broken := serve(t)
	east := c.In("east")
	broken.Store(4)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		other := &client.Client{Base: c.Base, Key: c.Key}
		for i := range 40 {
			for {
				_, err := other.In("east").Submit(ctx, client.Record{"type": "Visit",
					"id": fmt.Sprint("v", i), "rep": "li", "n": i + 10})
				if err == nil {
					break
				}
				if ctx.Err() != nil {
					ended <- err
					return
				}
			}
		}
		ended <- nil
	}()
	heard := map[string]int{}
	var seqs []int64
	for d, err := range east.Feed(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, d.Seq)
		if d.Record != nil && d.Outcome == "accepted" {
			heard[d.Record.ID]++
		}
		if len(heard) == 40 {
			break
		}
	}
	if err := <-ended; err != nil || !slices.IsSorted(seqs) || len(slices.Compact(slices.Clone(seqs))) != len(seqs) {
		t.Errorf("%v: %v", seqs, err)
	}
	for id, n := range heard {
		if n != 1 {
			t.Errorf("%s was heard %d times", id, n)
		}
	}
	if _, err := c.In("none").Alerts(ctx); err == nil {
		t.Error("there is a workspace that there is not")
	}
	for _, err := range c.In("none").Feed(ctx, 0) {
		if err == nil {
			t.Error("a feed of no workspace tells something")
		}
	}
}

// TestTypeScript runs the other client against the same server.
func TestTypeScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("THRU_REQUIRE_NODE_MODULES") != "" {
			t.Fatal("there is no node, and this is to be tested")
		}
		t.Skip("there is no node")
	}
	c, _, _ := serve(t)
	cmd := exec.CommandContext(t.Context(), node, "typescript/test.mjs", c.Base, c.Key)
	b, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(b, []byte("fine")) {
		t.Errorf("%v: %s", err, b)
	}
	tsc := filepath.Join("..", "builder", "ui", "node_modules", "typescript", "bin", "tsc")
	if _, err := os.Stat(tsc); err != nil {
		if os.Getenv("THRU_REQUIRE_NODE_MODULES") != "" {
			t.Fatal("there is no compiler of TypeScript")
		}
		t.Skip("there is no compiler of TypeScript")
	}
	b, err = exec.CommandContext(t.Context(), node, tsc, "--noEmit", "--strict", "--target", "es2022",
		"--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022,dom,dom.iterable,dom.asynciterable",
		"typescript/index.d.ts").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, strings.TrimSpace(string(b)))
	}
}
