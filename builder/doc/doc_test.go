package doc_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/internal/golden"
)

func checked(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{Title: "Sample"})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatal(source.Text(p.Files, d, "en"))
		}
	}
	return p
}

func example(t *testing.T, name string) *policy.Policy {
	t.Helper()
	p, _, err := dsl.Load(examples.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func site(t *testing.T, p *policy.Policy) map[string]*html.Node {
	t.Helper()
	files, err := doc.Make(p, doc.Languages())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*html.Node{}
	for _, f := range files {
		if path.Ext(f.Name) != ".html" {
			continue
		}
		if out[f.Name], err = html.Parse(bytes.NewReader(f.Data)); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	return out
}

// policies are all that the tests of every page go over.
func policies(t *testing.T) map[string]*policy.Policy {
	t.Helper()
	out := map[string]*policy.Policy{"sales": checked(t, "import sales.*\n"), "none": checked(t, "")}
	for _, name := range examples.Names() {
		out[name] = example(t, name)
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, text, ok := strings.Cut(string(data), "-- a.thru --\n")
		if !ok {
			continue
		}
		text, _, _ = strings.Cut(text, "\n-- ")
		out[file] = checked(t, text+"\n")
		out[file+" in Chinese"] = checked(t, syntax.Format(text+"\n", syntax.Options{Lang: "zh"}))
	}
	return out
}

// TestPages shows what the pages say, one after the other.
func TestPages(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		var p *policy.Policy
		if name, ok := c.Section("load"); ok {
			p = example(t, strings.TrimSpace(name))
		} else {
			p = checked(t, c.Input(t, "a.thru"))
		}
		pages := site(t, p)
		out := golden.Outputs{}
		for _, lang := range doc.Languages() {
			var b strings.Builder
			for _, name := range sorted(pages) {
				if strings.HasPrefix(name, lang+"/") {
					b.WriteString("# " + name + "\n" + text(find(pages[name], "main")[0]))
				}
			}
			out[lang] = b.String()
		}
		return out
	})
}

func sorted(pages map[string]*html.Node) []string {
	var names []string
	for name := range pages {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// find lists the elements of a name below a node.
func find(n *html.Node, names ...string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (len(names) == 0 || slices.Contains(names, d.Data)) {
			out = append(out, d)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

var blanks = regexp.MustCompile(`[ \t\n]+`)

// text is what a reader sees: a line for everything that stands on lines of its own.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(blanks.ReplaceAllString(n.Data, " "))
		}
		switch n.Data {
		case "h1", "h2", "h3", "p", "li", "tr", "caption", "svg", "text":
			if n.Type == html.ElementNode {
				b.WriteString("\n" + map[string]string{"h1": "# ", "h2": "## ", "h3": "### ", "li": "- ",
					"text": "[] "}[n.Data])
			}
		case "td", "th":
			b.WriteString(" | ")
		case "title":
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(n)
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(blanks.ReplaceAllString(line, " ")); line != "" && line != "-" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestEveryPageIsSound holds every page to what browsers, readers of screens and strict servers
// need of it.
func TestEveryPageIsSound(t *testing.T) {
	for name, p := range policies(t) {
		pages := site(t, p)
		ids := map[string]map[string]bool{}
		for file, page := range pages {
			ids[file] = map[string]bool{}
			for _, n := range find(page) {
				if id := attr(n, "id"); id != "" {
					if ids[file][id] {
						t.Errorf("%s: %s: two ids %q", name, file, id)
					}
					ids[file][id] = true
				}
			}
		}
		for file, page := range pages {
			where := name + ": " + file
			sound(t, where, page)
			for _, n := range find(page, "a", "link") {
				follow(t, where, file, attr(n, "href"), ids)
			}
		}
	}
}

// follow holds a link to lead to a page, and where it names one to an id, of the site.
func follow(t *testing.T, where, file, href string, ids map[string]map[string]bool) {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil || u.IsAbs() || u.Host != "" || href == "" {
		t.Errorf("%s: the link %q (%v)", where, href, err)
		return
	}
	to := file
	if u.Path != "" {
		to = path.Join(path.Dir(file), u.Path)
	}
	if to == "style.css" {
		return
	}
	if ids[to] == nil || u.Fragment != "" && !ids[to][u.Fragment] {
		t.Errorf("%s: the link %q leads nowhere", where, href)
	}
}

func sound(t *testing.T, where string, page *html.Node) {
	t.Helper()
	folder := path.Dir(where[strings.LastIndex(where, " ")+1:])
	want := map[string]string{"en": "en", "zh": "zh-CN"}[folder]
	if lang := attr(find(page, "html")[0], "lang"); lang == "" || want != "" && lang != want {
		t.Errorf("%s: lang %q", where, lang)
	}
	if n := len(find(page, "h1")); n != 1 || len(find(page, "main")) != 1 {
		t.Errorf("%s: %d h1", where, n)
	}
	level := 0
	for _, h := range find(page, "h1", "h2", "h3", "h4") {
		if is := int(h.Data[1] - '0'); is > level+1 {
			t.Errorf("%s: %s after h%d", where, h.Data, level)
		} else {
			level = is
		}
		if strings.TrimSpace(text(h)) == "" {
			t.Errorf("%s: an empty %s", where, h.Data)
		}
	}
	for _, n := range find(page) {
		switch n.Data {
		case "script", "style", "img", "iframe":
			t.Errorf("%s: an element %s", where, n.Data)
		case "th":
			if attr(n, "scope") == "" {
				t.Errorf("%s: a header of nothing: %s", where, text(n))
			}
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" {
				t.Errorf("%s: an attribute %s", where, a.Key)
			}
		}
	}
	if text := text(find(page, "body")[0]); strings.Contains(text, "a value from") ||
		strings.Contains(text, "{1}") || strings.Contains(text, "%!") || strings.Contains(text, "\uFFFD") {
		t.Errorf("%s: says nothing somewhere:\n%s", where, text)
	}
}

// TestChineseIsWhole finds words on the Chinese pages that no author wrote: all that a policy in
// Chinese words has in Latin letters is names.
func TestChineseIsWhole(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z_]+`)
	for name, p := range policies(t) {
		if name != "demo" && !strings.HasSuffix(name, " in Chinese") {
			continue // its English words would excuse ours
		}
		known := p.Settings.Title + " " + p.Settings.Name + " " + p.Settings.Version
		for _, f := range p.Files {
			known += " " + f.Name + " " + f.Text
		}
		names := map[string]bool{"English": true} // the link to it
		for _, w := range latin.FindAllString(known, -1) {
			names[w] = true
		}
		seen := 0
		for file, page := range site(t, p) {
			if !strings.HasPrefix(file, "zh/") {
				continue
			}
			seen++
			for _, n := range find(page, "footer") {
				n.Parent.RemoveChild(n) // it has the hash
			}
			for _, w := range latin.FindAllString(text(find(page, "body")[0]), -1) {
				if !names[w] {
					t.Errorf("%s: %s says %q", name, file, w)
				}
			}
		}
		if seen < 2 {
			t.Errorf("%s: only %d pages", name, seen)
		}
	}
}

// TestWhatAuthorsWriteIsText: the pages of the hostile policy show its texts as they were written.
func TestWhatAuthorsWriteIsText(t *testing.T) {
	data, err := os.ReadFile("testdata/hostile.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, policyText, _ := strings.Cut(string(data), "-- a.thru --\n")
	policyText, _, _ = strings.Cut(policyText, "\n-- ")
	pages := site(t, checked(t, policyText+"\n"))
	for file, want := range map[string]string{
		"en/records.html": "<script>alert('label')</script>", "zh/records.html": `"><img src=x onerror=alert(1)>`,
		"en/rules.html": "<a href='https://example.com'>", "en/tests.html": "<script>&amp;"} {
		if got := text(find(pages[file], "main")[0]); !strings.Contains(got, want) {
			t.Errorf("%s does not show %s:\n%s", file, want, got)
		}
	}
}

func TestPicturesAreWellFormed(t *testing.T) {
	files, err := doc.Make(policies(t)["testdata/everything.txtar"], doc.Languages())
	if err != nil {
		t.Fatal(err)
	}
	pictures := 0
	for _, f := range files {
		for rest := string(f.Data); ; {
			from := strings.Index(rest, "<svg")
			if from < 0 {
				break
			}
			end := from + strings.Index(rest[from:], "</svg>") + len("</svg>")
			pictures++
			d := xml.NewDecoder(strings.NewReader(rest[from:end]))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v in %s", f.Name, err, rest[from:end])
				}
			}
			rest = rest[end:]
		}
	}
	if pictures < 6 { // a journey and two bars, in two languages
		t.Errorf("%d pictures", pictures)
	}
}

func TestSameSiteTwice(t *testing.T) {
	p := example(t, "demo")
	a, _ := doc.Make(p, doc.Languages())
	b, _ := doc.Make(example(t, "demo"), doc.Languages())
	for i := range a {
		if a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s differs", a[i].Name)
		}
	}
}
