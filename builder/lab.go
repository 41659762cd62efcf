package builder

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// labScreen is an allocation with other weights, replayed over what came.
func labScreen() Screen {
	return Screen{Path: "allocation/lab", Name: words.Lab, Needs: access.Draft,
		Show: func(v *Visit) (view.Component, error) { return v.labPage("") }, Do: doLab,
		Serve: map[string]func(*Visit){"part": (*Visit).labPart}}
}

// mostMoves is how many records that go to somebody else a page lists.
const mostMoves = 25

// labSpans are the numbers of days that can be looked at.
func labSpans() []int { return []int{30, 90, 365} }

// labs keep the records that sliders are moved over: to read them takes a pass over the log.
type labs struct {
	mu  sync.Mutex
	all map[string]*lab
}

type lab struct {
	mu     sync.Mutex
	policy *policy.Policy // in force when it was made
	made   time.Time
	grown  *policy.Policy
	ask    fair.Questions
	book   *fair.Book
	model  *fair.Model
	is     *fair.Play // the rule as it stands
	shows  *fair.Report
}

// oldLab is how long records that came since may be left out.
const oldLab = 10 * time.Minute

// of brings a lab up to date.
func (k *labs) of(v *Visit, p *policy.Policy, of *policy.Allocation, days int) (*lab, error) {
	k.mu.Lock()
	if k.all == nil {
		k.all = map[string]*lab{}
	}
	key := fmt.Sprint(v.Workspace, " ", of.Full, " ", days)
	l := k.all[key]
	if l == nil {
		l = new(lab)
		k.all[key] = l
	}
	k.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.policy == p && time.Since(l.made) < oldLab {
		return l, nil
	}
	now, _, err := v.now()
	if err != nil {
		return nil, err
	}
	l.policy = nil
	if l.ask, l.grown, err = ask.Fairness(p, of, nil); err != nil {
		return nil, err
	}
	o := fair.Options{Questions: l.ask, From: now.AddDate(0, 0, -days).UnixMicro()}
	err = v.Ask().Long(func(w *runtime.Workspace) error {
		l.book, err = fair.NewBook(l.grown, of, ask.Inputs(v.Context(), w), o)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.model = fair.NewModel(l.book.Was())
	if l.is, err = l.book.Play(l.grown); err != nil {
		return nil, err
	}
	l.shows = fair.NewReport(l.is, l.model, l.book.Last())
	l.policy, l.made = p, time.Now()
	return l, nil
}

// labTrial is what somebody tries in the lab.
type labTrial struct {
	of      *policy.Allocation
	weights []int // as they were given, by term
	way     policy.Baseline
	days    int
}

// labRules are the allocations that weigh something.
func labRules(p *policy.Policy) (out []*policy.Allocation) {
	for _, a := range p.Allocations {
		if len(a.Weigh) > 0 && a.Base == "" {
			out = append(out, a)
		}
	}
	return out
}

// labTrial reads what is tried from the address; nil: there is nothing to weigh.
func (v *Visit) labTrial(p *policy.Policy) *labTrial {
	all := labRules(p)
	if len(all) == 0 {
		return nil
	}
	x := &labTrial{of: all[0], days: 90}
	for _, a := range all {
		if a.Full == v.R.FormValue("rule") {
			x.of = a
		}
	}
	if n, err := strconv.Atoi(v.R.FormValue("days")); err == nil && slices.Contains(labSpans(), n) {
		x.days = n
	}
	for _, t := range x.of.Weigh {
		w := int(math.Round(100 * t.Weight))
		if n, err := strconv.ParseFloat(v.R.FormValue("w."+t.Name), 64); err == nil {
			w = int(math.Round(min(max(n, 0), 100)))
		}
		x.weights = append(x.weights, w)
	}
	switch way := policy.Baseline(v.R.FormValue("way")); way {
	case policy.RoundRobin, policy.LeastOpen, policy.LoadRate:
		x.way = way
	}
	return x
}

// percents are the weights in whole percents that add up to 100; nil: they add up to nothing.
func (x *labTrial) percents() []int {
	sum := 0
	for _, w := range x.weights {
		sum += w
	}
	if sum == 0 {
		return nil
	}
	out := make([]int, len(x.weights))
	type rest struct{ i, left int }
	var rests []rest
	all := 0
	for i, w := range x.weights {
		out[i] = 100 * w / sum
		all += out[i]
		rests = append(rests, rest{i, 100 * w % sum})
	}
	slices.SortStableFunc(rests, func(a, b rest) int { return cmp.Compare(b.left, a.left) })
	for _, r := range rests[:100-all] {
		out[r.i]++
	}
	return out
}

// rival is the trial as the engine takes it.
func (x *labTrial) rival(open *policy.Expr) *dsl.Rival {
	if x.way != "" {
		return &dsl.Rival{Rule: x.way, Open: open}
	}
	r := &dsl.Rival{Weights: map[string]float64{}}
	for i, n := range x.percents() {
		r.Weights[x.of.Weigh[i].Name] = float64(n) / 100
	}
	return r
}

func (v *Visit) labPage(wrong string) (view.Component, error) {
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	x := v.labTrial(p)
	if x == nil {
		return view.Nothing(view.Empty{Title: v.Say(words.LabNone), Text: v.Say(words.LabTeach),
			Ways: view.To(v.In("text"), v.Say(words.Source))}), nil
	}
	page := view.LabPage{Name: say.In(v.Lang).Name(&x.of.Head), Rule: x.of.Full, Days: x.days,
		Used: v.R.FormValue("used") != "", Wrong: wrong, Spans: labSpans(), Way: string(x.way),
		MayUse: mayChange(v.Who, v.Workspace)}
	for i, t := range x.of.Weigh {
		page.Terms = append(page.Terms, view.LabTerm{ID: t.Name, Name: v.termName(&t),
			Weight: x.weights[i], Is: percent(t.Weight)})
	}
	page.Rules = [][2]string{{"", v.Say(words.LabWeigh)},
		{string(policy.RoundRobin), v.Say(words.LabRobin)}}
	if open, _, err := ask.Fairness(p, x.of, nil); err == nil && open.Open != nil {
		page.Rules = append(page.Rules, [2]string{string(policy.LeastOpen), v.Say(words.LabLeast)},
			[2]string{string(policy.LoadRate), v.Say(words.LabRate)})
	}
	page.Result, err = v.labResult(p, x)
	return view.Lab(&v.Viewer, page), err
}

// termName is what a term is called.
func (v *Visit) termName(t *policy.Term) string {
	if name := say.In(v.Lang).Text(t.Label); name != "" {
		return name
	}
	return t.Name
}

// labPart is the part of the page that follows the sliders.
func (v *Visit) labPart() {
	p, err := v.Policy()
	if err != nil {
		v.fault(err)
		return
	}
	x := v.labTrial(p)
	if x == nil {
		v.trouble(404, words.LabNone, words.LabTeach)
		return
	}
	r, err := v.labResult(p, x)
	if err != nil {
		v.fault(err)
		return
	}
	v.fragment(view.LabShown(&v.Viewer, r))
}

// labResult replays the trial and sets it beside the rule as it stands.
func (v *Visit) labResult(p *policy.Policy, x *labTrial) (*view.LabResult, error) {
	l, err := v.b.labs.of(v, p, x.of, x.days)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	play, shows := l.is, l.shows
	if x.way != "" || x.percents() != nil {
		q, err := x.rival(l.ask.Open).With(l.grown, x.of.Full)
		if err != nil {
			return nil, err
		}
		if play, err = l.book.Play(q); err != nil {
			return nil, err
		}
		shows = fair.NewReport(play, l.model, l.book.Last())
	}
	out := &view.LabResult{Loads: shows.Loads}
	if x.way == "" {
		for i, n := range x.percents() {
			out.Shares = append(out.Shares, [2]string{v.termName(&x.of.Weigh[i]), fmt.Sprintf("%d%%", n)})
		}
	}
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		both := &sides{x.of, l.shows, shows, l.is, play}
		v.labPeople(e, both, out)
		v.labMoves(e, both, out)
	})
	v.labFigures(l.shows, shows, out)
	return out, err
}

