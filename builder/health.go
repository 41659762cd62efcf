package builder

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// healthScreen is who does how much of what: teams and people by actions.
func healthScreen() Screen {
	return Screen{Path: "health", Name: words.Health, Icon: "health", Group: words.Steering,
		Needs: access.Read, Live: true, Show: showHealth}
}

// healthCellScreen is one figure of it, opened.
func healthCellScreen() Screen {
	return Screen{Path: "health/{type}/{id}/{action}", Name: words.Health, Needs: access.Read,
		Live: true, Show: showHealthCell}
}

// weeksBack is how many weeks can be looked at.
const weeksBack = 13

// A week is the heatmap of one week.
type week struct {
	start  int64
	tables [][]insight.HeatRow // as of ask.Heat.Tables
}

// heats keeps the heatmaps of past weeks. How a week closed follows from the log up to then and
// from the policy, so a pass over the log finds it once, and again when another week has closed.
type heats struct {
	mu  sync.Mutex
	all map[string]*heatBook
}

type heatBook struct {
	mu     sync.Mutex
	policy *policy.Policy
	of     *ask.Heat
	until  int64 // when the last of its weeks closed; 0: past weeks were not asked for yet
	made   time.Time
	took   time.Duration
	weeks  []week // the latest first, without the present one
	now    week   // the present one, as it was when this was made

	seq  uint64 // where the log ended when the rows of the present week were worked out
	rows [][]insight.HeatRow
}

func (h *heats) book(workspace string) *heatBook {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[string]*heatBook{}
	}
	b := h.all[workspace]
	if b == nil {
		b = new(heatBook)
		h.all[workspace] = b
	}
	return b
}

// read brings a book up to date and returns what it holds; past: with the weeks that are over.
// ErrWorking: that takes longer.
func (b *heatBook) read(v *Visit, past bool) (h *heatmap, err error) {
	var p *policy.Policy
	var closes int64
	if err := v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		p, closes = e.Policy(), e.LookAfter(policy.Weekly, e.Now())
	}); err != nil {
		return nil, err
	}
	if h, err = b.held(p, closes, past); h != nil || err != nil {
		return h, err
	}
	err = v.slowly("health", func(ctx context.Context, a api.Asking) error {
		return b.renew(ctx, a, closes)
	})
	if err != nil {
		return nil, err
	}
	if h, err = b.held(p, closes, past); h == nil && err == nil {
		err = errWorking // a week has closed meanwhile
	}
	return h, err
}

// renew works out what a book holds. If another policy comes into force meanwhile, it is of no use.
func (b *heatBook) renew(ctx context.Context, a api.Asking, closes int64) error {
	b.mu.Lock()
	next, begun := heatBook{of: b.of}, time.Now()
	b.mu.Unlock()
	pass := func(w *runtime.Workspace) error { return next.pass(ctx, w, closes) }
	if err := a.Long(pass); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == next.of {
		b.until, b.weeks, b.now = closes, next.weeks, next.now
		b.made, b.took = time.Now(), time.Since(begun)
	}
	return nil
}

// held is what the book holds for a policy while a week lasts; nil: it takes a pass over the log.
func (b *heatBook) held(p *policy.Policy, closes int64, past bool) (*heatmap, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p != b.policy {
		of, err := ask.NewHeatAlone(p, "this week")
		if err != nil {
			return nil, err
		}
		b.policy, b.of, b.until, b.seq, b.weeks, b.now = p, of, 0, 0, nil, week{}
	}
	h := &heatmap{tables: b.of.Tables, group: map[string]string{}, weeks: []week{b.now}}
	h.weeks[0].start = closes - weekLong
	fresh := closes == b.until && (b.of.Kept() || time.Since(b.made) < 20*b.took+time.Second)
	if !fresh && len(h.tables) > 0 && (past || !b.of.Kept()) {
		return nil, nil
	}
	if past {
		h.weeks = append(h.weeks, b.weeks...)
	}
	return h, nil
}

