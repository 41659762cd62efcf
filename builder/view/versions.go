package view

// A VersionsPage is the policies that were in force, and one of them in full.
type VersionsPage struct {
	List  []Version
	Older int
	One   *VersionFull
	Wrong string
	More  string
	Done  bool
}

// A Version is one policy of the list.
type Version struct {
	Href, When, Who, How string
	Why                  string
	Changed              []string // the first of the lines that say what it changed
	Rest                 int
	Here, Now            bool
	Same                 bool // it means what the one before meant
}

// A VersionFull is one in full.
type VersionFull struct {
	Version
	Seq    string
	Hash   string
	Source string

	Compared bool // with the one before; there is none before the first
	Expect   string
	Meaning  string
	Lines    []DiffLine
	Board    *BoardDiff // nil: the journeys are what they were
	Differs  string     // what would change if it were in force again
	May      bool
	Blast    string
}

// A BoardDiff is the journeys that are others than they were: one board of both.
type BoardDiff struct {
	Journeys []DiffJourney
	Says     []string // the same in sentences
}

// A DiffMark says what became of something; "": nothing.
type DiffMark struct{ Tone, Text string }

// A DiffJourney is one journey of both boards.
type DiffJourney struct {
	Name    string
	Mark    DiffMark
	Columns []DiffColumn
	Other   bool // something of it is another than it was
}

// A DiffColumn is one stage; without a name it is what stands before the stages.
type DiffColumn struct {
	Name  string
	Mark  DiffMark
	Cards []DiffCard
}

// A DiffCard is one card.
type DiffCard struct {
	Kind, Title, Text string
	Was               string // as it was written
	Mark              DiffMark
}

// A DiffLine is one line of a comparison of texts.
type DiffLine struct {
	Kind string // add, cut, at, file or ""
	Text string
}
