package store

import (
	"os"
	"syscall"
)

// flushFile is fdatasync, as SQLite's own here.
func flushFile(file *os.File) error { return syscall.Fdatasync(int(file.Fd())) }
