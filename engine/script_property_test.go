package engine_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
)

// schema is what the random policies are about. Its computed fields hold one aggregate each, so
// that an oracle can ask for them; those that read rows of entities are live.
const schema = `
entity Team { name text; boss Rep?; headcount int = count(Rep where quota > 5)
  visits int = count(Visit in 7d); shops int = count(Store); busy int = sum(Rep.seen)
  owned int = sum(Rep.owns) }
entity Rep {
  name    text
  team    Team?
  quota   int?
  chief   Rep?
  below   int = count(Rep)
  deep    int = sum(Rep.below)
  joined  time?
  seen    int = count(Visit in 7d)
  ever    int = sum(Visit.minutes)
  shops   int = distinct(Visit.store in 30d where kind == site)
  mean    number = avg(Visit.minutes in this week)
  most    int = max(Visit.minutes in last month)
  begun   int = count(Visit in 3d after joined)
  before  int = sum(Visit.minutes in 5d before joined)
  latest  int = last(Visit.minutes)
  middle  number = median(Visit.minutes in 10d)
  best    int = count(Visit in 14d where store.level == A)
  owns    int = count(Store where level == A)
  fresh   int = count(Store in 7d)
  load    int = sum(Store.visits)
  all     int = count(Visit of workspace)
}
entity Store {
  name    text
  level   A | B?
  owner   Rep?
  team    Team = owner.team
  visits  int = count(Visit in 7d)
  paid    number = sum(Order.amount in 30d where paid)
  first   number = first(Order.amount)
  helped  int = count(Visit of owner)
  idle    duration = age(last(Visit.at))
}
event Visit {
  store Store?; rep Rep; team Team = rep.team; minutes int; kind phone | site; skus list of text
  note text?; photo photo?; spot point?
  fill skus = []
  drop when minutes > 90
}
event Order { store Store; paid bool?; amount number }
`

