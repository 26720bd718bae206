package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// UploadKind says what a file is.
type UploadKind string

// The kinds of files that are looked at before they are applied.
const (
	OrganizationsUpload UploadKind = "organizations"
	RosterUpload        UploadKind = "roster"
)

// Upload is a file that waits for being applied. It holds names and addresses, so it
// is kept encrypted, and no longer than needed: until the job that applies it has
// ended, or a day where none was started.
type Upload struct {
	ID        string
	StudyID   survey.StudyID
	WaveID    survey.WaveID // may be empty
	JobID     survey.JobID  // that applies it; empty: none yet
	Kind      UploadKind
	Content   []byte
	CreatedAt time.Time
}

type uploadRow struct {
	ID        string
	StudyID   string
	WaveID    sql.NullString
	JobID     sql.NullString
	Kind      string
	Sealed    []byte
	CreatedAt time.Time
}

func (uploadRow) TableName() string { return "uploads" }

// sealedName binds the content to its row.
func (r uploadRow) sealedName() string { return "upload " + r.ID }

// PutUpload keeps a file. Unavailable: without the key nothing can be sealed.
func (s *Store) PutUpload(ctx context.Context, u Upload) (Upload, error) {
	key, err := s.Key()
	if err != nil {
		return Upload{}, err
	}
	row := uploadRow{ID: newID(), StudyID: string(u.StudyID), WaveID: optional(u.WaveID), Kind: string(u.Kind), CreatedAt: s.now()}
	row.Sealed = key.Seal(row.sealedName(), u.Content)
	u.ID, u.CreatedAt = row.ID, row.CreatedAt
	return u, s.write(ctx, func(tx *gorm.DB) error { return rowsOf[uploadRow](tx).Create(ctx, &row) })
}

// UploadByID finds a file of a study. NotFound.
func (s *Store) UploadByID(ctx context.Context, study survey.StudyID, id string) (Upload, error) {
	gone := survey.Errorf(survey.NotFound, "this file is no longer here: it was applied or discarded, or a day has passed; send it again")
	if known("file", id) != nil {
		return Upload{}, gone
	}
	row, err := take[uploadRow](ctx, s, "id = ? AND study_id = ?", id, string(study))
	if err != nil && survey.KindOf(err) == survey.NotFound {
		return Upload{}, gone
	}
	if err != nil {
		return Upload{}, err
	}
	key, err := s.Key()
	if err != nil {
		return Upload{}, err
	}
	content, ok := key.Open(row.sealedName(), row.Sealed)
	if !ok {
		return Upload{}, survey.Errorf(survey.Conflict, "the file was sealed with another key and can not be read: send it again")
	}
	return Upload{ID: row.ID, StudyID: survey.StudyID(row.StudyID), WaveID: survey.WaveID(row.WaveID.String), JobID: survey.JobID(row.JobID.String),
		Kind: UploadKind(row.Kind), Content: content, CreatedAt: row.CreatedAt.UTC()}, nil
}

// StartUploadJob starts the job that applies the file, once: asked again it returns
// that job. Conflict: another file is being applied under the same key. NotFound.
func (s *Store) StartUploadJob(ctx context.Context, upload string, j NewJob) (survey.Job, error) {
	if err := known("file", upload); err != nil {
		return survey.Job{}, err
	}
	var job jobRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[uploadRow](tx).Where("id = ?", upload).Select("id", "job_id").Take(ctx)
		if err != nil {
			return err
		}
		if row.JobID.Valid {
			job, err = rowsOf[jobRow](tx).Where("id = ?", row.JobID.String).Take(ctx)
			return err
		}
		if job, err = s.startJob(ctx, tx, j); err != nil {
			return err
		}
		if job.Parameters != j.Parameters {
			return survey.Errorf(survey.Conflict, "another file is being applied just now: wait for its end, then look at this one again")
		}
		_, err = rowsOf[uploadRow](tx).Where("id = ?", upload).Update(ctx, "job_id", job.ID)
		return err
	})
	return job.job(), named(err, "this file is no longer here: send it again")
}

// RemoveUpload removes a file that nobody is applying. NotFound.
func (s *Store) RemoveUpload(ctx context.Context, study survey.StudyID, id string) error {
	if err := known("file", id); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		n, err := rowsOf[uploadRow](tx).Where("id = ? AND study_id = ? AND job_id IS NULL", id, string(study)).Delete(ctx)
		if err == nil && n == 0 {
			err = survey.Errorf(survey.NotFound, "this file is no longer here")
		}
		return err
	})
}

// ForgetUploads removes files that came before the moment and that nobody applies.
func (s *Store) ForgetUploads(ctx context.Context, before time.Time) (int, error) {
	var n int
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		n, err = rowsOf[uploadRow](tx).Where("created_at < ? AND job_id IS NULL", stored(before)).Delete(ctx)
		return err
	})
	return n, err
}

// dropUploads removes the file of a job that has ended, in its transaction.
func dropUploads(ctx context.Context, tx *gorm.DB, job string) error {
	_, err := rowsOf[uploadRow](tx).Where("job_id = ?", job).Delete(ctx)
	return err
}
