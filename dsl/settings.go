package dsl

import (
	"io/fs"

	"github.com/throughline/throughline/dsl/policy"
)

// Settings reads a folder's thru.toml alone, without the defaults of what it leaves out: a tool
// that writes files must know what was asked for. A folder without one has the zero settings; what
// is wrong in it is for Load to tell.
func Settings(fsys fs.FS, dir string) (policy.Settings, error) {
	toml, err := readSettings(fsys, dir)
	return toml.set, err
}
