package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// fill reads the responses of a wave into a panel in their packed form.
func fill(t testing.TB, s *store.Store, wave survey.WaveID, p *panel.Panel, after int64) int64 {
	t.Helper()
	last, err := store.StreamPacked(t.Context(), s, wave, after, store.PackedSink[*panel.Batch]{
		NewReader: func() store.PackedReader[*panel.Batch] { return p.NewDecoder() },
		Take: func(b *panel.Batch, _ int64) error {
			_, err := p.AddBatch(b)
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func newPanel(t testing.TB, f storetest.Fieldwork) *panel.Panel {
	t.Helper()
	p, err := panel.New(f.Instrument)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sameResponses compares two panels answer by answer.
func sameResponses(t *testing.T, a, b *panel.Snapshot) {
	t.Helper()
	if a.Edition() != b.Edition() || a.Len() != b.Len() {
		t.Fatalf("editions %s and %s", a.Edition(), b.Edition())
	}
	for o := range a.Organizations() {
		if a.Organizations()[o] != b.Organizations()[o] || a.Counts(o).Responses != b.Counts(o).Responses {
			t.Fatalf("organization %d: %s with %d, %s with %d", o, a.Organizations()[o], a.Counts(o).Responses, b.Organizations()[o], b.Counts(o).Responses)
		}
	}
	for row := range int32(a.Len()) {
		if a.Teams()[a.TeamOf(row)] != b.Teams()[b.TeamOf(row)] || a.Roles()[a.RoleOf(row)] != b.Roles()[b.RoleOf(row)] ||
			a.Languages()[a.LanguageOf(row)] != b.Languages()[b.LanguageOf(row)] || a.WeightOf(row) != b.WeightOf(row) {
			t.Fatalf("row %d: attributes differ", row)
		}
		for section := range a.Instrument().Sections {
			if a.SecondsOf(section, row) != b.SecondsOf(section, row) {
				t.Fatalf("row %d, section %d: %v and %v seconds", row, section, a.SecondsOf(section, row), b.SecondsOf(section, row))
			}
		}
		for i, f := range a.Instrument().Fields() {
			if f.Closed() {
				x, xs := a.Code(i, int(row))
				if y, ys := b.Code(i, int(row)); x != y || xs != ys {
					t.Fatalf("row %d, %s: %d %s and %d %s", row, f.Key, x, xs, y, ys)
				}
				continue
			}
			x, xs := a.Number(i, int(row))
			if y, ys := b.Number(i, int(row)); x != y || xs != ys {
				t.Fatalf("row %d, %s: %v %s and %v %s", row, f.Key, x, xs, y, ys)
			}
		}
	}
}

// varied is a source with all that a row can have.
func varied(f storetest.Fieldwork, n int, team survey.TeamID) iter.Seq2[store.ImportedResponse, error] {
	return func(yield func(store.ImportedResponse, error) bool) {
		i := 0
		for row, err := range source(f, n, nil) {
			r := row.Response
			r.SubmittedAt = storetest.Now.Add(time.Duration(i) * 1234 * time.Microsecond)
			switch i++; i % 7 {
			case 1:
				r.Weight = 1.0 / 3
			case 2:
				r.Seconds = []float32{12.25, 3.4028235e38, 0.1}
			case 3:
				r.TeamID = team
			case 4:
				r.Answers = f.Instrument.NewAnswers()
			case 5:
				for k := range r.Answers {
					r.Answers[k] = survey.Answer{State: survey.State(1 + k%4)}
				}
			case 6:
				for _, k := range f.Instrument.NumberFields() {
					r.Answers[k].Number = []float64{0.1, -1e-300, 123456789012345680, 1e21, -0.5, 99.99}[(i+k)%6]
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func TestAPanelFilledFromPackedRowsIsTheOneFilledFromAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), f.Organization.ID, []string{"North"}))[0]
		must[int](t)(s.ImportResponses(t.Context(), f.Wave.ID, varied(f, 9000, team.ID), nil))
		slow, quick := newPanel(t, f), newPanel(t, f)
		err := s.EachResponse(t.Context(), f.Wave.ID, func(r *survey.Response) error {
			_, err := slow.Add([]survey.Response{*r})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if last := fill(t, s, f.Wave.ID, quick, 0); last != 9000 {
			t.Errorf("stopped at position %d", last)
		}
		sameResponses(t, slow.Snapshot(), quick.Snapshot())
	})
}

// Where rows lie in the file is no promise: a restored or mended database may have
// them in any order, and other waves' between them.
func TestRowsStreamInTheOrderOfPositionsWhereverTheyLieInTheFile(t *testing.T) {
	for name, places := range map[string]string{
		"backwards":       "UPDATE responses SET rowid = 100000 - position",
		"far apart":       "UPDATE responses SET rowid = 1000000 * position",
		"two exchanged":   "UPDATE responses SET rowid = CASE position WHEN 500 THEN 700000 ELSE 600000 END WHERE position IN (500, 501)",
		"one taken away":  "UPDATE responses SET rowid = 700000 WHERE position = 700",
		"every other one": "UPDATE responses SET rowid = 2 * position + 50000",
		"as they came":    "UPDATE responses SET rowid = rowid + 70000",
	} {
		t.Run(name, func(t *testing.T) {
			config := storetest.SQLite(t)
			s := storetest.Open(t, config)
			f, other := storetest.OpenWave(t, s), storetest.OpenWave(t, s)
			for n := range 12 {
				for _, wave := range []storetest.Fieldwork{f, other} {
					batch := make([]survey.Submission, 100)
					for i := range batch {
						batch[i] = wave.Submission(100*n + i)
					}
					must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch))
				}
			}
			before, after := newPanel(t, f), newPanel(t, f)
			fill(t, s, f.Wave.ID, before, 0)
			for _, statement := range []string{"UPDATE responses SET rowid = -rowid WHERE wave_id <> '" + string(f.Wave.ID) + "'", places + clauseFor(places, f.Wave.ID)} {
				if _, err := open(t, config).Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			fill(t, s, f.Wave.ID, after, 0)
			if after.Snapshot().Len() != 1200 {
				t.Errorf("%d responses", after.Snapshot().Len())
			}
			sameResponses(t, before.Snapshot(), after.Snapshot())
		})
	}
}

// clauseFor keeps a change of rows to those of a wave.
func clauseFor(statement string, wave survey.WaveID) string {
	word := " WHERE "
	if strings.Contains(statement, " WHERE ") {
		word = " AND "
	}
	return word + "wave_id = '" + string(wave) + "'"
}

func TestTheStreamGoesOnFromAPosition(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		p := newPanel(t, f)
		last := int64(0)
		for n := range 3 {
			must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(2 * n), f.Submission(2*n + 1)}))
			if last = fill(t, s, f.Wave.ID, p, last); last != int64(2*n+2) || p.Snapshot().Len() != 2*n+2 {
				t.Errorf("position %d, %d responses after %d submissions", last, p.Snapshot().Len(), 2*n+2)
			}
		}
		if again := fill(t, s, f.Wave.ID, p, last); again != last {
			t.Errorf("nothing new moved the position from %d to %d", last, again)
		}
	})
}

