package builder

import "crypto/rand"

// newID is the id of a record that a page submits.
func newID() string { return "page-" + rand.Text() }
