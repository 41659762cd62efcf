package main

import (
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/throughline/throughline/internal/golden"
	"github.com/throughline/throughline/runtime/store/bolt"
	"github.com/throughline/throughline/templates/pack/remote/remotetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"thru": main})
}

// scriptsWithin is how long the scripts may take together: a program that hangs in one of them is
// killed then and told with its script, before the test binary itself is. They
// need ten seconds on a machine that has nothing else to do, and minutes on one that many share.
const scriptsWithin = 5 * time.Minute

// TestScripts runs the command the way people do. A script says what it shows in its first line.
// No script waits for a moment to pass or leaves a program running behind it: a child that keeps
// its output open is waited for. What goes on beside a command, such as hold, the test does itself.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       golden.Update(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(scriptsWithin),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shop": shop, "hold": hold, "code": code, "picture": picture,
			"servers": servers,
		},
		Setup: func(e *testscript.Env) error {
			// The machine's language must not decide what the scripts see.
			e.Setenv("THRU_LANG", "en")
			return nil
		},
	})
}

// shop puts a small policy with records into the script's folder: shop, Rep.csv, march.ndjson.
func shop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: shop")
	}
	ts.Check(os.CopyFS(ts.MkAbs("."), os.DirFS("testdata/shop")))
}

// hold FILE keeps a database open until the script ends, as another process would.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FILE")
	}
	log, err := bolt.Open(ts.MkAbs(args[0]), bolt.Options{MustExist: true})
	ts.Check(err)
	ts.Defer(func() { ts.Check(log.Close()) })
}

// servers starts a registry and a web server that takes files: $REGISTRY and $WEB.
func servers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: servers")
	}
	for name, h := range map[string]http.Handler{"REGISTRY": remotetest.Registry(), "WEB": new(remotetest.Files)} {
		s := httptest.NewServer(h)
		ts.Defer(s.Close)
		ts.Setenv(name, strings.TrimPrefix(s.URL, "http://"))
	}
}

// picture FILE draws a photo without metadata.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: picture FILE")
	}
	img := image.NewGray(image.Rect(0, 0, 90, 80))
	for i := range img.Pix {
		x, y := i%90/10, i/90/10
		img.Pix[i] = uint8(40 + 150*((3*x+5*y+x*y)%7)/7)
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(errors.Join(jpeg.Encode(f, img, &jpeg.Options{Quality: 90}), f.Close()))
}

// code N COMMAND ARG… runs a command that must end with this exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N COMMAND ARG…")
	}
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func TestLanguageOfMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		env  map[string]string
		want lang
	}{
		{"nothing said", nil, nil, english},
		{"the machine's", nil, map[string]string{"LANG": "zh_CN.UTF-8"}, chinese},
		{"ours before the machine's", nil, map[string]string{"LANG": "zh_CN.UTF-8", "THRU_LANG": "en"}, english},
		{"all of the machine's before some", nil, map[string]string{"LANG": "en_US", "LC_ALL": "zh_TW"}, chinese},
		{"the flag before all", []string{"check", "--lang", "zh", "."}, map[string]string{"THRU_LANG": "en"}, chinese},
		{"the flag in one word", []string{"--lang=zh", "check"}, nil, chinese},
		{"fmt's own flag", []string{"fmt", "--lang", "zh", "."}, nil, english},
		{"after the flags", []string{"check", "--", "--lang=zh"}, nil, english},
		{"a flag without its value", []string{"check", "--lang"}, nil, english},
	} {
		got := langOf(c.args, func(k string) string { return c.env[k] })
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
