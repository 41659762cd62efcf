package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDockerfile holds what cannot be built everywhere to what it promises: the Go of go.mod, a
// static binary and nothing else, not root, and a command line that this program takes.
func TestDockerfile(t *testing.T) {
	b, err := os.ReadFile("../../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "\\\n", " ")
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
	stages := strings.Split(text, "\nFROM ")
	last := stages[len(stages)-1]
	for what, ok := range map[string]bool{
		"the Go of go.mod":     strings.Contains(text, "\nFROM golang:"+version+" AS build\n"),
		"two stages":           len(stages) == 3,
		"nothing but ours":     strings.HasPrefix(last, "scratch\n"),
		"a static binary":      strings.Contains(text, "CGO_ENABLED=0 go build -trimpath"),
		"not root":             regexp.MustCompile(`(?m)^USER [1-9]\d*:[1-9]\d*$`).MatchString(last),
		"authorities to trust": strings.Contains(last, "/etc/ssl/certs/ca-certificates.crt"),
		"a graceful stop":      strings.Contains(last, "\nSTOPSIGNAL SIGTERM\n"),
		"no shell":             strings.Contains(last, "\nENTRYPOINT [\"/thru\"]\n"),
		"no secret":            !regexp.MustCompile(`(?i)(password|token|secret|_key)=`).MatchString(text),
	} {
		if !ok {
			t.Errorf("it has not: %s", what)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if !strings.Contains(" FROM WORKDIR COPY RUN USER VOLUME EXPOSE STOPSIGNAL ENTRYPOINT CMD # ",
			" "+word+" ") && word != "" {
			t.Errorf("no instruction: %s", line)
		}
		if paths := strings.Fields(rest); word == "COPY" && !strings.HasPrefix(rest, "--from") {
			for _, p := range paths[:len(paths)-1] {
				if _, err := os.Stat(filepath.Join("../..", p)); err != nil {
					t.Error(err)
				}
			}
		}
		if word != "CMD" {
			continue
		}
		var args []string
		if err := json.Unmarshal([]byte(rest), &args); err != nil {
			t.Fatal(err)
		}
		for i, a := range args {
			args[i] = map[string]string{"/data": t.TempDir(), ":7321": "127.0.0.1:0"}[a]
			if args[i] == "" {
				args[i] = a
			}
		}
		out, err := exec.Command("thru", append(args, "--check", "--lang", "en")...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "fine: ") {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}
