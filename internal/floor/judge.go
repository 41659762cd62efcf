package floor

import "slices"

// An Outcome is what is decided about a lead.
type Outcome struct {
	Missing    uint8 // bit k: required action k is missing
	Complexity uint8 // 1 to 5
	Score      float64
	Alerts     uint16 // bit k: alert k fires
	Rep        int8   // who gets it; -1: nobody works there
}

// A Desk knows who works where, in the form that picks fastest.
type Desk struct {
	byRegion map[string][]int
	weight   [Reps]float64
}

// NewDesk takes the reps' regions and weights; their loads come with each lead.
func NewDesk(reps []Rep) *Desk {
	d := &Desk{byRegion: map[string][]int{}}
	for _, r := range reps {
		d.weight[r.ID] = r.Weight
		for _, region := range r.Regions {
			if !slices.Contains(d.byRegion[region], r.ID) {
				d.byRegion[region] = append(d.byRegion[region], r.ID)
			}
		}
	}
	return d
}

// pick is the rep of the region with the least load for its weight, the first of equals.
func (d *Desk) pick(region string, reps []Rep) int8 {
	best, least := int8(-1), 0.0
	for _, id := range d.byRegion[region] {
		load := float64(reps[id].Load) / d.weight[id]
		if best < 0 || load < least {
			best, least = int8(id), load
		}
	}
	return best
}

// Judge decides one lead: it is the policy of the comparison, by hand.
func Judge(l *Lead, d *Desk, reps []Rep) Outcome {
	complexity, score := l.complexity(), l.score()
	return Outcome{
		Missing:    l.missing(),
		Complexity: complexity,
		Score:      score,
		Alerts:     l.alerts(complexity, score),
		Rep:        d.pick(l.Region, reps),
	}
}

// missing are the required actions of the lead's stage that were not done.
func (l *Lead) missing() (m uint8) {
	switch l.Stage {
	case "contacted":
		m = bit(2, l.RecordingS < 60) | bit(7, l.ResponseMinutes > 120)
	case "visited":
		m = bit(0, !l.Photo) | bit(1, l.GpsDistanceM > 300) |
			bit(2, l.RecordingS < 60) | bit(4, l.PainKeywords < 1)
	case "quoted":
		m = bit(0, !l.Photo) | bit(4, l.PainKeywords < 1) |
			bit(5, l.CustomQuotes < 1 && l.Amount >= 50000)
	case "negotiation":
		m = bit(0, !l.Photo) | bit(5, l.CustomQuotes < 1 && l.Amount >= 50000) |
			bit(6, l.Attachments < 2)
	}
	return m | bit(3, l.Stage != "new" && l.NoteLen < 40)
}

// bit is 1<<k if it holds. It compiles to a conditional move.
func bit(k uint, holds bool) uint8 {
	if holds {
		return 1 << k
	}
	return 0
}

func (l *Lead) complexity() uint8 {
	p := l.TechLevel
	switch {
	case l.Employees >= 1000:
		p += 3
	case l.Employees >= 200:
		p += 2
	case l.Employees >= 50:
		p++
	}
	switch {
	case l.PurchasesPerYear >= 12:
		p += 2
	case l.PurchasesPerYear >= 4:
		p++
	}
	switch l.Industry {
	case "medical", "aerospace", "energy":
		p += 2
	}
	if l.CustomQuotes > 2 {
		p++
	}
	switch {
	case p <= 2:
		return 1
	case p <= 4:
		return 2
	case p <= 6:
		return 3
	case p <= 9:
		return 4
	}
	return 5
}

// score is the quality of the process, 0 to 100.
func (l *Lead) score() float64 {
	s := 20*within(1-float64(l.ResponseMinutes)/1024, 1) +
		20*float64(min(l.NoteLen, 256))/256 +
		15*float64(min(l.PainKeywords, 4))/4
	if l.Photo {
		s += 15 * within(1-l.GpsDistanceM/512, 1)
	}
	s += 15*float64(min(l.RecordingS, 512))/512 +
		15*within(float64(l.Visits30d*2+l.Quotes+l.CustomQuotes)/16, 1)
	return within(s, 100)
}

// within holds x between 0 and most.
func within(x, most float64) float64 {
	if x < 0 {
		return 0
	}
	if x > most {
		return most
	}
	return x
}

// alerts are the twelve conditions, some of which look at what was decided before.
func (l *Lead) alerts(complexity uint8, score float64) (a uint16) {
	if l.Stage != "won" && l.DaysInStage > 14 && l.Amount > 100000 {
		a |= 1 << 0
	}
	if score < 60 {
		a |= 1 << 1
	}
	if score < 40 && complexity >= 4 {
		a |= 1 << 2
	}
	if l.ResponseMinutes > 240 && (l.Source == "web" || l.Source == "referral") {
		a |= 1 << 3
	}
	if (l.CreatedHour < 7 || l.CreatedHour > 20) && l.ResponseMinutes < 5 {
		a |= 1 << 4
	}
	if l.Photo && l.GpsDistanceM > 1000 {
		a |= 1 << 5
	}
	if l.Visits30d == 0 && (l.Stage == "visited" || l.Stage == "quoted") {
		a |= 1 << 6
	}
	if l.Quotes >= 3 && l.CustomQuotes == 0 {
		a |= 1 << 7
	}
	if l.RecordingS > 0 && l.RecordingS < 20 {
		a |= 1 << 8
	}
	if complexity <= 2 && l.Amount > 250000 {
		a |= 1 << 9
	}
	if l.Stage == "negotiation" && l.DaysInStage > 21 && l.Visits30d < 2 {
		a |= 1 << 10
	}
	if l.Employees > 1000 && l.PurchasesPerYear >= 12 && l.Quotes == 0 &&
		(l.Region == "north" || l.Region == "east") {
		a |= 1 << 11
	}
	return a
}
