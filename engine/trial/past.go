package trial

import (
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
)

// Past is what one policy would have done over the last days of a log: what an author is told
// beside a rule while writing it.
type Past struct {
	Records int
	Days    int // that were asked for, at most those that the log has
	All     []Tally

	Engine *engine.Engine // as it is at the log's end: who is in which segment

	did map[string][]Did
}

// Fired says how often each rule, alert and segment of a policy would have fired over the last
// days of a log, and how long it would have stayed open; 0 days are the whole log. What lies before
// those days is decided on as well, since windows and open alerts reach back into it.
func Fired(p *policy.Policy, log Log, days int, o Options) (*Past, error) {
	var t *tallies
	f, err := newFeeder(p, log, o.Engine, func(_ *engine.Entry, d *decision.Decision) { t.saw(d) })
	if err != nil {
		return nil, err
	}
	t = newTallies(f.engine)
	x := &Past{Engine: f.engine}
	var first int64
	err = log(func(in Input) error {
		f.decode(in)
		at := f.moment(in)
		if x.Records++; x.Records == 1 {
			first = at
		}
		t.until(at, f.emitted)
		f.apply(at)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if x.Records > 0 {
		zone := f.engine.Zone()
		x.Days = int(calendar.DateOf(f.engine.Now(), zone) - calendar.DateOf(first, zone) + 1)
		if days > 0 {
			x.Days = min(x.Days, days)
		}
	}
	x.All, x.did = t.all(p, int64(days)), t.made(t.from(int64(days)))
	return x, nil
}

// Says is the sentence about one declaration, "" for one that does not fire: "would have fired 412
// times in 90 days".
func (x *Past) Says(name, lang string) string {
	t, ok := x.of(name)
	if !ok || x.Records == 0 {
		return ""
	}
	w := pastIn(lang)
	form := w.forms[t.Kind]
	if form == "" {
		return ""
	}
	text := fmt.Sprintf(form, w.times(t.Fired), w.days(x.Days))
	if t.Open > 0 {
		text += fmt.Sprintf(w.still, t.Open)
	}
	if t.Stays > 0 {
		text += fmt.Sprintf(w.median, length(t.Median, lang))
	}
	return text
}

// Did is what a declaration would have made happen, by kind.
func (x *Past) Did(name string) []Did { return x.did[name] }

// of adds up what has a name: an alert `by action` is one for each action, and has no median over
// all of them.
func (x *Past) of(name string) (sum Tally, found bool) {
	for _, t := range x.All {
		if of, _ := decision.CellOf(t.Name); of != name {
			continue
		}
		if !found {
			sum, found = t, true
			continue
		}
		sum.Fired, sum.Open, sum.Stays = sum.Fired+t.Fired, sum.Open+t.Open, 0
	}
	return sum, found
}

// pastWords are the words of such sentences; the two languages stand side by side.
type pastWords struct {
	forms         map[string]string // by kind of declaration
	times         func(uint64) string
	days          func(int) string
	still, median string
}

func pastIn(lang string) pastWords {
	if lang == "zh" {
		return pastWords{
			forms: map[string]string{"rule": "%[2]s内会触发 %[1]s", "alert": "%[2]s内会打开 %[1]s",
				"segment": "%[2]s内会进入 %[1]s", "journey": "%[2]s内会移动 %[1]s"},
			times:  func(n uint64) string { return fmt.Sprintf("%d 次", n) },
			days:   func(n int) string { return fmt.Sprintf("%d 天", n) },
			still:  "，%d 个未结束",
			median: "，持续时间中位 %s",
		}
	}
	return pastWords{
		forms: map[string]string{"rule": "would have fired %s in %s",
			"alert": "would have opened %s in %s", "segment": "would have been entered %s in %s",
			"journey": "would have moved records %s in %s"},
		times: func(n uint64) string {
			if n == 1 {
				return "once"
			}
			return fmt.Sprintf("%d times", n)
		},
		days: func(n int) string {
			if n == 1 {
				return "a day"
			}
			return fmt.Sprintf("%d days", n)
		},
		still:  ", %d still open",
		median: ", for a median of %s",
	}
}
