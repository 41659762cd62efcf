//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// outlive makes a file that may not grow any more an error of the write that meets it. The system
// would end the program with a signal, in the middle of whatever it does.
func outlive() { signal.Ignore(syscall.SIGXFSZ) }
