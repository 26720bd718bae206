package intake_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// BenchmarkSubmit64 has 64 respondents submit complete questionnaires, each with
// the next one as soon as the last is durable. It reports submissions per second
// through intake, and how many times that is of one transaction each in the same
// run on the same database.
func BenchmarkSubmit64(b *testing.B) {
	for name, config := range map[string]func(testing.TB) store.Config{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, config(b))
			if name == "PostgreSQL" {
				storetest.Durable(b)
			}
			f := storetest.OpenWave(b, s)
			in := intake.New(s, intake.Options{Logger: quiet})
			var n atomic.Int64
			grouped := rate(b, 64, b.N, func(ctx context.Context) error {
				_, err := in.Submit(ctx, f.Submission(int(n.Add(1))))
				return err
			})
			if err := in.Drain(context.Background()); err != nil {
				b.Fatal(err)
			}
			single := rate(b, 64, max(64, b.N/8), func(ctx context.Context) error {
				outcomes, err := s.SubmitBatch(ctx, []survey.Submission{f.Submission(int(n.Add(1)))})
				if err == nil {
					err = outcomes[0].Err
				}
				return err
			})
			b.ReportMetric(grouped, "submissions/s")
			b.ReportMetric(grouped/single, "x-of-single")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// rate runs fn n times from the given number of goroutines.
func rate(b *testing.B, workers, n int, fn func(context.Context) error) float64 {
	b.Helper()
	start := time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for int(next.Add(1)) <= n {
				if err := fn(b.Context()); err != nil {
					b.Error(fmt.Errorf("submission: %w", err))
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}
