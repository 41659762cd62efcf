// Package distributor makes a year of records for the sample workspace beside it: a distributor of
// drinks with four regions, 24 reps and 480 shops. The same records come every time for the same
// day on which the year ends, without a clock and without chance. Three things are to be found:
//
//   - since ten weeks the warehouse leaves one region short: visits are made, shelves are empty;
//   - since seven weeks one rep forges visits: from one place, with old photos and one note;
//   - since five months deals with caterers take half as long again to be signed.
package distributor

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/dice"
)

// seed is what all of the records follow from.
const seed = 20250301

const (
	regions   = 4
	inRegion  = 6 // reps
	reps      = regions * inRegion
	perRep    = 20 // shops
	weeks     = 52
	west      = 2
	short     = weeks - 10 // the week in which the warehouse begins to leave the region short
	Forger    = 8          // index of the rep who forges visits
	forging   = weeks - 7
	caterers  = 0 // index of the industry
	slipping  = weeks - 18
	reviewed  = 12 * 24 * time.Hour // doubts about the forger younger than this still wait
	dayOfWork = 5                   // Monday to Friday
)

//go:embed words.tsv
var table string

// words are texts by what they are for, in one language.
func words(lang string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		text := cells[1]
		if lang == "zh" {
			text = cells[2]
		}
		out[cells[0]] = append(out[cells[0]], text)
	}
	return out
}

// Year is the distributor at work.
type Year struct {
	lang  string
	words map[string][]string
	dice  dice.Dice
	zone  *time.Location
	begin time.Time // the Monday of the first week, at midnight
	end   time.Time
	count map[string]int
	deals []deal
	out   []Entry

	walked [reps]int // which shop a rep comes to next, after the year
}

// Entry is one record, with the moment at which it is received.
type Entry struct {
	At time.Time
	of fields
}

// Line is the record as a JSON object of one line. It is made when it is asked for, so that whoever
// takes the records in can do so meanwhile.
func (e Entry) Line() []byte {
	line, err := json.Marshal(e.of) // texts, numbers and truths only: cannot fail
	if err != nil {
		panic(err)
	}
	return line
}

// fields are those of a record beyond type, id and at.
type fields map[string]any

// deal is an opportunity on its way.
type deal struct {
	id         string
	rep        int
	from, till time.Time
}

// New prepares the year that ends at a moment, with texts in a language: en or zh.
func New(end time.Time, lang string) *Year {
	zone := time.FixedZone("CST", 8*3600) // no clock moves in China
	end = end.In(zone).Truncate(time.Minute)
	monday := end.AddDate(0, 0, -(int(end.Weekday())+6)%7-7*(weeks-1))
	y, m, d := monday.Date()
	return &Year{lang: lang, words: words(lang), dice: seed, zone: zone, end: end,
		begin: time.Date(y, m, d, 0, 0, 0, 0, zone), count: map[string]int{}}
}

// Begin is the moment at which the year begins.
func (y *Year) Begin() time.Time { return y.begin }

// Records returns the records in the order in which they are received.
func (y *Year) Records() []Entry {
	y.people()
	for week := range weeks {
		for range 12 {
			y.deal(week)
		}
		for day := range 7 {
			y.day(week, day)
		}
	}
	y.waive()
	slices.SortStableFunc(y.out, func(a, b Entry) int { return a.At.Compare(b.At) })
	return y.out
}

// at is a moment of a day of the year.
func (y *Year) at(week, day, minutes int) time.Time {
	return y.begin.AddDate(0, 0, 7*week+day).Add(time.Duration(minutes) * time.Minute)
}

// add writes a record unless the year is over by then.
func (y *Year) add(typ, id string, at time.Time, x fields) {
	if at.After(y.end) {
		return
	}
	x["type"], x["id"], x["at"] = typ, id, at.Format(time.RFC3339)
	y.out = append(y.out, Entry{at, x})
}

// id numbers the records of a kind.
func (y *Year) id(kind string) string {
	y.count[kind]++
	return kind + "-" + strconv.Itoa(y.count[kind])
}

func (y *Year) pick(what string) string { return y.words[what][y.dice.Below(len(y.words[what]))] }

