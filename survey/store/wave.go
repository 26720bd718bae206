package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

type waveRow struct {
	ID             string
	StudyID        string
	Key            string
	Title          string
	InstrumentHash string
	CriteriaHash   sql.NullString
	OpensAt        time.Time
	ClosesAt       sql.NullTime
	MinimumGroup   int
	CreatedAt      time.Time
}

func (waveRow) TableName() string { return "waves" }

func (r waveRow) wave() survey.Wave {
	w := survey.Wave{ID: survey.WaveID(r.ID), StudyID: survey.StudyID(r.StudyID), Key: r.Key, Title: r.Title,
		InstrumentHash: r.InstrumentHash, CriteriaHash: r.CriteriaHash.String, OpensAt: r.OpensAt.UTC(),
		MinimumGroup: r.MinimumGroup, CreatedAt: r.CreatedAt.UTC()}
	if r.ClosesAt.Valid {
		w.ClosesAt = r.ClosesAt.Time.UTC()
	}
	return w
}

// wavePositionRow is held by whoever adds responses to the wave, or closes it.
type wavePositionRow struct {
	WaveID         string
	Position       int64
	WindowRevision int64
}

func (wavePositionRow) TableName() string { return "wave_positions" }

// waveFacts are what never changes about a wave.
type waveFacts struct {
	studyID    survey.StudyID
	instrument *survey.Instrument
}

// smallestMinimumGroup is the floor under which nobody's answers are safe.
const smallestMinimumGroup = 5

// PutWave adds the wave, or changes title, criteria, window and minimum group
// of the one that has the key, and returns it with its id. Invalid: something
// is missing or the window ends before it begins. Conflict: the wave exists with
// another study or instrument, which can not be changed.
func (s *Store) PutWave(ctx context.Context, wave survey.Wave) (survey.Wave, error) {
	if wave.MinimumGroup == 0 {
		wave.MinimumGroup = smallestMinimumGroup
	}
	if err := checkWave(wave); err != nil {
		return survey.Wave{}, err
	}
	row := waveRow{ID: newID(), StudyID: string(wave.StudyID), Key: wave.Key, Title: wave.Title,
		InstrumentHash: wave.InstrumentHash, CriteriaHash: optional(wave.CriteriaHash), OpensAt: stored(wave.OpensAt),
		ClosesAt:     sql.NullTime{Time: stored(wave.ClosesAt), Valid: !wave.ClosesAt.IsZero()},
		MinimumGroup: wave.MinimumGroup, CreatedAt: s.now()}
	err := s.write(ctx, func(tx *gorm.DB) error { return putWave(ctx, tx, &row) })
	s.places.forget()
	return row.wave(), err
}

func checkWave(wave survey.Wave) error {
	switch {
	case wave.MinimumGroup < smallestMinimumGroup:
		return survey.Errorf(survey.Invalid, "the smallest group of wave %q is %d, it must be at least %d", wave.Key, wave.MinimumGroup, smallestMinimumGroup)
	case !wave.ClosesAt.IsZero() && !wave.OpensAt.Before(wave.ClosesAt):
		return survey.Errorf(survey.Invalid, "wave %q closes before it opens", wave.Key)
	}
	return firstOf(required("the key of the wave", wave.Key), required("the title of the wave", wave.Title),
		known("study", wave.StudyID), required("the instrument of the wave", wave.InstrumentHash))
}

func putWave(ctx context.Context, tx *gorm.DB, row *waveRow) error {
	old, err := gorm.G[waveRow](tx).Where("key = ?", row.Key).Take(ctx)
	if survey.KindOf(translate(err)) == survey.NotFound {
		if err := gorm.G[waveRow](tx).Create(ctx, row); err != nil {
			return err
		}
		return gorm.G[wavePositionRow](tx).Create(ctx, &wavePositionRow{WaveID: row.ID})
	}
	if err != nil {
		return err
	}
	if old.StudyID != row.StudyID || old.InstrumentHash != row.InstrumentHash {
		return survey.Errorf(survey.Conflict, "wave %q exists with another study or instrument: give the new wave another key", row.Key)
	}
	if err := holdWindow(ctx, tx, old.ID); err != nil {
		return err
	}
	row.ID, row.CreatedAt = old.ID, old.CreatedAt
	_, err = gorm.G[waveRow](tx).Where("id = ?", old.ID).
		Select("title", "criteria_hash", "opens_at", "closes_at", "minimum_group").Updates(ctx, *row)
	return err
}

// holdWindow keeps every other transaction from adding responses to the wave, or
// from changing its window, until this one ends, and takes the ground from those
// that have looked at the window as it was.
func holdWindow(ctx context.Context, tx *gorm.DB, waveID string) error {
	changed, err := gorm.G[wavePositionRow](tx).Where("wave_id = ?", waveID).
		Update(ctx, "window_revision", gorm.Expr("window_revision + 1"))
	if err == nil && changed == 0 {
		return gorm.ErrRecordNotFound
	}
	return err
}

// WaveByKey finds a wave. NotFound.
func (s *Store) WaveByKey(ctx context.Context, key string) (survey.Wave, error) {
	row, err := take[waveRow](ctx, s, "key = ?", key)
	return row.wave(), named(err, "there is no wave %q", key)
}

// WaveByID finds a wave. NotFound.
func (s *Store) WaveByID(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	if err := known("wave", id); err != nil {
		return survey.Wave{}, err
	}
	row, err := take[waveRow](ctx, s, "id = ?", string(id))
	return row.wave(), named(err, "this wave does not exist")
}

// Waves lists the waves of a study, the oldest first.
func (s *Store) Waves(ctx context.Context, study survey.StudyID) ([]survey.Wave, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	return list(ctx, s, waveRow.wave, "opens_at, key", "study_id = ?", string(study))
}

// CloseWave ends the wave now, if it is not over already, and returns it. When
// it returns, no further response can enter the wave. NotFound; Conflict: the
// wave has not opened yet.
func (s *Store) CloseWave(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	if err := known("wave", id); err != nil {
		return survey.Wave{}, err
	}
	var wave survey.Wave
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := holdWindow(ctx, tx, string(id)); err != nil {
			return err
		}
		row, err := gorm.G[waveRow](tx).Where("id = ?", string(id)).Take(ctx)
		if err != nil {
			return err
		}
		now := s.now()
		switch row.wave().State(now) {
		case survey.WavePlanned:
			return survey.Errorf(survey.Conflict, "wave %q has not opened yet", row.Key)
		case survey.WaveOpen:
			row.ClosesAt = sql.NullTime{Time: now, Valid: true}
			if _, err := gorm.G[waveRow](tx).Where("id = ?", string(id)).Update(ctx, "closes_at", now); err != nil {
				return err
			}
		}
		wave = row.wave()
		return nil
	})
	s.places.forget()
	return wave, named(err, "this wave does not exist")
}

// facts returns what never changes about a wave, from memory after the first time.
func (s *Store) facts(ctx context.Context, id survey.WaveID) (waveFacts, error) {
	if facts, ok := s.waves.Load(id); ok {
		return facts.(waveFacts), nil
	}
	wave, err := s.WaveByID(ctx, id)
	if err != nil {
		return waveFacts{}, err
	}
	in, err := s.Instrument(ctx, wave.InstrumentHash)
	if err != nil {
		return waveFacts{}, err
	}
	facts := waveFacts{studyID: wave.StudyID, instrument: in}
	s.waves.Store(id, facts)
	return facts, nil
}
