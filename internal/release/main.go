// Command release builds thru for every platform, each twice and with nothing kept from the first
// time; two builds that differ end it. Beside the archives it writes their SHA-256 sums and what
// they are made of (CycloneDX).
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// platforms are those that we release for.
const platforms = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64"

func main() {
	out := flag.String("out", "dist", "folder to write to; it is not there yet")
	only := flag.String("platforms", platforms, "what to build for")
	flag.Parse()
	if err := release(*out, strings.Fields(*only)); err != nil {
		log.Fatal(err)
	}
}

// still says which commit stands here. What is not committed cannot be built again by others, and
// what changes between two builds makes them differ.
func still() (string, error) {
	b, err := exec.Command("git", "status", "--porcelain").Output()
	if err == nil && len(bytes.TrimSpace(b)) > 0 {
		err = fmt.Errorf("commit first, or take away:\n%s", b)
	}
	if err != nil {
		return "", err
	}
	b, err = exec.Command("git", "rev-parse", "HEAD").Output()
	return string(b), err
}

func release(out string, list []string) error {
	commit, err := still()
	if err != nil {
		return err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, p := range list {
		file, err := platform(out, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		for _, name := range file {
			b, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				return err
			}
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b), name)
		}
		if is, err := still(); err != nil || is != commit {
			return errors.Join(errors.New("the sources have changed meanwhile"), err)
		}
		fmt.Println(p, "is the same twice")
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// platform builds for one platform and names what it wrote.
func platform(out, name string) ([]string, error) {
	system, machine, _ := strings.Cut(name, "/")
	work, err := os.MkdirTemp("", "thru-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	var first []byte
	for _, turn := range []string{"a", "b"} {
		to := filepath.Join(work, turn, "thru")
		c := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w -buildid=",
			"-pgo=cmd/thru/release.pgo", "-o", to, "./cmd/thru")
		c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine, "GOFLAGS=",
			"GOCACHE="+filepath.Join(work, "cache-"+turn))
		c.Stdout, c.Stderr = os.Stderr, os.Stderr
		if err := c.Run(); err != nil {
			return nil, err
		}
		b, err := os.ReadFile(to)
		if err != nil {
			return nil, err
		}
		if first != nil && !bytes.Equal(first, b) {
			return nil, errors.New("built twice, it is not the same")
		}
		first = b
	}
	base := "thru-" + system + "-" + machine
	if err := archive(filepath.Join(out, base+".tar.gz"), system, first); err != nil {
		return nil, err
	}
	bom, err := parts(bytes.NewReader(first))
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(out, base+".cdx.json"), bom, 0o644)
	return []string{base + ".tar.gz", base + ".cdx.json"}, err
}

// archive packs the program with what has to go with it. Nothing in it depends on when or by whom
// it was packed.
func archive(to, system string, program []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	name := "thru"
	if system == "windows" {
		name = "thru.exe"
	}
	add := func(name string, mode int64, b []byte) error {
		err := t.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(b)),
			ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR})
		_, bad := t.Write(b)
		return errors.Join(err, bad)
	}
	err = add(name, 0o755, program)
	for _, file := range []string{"LICENSE", "THIRD-PARTY-NOTICES.txt", "CHANGELOG.md"} {
		text, bad := os.ReadFile(file)
		err = errors.Join(err, bad, add(file, 0o644, text))
	}
	if err = errors.Join(err, t.Close(), z.Close()); err != nil {
		return err
	}
	return os.WriteFile(to, b.Bytes(), 0o644)
}

// component is a part of the program in CycloneDX.
type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
}

// parts says what the program is made of: what the go command wrote into it.
func parts(program io.ReaderAt) ([]byte, error) {
	info, err := buildinfo.Read(program)
	if err != nil {
		return nil, err
	}
	of := func(path, version string) component {
		return component{"library", path, version, "pkg:golang/" + path + "@" + version}
	}
	list := []component{of("std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		list = append(list, of(m.Path, m.Version))
	}
	b, err := json.MarshalIndent(map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6",
		"version": 1, "components": list, "metadata": map[string]any{"component": component{
			"application", info.Main.Path, info.Main.Version,
			"pkg:golang/" + info.Main.Path + "@" + info.Main.Version}}}, "", "  ")
	return append(b, '\n'), err
}
