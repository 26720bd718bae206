package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/salesbench/salesbench/cmd/internal/load"
)

// commitLatency is the name of the latency of a bare commit.
const commitLatency = "commit"

// outcome is what one round of one case has shown.
type outcome struct {
	PerSecond   float64                 `json:"per_second"`
	Failed      int64                   `json:"failed"`
	Faults      map[string]int          `json:"faults,omitempty"`
	Latencies   map[string]load.Latency `json:"latencies"`
	ServerCPU   float64                 `json:"server_cpu_ms,omitempty"` // per unit
	DatabaseCPU float64                 `json:"database_cpu_ms,omitempty"`
	ClientCPU   float64                 `json:"client_cpu_ms,omitempty"`
	ServerMB    float64                 `json:"server_mb,omitempty"` // resident
}

// bencher is one thing to measure, in rounds that take turns with other cases.
type bencher struct {
	Part     string `json:"part"`
	Database string `json:"database"`
	Name     string `json:"name"`
	Clients  int    `json:"clients,omitempty"`
	unit     string // the latency to show
	run      func(context.Context) (outcome, error)

	Rounds []outcome `json:"rounds"`
}

// summary is the middle of all rounds of a case.
type summary struct {
	PerSecond, Low, High             float64
	Latency                          load.Latency
	ServerCPU, DatabaseCPU, ServerMB float64
	ClientCPU                        float64
	Failed                           int64
	Faults                           map[string]int
}

// summarize takes medians, so that one disturbed round says nothing.
func (b *bencher) summarize() summary {
	over := func(of func(outcome) float64) float64 {
		values := make([]float64, len(b.Rounds))
		for i, o := range b.Rounds {
			values[i] = of(o)
		}
		return median(values)
	}
	latency := func(of func(load.Latency) float64) float64 {
		return over(func(o outcome) float64 { return of(o.Latencies[b.unit]) })
	}
	s := summary{Faults: make(map[string]int)}
	s.PerSecond = over(func(o outcome) float64 { return o.PerSecond })
	s.ServerCPU = over(func(o outcome) float64 { return o.ServerCPU })
	s.DatabaseCPU = over(func(o outcome) float64 { return o.DatabaseCPU })
	s.ClientCPU = over(func(o outcome) float64 { return o.ClientCPU })
	s.ServerMB = over(func(o outcome) float64 { return o.ServerMB })
	s.Latency = load.Latency{
		P50: latency(func(l load.Latency) float64 { return l.P50 }), P90: latency(func(l load.Latency) float64 { return l.P90 }),
		P99: latency(func(l load.Latency) float64 { return l.P99 }), P999: latency(func(l load.Latency) float64 { return l.P999 }),
		Max: latency(func(l load.Latency) float64 { return l.Max }),
	}
	for i, o := range b.Rounds {
		s.Latency.N += o.Latencies[b.unit].N
		s.Failed += o.Failed
		for fault, n := range o.Faults {
			s.Faults[fault] += n
		}
		if i == 0 {
			s.Low, s.High = o.PerSecond, o.PerSecond
		}
		s.Low, s.High = min(s.Low, o.PerSecond), max(s.High, o.PerSecond)
	}
	return s
}

// median of no values is 0.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// faultText lists what failed, the most frequent first.
func faultText(faults map[string]int) string {
	names := slices.SortedFunc(maps.Keys(faults), func(a, b string) int { return cmp.Or(faults[b]-faults[a], cmp.Compare(a, b)) })
	text := ""
	for i, name := range names {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d x %s", faults[name], name)
	}
	return text
}
