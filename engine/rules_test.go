package engine_test

import (
	"testing"

	"github.com/throughline/throughline/internal/golden"
)

// TestConformance holds the archives here to the table of conformance.
func TestConformance(t *testing.T) {
	golden.Listed(t, "../dsl/testdata/rules.tsv", "decisions", "testdata/decisions")
}