// pool is what a random policy takes its declarations from.
var pool = []string{
	`alert Quiet of Store { when visits == 0; for 2d; do { note "{name} {idle}" } }`,
	`alert Idle of Store { when age(last(Visit.at)) > 3d; until count(Visit in 2d) >= 2 for 1d }`,
	`alert Short of Rep { check each day late 2d; needs count(Visit in 30d) >= 1
	   when count(Visit in this day) < quota; for 2 in a row
	   until count(Visit in this day) >= quota; do { task "x" for team.boss due 2wd } }`,
	`alert Weekly of Rep { check each week; when sum(Visit.minutes in this week) < 60 }`,
	`alert Owned of Team { when owned >= 2 }`,
	`alert Busy of Team { when busy >= 3; do { note "{busy} {visits}" at most 1 per 2d } }`,
	`alert Owed of Store { when sum(Order.amount in 10d where paid) > 12.5; for 6h; until for 1d }`,
	`segment Loved of Store { when visits >= 2 and level == A; enter { set level = B }
	   leave { note "{visits}" when has owner } }`,
	`segment Size of Rep { pick { seen >= 4 : Large; seen >= 1 : Small; else : None } }`,
	`segment Fifth of Rep { check each week; when quintile(ever by team) == 5 }`,
	`alert SmallOne of Rep { when Size == Small and owns >= 1; for 1d }
	 segment Size of Rep { pick { seen >= 3 : Large; seen >= 1 : Small; else : None } }`,
	`rule Turn on Rep { when load > quota; do { note "{load} {latest}" } }`,
	`rule Each on Visit { when kind == site and minutes > 30; do { set rep.quota = 3; flag } }`,
	`rule Mondays on Rep { every monday at 09:00; top 2 by ever
	   do { task "{names} {count}" for team.boss } }`,
	`rule Daily on Store { every day at 18:00; where level == A; do { notify owner "{name}" } }`,
	`journey Path of Store {
	   stage New { must Visit within 30h; must count(Visit in 2d) >= 2 within 5d
	     on late { note "{stage} {level}" } on leave { set level = A } }
	   stage Live { entry 2 Visit distinct rep where kind == site; must has owner
	     sla 3d; on late { note "late {stage_since}" at most 1 per 2d } }
	   stage Won is won { on enter { note "{time_in(New)} {entered(Live)}" } }
	   stage Gone is lost
	   unmet warn }
	 alert Long of Store { when time_in(Live) > 2d or count(Visit in stage) >= 3; do { note "long" } }
	 alert Stays of Store { when count(Path in 9d where stage == Live) >= 2 and open }`,
	`rule Lost on Store { when missing(owner.team.boss); do { suggest "{helped}" } }`,
	`rule Todo on Visit { when minutes > 30; do { task "{minutes}" for rep due 1d
	   task "y" for store.owner due 30h when kind == site } }`,
	`alert Full of Rep { when count(Task where state == open) >= 2; for 2h; do { note "{name}" } }`,
	`alert Overdue of Rep { when count(Task in 5d where state == expired) >= 2
	   do { task "{count(Task)}" for self due 1d at most 1 per 2d } }`,
	`rule Shaky on Store { when count(Alert in 10d where state == resolved) >= 1
	   do { task "z" for owner due 6h } }`,
	`rule Visited on Store { when level == A; do {
	   task "go {name}" for owner due 26h until 2 Visit where kind == site ` +
		`else for owner.chief due 1d else for team.boss
	   task "level" for owner due 5d until level == B or count(Order in 3d) >= 2 at most 2 open } }
	 alert Bored of Rep { when count(Task where how == due or missing(how)) >= 2
	   do { task "rest" for self due 2wd else for chief; suggest "less" } }
	 rule Snub on Rep { when count(Suggestion where state == dismissed) >= 1; do { note "{name}" } }`,
	`segment Diligent of Rep { when share(Task in 20d where state == done) >= 50% }`,
	`action Sale { on Visit; by rep; about store; done minutes > 9 and has store within 20h
	   proof { where store.level == A else review unknown review; how kind == site else reject
	     sku has skus else note; who rep.quota > 1 unknown note }
	   target 2 per day distinct store
	   every workday at 10:00 for Store where overdue { task "{count} {names}" for owner }
	   feedback { show "n" count(Sale in 9d of rep); suggest "more" when minutes < 40 } }
	 alert Lazy of Rep by action { check each workday late 2d; needs count(action in 30d) >= 1
	   when completion(action in 7d) < 60%; for 2 in a row; until completion(action in 7d) >= 65%
	   do { task "{action}" for self } }
	 alert Slow of Team { when completion(Sale in this week) < 50%; for 3h }
	 score Proof of Visit { a 50% = verified(Sale); b 50% = count(Sale in 7d of rep) / 4 }
	 score Done of Rep { a 50% = completion(Sale in last week) else skip; b 50% = avg(Visit.Proof in 20d) }
	 alert Undone of Rep { when Done < 40; do { note "{Done}" } }
	 rule Doubt on Rep { when count(Finding in 10d where missing(settled)) >= 2; do { flag } }
	 segment Keen of Store { when count(Sale in 10d) >= 1 }
	 journey Ramp of Rep { stage New { must 2 Sale distinct store within 40h
	     must Sale where minutes > 30 within 3d; on late { note "late {name}" } }
	   stage Won is won { entry 3 Sale } unmet warn }`,
	`action Told { on Visit; by rep; about store; done original(note) and not vague(note) within 9h
	   proof { file fresh(photo) else review unknown note; place plausible(spot) unknown review
	     phone usual_device(photo) else note unknown note; soon prompt(30h) else reject } }
	 score Rich of Visit { a 50% = richness(note, ["积压"]) / 100 else skip
	   b 50% = verified(Told) * hits(note, ["积压", "回款"]) / 2 + burst(2h) / 9 }
	 alert Poor of Rep { when avg(Visit.Rich in 9d) < 40; do { note "{avg(Visit.Rich in 9d)}" } }
	 alert Told2 of Store { when count(Told in 9d where Rich > 20) >= 1 or avg(Told.Rich in 5d) > 70 }
	 rule Says on Visit { when vague(note) or origin == late
	   do { note "{origin} {burst(5h)} {plausible(spot)} {usual_device(photo)}" } }`,
	`metric Talk of Visit { value avg(minutes); by rep, rep.team, kind; every day }
	 alert Chatty of Talk by rep { check each day late 2d; needs n >= 1
	   when value > median(5) + mad(5) or change > 20%; for 2 in a row; until value < mean(7)
	   do { note "{rep} {value} {previous} {mean(7)} {sd(7)}"; task "x" for rep due 1d } }
	 alert Sudden of Talk by rep, kind { when n >= 2 and value > 30; for 3h
	   do { note "{rep} {kind}" at most 1 per 2d } }
	 alert Apart of Talk across rep.team { check each week; when spread > 10 and n >= 1
	   do { note "{spread} {chance}" } }
	 alert Whole of Talk { when value < previous or value > last_year; do { note "{n}" } }`,
	`metric Kept of Store { value count(Store where level == A); by owner, team; every week }
	 alert Losing of Kept by owner { check each week; when value < previous
	   do { task "{value} of {previous}" for owner.team.boss } }
	 alert Few of Kept by team { when value < mean(3); do { note "{team}: {value} {mean(3)}" } }
	 metric Stayed of Deal { value max(days(length)); where has left; at left; by stage; every week }
	 journey Deal of Team { stage One { sla 2d }; stage Two is won }
	 alert Slowly of Stayed by stage { check each day late 1d; when value > 1; do { note "{stage}" } }`,
	`action Sold { on Order; about store; done has paid and amount > 2 within 20h; proof { ok paid } }
	 metric Selling of Sold { value count(); by store; every day }
	 metric Rated of Visit { value share(Nice > 50); where Nice > 20; by rep; every day }
	 score Nice of Visit { a 60% = minutes / 60; b 40% = verified(Seen) }
	 action Seen { on Visit; by rep; done kind == site; proof { where store.level == A } }
	 alert Sells of Selling by store { check each day late 2d; when value >= 2; do { note "{value}" } }
	 alert Nicer of Rated by rep { when value > 50%; do { note "{value} {n}" } }`,
	`allocate Store.owner to Rep {
	   where (missing(level) or candidate.quota > 0) and candidate.seen < 5
	   weigh { idle 60% = 1 - candidate.owns / 3; new 30% = scale(days(age(candidate.joined)), 0, 9)
	     same 10% = candidate.team == Team("t1") and level == A }
	   limit candidate.fresh < 3 and candidate.load < 9
	   accept top 2 within 20h; recycle after 50h at most 90h where visits < 3; cool 30h
	   warn after 30h { note "soon" }; hold until open; away within 1wd
	   else pool for 2d }
	 rule Dump on Store { when visits >= 3; do { pool for 30h } }
	 rule Pass on Order { when amount > 9; do { note "x" } }
	 rule Got on Rep { when count(Assignment where has lapsed or by == claim) >= 2; do { note "{name}" } }
	 alert Stale of Store { when count(Alert in 5d where state == open) >= 1; for 3h }`,
	`allocate Rep.chief to Rep { where candidate.id != id and candidate.team == team
	   share by candidate.quota; same team; recycle after 3d; else task "no chief" for team.boss when has team }
	 rule Swap on Rep { when below >= 2; do { assign chief = Rep("r1") } }`,
	`score Good of Visit { long 60% = minutes / 60
	   many 40% = count(Visit in 7d of rep) / 3 else skip }
	 score Fit of Rep { mean 50% = avg(Visit.Good in 7d) else skip; n 50% = seen / 4 }
	 alert Weak of Rep { when Fit < 50; for 3h }`,
}

