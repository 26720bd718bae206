package jobs

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// Duty comes again and again, and is done by one replica at a time.
type Duty struct {
	Name  string
	Every time.Duration
	// Due, where it is set, says whether there is anything to do, without writing:
	// an idle service shall not write.
	Due func(ctx context.Context) (bool, error)
	Do  func(ctx context.Context) error
}

// DoDuties does the duties that are due.
func (r *Runner) DoDuties(ctx context.Context) (more bool) {
	for _, d := range r.Duties {
		if ctx.Err() != nil {
			return false
		}
		if d.Due != nil {
			if due, err := d.Due(ctx); err != nil || !due {
				r.logDatabase("looking for duties", err)
				continue
			}
		}
		holder, err := r.Store.TakeDuty(ctx, d.Name, r.Pace.Lease)
		if err != nil || holder == "" {
			r.logDatabase("looking for duties", err)
			continue
		}
		trouble := ""
		if err := d.Do(ctx); err != nil && ctx.Err() == nil {
			trouble = sentence(err)
			r.Log.Warn("a duty was not done", "duty", d.Name, "error", err)
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		r.logDatabase("ending a duty", r.Store.EndDuty(end, d.Name, holder, trouble, r.Now().Add(d.Every)))
		cancel()
	}
	return false
}

// kept is how long what is known of finished jobs stays.
const kept = 30 * 24 * time.Hour

func (r *Runner) forgetJobs(ctx context.Context) error {
	_, err := r.Store.ForgetJobs(ctx, r.Now().Add(-kept))
	return err
}

func (r *Runner) reclaimMail(ctx context.Context) error {
	back, err := r.Store.ReclaimMail(ctx)
	if back.Queued+back.Uncertain > 0 {
		r.Log.Warn("messages of a sender that is gone", "queued again", back.Queued, "uncertain", back.Uncertain)
	}
	return err
}

// QueueCampaign is the kind of job that puts the messages of a campaign, its key,
// into the outbox.
const QueueCampaign = "campaign.queue"

// bySchedule is how the audit log names what happens because its time has come.
var bySchedule = survey.Actor{Name: "schedule", Origin: "service"}

// turnCampaigns starts what is due and closes what is done.
func (r *Runner) turnCampaigns(ctx context.Context) error {
	due, err := r.Store.DueCampaigns(ctx)
	if err != nil {
		return err
	}
	for _, c := range due {
		if err := r.startCampaign(ctx, c); err != nil {
			return err
		}
	}
	ended, err := r.Store.EndCampaigns(ctx, bySchedule)
	for _, c := range ended {
		r.Log.Info("a campaign is done", "campaign", c.ID)
	}
	return err
}

// noteWaves tells the audit log which waves have opened and closed by the clock.
func (r *Runner) noteWaves(ctx context.Context) error { return r.Store.NoteWaves(ctx, bySchedule) }

// startCampaign starts a campaign whose time has come; one whose wave is over by
// then is cancelled.
func (r *Runner) startCampaign(ctx context.Context, c survey.Campaign) error {
	wave, err := r.Store.WaveByID(ctx, c.WaveID)
	if err != nil {
		return err
	}
	if c.Status == survey.CampaignPlanned {
		_, err := r.Store.StartCampaign(store.Audited(ctx, bySchedule, store.CampaignDeed("mailing.start", wave, c)), c.ID)
		if err != nil && survey.KindOf(err) == survey.Closed {
			_, err = r.Store.CancelCampaign(store.Audited(ctx, bySchedule, store.CampaignDeed("mailing.cancel", wave, c)), c.ID)
			return err
		}
		if err != nil {
			return err
		}
	}
	_, err = r.Store.StartJob(ctx, store.NewJob{Kind: QueueCampaign, Key: string(c.ID), StudyID: wave.StudyID})
	r.Wake()
	return err
}

// queueCampaign is the handler of QueueCampaign. A cancelled campaign ends it.
func (r *Runner) queueCampaign(ctx context.Context, w *Work) (string, error) {
	id := survey.CampaignID(w.Job().Key)
	total, err := r.Store.CountPeople(ctx, id)
	if err != nil {
		return "", err
	}
	seen := 0
	for step := (store.QueueStep{}); !step.Done; seen += step.Seen {
		w.Progress(int64(seen), int64(total), "putting messages into the outbox")
		if step, err = r.Store.QueueCampaign(ctx, id, step.After); err != nil {
			return "", err
		}
		r.Wake()
	}
	w.Progress(int64(seen), int64(total), "all messages are in the outbox")
	return "looked at " + survey.Thousands(seen) + " people", nil
}
