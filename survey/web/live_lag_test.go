package web

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestAReceiptIsSeenWithinASecondHereAndTwoThere lets the clock of a bubble pass, on
// which work takes as long as the test says: asking what time it is. So what is
// measured is how long replicas wait for each other and rest, on any machine.
func TestAReceiptIsSeenWithinASecondHereAndTwoThere(t *testing.T) {
	const submissions, work = 40, 30 * time.Millisecond
	c := newCluster(t, storetest.SQLite(t))
	replicas := []*replica{c.replica(Pace{}), c.replica(Pace{})}
	replicas[0].submit(0, 10) // the step that is held back
	slow := func() time.Time {
		<-time.After(work)
		return c.clock()
	}
	synctest.Test(t, func(t *testing.T) {
		for _, r := range replicas {
			results, before := r.server.results, r.server.results.live
			results.live = newLive(Options{Store: r.store, Now: slow, Log: r.server.Log}, results)
			defer func() {
				results.live.close()
				results.live = before
			}()
		}
		var receipts sync.Map // time by the people that are seen then
		worst := make([]time.Duration, len(replicas))
		var watching sync.WaitGroup
		for i, r := range replicas {
			watching.Go(func() {
				for shown, begun := 0, time.Now(); shown < 10*submissions && time.Since(begun) < testPatience; <-time.After(10 * time.Millisecond) {
					for now := peopleIn(r.get("/waves/spring.json")); shown < now; shown += 10 {
						at, _ := receipts.Load(shown + 10)
						worst[i] = max(worst[i], time.Since(at.(time.Time)))
					}
				}
			})
		}
		for n := range submissions {
			// At another moment of the rounds and looks each time.
			<-time.After(time.Duration(200+n*137%900) * time.Millisecond)
			receipts.Store(10*(n+1), time.Now())
			replicas[0].submit(0, 10)
		}
		watching.Wait()
		t.Logf("at the most %v here and %v there", worst[0], worst[1])
		if worst[0] > time.Second || worst[1] > 2*time.Second {
			t.Errorf("a receipt is seen after %v here and %v there", worst[0], worst[1])
		}
		if rests := pauseOfRounds(work, 1); worst[0] < rests || worst[1] < rests {
			t.Error("no receipt came when a round had just begun: this shows nothing")
		}
	})
}

// peopleIn is how many people an answer counts.
func peopleIn(s sent) int {
	count, _, _ := strings.Cut(strings.TrimPrefix(s.edition(), `W/"`), "-")
	n, _ := strconv.Atoi(count) // none in an edition without anybody
	return n
}