// weekLong is a week in the engine's time.
const weekLong = int64(7 * 24 * time.Hour / time.Microsecond)

// present is the present week, worked out once for each state of the log; nil: nothing that is kept
// tells of it.
func (b *heatBook) present(e *engine.Engine, seq uint64) [][]insight.HeatRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == nil || !b.of.Kept() || e.Policy() != b.policy {
		return nil
	}
	if seq == 0 || seq != b.seq {
		b.seq, b.rows = seq, nil
		for i := range b.of.Tables {
			b.rows = append(b.rows, b.of.Tables[i].Rows(e))
		}
	}
	return b.rows
}

// pass reads the log once and notes how each of the last weeks closed.
func (b *heatBook) pass(ctx context.Context, w *runtime.Workspace, closes int64) error {
	first := closes - weeksBack*weekLong
	look := func(e *engine.Engine, after int64) int64 {
		return e.LookAfter(policy.Weekly, max(after, first))
	}
	note := func(e *engine.Engine) {
		x := week{start: e.LookAfter(policy.Weekly, e.Now()) - weekLong}
		for i := range b.of.Tables {
			x.tables = append(x.tables, b.of.Tables[i].Rows(e))
		}
		if x.start+weekLong >= closes {
			b.now = x
			return
		}
		b.weeks = append(b.weeks, x)
	}
	// The last call comes at the end of the log, whether or not a week closes then.
	if err := w.ViewClosing(ctx, b.of.Policy, look, note); err != nil {
		return err
	}
	if b.now.tables == nil {
		if err := w.ViewUnder(ctx, b.of.Policy, note); err != nil {
			return err
		}
	}
	slices.Reverse(b.weeks)
	return nil
}

// heatmap is what a page shows of a week.
type heatmap struct {
	zone   *time.Location
	tables []ask.HeatTable
	rows   [][]insight.HeatRow
	group  map[string]string // of a person: whom they belong to
	weeks  []week            // the latest first; the present one is the first
	week   int
}

// heatmapOf is the heatmap of a week back, as far as it is seen; past: with the weeks before it.
func heatmapOf(v *Visit, back int, past bool) (*heatmap, error) {
	a := v.Ask()
	book := v.b.heats.book(v.Workspace)
	h, err := book.read(v, past)
	if err != nil {
		return nil, err
	}
	h.week = min(max(back, 0), len(h.weeks)-1)
	sees, seq := v.Sees(), v.last()
	err = a.Look(func(e *engine.Engine, x *ask.Sight) {
		h.zone = e.Zone()
		if now := book.present(e, seq); now != nil {
			h.weeks[0].tables = now
		}
		if h.weeks[0].tables == nil { // another policy has come into force since
			h.weeks[0].tables = make([][]insight.HeatRow, len(h.tables))
		}
		for i := range h.tables {
			t := &h.tables[i]
			rows := slices.Clone(h.weeks[h.week].tables[i])
			rows = slices.DeleteFunc(rows, func(r insight.HeatRow) bool {
				return !x.Sees(t.Of, r.ID)
			})
			for j := range rows {
				rows[j].Cells = slices.Clone(rows[j].Cells)
				if sees.Nameless(t.Of) {
					rows[j].Name = rows[j].ID
				}
			}
			if h.week == 0 {
				insight.Redden(e, t.Of, t.Columns, rows)
			}
			h.before(i, rows)
			h.rows = append(h.rows, rows)
			if t.People() {
				h.belong(e, t.Of)
			}
		}
	})
	return h, err
}

// idle reports whether somebody has nothing to do and did nothing.
func idle(r *insight.HeatRow) bool {
	return !slices.ContainsFunc(r.Cells, func(c insight.HeatCell) bool {
		return c.Due > 0 || c.Counted > 0
	})
}

