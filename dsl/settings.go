package dsl

import (
	"io/fs"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// Settings reads a folder's thru.toml alone, without the defaults of what it leaves out: a tool
// that writes files must know what was asked for. A folder without one has the zero settings; what
// is wrong in it is for Load to tell.
func Settings(fsys fs.FS, dir string) (policy.Settings, error) {
	toml, err := readSettings(fsys, dir)
	return toml.set, err
}

// SettingsOf reads the text of a thru.toml. The spans of what is wrong in it are of file 0.
func SettingsOf(text string) (policy.Settings, []source.Diagnostic) {
	return parseSettings(source.File{Name: "thru.toml", Text: text})
}

// Files are the policy files that a folder and those below it hold, by names relative to it.
func Files(fsys fs.FS, dir string) ([]source.File, error) { return readFolder(fsys, dir) }
