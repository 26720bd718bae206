package store

import (
	"context"
	"runtime"

	"github.com/salesbench/salesbench/survey"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
)

// PackedReader takes stored responses on one goroutine, and hands over what it
// has made of them since the last time.
type PackedReader[B any] interface {
	Append(response *survey.PackedResponse) error
	Cut() B
}

// PackedSink is where StreamPacked brings responses.
type PackedSink[B any] struct {
	// NewReader is called once for each of several readers, which work at the
	// same time, each on a part of the positions.
	NewReader func() PackedReader[B]
	// Take gets what the readers made, one at a time, in the order of positions;
	// last is the position up to which everything has come now.
	Take func(made B, last int64) error
}

// segmentRows is how many responses are read by one statement.
const segmentRows = 4096

// StreamPacked hands the responses of a wave after a position to a sink in their
// packed form, as they are when it begins: the quick way into a panel, on all
// cores. It returns the position up to which the sink has taken everything. An
// error of the sink ends it and is returned as it is. NotFound: no such wave.
// Forbidden: the wave is anonymous and not over.
func StreamPacked[B any](ctx context.Context, s *Store, wave survey.WaveID, after int64, sink PackedSink[B]) (int64, error) {
	edition, err := s.CountResponses(ctx, wave)
	if err != nil {
		return after, err
	}
	facts, err := s.facts(ctx, wave)
	if err == nil {
		err = s.answersShown(ctx, wave, facts)
	}
	if err != nil {
		return after, err
	}
	st := &stream[B]{store: s, wave: wave, sink: sink, jobs: make(chan *segment[B]), order: make(chan *segment[B], 2*readers())}
	group, ctx := errgroup.WithContext(ctx)
	segments := (edition.Position - after + segmentRows - 1) / segmentRows
	for range min(int64(readers()), segments) {
		group.Go(func() error { return st.read(ctx) })
	}
	group.Go(func() error { return st.cut(ctx, after, edition.Position) })
	position := after
	group.Go(func() error { return st.take(ctx, &position) })
	err = group.Wait()
	return position, err
}

// readers is how many segments are read at the same time.
func readers() int { return min(runtime.GOMAXPROCS(0), 4) }

// segment is a part of the positions of a wave on its way from the one who cuts
// them over a reader to the one who takes them.
type segment[B any] struct {
	from, to int64 // from is not part of it
	made     chan B
}

type stream[B any] struct {
	store *Store
	wave  survey.WaveID
	sink  PackedSink[B]
	jobs  chan *segment[B]
	order chan *segment[B] // holds the readers back when the sink is slower
}

func (st *stream[B]) cut(ctx context.Context, after, last int64) error {
	defer close(st.jobs)
	defer close(st.order)
	for from := after; from < last; from += segmentRows {
		part := &segment[B]{from: from, to: min(from+segmentRows, last), made: make(chan B, 1)}
		for _, to := range []chan *segment[B]{st.order, st.jobs} {
			select {
			case to <- part:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

func (st *stream[B]) read(ctx context.Context) error {
	reader := st.sink.NewReader()
	for part := range st.jobs {
		var refused error
		take := func(r *survey.PackedResponse) error {
			refused = reader.Append(r)
			return refused
		}
		err := st.store.read(ctx, func(db *gorm.DB) error {
			reader.Cut() // what an attempt over a dead connection has left
			return st.store.packedBetween(ctx, db, &packedRange{st.wave, part.from, part.to}, take)
		})
		if refused != nil {
			return refused
		}
		if err != nil {
			return err
		}
		part.made <- reader.Cut()
	}
	return nil
}

func (st *stream[B]) take(ctx context.Context, position *int64) error {
	for part := range st.order {
		if err := ctx.Err(); err != nil {
			return err // both of the cases below may be ready
		}
		select {
		case made := <-part.made:
			if err := st.sink.Take(made, part.to); err != nil {
				return err
			}
			*position = part.to
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// packedRange is a part of the responses of a wave.
type packedRange struct {
	wave     survey.WaveID
	from, to int64 // positions; from is not part of it
}

func (s *Store) packedBetween(ctx context.Context, db *gorm.DB, part *packedRange, take func(*survey.PackedResponse) error) error {
	if s.dialect == onPostgres {
		return packedPostgres(ctx, db, part, take)
	}
	return packedSQLite(ctx, db, part, take)
}

func unreadable(what string) error {
	return survey.Errorf(survey.Internal, "responses in the database can not be read: %s", what)
}
