package builder

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/api"
)

// boardOf is the journeys of a policy's own files.
func boardOf(p *policy.Policy, lang string) []view.Journey {
	var own []source.File
	for _, f := range p.Files {
		if !strings.HasPrefix(f.Name, "std/") {
			own = append(own, f)
		}
	}
	return newDrawing(edit.Read(own), p, lang).board()
}

// checkedOf is the policy of files of a version.
func (b *Builder) checkedOf(files []api.File) *policy.Policy {
	var own []source.File
	for _, f := range files {
		if !strings.HasPrefix(f.Name, "std/") {
			own = append(own, source.File{Name: f.Name, Text: f.Text})
		}
	}
	p, _ := b.checkFiles(new(dsl.Checker), own) // it was in force: it has no mistakes that matter
	return p
}

// A comparing makes one board of two, on which each card says what became of it.
type comparing struct {
	v     *view.Viewer
	says  []string
	whole bool // the journey came or went: what is in it came or went with it
}

// boardDiff is the journeys that are others than they were; nil: none is.
func boardDiff(v *view.Viewer, old, now []view.Journey) *view.BoardDiff {
	c := &comparing{v: v}
	out := &view.BoardDiff{}
	named := func(list []view.Journey, code string) *view.Journey {
		i := slices.IndexFunc(list, func(j view.Journey) bool { return j.Code == code })
		if i < 0 {
			return nil
		}
		return &list[i]
	}
	for i := range now {
		out.Journeys = append(out.Journeys, c.journey(named(old, now[i].Code), &now[i]))
	}
	for i := range old {
		if named(now, old[i].Code) == nil {
			out.Journeys = append(out.Journeys, c.journey(&old[i], nil))
		}
	}
	out.Journeys = slices.DeleteFunc(out.Journeys, func(j view.DiffJourney) bool { return !j.Other })
	if out.Says = c.says; len(out.Journeys) == 0 {
		return nil
	}
	return out
}

func (c *comparing) mark(word string) view.DiffMark {
	if c.whole {
		return view.DiffMark{}
	}
	switch word {
	case "add":
		return view.DiffMark{Tone: view.Good, Text: c.v.Say(words.DiffAdd)}
	case "cut":
		return view.DiffMark{Tone: view.Bad, Text: c.v.Say(words.DiffCut)}
	case "change":
		return view.DiffMark{Tone: view.Warn, Text: c.v.Say(words.DiffChange)}
	}
	return view.DiffMark{}
}

// journey compares one journey; a nil one is not there.
func (c *comparing) journey(old, now *view.Journey) view.DiffJourney {
	is, before := now, old
	out := view.DiffJourney{}
	switch {
	case old == nil:
		out.Mark, before = c.mark("add"), &view.Journey{}
	case now == nil:
		out.Mark, is = c.mark("cut"), &view.Journey{}
	}
	out.Name = is.Name + before.Name
	if old != nil && now != nil {
		out.Name = now.Name
	}
	said := len(c.says)
	c.said(out.Mark, out.Name, "", "")
	c.whole = old == nil || now == nil
	defer func() { c.whole = false }()
	if loose := c.cards("", before.Loose, is.Loose, nil); len(loose) > 0 {
		out.Columns = append(out.Columns, view.DiffColumn{Cards: loose})
	}
	moved := moves(before.Columns, is.Columns)
	for i := range is.Columns {
		col := &is.Columns[i]
		k := slices.IndexFunc(before.Columns, func(o view.Column) bool { return o.Code == col.Code })
		x := view.DiffColumn{Name: col.Name}
		var was []view.Item
		if k >= 0 {
			was = cardsOf(&before.Columns[k])
		} else {
			x.Mark = c.mark("add")
			c.said(x.Mark, col.Name, "", "")
		}
		x.Cards = c.cards(col.Name, was, cardsOf(col), moved)
		out.Columns = append(out.Columns, x)
	}
	for i := range before.Columns {
		col := &before.Columns[i]
		if slices.ContainsFunc(is.Columns, func(o view.Column) bool { return o.Code == col.Code }) {
			continue
		}
		x := view.DiffColumn{Name: col.Name}
		x.Mark = c.mark("cut")
		c.said(x.Mark, col.Name, "", "")
		x.Cards = c.cards(col.Name, cardsOf(col), nil, moved)
		out.Columns = append(out.Columns, x)
	}
	out.Other = len(c.says) > said
	return out
}

func cardsOf(c *view.Column) []view.Item {
	return append(slices.Clone(c.Head), c.Cards...)
}

// moves are the cards that stand in another column than they did, with the name of the one that
// they came from.
func moves(old, now []view.Column) map[string]string {
	in := func(list []view.Column) (at map[string]int) {
		at = map[string]int{}
		for i := range list {
			for _, k := range cardsOf(&list[i]) {
				if _, twice := at[k.Key]; twice {
					at[k.Key] = -1
				} else {
					at[k.Key] = i
				}
			}
		}
		return at
	}
	was, is, out := in(old), in(now), map[string]string{}
	for key, i := range was { //tidy:order each is by itself
		if k, there := is[key]; there && i >= 0 && k >= 0 && old[i].Code != now[k].Code {
			out[key] = old[i].Name
		}
	}
	return out
}

// cards compares those of one column.
func (c *comparing) cards(
	column string, old, now []view.Item, moved map[string]string,
) (out []view.DiffCard) {
	left := slices.DeleteFunc(slices.Clone(old), func(o view.Item) bool {
		_, goes := moved[o.Key]
		return goes
	})
	take := func(is func(o *view.Item) bool) *view.Item {
		for i := range left {
			if o := left[i]; is(&o) {
				left = slices.Delete(left, i, i+1)
				return &o
			}
		}
		return nil
	}
	same := make([]*view.Item, len(now))
	for i := range now {
		same[i] = take(func(o *view.Item) bool { return o.Key == now[i].Key })
	}
	for i := range now {
		x := view.DiffCard{Kind: now[i].Kind, Title: now[i].Title, Text: now[i].Whole}
		from, came := moved[now[i].Key]
		was := same[i]
		if was == nil && !came { // another line about the same thing
			was = take(func(o *view.Item) bool {
				return o.Kind == now[i].Kind && !o.Plain && (o.Title == now[i].Title || !c.asks(o))
			})
		}
		switch {
		case came:
			x.Mark = view.DiffMark{Tone: view.Info, Text: c.v.Sayf(words.DiffMove, from)}
		case was == nil:
			x.Mark = c.mark("add")
		case was.Whole != now[i].Whole:
			x.Mark, x.Was = c.mark("change"), was.Whole
		}
		c.said(x.Mark, column, x.Title, x.Was)
		out = append(out, x)
	}
	for _, o := range left {
		x := view.DiffCard{Kind: o.Kind, Title: o.Title, Text: o.Whole, Mark: c.mark("cut")}
		c.said(x.Mark, column, x.Title, "")
		out = append(out, x)
	}
	return out
}

// asks reports whether a card asks for something: a stage has many of those, and one of all else.
func (c *comparing) asks(o *view.Item) bool {
	return o.Kind == c.v.Say(words.KindMust) || o.Kind == c.v.Say(words.KindEntry)
}

// said tells a difference in a sentence, for who reads instead of looking.
func (c *comparing) said(m view.DiffMark, column, title, was string) {
	if m.Text == "" {
		return
	}
	text := m.Text + c.v.Say(words.Colon) + column
	if title != "" && column != "" {
		text += " › "
	}
	text += title
	if was != "" {
		text += c.v.Sayf(words.DiffWas, short(was))
	}
	c.says = append(c.says, text)
}
