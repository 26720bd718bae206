package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type exclusionRow struct {
	WaveID         string
	ResponseID     string
	OrganizationID string
	Reason         string
	Words          string
	ExcludedBy     string
	ExcludedAt     time.Time
	Late           int // 1: yes
}

func (exclusionRow) TableName() string { return "exclusions" }

func (r exclusionRow) exclusion() survey.Exclusion {
	return survey.Exclusion{WaveID: survey.WaveID(r.WaveID), ResponseID: survey.ResponseID(r.ResponseID), OrganizationID: survey.OrganizationID(r.OrganizationID),
		Reason: survey.ExclusionReason(r.Reason), Words: r.Words, By: r.ExcludedBy, At: r.ExcludedAt.UTC(), Late: r.Late == 1}
}

// mostExclusions bounds what one call changes: each has its entry in the audit log.
const mostExclusions = 10_000

// Exclude keeps responses of a wave out of its results, all or none; one that is
// excluded already gets the new reason. Each needs ResponseID and Reason, and Words
// where the reason is other. What is decided after the results of a wave of
// fieldwork were released is Late: it is in exports, and readers' figures stay.
// Invalid: no such reason, or too many. NotFound: no such wave or response.
func (s *Store) Exclude(ctx context.Context, by survey.Actor, wave survey.WaveID, exclusions []survey.Exclusion) ([]survey.Exclusion, error) {
	ids := make([]survey.ResponseID, len(exclusions))
	for i, e := range exclusions {
		if err := survey.CheckExclusion(e); err != nil {
			return nil, err
		}
		ids[i] = e.ResponseID
	}
	out := make([]survey.Exclusion, len(exclusions))
	err := s.review(ctx, wave, ids, func(tx *gorm.DB, at *reviewed) error {
		for i, e := range exclusions {
			row := exclusionRow{WaveID: string(wave), ResponseID: string(e.ResponseID), OrganizationID: at.organizations[e.ResponseID],
				Reason: string(e.Reason), Words: e.Words, ExcludedBy: by.Name, ExcludedAt: s.now(), Late: at.late}
			// What counts already, or does not, stays so: only the reason changes.
			update := clause.OnConflict{Columns: []clause.Column{{Name: "wave_id"}, {Name: "response_id"}},
				DoUpdates: clause.AssignmentColumns([]string{"reason", "words", "excluded_by", "excluded_at"})}
			if err := rowsOf[exclusionRow](tx, update).Create(ctx, &row); err != nil {
				return err
			}
			if err := s.record(ctx, tx, by, at.deed("exclusion.add", e.ResponseID, string(e.Reason))); err != nil {
				return err
			}
			out[i] = row.exclusion()
		}
		return nil
	})
	return out, err
}

