package store_test

import (
	"bytes"
	"testing"

	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// BenchmarkBackup writes 100,000 responses and restores them into either database.
func BenchmarkBackup(b *testing.B) {
	const n = 100_000
	for name, config := range map[string]store.Config{"SQLite": storetest.SQLite(b), "PostgreSQL": storetest.Postgres(b)} {
		s := storetest.Open(b, config)
		f := storetest.OpenWave(b, s)
		if _, err := s.ImportResponses(b.Context(), f.Wave.ID, source(f, n, nil), nil); err != nil {
			b.Fatal(err)
		}
		var file bytes.Buffer
		b.Run(name+"/backup", func(b *testing.B) {
			for b.Loop() {
				file.Reset()
				if _, err := s.Backup(b.Context(), &file, store.BackupOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
		})
		b.Run(name+"/restore", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				target := store.Config{Path: b.TempDir() + "/restored.db"}
				if name == "PostgreSQL" {
					target = store.Config{URL: storetest.EmptyPostgresURL(b)}
				}
				b.StartTimer()
				opened, err := store.OpenBackup(b.Context(), bytes.NewReader(file.Bytes()), int64(file.Len()), nil)
				if err == nil {
					err = store.Restore(b.Context(), target, opened)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
		})
	}
}
