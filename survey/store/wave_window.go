package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// CloseWave ends the wave now, if it is not over already, and returns it. When
// it returns, no further response can enter the wave but drafts that its rule for
// late answers lets in. NotFound; Conflict: the wave has not opened yet.
func (s *Store) CloseWave(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	return s.moveEnd(ctx, id, func(wave survey.Wave, now time.Time) (survey.WindowChange, error) {
		switch wave.State(now) {
		case survey.WavePlanned:
			return survey.WindowChange{}, survey.Errorf(survey.Conflict, "wave %q has not opened yet", wave.Key)
		case survey.WaveClosed:
			return survey.WindowChange{}, nil
		}
		return survey.WindowChange{Kind: survey.ClosedEarly, To: now}, nil
	})
}

// CloseWaveAt gives an open wave an end that is earlier than the one it has, and
// not before now; a zero moment is now. NotFound. Conflict: the wave is not open. Invalid: the moment is
// over, or no earlier than the end it has.
func (s *Store) CloseWaveAt(ctx context.Context, id survey.WaveID, at time.Time, reason string) (survey.Wave, error) {
	if err := checkReason(reason); err != nil {
		return survey.Wave{}, err
	}
	return s.moveEnd(ctx, id, func(wave survey.Wave, now time.Time) (survey.WindowChange, error) {
		at := stored(at)
		if at.IsZero() {
			at = now
		}
		change := survey.WindowChange{Kind: survey.ClosedEarly, To: at, Reason: reason}
		switch {
		case wave.State(now) == survey.WavePlanned:
			return change, survey.Errorf(survey.Conflict, "wave %q has not opened yet: change its window instead", wave.Key)
		case wave.State(now) == survey.WaveClosed:
			return change, survey.Errorf(survey.Conflict, "wave %q is closed already", wave.Key)
		case at.Before(now):
			return change, survey.Errorf(survey.Invalid, "wave %q can not end in the past: give a moment from now on", wave.Key)
		case !wave.ClosesAt.IsZero() && !at.Before(wave.ClosesAt):
			return change, survey.Errorf(survey.Invalid, "wave %q ends on %s already: to let it end later, extend it", wave.Key, wave.Tell(ctx, wave.ClosesAt))
		}
		return change, nil
	})
}

// ExtendWave moves the end of a wave to a later moment. A wave that has closed can
// be extended for a week while its results are not final, and an anonymous one not at
// all: what has been shown once could be subtracted from what is shown with the
// answers that come.
// NotFound. Conflict: the wave is not open, or has no end. Invalid: the moment is
// over or no later than the end it has.
func (s *Store) ExtendWave(ctx context.Context, id survey.WaveID, until time.Time, reason string) (survey.Wave, error) {
	if err := checkReason(reason); err != nil {
		return survey.Wave{}, err
	}
	until = stored(until)
	return s.moveEnd(ctx, id, func(wave survey.Wave, now time.Time) (survey.WindowChange, error) {
		change := survey.WindowChange{Kind: survey.Extended, To: until, Reason: reason}
		return change, mayExtend(ctx, wave, until, now)
	})
}

func mayExtend(ctx context.Context, wave survey.Wave, until, now time.Time) error {
	switch {
	case wave.State(now) == survey.WavePlanned:
		return survey.Errorf(survey.Conflict, "wave %q has not opened yet: change its window instead", wave.Key)
	case wave.ClosesAt.IsZero():
		return survey.Errorf(survey.Conflict, "wave %q has no end, so there is nothing to extend", wave.Key)
	case wave.State(now) == survey.WaveClosed && wave.Mode == survey.Anonymous:
		return survey.Errorf(survey.Conflict, "wave %q is anonymous and closed: its results may be known, and whoever answered later could be told from them; make a new wave", wave.Key)
	case wave.State(now) == survey.WaveClosed && wave.Released(now):
		return survey.Errorf(survey.Conflict, "wave %q is closed and its results are final: whoever answered now could be told from the difference to them; make a new wave, and hold the results of the next one before it closes if it may be extended", wave.Key)
	case !now.Before(wave.ClosesAt.Add(survey.ExtendWithin)):
		return survey.Errorf(survey.Conflict, "wave %q closed on %s, more than %d days ago: make a new wave", wave.Key, wave.Tell(ctx, wave.ClosesAt), survey.ExtendWithin/(24*time.Hour))
	case !until.After(now):
		return survey.Errorf(survey.Invalid, "wave %q can not be extended into the past: give a moment after now", wave.Key)
	case !until.After(wave.ClosesAt):
		return survey.Errorf(survey.Invalid, "wave %q ends on %s already: to let it end sooner, close it early", wave.Key, wave.Tell(ctx, wave.ClosesAt))
	}
	return nil
}

const longestReason = 500

func checkReason(reason string) error {
	if len(reason) > longestReason || !storable(reason) {
		return survey.Errorf(survey.Invalid, "the reason has more than %d characters, or some that can not be stored", longestReason)
	}
	return nil
}

// moveEnd is the one way in which the end of a sealed wave changes. decide says how,
// from the wave as it is while nobody else can change it; without a kind it stays.
func (s *Store) moveEnd(ctx context.Context, id survey.WaveID, decide func(wave survey.Wave, now time.Time) (survey.WindowChange, error)) (survey.Wave, error) {
	if err := known("wave", id); err != nil {
		return survey.Wave{}, err
	}
	var wave survey.Wave
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := holdWindow(ctx, tx, string(id)); err != nil {
			return err
		}
		row, err := rowsOf[waveRow](tx).Where("id = ?", string(id)).Take(ctx)
		if err != nil {
			return err
		}
		change, err := decide(row.wave(), s.now())
		if err != nil {
			return err
		}
		if change.Kind != "" {
			err = s.noteEnd(ctx, tx, &row, change)
		}
		wave = row.wave()
		return err
	})
	s.places.forget()
	return wave, named(err, "this wave does not exist")
}

// noteEnd moves the end and lists the move beside the seal.
func (s *Store) noteEnd(ctx context.Context, tx *gorm.DB, row *waveRow, change survey.WindowChange) error {
	n, err := rowsOf[windowChangeRow](tx).Where("wave_id = ?", row.ID).Count(ctx, "*")
	if err != nil {
		return err
	}
	note := windowChangeRow{WaveID: row.ID, N: int(n) + 1, Kind: string(change.Kind), ChangedAt: s.now(), EndedAt: row.ClosesAt, EndsAt: change.To, Reason: change.Reason}
	if err := rowsOf[windowChangeRow](tx).Create(ctx, &note); err != nil {
		return err
	}
	var told changes
	told.moment("closes", timeOf(row.ClosesAt), change.To)
	if change.Reason != "" {
		told.list = append(told.list, "reason "+inQuotes(change.Reason))
	}
	tell(ctx, told)
	row.ClosesAt = sql.NullTime{Time: change.To, Valid: true}
	row.LateUntil = optionalTime(row.wave().LateUntil())
	_, err = rowsOf[waveRow](tx).Where("id = ?", row.ID).Select("closes_at", "late_until").Updates(ctx, *row)
	return err
}
