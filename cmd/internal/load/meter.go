package load

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Kind is a kind of request.
type Kind uint8

// The kinds, in the order of a journey.
const (
	OpenLink Kind = iota
	Start
	Arrive
	Section
	Save
	Review
	Submit
	Receipt
	Resubmit
	Complete
	Recomplete
	Whole
	Results
	kinds
)

var kindNames = [kinds]string{"open link", "start", "redirect", "section", "save", "review", "submit", "receipt", "submit again",
	"complete submission", "complete submission again", "whole journey", "page of results"}

func (k Kind) String() string { return kindNames[k] }

// Histograms reach from a microsecond to a minute with three digits.
const (
	shortest = int64(1)
	longest  = int64(60_000_000)
	digits   = 3
)

// Meter collects latencies by kind and faults by name. It is shared by all clients.
type Meter struct {
	kinds  [kinds]counter
	mu     sync.Mutex
	faults map[string]int
}

type counter struct {
	mu   sync.Mutex
	hist *hdrhistogram.Histogram
}

// NewMeter returns an empty meter.
func NewMeter() *Meter { return &Meter{faults: make(map[string]int)} }

// Record counts a request that was answered as it should be.
func (m *Meter) Record(k Kind, took time.Duration) {
	c := &m.kinds[k]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hist == nil {
		c.hist = hdrhistogram.New(shortest, longest, digits)
	}
	// In range by construction, so that nothing is refused.
	_ = c.hist.RecordValue(min(max(took.Microseconds(), shortest), longest))
}

// Fail counts a request that failed.
func (m *Meter) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[Fault(err)]++
}

// Reset forgets everything, after warming up.
func (m *Meter) Reset() {
	for i := range m.kinds {
		c := &m.kinds[i]
		c.mu.Lock()
		if c.hist != nil {
			c.hist.Reset()
		}
		c.mu.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.faults)
}

// Latency is a distribution in milliseconds.
type Latency struct {
	N    int64   `json:"n"`
	P50  float64 `json:"p50_ms"`
	P90  float64 `json:"p90_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`
	Max  float64 `json:"max_ms"`
}

func (l Latency) String() string {
	return fmt.Sprintf("%.2f / %.2f / %.2f / %.2f / %.2f", l.P50, l.P90, l.P99, l.P999, l.Max)
}

// Latency returns the distribution of a kind.
func (m *Meter) Latency(k Kind) Latency {
	c := &m.kinds[k]
	c.mu.Lock()
	defer c.mu.Unlock()
	return Summarize(c.hist)
}

// Summarize reads the usual percentiles off a histogram of microseconds.
func Summarize(h *hdrhistogram.Histogram) Latency {
	if h == nil || h.TotalCount() == 0 {
		return Latency{}
	}
	ms := func(percentile float64) float64 { return float64(h.ValueAtPercentile(percentile)) / 1000 }
	return Latency{N: h.TotalCount(), P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: float64(h.Max()) / 1000}
}

// NewHistogram returns a histogram of microseconds as the meter uses them.
func NewHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(shortest, longest, digits) }

// Latencies returns all kinds that occurred.
func (m *Meter) Latencies() map[string]Latency {
	all := make(map[string]Latency)
	for k := range kinds {
		if l := m.Latency(k); l.N > 0 {
			all[k.String()] = l
		}
	}
	return all
}

// Faults returns how often what failed.
func (m *Meter) Faults() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]int, len(m.faults))
	for name, n := range m.faults {
		all[name] = n
	}
	return all
}

// Kinds lists the kinds of requests in the order of a journey.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for k := range all {
		all[k] = Kind(k)
	}
	return all
}
