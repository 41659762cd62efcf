//go:build unix

package bolt

import (
	"os"
	"syscall"
)

// mapped shows a file's bytes without reading them: a call for each page costs more than looking
// at it. nil: they have to be read. Bytes that are gone meanwhile are a fault, which guard tells.
func mapped(f *os.File, size int64) (b []byte, done func()) {
	if size <= 0 || int64(int(size)) != size {
		return nil, func() {}
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, func() {}
	}
	return b, func() { _ = syscall.Munmap(b) } // it only shows what is on disk
}
