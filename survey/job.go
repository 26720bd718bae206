package survey

import "time"

// JobID is the id of a Job.
type JobID string

// JobStatus is what becomes of a job.
type JobStatus string

// The states of a job.
const (
	JobWaiting   JobStatus = "waiting"
	JobRunning   JobStatus = "running"
	JobDone      JobStatus = "done"
	JobFailed    JobStatus = "failed"
	JobCancelled JobStatus = "cancelled"
)

// JobStatuses are all of them.
var JobStatuses = []JobStatus{JobWaiting, JobRunning, JobDone, JobFailed, JobCancelled}

// Job is long work that goes on whatever becomes of the page that asked for it.
type Job struct {
	ID         JobID
	Kind       string
	Key        string
	StudyID    StudyID // may be empty
	Parameters string  // JSON of its kind
	Status     JobStatus
	Done       int64
	Total      int64  // 0: not known
	Words      string // what it is doing
	Result     string // what came of it, or why nothing did: one sentence
	Attempts   int    // how often somebody took it up
	Cancelling bool   // somebody asked for its end
	CreatedAt  time.Time
	StartedAt  time.Time
	EndedAt    time.Time
}

// Ended says whether nothing more is to come.
func (j Job) Ended() bool {
	return j.Status == JobDone || j.Status == JobFailed || j.Status == JobCancelled
}