// Readmit lets excluded responses of a wave count again, all or none; one that is
// not excluded is left as it is. NotFound: no such wave or response. Conflict: the
// results were released without it, so that its answers could be told from two looks.
func (s *Store) Readmit(ctx context.Context, by survey.Actor, wave survey.WaveID, responses []survey.ResponseID) error {
	return s.review(ctx, wave, responses, func(tx *gorm.DB, at *reviewed) error {
		for _, id := range responses {
			row, err := rowsOf[exclusionRow](tx).Where("wave_id = ? AND response_id = ?", string(wave), string(id)).Take(ctx)
			if survey.KindOf(translate(err)) == survey.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if at.late == 1 && row.Late == 0 {
				return survey.Errorf(survey.Conflict, "the results of this wave were released without response %s: whoever compares two looks could tell its answers; it stays excluded", id)
			}
			if _, err := rowsOf[exclusionRow](tx).Where("wave_id = ? AND response_id = ?", string(wave), string(id)).Delete(ctx); err != nil {
				return err
			}
			if err := s.record(ctx, tx, by, at.deed("exclusion.remove", id, row.Reason)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Exclusions lists what is excluded of a wave, the newest first.
func (s *Store) Exclusions(ctx context.Context, wave survey.WaveID) ([]survey.Exclusion, error) {
	if err := known("wave", wave); err != nil {
		return nil, err
	}
	return list(ctx, s, exclusionRow.exclusion, "excluded_at DESC, response_id", "wave_id = ?", string(wave))
}

// LeftOut are the responses of a wave that do not count in what readers see. With
// late, those that were excluded after its release are among them.
func (s *Store) LeftOut(ctx context.Context, wave survey.WaveID, late bool) (map[survey.UID]bool, error) {
	exclusions, err := s.Exclusions(ctx, wave)
	left := make(map[survey.UID]bool, len(exclusions))
	for _, e := range exclusions {
		if id, ok := survey.ParseUID(e.ResponseID); ok && (late || !e.Late) {
			left[id] = true
		}
	}
	return left, err
}

// reviewed is a wave that is held for a change of what counts.
type reviewed struct {
	wave          survey.Wave
	late          int // 1: results are released
	organizations map[survey.ResponseID]string
}

func (r *reviewed) deed(action string, response survey.ResponseID, detail string) Deed {
	return Deed{Action: action, Object: "response " + string(response) + " of wave " + r.wave.Key, Study: r.wave.StudyID, Detail: detail}
}

// review runs fn in a transaction that holds the row of the wave, and moves its
// revision on, so that every replica looks again.
func (s *Store) review(ctx context.Context, wave survey.WaveID, responses []survey.ResponseID, fn func(tx *gorm.DB, at *reviewed) error) error {
	if err := known("wave", wave); err != nil {
		return err
	}
	if len(responses) > mostExclusions {
		return survey.Errorf(survey.Invalid, "%d responses are too many for one change: at most %d", len(responses), mostExclusions)
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := revise(ctx, tx, wave); err != nil {
			return named(translate(err), "this wave does not exist")
		}
		row, err := rowsOf[waveRow](tx).Where("id = ?", string(wave)).Take(ctx)
		if err != nil {
			return err
		}
		study, err := rowsOf[studyRow](tx).Where("id = ?", row.StudyID).Take(ctx)
		if err != nil {
			return err
		}
		at := &reviewed{wave: row.wave(), organizations: make(map[survey.ResponseID]string, len(responses))}
		if survey.Origin(study.Origin) == survey.Fieldwork && at.wave.Released(s.now()) {
			at.late = 1
		}
		if err := at.find(ctx, tx, responses); err != nil {
			return err
		}
		return fn(tx, at)
	})
}

// revise says that what counts in the wave has changed, and holds its row.
func revise(ctx context.Context, tx *gorm.DB, wave survey.WaveID) error {
	changed, err := rowsOf[wavePositionRow](tx).Where("wave_id = ?", string(wave)).Update(ctx, "revision", gorm.Expr("revision + 1"))
	if err == nil && changed == 0 {
		return survey.Errorf(survey.NotFound, "this wave does not exist")
	}
	return err
}

// find looks up where the responses belong.
func (r *reviewed) find(ctx context.Context, tx *gorm.DB, responses []survey.ResponseID) error {
	for from := 0; from < len(responses); from += rowsPerInsert {
		ids := make([]string, 0, rowsPerInsert)
		for _, id := range responses[from:min(from+rowsPerInsert, len(responses))] {
			if err := known("response", id); err != nil {
				return err
			}
			ids = append(ids, string(id))
		}
		var rows []responseRow
		err := tx.WithContext(ctx).Select("id", "organization_id").Where("wave_id = ? AND id IN ?", string(r.wave.ID), ids).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, row := range rows {
			r.organizations[survey.ResponseID(row.ID)] = row.OrganizationID
		}
	}
	for _, id := range responses {
		if r.organizations[id] == "" {
			return survey.Errorf(survey.NotFound, "wave %s has no response %s", r.wave.Key, id)
		}
	}
	return nil
}

// HoldWave keeps the results of a wave from becoming final when it closes: they
// stay as they move while it is open, until ReleaseWave. Meanwhile its responses
// can be looked through. NotFound. Conflict: the results are released.
func (s *Store) HoldWave(ctx context.Context, by survey.Actor, wave survey.WaveID) (survey.Wave, error) {
	return s.moveRelease(ctx, by, wave, "wave.hold", func(w *survey.Wave) (string, error) {
		if w.Released(s.now()) {
			return "", survey.Errorf(survey.Conflict, "the results of wave %s are released already: whoever has seen them could compare", w.Key)
		}
		if w.HeldAt.IsZero() {
			w.HeldAt = s.now()
		}
		return "held_at", nil
	})
}

// ReleaseWave makes the results of a wave that is held final, without what is
// excluded. Again is safe. NotFound. Conflict: the wave has not closed yet, or is not held.
func (s *Store) ReleaseWave(ctx context.Context, by survey.Actor, wave survey.WaveID) (survey.Wave, error) {
	return s.moveRelease(ctx, by, wave, "wave.release", func(w *survey.Wave) (string, error) {
		switch now := s.now(); {
		case w.HeldAt.IsZero():
			return "", survey.Errorf(survey.Conflict, "wave %s is not held: its results become final when it closes", w.Key)
		case !w.Settled(now):
			return "", survey.Errorf(survey.Conflict, "wave %s still takes answers: its results are released when it has closed, and late ones are in", w.Key)
		case w.ReleasedAt.IsZero():
			w.ReleasedAt = now
		}
		return "released_at", nil
	})
}

func (s *Store) moveRelease(ctx context.Context, by survey.Actor, id survey.WaveID, action string, move func(*survey.Wave) (column string, err error)) (survey.Wave, error) {
	var wave survey.Wave
	err := s.review(ctx, id, nil, func(tx *gorm.DB, at *reviewed) error {
		column, err := move(&at.wave)
		if err != nil {
			return err
		}
		wave = at.wave
		moment := wave.HeldAt
		if column == "released_at" {
			moment = wave.ReleasedAt
		}
		if _, err := rowsOf[waveRow](tx).Where("id = ?", string(id)).Update(ctx, column, moment); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: action, Object: "wave " + wave.Key, Study: wave.StudyID})
	})
	s.places.forget()
	return wave, err
}