// before sets the week before beside each figure.
func (h *heatmap) before(table int, rows []insight.HeatRow) {
	if h.week+1 >= len(h.weeks) {
		return
	}
	was := map[string]*insight.HeatRow{}
	for i := range h.weeks[h.week+1].tables[table] {
		r := &h.weeks[h.week+1].tables[table][i]
		was[r.ID] = r
	}
	for i := range rows {
		for j := range rows[i].Cells {
			if o := was[rows[i].ID]; o != nil {
				rows[i].Cells[j].Before, rows[i].Cells[j].Known = o.Cells[j].Completion()
			}
		}
	}
}

// belong notes to whom people belong: the first type of the other tables that they refer to.
func (h *heatmap) belong(e *engine.Engine, people *policy.Record) {
	for i := range h.tables {
		to := h.tables[i].Of
		for _, f := range people.Fields {
			if h.tables[i].People() || f.Type.Kind != value.Ref || f.Type.Record != to {
				continue
			}
			x := fieldOf(e, f)
			for _, id := range e.IDs(people) {
				if r, ok := x.Ask(people, id); ok && r.Kind == value.Ref && h.group[id] == "" {
					h.group[id] = to.Full + "/" + e.ID(to, r.N)
				}
			}
		}
	}
}

func showHealth(v *Visit) (view.Component, error) {
	h, err := heatmapOf(v, weekOf(v), true)
	if err != nil {
		return nil, err
	}
	if len(h.tables) == 0 {
		return view.Nothing(view.Empty{Title: v.Say(words.HealthNone),
			Text: v.Say(words.HealthNoneTeach)}), nil
	}
	within := v.R.FormValue("in")
	p := view.HealthPage{Tables: h.page(v, within)}
	if len(p.Tables) == 0 && h.week == 0 && len(h.weeks) > 1 { // nobody did anything yet
		if h, err = heatmapOf(v, 1, true); err != nil {
			return nil, err
		}
		p.Tables, p.Fresh = h.page(v, within), true
	}
	p.Soon = slices.ContainsFunc(h.rows, func(rows []insight.HeatRow) bool { return len(rows) > 0 })
	p.Weeks, p.Week = h.strip(v, "health", within), h.day(h.week)
	if typ, id, ok := strings.Cut(within, "/"); ok {
		for i := range h.tables {
			for _, r := range h.rows[i] {
				if h.tables[i].Of.Full == typ && r.ID == id {
					p.Within = r.Name
				}
			}
		}
	}
	return view.Health(&v.Viewer, p), nil
}

// page are the tables of a page. Teams stand above people: that is the way down.
func (h *heatmap) page(v *Visit, within string) (out []view.HealthTable) {
	for i := len(h.tables) - 1; i >= 0; i-- {
		if t := &h.tables[i]; !t.People() && within != "" {
			continue
		}
		if table := h.table(v, i, within); len(table.Rows) > 0 {
			out = append(out, table)
		}
	}
	return out
}

func weekOf(v *Visit) int {
	n, _ := strconv.Atoi(v.R.FormValue("week")) // none: the present one
	return n
}

// day is the Monday of a week.
func (h *heatmap) day(back int) string {
	return time.UnixMicro(h.weeks[back].start).In(h.zone).Format(time.DateOnly)
}

// strip is the weeks to choose from, the oldest first, each with what all people did of all.
func (h *heatmap) strip(v *Visit, path, within string) (out []view.HealthWeek) {
	for back := min(len(h.weeks), weeksBack) - 1; back >= 0; back-- {
		q := url.Values{}
		if back > 0 {
			q.Set("week", strconv.Itoa(back))
		}
		if within != "" {
			q.Set("in", within)
		}
		w := view.HealthWeek{Day: h.day(back), Href: v.In(path), Here: back == h.week, Now: back == 0}
		if len(q) > 0 {
			w.Href += "?" + q.Encode()
		}
		counted, due := 0.0, 0.0
		for i := range h.tables {
			if !h.tables[i].People() {
				continue
			}
			for _, r := range h.weeks[back].tables[i] {
				if within != "" && h.group[r.ID] != within || !h.shows(i, r.ID) {
					continue
				}
				for _, c := range r.Cells {
					counted += min(float64(c.Counted), c.Due)
					due += c.Due
				}
			}
		}
		if due > 0 {
			w.Share = counted / due
			w.Text = percent(w.Share)
		}
		out = append(out, w)
	}
	return out
}