// chance is true so many times of a hundred.
func (y *Year) chance(percent int) bool { return y.dice.Below(100) < percent }

// RepID is the id of a rep by its index.
func RepID(i int) string { return fmt.Sprintf("r%02d", i+1) }

// ManagerID is the id of a region's manager.
func ManagerID(region int) string { return fmt.Sprintf("m%d", region+1) }

func shopID(i int) string { return fmt.Sprintf("s%03d", i+1) }

// people adds who works where, and the shops, before the first morning.
func (y *Year) people() {
	morning := y.begin.Add(7 * time.Hour)
	for i, name := range y.words["manager"] {
		region := y.words["region"][i]
		y.add("Team", fmt.Sprintf("t%d", i+1), morning, fields{"name": region, "region": region,
			"manager": ManagerID(i)})
		y.add("Rep", ManagerID(i), morning, fields{"name": name, "region": region,
			"active": false, "team": nil})
	}
	for i, name := range y.words["rep"] {
		region, capacity := i/inRegion, 6
		if region == west {
			capacity = 3
		}
		y.add("Rep", RepID(i), morning, fields{"name": name,
			"team":   fmt.Sprintf("t%d", region+1),
			"region": y.words["region"][region], "manager": ManagerID(region),
			"capacity": capacity,
			"skill":    y.words["industry"][i%len(y.words["industry"])]})
	}
	for i := range reps * perRep {
		rep := i / perRep
		lat, lng := spot(rep, i%perRep)
		y.add("Store", shopID(i), morning, fields{"name": y.shopName(i), "owner": RepID(rep),
			"channel": y.pick("channel"), "region": y.words["region"][rep/inRegion],
			"location": []float64{lat, lng}, "freezer": y.chance(60),
			"monthly": 2000 + 1000*y.dice.Below(30)})
	}
}

// shopName joins a street, a kind of shop and, where a region has two alike, a number.
func (y *Year) shopName(i int) string {
	street, kind := y.words["street"], y.words["kind"]
	n := i % (inRegion * perRep)
	name := kind[n/len(street)%len(kind)]
	if y.lang == "zh" {
		name = street[n%len(street)] + name
	} else {
		name = street[n%len(street)] + " " + name
	}
	if again := n / (len(street) * len(kind)); again > 0 {
		name += " " + strconv.Itoa(again+1)
	}
	return name
}

// spot is where a shop lies: a rep's shops stand in a grid of 700 m about the rep's own district.
func spot(rep, shop int) (lat, lng float64) {
	cities := [regions][2]float64{{31.23, 121.47}, {23.13, 113.26}, {30.57, 104.07}, {39.90, 116.40}}
	c := cities[rep/inRegion]
	lat = c[0] + 0.05*float64(rep%inRegion) + 0.0063*float64(shop%5)
	lng = c[1] + 0.0073*float64(shop/5)
	return lat, lng
}

// day is one day of everybody's.
func (y *Year) day(week, day int) {
	for range 1 + y.dice.Below(4) {
		shop := y.dice.Below(reps * perRep)
		y.add("Inquiry", y.id("inquiry"), y.at(week, day, 8*60+y.dice.Below(720)), fields{
			"store": shopID(shop), "channel": "wechat", "note": y.pick("question")})
	}
	if day >= dayOfWork {
		return
	}
	for rep := range reps {
		if rep == Forger && week >= forging {
			y.forge(week, day)
		} else {
			y.round(rep, week, day)
		}
		if day == 1 || day == 3 || y.chance(18) {
			y.talk(rep, y.at(week, day, 13*60+y.dice.Below(120)))
		}
	}
	for range 2 + y.dice.Below(3) {
		y.lead(y.at(week, day, 9*60+y.dice.Below(480)))
	}
}

