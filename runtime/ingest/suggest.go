package ingest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// Guess is what one column may be.
type Guess struct {
	Header     string
	Field      string   // "": nothing is likely enough
	Confidence float64  // 0 to 1; from Sure on nobody has to look
	Samples    []string // the first values of the column
}

// How sure one must be to propose a field, and to propose it without asking.
const (
	Likely = 0.55
	Sure   = 0.85
)

// samples is how many rows of a column are looked at.
const samples = 200

// Suggest drafts a mapping of a sheet to a type: names and labels are compared in both languages,
// with the words people use for the same thing, and with what the cells hold. Without a type's name
// the one that fits best is taken. The error is a *Fault; where no column is a field of the type
// that was named, the mapping without columns comes with it.
func Suggest(p *policy.Policy, s *Sheet, h Hints) (*Mapping, []Guess, error) {
	all := types(p)
	if h.Type != "" {
		rec, err := typeOf(p, h.Type)
		if err != nil {
			return nil, nil, err
		}
		all = []*policy.Record{rec}
	}
	var best *Mapping
	var guesses []Guess
	most := 0.0
	for _, rec := range all {
		m, g, sum := suggestFor(rec, s, &h)
		if best == nil || sum > most {
			best, guesses, most = m, g, sum
		}
	}
	none := best == nil || len(best.Columns) == 0
	if none && h.Type == "" {
		return nil, nil, &Fault{Why: NothingAtAll}
	}
	if s.Name != "" {
		best.Sheet = s.Name
	}
	if none {
		return best, guesses, &Fault{NothingMapped, []string{h.Type}}
	}
	return best, guesses, nil
}

// Hints say what is known of a sheet besides what is in it.
type Hints struct {
	Type string         // the entity or event; "": the one that fits best
	Zone *time.Location // of the workspace
	At   string         // when rows without a moment of their own count, as a record writes it
}

// pair is a column that may be a field.
type pair struct {
	column int
	field  string
	column2
	sure float64
}

// column2 is how the column's cells are written.
type column2 struct{ times, unit string }

func suggestFor(rec *policy.Record, s *Sheet, h *Hints) (*Mapping, []Guess, float64) {
	var pairs []pair
	for i, header := range s.Header {
		if header == "" {
			continue
		}
		cells := sampled(s, i)
		for _, c := range candidates(rec) {
			if p := c.compare(header, cells, h.Zone); p.sure >= Likely {
				p.column = i
				pairs = append(pairs, p)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.sure, a.sure), cmp.Compare(a.column, b.column))
	})
	guesses := make([]Guess, len(s.Header))
	for i, header := range s.Header {
		cells := sampled(s, i)
		guesses[i] = Guess{Header: header, Samples: cells[:min(3, len(cells))]}
	}
	taken := map[string]bool{}
	written := make([]column2, len(s.Header))
	sum := 0.0
	for _, p := range pairs {
		if g := &guesses[p.column]; g.Field == "" && !taken[p.field] {
			g.Field, g.Confidence = p.field, p.sure
			taken[p.field], written[p.column] = true, p.column2
			sum += p.sure
		}
	}
	m := &Mapping{Type: rec.Full, Header: s.At}
	if s.At == 1 {
		m.Header = 0
	}
	for i, g := range guesses {
		if g.Field != "" {
			m.Columns = append(m.Columns, Column{From: g.Header, To: g.Field,
				Times: written[i].times, Unit: written[i].unit})
		}
	}
	if !taken["at"] && h.At != "" {
		m.Constants = map[string]string{"at": h.At}
	}
	return m, guesses, sum
}

// sampled are the first values of a column.
func sampled(s *Sheet, column int) []string {
	var out []string
	for _, r := range s.Rows[:min(samples, len(s.Rows))] {
		if c := r.Cells[column]; c != "" && !slices.Contains(standardEmpty, c) {
			out = append(out, c)
		}
	}
	return out
}