// drawPolicy is a random policy out of the pool.
func drawPolicy(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(schema)
	seen := map[string]bool{}
	for i, keep := range rapid.SliceOfN(rapid.Bool(), len(pool), len(pool)).Draw(t, "declarations") {
		second := strings.Contains(pool[i], "segment Size")
		if keep && !(second && seen["Size"]) {
			seen["Size"] = seen["Size"] || second
			b.WriteString(pool[i] + "\n")
		}
	}
	return b.String()
}

// script draws records: late and future ones, duplicates, corrections, contradictions, deletions,
// retractions, references to what is not there.
type script struct {
	t     *rapid.T
	now   time.Time
	ids   map[string][]string // by type of event
	lines []string
}

var shanghai = time.FixedZone("", 8*3600)

func drawScript(t *rapid.T, n int) []string {
	s := &script{t: t, now: time.Date(2026, 2, 25, 9, 0, 0, 0, shanghai), ids: map[string][]string{}}
	for range n {
		s.now = s.now.Add(s.gap())
		s.line()
	}
	return s.lines
}

func (s *script) gap() time.Duration {
	h := s.pick("gap", 0, 0, 1, 3, 7, 24, 31, 60)
	return time.Duration(h)*time.Hour + time.Duration(s.pick("seconds", 0, 0, 1, 59))*time.Second
}

func (s *script) pick(label string, from ...int) int {
	return rapid.SampledFrom(from).Draw(s.t, label)
}

func (s *script) id(prefix string, n int) string {
	return prefix + strconv.Itoa(rapid.IntRange(0, n-1).Draw(s.t, prefix))
}

