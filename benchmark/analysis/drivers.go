package analysis

import "github.com/salesbench/salesbench/benchmark/stat"

// Drivers says which items go together with the outcome. It is no statement
// about causes.
type Drivers struct {
	Outcome string        `json:"outcome"`
	Reasons []stat.Reason `json:"reasons"`
}

func relate(t *Table, c *counts, o Options) (*Drivers, error) {
	return nil, nil
}
