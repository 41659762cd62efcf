package bolt

import (
	"fmt"
	"runtime/debug"

	"github.com/throughline/throughline/runtime/store"
)

// guard turns a broken file into an error. bbolt trusts its pages: one that was overwritten makes
// it panic, and one that is gone is a fault of memory.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", store.ErrDamaged, r)
		}
	}()
	return f()
}
