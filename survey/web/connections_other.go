//go:build !unix

package web

// connectionLimit is the same everywhere, where the system does not tell its own.
func connectionLimit() int { return maxConnections }
