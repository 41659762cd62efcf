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
//go:embed auto common fmcg medical
var Files embed.FS

//go:embed starters
var starters embed.FS

// Starter is a workspace to begin with in an industry: a journey, an allocation, an alert and a
// segment over a package of the library, with tests. False: there is none for it.
func Starter(industry string) (fs.FS, bool) {
	dir := "starters/" + industry
	if _, err := fs.Stat(starters, dir+"/thru.toml"); err != nil {
		return nil, false
	}
	in, err := fs.Sub(starters, dir)
	return in, err == nil
}

// Starters are the industries that have one.
func Starters() (out []string) {
	for _, i := range Industries {
		if _, ok := Starter(i.ID); ok {
			out = append(out, i.ID)
		}
	}
	return out
}

// Industry is a part of the library: a folder, and what people call it. Common holds the processes
// that every industry has: proof, visits, leads, quotations, tenders, contracts, collection.
type Industry struct {
	ID    string
	Label Text
}

// Industries are the parts of the library in the order in which they are shown.
var Industries = []Industry{
	{"fmcg", Text{Zh: "快消", En: "FMCG"}},
	{"medical", Text{Zh: "医疗器械与IVD", En: "Medical devices and IVD"}},
	{"auto", Text{Zh: "汽车后市场", En: "Automotive aftermarket"}},
	{"common", Text{Zh: "通用", En: "Cross-industry"}},
}

// label is what an industry is called, nothing for one that is not ours.
func label(industry string) Text {
	for _, i := range Industries {
		if i.ID == industry {
			return i.Label
		}
	}
	return Text{}
}

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
