package builder

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// benchScreen is the case bench: records that are pinned beside the draft, and what it decides on
// them as it is written.
func benchScreen() Screen {
	return Screen{Path: "bench", Name: words.Bench, Icon: "check", Group: words.Authoring,
		Needs: access.Read, Does: access.Draft, Roles: authors(), Wide: true, Show: showBench,
		Do: doBench, Serve: map[string]func(*Visit){"live": (*Visit).sit}}
}

// pinned is what a bench holds: records, a line each, and until when time goes on in it.
type pinned struct {
	Lines string `json:"lines"`
	Until string `json:"until,omitempty"`
}

// Bounds on a bench: it is tried at every keystroke.
const (
	mostPinned     = 64 << 10 // bytes
	mostPinnedDays = 400      // beyond the last record
)

func (d *desk) benchFile() string {
	return filepath.Join(d.b.o.Drafts, d.workspace, "bench.json")
}

// readBench takes in what was pinned. Where nothing was there is nothing.
func (d *desk) readBench() error {
	b, err := os.ReadFile(d.benchFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &d.pinned)
	}
	return err
}

// pin makes what is pinned durable, and then true.
func (d *desk) pin(x pinned) error {
	if len(x.Lines) > mostPinned {
		return errLarge
	}
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	name := d.benchFile()
	f, err := os.CreateTemp(filepath.Dir(name), "bench")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	d.pinned = x
	d.changed()
	return nil
}

func showBench(v *Visit) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	return v.bench(d, "")
}

func (v *Visit) bench(d *desk, wrong string) (view.Component, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	may := mayChange(v.Who, v.Workspace)
	p := view.BenchPage{May: may, Live: v.In("bench/live") + "?bench&seen=" + escape(d.stamp()),
		Bar: d.bar(&v.Viewer, v.Who.ID(), may, ""), Lines: d.pinned.Lines, Until: d.pinned.Until,
		Result: d.benchOf(v.Lang), Wrong: wrong, Take: v.May(access.Draft) && v.wholeLog()}
	p.Bar.Title = v.Say(words.Bench)
	return view.Bench(&v.Viewer, p), nil
}

func (v *Visit) wholeLog() bool {
	sees := v.Who.View(access.Draft, v.Workspace)
	return sees.Whole()
}

