// Package templates is the library of action templates: packages of policy text, by industry and
// process, that a workspace imports and binds to its own records.
//
// A package is a folder: thru.toml, the record types it adds, actions with steps, proof and
// feedback, a sample journey that uses them, measures, and tests that reach all of it. The quality
// of the library as a whole is measured by templates/internal/measure, which its tests hold to
// limits; `go run ./templates/internal/quality` prints the figures.
package templates

import (
	"embed"
	"io/fs"
	"path"
	"slices"
)

// Files are the packages' folders, INDUSTRY/PACKAGE.
//
//go:embed auto fmcg medical
var Files embed.FS

// Folders lists the packages' folders in order of their paths: fmcg/listing.
func Folders() []string {
	found, err := fs.Glob(Files, "*/*/thru.toml")
	if err != nil {
		panic(err) // the pattern is ours
	}
	for i := range found {
		found[i] = path.Dir(found[i])
	}
	slices.Sort(found)
	return found
}
