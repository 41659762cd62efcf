package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/runtime/store/bolt"
	"github.com/throughline/throughline/runtime/store/storetest"
)

type file string

func (f file) Open() (storetest.Log, error) { return bolt.Open(string(f), bolt.Options{}) }

func TestContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place {
		return file(filepath.Join(t.TempDir(), "w.db"))
	})
}
