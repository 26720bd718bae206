package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// sealRow repeats what defines a wave. Its foreign key over all of it keeps the
// database from changing the wave while the seal is there.
type sealRow struct {
	WaveID   string
	Hash     string
	OpensAt  time.Time
	Terms    string
	Document string
}

func (sealRow) TableName() string { return "wave_seals" }

type targetRow struct {
	WaveID    string
	Scope     string
	Reference string
	People    int
}

func (targetRow) TableName() string { return "wave_targets" }

// The scopes of a target.
const (
	wholeWave      = "wave"
	byOrganization = "organization"
	byTeam         = "team"
	byRole         = "role"
)

func newTargetRow(wave string, t survey.Target) targetRow {
	row := targetRow{WaveID: wave, Scope: wholeWave, People: t.People}
	switch {
	case t.OrganizationID != "":
		row.Scope, row.Reference = byOrganization, string(t.OrganizationID)
	case t.TeamID != "":
		row.Scope, row.Reference = byTeam, string(t.TeamID)
	case t.Role != "":
		row.Scope, row.Reference = byRole, t.Role
	}
	return row
}

func (r targetRow) target() survey.Target {
	t := survey.Target{People: r.People}
	switch r.Scope {
	case byOrganization:
		t.OrganizationID = survey.OrganizationID(r.Reference)
	case byTeam:
		t.TeamID = survey.TeamID(r.Reference)
	case byRole:
		t.Role = r.Reference
	}
	return t
}

// sealWave puts the seal on a wave that has none, and its hash into the row.
func sealWave(ctx context.Context, tx *gorm.DB, row *waveRow) error {
	targets, err := rowsOf[targetRow](tx).Where("wave_id = ?", row.ID).Find(ctx)
	if err != nil {
		return err
	}
	study, err := rowsOf[studyRow](tx).Where("id = ?", row.StudyID).Take(ctx)
	if err != nil {
		return err
	}
	terms := survey.TermsOf(row.wave(), study.study(), targetsOf(targets))
	row.SealHash = terms.Hash()
	if _, err := rowsOf[waveRow](tx).Where("id = ?", row.ID).Update(ctx, "seal_hash", row.SealHash); err != nil {
		return err
	}
	// What the foreign key compares is taken from the row itself.
	return tx.WithContext(ctx).Exec(`INSERT INTO wave_seals (wave_id, hash, opens_at, terms, document)
SELECT id, seal_hash, opens_at, terms, ? FROM waves WHERE id = ?`, string(terms.Canonical()), row.ID).Error
}

// breakSeal takes the seal of a planned wave away, so that its settings can change.
func breakSeal(ctx context.Context, tx *gorm.DB, wave string) error {
	_, err := rowsOf[sealRow](tx).Where("wave_id = ?", wave).Delete(ctx)
	return err
}

// firstSeals finds planned waves with a seal of the first version, without a purpose.
// One that has opened keeps it.
const firstSeals = `opens_at > ? AND EXISTS (SELECT 1 FROM wave_seals s WHERE s.wave_id = waves.id AND s.document LIKE '{"seal":1,%')`

// sealOlder puts seals on waves from before there were any, and whole ones on those
// whose seal is older.
func (s *Store) sealOlder(ctx context.Context) error {
	return s.sealAnew(ctx, nil, "seal_hash = '' OR "+firstSeals, s.now())
}

