package source

// recordCodes are the rows of what records can be told at run time: T06xx.
func recordCodes() []Entry {
	return []Entry{}
}