func TestASinkThatRefusesEndsTheStream(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		must[int](t)(s.ImportResponses(t.Context(), f.Wave.ID, source(f, 5000, nil), nil))
		enough := errors.New("enough")
		p := newPanel(t, f)
		sink := store.PackedSink[*panel.Batch]{
			NewReader: func() store.PackedReader[*panel.Batch] { return p.NewDecoder() },
			Take:      func(*panel.Batch, int64) error { return enough },
		}
		if last, err := store.StreamPacked(t.Context(), s, f.Wave.ID, 0, sink); last != 0 || err != enough {
			t.Errorf("position %d, %v", last, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		sink.Take = func(*panel.Batch, int64) error { cancel(); return nil }
		if last, err := store.StreamPacked(ctx, s, f.Wave.ID, 0, sink); last == 5000 || err == nil {
			t.Errorf("a stream that was called off came to position %d, %v", last, err)
		}
		if _, err := store.StreamPacked(t.Context(), s, survey.WaveID(store.NewResponseID()), 0, sink); survey.KindOf(err) != survey.NotFound {
			t.Errorf("a wave that does not exist: %v", err)
		}
	})
}

// BenchmarkColdStart fills a panel from a database: 20,000 responses of the
// built-in questionnaire, or as many as SALESBENCH_ROWS says.
func BenchmarkColdStart(b *testing.B) {
	rows := 20_000
	if text := os.Getenv("SALESBENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	for name, config := range map[string]func(testing.TB) store.Config{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, config(b))
			f := storetest.OpenWave(b, s)
			fillWave(b, s, f, rows)
			b.ResetTimer()
			for b.Loop() {
				p := newPanel(b, f)
				err := p.Fill(func() error { fill(b, s, f.Wave.ID, p, 0); return nil })
				if err != nil || p.Snapshot().Len() != rows {
					b.Fatalf("%d responses, %v", p.Snapshot().Len(), err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
		})
	}
}

// fillWave imports responses of a hundred people per organization, one in ten
// with words of their own.
func fillWave(b *testing.B, s *store.Store, f storetest.Fieldwork, rows int) {
	b.Helper()
	organizations := make([]survey.OrganizationID, max(1, rows/100))
	for i := range organizations {
		o, err := s.PutOrganization(b.Context(), survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("o%d", i), Name: fmt.Sprintf("Organization %d", i)})
		if err != nil {
			b.Fatal(err)
		}
		organizations[i] = o.ID
	}
	random := rand.New(rand.NewPCG(1, 2))
	responses := func(yield func(store.ImportedResponse, error) bool) {
		for i := range rows {
			answers := f.Answers(i)
			for k, field := range f.Instrument.Fields() {
				switch {
				case field.Closed():
					answers[k].Code = 1 + random.IntN(field.Points)
				case field.Kind == survey.LongText && i%10 > 0:
					answers[k] = survey.Answer{State: survey.Skipped}
				}
			}
			r := f.Submission(i).Response
			r.ID, r.Answers, r.OrganizationID = "", answers, organizations[random.IntN(len(organizations))]
			r.Seconds = []float32{31.5, 40.25, 28, 61, 55.5, 47, 39.75, 80, 22, 64, 19.5}
			if !yield(store.ImportedResponse{Response: &r}, nil) {
				return
			}
		}
	}
	if _, err := s.ImportResponses(b.Context(), f.Wave.ID, responses, nil); err != nil {
		b.Fatal(err)
	}
}
