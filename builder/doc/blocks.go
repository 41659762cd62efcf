package doc

import (
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
)

// blocks tells of a declaration: in sentences where its kind has them, else part by part.
func (v *view) blocks(d *kind.Decl) []block {
	p := v.policy
	for _, x := range p.Scores {
		if &x.Head == d.Head {
			return v.score(x)
		}
	}
	for _, x := range p.Alerts {
		if &x.Head == d.Head {
			return v.alert(x)
		}
	}
	for _, x := range p.Rules {
		if &x.Head == d.Head {
			return v.rule(x)
		}
	}
	for _, x := range p.Segments {
		if &x.Head == d.Head {
			return v.segment(x)
		}
	}
	for _, x := range p.Choices {
		if &x.Head == d.Head {
			return v.choice(x)
		}
	}
	for _, x := range p.Journeys {
		if &x.Head == d.Head {
			return v.journey(x)
		}
	}
	for _, x := range p.Actions {
		if &x.Head == d.Head {
			return v.action(x)
		}
	}
	for _, x := range p.Metrics {
		if &x.Head == d.Head {
			return v.metric(x)
		}
	}
	for _, x := range p.Later {
		if &x.Head == d.Head {
			return v.later(x)
		}
	}
	if d.Of != nil && &d.Of.Head == d.Head {
		return v.record(d.Of)
	}
	return v.parts(d)
}

// sentence begins a sentence: a capital letter where the language has them, a mark at its end.
func (v *view) sentence(en, zh string, args ...say.Phrase) say.Phrase {
	p := say.Form(v.Say(en, zh), args...)
	return begins(p, unicode.ToUpper)
}

// begins changes the first letter of a sentence, where it is ours.
func begins(p say.Phrase, letter func(rune) rune) say.Phrase {
	if len(p) > 0 && !p[0].Own && p[0].Text != "" {
		first, n := utf8.DecodeRuneInString(p[0].Text)
		p[0].Text = string(letter(first)) + p[0].Text[n:]
	}
	return p
}

// effects are what is done, one sentence each.
func (v *view) effects(list []*policy.Effect) []say.Phrase {
	out := make([]say.Phrase, len(list))
	for i, e := range list {
		out[i] = v.sentence("{1}.", "{1}。", v.Effect(e))
	}
	return out
}

func (v *view) doing(title, titleZh string, list []*policy.Effect) []block {
	if len(list) == 0 {
		return nil
	}
	return []block{{title: v.Say(title, titleZh), items: v.effects(list)}}
}

// holds is "X" of one condition and "all of this" of several, which are then listed.
func (v *view) holds(x *policy.Expr) (say.Phrase, []say.Phrase) {
	conds := v.Conds(x)
	switch len(conds) {
	case 0:
		return nil, nil
	case 1:
		return conds[0], nil
	}
	return say.Plain(v.Say("all of this holds", "以下全部成立")), conds
}

// each names one of the records that a declaration is about.
func (v *view) each(r *policy.Record) say.Phrase {
	if r == nil {
		return say.Plain(v.Say("workspace", "工作区"))
	}
	return v.Head(&r.Head)
}

func (v *view) score(x *policy.Score) []block {
	t := &table{caption: v.Say("What the score is made of", "评分的构成"),
		heads: []string{v.Say("Part", "评分项"), v.Say("Weight", "权重"), v.Say("What is looked at", "看什么"),
			v.Say("Where it is missing", "缺失时")}}
	for i := range x.Terms {
		m := &x.Terms[i]
		name := v.Text(m.Label)
		code := m.Name
		if name == "" {
			name, code = m.Name, ""
		}
		missing := v.Say("the score is not known", "评分未知")
		if m.Skip {
			missing = v.Say("the part is left out", "该项不计入")
		}
		t.rows = append(t.rows, row{name: own(name), code: code, cells: []cell{
			{Phrase: say.Plain(v.Percent(m.Weight)), bar: m.Weight}, {Phrase: v.Expr(m.X)},
			{Phrase: say.Plain(missing)}}})
	}
	lead := v.sentence("Every {1} has a score from 0 to 100, the sum of its parts by weight.",
		"每个{1}都有一个 0 到 100 的评分，由各项按权重相加。", v.each(x.Of))
	return []block{{lead: lead, table: t}}
}

