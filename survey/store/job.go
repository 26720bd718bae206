package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type jobRow struct {
	ID          string
	Kind        string
	Key         string
	StudyID     sql.NullString
	Parameters  string
	Status      string
	Done        int64
	Total       int64
	Words       string
	Result      string
	Attempts    int
	RunAt       time.Time
	LeaseHolder sql.NullString
	LeasedUntil sql.NullTime
	CancelAt    sql.NullTime
	CreatedAt   time.Time
	StartedAt   sql.NullTime
	EndedAt     sql.NullTime
}

func (jobRow) TableName() string { return "jobs" }

func (r jobRow) job() survey.Job {
	return survey.Job{ID: survey.JobID(r.ID), Kind: r.Kind, Key: r.Key, StudyID: survey.StudyID(r.StudyID.String), Parameters: r.Parameters,
		Status: survey.JobStatus(r.Status), Done: r.Done, Total: r.Total, Words: r.Words, Result: r.Result, Attempts: r.Attempts,
		Cancelling: r.CancelAt.Valid, CreatedAt: r.CreatedAt.UTC(), StartedAt: timeOf(r.StartedAt), EndedAt: timeOf(r.EndedAt)}
}

// NewJob is long work to be done.
type NewJob struct {
	Kind       string
	Key        string         // of a kind and key one job at a time waits or runs
	StudyID    survey.StudyID // whose pages show it; may be empty
	Parameters string         // JSON that the handler understands
	Total      int64          // of the progress, where it is known
	RunAt      time.Time      // not before; zero: now
}

// StartJob keeps the job, or returns the one of the kind and key that waits or runs.
func (s *Store) StartJob(ctx context.Context, j NewJob) (survey.Job, error) {
	if err := required("the kind of the job", j.Kind); err != nil {
		return survey.Job{}, err
	}
	var row jobRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		row, err = s.startJob(ctx, tx, j)
		return err
	})
	return row.job(), err
}

// startJob is StartJob in the transaction of what asks for the work.
func (s *Store) startJob(ctx context.Context, tx *gorm.DB, j NewJob) (jobRow, error) {
	row := jobRow{ID: newID(), Kind: j.Kind, Key: j.Key, StudyID: optional(j.StudyID), Parameters: j.Parameters, Status: string(survey.JobWaiting),
		Total: j.Total, RunAt: s.now(), CreatedAt: s.now()}
	if !j.RunAt.IsZero() {
		row.RunAt = stored(j.RunAt)
	}
	if err := rowsOf[jobRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row); err != nil {
		return row, err
	}
	return rowsOf[jobRow](tx).Where("kind = ? AND key = ? AND status IN ('waiting', 'running')", j.Kind, j.Key).Take(ctx)
}

// JobByID finds a job. NotFound.
func (s *Store) JobByID(ctx context.Context, id survey.JobID) (survey.Job, error) {
	if err := known("job", id); err != nil {
		return survey.Job{}, err
	}
	row, err := take[jobRow](ctx, s, "id = ?", string(id))
	return row.job(), named(err, "this job does not exist: finished ones are kept for a month")
}

// Jobs lists the jobs of a study, the newest first.
func (s *Store) Jobs(ctx context.Context, study survey.StudyID) ([]survey.Job, error) {
	if err := known("study", study); err != nil {
		return nil, err
	}
	return list(ctx, s, jobRow.job, "created_at DESC, id", "study_id = ?", string(study))
}

// JobsOf lists the jobs of a kind, the newest first.
func (s *Store) JobsOf(ctx context.Context, kind string) ([]survey.Job, error) {
	return list(ctx, s, jobRow.job, "created_at DESC, id", "kind = ?", kind)
}

// CancelJob asks for the end of a job: at once where it waits, else at the next
// step of its handler. Asking again, or for one that has ended, changes nothing.
// NotFound.
func (s *Store) CancelJob(ctx context.Context, id survey.JobID) (survey.Job, error) {
	if err := known("job", id); err != nil {
		return survey.Job{}, err
	}
	var row jobRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		now := s.now()
		waiting := tx.Model(&jobRow{}).Where("id = ? AND status = 'waiting'", string(id)).
			Updates(map[string]any{"status": survey.JobCancelled, "cancel_at": now, "ended_at": now})
		if waiting.Error != nil {
			return waiting.Error
		}
		if waiting.RowsAffected > 0 {
			if err := dropUploads(ctx, tx, string(id)); err != nil {
				return err
			}
		}
		if err := tx.Model(&jobRow{}).Where("id = ? AND status = 'running' AND cancel_at IS NULL", string(id)).Update("cancel_at", now).Error; err != nil {
			return err
		}
		var err error
		row, err = rowsOf[jobRow](tx).Where("id = ?", string(id)).Take(ctx)
		return err
	})
	return row.job(), named(err, "this job does not exist")
}

// ClaimedJob is a job in the hands of one runner.
type ClaimedJob struct {
	survey.Job
	holder string
}

// takable are jobs that wait, and those whose runner is gone.
const takable = "(status = 'waiting' AND run_at <= ?) OR (status = 'running' AND leased_until < ?)"