// shows reports whether a row is among those of the week that is shown.
func (h *heatmap) shows(table int, id string) bool {
	return slices.ContainsFunc(h.rows[table], func(r insight.HeatRow) bool {
		return r.ID == id && !idle(&r)
	})
}

func percent(f float64) string { return fmt.Sprintf("%.0f%%", 100*f) }

// table is one table of the page.
func (h *heatmap) table(v *Visit, i int, within string) view.HealthTable {
	t := &h.tables[i]
	sp := say.In(v.Lang)
	out := view.HealthTable{ID: view.Anchor("heat", t.Of.Full), Name: sp.Name(&t.Of.Head)}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, sp.Name(&c.Action.Head))
	}
	rows := slices.DeleteFunc(slices.Clone(h.rows[i]), func(r insight.HeatRow) bool {
		return idle(&r)
	})
	slices.SortStableFunc(rows, func(a, b insight.HeatRow) int {
		return cmp.Compare(h.group[a.ID], h.group[b.ID])
	})
	for _, r := range rows {
		if t.People() && within != "" && h.group[r.ID] != within {
			continue
		}
		x := view.HealthRow{ID: view.Anchor("heat", t.Of.Full, r.ID), Name: r.Name}
		if !t.People() {
			x.Href = v.In("health?in=" + url.QueryEscape(t.Of.Full+"/"+r.ID) + h.weekQuery("&"))
		}
		if r.Scored {
			x.Score = fmt.Sprintf("%.0f", r.Score)
			x.ScoreHref = v.In("health/" + t.Of.Full + "/" + url.PathEscape(r.ID) + h.weekQuery("?"))
		}
		for j := range r.Cells {
			c := h.cell(v, &r.Cells[j])
			c.Label = r.Name + v.Say(words.Colon) + out.Columns[j]
			c.Href = x.Href
			if t.People() {
				c.Href = v.In("health/" + t.Of.Full + "/" + url.PathEscape(r.ID) + "/" +
					t.Columns[j].Action.Full + h.weekQuery("?"))
			}
			x.Cells = append(x.Cells, c)
		}
		out.Rows = append(out.Rows, x)
	}
	return out
}

func (h *heatmap) weekQuery(sep string) string {
	if h.week == 0 {
		return ""
	}
	return sep + "week=" + strconv.Itoa(h.week)
}

// cell is one figure.
func (h *heatmap) cell(v *Visit, c *insight.HeatCell) view.HealthCell {
	f, due := c.Completion()
	if !due {
		return view.HealthCell{Text: "–", More: v.Say(words.HealthNothing), Band: -1}
	}
	x := view.HealthCell{Text: percent(f), Band: band(f),
		More: v.Sayf(words.HealthOf, c.Counted, number(c.Due))}
	switch {
	case !c.Known:
	case f > c.Before+0.005:
		x.Way = 1
	case f < c.Before-0.005:
		x.Way = -1
	}
	switch {
	case c.Red != nil:
		x.Red = v.Sayf(words.HealthRed, time.UnixMicro(c.Since).In(h.zone).Format(time.DateOnly))
	case c.Row > 0:
		x.Row, x.RowText = fmt.Sprintf("%d/%d", c.Row, c.Of), v.Sayf(words.HealthRow, c.Row, c.Of)
	}
	return x
}

func number(f float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}

// band is how far a completion is from the target: 0 is far off, 4 there.
func band(f float64) int {
	for i, below := range []float64{0.4, 0.6, 0.8, 0.95} {
		if f < below {
			return i
		}
	}
	return 4
}
