package intake_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// BenchmarkSubmit64 has 64 respondents submit complete questionnaires, each with
// the next one as soon as the last is durable. Beside the rate it reports how
// many times that is of other ways in the same run on the same database: of bare
// single-row inserts of the same bytes, each committed by itself and nothing
// looked up, into a plain table with a primary key and one index and into the
// real table; and of the store without intake.
func BenchmarkSubmit64(b *testing.B) {
	eachDurable(b, func(b *testing.B, config store.Config, s *store.Store, f storetest.Fieldwork) {
		in := intake.New(s, intake.Options{Logger: quiet})
		made := make([]survey.Submission, 4096) // what a respondent's page would bring
		for n := range made {
			made[n] = f.Submission(n)
		}
		var n atomic.Int64
		next := func() survey.Submission {
			i := n.Add(1)
			sub := made[i%int64(len(made))]
			sub.Key = string(store.NewResponseID())
			return sub
		}
		grouped := rate(b, 64, b.N, func(ctx context.Context) error {
			_, err := in.Submit(ctx, next())
			return err
		})
		report(b, in)
		single := rate(b, 64, max(64, b.N/8), func(ctx context.Context) error {
			outcomes, err := s.SubmitBatch(ctx, []survey.Submission{next()})
			return errors.Join(err, outcomes[0].Err)
		})
		real := rate(b, 64, max(64, b.N/4), bareInsert(b, config, f, "responses", next))
		plain := rate(b, 64, max(64, b.N/4), bareInsert(b, config, f, "plain", next))
		b.ReportMetric(grouped, "submissions/s")
		b.ReportMetric(grouped/plain, "x-of-plain-insert")
		b.ReportMetric(grouped/real, "x-of-real-insert")
		b.ReportMetric(grouped/single, "x-of-single")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkEnter64 has 64 respondents open pages of their drafts.
func BenchmarkEnter64(b *testing.B) {
	eachDurable(b, func(b *testing.B, _ store.Config, s *store.Store, f storetest.Fieldwork) {
		in := intake.New(s, intake.Options{Logger: quiet})
		hashes, _ := drafts(b, s, f)
		var n atomic.Int64
		opened := rate(b, 64, b.N, func(ctx context.Context) error {
			_, err := in.Enter(ctx, hashes[n.Add(1)%int64(len(hashes))])
			return err
		})
		report(b, in)
		alone := rate(b, 64, max(64, b.N/8), func(ctx context.Context) error {
			_, err := s.DraftByToken(ctx, hashes[n.Add(1)%int64(len(hashes))])
			return err
		})
		b.ReportMetric(opened, "pages/s")
		b.ReportMetric(opened/alone, "x-of-single")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkSaveDraft64 has 64 respondents save pages.
func BenchmarkSaveDraft64(b *testing.B) {
	eachDurable(b, func(b *testing.B, _ store.Config, s *store.Store, f storetest.Fieldwork) {
		in := intake.New(s, intake.Options{Logger: quiet})
		_, begun := drafts(b, s, f)
		free := make(chan survey.Draft, len(begun))
		for _, d := range begun {
			free <- d
		}
		saver := func(save func(context.Context, survey.Draft) (survey.Draft, error)) func(context.Context) error {
			return func(ctx context.Context) error {
				saved, err := save(ctx, <-free)
				free <- saved
				return err
			}
		}
		saved := rate(b, 64, b.N, saver(func(ctx context.Context, d survey.Draft) (survey.Draft, error) {
			return in.SaveDraft(ctx, auth.Hash{}, d)
		}))
		report(b, in)
		alone := rate(b, 64, max(64, b.N/8), saver(s.SaveDraft))
		b.ReportMetric(saved, "saves/s")
		b.ReportMetric(saved/alone, "x-of-single")
		b.ReportMetric(0, "ns/op")
	})
}

// eachDurable runs a benchmark on both databases, where a commit costs what it costs.
func eachDurable(b *testing.B, benchmark func(b *testing.B, config store.Config, s *store.Store, f storetest.Fieldwork)) {
	run := func(b *testing.B, config store.Config) {
		s := storetest.Open(b, config)
		benchmark(b, config, s, storetest.OpenWave(b, s))
	}
	b.Run("SQLite", func(b *testing.B) { run(b, storetest.SQLite(b)) })
	b.Run("PostgreSQL", func(b *testing.B) {
		config := storetest.Postgres(b)
		storetest.Durable(b)
		run(b, config)
	})
}

// drafts begins a thousand drafts with answers.
func drafts(b *testing.B, s *store.Store, f storetest.Fieldwork) ([]auth.Hash, []survey.Draft) {
	changes, hashes := make([]store.DraftChange, 1000), make([]auth.Hash, 1000)
	for n := range changes {
		hashes[n] = auth.HashToken(auth.NewToken())
		changes[n] = store.DraftChange{Start: true, Resume: hashes[n], Draft: survey.Draft{WaveID: f.Wave.ID,
			OrganizationID: f.Organization.ID, Role: "manager", Language: "en", Answers: f.Answers(n)}}
	}
	outcomes, err := s.KeepDrafts(b.Context(), changes)
	begun := make([]survey.Draft, len(outcomes))
	for n, o := range outcomes {
		if err = errors.Join(err, o.Err); err != nil {
			b.Fatal(err)
		}
		begun[n] = o.Draft
	}
	return hashes, begun
}

// report ends an intake and says how full its batches were.
func report(b *testing.B, in *intake.Intake) {
	b.Helper()
	if err := in.Drain(context.Background()); err != nil {
		b.Fatal(err)
	}
	stats := in.Stats()
	rows := stats.Submissions.Rows + stats.Drafts.Rows + stats.Entrances.Rows
	batches := stats.Submissions.Batches + stats.Drafts.Batches + stats.Entrances.Batches
	b.ReportMetric(float64(rows)/float64(max(1, batches)), "rows/batch")
}

// bareInsert returns what adds one row as fast as the driver can.
func bareInsert(b *testing.B, config store.Config, f storetest.Fieldwork, table string, next func() survey.Submission) func(context.Context) error {
	const columns = "(wave_id, id, position, organization_id, role, language, closed, numbers, texts, weight, started_at, submitted_at, submission_key, submission_digest, submission_mark)"
	driver, address, values := "pgx", config.URL, "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)"
	if config.URL == "" {
		driver, values = "sqlite", "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
		address = "file:" + config.Path + "?_pragma=busy_timeout(60000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_time_format=sqlite&_timezone=UTC"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() }) // the benchmark is over
	db.SetMaxOpenConns(64)
	db.SetMaxIdleConns(64)
	if config.URL == "" {
		db.SetMaxOpenConns(1) // more than one only wait for each other
	}
	if table == "plain" {
		if _, err := db.Exec(strings.Replace(plainTable, "UUID", map[bool]string{true: "text", false: "uuid"}[config.URL == ""], -1)); err != nil {
			b.Fatal(err)
		}
	}
	insert, err := db.Prepare("INSERT INTO " + table + " " + columns + " VALUES " + values)
	if err != nil {
		b.Fatal(err)
	}
	position := atomic.Int64{}
	position.Store(1_000_000_000)
	return func(ctx context.Context) error {
		r := next()
		packed, err := survey.Pack(f.Instrument, r.Response.Answers)
		if err != nil {
			return err
		}
		_, err = insert.ExecContext(ctx, string(f.Wave.ID), string(store.NewResponseID()), position.Add(1), string(f.Organization.ID), "manager", "en",
			packed.Closed, packed.Numbers, packed.Texts, 1.0, r.Response.StartedAt, storetest.Now, r.Key, r.Digest[:], []byte(rand.Text()[:15]))
		return err
	}
}

// plainTable holds the same bytes with a key and one index and no checks.
const plainTable = `CREATE TABLE plain (wave_id UUID, id UUID PRIMARY KEY, position bigint, organization_id UUID, role text, language text,
	closed text, numbers text, texts text, weight double precision, started_at timestamp, submitted_at timestamp, submission_key text, submission_digest bytea, submission_mark bytea);
CREATE INDEX plain_by_organization ON plain (wave_id, organization_id)`

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
