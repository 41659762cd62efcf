package distributor

import "time"

// Person is one of the distributor's people.
type Person struct {
	ID, Name string
	Region   string
	Manager  bool
}

// People lists managers and reps, with the names that they have in a language.
func People(lang string) []Person {
	w := words(lang)
	var out []Person
	for i, name := range w["manager"] {
		out = append(out, Person{ManagerID(i), name, w["region"][i], true})
	}
	for i, name := range w["rep"] {
		out = append(out, Person{RepID(i), name, w["region"][i/inRegion], false})
	}
	return out
}

// Next is a record of what goes on after the year is over, one after another: it happens at a
// moment. Records must have been called before.
func (y *Year) Next(at time.Time) []byte {
	y.out, y.end = y.out[:0], at
	rep := y.dice.Below(reps)
	n := y.walked[rep]
	switch y.dice.Below(10) {
	default:
		y.walked[rep] = (n + 1) % perRep
		v := y.visit(rep, n, at)
		if rep/inRegion == west && y.chance(62) || y.chance(6) {
			v["skus"] = y.words["item"][:1]
		}
		if rep == Forger {
			v["note"] = y.pick("forged")
		}
		y.add("Visit", y.id("visit"), at, v)
	case 0, 1:
		y.add("Inquiry", y.id("inquiry"), at, fields{"store": shopID(rep*perRep + n),
			"channel": "wechat", "note": y.pick("question")})
	case 2, 3:
		y.add("Order", y.id("order"), at, fields{"store": shopID(rep*perRep + n), "rep": RepID(rep),
			"amount": 300 + 10*y.dice.Below(320)})
	case 4:
		y.lead(at)
	case 5:
		y.talk(rep, at)
	}
	if len(y.out) == 0 { // nobody to talk to: a question instead
		y.add("Inquiry", y.id("inquiry"), at, fields{"store": shopID(rep*perRep + n),
			"channel": "phone", "note": y.pick("question")})
	}
	return y.out[0].Line()
}

// PolicyFolder is where the policy is among the examples.
const PolicyFolder = "distributor"