// doBench pins what the log has of a record: its own lines and those that refer to it.
func doBench(v *Visit) (view.Component, error) {
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	if v.R.FormValue("do") == "pin" {
		if err := v.pinLast(d); err != nil {
			return v.bench(d, d.excuse(err, v.Lang))
		}
		return nil, nil
	}
	typ, id, ok := strings.Cut(strings.TrimSpace(v.R.FormValue("record")), "/")
	if !ok || id == "" || !v.wholeLog() {
		return v.bench(d, v.Say(words.BenchTakeNone))
	}
	var taken []string
	err = v.Ask().Long(func(w *runtime.Workspace) error {
		return ask.Inputs(v.Context(), w)(func(in trial.Input) error {
			if line, is := about(in, typ, id); is && len(taken) < mostTaken {
				taken = append(taken, line)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if len(taken) == 0 {
		return v.bench(d, v.Say(words.BenchTakeNone))
	}
	if err := d.pinMore(taken); err != nil {
		return v.bench(d, d.excuse(err, v.Lang))
	}
	d.check() // the page that comes shows what is decided on it
	return nil, nil
}

// pinMore pins lines below those that are pinned.
func (d *desk) pinMore(lines []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.pinned
	x.Lines = strings.TrimLeft(strings.TrimRight(x.Lines, "\n")+"\n"+strings.Join(lines, "\n"), "\n")
	return d.pin(x)
}

// mostTaken is how many lines of a log are pinned at once.
const mostTaken = 100

// about is a line of the log with its moment, where it is of a record or names it.
func about(in trial.Input, typ, id string) (string, bool) {
	if !bytes.Contains(in.Line, []byte(id)) {
		return "", false
	}
	var r map[string]any
	if json.Unmarshal(in.Line, &r) != nil {
		return "", false
	}
	is := r["type"] == typ && r["id"] == id
	for name, x := range r { //tidy:order whether any is there is the same in any order
		is = is || name != "id" && x == any(id)
	}
	if _, ok := r["at"]; !ok && is {
		r["at"] = time.UnixMicro(in.Moment).UTC().Format(time.RFC3339)
	}
	line, err := json.Marshal(r)
	return string(line), is && err == nil
}

// A played is a draft's own decisions on what is pinned.
type played struct {
	of    []string // the lines
	run   *trial.Played
	wrong error
}

// play decides on what is pinned, on an engine of its own.
func play(p *policy.Policy, x pinned) *played {
	out := &played{}
	if strings.TrimSpace(x.Lines) == "" {
		return nil
	}
	zone, err := time.LoadLocation(p.Settings.Timezone)
	if err != nil {
		zone = time.UTC
	}
	clock := time.Date(2026, 1, 5, 9, 0, 0, 0, zone).UnixMicro() // where a test begins as well
	var list []trial.Input
	in := bufio.NewScanner(strings.NewReader(x.Lines))
	in.Buffer(nil, mostPinned+1)
	for in.Scan() {
		line := strings.TrimSpace(in.Text())
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		var r struct{ At, Received *string }
		stamped := json.Unmarshal([]byte(line), &r) != nil || r.At == nil && r.Received == nil
		if !stamped {
			if at, err := time.Parse(time.RFC3339, *first(r.Received, r.At)); err == nil {
				clock = max(clock, at.UnixMicro())
			}
		}
		out.of = append(out.of, line)
		list = append(list, trial.Input{Line: []byte(line), Moment: clock, Stamped: stamped})
	}
	until := clock
	if at, err := time.ParseInLocation("2006-01-02T15:04", x.Until, zone); err == nil {
		until = min(max(until, at.UnixMicro()), clock+mostPinnedDays*24*int64(time.Hour/time.Microsecond))
	}
	out.run, out.wrong = trial.Play(p, list, until, trial.Options{})
	return out
}

func first(a, b *string) *string {
	if a != nil {
		return a
	}
	return b
}

// benchOf is what a page shows of what was decided.
func (d *desk) benchOf(lang string) *view.BenchResult {
	x := d.checked.played
	switch {
	case dsl.HasErrors(d.checked.diags):
		return &view.BenchResult{Note: words.BenchWrong.In(lang)}
	case x == nil:
		return &view.BenchResult{Note: words.BenchNone.In(lang)}
	case x.wrong != nil:
		return &view.BenchResult{Note: x.wrong.Error()}
	}
	p := d.checked.policy
	zone := x.run.Engine.Zone()
	why := explain.New(p, decision.Options{Zone: zone, Lang: lang})
	out := &view.BenchResult{Now: stamp(x.run.Engine.Now(), zone)}
	for _, s := range x.run.Steps {
		r := view.BenchStep{Text: words.BenchTime.In(lang), When: stamp(s.Decisions[0].Moment, zone)}
		if s.Input >= 0 {
			r.Text = short(x.of[s.Input])
		}
		for i, one := range s.Decisions {
			if o := one.Outcome.String(); i == 0 && o != "" {
				r.Outcome, r.Tone = outcomeIn(one.Outcome, lang), outcomeTone(one.Outcome)
			}
			r.Effects += len(one.Effects)
			r.Why = append(r.Why, strings.TrimSpace(why.Text(one, nil)))
		}
		out.Steps = append(out.Steps, r)
	}
	for _, t := range d.checked.traces {
		c := view.BenchCase{Name: t.of, Stage: t.called(p, lang), Unmet: t.lacks(p, lang)}
		if dec, ok := x.run.Engine.Why(t.record, t.id); ok {
			c.Why = strings.TrimSpace(why.Text(dec, nil))
		}
		out.Cases = append(out.Cases, c)
	}
	return out
}

// A trace is where a pinned record is on its journey, and what it lacks there.
type trace struct {
	of, id  string // Type/id
	record  *policy.Record
	journey string
	stage   string
	unmet   []lack
	lines   map[string]string // what is not met, by file:line, with how much of it is there
}

// A lack is something that a record lacks, by its name in the policy, with how much of it is there.
type lack struct{ name, much string }

// called is what people call the stage.
func (t *trace) called(p *policy.Policy, lang string) string {
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			if j.Name == t.journey && g.Name == t.stage {
				return say.In(lang).Name(&g.Head)
			}
		}
	}
	return t.stage
}

// lacks is what is not met, as people call it.
func (t *trace) lacks(p *policy.Policy, lang string) (out []string) {
	for _, u := range t.unmet {
		name := u.name
		for _, a := range p.Actions {
			if a.Name == name {
				name = say.In(lang).Name(&a.Head)
			}
		}
		for _, r := range p.Records {
			if r.Name == name {
				name = say.In(lang).Name(&r.Head)
			}
		}
		out = append(out, strings.TrimSpace(name+" "+u.much))
	}
	return out
}

// traces are those of every pinned record that is on a journey.
func traces(p *policy.Policy, x *played) []trace {
	if x == nil || x.run == nil {
		return nil
	}
	var out []trace
	for _, j := range p.Journeys {
		for _, id := range x.run.Engine.IDs(j.Of) {
			if t, ok := traceOf(p, x.run.Engine, j, id); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

func traceOf(p *policy.Policy, e *engine.Engine, j *policy.Journey, id string) (trace, bool) {
	t := trace{of: j.Of.Name + "/" + id, id: id, record: j.Of, journey: j.Name,
		lines: map[string]string{}}
	t.stage, _ = e.StageOf(j.Of, id)
	dec, ok := e.Why(j.Of, id)
	if !ok || t.stage == "" {
		return t, false
	}
	var told struct {
		Journey struct {
			Unmet []struct {
				Name, Source string
				Have, Need   *int64
			}
		}
	}
	why := explain.New(p, decision.Options{Zone: e.Zone()})
	if json.Unmarshal(why.AppendJSON(nil, dec, nil), &told) != nil {
		return t, false
	}
	for _, u := range told.Journey.Unmet {
		text := ""
		if u.Have != nil && u.Need != nil {
			text = strconv.FormatInt(*u.Have, 10) + "/" + strconv.FormatInt(*u.Need, 10)
		}
		at := u.Source
		if i := strings.LastIndexByte(at, ':'); i > 0 {
			at = at[:i]
		}
		t.lines[at] = text
		t.unmet = append(t.unmet, lack{u.Name, text})
	}
	return t, true
}

// pinning takes what somebody pins from the page, and answers with what is pinned then: others may
// have been faster.
func (d *desk) pinning(s *seat, c *wire.Command) (string, error) {
	if len(c.What) != 2 {
		return "", errUnknown
	}
	now := pinned{Lines: c.Text, Until: c.Was}
	x := d.pinned.merge(pinned{Lines: c.What[0], Until: c.What[1]}, now)
	if err := d.pin(x); err != nil {
		return "", err
	}
	s.tell(&wire.Update{HTML: []string{draw(view.BenchPinned(x.Lines, x.Until))},
		Told: &wire.Told{Ask: c.Ask}})
	return "", nil
}

// pinLast takes what somebody had typed when they left the page.
func (v *Visit) pinLast(d *desk) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := pinned{Lines: v.R.FormValue("seen"), Until: v.R.FormValue("seen-until")}
	now := pinned{Lines: v.R.FormValue("lines"), Until: v.R.FormValue("until")}
	for _, x := range []*pinned{&seen, &now} { // a form has line ends of two signs
		x.Lines = strings.ReplaceAll(x.Lines, "\r\n", "\n")
	}
	return d.pin(d.pinned.merge(seen, now))
}