func (v *view) alert(x *policy.Alert) []block {
	what, conds := v.holds(x.When)
	of := v.each(x.Of)
	if x.Cell != nil {
		of = say.Form(v.Say("{1} and the action {2}", "{1}和动作“{2}”"), of, v.Head(&x.Cell.Head))
	}
	lead := say.Form(v.Say("For each {1}: when {2}", "对每个{1}：当{2}"), of, what)
	switch {
	case x.ForN > 0:
		lead = say.Form(v.Say("{1}, for {2} in a row", "{1}，连续 {2}"), lead,
			say.Plain(v.Count(int64(x.ForN), "look", "次")))
	case x.For > 0:
		lead = say.Form(v.Say("{1}, for {2} without a break", "{1}，持续 {2}"), lead,
			say.Plain(v.Span(x.For)))
	}
	if x.Check != nil {
		lead = say.Form(v.Say("{1}, {2}", "{1}，{2}查看"), lead, v.Check(x.Check))
	}
	out := []block{{lead: v.sentence("{1}, the alert opens.", "{1}，预警打开。", lead), items: conds}}
	out = append(out, v.doing("Then", "随后", x.Do)...)
	if x.Needs != nil {
		needs, more := v.holds(x.Needs)
		out = append(out, block{title: v.Say("Only where", "前提"),
			lead: v.sentence("{1}.", "{1}。", needs), items: more})
	}
	if x.Until == nil {
		return append(out, block{title: v.Say("It ends", "何时解除"),
			lead: say.Plain(v.Say("As soon as this no longer holds.", "条件不再成立时解除。"))})
	}
	until, more := v.holds(x.Until)
	if x.UntilFor > 0 {
		until = say.Form(v.Say("{1}, for {2} without a break", "{1}，持续 {2}"), until,
			say.Plain(v.Span(x.UntilFor)))
	}
	return append(out, block{title: v.Say("It ends", "何时解除"),
		lead: v.sentence("When {1}.", "当{1}。", until), items: more})
}

func (v *view) rule(x *policy.Rule) []block {
	if x.Every != nil {
		return v.scheduled(x)
	}
	what, conds := v.holds(x.When)
	lead := v.sentence("For each {1}", "对每个{1}", v.each(x.On))
	if what != nil {
		lead = say.Form(v.Say("{1}, when {2}", "{1}，当{2}"), lead, what)
	}
	if x.Check != nil {
		lead = say.Form(v.Say("{1}, {2}", "{1}，{2}查看"), lead, v.Check(x.Check))
	}
	lead = say.Form(v.Say("{1}:", "{1}："), lead)
	return append([]block{{lead: lead, items: conds}}, v.doing("Then", "随后", x.Do)...)
}

func (v *view) scheduled(x *policy.Rule) []block {
	where, conds := v.holds(x.Where)
	lead := v.sentence("{1}, for every {2}", "{1}，对每个{2}", v.Schedule(x.Every), v.each(x.On))
	if x.Top != nil {
		lead = v.sentence("{1}, for the {3} {2} with the most by {4}", "{1}，取{4}最高的 {3} 个{2}",
			v.Schedule(x.Every), v.each(x.On), say.Plain(v.number(x.Top.N)), v.Expr(x.Top.By))
	}
	if where != nil {
		lead = say.Form(v.Say("{1}, among those where {2}", "{1}（限{2}）"), lead, where)
	}
	return append([]block{{lead: say.Form(v.Say("{1}:", "{1}："), lead), items: conds}},
		v.doing("Then", "随后", x.Do)...)
}

func (v *view) segment(x *policy.Segment) []block {
	var out []block
	when := say.Plain(v.Say("at once", "条件变化时立即"))
	if x.Check != nil {
		when = v.Check(x.Check)
	}
	if len(x.Tiers) == 0 {
		what, conds := v.holds(x.When)
		out = append(out, block{items: conds, lead: v.sentence(
			"Each {1} belongs here while {2}; changes count {3}.", "{2}的{1}属于这一分群（{3}更新）。",
			v.each(x.Of), what, when)})
	} else {
		t := &table{caption: v.Say("The rows, from the top", "各行，自上而下"),
			heads: []string{v.Say("Row", "分层"), v.Say("When", "条件"), v.Say("Name", "名称")}}
		for i := range x.Tiers {
			r := &x.Tiers[i]
			name, code := v.Text(r.Label), r.Name
			if name == "" {
				name = r.Name
			}
			cond := say.Plain(v.Say("all others", "其余"))
			if r.When != nil {
				cond = v.Expr(r.When)
			}
			t.rows = append(t.rows, row{name: own(name), cells: []cell{{Phrase: cond}, {Phrase: own(code)}}})
		}
		out = append(out, block{table: t, lead: v.sentence(
			"Each {1} is in the first row that holds; changes count {2}.",
			"{1}归入第一个成立的行（{2}更新）。", v.each(x.Of), when)})
	}
	out = append(out, v.doing("On coming in", "进入时", x.Enter)...)
	out = append(out, v.doing("On leaving", "离开时", x.Leave)...)
	for i := range x.Tiers {
		r := &x.Tiers[i]
		name := v.Text(r.Label)
		if name == "" {
			name = r.Name
		}
		out = append(out, v.doing("On coming into "+name, "进入“"+name+"”时", r.Enter)...)
		out = append(out, v.doing("On leaving "+name, "离开“"+name+"”时", r.Leave)...)
	}
	return out
}

