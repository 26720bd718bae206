package intake_test

import (
	"context"
	"database/sql"
	"errors"
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
// the next one as soon as the last is durable. Beside the rate it reports how
// many times that is of two other ways in the same run on the same database: of
// bare single-row inserts of the same bytes into the same table, each committed
// by itself and nothing looked up, and of the store without intake.
func BenchmarkSubmit64(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { submit64(b, storetest.SQLite(b)) })
	b.Run("PostgreSQL", func(b *testing.B) {
		config := storetest.Postgres(b)
		storetest.Durable(b)
		submit64(b, config)
	})
}

func submit64(b *testing.B, config store.Config) {
	s := storetest.Open(b, config)
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
		return errors.Join(err, outcomes[0].Err)
	})
	bare := rate(b, 64, max(64, b.N/4), bareInsert(b, config, f))
	b.ReportMetric(grouped, "submissions/s")
	b.ReportMetric(grouped/bare, "x-of-bare-insert")
	b.ReportMetric(grouped/single, "x-of-single")
	b.ReportMetric(0, "ns/op")
}

// bareInsert returns what adds one row as fast as the driver can.
func bareInsert(b *testing.B, config store.Config, f storetest.Fieldwork) func(context.Context) error {
	const columns = "(wave_id, id, position, organization_id, role, language, closed, numbers, texts, weight, started_at, submitted_at, submission_key, submission_digest)"
	driver, address, values := "pgx", config.URL, "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)"
	if config.URL == "" {
		driver, values = "sqlite", "(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
		address = "file:" + config.Path + "?_pragma=busy_timeout(60000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_time_format=sqlite&_timezone=UTC"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() }) // the benchmark is over
	db.SetMaxOpenConns(64)
	if config.URL == "" {
		db.SetMaxOpenConns(1) // more than one only wait for each other
	}
	insert, err := db.Prepare("INSERT INTO responses " + columns + " VALUES " + values)
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	return func(ctx context.Context) error {
		position := 1_000_000 + n.Add(1)
		r := f.Submission(int(position))
		packed, err := survey.Pack(f.Instrument, r.Response.Answers)
		if err != nil {
			return err
		}
		_, err = insert.ExecContext(ctx, string(f.Wave.ID), string(store.NewResponseID()), position, string(f.Organization.ID), "manager", "en",
			packed.Closed, packed.Numbers, packed.Texts, 1.0, r.Response.StartedAt, storetest.Now, r.Key, r.Digest[:])
		return err
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
