package kind_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/examples"
)

// full has every kind of declaration and every property that takes an expression.
const full = `
let Least = 3
choice Channel = chain | shop
calendar Shop from CN { open 10:00 .. 21:00; work saturday; rest 2026-05-06 }
extern risk(note text) number version 2
entity Rep { name text; manager Rep?; region text? }
entity Customer {
  name    text personal for "reminders" keep 30d
  owner   Rep
  channel Channel
  level   int = pick {
    channel == chain : 2
    else             : 1
  }
  seen    number? = risk(name)
  keeper  Rep?
  backup  Rep?
  fill channel = shop
}
event Visit {
  customer Customer
  good     bool
  lines    list of { sku text; n int }
  drop when good and count(lines where n > 1) == 0
}
score Health of Customer {
  seen  60% = scale(count(Visit in 7d), 0, 3) else skip
  level 40% = level / 2
}
action Care "关怀" {
  on     Visit
  by     customer.owner
  about  customer
  done   good
  proof { many count(lines) > 1 else reject unknown note "{good}" }
  steps { "look" is good }
  target 3 per week distinct customer
  why    "{good}"
  feedback { show "n" count(Care in 7d of customer); suggest "{good}" when good }
}
rule First on Customer {
  check each day late 1d
  when  level >= Least
  do    { task "{name}" for owner due 1wd with last(Visit, 5) when channel == chain; set channel = shop }
}
rule Monday on Rep {
  every monday at 09:00
  where region == "east"
  top   3 by count(Customer via owner)
  do    { notify manager "{names}" }
}
alert Low of Customer {
  check each week
  needs level > 1
  when  Health < 50
  for   2 in a row
}
alert Quiet of Customer {
  when  count(Visit in 7d) == 0
  for   2d
  until count(Visit in 7d) > 1 for 1d
  do    { note "{name}" }
}
segment Kind of Customer {
  pick {
    level == 2 : Big
    else       : Small
  }
}
journey Deal of Customer {
  stage Lead { must 2 Visit where good within 4wh "call {name}"; sla 3wd; on late { note "{name}" } }
  stage Demo was Show {
    entry has owner
    on enter { set channel = chain when level > 1 }
    on leave { flag }
  }
  stage Won  is won
  stage Lost is lost
  unmet warn
}
metric Worth of Customer {
  value  sum(level where has owner) / count()
  where  channel == chain
  at     created
  by     owner.region
  every  month
  better higher
}
allocate Customer.keeper to Rep "keepers" {
  where  candidate.region == owner.region
  weigh {
    near 60% = candidate == owner
    new  40% = 1 - scale(len(candidate.name), 0, 9)
  }
  limit  candidate.region != "west"
  accept top 3 within 4wh
  hold   until open
  away   within 1wd
  recycle after 7d at most 60d where level > 1
  warn   after 5d { note "soon" }
  cool   12h
  same   owner
  else   pool for 3wd
}
allocate Customer.backup to Rep { share by len(candidate.name); else flag "nobody" when level > 1 }
segment Cold of Customer {
  when  count(Visit in 30d) == 0
  enter { flag }
  leave { note "back" }
}
`

func checked(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			r := source.ReportOf(p.Files, d, "en")
			t.Fatalf("%s:%d: %s %s", r.File, r.Line, r.Code, r.Message)
		}
	}
	return p
}

// waits are the kinds that no engine runs, which have no parts yet. Take a kind off with its row.
func waits() []string {
	return []string{"Later", "Goals", "Remedies"}
}

// TestEveryKindIsThere holds the registry to the checked policy: every list of declarations that
// the policy has is some kind's.
func TestEveryKindIsThere(t *testing.T) {
	heads := map[*policy.Head]bool{}
	p := checked(t, full)
	for _, k := range kind.Kinds() {
		for _, d := range k.Of(p) {
			if heads[d.Head] {
				t.Errorf("%s %s is listed twice", k.Word, d.Head.Full)
			}
			heads[d.Head] = true
		}
	}
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() != reflect.Slice || f.Type().Elem().Kind() != reflect.Pointer ||
			slices.Contains(waits(), v.Type().Field(i).Name) {
			continue
		}
		if _, is := f.Type().Elem().Elem().FieldByName("Head"); !is {
			continue
		}
		if f.Len() == 0 {
			t.Errorf("the policy of this test has none of %s", v.Type().Field(i).Name)
		}
		for j := range f.Len() {
			h := f.Index(j).Elem().FieldByName("Head").Addr().Interface().(*policy.Head)
			if h.Name != "" && !heads[h] {
				t.Errorf("%s %s is of no kind", v.Type().Field(i).Name, h.Full)
			}
		}
	}
}

