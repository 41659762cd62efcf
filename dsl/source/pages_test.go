package source_test

import (
	"testing"

	"github.com/throughline/throughline/dsl/source/pages"
)

// TestEveryCodeHasAPage holds the table of codes to the pages beside it: none lacks its page, and
// no page is of a code that there is not. What the pages show is run in the tests of docs.
func TestEveryCodeHasAPage(t *testing.T) {
	if _, err := pages.Documents(); err != nil {
		t.Errorf("%v; CONTRIBUTING.md says how to add one", err)
	}
}
