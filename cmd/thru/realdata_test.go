package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/realdata"
)

// TestRealData types what examples/README.md says and compares the answers with the figures that
// came with the data: counts and sums exactly, the rest when rounded to six places.
func TestRealData(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the pipeline through a database")
	}
	r := &typed{t: t, data: filepath.Dir(realdata.Dir(t, "crm-sales-opportunities"))}
	realdata.Dir(t, "rfm-orders-pkg")
	r.readme()
	t.Run("segments of the orders", r.segments)
	t.Run("sellers of the pipeline", r.sellers)
	t.Run("regions of the pipeline", r.regions)
	t.Run("the whole pipeline", r.pipeline)
}

// typed is a terminal after the commands of the README.
type typed struct {
	t    *testing.T
	data string
	dir  string
}

// readme runs the commands beside a link to the examples.
func (r *typed) readme() {
	read := func(name string) string {
		text, err := os.ReadFile("../../examples/" + name)
		if err != nil {
			r.t.Fatal(err)
		}
		_, code, _ := strings.Cut(string(text), "```sh\n")
		code, _, _ = strings.Cut(code, "```")
		return code
	}
	commands := read("README.md")
	if commands == "" || commands != read("README.zh-CN.md") {
		r.t.Fatal("the READMEs of the examples say different commands, or none")
	}
	root := r.t.TempDir()
	examples, err := filepath.Abs("../../examples")
	if err == nil {
		err = os.Symlink(examples, filepath.Join(root, "examples"))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	sh := exec.Command("sh", "-e", "-c", commands)
	sh.Dir = root
	sh.Env = append(os.Environ(), "THRU_REALDATA="+r.data, "THRU_LANG=en")
	if out, err := sh.CombinedOutput(); err != nil {
		r.t.Fatalf("%v\n%s", err, out)
	}
	r.dir = filepath.Join(root, "bin", "real")
}

// figures are one table of a reference file.
type figures struct{ Rows [][]any }

func (r *typed) reference(set string, to any) {
	b, err := os.ReadFile(filepath.Join(r.data, set, "reference.json"))
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// show asks thru show for the values of every entity of a type.
func (r *typed) show(t *testing.T, args ...string) map[string][]any {
	t.Helper()
	thru := exec.Command("thru", append([]string{"show", "--json", "--db", "crm.db"}, args...)...)
	thru.Dir = r.dir
	out, err := thru.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]any{}
	for line := range bytes.Lines(out) {
		var row struct {
			ID     string
			Values []any
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		all[row.ID] = row.Values
	}
	return all
}

// same compares numbers as the reference rounds them; what is missing is null in both.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, ok := got.(float64)
	w, known := want.(float64)
	if ok != known || math.Round(g*1e6) != math.Round(w*1e6) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// segments adds the CSV up by segment, in both readings of the scores.
func (r *typed) segments(t *testing.T) {
	var ref struct {
		Fine   figures `json:"segment_summary_vignette"`
		Coarse figures `json:"segment_summary_test"`
	}
	r.reference("rfm-orders-pkg", &ref)
	f, err := os.Open(filepath.Join(r.dir, "rfm.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[int]figures{3: ref.Fine, 4: ref.Coarse} {
		sums := map[string][3]float64{}
		for _, row := range rows[1:] {
			s := sums[row[column]]
			for i, cell := range []string{"1", row[1], row[2]} {
				n, err := strconv.ParseFloat(cell, 64)
				if err != nil {
					t.Fatal(err)
				}
				s[i] += n
			}
			sums[row[column]] = s
		}
		if len(sums) != len(want.Rows) {
			t.Errorf("%s: %d groups, want %d", rows[0][column], len(sums), len(want.Rows))
		}
		letters := regexp.MustCompile(`[^A-Za-z]`)
		for _, row := range want.Rows {
			name := letters.ReplaceAllString(row[0].(string), "")
			for i, what := range []string{"customers", "orders", "revenue"} {
				same(t, name+" "+what, sums[name][i], row[i+1])
			}
		}
	}
}

func (r *typed) sellers(t *testing.T) {
	var ref struct {
		Agents figures `json:"by_agent"`
	}
	r.reference("crm-sales-opportunities", &ref)
	got := r.show(t, "Rep", "won", "lost", "engaging", "waiting", "win_rate", "value", "cycle")
	for _, row := range ref.Agents.Rows {
		name := row[0].(string)
		for i, want := range row[3:] {
			same(t, fmt.Sprint(name, " ", i), got[name][i], want)
		}
	}
}

func (r *typed) regions(t *testing.T) {
	var ref struct {
		Regions figures `json:"by_region"`
	}
	r.reference("crm-sales-opportunities", &ref)
	got := r.show(t, "Region", "deals", "won", "win_rate", "value")
	for _, row := range ref.Regions.Rows {
		name := row[0].(string)
		for i, want := range row[1:] {
			same(t, fmt.Sprint(name, " ", i), got[name][i], want)
		}
	}
}

// pipeline asks what no policy keeps: figures of all deals at once.
func (r *typed) pipeline(t *testing.T) {
	var ref struct {
		Cycle map[string]float64 `json:"cycle_won"`
		Lost  map[string]float64 `json:"cycle_lost"`
		Value map[string]float64 `json:"won_value"`
	}
	r.reference("crm-sales-opportunities", &ref)
	all := func(f, field, state string) string {
		return fmt.Sprintf("%s(Opportunity.%s of workspace where state == %s)", f, field, state)
	}
	got := r.show(t, "Region/West",
		all("avg", "days_to_close", "won"), all("sd", "days_to_close", "won"),
		all("median", "days_to_close", "won"), all("max", "days_to_close", "won"),
		all("avg", "days_to_close", "lost"), all("sd", "days_to_close", "lost"),
		all("sum", "value", "won"))["West"]
	for i, want := range []float64{
		ref.Cycle["mean"], ref.Cycle["sd_sample"], ref.Cycle["median"], ref.Cycle["max"],
		ref.Lost["mean"], ref.Lost["sd_sample"], ref.Value["total"],
	} {
		same(t, fmt.Sprint("expression ", i), got[i], want)
	}
}