// sides are an allocation as it stands, and as it is tried.
type sides struct {
	of        *policy.Allocation
	is, tried *fair.Report
	was, play *fair.Play
}

func (v *Visit) labPeople(e *engine.Engine, x *sides, out *view.LabResult) {
	of, is, tried := x.of, x.is, x.tried
	was := map[string]*fair.Line{}
	for i := range is.People {
		was[is.People[i].Name] = &is.People[i]
	}
	for i := range tried.People {
		t := &tried.People[i]
		p := view.LabPerson{Name: v.nameOf(e, of.To, t.Name), Tried: t.Count,
			Href: v.recordLink(of.To.Full + "/" + t.Name), Load: fixed(t.Load, 2), Over: percent(t.Over)}
		if w := was[t.Name]; w != nil {
			p.Is = w.Count
		}
		if p.Is == 0 && p.Tried == 0 {
			continue
		}
		if p.More = "–"; p.Tried != p.Is {
			p.More = fmt.Sprintf("%+d", p.Tried-p.Is)
		}
		out.Most = max(out.Most, p.Is, p.Tried)
		out.People = append(out.People, p)
	}
	slices.SortStableFunc(out.People, func(a, b view.LabPerson) int {
		return cmp.Or(cmp.Compare(b.Tried, a.Tried), cmp.Compare(a.Name, b.Name))
	})
}

