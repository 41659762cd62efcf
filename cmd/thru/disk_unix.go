//go:build linux || darwin

package main

import "syscall"

// freeBytes is how much room a folder's disk has for us.
func freeBytes(dir string) (uint64, bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
