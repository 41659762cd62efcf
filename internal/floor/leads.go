package floor

import "encoding/json"

// A Lead is one record of the stateless policy. Numbers are integers or multiples of a quarter and
// every divisor of the policy is a power of two, so that any correct engine, in whatever numbers it
// computes, agrees to the last bit.
type Lead struct {
	Region           string  `json:"region"`
	Industry         string  `json:"industry"`
	Employees        int     `json:"employees"`
	PurchasesPerYear int     `json:"purchases_per_year"`
	TechLevel        int     `json:"tech_level"`
	Source           string  `json:"source"`
	CreatedHour      int     `json:"created_hour"`
	ResponseMinutes  int     `json:"response_minutes"`
	Visits30d        int     `json:"visits_30d"`
	Quotes           int     `json:"quotes"`
	CustomQuotes     int     `json:"custom_quotes"`
	NoteLen          int     `json:"note_len"`
	PainKeywords     int     `json:"pain_keywords"`
	Photo            bool    `json:"photo"`
	GpsDistanceM     float64 `json:"gps_distance_m"`
	RecordingS       int     `json:"recording_s"`
	Attachments      int     `json:"attachments"`
	Stage            string  `json:"stage"`
	Amount           float64 `json:"amount"`
	DaysInStage      int     `json:"days_in_stage"`
}

// LeadFields are the names of a lead's fields in a JSON line, in the order in which they stand.
func LeadFields() []string {
	return []string{
		"region", "industry", "employees", "purchases_per_year", "tech_level", "source",
		"created_hour", "response_minutes", "visits_30d", "quotes", "custom_quotes", "note_len",
		"pain_keywords", "photo", "gps_distance_m", "recording_s", "attachments", "stage", "amount",
		"days_in_stage",
	}
}

// Regions are where leads come from and reps work.
func Regions() []string {
	return []string{"north", "south", "east", "west", "central", "coast"}
}

// Industries are what leads are in.
func Industries() []string {
	return []string{"medical", "aerospace", "energy", "retail", "food", "textile", "auto", "it"}
}

// Sources are how leads came.
func Sources() []string { return []string{"web", "referral", "fair", "cold", "partner"} }

// Stages are how far leads are.
func Stages() []string {
	return []string{"new", "contacted", "visited", "quoted", "negotiation", "won"}
}

// Leads makes the first n leads of the fixed sequence.
func Leads(n int) []Lead {
	r := random(20260101)
	regions, industries, sources, stages := Regions(), Industries(), Sources(), Stages()
	out := make([]Lead, n)
	for i := range out {
		l := &out[i]
		l.Region = regions[r.below(6)]
		l.Industry = industries[r.below(8)]
		l.Employees = 1 + r.low(3000)
		l.PurchasesPerYear = r.low(30)
		l.TechLevel = r.below(6)
		l.Source = sources[r.below(5)]
		l.CreatedHour = r.below(24)
		l.ResponseMinutes = r.low(1500)
		l.Visits30d = r.low(8)
		l.Quotes = r.low(8)
		l.CustomQuotes = r.low(6)
		l.NoteLen = r.low(500)
		l.PainKeywords = r.below(6)
		l.Photo = r.below(10) < 6
		l.GpsDistanceM = float64(r.low(8000)) / 4
		l.RecordingS = r.low(900)
		if r.below(5) == 0 {
			l.RecordingS = 0
		}
		l.Attachments = r.below(5)
		l.Stage = stages[r.below(6)]
		l.Amount = float64(r.low(1600000)) / 4
		l.DaysInStage = r.low(60)
	}
	return out
}

// LeadLines are the first n leads as JSON lines.
func LeadLines(n int) [][]byte {
	lines := make([][]byte, n)
	for i, l := range Leads(n) {
		lines[i], _ = json.Marshal(l) // strings, finite numbers and a bool: cannot fail
	}
	return lines
}

// Reps is the number of reps among whom leads are allocated, Loads of states they can be in.
const (
	Reps  = 20
	Loads = 64
)

// A Rep is one of them in one of the states.
type Rep struct {
	ID      int
	Weight  float64
	Load    int
	Regions []string
}

// RepStates are the states of all reps; lead i meets state i modulo Loads.
func RepStates() [][]Rep {
	r := random(77)
	regions, weights := Regions(), []float64{0.5, 1, 2, 4}
	base := make([]Rep, Reps)
	for i := range base {
		own := []string{regions[i%6], regions[(i*5+2)%6]}
		if i%4 == 0 {
			own = append(own, regions[(i+3)%6])
		}
		base[i] = Rep{ID: i, Weight: weights[r.below(4)], Regions: own}
	}
	states := make([][]Rep, Loads)
	for s := range states {
		states[s] = append([]Rep(nil), base...)
		for i := range states[s] {
			states[s][i].Load = r.below(40)
		}
	}
	return states
}