func (s *script) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// head is the beginning of a record; at is now, or earlier, or up to five minutes later.
func (s *script) head(kind, id string) string {
	minutes := s.pick("late", 0, 0, 0, 0, 5, -1, -60, -26*60, -8*24*60, -40*24*60)
	at := s.now.Add(time.Duration(minutes) * time.Minute)
	return fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s","received":"%s"`, kind, id,
		at.Format(time.RFC3339), s.now.Format(time.RFC3339))
}

func (s *script) line() {
	switch s.pick("op", 0, 1, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 8, 9, 9, 10, 11, 12, 13, 13) {
	case 0:
		s.say("%s%s}", s.head("Team", s.id("t", 2)),
			s.some(`"name":"T"`, `"boss":"`+s.id("r", 3)+`"`, `"boss":null`))
	case 1:
		s.say("%s%s}", s.head("Rep", s.id("r", 3)), s.some(`"name":"R"`,
			`"team":"`+s.id("t", 2)+`"`, fmt.Sprintf(`"quota":%d`, s.pick("quota", 0, 1, 3, 9)),
			`"joined":"`+s.now.AddDate(0, 0, s.pick("joined", -9, -2, 0, 4)).Format(time.RFC3339)+`"`,
			`"team":null`, `"chief":"`+s.id("r", 4)+`"`, `"chief":null`))
	case 2:
		s.say("%s%s}", s.head("Store", s.id("s", 4)), s.some(`"name":"S"`, `"level":"A"`,
			`"level":"B"`, `"stage":"Live"`, `"stage":"Won"`, `"stage":"New"`,
			`"stage":"Gone"`, `"owner":"`+s.id("r", 3)+`"`, `"owner":null`))
	case 3:
		id := s.event("Visit")
		s.say(`%s,"rep":"%s","minutes":%d,"kind":"%s"%s}`, s.head("Visit", id), s.id("r", 4),
			s.pick("minutes", 0, 10, 31, 45, 95), []string{"phone", "site"}[s.pick("kind", 0, 1)],
			s.some(`"store":"`+s.id("s", 5)+`"`, `"skus":["a","b"]`, s.note(), s.photo(),
				fmt.Sprintf(`"spot":[31.%d,121.5]`, s.pick("spot", 2, 9))))
	case 4:
		s.say(`%s,"store":"%s","amount":%d.%d%s}`, s.head("Order", s.event("Order")), s.id("s", 5),
			s.pick("amount", 0, 3, 10), s.pick("cents", 1, 37), s.some(`"paid":true`, `"paid":false`))
	case 5:
		s.retract(rapid.SampledFrom([]string{"Visit", "Order", "Done", "Review", "Away", "Waive",
			"Cancel", "Dismiss", "Pause", "Claim"}).Draw(s.t, "of"))
	case 9:
		s.say(`%s,"record":"Visit/v%d","verdict":"%s"}`, s.head("Review", s.event("Review")),
			rapid.IntRange(0, max(len(s.ids["Visit"])-1, 0)).Draw(s.t, "visit"),
			[]string{"pass", "fail"}[s.pick("verdict", 0, 0, 1)])
	case 10:
		s.say(`%s,"who":"%s","from":"%s","until":"%s"%s}`, s.head("Away", s.event("Away")), s.id("r", 3),
			s.now.AddDate(0, 0, s.pick("from", -2, 0, 1)).Format(time.RFC3339),
			s.now.AddDate(0, 0, s.pick("to", 1, 3)).Format(time.RFC3339),
			s.some(`"deputy":"`+s.id("r", 3)+`"`))
	case 13:
		s.handing(rapid.SampledFrom([]string{"Accept", "Claim", "Claim", "Pause", "Resume"}).Draw(s.t, "hands"))
	case 12:
		s.closing(rapid.SampledFrom([]string{"Cancel", "Dismiss"}).Draw(s.t, "closes"))
	case 11:
		s.say(`%s,"rule":"%s","until":"%s","by":"x","why":"y"%s}`, s.head("Waive", s.event("Waive")),
			[]string{"Sale.proof.where", "Sale", "*"}[s.pick("rule", 0, 0, 1, 2)],
			s.now.AddDate(0, 0, s.pick("until", -1, 3)).Format(time.RFC3339),
			s.some(`"record":"Store/`+s.id("s", 4)+`"`))
	case 8:
		s.say(`%s,"task":"%d/%d","by":"x"}`, s.head("Done", s.event("Done")),
			rapid.IntRange(1, max(len(s.lines), 1)).Draw(s.t, "task"), s.pick("part", 1, 2))
	case 6:
		s.say(`%s,"deleted":true}`, s.head("Store", s.id("s", 4)))
	case 7:
		s.now = s.now.Add(time.Duration(s.pick("days", 1, 2, 8)) * 24 * time.Hour)
		s.say("until %s", s.now.Format("2006-01-02T15:04:05"))
	}
}

