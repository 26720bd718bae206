package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type studyRow struct {
	ID          string
	Key         string
	Title       string
	Purpose     string
	Contact     string
	Origin      string
	Attribution string
	CreatedAt   time.Time
	Sender      string
	Purposes    string
}

func (studyRow) TableName() string { return "studies" }

func (r studyRow) study() survey.Study {
	return survey.Study{ID: survey.StudyID(r.ID), Key: r.Key, Title: r.Title, Purpose: r.Purpose, Purposes: survey.Translations(r.Purposes), Contact: r.Contact,
		Origin: survey.Origin(r.Origin), Attribution: r.Attribution, Sender: r.Sender, CreatedAt: r.CreatedAt.UTC()}
}

// PutStudy adds the study, or changes the one that has the key, and returns it
// with its id. Waves that have opened keep the purpose with which they did. Invalid: a
// blank key or title, an unknown origin.
func (s *Store) PutStudy(ctx context.Context, study survey.Study) (survey.Study, error) {
	if err := firstOf(required("the key of the study", study.Key), required("the title of the study", study.Title)); err != nil {
		return survey.Study{}, err
	}
	if study.Origin == "" {
		study.Origin = survey.Fieldwork
	}
	row := studyRow{ID: newID(), Key: study.Key, Title: study.Title, Purpose: study.Purpose, Purposes: string(study.Purposes), Contact: study.Contact,
		Origin: string(study.Origin), Attribution: study.Attribution, Sender: study.Sender, CreatedAt: s.now()}
	update := clause.OnConflict{Columns: []clause.Column{{Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"title", "purpose", "purposes", "contact", "origin", "attribution", "sender"})}
	err := s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[studyRow](ctx, tx, "key = ?", study.Key)
		if err != nil {
			return err
		}
		if err := rowsOf[studyRow](tx, update).Create(ctx, &row); err != nil {
			return err
		}
		row, err = rowsOf[studyRow](tx).Where("key = ?", study.Key).Take(ctx)
		tellStudy(ctx, row.ID)
		tell(ctx, old.changed(row))
		if err == nil && old.ID != "" && (old.Purpose != row.Purpose || old.Purposes != row.Purposes) {
			err = s.sealAnew(ctx, tx, "study_id = ? AND opens_at > ?", row.ID, s.now())
		}
		return err
	})
	s.places.forget()
	return row.study(), err
}

// changed are what a study becomes, for the audit log.
func (r studyRow) changed(now studyRow) changes {
	c := changes{made: r.ID == ""}
	c.text("title", r.Title, now.Title)
	c.text("purpose", r.Purpose, now.Purpose)
	c.text("purposes by language", r.Purposes, now.Purposes)
	c.text("contact", r.Contact, now.Contact)
	c.text("sender", r.Sender, now.Sender)
	c.value("origin", r.Origin, now.Origin)
	c.text("attribution", r.Attribution, now.Attribution)
	return c
}

// StudyByKey finds a study. NotFound.
func (s *Store) StudyByKey(ctx context.Context, key string) (survey.Study, error) {
	row, err := take[studyRow](ctx, s, "key = ?", key)
	return row.study(), named(err, "there is no study %q", key)
}

// StudyByID finds a study. NotFound.
func (s *Store) StudyByID(ctx context.Context, id survey.StudyID) (survey.Study, error) {
	if err := known("study", id); err != nil {
		return survey.Study{}, err
	}
	row, err := take[studyRow](ctx, s, "id = ?", string(id))
	return row.study(), named(err, "this study does not exist")
}

// Studies lists all studies, the newest first.
func (s *Store) Studies(ctx context.Context) ([]survey.Study, error) {
	return list(ctx, s, studyRow.study, "created_at DESC, key", "1 = 1")
}

// patience ends a short statement whose connection has gone silent.
const patience = 10 * time.Second

// take reads the one row that fits.
func take[R any](ctx context.Context, s *Store, where string, args ...any) (R, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var row R
	err := s.read(ctx, func(db *gorm.DB) error {
		var err error
		row, err = rowsOf[R](db).Where(where, args...).Take(ctx)
		return err
	})
	return row, err
}

// list reads all rows that fit the condition, a where clause with its arguments,
// in order, as values of the domain.
func list[R, V any](ctx context.Context, s *Store, value func(R) V, order string, condition ...any) ([]V, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var rows []R
	err := s.read(ctx, func(db *gorm.DB) error {
		var err error
		rows, err = rowsOf[R](db).Where(condition[0], condition[1:]...).Order(order).Find(ctx)
		return err
	})
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = value(row)
	}
	return values, err
}

// named says what was looked for when it is not there; other errors pass.
func named(err error, format string, args ...any) error {
	if err != nil && survey.KindOf(err) == survey.NotFound {
		return survey.Errorf(survey.NotFound, format, args...)
	}
	return err
}

// firstOf returns the first error.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