// candidate is a field that a column may be, with all that people call it.
type candidate struct {
	name  string
	calls []string
	kind  value.Kind
	field *policy.Field // nil: of the envelope
}

func candidates(rec *policy.Record) []candidate {
	out := []candidate{
		{name: "id", kind: value.Text, calls: append(idCalls(rec), "id", "编号", "编码", "单号", "流水号",
			"工号", "代码", "code", "no", "number")},
	}
	if rec.Kind == policy.Event {
		c := candidate{name: "at", kind: value.Time, calls: []string{"at", "时间", "发生时间", "date", "time",
			"when", "创建时间", "提交时间", "created", "timestamp"}}
		for _, l := range called(rec) {
			c.calls = append(c.calls, l+"时间", l+" date", l+" time")
		}
		out = append(out, c)
	}
	for _, f := range stored(rec) {
		c := candidate{name: f.Name, kind: f.Type.Kind, field: f,
			calls: append(labels(f), f.Name, say.In("zh").FieldName(f))}
		if f.Type.Record != nil {
			for _, l := range called(f.Type.Record) {
				c.calls = append(c.calls, l, l+"编号", l+" id")
			}
		}
		out = append(out, c)
	}
	return out
}

// idCalls are what the id of a type is called: 门店编号, store id.
func idCalls(rec *policy.Record) []string {
	var out []string
	for _, l := range called(rec) {
		out = append(out, l+"编号", l+"编码", l+"代码", l+"号", l+" id", l+" code", l+" no")
	}
	return out
}

// called is the name of a type and its labels.
func called(rec *policy.Record) []string {
	out := []string{rec.Name}
	for _, l := range []string{rec.Label.Main, rec.Label.Zh, rec.Label.En} {
		if l != "" && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// inHeader is what stands in brackets behind a name: 金额（万元）, 时长(分钟).
var inHeader = regexp.MustCompile(`^(.*?)\s*[(（\[【]\s*([^()（）\[\]【】]*?)\s*[)）\]】]\s*$`)

// compare is how sure it is that a column is the field: by its name mostly, and by its cells, which
// can speak against a name but not for one.
func (c *candidate) compare(header string, cells []string, zone *time.Location) pair {
	p := pair{field: c.name}
	bare := header
	if m := inHeader.FindStringSubmatch(header); m != nil {
		bare = m[1]
		p.column2 = c.written(m[2])
	}
	for _, call := range c.calls {
		p.sure = max(p.sure, alike(bare, call), alike(header, call))
	}
	if p.sure < Likely {
		return p
	}
	p.sure *= c.holds(cells, p.column2, zone)
	return p
}

// What stands in brackets behind a column's name, and how the language says it.
var (
	timesOf = map[string]string{"千": "1000", "万": "10000", "百万": "1000000", "亿": "100000000"}
	spans   = map[string]string{"秒": "s", "s": "s", "seconds": "s", "分钟": "min", "分": "min",
		"min": "min", "minutes": "min", "小时": "h", "h": "h", "hours": "h",
		"天": "d", "日": "d", "days": "d"}
	lengths = map[string]string{"米": "m", "m": "m", "公里": "km", "千米": "km", "km": "km"}
)

// written is how cells are written under a header that says a unit.
func (c *candidate) written(unit string) column2 {
	switch c.kind {
	case value.Money, value.Number, value.Int:
		return column2{times: timesOf[strings.TrimSuffix(unit, "元")]}
	case value.Duration:
		return column2{unit: spans[strings.ToLower(unit)]}
	case value.Distance:
		return column2{unit: lengths[strings.ToLower(unit)]}
	case value.Percent:
		if unit == "%" || unit == "％" {
			return column2{unit: "%"}
		}
	}
	return column2{}
}

// holds is the share of cells that the field could hold, made mild: some cells are always wrong.
func (c *candidate) holds(cells []string, w column2, zone *time.Location) float64 {
	if len(cells) == 0 {
		return 0.9
	}
	m := &Mapping{}
	clean, err := m.cleaner(&Column{To: c.name, Times: w.times, Unit: w.unit}, c.field)
	if err != nil {
		return 0
	}
	fit := 0
	for _, cell := range cells {
		if c.fits(clean.of(cell), zone) {
			fit++
		}
	}
	return min(1, 0.2+0.9*float64(fit)/float64(len(cells)))
}

// fits reports whether a cleaned cell can be a value of the field.
func (c *candidate) fits(text string, zone *time.Location) bool {
	switch c.kind {
	case value.Int, value.Number, value.Percent, value.Money, value.Bool, value.Date, value.Time,
		value.Duration, value.Distance:
		_, ok := value.ParseText(c.kind, text, zone)
		return ok
	case value.Choice:
		if c.field != nil && c.field.Type.Choice != nil {
			return slices.ContainsFunc(c.field.Type.Choice.Values, func(v policy.ChoiceValue) bool {
				return text == v.Name || text == v.Label.Main || text == v.Label.Zh || text == v.Label.En
			})
		}
	}
	return true
}

// alike is how alike two names are, 0 to 1: 1 the same but for signs and case, or by the words that
// people use for the same thing; else by the pairs of characters that they share.
func alike(a, b string) float64 {
	a, b = bare(a), bare(b)
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	case canonical(a) == canonical(b):
		return 0.95
	}
	if i := syntax.Initials(b); len(i) > 1 && a == i {
		return 0.7
	}
	short, long := []rune(a), []rune(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) >= 2 && strings.Contains(string(long), string(short)) {
		return 0.6 + 0.3*float64(len(short))/float64(len(long))
	}
	return 0.9 * dice(canonical(a), canonical(b))
}

// bare is a name in small letters without signs and blanks.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 0x3400:
			return r
		}
		return -1
	}, strings.ToLower(value.Fold(s)))
}