// ClaimJob takes the job that has waited longest, of the kinds given. NotFound:
// there is none.
func (s *Store) ClaimJob(ctx context.Context, kinds []string, lease time.Duration) (ClaimedJob, error) {
	now := s.now()
	found, err := raw[struct{ N int }](ctx, s, "SELECT count(*) AS n FROM jobs WHERE kind IN ? AND ("+takable+")", kinds, now, now)
	if err != nil {
		return ClaimedJob{}, err
	}
	none := survey.Errorf(survey.NotFound, "no job is waiting")
	if found[0].N == 0 {
		return ClaimedJob{}, none
	}
	claimed := ClaimedJob{holder: newID()}
	err = s.write(ctx, func(tx *gorm.DB) error {
		rows, err := rowsOf[jobRow](tx, skipLocked).Where("kind IN ?", kinds).Where(takable, now, now).Order("run_at, id").Limit(1).Find(ctx)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return none
		}
		row := rows[0]
		row.Status, row.Attempts = string(survey.JobRunning), row.Attempts+1
		row.LeaseHolder, row.LeasedUntil = optional(claimed.holder), nullTime(now.Add(lease))
		if !row.StartedAt.Valid {
			row.StartedAt = nullTime(now)
		}
		claimed.Job = row.job()
		_, err = rowsOf[jobRow](tx).Where("id = ?", row.ID).
			Select("status", "attempts", "lease_holder", "leased_until", "started_at").Updates(ctx, row)
		return err
	})
	return claimed, err
}

// KeepJob keeps how far the job is, and the job itself for another lease. Closed:
// somebody asked for its end. Conflict: the lease was over and another runner has it.
func (s *Store) KeepJob(ctx context.Context, j ClaimedJob, lease time.Duration) error {
	var cancelling bool
	err := s.write(ctx, func(tx *gorm.DB) error {
		row := jobRow{Done: j.Done, Total: j.Total, Words: j.Words, Parameters: j.Parameters, LeasedUntil: nullTime(s.now().Add(lease))}
		kept, err := rowsOf[jobRow](tx).Where("id = ? AND status = 'running' AND lease_holder = ?", string(j.ID), j.holder).
			Select("done", "total", "words", "parameters", "leased_until").Updates(ctx, row)
		if err != nil {
			return err
		}
		if kept == 0 {
			return survey.Errorf(survey.Conflict, "another runner has this job")
		}
		row, err = rowsOf[jobRow](tx).Where("id = ?", string(j.ID)).Take(ctx)
		cancelling = row.CancelAt.Valid
		return err
	})
	if err == nil && cancelling {
		return survey.Errorf(survey.Closed, "the job was cancelled")
	}
	return err
}

// EndJob keeps what became of the job, with one sentence. A job given back as
// waiting is taken up by whoever comes next. Conflict: another runner has it.
func (s *Store) EndJob(ctx context.Context, j ClaimedJob, status survey.JobStatus, result string, again time.Time) error {
	row := jobRow{Status: string(status), Result: result, RunAt: s.now(), Done: j.Done, Total: j.Total, Words: j.Words}
	if status == survey.JobWaiting {
		row.RunAt = stored(again)
	} else {
		row.EndedAt = nullTime(s.now())
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		ended, err := rowsOf[jobRow](tx).Where("id = ? AND status = 'running' AND lease_holder = ?", string(j.ID), j.holder).
			Select("status", "result", "run_at", "done", "total", "words", "lease_holder", "leased_until", "ended_at").Updates(ctx, row)
		if err == nil && ended == 0 {
			return survey.Errorf(survey.Conflict, "another runner has this job")
		}
		if err != nil || status == survey.JobWaiting {
			return err
		}
		if err := tx.Model(&jobRow{}).Where("id = ? AND parameters LIKE 'sealed:%'", string(j.ID)).Update("parameters", "").Error; err != nil {
			return err
		}
		return dropUploads(ctx, tx, string(j.ID))
	})
}

// StartSealedJob is StartJob with parameters that a dump of the database must not show.
// They are gone when the job has ended. Unavailable: without the key nothing can be
// sealed.
func (s *Store) StartSealedJob(ctx context.Context, j NewJob, parameters []byte) error {
	key, err := s.Key()
	if err != nil {
		return err
	}
	j.Parameters = sealedSecret + base64.RawStdEncoding.EncodeToString(key.Seal("job "+j.Key, parameters))
	_, err = s.StartJob(ctx, j)
	return err
}

// SealedParameters reads what StartSealedJob was given. Unavailable: it is sealed with a
// key that is not here.
func (s *Store) SealedParameters(j survey.Job) ([]byte, error) {
	key, err := s.Key()
	if err != nil {
		return nil, err
	}
	sealed, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(j.Parameters, sealedSecret))
	if err != nil {
		return nil, survey.Errorf(survey.Internal, "the parameters of job %s are damaged", j.ID)
	}
	plain, ok := key.Open("job "+j.Key, sealed)
	if !ok {
		return nil, survey.Errorf(survey.Invalid, "the parameters of job %s were sealed with another key", j.ID)
	}
	return plain, nil
}

// ForgetJobs removes what is known of jobs that ended before the moment.
func (s *Store) ForgetJobs(ctx context.Context, before time.Time) (int, error) {
	var n int
	err := s.write(ctx, func(tx *gorm.DB) error {
		var err error
		n, err = rowsOf[jobRow](tx).Where("ended_at < ?", stored(before)).Delete(ctx)
		return err
	})
	return n, err
}
