//go:build unix

package web

import "syscall"

// connectionLimit leaves descriptors for the database and for files.
func connectionLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > maxConnections+spareFiles {
		return maxConnections
	}
	return max(int(limit.Cur)-spareFiles, int(limit.Cur)/2)
}
