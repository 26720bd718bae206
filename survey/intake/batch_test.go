package intake

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// batchesOf lets requests enter a road after some times, and returns how many were in
// each batch. A batch takes a millisecond.
func batchesOf(t *testing.T, after ...time.Duration) (sizes []int, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		r := road[int, int]{limit: 1000, batch: 256, options: Options{}.withDefaults(), ctx: ctx,
			failed: func(*int) error { return nil }, again: func(*int) {},
			run: func(_ context.Context, questions []int) ([]int, error) {
				sizes = append(sizes, len(questions))
				<-time.After(time.Millisecond)
				return questions, nil
			}}
		begun := time.Now()
		r.start(1)
		answered := make(chan int)
		for i, wait := range after {
			go func() {
				<-time.After(wait)
				answer, err := r.ask(ctx, survey.OrganizationID("o"), i)
				if err != nil {
					t.Error(err)
				}
				answered <- answer
			}()
		}
		for range after {
			<-answered
		}
		took = time.Since(begun)
		r.close()
		r.workers.Wait()
		end()
	})
	return sizes, took
}

const (
	ms  = time.Millisecond
	mis = time.Microsecond
)

func TestWhatArrivesDuringABatchFormsTheNext(t *testing.T) {
	got, took := batchesOf(t, 0, mis, mis, mis, mis, 1400*mis, 1800*mis)
	if !slices.Equal(got, []int{1, 4, 2}) || took != 3*ms {
		t.Errorf("batches of %v in %v, want one, four and two in 3 ms", got, took)
	}
}

func TestALoneRequestWaitsForNobody(t *testing.T) {
	got, took := batchesOf(t, 0, 1500*mis, 3*ms)
	if !slices.Equal(got, []int{1, 1, 1}) || took != 4*ms {
		t.Errorf("batches of %v in %v, want three of one in 4 ms", got, took)
	}
}
