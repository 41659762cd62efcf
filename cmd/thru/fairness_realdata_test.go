package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/throughline/throughline/internal/realdata"
)

// opportunities is a policy over the real opportunities, given out by effort for each expected day.
const opportunities = `
entity Agent { name text; region text; capacity number = 1
  load number = sum(Deal.use where live) / 40 / capacity }
entity Deal { price number; account text?; value money?; owner Agent?; live bool; won bool?
  fill live = true
  effort number = pick { price >= 20000 : 8; price >= 5000 : 5.5; price >= 3000 : 3.5; price >= 500 : 2; else : 1 }
  use number = effort / 52 }
allocate Deal.owner to Agent { weigh { idle 100% = 1 / (1 + candidate.load) } }
`

// TestFairnessPages makes the page that people print over the 8 800 real opportunities, as they were
// given out and as the rule gives them out, and holds its figures to those published with the data.
func TestFairnessPages(t *testing.T) {
	dir := realdata.Dir(t, "crm-sales-opportunities")
	lines := realdata.Pipeline(t, dir)
	root := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "deals"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("deals/deals.thru", opportunities)
	write("was.ndjson", strings.Join(lines, "\n")+"\n")
	for i, line := range lines {
		if at := strings.Index(line, `,"owner":`); at >= 0 {
			lines[i] = line[:at] + "}"
		}
	}
	write("again.ndjson", strings.Join(lines, "\n")+"\n")
	page := func(lang, records string) *printed {
		c := exec.Command("thru", "--lang", lang, "fairness", "deals", "--records", records,
			"--open", "live", "--html", "page.html")
		c.Dir = root
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return printedPage(t, filepath.Join(root, "page.html"))
	}
	t.Run("as it was", func(t *testing.T) { page("en", "was.ndjson").asPublished(t, dir) })
	t.Run("by the rule", func(t *testing.T) { page("zh", "again.ndjson").byTheRule(t) })
}

// printed is a page as its reader has it.
type printed struct {
	text   string // all of it
	lang   string
	titles []string
	tables [][][]string
}

func printedPage(t *testing.T, name string) *printed {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	root, err := html.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	s := &printed{}
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			s.text += n.Data + "\n"
		case n.Type != html.ElementNode:
		case n.Data == "html":
			s.lang = n.Attr[0].Val
		case n.Data == "h2":
			s.titles = append(s.titles, n.FirstChild.Data)
		case n.Data == "table":
			s.tables = append(s.tables, nil)
		case n.Data == "tr":
			last := &s.tables[len(s.tables)-1]
			*last = append(*last, nil)
		case n.Data == "td" || n.Data == "th":
			cell := ""
			if n.FirstChild != nil {
				cell = n.FirstChild.Data
			}
			rows := s.tables[len(s.tables)-1]
			rows[len(rows)-1] = append(rows[len(rows)-1], cell)
		}
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "href" {
				t.Errorf("the page needs %s", a.Val)
			}
		}
	}
	return s
}

// rows are a table's rows by their first cell, and of each the cells by the head of their column.
// Two columns are called alike where an interval follows a figure; the first counts.
func (s *printed) rows(table int) map[string]map[string]string {
	out := map[string]map[string]string{}
	head := s.tables[table][0]
	for _, row := range s.tables[table][1:] {
		m := map[string]string{}
		for i, cell := range row {
			if _, is := m[head[i]]; !is {
				m[head[i]] = cell
			}
		}
		out[row[0]] = m
	}
	return out
}

func (s *printed) asPublished(t *testing.T, dir string) {
	var ref struct {
		ByAgent  struct{ Rows [][]any } `json:"by_agent"`
		ByRegion struct{ Rows [][]any } `json:"by_region"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err == nil {
		err = json.Unmarshal(b, &ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s.lang != "en" || !strings.Contains(s.text, "Deal.owner: 8800 records for 30 people") ||
		strings.Contains(s.text, "NaN") {
		t.Error("the page does not say what it is of")
	}
	people, teams := s.rows(0), s.rows(1)
	if len(people) != 30 || len(teams) != 3 {
		t.Fatalf("%d people, %d teams", len(people), len(teams))
	}
	same := func(who string, row map[string]string, col string, want float64, places int) {
		text := strconv.FormatFloat(want, 'f', places, 64)
		if col == "share" {
			text += "%"
		}
		if row[col] != text {
			t.Errorf("%s: %s is %q, published is %s", who, col, row[col], text)
		}
	}
	for _, r := range ref.ByAgent.Rows {
		who, n := r[0].(string), 0.0
		for _, x := range r[3:7] {
			n += x.(float64)
		}
		same(who, people[who], "records", n, 0)
		same(who, people[who], "share", 100*n/8800, 1)
		same(who, people[who], "won", r[3].(float64), 0)
		same(who, people[who], "closed", r[3].(float64)+r[4].(float64), 0)
	}
	for _, r := range ref.ByRegion.Rows {
		who := r[0].(string)
		same(who, teams[who], "records", r[1].(float64), 0)
		same(who, teams[who], "won", r[2].(float64), 0)
	}
	for _, title := range []string{"By person", "By team", "How evenly, by capacity",
		"What became of them"} {
		if !strings.Contains(strings.Join(s.titles, "\n"), title) {
			t.Errorf("the page has no part %q", title)
		}
	}
	if !strings.Contains(s.text, "chance does not explain it") {
		t.Error("110 for one and 747 for another are said to be chance")
	}
}

// byTheRule: everybody has about as much work as everybody else, and nobody is left with none.
func (s *printed) byTheRule(t *testing.T) {
	if s.lang != "zh" || !strings.Contains(s.text, "Deal.owner：8800 条记录，30 人") {
		t.Error("the page does not say what it is of, in Chinese")
	}
	all := 0
	for who, row := range s.rows(0) { //tidy:order each is looked at by itself
		n, err := strconv.Atoi(row["条数"])
		work, err2 := strconv.ParseFloat(row["工作量"], 64)
		if err != nil || err2 != nil || n < 200 || work < 500 {
			t.Errorf("%s: %v", who, row)
		}
		all += n
	}
	if all != 8800 {
		t.Errorf("%d were given out", all)
	}
	gini := s.rows(2)["工作量"]["基尼系数"]
	if f, err := strconv.ParseFloat(gini, 64); err != nil || f > 0.05 {
		t.Errorf("the Gini of work is %s", gini)
	}
}
