// Package demo makes the records of the sample workspace beside it: six weeks of a field team
// that sells drinks to shops. The same records come every time, without a clock and without
// chance, and some of them tell a story that the policy is to find:
//
//   - rep-chen stops visiting on 23 March and begins again on 2 April;
//   - store-07 asks and does not order from the middle of March, and wakes on 27 March;
//   - visit late-1 of 10 March arrives two days later;
//   - visit dup-1 comes twice, and visit bad-1 without its minutes.
package demo

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/throughline/throughline/internal/dice"
)

// seed is what all of the records follow from.
const seed = 20260302

const (
	repCount   = 8
	storeCount = 48
	dayCount   = 42
)

// entry is one record with the moment at which it is received.
type entry struct {
	received time.Time
	line     []byte
}

// fields are those of a record beyond type, id and at.
type fields map[string]any

// field is a team at work: what it has made so far.
type field struct {
	dice    dice.Dice
	entries []entry
	count   map[string]int
}

// start is the Monday on which the six weeks begin, at midnight in China, where no clock moves.
func start() time.Time {
	return time.Date(2026, 3, 2, 0, 0, 0, 0, time.FixedZone("", 8*3600))
}

// Records returns the first n records in the order in which they are received, each a JSON object
// of one line; all of them where n is 0 or less.
func Records(n int) [][]byte {
	f := &field{dice: seed, count: map[string]int{}}
	f.team()
	for day := range dayCount {
		f.day(day)
	}
	f.stories()
	slices.SortStableFunc(f.entries, func(a, b entry) int { return a.received.Compare(b.received) })
	if n <= 0 || n > len(f.entries) {
		n = len(f.entries)
	}
	lines := make([][]byte, n)
	for i := range lines {
		lines[i] = f.entries[i].line
	}
	return lines
}

// add writes a record that is received when it happens.
func (f *field) add(typ, id string, at time.Time, x fields) {
	x["type"], x["id"], x["at"] = typ, id, at.Format(time.RFC3339)
	f.receive(at, x)
}

// addLate writes a visit that is received some time after it happens.
func (f *field) addLate(id string, at time.Time, late time.Duration, x fields) {
	x["type"], x["id"], x["at"] = "Visit", id, at.Format(time.RFC3339)
	if late > 0 {
		x["received"] = at.Add(late).Format(time.RFC3339)
	}
	f.receive(at.Add(late), x)
}

func (f *field) receive(at time.Time, x fields) {
	line, err := json.Marshal(x) // texts, numbers and truths only: cannot fail
	if err != nil {
		panic(err)
	}
	f.entries = append(f.entries, entry{at, line})
}

// id numbers the records of a kind.
func (f *field) id(kind string) string {
	f.count[kind]++
	return kind + "-" + strconv.Itoa(f.count[kind])
}

// day is one day of everybody's; nobody works at weekends and on the Monday of Qingming.
func (f *field) day(day int) {
	morning := start().AddDate(0, 0, day)
	if day%7 < 5 && morning.Format(time.DateOnly) != "2026-04-06" {
		for rep := range repCount {
			f.round(rep, day, morning)
		}
	}
	for range 1 + f.dice.Below(3) {
		if store := f.dice.Below(storeCount); store != sleeper {
			at := morning.Add(time.Duration(8*60+f.dice.Below(12*60)) * time.Minute)
			f.inquire(store, at)
		}
	}
}

func (f *field) inquire(store int, at time.Time) {
	f.add("Inquiry", f.id("inquiry"), at, fields{"store": storeID(store),
		"channel": []string{"wechat", "phone"}[f.dice.Below(2)],
		"note":    questions()[f.dice.Below(len(questions()))]})
}

// round is one rep's day: three to five of the rep's own stores, some of which order.
func (f *field) round(rep, day int, morning time.Time) {
	at := morning.Add(time.Duration(9*60+f.dice.Below(30)) * time.Minute)
	first := f.dice.Below(storeCount / repCount)
	for i := range 3 + f.dice.Below(3) {
		store := (first+i)%(storeCount/repCount)*repCount + rep
		minutes := 6 + f.dice.Below(30)
		if f.dice.Below(25) == 0 {
			minutes = 2
		}
		visit := fields{"store": storeID(store), "rep": repID(rep), "minutes": minutes,
			"photo": f.dice.Below(4) > 0, "note": notes()[f.dice.Below(len(notes()))]}
		if f.dice.Below(5) > 0 {
			visit["skus"] = 1 + f.dice.Below(7)
		}
		orders, amount, big := f.dice.Below(4) == 0, 300+10*f.dice.Below(500), f.dice.Below(40) == 0
		if cold(rep, day) {
			continue
		}
		f.add("Visit", f.id("visit"), at, visit)
		if orders && (store != sleeper || day < 2) {
			if big {
				amount += 30_000
			}
			f.add("Order", f.id("order"), at.Add(time.Duration(minutes)*time.Minute),
				fields{"store": storeID(store), "rep": repID(rep), "amount": amount})
		}
		at = at.Add(time.Duration(minutes+20+f.dice.Below(40)) * time.Minute)
	}
}
