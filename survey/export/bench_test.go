package export

import (
	"io"
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

// BenchmarkExport writes 100,000 responses to the built-in questionnaire.
func BenchmarkExport(b *testing.B) {
	const n = 100_000
	s := storetest.Open(b, storetest.SQLite(b))
	f := filled(b, s, n)
	w, err := Read(b.Context(), s, f.Wave)
	check(b, err)
	for _, o := range []Options{{Format: CSV, Values: Codes}, {Format: CSV, Values: Both}, {Format: XLSX, Values: Codes}} {
		b.Run(string(o.Format)+"/"+string(o.Values), func(b *testing.B) {
			for b.Loop() {
				_, err := Write(b.Context(), io.Discard, s, w, o)
				check(b, err)
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
		})
	}
}
