package dsl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// mistake is one that people make, in either vocabulary: where it can be made in a line, what the
// line becomes, and the codes of which one is told.
type mistake struct {
	what  string
	at    *regexp.Regexp // its first group is replaced
	by    string         // may use the groups
	codes string
	above *regexp.Regexp // where it is told at the nearest line above that matches
}

// mistakes are the catalogue. Each has one cause, so each is told once.
func mistakes() []mistake {
	re := regexp.MustCompile
	return []mistake{
		{what: "a head word misspelt", at: re(`^ +()when `), by: "x", codes: "T0102"},
		{what: "a head word misspelt", at: re(`^ +每(当) `), by: "挡", codes: "T0102"},
		{what: "a field misspelt", at: re(`(?:when|where|每当|条件) +[a-z_]{4,}() [<>=]`), by: "zq", codes: "T0201 T0202"},
		{what: "a field misspelt in a message", at: re(`\{name()\}`), by: "zq", codes: "T0202"},
		{what: "a part misspelt", at: re(`= (?:owner|team|account|sold)\.[a-z_]+()`), by: "zq", codes: "T0203"},
		{what: "a value misspelt", at: re(`(?:state|kind|potential) == [a-z]+()`), by: "zq", codes: "T0209"},
		{what: "a value in quotes", at: re(`(?:state|kind|potential) == ([a-z]+)`), by: `"$1"`, codes: "T0312"},
		{what: "a function misspelt", at: re(`\bco(u)nt\(`), by: "uu", codes: "T0207 T0101"},
		{what: "a function misspelt", at: re(`计(数)\(`), by: "书", codes: "T0207 T0101"},
		{what: "a source misspelt", at: re(`(?:count|计数)\([A-Z][a-z]+()`), by: "zq", codes: "T0208"},
		{what: "a type misspelt", at: re(`^  \w+ +(?:int|money|text|整数|金额|文本)()$`), by: "zq", codes: "T0204"},
		{what: "a reference's type misspelt", at: re(`^  \w+ +(?:Rep|Region|Product|Account|Store|Team|Customer)()\??$`), by: "zq", codes: "T0204"},
		{what: "a unit that there is not", at: re(`(?:in|属于) \d+[d天]()`), by: "q", codes: "T0308"},
		{what: "an operator twice", at: re(` [<>]=?() `), by: " >", codes: "T0101"},
		{what: "comparisons chained", at: re(` [<>]=? \d+()(?: |$)`), by: " > 1", codes: "T0107"},
		{what: "a bracket not closed", at: re(`^[^()]*(?:count|计数)\([^()]*(\))[^()]*$`), by: "", codes: "T0103"},
		{what: "a bracket too many", at: re(`(?:count|计数)\([^()]*\)()`), by: ")", codes: "T0104 T0101"},
		{what: "a blank before a bracket", at: re(`\w() ?\([A-Z]`), by: " ", codes: "T0109"},
		{what: "an escape that is none", at: re(`"()[^"{}]+"`), by: `\q`, codes: "T0111"},
		{what: "a message with a broken part", at: re(`\{name()\}`), by: " +", codes: "T0119"},
		{what: "a text not closed", at: re(`^.*[^ ](")(?: en "[^"]+")?(?: \{| \})*$`), by: "", codes: "T0106"},
		{what: "a field declared twice", at: re(`^()  \w+ +(?:int|money|text|time)\??$`), by: "$0\n", codes: "T0214"},
		{what: "a weight too high", at: re(` (\d+%) +=`), by: "77%", codes: "T0405", above: re(`^(score|评分) `)},
		{what: "a recipient misspelt", at: re(`(?:for|针对|notify|通知) (?:owner|manager|rep|seller)()`), by: "zq", codes: "T0202"},
		{what: "a period misspelt", at: re(`check each (\w+)`), by: "wek", codes: "T0101"},
		{what: "a period misspelt", at: re(`检查 每个 (\S+)`), by: "星其", codes: "T0101"},
		{what: "a deadline in minutes written as metres", at: re(`due (\w+)`), by: "5m", codes: "T0307"},
		{what: "a character of elsewhere", at: re(` [<>]=? ()\d`), by: "€", codes: "T0105"},
		{what: "a sign of another language", at: re(` (and|并且) [a-z]`), by: "&&", codes: "T0105"},
		{what: "one = for two", at: re(` (==) `), by: "=", codes: "T0101"},
		{what: "a window behind its brackets", at: re(`(?:count|计数)\([A-Z][a-z]+( (?:in|属于) \d+[d天]\))`), by: ") in 7d", codes: "T0121"},
		{what: "a unit apart from its number", at: re(`(?:in|属于) \d+()[d天]\)`), by: " ", codes: "T0101"},
	}
}

// site is where one mistake can be planted.
type site struct {
	mistake
	file, line int
	text       string // the line with the mistake in it
	extra      int    // lines that it adds before the one it is told at
}

// example is a policy without mistakes, by lines.
type planting struct {
	name  string
	files []string
	lines [][]string
	sites []site
}

// plantings are the policies of the examples.
func plantings(t testing.TB) []*planting {
	t.Helper()
	var out []*planting
	for _, name := range []string{"pipeline", "rfm", "demo"} {
		dir := filepath.Join("..", "examples", name)
		files, err := filepath.Glob(filepath.Join(dir, "*.thru"))
		if err != nil || len(files) == 0 {
			t.Fatal("no policy in", dir, err)
		}
		p := &planting{name: name}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			p.files = append(p.files, filepath.Base(f))
			p.lines = append(p.lines, strings.Split(string(text), "\n"))
		}
		p.find()
		out = append(out, p)
	}
	return out
}

