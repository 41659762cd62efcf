package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving is a server that runs as people run it.
type serving struct {
	t        testing.TB
	cmd      *exec.Cmd
	url, key string
	log      bytes.Buffer
}

func serve(t testing.TB, dir, key string, flags ...string) *serving {
	t.Helper()
	return serveAs(t, exec.Command("thru", append([]string{"serve", "--data", dir,
		"--addr", "127.0.0.1:0", "--json", "--lang", "en"}, flags...)...), key)
}

// serveAs is serve by a command.
func serveAs(t testing.TB, cmd *exec.Cmd, key string) *serving {
	t.Helper()
	s := &serving{t: t, cmd: cmd}
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() }) // where the test failed before it ended
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		_ = s.cmd.Wait()
		t.Fatalf("%v: %s", err, s.log.String())
	}
	var said struct{ URL, Key string }
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatal(err)
	}
	if (said.Key == "") == (key == "") {
		t.Fatalf("a key is told on the first start alone: %s", line)
	}
	s.url, s.key = said.URL, key+said.Key
	return s
}

// call returns an answer's body; what is not answered well ends the test.
func (s *serving) call(method, path, body string) string {
	s.t.Helper()
	out, err := s.try(method, path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *serving) try(method, path, body string) (string, error) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, b)
	}
	return string(b), err
}

func (s *serving) stop(sig os.Signal) error {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	return s.cmd.Wait()
}

const served1 = `{"name":"east","files":[{"name":"p.thru","text":"entity Rep {\n  name text?\n}\n"}]}`

// TestServe takes a server through its first start, a stop in the middle of requests, and a kill:
// every record that was answered is in the log once.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "")
	s.call("POST", "/v1/-/workspaces", served1)
	answered := map[string]bool{}
	for round, sig := range []os.Signal{syscall.SIGTERM, os.Kill, os.Interrupt} {
		if round > 0 {
			s = serve(t, dir, s.key)
		}
		done := make(chan []string)
		for c := range 4 {
			go func() {
				var ids []string
				defer func() { done <- ids }()
				for i := range 10_000 {
					id := fmt.Sprintf("r%d-%d-%d", round, c, i)
					if _, err := s.try("POST", "/v1/east/records",
						`{"type":"Rep","id":"`+id+`"}`); err != nil {
						return // the server is gone
					}
					if ids = append(ids, id); len(ids) == 20 && c == 0 {
						if err := s.cmd.Process.Signal(sig); err != nil {
							t.Error(err)
						}
					}
				}
			}()
		}
		for range 4 {
			for _, id := range <-done {
				answered[id] = true
			}
		}
		if err := s.cmd.Wait(); (err == nil) == (sig == os.Kill) {
			t.Errorf("ended by %v: %v: %s", sig, err, s.log.String())
		}
	}
	s = serve(t, dir, s.key)
	found := map[string]int{}
	var page struct {
		Decisions []struct{ Record struct{ ID string } }
		Next      uint64
		Last      uint64
	}
	for page.Last == 0 || page.Next < page.Last {
		body := s.call("GET", fmt.Sprintf("/v1/east/decisions?limit=1000&after=%d", page.Next), "")
		page.Decisions = nil
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Decisions {
			found[d.Record.ID]++
		}
	}
	if len(answered) < 60 {
		t.Errorf("only %d records were answered", len(answered))
	}
	for id := range answered {
		if found[id] != 1 {
			t.Errorf("%s was answered and is %d times in the log", id, found[id])
		}
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}

