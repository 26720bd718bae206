package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// clockDelay is how long after its moment an opening or close by the clock is written
// into the log: by then no transaction is under way any more that moves it.
const clockDelay = 20 * time.Second

// turnedByClock finds the waves that have opened or closed between two moments.
const turnedByClock = "((opens_at > ? AND opens_at <= ?) OR (closes_at > ? AND closes_at <= ?))"

// WavesToNote says whether a wave has opened or closed since the audit log was last told
// what came by the clock, without writing.
func (s *Store) WavesToNote(ctx context.Context) (bool, error) {
	head, err := take[auditHeadRow](ctx, s, "id = 1")
	if err != nil || !head.WavesUntil.Valid {
		return err == nil, err
	}
	since, until := head.WavesUntil.Time.UTC(), s.now().Add(-clockDelay)
	found, err := list(ctx, s, waveRow.wave, "key LIMIT 1", turnedByClock, since, until, since, until)
	return len(found) > 0, err
}

// NoteWaves writes into the audit log which waves have opened, with their seal, and which
// have closed, each once. What was before the first time is not told.
func (s *Store) NoteWaves(ctx context.Context, by survey.Actor) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		head, err := rowsOf[auditHeadRow](tx, clause.Locking{Strength: "UPDATE"}).Where("id = 1").Take(ctx)
		if err != nil {
			return err
		}
		until := s.now().Add(-clockDelay)
		since := timeOf(head.WavesUntil)
		if head.WavesUntil.Valid && since.Before(until) {
			if err := s.noteWaves(ctx, tx, by, since, until); err != nil {
				return err
			}
		}
		if since.Before(until) {
			_, err = rowsOf[auditHeadRow](tx).Where("id = 1").Update(ctx, "waves_until", until)
		}
		return err
	})
}

func (s *Store) noteWaves(ctx context.Context, tx *gorm.DB, by survey.Actor, since, until time.Time) error {
	rows, err := rowsOf[waveRow](tx).Where(turnedByClock, since, until, since, until).Order("opens_at, key").Find(ctx)
	if err != nil {
		return err
	}
	within := func(t time.Time) bool { return t.After(since) && !t.After(until) }
	for _, row := range rows {
		wave := row.wave()
		deed := Deed{Action: "wave.opened", Object: "wave " + wave.Key, Study: wave.StudyID, Detail: "at " + toldMoment(wave.OpensAt) + "; sealed as " + wave.Seal}
		if within(wave.OpensAt) {
			if err := s.record(ctx, tx, by, deed); err != nil {
				return err
			}
		}
		deed.Action, deed.Detail = "wave.closed", "at "+toldMoment(wave.ClosesAt)
		if !wave.ClosesAt.IsZero() && within(wave.ClosesAt) {
			if err := s.record(ctx, tx, by, deed); err != nil {
				return err
			}
		}
	}
	return nil
}
