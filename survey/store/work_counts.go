package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// WorkCounts is how much work waits beside the pages, over all studies.
type WorkCounts struct {
	Mails map[survey.MailStatus]int
	Jobs  map[survey.JobStatus]int
	// Overdue is for how long the oldest message has been due that nobody has taken;
	// those that a campaign's rate holds back count as well.
	Overdue time.Duration
}

// CountWork counts messages and jobs by where they stand.
func (s *Store) CountWork(ctx context.Context) (WorkCounts, error) {
	counts := WorkCounts{Mails: map[survey.MailStatus]int{}, Jobs: map[survey.JobStatus]int{}}
	type row struct {
		Status string
		N      int
	}
	mails, err := raw[row](ctx, s, "SELECT status, count(*) AS n FROM outbox GROUP BY status")
	if err != nil {
		return counts, err
	}
	for _, m := range mails {
		counts.Mails[survey.MailStatus(m.Status)] = m.N
	}
	jobs, err := raw[row](ctx, s, "SELECT status, count(*) AS n FROM jobs GROUP BY status")
	if err != nil {
		return counts, err
	}
	for _, j := range jobs {
		counts.Jobs[survey.JobStatus(j.Status)] = j.N
	}
	due, err := raw[struct{ DueAt time.Time }](ctx, s, `SELECT x.due_at FROM outbox x LEFT JOIN campaigns c ON c.id = x.campaign_id
		WHERE x.status = 'queued' AND (x.campaign_id IS NULL OR c.status = 'running') ORDER BY x.due_at LIMIT 1`)
	if err == nil && len(due) > 0 {
		counts.Overdue = max(s.now().Sub(due[0].DueAt), 0)
	}
	return counts, err
}