// TestBackupOfAServer copies the databases of a server that runs and goes on answering; the copies
// are whole, and a server runs on them.
func TestBackupOfAServer(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	s := serve(t, dir, "")
	s.call("POST", "/v1/-/workspaces", served1)
	for i := range 20 {
		s.call("POST", "/v1/east/records", fmt.Sprintf(`{"type":"Rep","id":"r%d"}`, i))
	}
	s.call("PUT", "/v1/east/channels/said",
		`{"kind":"wecom","secret":{"url":"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret"}}`)
	// A draft as an author leaves it; what it says is the builder's.
	if err := os.MkdirAll(filepath.Join(dir, "drafts", "east"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "drafts", "east", "draft.log"), []byte("{}\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(key, []byte(s.key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		b, err := exec.Command("thru", append(args, "--lang", "en")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v: %s", args, err, b)
		}
		return string(b)
	}
	s.call("PUT", "/v1/east/mappings/reps", `{"text":"type = \"Rep\"\n[[column]]\nfrom = \"no\"\nto = \"id\"\n"}`)
	table := filepath.Join(t.TempDir(), "reps.csv")
	if err := os.WriteFile(table, []byte("no\nr18\nimported\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	told := run("import", "east", table, "--map", "reps", "--server", s.url, "--key", key)
	id := regexp.MustCompile(`import (\S+): done, 2 of 2 rows`).FindStringSubmatch(told)
	if id == nil {
		t.Fatalf("import says %s", told)
	}
	said := run("backup", "--server", s.url, "--key", key, "--out", out)
	if !strings.Contains(said, "east: 23 entries in ") || !strings.Contains(said, "system: ") {
		t.Errorf("backup says %s", said)
	}
	if said := run("doctor", "--data", dir); !strings.Contains(said, "in use") {
		t.Errorf("doctor says %s", said)
	}
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"later"}`)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
	run("verify", "--db", filepath.Join(out, "workspaces", "east.db"))
	if said := run("doctor", "--data", out); !strings.Contains(said, "23 entries") {
		t.Errorf("doctor says %s", said)
	}
	// What is sealed is in the copy, and the key to it is not.
	b, err := exec.Command("thru", "serve", "--data", out, "--addr", "127.0.0.1:0", "--lang",
		"en").CombinedOutput()
	if err == nil || !strings.Contains(string(b), "a copy has none") {
		t.Errorf("without the key: %v: %s", err, b)
	}
	b, err = os.ReadFile(filepath.Join(dir, "secrets.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(out, "secrets.key"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	again := serve(t, out, s.key)
	if body := again.call("GET", "/v1/east/channels", ""); !strings.Contains(body, `"said"`) ||
		!strings.Contains(body, `"secret":true`) {
		t.Errorf("the copy has the channels %s", body)
	}
	if _, err := os.Stat(filepath.Join(out, "drafts", "east", "draft.log")); err != nil {
		t.Errorf("the copy has no drafts: %v", err)
	}
	if body := again.call("GET", "/v1/east/mappings", ""); !strings.Contains(body, "[[column]]") {
		t.Errorf("the copy has the mapping %s", body)
	}
	undone := run("import", "undo", "east", id[1], "--server", again.url, "--key", key)
	if !strings.Contains(undone, "taken back: 2; left,") {
		t.Errorf("an import in a copy is taken back: %s", undone)
	}
	if body := again.call("GET", "/v1/east/state/Rep?limit=100", ""); strings.Contains(body, "imported") {
		t.Errorf("the copy has still %s", body)
	}
	body := again.call("GET", "/v1/east/state/Rep?limit=100", "")
	if strings.Contains(body, "later") || !strings.Contains(body, `"r19"`) {
		t.Errorf("the copy has %s", body)
	}
	if err := again.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, again.log.String())
	}
	said = run("backup", "--data", dir, "--out", out+"-2")
	if !strings.Contains(said, "east: 24 entries in ") {
		t.Errorf("backup of the folder says %s", said)
	}
	db := filepath.Join(out+"-2", "workspaces", "east.db")
	for until, there := range map[string]bool{"": true, "5": false} {
		dir := t.TempDir()
		args := []string{"restore", db, "--db", filepath.Join(dir, "west.db")}
		if until != "" {
			args = append(args, "--seq", until)
		}
		run(args...)
		if _, err := os.Stat(filepath.Join(dir, "west.mappings", "reps.toml")); err != nil {
			t.Error(err)
		}
		_, err := os.Stat(filepath.Join(dir, "west.imports", id[1], "rows.ndjson"))
		if (err == nil) != there {
			t.Errorf("to %q the import: %v", until, err)
		}
	}
}

// certificate makes one for this machine that signs itself, and says where it and its key are.
// TestFilesGoAlong takes a file through a server, its copy, a restored copy, an erasure, and damage.
func TestFilesGoAlong(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, filepath.Join(dir, "data"), "")
	s.call("POST", "/v1/-/workspaces", `{"name":"east","files":[{"name":"p.thru","text":`+
		`"entity Rep { name text? }\nevent Visit { rep Rep; bill file personal }\n"}]}`)
	r, err := http.NewRequest("POST", s.url+"/v1/east/files", strings.NewReader("--b\r\n"+
		"Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\na bill\r\n--b--\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	var sent struct{ Files []struct{ SHA256 string } }
	if err := errors.Join(json.NewDecoder(answer.Body).Decode(&sent), answer.Body.Close()); err != nil ||
		len(sent.Files) != 1 {
		t.Fatal(sent, err)
	}
	hash := sent.Files[0].SHA256
	s.call("POST", "/v1/east/records", `{"type":"Visit","id":"v1","rep":"li","bill":{"sha256":"`+hash+`"}}`)
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(s.key), 0o600); err != nil {
		t.Fatal(err)
	}
	thru := func(want string, args ...string) {
		t.Helper()
		b, err := exec.Command("thru", append(args, "--lang", "en")...).CombinedOutput()
		if !strings.Contains(string(b), want) {
			t.Fatalf("%v: %v: %s", args, err, b)
		}
	}
	at := func(folder string) string { return filepath.Join(dir, folder, "workspaces", "east.db") }
	file := func(db string) string { return strings.TrimSuffix(db, ".db") + ".files/" + hash[:2] + "/" + hash }
	thru("east: 1 file in", "backup", "--server", s.url, "--key", key, "--out", filepath.Join(dir, "one"))
	if err := s.stop(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	thru("east: 1 file in", "backup", "--data", filepath.Join(dir, "data"), "--out", filepath.Join(dir, "two"))
	again := filepath.Join(dir, "again.db")
	thru("has 1 file", "restore", at("two"), "--db", again)
	thru("1 file is what it was", "verify", "--db", again)
	thru("erased from 1 record", "erase", "--db", again, "Rep/li")
	if b, err := os.ReadFile(file(again)); err == nil {
		t.Errorf("it is still there: %s", b)
	}
	thru("1 file is what it was", "verify", "--db", at("one"))
	if err := os.WriteFile(file(at("one")), []byte("b bill"), 0o600); err != nil {
		t.Fatal(err)
	}
	thru(hash+", is changed", "verify", "--db", at("one"))
	if err := os.Remove(file(at("one"))); err != nil {
		t.Fatal(err)
	}
	thru("XX  "+filepath.Join(dir, "one", "workspaces", "east.files")+": "+hash+" is missing", "doctor",
		"--data", filepath.Join(dir, "one"))
}

// TestImport takes a table into a server by the command, and back.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, filepath.Join(dir, "data"), "")
	s.call("POST", "/v1/-/workspaces", `{"name":"east","files":[{"name":"p.thru","text":`+
		`"entity Rep { name text }\nevent Visit { rep Rep; n int }\n"}]}`)
	write := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	key := write("key", s.key)
	thru := func(want string, args ...string) string {
		t.Helper()
		args = append(args, "--server", s.url, "--key", key, "--lang", "en")
		b, err := exec.Command("thru", args...).CombinedOutput()
		if !strings.Contains(string(b), want) {
			t.Fatalf("%v: %v: %s", args, err, b)
		}
		return string(b)
	}
	visits := write("visits.csv", "at,rep,count\n2026-03-02,li,3\n2026-03-03,li,many\n")
	m := write("m.toml", "type = \"Visit\"\n[[column]]\nfrom = \"at\"\nto = \"at\"\n"+
		"[[column]]\nfrom = \"rep\"\nto = \"rep\"\n[[column]]\nfrom = \"count\"\nto = \"n\"\n")
	back := filepath.Join(dir, "back.csv")
	thru("2 rows of Visit: 1 record, 0 again, 1 refused", "import", "east", visits, "--map", m, "--dry-run",
		"--type", "Visit")
	out := thru("done, 2 of 2 rows\n  accepted  1\n  rejected  1\n", "import", "east", visits, "--map", m,
		"--type", "Visit", "--returned", back)
	if b, err := os.ReadFile(back); err != nil || !strings.Contains(string(b), "2026-03-03,li,many,") {
		t.Errorf("%s: %v", b, err)
	}
	_, id, _ := strings.Cut(out, "import ")
	id, _, _ = strings.Cut(id, ":")
	thru("taken back: 1; left, since they were changed: 0", "import", "undo", "east", id)
	thru("--returned is an .xlsx or .csv file", "import", "east", visits, "--returned", "x.pdf")
	thru("there is no such mapping", "import", "east", visits, "--map", "nothing")
	if err := s.stop(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	x := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	public, err := x509.CreateCertificate(rand.Reader, x, x, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: public},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}))
	return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), roots
}

// TestServeTLS serves with a certificate of one's own: over TLS 1.2 and 1.3 to whoever trusts it,
// and in no other way. A key that is not the certificate's is refused before anything is served.
func TestServeTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	_, other, strangers := certificate(t)
	out, err := exec.Command("thru", "serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0",
		"--cert", cert, "--key", other, "--check").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "private key does not match") {
		t.Errorf("with another's key: %v: %s", err, out)
	}
	s := serve(t, t.TempDir(), "", "--cert", cert, "--key", key)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("serves %s", s.url)
	}
	for _, c := range []struct {
		name string
		cfg  *tls.Config
		fine bool
	}{
		{"TLS 1.3", &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, true},
		{"TLS 1.2", &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12}, true},
		{"TLS 1.1", &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10,
			MaxVersion: tls.VersionTLS11}, false},
		{"who does not trust it", &tls.Config{RootCAs: strangers}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := http.Client{Transport: &http.Transport{TLSClientConfig: c.cfg}}
			defer client.CloseIdleConnections()
			answer, err := client.Get(s.url + "/healthz")
			if (err == nil) != c.fine {
				t.Fatal(err)
			}
			if err == nil {
				defer answer.Body.Close()
				if answer.StatusCode != 200 || answer.Header.Get("Strict-Transport-Security") != "max-age=15552000" {
					t.Error(answer.Status, answer.Header)
				}
			}
		})
	}
	loose := serve(t, t.TempDir(), "", "--cert", cert, "--key", key, "--hsts=false")
	plain := serve(t, t.TempDir(), "")
	for _, url := range []string{loose.url, plain.url} {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		defer client.CloseIdleConnections()
		answer, err := client.Get(url + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if said := answer.Header.Get("Strict-Transport-Security"); said != "" {
			t.Errorf("%s has browsers come over TLS alone: %s", url, said)
		}
	}
	answer, err := http.Get("http" + strings.TrimPrefix(s.url, "https") + "/healthz")
	if err == nil {
		defer answer.Body.Close()
		if answer.StatusCode == 200 {
			t.Error("answered without TLS")
		}
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}