// handing is what people do about allocations.
func (s *script) handing(kind string) {
	rule := []string{"Store.owner", "Rep.chief"}[s.pick("allocation", 0, 0, 1)]
	switch kind {
	case "Pause":
		s.say(`%s,"rule":"%s","by":"x","why":"y"%s}`, s.head(kind, s.event(kind)), rule,
			s.some(`"until":"`+s.now.AddDate(0, 0, s.pick("until", -1, 1, 3)).Format(time.RFC3339)+`"`))
	case "Resume":
		s.say(`%s,"rule":"%s"}`, s.head(kind, s.event(kind)), rule)
	default:
		s.say(`%s,"record":"Store/%s","by":"%s"}`, s.head(kind, s.event(kind)), s.id("s", 4), s.id("r", 3))
	}
}

// closing is a Cancel or Dismiss of what may be there.
func (s *script) closing(kind string) {
	what := map[string]string{"Cancel": "task", "Dismiss": "suggestion"}[kind]
	s.say(`%s,"%s":"%d/%d","by":"x","why":"y"}`, s.head(kind, s.event(kind)), what,
		rapid.IntRange(1, max(len(s.lines), 1)).Draw(s.t, what), s.pick("part", 1, 2))
}

// some are fields of which each stands or not; of two alike the later one stands.
func (s *script) some(fields ...string) string {
	last := map[string]string{}
	var order []string
	for _, f := range fields {
		if rapid.Bool().Draw(s.t, "has") {
			k, _, _ := strings.Cut(f, ":")
			if last[k] == "" {
				order = append(order, k)
			}
			last[k] = f
		}
	}
	out := ""
	for _, k := range order {
		out += "," + last[k]
	}
	return out
}

// note and photo are evidence, often that of another record.
func (s *script) note() string {
	return `"note":"` + []string{"王经理说库存积压三百箱，约好周五带方案", "客户表示满意，再看看",
		"冷柜坏了两台，师傅下午到店修理", "回款慢，赵会计周二对账六万元"}[s.pick("note", 0, 1, 2, 3)] + `"`
}

func (s *script) photo() string {
	n := s.pick("photo", 0, 1, 2, 3)
	return fmt.Sprintf(`"photo":{"sha256":"%s","size":9,"look":%d,"device":"P%d"}`,
		strings.Repeat(strconv.Itoa(n), 64), 1<<n*255, n/2)
}

// event is a new id, now and then one that was there.
func (s *script) event(kind string) string {
	old := s.ids[kind]
	if len(old) > 0 && s.pick("again", 0, 0, 0, 0, 0, 1) == 1 {
		return rapid.SampledFrom(old).Draw(s.t, "id")
	}
	id := strings.ToLower(kind[:1]) + strconv.Itoa(len(old)) // Review and Rep share a letter, not a set
	s.ids[kind] = append(old, id)
	return id
}

func (s *script) retract(kind string) {
	ids := append([]string{"none"}, s.ids[kind]...)
	s.say(`{"type":"%s","id":"%s","at":"%s","retracted":true}`, kind,
		rapid.SampledFrom(ids).Draw(s.t, "id"), s.now.Format(time.RFC3339))
}

// play gives a world the lines of a script.
func (w *world) play(lines []string) {
	for _, l := range lines {
		if to, ok := strings.CutPrefix(l, "until "); ok {
			w.until(to)
		} else {
			w.feed(l)
		}
	}
}

// quietly makes a policy for a property: an error in it is the property's failure.
func quietly(t *testing.T, rt *rapid.T, text string) *policy.Policy {
	rt.Logf("policy:%s", text[len(schema):])
	return check(t, text)
}

// TestPoolIsLawful holds every declaration of the pool to the checker.
func TestPoolIsLawful(t *testing.T) {
	for _, d := range pool {
		newWorld(t, check(t, schema+d), engine.Options{})
	}
}