// round is one rep's day: four shops one after another, a week for all twenty.
func (y *Year) round(rep, week, day int) {
	at := y.at(week, day, 9*60+y.dice.Below(25))
	careless := 4 + (rep*7)%9 // of a hundred visits, those on which something is forgotten
	for i := range 4 {
		n := day*4 + i
		if y.chance(careless) {
			continue
		}
		minutes := 14 + y.dice.Below(25)
		v := y.visit(rep, n, at)
		good := !y.chance(careless)
		if rep/inRegion == west && week >= short && y.chance(62) {
			good = false
			if y.chance(25) {
				v["note"] = y.note("short")
			}
		}
		if !good {
			v["skus"] = y.words["item"][:1+y.dice.Below(2)]
		}
		if y.chance(2) { // an honest fix in a side street
			loc := v["location"].([]float64)
			loc[0] += 0.008
		}
		id := y.id("visit")
		y.add("Visit", id, at, v)
		if loc, _ := spot(rep, n); good && v["location"].([]float64)[0]-loc > 0.004 {
			y.review(id, rep, at, "pass")
		}
		y.order(rep, n, at.Add(time.Duration(minutes)*time.Minute), good)
		at = at.Add(time.Duration(minutes+20+y.dice.Below(25)) * time.Minute)
	}
}

// visit is a call at a shop as it should be.
func (y *Year) visit(rep, n int, at time.Time) fields {
	lat, lng := spot(rep, n)
	items := y.words["item"]
	first := y.dice.Below(3)
	v := fields{"store": shopID(rep*perRep + n), "rep": RepID(rep), "price_tag": true,
		"location": []float64{lat + float64(y.dice.Below(9)-4)/1e4, lng},
		"skus":     items[first : first+3+y.dice.Below(len(items)-first-2)],
		"display":  y.chance(45), "photo": y.photo(rep, at)}
	if y.chance(12) {
		v["note"] = y.note("seen")
	}
	return v
}

// note is what somebody may have written: pieces of four kinds, so that hardly any two are alike.
func (y *Year) note(about string) string {
	stock := y.pick("item") + " " + strconv.Itoa(2+y.dice.Below(30))
	return y.pick(about) + y.comma() + stock + y.comma() + y.pick("said") + y.comma() +
		y.pick("next") + y.tail()
}

func (y *Year) comma() string {
	if y.lang == "zh" {
		return "，"
	}
	return "; "
}

// tail is what makes a note one's own: the number of a slip.
func (y *Year) tail() string {
	if y.lang == "zh" {
		return "，单号" + strconv.Itoa(1000+y.dice.Below(9000))
	}
	return ", slip " + strconv.Itoa(1000+y.dice.Below(9000))
}

// photo is a picture that nobody has handed in before.
func (y *Year) photo(rep int, at time.Time) fields {
	return fields{"name": y.id("photo") + ".jpg", "size": 180_000 + y.dice.Below(90_000),
		"sha256": fmt.Sprintf("%016x%016x%016x%016x", y.dice.Next(), y.dice.Next(), y.dice.Next(),
			y.dice.Next()),
		"taken": at.Add(2 * time.Minute).Format(time.RFC3339), "device": "Phone " + RepID(rep)}
}

// order is what a shop orders after a visit, sometimes.
func (y *Year) order(rep, n int, at time.Time, good bool) {
	often := 34
	if !good {
		often = 9
	}
	if !y.chance(often) {
		return
	}
	amount := 300 + 10*y.dice.Below(320)
	if y.chance(2) {
		amount += 10_000
	}
	y.add("Order", y.id("order"), at, fields{"store": shopID(rep*perRep + n), "rep": RepID(rep),
		"amount": amount})
}

// forge is a day at a café: four visits in half an hour from one place, with one photo and
// one note.
func (y *Year) forge(week, day int) {
	at := y.at(week, day, 16*60+y.dice.Below(60))
	lat, lng := spot(Forger, 0)
	old := fields{}
	for i := range 4 {
		v := y.visit(Forger, day*4+i, at)
		v["location"] = []float64{lat - 0.011, lng - 0.009}
		v["note"], v["skus"] = y.pick("forged"), y.words["item"][:3]
		if i == 0 {
			old = v["photo"].(fields)
		} else {
			again := fields{}
			for _, k := range []string{"name", "size", "sha256", "taken", "device"} {
				again[k] = old[k]
			}
			v["photo"] = again
		}
		id := y.id("visit")
		y.add("Visit", id, at, v)
		if y.end.Sub(at) > reviewed && y.chance(70) {
			y.review(id, Forger, at, "fail")
		}
		at = at.Add(time.Duration(5+y.dice.Below(5)) * time.Minute)
	}
}

