package jobs_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// cut is a context that has ended already.
func cut(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

func working(s *store.Store, config store.Config, handler jobs.Handler) *jobs.Runner {
	return jobs.New(jobs.Options{Store: s, Now: config.Clock, Pace: quick, Handlers: map[string]jobs.Handler{"test": handler}})
}

func TestAJobTellsItsProgressAndItsResult(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		seen := make(chan struct{})
		start(t, working(s, config, func(_ context.Context, w *jobs.Work) (string, error) {
			w.Progress(3, 10, "counting "+w.Job().Parameters)
			<-seen
			return "counted", nil
		}))
		j := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: "k", Parameters: "sheep"}))
		if again := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: "k"})); again.ID != j.ID {
			t.Error("the same work was begun twice")
		}
		eventually(t, "progress is kept", func() bool {
			j = must[survey.Job](t)(s.JobByID(t.Context(), j.ID))
			return j.Status == survey.JobRunning && j.Done == 3 && j.Total == 10 && j.Words == "counting sheep"
		})
		close(seen)
		eventually(t, "the job is done", func() bool {
			j = must[survey.Job](t)(s.JobByID(t.Context(), j.ID))
			return j.Ended()
		})
		if j.Status != survey.JobDone || j.Result != "counted" || j.EndedAt.IsZero() {
			t.Errorf("%+v", j)
		}
	})
}

func TestAJobIsCancelledWhereverItIs(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		waiting := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: "waiting", RunAt: config.Clock().Add(time.Hour)}))
		if j := must[survey.Job](t)(s.CancelJob(t.Context(), waiting.ID)); j.Status != survey.JobCancelled {
			t.Errorf("a waiting job is %s", j.Status)
		}
		start(t, working(s, config, func(ctx context.Context, _ *jobs.Work) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}))
		j := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: "running"}))
		eventually(t, "it runs", func() bool { return must[survey.Job](t)(s.JobByID(t.Context(), j.ID)).Status == survey.JobRunning })
		must[survey.Job](t)(s.CancelJob(t.Context(), j.ID))
		eventually(t, "it is cancelled", func() bool { return must[survey.Job](t)(s.JobByID(t.Context(), j.ID)).Status == survey.JobCancelled })
	})
}

func TestAJobWhoseRunnerIsGoneIsTakenOver(t *testing.T) {
	eachClock := func(t *testing.T, config store.Config) {
		clock := &storetest.Clock{}
		config.Clock = clock.Now
		s := storetest.Open(t, config)
		j := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: "k"}))
		lost := must[store.ClaimedJob](t)(s.ClaimJob(t.Context(), []string{"test"}, time.Minute))
		calls := 0
		r := working(s, config, func(context.Context, *jobs.Work) (string, error) { calls++; return "done after all", nil })
		if r.DoJob(t.Context()) || calls != 0 {
			t.Error("a job was taken from a runner that has its lease")
		}
		clock.Move(2 * time.Minute)
		if !r.DoJob(t.Context()) || calls != 1 {
			t.Errorf("the job was done %d times", calls)
		}
		if err := s.EndJob(t.Context(), lost, survey.JobFailed, "late", time.Time{}); survey.KindOf(err) != survey.Conflict || err == nil {
			t.Errorf("the lost runner is heard: %v", err)
		}
		if j = must[survey.Job](t)(s.JobByID(t.Context(), j.ID)); j.Result != "done after all" || j.Attempts != 2 {
			t.Errorf("%+v", j)
		}
	}
	storetest.EachConfig(t, eachClock)
}

func TestAJobThatCanNotBeDoneSaysWhyInWordsForAPerson(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		for key, c := range map[string]struct {
			handler jobs.Handler
			says    string
		}{
			"classified": {func(context.Context, *jobs.Work) (string, error) {
				return "", survey.Errorf(survey.Invalid, "line 7 has no name")
			}, "line 7 has no name"},
			"internal": {func(context.Context, *jobs.Work) (string, error) { return "", context.DeadlineExceeded }, "the log of the service says which"},
			"panic":    {func(context.Context, *jobs.Work) (string, error) { panic("secret") }, "the log of the service says which"},
		} {
			j := must[survey.Job](t)(s.StartJob(t.Context(), store.NewJob{Kind: "test", Key: key}))
			working(s, config, c.handler).DoJob(t.Context())
			if j = must[survey.Job](t)(s.JobByID(t.Context(), j.ID)); j.Status != survey.JobFailed || !strings.Contains(j.Result, c.says) || strings.Contains(j.Result, "secret") {
				t.Errorf("%s: %+v", key, j)
			}
		}
	})
}

func TestADutyIsDoneByOneOfManyRunners(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		clock := &storetest.Clock{}
		config.Clock = clock.Now
		s := storetest.Open(t, config)
		var done atomic.Int64
		duty := jobs.Duty{Name: "test", Every: time.Hour, Do: func(context.Context) error { done.Add(1); return nil }}
		runners := make([]*jobs.Runner, 3)
		for i := range runners {
			runners[i] = jobs.New(jobs.Options{Store: s, Now: config.Clock, Pace: quick, Duties: []jobs.Duty{duty}})
		}
		for day := range 3 {
			for _, r := range runners {
				r.DoDuties(t.Context())
			}
			if n := done.Load(); n != int64(day)+1 {
				t.Errorf("after %d hours the duty was done %d times", day, n)
			}
			clock.Move(time.Hour)
		}
	})
}
