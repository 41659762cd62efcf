//go:build unix

package bolt

import (
	"os"
	"syscall"
)

// inodeOf returns the number by which the system lists locks.
func inodeOf(info os.FileInfo) (uint64, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return uint64(s.Ino), true
}
