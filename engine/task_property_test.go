package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
)

const errands = `
entity Rep { name text; chief Rep?; todo int = count(Task where state == open) }
entity Shop { name text; owner Rep; phone text? }
event Call { shop Shop; good bool }
event Order { shop Shop; rep Rep }
event Lost { shop Shop? }
rule Back on Lost {
  when true
  do {
    task "win" for shop.owner due 25h until 2 Call of shop where good else for shop.owner.chief due 10h
    task "reach" for shop.owner until has phone of shop
  }
}
rule Seen on Order { when true; do { task "thank" for rep due 30h at most 2 open } }
rule New on Shop {
  when has owner
  do {
    task "call" for owner due 20h until 2 Call where good else for owner.chief due 10h
    task "phone" for owner due 50h until has phone
  }
}
`

// errand is one task in the plainest way: what it is, whose, and what became of it.
type errand struct {
	text, whose, about, state string
	made, due                 time.Time
	good                      int      // calls that count, since the first of its chain was made
	next                      []string // whom it is handed to
}

// errandOracle works out the tasks by going through all of them for every record and every moment.
type errandOracle struct {
	list   []*errand
	chief  map[string]string
	phoned map[string]bool
	shops  map[string]bool
	owner  map[string]string
}

func (o *errandOracle) give(e errand) {
	e.state = "open"
	o.list = append(o.list, &e)
}

// until lets everything fall due that does at or before a moment, in order of time.
func (o *errandOracle) until(now time.Time) {
	for {
		var first *errand
		for _, e := range o.list {
			if e.state == "open" && !e.due.IsZero() && !e.due.After(now) &&
				(first == nil || e.due.Before(first.due)) {
				first = e
			}
		}
		if first == nil {
			return
		}
		first.state = "expired"
		if len(first.next) > 0 {
			o.give(errand{text: first.text, whose: first.next[0], about: first.about, made: first.due,
				due: first.due.Add(10 * time.Hour), good: first.good, next: first.next[1:]})
		}
	}
}

func (o *errandOracle) each(about, text string, f func(*errand)) {
	for _, e := range o.list {
		if e.state == "open" && e.about == about && e.text == text {
			f(e)
		}
	}
}

func (o *errandOracle) call(shop string, good bool) {
	for _, text := range []string{"call", "win"} {
		o.each(shop, text, func(e *errand) {
			if good {
				e.good++
			}
			if e.good >= 2 && o.shops[shop] { // nothing looks at what has no record of its own
				e.state = "done"
			}
		})
	}
}

func (o *errandOracle) order(rep string, now time.Time) {
	open := 0
	for _, e := range o.list {
		if e.state == "open" && e.whose == rep {
			open++
		}
	}
	if open < 2 {
		o.give(errand{text: "thank", whose: rep, made: now, due: now.Add(30 * time.Hour)})
	}
}

// lost gives the tasks about a shop that an event names; one that names nobody is not ended by calls.
func (o *errandOracle) lost(shop string, now time.Time) {
	owner, known := o.owner[shop]
	win := errand{text: "win", whose: owner, about: shop, made: now, due: now.Add(25 * time.Hour),
		next: []string{o.chief[owner]}}
	if !known {
		win.next = []string{""}
	}
	o.give(win)
	if !o.phoned[shop] {
		o.give(errand{text: "reach", whose: owner, about: shop, made: now})
	}
}

func (o *errandOracle) shop(id, owner string, phone bool, now time.Time) {
	if phone {
		o.phoned[id] = true
		for _, text := range []string{"phone", "reach"} {
			o.each(id, text, func(e *errand) { e.state = "done" })
		}
	}
	if o.shops[id] {
		return // the rule fires when it turns true: once
	}
	o.shops[id], o.owner[id] = true, owner
	o.call(id, false)                // what was counted so far is looked at
	next := []string{o.chief[owner]} // "": nobody, and the task stands all the same
	o.give(errand{text: "call", whose: owner, about: id, made: now, due: now.Add(20 * time.Hour), next: next})
	if !o.phoned[id] {
		o.give(errand{text: "phone", whose: owner, about: id, made: now, due: now.Add(50 * time.Hour)})
	}
}

// tell writes what there is, one task a line, in an order that depends on nothing else.
func (o *errandOracle) tell() string {
	var lines []string
	for _, e := range o.list {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", e.text, e.about, e.whose, e.state,
			e.made.UTC().Format(time.DateTime)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func tellTasks(e *engine.Engine, lost map[string]string) string {
	var lines []string
	for _, t := range e.Tasks(true) {
		about := ""
		switch t.Rule {
		case "New":
			about = strings.TrimPrefix(t.About, "Shop/")
		case "Back":
			about = lost[strings.TrimPrefix(t.About, "Lost/")]
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", t.Text, about, strings.TrimPrefix(t.For, "Rep/"),
			t.State, time.UnixMicro(t.Created).UTC().Format(time.DateTime)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestTasksAgainstOracle holds what becomes of tasks to an oracle that knows nothing of timers,
// indexes or rows: after every record and every gap.
func TestTasksAgainstOracle(t *testing.T) {
	p := check(t, errands)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, p, engine.Options{})
		o := &errandOracle{chief: map[string]string{"a": "c", "b": ""}, phoned: map[string]bool{},
			shops: map[string]bool{}, owner: map[string]string{}}
		now, lost := time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai), map[string]string{}
		line := func(kind, id, rest string) {
			w.feed(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s"%s}`, kind, id, now.Format(time.RFC3339), rest))
		}
		line("Rep", "c", `,"name":"C"`)
		line("Rep", "a", `,"name":"A","chief":"c"`)
		line("Rep", "b", `,"name":"B"`)
		for i := range rapid.IntRange(1, 40).Draw(rt, "records") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 7, 10, 20, 31}).Draw(rt, "gap")) * time.Hour)
			o.until(now)
			id, shop := fmt.Sprintf("x%d", i), rapid.SampledFrom([]string{"s", "t"}).Draw(rt, "shop")
			rep := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "rep")
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 4:
				lost[id] = rapid.SampledFrom([]string{"", shop}).Draw(rt, "lost")
				rest := ""
				if lost[id] != "" {
					rest = `,"shop":"` + shop + `"`
				}
				line("Lost", id, rest)
				o.lost(lost[id], now)
			case 0:
				phone := rapid.Bool().Draw(rt, "phone")
				rest := `,"name":"S"`
				if !o.shops[shop] {
					rest += `,"owner":"` + rep + `"`
				}
				if phone {
					rest += `,"phone":"1"`
				}
				line("Shop", shop, rest)
				o.shop(shop, rep, phone, now)
			case 1, 2:
				good := rapid.Bool().Draw(rt, "good")
				line("Call", id, fmt.Sprintf(`,"shop":"%s","good":%t`, shop, good))
				o.call(shop, good)
			case 3:
				line("Order", id, fmt.Sprintf(`,"shop":"%s","rep":"%s"`, shop, rep))
				o.order(rep, now)
			}
			if got, want := tellTasks(w.e, lost), o.tell(); got != want {
				rt.Fatalf("after record %d:\n%s\nwant\n%s", i+1, got, want)
			}
		}
	})
}
