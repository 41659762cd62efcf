package rfm_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/internal/replay"
	"github.com/throughline/throughline/internal/realdata"
)

// published is the part of the reference that is compared with.
type published struct {
	Totals struct{ Customers, Orders, Revenue float64 } `json:"customers_orders_revenue"`
	Cuts   rows                                         `json:"cut_points"`
	Scores rows                                         `json:"score_counts"`
	Fine   rows                                         `json:"segment_summary_vignette"`
	Coarse rows                                         `json:"segment_summary_test"`
	First  rows                                         `json:"published_first_ten"`
}

type rows struct{ Rows [][]any }

// shop is all orders, run through the policy up to the day of the analysis.
type shop struct {
	*replay.Run
	ref published
	ids []string
}

func open(t *testing.T) *shop {
	t.Helper()
	dir := realdata.Dir(t, "rfm-orders-pkg")
	s := &shop{Run: replay.New(t, examples.Files, "rfm", nil)}
	b, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &s.ref); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "rfm_data_orders.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	orders, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s.feed(orders[1:])
	s.Until(time.Date(2006, 12, 31, 12, 0, 0, 0, s.Engine.Zone()))
	s.ids = s.IDs("Customer")
	return s
}

func (s *shop) feed(orders [][]string) {
	slices.SortStableFunc(orders, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
	known := map[string]bool{}
	for i, o := range orders {
		if !known[o[0]] {
			known[o[0]] = true
			s.Feed("Customer", o[0], o[1], map[string]any{"name": o[0]})
		}
		s.Feed("Order", strconv.Itoa(i), o[1], map[string]any{"customer": o[0], "amount": o[2]})
	}
}

func (s *shop) value(t *testing.T, id, text string) float64 {
	t.Helper()
	v, ok := s.Value("Customer", id, text)
	if !ok {
		t.Fatalf("%s of %s is missing", text, id)
	}
	return v
}

// tier is the English label of the row a customer is in.
func (s *shop) tier(t *testing.T, segment, id string) string {
	t.Helper()
	i := slices.IndexFunc(s.Policy.Segments, func(g *policy.Segment) bool { return g.Name == segment })
	g := s.Policy.Segments[i]
	v := s.Raw("Customer", id, segment)
	if !v.Known() {
		t.Fatalf("%s is in no row of %s", id, segment)
	}
	return g.Tiers[v.N].Label.En
}

func TestOrdersAsPublished(t *testing.T) {
	s := open(t)
	t.Run("totals", s.totals)
	t.Run("cuts", s.cuts)
	t.Run("scores", s.scores)
	t.Run("first ten", s.first)
	// The groups are looked at when the day closes.
	s.Until(time.Date(2007, 1, 1, 0, 0, 0, 0, s.Engine.Zone()))
	t.Run("fine", func(t *testing.T) { s.segments(t, "Segment", s.ref.Fine) })
	t.Run("first ten groups", s.firstTiers)
	t.Run("coarse", func(t *testing.T) { s.segments(t, "Coarse", s.ref.Coarse) })
}

func (s *shop) totals(t *testing.T) {
	got := s.ref.Totals
	got.Customers, got.Orders, got.Revenue = float64(len(s.ids)), 0, 0
	for _, id := range s.ids {
		got.Orders += s.value(t, id, "orders")
		got.Revenue += s.value(t, id, "money")
	}
	if got != s.ref.Totals {
		t.Errorf("got %v, published is %v", got, s.ref.Totals)
	}
}

// cuts holds the policy's bands to the published cut points: each stands in its text.
func (s *shop) cuts(t *testing.T) {
	text, err := examples.Files.ReadFile("rfm/customers.thru")
	if err != nil {
		t.Fatal(err)
	}
	name := map[string]string{"r": "recency < ", "f": "orders >= ", "m": "money >= "}
	for _, row := range s.ref.Cuts.Rows {
		want := name[row[0].(string)] + strconv.FormatFloat(row[2].(float64), 'f', -1, 64) + " "
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
			t.Errorf("no row of the policy says %q", want)
		}
	}
}

func (s *shop) scores(t *testing.T) {
	got := map[string]float64{}
	for _, id := range s.ids {
		for _, v := range []string{"r", "f", "m"} {
			got[strings.ToUpper(v)+strconv.Itoa(int(s.value(t, id, v)))]++
		}
	}
	if len(got) != len(s.ref.Scores.Rows) {
		t.Errorf("%d scores, published are %d", len(got), len(s.ref.Scores.Rows))
	}
	for _, row := range s.ref.Scores.Rows {
		key := row[0].(string) + strconv.Itoa(int(row[1].(float64)))
		if got[key] != row[2].(float64) {
			t.Errorf("%s has %v customers, published are %v", key, got[key], row[2])
		}
	}
}

func (s *shop) segments(t *testing.T, segment string, want rows) {
	got := map[string][3]float64{}
	for _, id := range s.ids {
		name := s.tier(t, segment, id)
		sums := got[name]
		sums[0]++
		sums[1] += s.value(t, id, "orders")
		sums[2] += s.value(t, id, "money")
		got[name] = sums
	}
	if len(got) != len(want.Rows) {
		t.Errorf("%d groups, published are %d", len(got), len(want.Rows))
	}
	for _, row := range want.Rows {
		sums := [3]float64{row[1].(float64), row[2].(float64), row[3].(float64)}
		if g := got[row[0].(string)]; g != sums {
			t.Errorf("%s: got %v, published is %v", row[0], g, sums)
		}
	}
}

func (s *shop) first(t *testing.T) {
	for _, row := range s.ref.First.Rows {
		id := row[0].(string)
		for i, text := range []string{"recency", "orders", "money", "r", "f", "m"} {
			if got := s.value(t, id, text); got != row[i+1].(float64) {
				t.Errorf("%s of %s is %v, published is %v", text, id, got, row[i+1])
			}
		}
	}
}

func (s *shop) firstTiers(t *testing.T) {
	for _, row := range s.ref.First.Rows {
		id := row[0].(string)
		if got := s.tier(t, "Segment", id); got != row[7] {
			t.Errorf("%s is in %s, published is %s", id, got, row[7])
		}
	}
}
