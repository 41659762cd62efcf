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
}

// A VersionFull is one in full.
type VersionFull struct {
	Version
	Seq     string
	Hash    string
	Expect  string
	Meaning string
	Lines   []DiffLine
	Differs string // what would change if it were in force again
	May     bool
	Blast   string
}

// A DiffLine is one line of a comparison of texts.
type DiffLine struct {
	Kind string // add, cut, at, file or ""
	Text string
}