// sames are words that mean the same in headers; the first stands for all. Longer ones come first.
var sames = [][]string{
	{"编号", "编码", "代码", "序号", "单号", "号码"}, {"名称", "姓名", "名字", "全称"}, {"时间", "日期", "日子"},
	{"电话", "手机号", "手机", "联系方式", "联系电话"}, {"金额", "总价", "价钱", "合计"}, {"备注", "说明", "描述", "注释"},
	{"负责人", "业务员", "销售员", "销售代表", "销售", "归属人", "跟进人"}, {"门店", "店铺", "网点", "终端"},
	{"客户", "顾客", "买家"}, {"数量", "件数", "个数"}, {"地址", "位置", "地点"}, {"状态", "进度"}, {"类型", "类别", "种类", "分类"},
	{"区域", "大区", "地区"}, {"等级", "级别"}, {"来源", "渠道"}, {"阶段", "环节"},
	{"owner", "salesperson", "salesrep", "agent", "seller"}, {"state", "status", "stage", "phase"},
	{"phone", "mobile", "tel"}, {"note", "remark", "comment"}, {"address", "location"},
}

// canonical is a bare name with the first of words that mean the same.
func canonical(s string) string {
	s = strings.TrimPrefix(s, "是否")
	for _, set := range sames {
		for _, w := range set[1:] {
			if strings.Contains(s, w) {
				s = strings.Replace(s, w, set[0], 1)
				break
			}
		}
	}
	return s
}

// dice is the Dice coefficient of the pairs of characters of two names.
func dice(a, b string) float64 {
	x, y := pairsOf(a), pairsOf(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	shared := 0
	for _, p := range x {
		if i := slices.Index(y, p); i >= 0 {
			shared++
			y = slices.Delete(y, i, i+1)
		}
	}
	return 2 * float64(shared) / float64(len(x)+len(pairsOf(b)))
}

func pairsOf(s string) []string {
	r := []rune(s)
	var out []string
	for i := range max(0, len(r)-1) {
		out = append(out, string(r[i:i+2]))
	}
	return out
}
