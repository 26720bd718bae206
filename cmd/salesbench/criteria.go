package main

import (
	"fmt"
	"os"

	"github.com/salesbench/salesbench/benchmark"
)

// readCriteria finds a criteria document: a built-in one by its rule, or a file.
func readCriteria(nameOrFile string) (*benchmark.Criteria, error) {
	if criteria, ok := benchmark.BuiltinCriteria(nameOrFile); ok {
		return criteria, nil
	}
	data, err := os.ReadFile(nameOrFile)
	if err != nil {
		return nil, usagef("--criteria: %q is neither built in (organizations/1, study-style/1) nor a file that can be read", nameOrFile)
	}
	criteria, err := benchmark.ParseCriteria(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nameOrFile, err)
	}
	return criteria, nil
}
