package dsl

import "github.com/throughline/throughline/dsl/policy"

// TypeWord shows tests the words in which diagnostics name a type.
func TypeWord(t policy.Type) string { return typeWord(t) }