// review is what a manager says some days later.
func (y *Year) review(visit string, rep int, at time.Time, verdict string) {
	y.add("Review", y.id("review"), at.Add(time.Duration(50+y.dice.Below(90))*time.Hour), fields{
		"record":  "Visit/" + visit,
		"verdict": verdict, "by": ManagerID(rep / inRegion)})
}

// talk is a meeting about one of a rep's deals that is under way.
func (y *Year) talk(rep int, at time.Time) {
	y.deals = slices.DeleteFunc(y.deals, func(d deal) bool { return d.till.Before(at) })
	var own []*deal
	for i := range y.deals {
		if d := &y.deals[i]; d.rep == rep && d.from.Before(at) {
			own = append(own, d)
		}
	}
	if len(own) > 0 {
		y.meet(own[y.dice.Below(len(own))], at)
	}
}

func (y *Year) meet(d *deal, at time.Time) {
	y.add("Meeting", y.id("meeting"), at, fields{"opportunity": d.id, "rep": RepID(d.rep),
		"note": y.note("talked")})
}

// deal begins a deal with a key account and takes it to its end.
func (y *Year) deal(week int) {
	rep, industry := y.count["deal"]%reps, y.dice.Below(len(y.words["industry"]))
	at := y.at(week, y.dice.Below(dayOfWork), 10*60+y.dice.Below(360))
	days := func(least, more int) time.Duration {
		return time.Duration((least+y.dice.Below(more))*24)*time.Hour + 37*time.Minute
	}
	first, second, third := days(3, 5), days(9, 7), days(10, 7)
	if industry == caterers && week >= slipping {
		second = second*2 + days(4, 8)
	}
	id := y.id("deal")
	name := y.pick("account") + " " + strconv.Itoa(y.count["deal"])
	d := deal{id, rep, at, at.Add(first + second + third)}
	y.deals = append(y.deals, d)
	y.add("Opportunity", id, at, fields{"name": name, "owner": RepID(rep),
		"industry": y.words["industry"][industry], "amount": 5000 + 500*y.dice.Below(90)})
	y.meet(&d, at.Add(26*time.Hour))
	move := func(at time.Time, x fields) { y.add("Opportunity", id, at, x) }
	move(at.Add(first), fields{"stage": "Proposal"})
	if y.chance(22) {
		move(at.Add(first+second), fields{"stage": "Lost"})
		return
	}
	move(at.Add(first+second), fields{"stage": "Trial"})
	if y.chance(18) {
		move(d.till, fields{"stage": "Lost"})
		return
	}
	move(d.till, fields{"stage": "Won", "won_at": d.till.Format(time.RFC3339)})
}

// lead comes to a region, is called on and ends some weeks later.
func (y *Year) lead(at time.Time) {
	region := y.dice.Below(regions + 1)
	if region == regions {
		region = west // more than its share
	}
	id := y.id("lead")
	y.add("Lead", id, at, fields{"name": y.pick("account") + " " + strconv.Itoa(100+y.count["lead"]),
		"region": y.words["region"][region], "industry": y.pick("industry"),
		"outlets": 1 + y.dice.Below(6)*y.dice.Below(6), "source": "web"})
	y.add("Lead", id, at.Add(time.Duration(1+y.dice.Below(30))*time.Hour), fields{
		"first_response": at.Add(time.Hour).Format(time.RFC3339)})
	y.add("Lead", id, at.Add(time.Duration(14+y.dice.Below(30))*24*time.Hour), fields{
		"live": false, "won": y.chance(28)})
}

// waive adds two exemptions: one that ended, and one that is easily forgotten.
func (y *Year) waive() {
	rules, whom := []string{"photo", "place"}, []string{"Rep/" + RepID(10), "Store/" + shopID(249)}
	for i, why := range y.words["waived"] {
		at := y.at(weeks-20+8*i, 1, 10*60)
		y.add("Waive", y.id("waive"), at, fields{"rule": "Distribution.proof." + rules[i],
			"record": whom[i], "until": at.AddDate(0, 1+5*i, 0).Format(time.RFC3339),
			"by": ManagerID(i), "why": why})
	}
}
