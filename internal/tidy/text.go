package tidy

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	heading     = regexp.MustCompile(`^(#{1,6}) +\S`)
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	machinePath = regexp.MustCompile(`(^|[^\w./~$}-])/(work|farm|root|home|tmp|Users)/\w`)
	registry    = regexp.MustCompile(`registry\.npmjs|(proxy|sum)\.golang\.org|"resolved": *"https?:`)
)

// markdown holds every document to one title, whole tables, and links that lead somewhere.
func markdown(t *tree) []finding {
	var out []finding
	for _, p := range t.paths(".md") {
		_, broken := tables(t, p)
		out = append(out, broken...)
		titles := 0
		for i, line := range prose(t.texts[p]) {
			if m := heading.FindStringSubmatch(line); m != nil && len(m[1]) == 1 {
				titles++
			}
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				if !t.leads(p, m[1]) {
					out = append(out, finding{rule: "markdown", path: p, line: i + 1,
						text: "dead link: " + m[1]})
				}
			}
		}
		if titles != 1 {
			out = append(out, finding{rule: "markdown", path: p, n: titles,
				text: fmt.Sprintf("%d titles, want one", titles)})
		}
	}
	return out
}

// prose is the lines of a document with the ones inside code fences emptied.
func prose(text []byte) []string {
	lines := strings.Split(string(text), "\n")
	fenced := false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			fenced = !fenced
		}
		if fenced || fence {
			lines[i] = ""
		}
	}
	return lines
}

// leads reports whether a link of a document leads somewhere: out of the repository, into the same
// page, or to a file or folder that is there.
func (t *tree) leads(from, to string) bool {
	if strings.Contains(to, ":") || strings.HasPrefix(to, "#") {
		return true
	}
	to, _, _ = strings.Cut(to, "#")
	to = path.Join(path.Dir(from), to)
	for p := range t.texts {
		if under(p, to) {
			return true
		}
	}
	return false
}

// machinePaths keeps the paths of one machine and the addresses of the registry it happened to use
// out of the tree, where they would be wrong for everyone else.
func machinePaths(t *tree) []finding {
	var hosts []string
	for _, proxy := range strings.FieldsFunc(os.Getenv("GOPROXY"), func(r rune) bool {
		return r == ',' || r == '|'
	}) {
		if u, err := url.Parse(proxy); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	var out []finding
	for _, p := range t.paths() {
		if strings.HasPrefix(p, "internal/tidy/") {
			continue // its archives break the rule on purpose
		}
		for i, line := range bytes.Split(t.texts[p], []byte("\n")) {
			what := machinePath.Find(line)
			if what == nil {
				what = registry.Find(line)
			}
			for _, h := range hosts {
				if what == nil && bytes.Contains(line, []byte(h)) {
					what = []byte(h)
				}
			}
			if what != nil {
				out = append(out, finding{rule: "machine", path: p, line: i + 1,
					text: fmt.Sprintf("a path or host of one machine: %q", what)})
			}
		}
	}
	return out
}

// readmePair holds the two READMEs to the same sections and examples.
func readmePair(t *tree) []finding {
	en, zh := "README.md", "README.zh-CN.md"
	if t.texts[en] == nil && t.texts[zh] == nil {
		return nil
	}
	if a, b := outline(t.texts[en]), outline(t.texts[zh]); !slices.Equal(a, b) {
		return []finding{{rule: "readme", path: zh,
			text: fmt.Sprintf("sections %v, but %v in %s", b, a, en)}}
	}
	return nil
}

// outline is the levels of a document's headings, with a dot for every fence.
func outline(text []byte) []string {
	var out []string
	bare := prose(text)
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			out = append(out, ".")
		} else if m := heading.FindStringSubmatch(bare[i]); m != nil {
			out = append(out, m[1])
		}
	}
	return out
}

// makefile keeps the list of what one can do short enough to read.
func makefile(t *tree) []finding {
	if n := bytes.Count(t.texts["Makefile"], []byte("\n")); n >= 60 {
		return []finding{{rule: "makefile", path: "Makefile", n: n,
			text: fmt.Sprintf("%d lines, want fewer than 60", n)}}
	}
	return nil
}
