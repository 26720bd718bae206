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
func batchesOf(t *testing.T, crowded func() bool, after ...time.Duration) (sizes []int, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		r := road[int, int]{limit: 1000, batch: 256, options: Options{}.withDefaults(), ctx: ctx, crowded: crowded,
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

func TestRequestsAreGatheredAfterABatchOfSeveralWhereOthersNeedTheProcessors(t *testing.T) {
	after := []time.Duration{0, mis, mis, mis, mis, 2400 * mis, 2800 * mis}
	for _, c := range []struct {
		crowded func() bool
		want    []int
	}{
		{nil, []int{1, 4, 1, 1}},
		{func() bool { return false }, []int{1, 4, 1, 1}},
		{func() bool { return true }, []int{1, 4, 2}},
	} {
		if got, _ := batchesOf(t, c.crowded, after...); !slices.Equal(got, c.want) {
			t.Errorf("batches of %v, want %v", got, c.want)
		}
	}
}

func TestALoneRequestWaitsForNobody(t *testing.T) {
	always := func() bool { return true }
	if got, took := batchesOf(t, always, 0, 1500*mis, 3*ms); !slices.Equal(got, []int{1, 1, 1}) || took != 4*ms {
		t.Errorf("batches of %v in %v, want three of one in 4 ms", got, took)
	}
}

func TestNothingIsGatheredWhereEnoughWait(t *testing.T) {
	after := []time.Duration{0}
	for range fewGathered {
		after = append(after, mis)
	}
	for range manyGathered {
		after = append(after, 1500*mis)
	}
	got, took := batchesOf(t, func() bool { return true }, after...)
	if !slices.Equal(got, []int{1, fewGathered, manyGathered}) || took != 3*ms {
		t.Errorf("batches of %v in %v, want the last at once", got, took)
	}
}
