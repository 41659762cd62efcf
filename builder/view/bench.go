package view

// A BenchPage is the case bench.
type BenchPage struct {
	Live         string
	May, Take    bool
	Bar          Bar
	Lines, Until string
	Result       *BenchResult
	Wrong        string
}

// A BenchResult is what a draft decides on what is pinned.
type BenchResult struct {
	Note  string // why there is nothing
	Now   string // the moment that time went on to
	Cases []BenchCase
	Steps []BenchStep
}

// A BenchCase is a pinned record on its journey.
type BenchCase struct {
	Name, Stage string
	Unmet       []string
	Why         string
}

// A BenchStep is a record, or time, and what was decided.
type BenchStep struct {
	When, Text    string
	Outcome, Tone string
	Effects       int
	Why           []string
}
