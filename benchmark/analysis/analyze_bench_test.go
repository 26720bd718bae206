package analysis

import (
	"bytes"
	"testing"
)

// BenchmarkAnalyze times the closed-form analysis with 1,000 bootstrap
// replicates, reading included.
func BenchmarkAnalyze(b *testing.B) {
	file := likertFile(100_000, 60, 1_000)
	c := Columns{Group: []string{"team"}, Items: []string{"q*"}, Min: 1, Max: 7}
	b.SetBytes(int64(len(file)))
	for range b.N {
		table, err := Read(bytes.NewReader(file), c, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Analyze(b.Context(), table, Options{Replicates: 1000, ClosedForms: true}); err != nil {
			b.Fatal(err)
		}
	}
}