// labMoves are the records that go to somebody else, the last that came first.
func (v *Visit) labMoves(e *engine.Engine, x *sides, out *view.LabResult) {
	of, is, tried := x.of, x.was, x.play
	to := func(p *fair.Play, c *fair.Case) string {
		if c.To < 0 {
			return ""
		}
		return p.People[c.To].ID
	}
	called := func(id string) string {
		if id == "" {
			return v.Say(words.LabNobody)
		}
		return v.nameOf(e, of.To, id)
	}
	was := map[string]string{}
	for i := range is.Cases {
		was[is.Cases[i].ID] = to(is, &is.Cases[i])
	}
	moved := 0
	for i := len(tried.Cases) - 1; i >= 0; i-- {
		c := &tried.Cases[i]
		now := to(tried, c)
		if now == was[c.ID] {
			continue
		}
		if moved++; len(out.Moves) < mostMoves {
			out.Moves = append(out.Moves, view.LabMove{Name: v.nameOf(e, of.Of, c.ID),
				Href: v.recordLink(of.Of.Full + "/" + c.ID), From: called(was[c.ID]), To: called(now)})
		}
	}
	out.Moved = v.Sayf(words.LabMovesN, moved, len(tried.Cases))
	out.Figures = append(out.Figures, view.LabFigure{Name: v.Say(words.LabMoved), Is: "0",
		Tried: strconv.Itoa(moved)})
}

func busiest(r *fair.Report) (n int) {
	for i := range r.People {
		n = max(n, r.People[i].Count)
	}
	return n
}

// labFigures sets the figures of both side by side. A tone says which is the fairer by far.
func (v *Visit) labFigures(is, tried *fair.Report, out *view.LabResult) {
	add := func(name words.Text, a, b float64, digits int, better float64) {
		f := view.LabFigure{Name: v.Say(name), Is: fixed(a, digits), Tried: fixed(b, digits)}
		if d := (b - a) * better; math.Abs(b-a) > 0.05*math.Max(math.Abs(a), math.Abs(b)) {
			if f.Tone = view.Good; d < 0 {
				f.Tone = view.Warn
			}
		}
		out.Figures = append(out.Figures, f)
	}
	won := func(r *fair.Report) (sum float64) {
		for i := range r.People {
			sum += r.People[i].Outlook
		}
		return sum
	}
	if is.Closed > 0 {
		add(words.LabWon, won(is), won(tried), 1, 1)
	}
	add(words.LabMost, float64(busiest(is)), float64(busiest(tried)), 0, -1)
	add(words.LabNobody, float64(is.Nobody), float64(tried.Nobody), 0, -1)
	gini := [2]float64{}
	for i := range min(len(is.Even), len(tried.Even)) {
		if is.Even[i].Of != "count" {
			continue
		}
		gini = [2]float64{is.Even[i].Gini, tried.Even[i].Gini}
		add(words.LabGini, gini[0], gini[1], 2, -1)
		add(words.LabJain, is.Even[i].Jain, tried.Even[i].Jain, 2, 1)
	}
	moved := out.Figures[0].Tried
	n, _ := strconv.Atoi(moved) // it is written above
	out.Says = v.Sayf(words.LabSays, n, tried.Cases, busiest(tried), busiest(is), fixed(gini[1], 2),
		fixed(gini[0], 2))
}

func fixed(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

// doLab puts the weights into the draft, as one step that can be undone.
func doLab(v *Visit) (view.Component, error) {
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	x := v.labTrial(p)
	if x == nil || x.percents() == nil {
		return v.labPage(v.Say(words.LabNone))
	}
	weights := map[string]string{}
	q := url.Values{"rule": {x.of.Full}, "days": {strconv.Itoa(x.days)}, "used": {"1"}}
	for i, n := range x.percents() {
		weights[x.of.Weigh[i].Name] = strconv.Itoa(n) + "%"
		q.Set("w."+x.of.Weigh[i].Name, strconv.Itoa(n))
	}
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	err = d.step(v.Who.ID(), v.Name, "weigh|"+x.of.Full,
		func(t *edit.Text) ([]source.Edit, error) { return t.Weigh(x.of.Full, weights) })
	if err != nil {
		return v.labPage(d.excuse(err, v.Lang))
	}
	v.Go(v.In("allocation/lab?" + q.Encode()))
	return nil, nil
}

// step does a step that comes from no seat, and tells everybody at the desk.
func (d *desk) step(
	by, name, what string, f func(*edit.Text) ([]source.Edit, error),
) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	edits, err := f(d.draft.Text())
	if err != nil {
		return err
	}
	if !d.room(edits) {
		return errLarge
	}
	was := d.state()
	if err := d.draft.Do(draft.Step{By: by, Name: what, Edits: edits}); err != nil {
		return err
	}
	d.tellSince(was, by, name)
	return nil
}

// fragment answers with a part of a page.
func (v *Visit) fragment(c view.Component) {
	if err := c.Render(view.WithNonce(context.WithoutCancel(v.Context()), v.nonce), v.W); err != nil {
		v.b.o.Log.Error("part", "path", v.R.URL.Path, "err", err)
	}
}
