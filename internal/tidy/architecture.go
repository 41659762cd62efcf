package tidy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// architectureFile is the page that says where things are and what they stand on.
const architectureFile = "docs/architecture.md"

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	required = regexp.MustCompile(`(?m)^(?:require )?\s*(\S+) v\S+$`) // not the indirect ones
	major    = regexp.MustCompile(`/v\d+$`)
)

// A tableRow is one row of a table in a document, without its header.
type tableRow struct {
	line  int
	cells []string
}

// tables reads the tables of a document. A row that has not as many cells as its header is one
// that fell out of place.
func tables(t *tree, p string) (rows []tableRow, broken []finding) {
	width, ruled := 0, false
	for i, line := range prose(t.texts[p]) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			width, ruled = 0, false
			continue
		}
		cells := cellsOf(line)
		switch {
		case width == 0:
			width = len(cells)
		case len(cells) != width:
			broken = append(broken, finding{rule: "markdown", path: p, line: i + 1,
				text: fmt.Sprintf("a row of %d cells in a table of %d", len(cells), width)})
		case !ruled:
			ruled = true // the line of dashes
		default:
			rows = append(rows, tableRow{i + 1, cells})
		}
	}
	return rows, broken
}

// cellsOf cuts a row at its bars; an escaped one belongs to the text.
func cellsOf(line string) []string {
	const bar = "\x00"
	line = strings.ReplaceAll(line, `\|`, bar)
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	for i, c := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(c, bar, "|"))
	}
	return cells
}

// architecture holds the page to the tree: every package and every direct dependency has a row,
// and the row of a dependency names the door that it has.
func architecture(t *tree) []finding {
	if t.texts[architectureFile] == nil || t.texts["go.mod"] == nil {
		return nil
	}
	rows, _ := tables(t, architectureFile)
	var out []finding
	miss := func(line int, format string, args ...any) {
		out = append(out, finding{rule: "architecture", path: architectureFile, line: line,
			text: fmt.Sprintf(format, args...)})
	}
	for _, m := range required.FindAllStringSubmatch(string(t.texts["go.mod"]), -1) {
		name := strings.TrimPrefix(major.ReplaceAllString(m[1], ""), "github.com/")
		i := slices.IndexFunc(rows, func(r tableRow) bool {
			return slices.Contains(strings.Split(r.cells[0], ", "), name)
		})
		if i < 0 {
			miss(0, "no row for %s, which go.mod requires", m[1])
			continue
		}
		if through, door := rows[i].cells[1], doorOf(m[1]); through != door {
			miss(rows[i].line, "%s comes in through %s, not %s", name, door, through)
		}
	}
	for _, dir := range packages(t) {
		if !slices.ContainsFunc(rows, func(r tableRow) bool { return r.names(dir) }) {
			miss(0, "no row for the package %s", dir)
		}
	}
	return out
}

// doorOf is how the page calls the place where a module comes in.
func doorOf(module string) string {
	for _, d := range doorList() {
		if d.module == module && !d.tests {
			return "`" + d.dirs[0] + "`"
		}
	}
	return "tests"
}

// packages are the folders of code that are built upon: neither commands nor examples, nor what
// the tests of several packages share.
func packages(t *tree) []string {
	var out []string
	for f := range t.code {
		if f.dir == "." || under(f.dir, "cmd", "examples") || strings.HasSuffix(f.dir, "test") {
			continue
		}
		if !slices.Contains(out, f.dir) {
			out = append(out, f.dir)
		}
	}
	return out
}

// names reports whether a row is about a package: by its path, or by its last name in the row of a
// neighbour or of the package above it.
func (r tableRow) names(dir string) bool {
	at := strings.LastIndex(dir, "/") + 1
	near := false
	for i, m := range quoted.FindAllStringSubmatch(strings.Join(r.cells, " "), -1) {
		switch name := m[1]; {
		case name == dir:
			return true
		case i == 0:
			near = name == strings.TrimSuffix(dir[:at], "/") ||
				name[:strings.LastIndex(name, "/")+1] == dir[:at] && at > 0
		case near && name == dir[at:]:
			return true
		}
	}
	return false
}
