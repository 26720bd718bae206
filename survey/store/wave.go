package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"
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
	Mode           string
	OpensAt        time.Time
	ClosesAt       sql.NullTime
	LateHours      int
	LateUntil      sql.NullTime
	MinimumGroup   int
	SealHash       string
	CreatedAt      time.Time
	HeldAt         sql.NullTime
	ReleasedAt     sql.NullTime
	Zone           string
}

func (waveRow) TableName() string { return "waves" }

func (r waveRow) wave() survey.Wave {
	w := survey.Wave{ID: survey.WaveID(r.ID), StudyID: survey.StudyID(r.StudyID), Key: r.Key, Title: r.Title,
		InstrumentHash: r.InstrumentHash, CriteriaHash: r.CriteriaHash.String, Mode: survey.Mode(r.Mode), OpensAt: r.OpensAt.UTC(),
		LateHours: r.LateHours, MinimumGroup: r.MinimumGroup, Zone: r.Zone, Seal: r.SealHash, CreatedAt: r.CreatedAt.UTC()}
	if r.ClosesAt.Valid {
		w.ClosesAt = r.ClosesAt.Time.UTC()
	}
	if r.HeldAt.Valid {
		w.HeldAt = r.HeldAt.Time.UTC()
	}
	if r.ReleasedAt.Valid {
		w.ReleasedAt = r.ReleasedAt.Time.UTC()
	}
	return w
}

// wavePositionRow is held by whoever adds responses to the wave, or closes it.
type wavePositionRow struct {
	WaveID         string
	Position       int64
	WindowRevision int64
	Removed        int64 // responses that were erased: positions are not given again
	Revision       int64 // grows with each change of what counts: exclusions, erasures
}

func (wavePositionRow) TableName() string { return "wave_positions" }

// waveFacts are what never changes about a wave once it is open. While it is
// planned they are believed for a moment only.
type waveFacts struct {
	studyID    survey.StudyID
	instrument *survey.Instrument
	mode       survey.Mode
	planned    bool
	read       time.Time
}

func newWaveRow(wave survey.Wave, now time.Time) waveRow {
	return waveRow{ID: newID(), StudyID: string(wave.StudyID), Key: wave.Key, Title: wave.Title, InstrumentHash: wave.InstrumentHash,
		CriteriaHash: optional(wave.CriteriaHash), Mode: string(cmp.Or(wave.Mode, survey.Confidential)), OpensAt: stored(wave.OpensAt),
		ClosesAt: optionalTime(wave.ClosesAt), LateHours: wave.LateHours, LateUntil: optionalTime(wave.LateUntil()),
		MinimumGroup: wave.MinimumGroup, Zone: wave.Zone, CreatedAt: now}
}

// optionalTime is the stored form of a moment that may be absent.
func optionalTime(t time.Time) sql.NullTime {
	return sql.NullTime{Time: stored(t), Valid: !t.IsZero()}
}

// PutWave adds the wave, or changes the planned one that has the key, and returns
// it with its id and seal. Without a minimum group it gets the smallest allowed.
// Once the wave has opened only its title changes: everything else is sealed.
//
// Invalid: settings that can not be. Conflict: a wave of this key exists in another
// study, is open or over and would change, or has responses to other questions.
func (s *Store) PutWave(ctx context.Context, wave survey.Wave) (survey.Wave, error) {
	if wave.MinimumGroup == 0 {
		wave.MinimumGroup = survey.SmallestMinimumGroup
	}
	if err := checkWave(wave); err != nil {
		return survey.Wave{}, err
	}
	row := newWaveRow(wave, s.now())
	err := s.write(ctx, func(tx *gorm.DB) error { return s.putWave(ctx, tx, &row) })
	s.places.forget()
	if err == nil {
		s.waves.Delete(survey.WaveID(row.ID))
	}
	return row.wave(), err
}

func checkWave(wave survey.Wave) error {
	return firstOf(wave.Check(), required("the key of the wave", wave.Key), required("the title of the wave", wave.Title),
		known("study", wave.StudyID), required("the instrument of the wave", wave.InstrumentHash))
}

func (s *Store) putWave(ctx context.Context, tx *gorm.DB, row *waveRow) error {
	old, err := rowsOf[waveRow](tx).Where("key = ?", row.Key).Take(ctx)
	if survey.KindOf(translate(err)) == survey.NotFound {
		err := addWave(ctx, tx, row)
		tell(ctx, waveRow{}.changed(*row))
		return err
	}
	if err != nil {
		return err
	}
	if old.StudyID != row.StudyID {
		return survey.Errorf(survey.Conflict, "wave %q exists in another study: give the new wave another key", row.Key)
	}
	if err := holdWindow(ctx, tx, old.ID); err != nil {
		return err
	}
	row.ID, row.CreatedAt, row.HeldAt, row.Zone = old.ID, old.CreatedAt, old.HeldAt, cmp.Or(row.Zone, old.Zone)
	if old.wave().State(s.now()) != survey.WavePlanned {
		return retitleWave(ctx, tx, old, row)
	}
	if err := s.mayReplan(ctx, tx, old, row); err != nil {
		return err
	}
	if err := breakSeal(ctx, tx, old.ID); err != nil {
		return err
	}
	_, err = rowsOf[waveRow](tx).Where("id = ?", old.ID).Select("title", "instrument_hash", "criteria_hash", "mode", "opens_at", "closes_at",
		"late_hours", "late_until", "minimum_group", "zone").Updates(ctx, *row)
	if err != nil {
		return err
	}
	err = sealWave(ctx, tx, row)
	tell(ctx, old.changed(*row))
	return err
}

