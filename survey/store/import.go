package store

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"strconv"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// importRows is how many rows are written between two reports of progress.
const importRows = 500

// ImportedResponse is a response of a source written by others.
type ImportedResponse struct {
	Key      string // the source's name of the row, unique in the wave; empty: none
	Response *survey.Response
}

// ImportResponses adds the responses to the wave, all or none, whatever the
// window of the wave says, and returns how many there were. They are written as
// they come, in one transaction; progress (which may be nil) hears how many are
// written. The wave takes no submissions while it runs, and on SQLite nothing
// else writes.
//
// NotFound: no such wave. Invalid: a response does not fit; the sentence says
// which, counted from 1. Conflict: a key is there already. An error of
// the sequence ends the import and is returned as it is.
func (s *Store) ImportResponses(ctx context.Context, wave survey.WaveID, responses iter.Seq2[ImportedResponse, error], progress func(done int)) (int, error) {
	if _, err := s.facts(ctx, wave); err != nil {
		return 0, err
	}
	chunks := chunks[*responseRow]{progress: progress}
	err := s.write(ctx, func(tx *gorm.DB) error {
		held, err := rowsOf[wavePositionRow](tx, clause.Locking{Strength: "UPDATE"}).Where("wave_id = ?", string(wave)).Take(ctx)
		if err != nil {
			return err
		}
		chunks.flush = func(rows []*responseRow) error { return s.insertResponses(ctx, tx, rows) }
		for response, err := range responses {
			if err != nil {
				return sourceError{err}
			}
			row, err := s.importedRow(ctx, wave, response, held.Position+int64(chunks.count)+1)
			if err != nil {
				return survey.Errorf(survey.KindOf(err), "response %d: %w", chunks.count+1, err)
			}
			if err := chunks.add(row); err != nil {
				return err
			}
		}
		if err := chunks.end(); err != nil {
			return err
		}
		tell(ctx, changes{list: []string{strconv.Itoa(chunks.count) + " responses"}})
		_, err = rowsOf[wavePositionRow](tx).Where("wave_id = ?", string(wave)).Update(ctx, "position", held.Position+int64(chunks.count))
		return err
	})
	if survey.KindOf(err) == survey.Conflict {
		err = survey.Errorf(survey.Conflict, "a response of this source is in the wave already, or comes twice in the source: %w", err)
	}
	return chunks.done(err)
}

// importedRow turns a response into its row. It has no receipt: nobody
// submitted it here.
func (s *Store) importedRow(ctx context.Context, wave survey.WaveID, in ImportedResponse, position int64) (*responseRow, error) {
	r := *in.Response
	r.WaveID = wave
	if r.ID == "" {
		r.ID = NewResponseID()
	}
	if in.Key == "" {
		in.Key = string(r.ID)
	}
	p, err := s.Prepare(ctx, survey.Submission{Key: in.Key, Response: r})
	if err != nil {
		return nil, err
	}
	p.receipt = ""
	return p.row(position, nil, s.now()), nil
}

// insertResponses adds rows on either database.
func (s *Store) insertResponses(ctx context.Context, tx *gorm.DB, rows []*responseRow) error {
	if s.dialect == onPostgres {
		_, err := tx.Statement.ConnPool.ExecContext(ctx, insertPostgres, responseArrays(rows)...)
		return err
	}
	lite := &liteTx{liteStatements: s.lite, ctx: context.WithoutCancel(ctx), tx: tx.Statement.ConnPool.(*sql.Tx)}
	return lite.insert(rows)
}

type aggregateRow struct {
	WaveID         string
	OrganizationID string
	Measure        string
	Share          float64
	N              int
}

func (aggregateRow) TableName() string { return "aggregates" }

func (r aggregateRow) aggregate() survey.Aggregate {
	return survey.Aggregate{WaveID: survey.WaveID(r.WaveID), OrganizationID: survey.OrganizationID(r.OrganizationID),
		Measure: r.Measure, Share: r.Share, N: r.N}
}

type publishedRow struct {
	WaveID  string
	Measure string
	Share   float64
}

func (publishedRow) TableName() string { return "published_shares" }

