package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/templates/pack/remote/remotetest"
)

const endToEnd = `
-- shelf/thru.toml --
name = "acme.shelf"
version = "1.0.0"
license = "Apache-2.0"
-- shelf/a.thru --
package acme.shelf

import sales.*

event Check {
  rep   Rep
  store Store
  skus  int
}

action Count "Count facings" (least int in 1..20 = 3) {
  on    Check
  by    rep
  about store
  done  skus >= least
}

rule AskCount on Store {
  when monthly > 1000
  do   { task "Count the facings at {name}" for owner due 2wd until Count }
}
-- shelf/tests.thru --
package acme.shelf

import sales.*

test "a store that sells is counted" {
  given Rep li { name: "Li" }
  Store s { name: "S", owner: "li", monthly: 900 }
  expect no task
  Store s { monthly: 5000 }
  expect task "Count the facings at S" for li
  Check a { rep: "li", store: "s", skus: 2 }
  expect a not done
  Check b { rep: "li", store: "s", skus: 3 }
  expect b done
}
-- shop/thru.toml --
name = "shop"
-- shop/a.thru --
package shop

import sales.*
import acme.shelf

use shelf.Count(least: 5) as Five

use shelf.AskCount as AskFive
`

// TestEndToEnd takes a package from its author to a task that closes: packed, published to a
// registry, added in a fresh workspace, the policy published to a server, the record that completes
// the action.
func TestEndToEnd(t *testing.T) {
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(endToEnd)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	registry := httptest.NewServer(remotetest.Registry())
	defer registry.Close()
	place := "oci://" + strings.TrimPrefix(registry.URL, "http://") + "/policies"
	thru := func(args ...string) {
		t.Helper()
		c := exec.Command("thru", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("thru %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	thru("pack", "shelf", "--out", "dist")
	thru("publish", "shelf", "--to", place, "--plain-http")
	thru("add", "acme.shelf", "--in", "shop", "--from", place, "--plain-http")
	thru("vendor", "shop")
	thru("check", "shop", "--frozen")

	s := serve(t, t.TempDir(), "")
	s.call("POST", "/v1/-/workspaces", served1)
	s.call("PUT", "/v1/east/policy", posted(t, filepath.Join(dir, "shop")))
	open := func() (out []string) {
		t.Helper()
		var list struct{ Tasks []struct{ Text string } }
		if err := json.Unmarshal([]byte(s.call("GET", "/v1/east/tasks", "")), &list); err != nil {
			t.Fatal(err)
		}
		for _, x := range list.Tasks {
			out = append(out, x.Text)
		}
		return out
	}
	for _, step := range []struct{ record, open string }{
		{`{"type":"Rep","id":"li","name":"Li"}`, ""},
		{`{"type":"Store","id":"s","name":"S","owner":"li","monthly":5000}`, "Count the facings at S"},
		{`{"type":"Check","id":"a","rep":"li","store":"s","skus":4}`, "Count the facings at S"},
		{`{"type":"Check","id":"b","rep":"li","store":"s","skus":5}`, ""},
	} {
		answer := s.call("POST", "/v1/east/records", step.record)
		if got := strings.Join(open(), "\n"); got != step.open {
			t.Errorf("after %s open is %q, want %q; the answer was %s", step.record, got, step.open, answer)
		}
	}
}

// posted is a folder's files as the server takes them: text, with packages in vendor.
func posted(t *testing.T, dir string) string {
	t.Helper()
	var out api.Files
	in := os.DirFS(dir)
	err := fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(name, ".") {
			return err
		}
		text, err := fs.ReadFile(in, name)
		out.Files = append(out.Files, api.File{Name: name, Text: string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