// TestEveryExpressionIsAPart goes through the checked policy by reflection: an expression that no
// part holds would be seen by nobody, and its change would not be told.
func TestEveryExpressionIsAPart(t *testing.T) {
	p := checked(t, full)
	held := map[*policy.Expr]bool{}
	for _, d := range kind.All(p) {
		for i := range d.Parts {
			d.Parts[i].Exprs(func(x *policy.Expr) { held[x] = true })
		}
	}
	met := 0
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch x := v.Interface().(type) {
		case *policy.Expr:
			if met++; x != nil && !held[x] {
				t.Errorf("%s is no part", path)
			}
			return
		case *policy.Record, *policy.Field, *policy.Choice, *policy.Calendar, policy.Type:
			return // what is referred to is a declaration of its own
		}
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), path)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	walk(reflect.ValueOf(p.Scores), "score")
	walk(reflect.ValueOf(p.Actions), "action")
	walk(reflect.ValueOf(p.Rules), "rule")
	walk(reflect.ValueOf(p.Alerts), "alert")
	walk(reflect.ValueOf(p.Segments), "segment")
	walk(reflect.ValueOf(p.Allocations), "allocate")
	for _, r := range p.Records {
		if r.Builtin {
			continue
		}
		walk(reflect.ValueOf(r.Drop), r.Full+".drop")
		for _, f := range r.Fields {
			walk(reflect.ValueOf(f.Compute), r.Full+"."+f.Name)
			walk(reflect.ValueOf(f.Fill), r.Full+".fill "+f.Name)
		}
	}
	if met < 20 {
		t.Errorf("only %d expressions were met", met)
	}
}

func TestPartsHaveNamesOfTheirOwn(t *testing.T) {
	policies := []*policy.Policy{checked(t, full), checked(t, "import sales.*\n")}
	for _, name := range examples.Names() {
		p, _, err := dsl.Load(examples.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, p)
	}
	for _, p := range policies {
		for _, d := range kind.All(p) {
			seen := map[string]bool{}
			for _, part := range d.Parts {
				if seen[part.Name] || part.Name == "" {
					t.Errorf("%s %s has two parts %q", d.Kind.Word, d.Head.Full, part.Name)
				}
				seen[part.Name] = true
				if part.Says.En != "" && part.Says.Zh == "" {
					t.Errorf("%s %s: %q has no Chinese", d.Head.Full, part.Name, part.Says.En)
				}
			}
		}
	}
}

// TestWhatPartsSay shows the parts of one declaration, as a reader of a diff meets them.
func TestWhatPartsSay(t *testing.T) {
	p := checked(t, full)
	var got []string
	for _, name := range []string{"Quiet", "Monday", "Shop", "risk", "Channel",
		"Deal", "Worth", "Customer.keeper"} {
		d, ok := kind.Find(p, name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		for _, x := range d.Parts {
			if x.Says.En != "" {
				got = append(got, name+" "+x.Name+": "+x.Says.En+" | "+x.Says.Zh)
			}
		}
	}
	want := `Quiet mode: enforce | 生效
Quiet for: 2d | 2天
Quiet until for: 1d | 1天
Monday mode: enforce | 生效
Monday every: monday at 09:00 | 周一 时刻 09:00
Monday top: 3 | 3
Shop from: CN | CN
Shop open: 10:00 .. 21:00 | 10:00 .. 21:00
Shop work: saturday | 周六
Shop rest: 2026-05-06 | 2026-05-06
risk version: 2 | 2
risk parameter 1: text | 文本
risk result: number | 数值
Channel value chain: 1 | 1
Channel value shop: 2 | 2
Deal mode: enforce | 生效
Deal unmet: warn | 提醒
Deal Lead must 1 within: 4wh | 4个工时
Deal Lead sla: 3wd | 3个工作日
Deal stage Won: is won | 视为 赢单
Deal stage Lost: is lost | 视为 丢单
Worth mode: enforce | 生效
Worth every: month | 月份
Worth better: higher | 越高
Customer.keeper mode: enforce | 生效
Customer.keeper to: Rep | Rep
Customer.keeper term near: 60% | 60%
Customer.keeper term new: 40% | 40%
Customer.keeper accept within: 4wh | 4个工时
Customer.keeper accept top: 3 | 3
Customer.keeper hold: until open | 直到 工作时段
Customer.keeper away within: 1wd | 1个工作日
Customer.keeper recycle after: 7d | 7天
Customer.keeper recycle at most: 60d | 60天
Customer.keeper cool: 12h | 12小时
Customer.keeper same: owner | owner
Customer.keeper pool for: 3wd | 3个工作日`
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s", s)
	}
}

func TestNamesInChinese(t *testing.T) {
	for _, c := range [][2]string{{"when 2", "每当 2"}, {"until for", "直到 持续"},
		{"check each", "检查 每个"}, {"do 1 when", "执行 1 每当"}, {"enter Big 1", "进入 Big 1"},
		{"field when", "字段 when"}, {"field level row 2", "字段 level row 2"}, {"Show", "Show"},
		{"Show must 1 within", "Show 必做 1 不超过"}, {"stage must", "阶段 must"}} {
		if got := kind.Named(c[0], "zh"); got != c[1] {
			t.Errorf("%q is %q, want %q", c[0], got, c[1])
		}
		if got := kind.Named(c[0], "en"); got != c[0] {
			t.Errorf("%q is %q in English", c[0], got)
		}
	}
}
