package doc

import (
	"strconv"
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
)

// journey tells of a journey: its picture, then stage by stage what is asked and what is done.
func (v *view) journey(x *policy.Journey) []block {
	lead := v.sentence(
		"Each {1} goes through these stages in order; it goes on when what is asked is met.",
		"{1}依次经过以下阶段，满足要求后才能前进。", v.each(x.Of))
	if x.Warn {
		lead = v.sentence("Each {1} goes through these stages in order; what is not met is told, "+
			"and it goes on all the same.", "{1}依次经过以下阶段；未满足的要求会提醒，但不阻止前进。", v.each(x.Of))
	}
	out := []block{{lead: lead, picture: v.journeyPicture(x)}}
	for _, g := range x.Stages {
		out = append(out, block{id: idOf(&g.Head), title: v.stageName(g), items: v.stage(g)})
	}
	return out
}

// stageName is how people call a stage; its head is named with the journey before it.
func (v *view) stageName(g *policy.Stage) string {
	if label := v.Text(g.Label); label != "" {
		return label
	}
	return g.Name
}

func (v *view) stage(g *policy.Stage) []say.Phrase {
	var out []say.Phrase
	add := func(en, zh string, args ...say.Phrase) { out = append(out, v.sentence(en, zh, args...)) }
	switch g.Kind {
	case policy.StageWon:
		add("Here it is won.", "到此赢单。")
	case policy.StageLost:
		add("Here it is lost; this can happen from any stage.", "到此丢单；任何阶段都可能进入。")
	case policy.StageOpen:
	}
	for _, r := range g.Entry {
		add("To come in: {1}.", "准入：{1}。", v.requirement(r))
	}
	for _, r := range g.Must {
		add("To go on: {1}.", "前进的要求：{1}。", v.requirement(r))
	}
	if g.Sla != nil {
		add("It may stay for {1}.", "停留时限：{1}。", v.Due(g.Sla.Due))
	}
	for _, h := range []struct {
		hook   *policy.Hook
		en, zh string
	}{{g.Enter, "On coming in: {1}.", "进入时：{1}。"}, {g.Leave, "On leaving: {1}.", "离开时：{1}。"},
		{g.Late, "When it stays too long: {1}.", "逾期时：{1}。"}} {
		if h.hook == nil {
			continue
		}
		for _, e := range h.hook.Do {
			add(h.en, h.zh, v.Effect(e))
		}
	}
	if len(out) == 0 {
		add("Nothing is asked.", "没有要求。")
	}
	return out
}

func (v *view) requirement(r *policy.Requirement) say.Phrase {
	out := v.Expr(r.X)
	if r.Within != nil {
		out = say.Form(v.Say("{1}, within {2} of coming in", "{1}，进入后 {2}内"), out, v.Due(*r.Within))
	}
	if r.Text != nil {
		out = say.Form(v.Say("{1} (else: {2})", "{1}（否则提示：{2}）"), out, v.Message(r.Text))
	}
	return out
}

// A picture is a journey drawn: the stages in a column, the lost ones beside it.
type picture struct {
	title, says   string // for those who do not see it
	width, height int
	boxes         []box
	paths         []string
	arrows        []string // the heads of those paths that lead somewhere
}

// middle is the base line of a box's name.
func (b box) middle() int {
	if b.below != "" {
		return b.y + 22
	}
	return b.y + 30
}

type box struct {
	x, y, w      int
	name, below  string
	class, marks string // marks: a shape beside the name, so that state is not colour alone
}

// The measures of a picture, in pixels.
const (
	boxHeight = 48
	boxGap    = 28
	boxPad    = 16
	pictureIn = 8
)

func (v *view) journeyPicture(x *policy.Journey) *picture {
	p := &picture{title: v.Name(&x.Head)}
	var main, lost []box
	wide := 120
	for _, g := range x.Stages {
		b := box{name: v.stageName(g), class: "stage"}
		if g.Sla != nil {
			b.below = v.Say("at most ", "最多 ") + v.Due(g.Sla.Due).String()
		}
		switch g.Kind {
		case policy.StageWon:
			b.class, b.marks = "stage won", "✓ "
		case policy.StageLost:
			b.class, b.marks = "stage lost", "✕ "
		case policy.StageOpen:
		}
		wide = max(wide, textWidth(b.marks+b.name, 15)+2*boxPad, textWidth(b.below, 12)+2*boxPad)
		if g.Kind == policy.StageLost {
			lost = append(lost, b)
			continue
		}
		main = append(main, b)
	}
	p.says = v.Say("Stages in order: ", "阶段次序：")
	for i := range main {
		b := &main[i]
		b.x, b.y, b.w = pictureIn, pictureIn+i*(boxHeight+boxGap), wide
		if i > 0 {
			p.says += " → "
			p.paths = append(p.paths, "M"+at(b.x+wide/2, b.y-boxGap)+"V"+strconv.Itoa(b.y-3))
			p.arrows = append(p.arrows, "M"+at(b.x+wide/2-5, b.y-8)+"l5 7l5 -7z")
		}
		p.says += b.name
	}
	p.boxes = main
	p.lostBeside(main, lost, wide)
	for i := range lost {
		p.says += v.Say("; from any of them: ", "；任何阶段都可进入：") + lost[i].name
	}
	for _, b := range p.boxes {
		p.width, p.height = max(p.width, b.x+b.w+pictureIn), max(p.height, b.y+boxHeight+pictureIn)
	}
	return p
}

// lostBeside places the lost stages beside the others: one line gathers what may be lost.
func (p *picture) lostBeside(main, lost []box, wide int) {
	if len(lost) == 0 || len(main) == 0 {
		p.boxes = append(p.boxes, lost...)
		return
	}
	gather := pictureIn + wide + boxGap
	first, last := main[0].y+boxHeight/2, 0
	for _, b := range main {
		if b.class == "stage" {
			last = b.y + boxHeight/2
			p.paths = append(p.paths, "M"+at(b.x+wide, last)+"H"+strconv.Itoa(gather))
		}
	}
	for i := range lost {
		b := &lost[i]
		b.x, b.y, b.w = gather+boxGap, pictureIn+i*(boxHeight+boxGap), wide
		last = max(last, b.y+boxHeight/2)
		p.paths = append(p.paths, "M"+at(gather, b.y+boxHeight/2)+"H"+strconv.Itoa(b.x-3))
		p.arrows = append(p.arrows, "M"+at(b.x-8, b.y+boxHeight/2-5)+"l7 5l-7 5z")
	}
	p.paths = append(p.paths, "M"+at(gather, first)+"V"+strconv.Itoa(last))
	p.boxes = append(p.boxes, lost...)
}

func at(x, y int) string { return strconv.Itoa(x) + " " + strconv.Itoa(y) }

// textWidth is about how wide a text is: nobody here has the font.
func textWidth(s string, size int) int {
	w := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) || r > 0x2fff {
			w += 100
		} else {
			w += 58
		}
	}
	return w*size/100 + 1
}