// ImportAggregates adds aggregates to the wave, all or none, as ImportResponses
// does with responses. One without an organization belongs to the benchmark row
// that the source publishes itself. Conflict: an organization, or that row, has
// the measure already.
func (s *Store) ImportAggregates(ctx context.Context, wave survey.WaveID, aggregates iter.Seq2[survey.Aggregate, error], progress func(done int)) (int, error) {
	if _, err := s.facts(ctx, wave); err != nil {
		return 0, err
	}
	chunks := chunks[aggregateRow]{progress: progress}
	err := s.write(ctx, func(tx *gorm.DB) error {
		var published []publishedRow
		chunks.flush = func(rows []aggregateRow) error {
			return rowsOf[aggregateRow](tx).CreateInBatches(ctx, &rows, importRows)
		}
		for a, err := range aggregates {
			if err != nil {
				return sourceError{err}
			}
			if err := s.checkAggregate(ctx, wave, a); err != nil {
				return survey.Errorf(survey.KindOf(err), "aggregate %d: %w", chunks.count+1, err)
			}
			if a.OrganizationID == "" {
				published = append(published, publishedRow{WaveID: string(wave), Measure: a.Measure, Share: a.Share})
				continue
			}
			row := aggregateRow{WaveID: string(wave), OrganizationID: string(a.OrganizationID), Measure: a.Measure, Share: a.Share, N: a.N}
			if err := chunks.add(row); err != nil {
				return err
			}
		}
		if len(published) > 0 {
			if err := rowsOf[publishedRow](tx).CreateInBatches(ctx, &published, importRows); err != nil {
				return err
			}
		}
		tell(ctx, changes{list: []string{strconv.Itoa(chunks.count) + " shares of organizations"}})
		return chunks.end()
	})
	if survey.KindOf(err) == survey.Conflict {
		err = survey.Errorf(survey.Conflict, "an organization has the measure in this wave already, or twice in the source: %w", err)
	}
	return chunks.done(err)
}

func (s *Store) checkAggregate(ctx context.Context, wave survey.WaveID, a survey.Aggregate) error {
	switch {
	case math.IsNaN(a.Share) || a.Share < 0 || a.Share > 1:
		return survey.Errorf(survey.Invalid, "the share of %q is %v, it must lie between 0 and 1", a.Measure, a.Share)
	case a.N < 0:
		return survey.Errorf(survey.Invalid, "the count of %q is %d", a.Measure, a.N)
	case !storable(a.Measure):
		return survey.Errorf(survey.Invalid, "the measure has characters that can not be stored")
	}
	if a.OrganizationID == "" {
		return required("the measure", a.Measure)
	}
	return firstOf(required("the measure", a.Measure), s.checkPlace(ctx, wave, a.OrganizationID))
}

// PublishedShares returns the benchmark row that the source of a wave's
// aggregates publishes itself, by measure; empty where it has none.
func (s *Store) PublishedShares(ctx context.Context, wave survey.WaveID) (map[string]float64, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	rows, err := list(ctx, s, func(r publishedRow) publishedRow { return r }, "measure", "wave_id = ?", string(wave))
	if err != nil {
		return nil, err
	}
	shares := make(map[string]float64, len(rows))
	for _, r := range rows {
		shares[r.Measure] = r.Share
	}
	return shares, nil
}

// Aggregates lists the aggregates of a wave by organization and measure.
func (s *Store) Aggregates(ctx context.Context, wave survey.WaveID) ([]survey.Aggregate, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	return list(ctx, s, aggregateRow.aggregate, "organization_id, measure", "wave_id = ?", string(wave))
}

// chunks gathers rows and writes them some hundred at a time.
type chunks[R any] struct {
	flush    func([]R) error
	progress func(done int)
	pending  []R
	count    int
}

func (c *chunks[R]) add(row R) error {
	c.pending = append(c.pending, row)
	c.count++
	if len(c.pending) < importRows {
		return nil
	}
	return c.end()
}

// end writes what is pending.
func (c *chunks[R]) end() error {
	if len(c.pending) == 0 {
		return nil
	}
	if err := c.flush(c.pending); err != nil {
		return err
	}
	c.pending = c.pending[:0]
	if c.progress != nil {
		c.progress(c.count)
	}
	return nil
}

// done is the result of an import: a count only if everything is kept.
func (c *chunks[R]) done(err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return c.count, nil
}

// sourceError carries an error of the caller's own through a transaction;
// translate takes it out again as it was.
type sourceError struct{ error }