func addWave(ctx context.Context, tx *gorm.DB, row *waveRow) error {
	row.Zone = cmp.Or(row.Zone, "UTC")
	if err := rowsOf[waveRow](tx).Create(ctx, row); err != nil {
		return err
	}
	if err := rowsOf[wavePositionRow](tx).Create(ctx, &wavePositionRow{WaveID: row.ID}); err != nil {
		return err
	}
	return sealWave(ctx, tx, row)
}

// retitleWave changes the one thing that is not sealed.
func retitleWave(ctx context.Context, tx *gorm.DB, old waveRow, row *waveRow) error {
	if changed := old.wave().Changed(row.wave()); len(changed) > 0 {
		return survey.Errorf(survey.Conflict, "wave %q has opened, so what defines it is sealed; this would change %s", old.Key, inWords(changed))
	}
	title := row.Title
	*row = old
	row.Title = title
	tell(ctx, old.changed(*row))
	_, err := rowsOf[waveRow](tx).Where("id = ?", old.ID).Update(ctx, "title", title)
	return err
}

// changed are what a wave becomes, for the audit log. The seal stands there as well:
// it can be compared with that on the pages of respondents.
func (r waveRow) changed(now waveRow) changes {
	c := changes{made: r.ID == ""}
	old, wave := r.wave(), now.wave()
	c.text("title", old.Title, wave.Title)
	c.value("questionnaire", old.InstrumentHash, wave.InstrumentHash)
	c.value("criteria", old.CriteriaHash, wave.CriteriaHash)
	c.value("mode", string(old.Mode), string(wave.Mode))
	c.moment("opens", old.OpensAt, wave.OpensAt)
	c.moment("closes", old.ClosesAt, wave.ClosesAt)
	c.number("hours for late answers", old.LateHours, wave.LateHours)
	c.number("smallest group", old.MinimumGroup, wave.MinimumGroup)
	c.value("time zone", old.Zone, wave.Zone)
	c.value("seal", old.Seal, wave.Seal)
	return c
}

// mayReplan refuses to give a planned wave other questions, or another mode, than
// the responses that were imported into it have.
func (s *Store) mayReplan(ctx context.Context, tx *gorm.DB, old waveRow, row *waveRow) error {
	if old.InstrumentHash == row.InstrumentHash && old.Mode == row.Mode {
		return nil
	}
	held, err := rowsOf[wavePositionRow](tx).Where("wave_id = ?", old.ID).Take(ctx)
	if err == nil && held.Position > 0 {
		return survey.Errorf(survey.Conflict, "wave %q has responses, so its questionnaire and its mode stay: give the new wave another key", row.Key)
	}
	return err
}

// inWords joins names as a sentence does.
func inWords(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// holdWindow keeps every other transaction from adding responses to the wave, or
// from changing its window, until this one ends, and takes the ground from those
// that have looked at the window as it was.
func holdWindow(ctx context.Context, tx *gorm.DB, waveID string) error {
	changed, err := rowsOf[wavePositionRow](tx).Where("wave_id = ?", waveID).
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

// facts returns what never changes about a wave, from memory after the first time.
func (s *Store) facts(ctx context.Context, id survey.WaveID) (waveFacts, error) {
	if known, ok := s.waves.Load(id); ok {
		if facts := known.(waveFacts); !facts.planned || fresh(facts.read) {
			return facts, nil
		}
	}
	return together(ctx, &s.reads, "facts "+string(id), func(ctx context.Context) (waveFacts, error) { return s.readFacts(ctx, id) })
}

func (s *Store) readFacts(ctx context.Context, id survey.WaveID) (waveFacts, error) {
	facts := waveFacts{read: time.Now()}
	wave, err := s.WaveByID(ctx, id)
	if err != nil {
		return waveFacts{}, err
	}
	in, err := s.Instrument(ctx, wave.InstrumentHash)
	if err != nil {
		return waveFacts{}, err
	}
	facts.studyID, facts.instrument, facts.mode, facts.planned = wave.StudyID, in, wave.Mode, wave.State(s.now()) == survey.WavePlanned
	s.waves.Store(id, facts)
	return facts, nil
}

// answersShown refuses to read the answers of an anonymous wave before it is over.
// Forbidden.
func (s *Store) answersShown(ctx context.Context, id survey.WaveID, facts waveFacts) error {
	if facts.mode != survey.Anonymous {
		return nil
	}
	wave, err := s.WaveByID(ctx, id)
	if err != nil {
		return err
	}
	return wave.AnswersShown(ctx, s.now())
}