func (p *planting) find() {
	for f, lines := range p.lines {
		for i, line := range lines {
			if strings.HasPrefix(strings.TrimSpace(line), "//") || strings.HasPrefix(p.files[f], "tests") {
				continue
			}
			for _, m := range mistakes() {
				for _, at := range m.at.FindAllStringSubmatchIndex(line, -1) {
					by := string(m.at.ExpandString(nil, m.by, line, at))
					s := site{mistake: m, file: f, line: i, text: line[:at[2]] + by + line[at[3]:]}
					s.extra = strings.Count(by, "\n")
					p.sites = append(p.sites, s)
				}
			}
		}
	}
}

// told is the line that a mistake is told at.
func (p *planting) told(s site) int {
	line := s.line
	for s.above != nil && !s.above.MatchString(p.lines[s.file][line]) {
		line--
	}
	return line
}

// plant makes the policy with mistakes at some sites, each in a line of its own, and says what must
// be told where: "file:line" by code.
func (p *planting) plant(sites []site) (files []source.File, want map[string]string) {
	want = map[string]string{}
	for f, lines := range p.lines {
		lines = slices.Clone(lines)
		moved := 0
		for i := range lines {
			for _, s := range sites {
				if s.file != f || s.line != i {
					continue
				}
				lines[i] = s.text
				moved += s.extra
				want[fmt.Sprintf("%s:%d", p.files[f], p.told(s)+1+moved)] = s.codes
			}
		}
		files = append(files, source.File{Name: p.files[f], Text: strings.Join(lines, "\n")})
	}
	return files, want
}

// held checks files and holds what is told against what must be.
func held(k *dsl.Checker, files []source.File, want map[string]string) error {
	left := map[string]string{}
	for at, codes := range want {
		left[at] = codes
	}
	pol, diags := k.Check(files, policy.Settings{})
	for _, d := range diags {
		r := source.ReportOf(pol.Files, d, "en")
		at := fmt.Sprintf("%s:%d", r.File, r.Line)
		if !strings.Contains(left[at], string(d.Code)) {
			return fmt.Errorf("told besides what was planted:\n%s", source.Text(pol.Files, d, "en"))
		}
		delete(left, at)
	}
	for at, codes := range left {
		return fmt.Errorf("%s was planted at %s and is not told", codes, at)
	}
	return nil
}

// TestPlantedOne plants every mistake of the catalogue wherever it can be made in the examples: it
// is told once, at its line, and nothing else is.
func TestPlantedOne(t *testing.T) {
	made := map[string]int{}
	for _, p := range plantings(t) {
		var k dsl.Checker
		for _, s := range p.sites {
			made[s.what]++
			files, want := p.plant([]site{s})
			if err := held(&k, files, want); err != nil {
				t.Errorf("%s: %s in %s:%d: %v\n%s", p.name, s.what, p.files[s.file], s.line+1, err, s.text)
			}
		}
	}
	for _, m := range mistakes() {
		if made[m.what] < 3 {
			t.Errorf("%s: planted %d times only", m.what, made[m.what])
		}
	}
}

// TestPlantedMany plants several mistakes at once: just as many are told, each at its line. Only a
// declaration's header that cannot be read hides mistakes with the fields below it, because it is
// not known whose they are; it is planted by itself in TestPlantedOne.
func TestPlantedMany(t *testing.T) {
	all := plantings(t)
	checkers := make([]dsl.Checker, len(all))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(all)-1).Draw(t, "example")
		p := all[n]
		var sites []site
		used := map[[2]int]bool{}
		for range rapid.IntRange(2, 12).Draw(t, "mistakes") {
			s := p.sites[rapid.IntRange(0, len(p.sites)-1).Draw(t, "site")]
			at, told := [2]int{s.file, s.line}, [2]int{s.file, p.told(s)}
			header := s.codes == "T0106" && !strings.HasPrefix(s.text, " ")
			if !used[at] && !used[told] && !header && !p.hidden(sites, s) {
				used[at], used[told] = true, true
				sites = append(sites, s)
			}
		}
		files, want := p.plant(sites)
		if err := held(&checkers[n], files, want); err != nil {
			for _, s := range sites {
				t.Logf("%s in %s:%d: %s", s.what, p.files[s.file], s.line+1, s.text)
			}
			t.Fatal(err)
		}
	})
}

// hidden reports whether a mistake would hide one of those at other sites, or one of them it.
func (p *planting) hidden(sites []site, s site) bool {
	return slices.ContainsFunc(sites, func(o site) bool {
		return hides(o, s) || hides(s, o) || p.loses(o, s) || p.loses(s, o)
	})
}

// hides: a bracket too many closes one that was left open above it, and behind a reference whose
// type is not known nothing is known.
func hides(a, b site) bool {
	return strings.Contains(a.what, "bracket") && strings.Contains(b.what, "bracket") &&
		a.file == b.file || a.what == "a reference's type misspelt" && b.what == "a part misspelt"
}

// loses: where the line that declares a field cannot be read, or its type is not known, nothing is
// known of what reads the field by its name.
func (p *planting) loses(a, b site) bool {
	name, _, _ := strings.Cut(strings.TrimSpace(p.lines[a.file][a.line]), " ")
	lines := p.lines[a.file][:a.line]
	for len(lines) > 0 && strings.HasPrefix(lines[len(lines)-1], " ") {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 || !strings.HasPrefix(p.lines[a.file][a.line], "  ") {
		return false
	}
	switch word, _, _ := strings.Cut(lines[len(lines)-1], " "); word {
	case "entity", "event", "extend", "对象", "事件", "扩展":
		return (strings.HasPrefix(a.codes, "T01") || strings.HasPrefix(a.codes, "T0204")) &&
			strings.Contains(p.lines[b.file][b.line], name)
	}
	return false
}