// sealAnew seals the waves that fit with what is there now: those without a seal, and
// planned ones. Where a transaction is given it is done in that.
func (s *Store) sealAnew(ctx context.Context, tx *gorm.DB, which string, args ...any) error {
	if tx == nil {
		// Most of the time there is none, and nobody writes for that.
		rows, err := list(ctx, s, func(r waveRow) waveRow { return r }, "created_at", append([]any{which}, args...)...)
		if err != nil || len(rows) == 0 {
			return err
		}
		return s.write(ctx, func(tx *gorm.DB) error { return s.sealAnew(ctx, tx, which, args...) })
	}
	rows, err := rowsOf[waveRow](tx).Where(which, args...).Order("id").Find(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := holdWindow(ctx, tx, row.ID); err != nil {
			return err
		}
		now, err := rowsOf[waveRow](tx).Where("id = ?", row.ID).Take(ctx)
		if err == nil && now.SealHash != "" && now.wave().State(s.now()) != survey.WavePlanned {
			continue
		}
		if err == nil {
			err = breakSeal(ctx, tx, row.ID)
		}
		if err == nil {
			err = sealWave(ctx, tx, &now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sealedStudy is the study as respondents of the wave agree to it: once its seal has a
// purpose, that is shown whatever the study says later.
func sealedStudy(ctx context.Context, db *gorm.DB, wave string, study survey.Study) (survey.Study, error) {
	seals, err := rowsOf[sealRow](db).Where("wave_id = ?", wave).Find(ctx)
	if err != nil || len(seals) == 0 {
		return study, err
	}
	terms, err := survey.ReadTerms([]byte(seals[0].Document))
	if err == nil && terms.HasPurpose() {
		study.Purpose, study.Purposes = terms.Purpose, survey.NewTranslations(terms.Purposes)
	}
	return study, err
}

func targetsOf(rows []targetRow) []survey.Target {
	targets := make([]survey.Target, len(rows))
	for i, row := range rows {
		targets[i] = row.target()
	}
	return targets
}

// SetTargets replaces the targets of a planned wave. Invalid: targets that can not
// be, or an organization, team or role that the study or its questionnaire does not
// have. Conflict: the wave has opened. NotFound: no such wave.
func (s *Store) SetTargets(ctx context.Context, id survey.WaveID, targets []survey.Target) error {
	facts, err := s.facts(ctx, id)
	if err != nil {
		return err
	}
	if err := firstOf(survey.CheckTargets(targets), s.checkTargets(ctx, facts, targets)); err != nil {
		return err
	}
	rows := make([]targetRow, len(targets))
	for i, t := range targets {
		rows[i] = newTargetRow(string(id), t)
	}
	err = s.write(ctx, func(tx *gorm.DB) error { return s.setTargets(ctx, tx, string(id), rows) })
	s.places.forget()
	return named(err, "this wave does not exist")
}

func (s *Store) setTargets(ctx context.Context, tx *gorm.DB, id string, rows []targetRow) error {
	if err := holdWindow(ctx, tx, id); err != nil {
		return err
	}
	wave, err := rowsOf[waveRow](tx).Where("id = ?", id).Take(ctx)
	if err != nil {
		return err
	}
	if wave.wave().State(s.now()) != survey.WavePlanned {
		return survey.Errorf(survey.Conflict, "wave %q has opened, so its target numbers are sealed", wave.Key)
	}
	if err := breakSeal(ctx, tx, id); err != nil {
		return err
	}
	if err := tellTargets(ctx, tx, wave, rows); err != nil {
		return err
	}
	if _, err := rowsOf[targetRow](tx).Where("wave_id = ?", id).Delete(ctx); err != nil {
		return err
	}
	if len(rows) > 0 {
		if err := rowsOf[targetRow](tx).CreateInBatches(ctx, &rows, rowsPerInsert); err != nil {
			return err
		}
	}
	return sealWave(ctx, tx, &wave)
}

// tellTargets tells the audit log which targets become others.
func tellTargets(ctx context.Context, tx *gorm.DB, wave waveRow, rows []targetRow) error {
	old, err := rowsOf[targetRow](tx).Where("wave_id = ?", wave.ID).Find(ctx)
	if err != nil {
		return err
	}
	names, err := placesOfStudy(ctx, tx, wave.StudyID)
	tell(ctx, names.targets(old, rows))
	return err
}

// checkTargets refuses a target for somebody who does not exist.
func (s *Store) checkTargets(ctx context.Context, facts waveFacts, targets []survey.Target) error {
	organizations, teams := map[survey.OrganizationID]bool{}, map[survey.TeamID]bool{}
	for _, t := range targets {
		switch {
		case t.OrganizationID != "":
			organizations[t.OrganizationID] = true
		case t.TeamID != "":
			teams[t.TeamID] = true
		case t.Role != "":
			if _, ok := facts.instrument.RoleByKey(t.Role); !ok {
				return survey.Errorf(survey.Invalid, "the questionnaire has no role %q to set a target for", t.Role)
			}
		}
	}
	for id := range organizations {
		study, err := s.studyOf(ctx, id)
		if err != nil && survey.KindOf(err) != survey.NotFound {
			return err
		}
		if err != nil || study != facts.studyID {
			return survey.Errorf(survey.Invalid, "a target is for an organization that is not one of the study")
		}
	}
	for id := range teams {
		if err := s.checkTargetTeam(ctx, facts, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) checkTargetTeam(ctx context.Context, facts waveFacts, id survey.TeamID) error {
	if known("team", id) == nil {
		team, err := take[teamRow](ctx, s, "id = ?", string(id))
		if err != nil && survey.KindOf(err) != survey.NotFound {
			return err
		}
		if err == nil {
			study, err := s.studyOf(ctx, survey.OrganizationID(team.OrganizationID))
			if err != nil || study == facts.studyID {
				return err
			}
		}
	}
	return survey.Errorf(survey.Invalid, "a target is for a team that is not one of the study")
}

// Targets lists the targets of a wave: that of the whole wave, then those of
// organizations, roles and teams.
func (s *Store) Targets(ctx context.Context, id survey.WaveID) ([]survey.Target, error) {
	if err := known("wave", id); err != nil {
		return nil, err
	}
	return list(ctx, s, targetRow.target, "CASE scope WHEN 'wave' THEN 0 WHEN 'organization' THEN 1 WHEN 'role' THEN 2 ELSE 3 END, reference", "wave_id = ?", string(id))
}

// windowChangeRow is one move of the end of a wave.
type windowChangeRow struct {
	WaveID    string
	N         int
	Kind      string
	ChangedAt time.Time
	EndedAt   sql.NullTime
	EndsAt    time.Time
	Reason    string
}

func (windowChangeRow) TableName() string { return "window_changes" }

func (r windowChangeRow) change() survey.WindowChange {
	c := survey.WindowChange{Kind: survey.WindowChangeKind(r.Kind), ChangedAt: r.ChangedAt.UTC(), To: r.EndsAt.UTC(), Reason: r.Reason}
	if r.EndedAt.Valid {
		c.From = r.EndedAt.Time.UTC()
	}
	return c
}

// WaveSeal returns what is sealed about the wave and how its end has moved since,
// and looks whether the wave still is what was sealed. NotFound.
func (s *Store) WaveSeal(ctx context.Context, id survey.WaveID) (survey.Seal, error) {
	wave, err := s.WaveByID(ctx, id)
	if err != nil {
		return survey.Seal{}, err
	}
	row, err := take[sealRow](ctx, s, "wave_id = ?", string(id))
	if survey.KindOf(err) == survey.NotFound && err != nil {
		return survey.Seal{Hash: wave.Seal, Broken: "the seal was taken away past the program"}, nil
	}
	if err != nil {
		return survey.Seal{}, err
	}
	seal := survey.Seal{Hash: row.Hash, Document: []byte(row.Document)}
	if seal.Terms, err = survey.ReadTerms(seal.Document); err != nil {
		return seal, err
	}
	if seal.Changes, err = list(ctx, s, windowChangeRow.change, "n", "wave_id = ?", string(id)); err != nil {
		return seal, err
	}
	targets, err := s.Targets(ctx, id)
	seal.Broken = seal.Mismatch(wave, targets)
	return seal, err
}