func (v *view) choice(x *policy.Choice) []block {
	t := &table{caption: v.Say("The values, in their order", "各个值，按次序"),
		heads: []string{v.Say("Value", "值"), v.Say("Name", "名称")}}
	for _, c := range x.Values {
		name := v.Text(c.Label)
		if name == "" {
			name = c.Name
		}
		t.rows = append(t.rows, row{name: own(name), cells: []cell{{Phrase: own(c.Name)}}})
	}
	return []block{{table: t}}
}

func (v *view) record(x *policy.Record) []block {
	lead := v.Say("Something that lasts; its values are those that came last.",
		"长期存在的对象；各字段取最近一次的值。")
	if x.Kind == policy.Event {
		lead = v.Say("Something that happened at a moment.", "在某一时刻发生的事。")
	}
	t := &table{caption: v.Say("Fields", "字段"), heads: []string{v.Say("Field", "字段"),
		v.Say("What it holds", "内容"), v.Say("May be missing", "可缺失"), v.Say("Remarks", "说明")}}
	for _, f := range x.Fields {
		if f.System == policy.NotSystem {
			t.rows = append(t.rows, v.field(f))
		}
	}
	out := []block{{lead: say.Plain(lead), table: t}}
	var drops []say.Phrase
	for _, d := range x.Drop {
		drops = append(drops, v.sentence("{1}.", "{1}。", v.Expr(d)))
	}
	if len(drops) > 0 {
		out = append(out, block{title: v.Say("It is kept but not counted when", "以下情况保留但不计入"),
			items: drops})
	}
	return out
}

func (v *view) field(f *policy.Field) row {
	name, code := v.FieldName(f), f.Name
	if name == f.Name {
		code = ""
	}
	maybe := v.Say("no", "否")
	if f.Type.Maybe {
		maybe = v.Say("yes", "是")
	}
	var says []say.Phrase
	if f.Compute != nil {
		says = append(says, v.sentence("Computed: {1}.", "计算得出：{1}。", v.Expr(f.Compute)))
	}
	if f.Fill != nil {
		says = append(says, v.sentence("Where it is missing: {1}.", "缺失时取：{1}。", v.Expr(f.Fill)))
	}
	if p := f.Personal; p != nil {
		why := say.Plain(v.Say("Personal", "个人信息"))
		if p.Purpose != "" {
			why = say.Form(v.Say("Personal, for “{1}”", "个人信息，用于“{1}”"), own(p.Purpose))
		}
		if p.Keep > 0 {
			why = say.Form(v.Say("{1}, kept for {2}", "{1}，保留 {2}"), why, say.Plain(v.Span(p.Keep)))
		}
		says = append(says, v.sentence("{1}.", "{1}。", why))
	}
	return row{id: fieldID(f), name: own(name), code: code, cells: []cell{{Phrase: v.Type(f.Type)},
		{Phrase: say.Plain(maybe)}, {Phrase: say.Join(says, v.Say(" ", ""))}}}
}

func (v *view) later(x *policy.Later) []block {
	what := own(kind.Named(x.What, v.lang))
	return []block{{lead: v.sentence("It is checked and not run yet ({1}).",
		"已检查，尚不运行（{1}）。", what)}}
}

// parts tells of a declaration part by part, as the registry has them.
func (v *view) parts(d *kind.Decl) []block {
	t := &table{caption: v.Say("What it says", "内容"),
		heads: []string{v.Say("Part", "部分"), v.Say("Says", "说明")}}
	for i := range d.Parts {
		x := &d.Parts[i]
		if x.Name == "mode" {
			continue
		}
		name := own(kind.Named(x.Name, v.lang))
		t.rows = append(t.rows, row{name: name, cells: []cell{{Phrase: v.part(x)}}})
	}
	var out []block
	if len(t.rows) > 0 {
		out = append(out, block{table: t})
	}
	return out
}

// part is one part in words.
func (v *view) part(x *kind.Part) say.Phrase {
	var says []say.Phrase
	if x.Expr != nil && x.Effect == nil {
		says = append(says, v.Expr(x.Expr))
	}
	if x.Effect != nil {
		says = append(says, v.Effect(x.Effect))
	}
	if text := kind.In(x.Says, v.lang); text != "" {
		says = append(says, say.Plain(text))
	}
	return say.Join(says, v.Say("; ", "；"))
}
