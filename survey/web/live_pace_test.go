package web

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestEditionsCostASmallPartOfAProcessorAsFarAsTheyAreInTime(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		took  time.Duration
		cores int
		want  time.Duration
	}{
		{0, 2, 0}, {ms, 2, 39 * ms}, {10 * ms, 1, 190 * ms}, {40 * ms, 2, 560 * ms}, {90 * ms, 1, 510 * ms}, {100 * ms, 2, 500 * ms},
		{200 * ms, 2, 600 * ms}, {300 * ms, 1, 300 * ms}, {400 * ms, 1, 400 * ms}, {10 * time.Second, 4, longestPause},
	} {
		got := pauseOfRounds(c.took, c.cores)
		if got != c.want {
			t.Errorf("a round of %s on %d cores is followed by %s, want %s", c.took, c.cores, got, c.want)
		}
		// Whoever submits when a round has just read waits for its end, the pause and the next round.
		if oldest := 2*c.took + got; c.took <= 200*ms && oldest > time.Second {
			t.Errorf("with rounds of %s on %d cores a response is seen after %s", c.took, c.cores, oldest)
		}
	}
}

func TestManyResponsesAreThoseOfAShortTime(t *testing.T) {
	var a arrivals
	now := time.Unix(1e9, 0)
	add := func(after time.Duration, kept int) {
		now = now.Add(after)
		a.add(now, kept)
	}
	add(0, 1)
	add(time.Second, 99)
	if a.many(now) {
		t.Error("99 responses in a second are many")
	}
	add(100*time.Millisecond, 60)
	if a.many(now) {
		t.Error("a tenth of a second is enough to judge")
	}
	add(200*time.Millisecond, 1)
	if !a.many(now) || a.many(now.Add(manyFor)) {
		t.Error("60 responses in 0.3 seconds are not many, or for ever")
	}
}

func TestWhatIsReadIsReadyOfANewerState(t *testing.T) {
	now := time.Unix(1e9, 0)
	var r readParts
	for _, step := range []struct {
		part string
		want []string
	}{{"/league", []string{""}}, {"acme", []string{"acme"}}, {"/trust", []string{"acme"}}, {"", []string{"", "acme"}}, {"other", []string{"", "other"}}} {
		r.note(step.part, now)
		if got := r.parts(now); !slices.Equal(got, step.want) {
			t.Errorf("after %q was read, %q is made, want %q", step.part, got, step.want)
		}
	}
	if got := r.parts(now.Add(hotFor)); !slices.Equal(got, []string{""}) {
		t.Errorf("after a minute: %q", got)
	}
}

func TestTheResultOfAWaveIsNotMadeForReadersOfOneOrganization(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	r := c.replica(testPace)
	r.submit(0, 20)
	r.until("/waves/spring/organizations/org-00.json", "at the first step", people(10))
	kept := func(part string) *keptResult {
		s := r.server.results
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.kept[resultKey{c.Wave.ID, part}]
	}
	if kept("") != nil {
		t.Fatal("the result of the wave is there before anybody has asked for it")
	}
	r.submit(1, 20)
	r.until("/waves/spring/organizations/org-01.json", "at the second step", people(20))
	if kept("") != nil {
		t.Error("the result of the wave was made, and only organizations were read")
	}
	whole := r.until("/waves/spring.json", "at the second step", people(20))
	r.submit(2, 20)
	r.until("/waves/spring/organizations/org-01.json", "at the third step", people(30))
	view := r.server.results.live.panelOf(c.Wave.ID).view.Load()
	if k := kept(""); k == nil || k.state != view.state || whole.status != http.StatusOK {
		t.Error("the result of the wave is not made before its state is shown, and somebody reads it")
	}
}

func TestWhatIsDrawnRestsWhileManyRespond(t *testing.T) {
	r := newCluster(t, storetest.SQLite(t)).replica(testPace)
	l := r.server.results.live
	p := &livePanel{live: l}
	p.restWhileDrawing(time.Hour)
	if p.slept.Load() != 0 {
		t.Error("it rests, and nobody responds")
	}
	l.arrivals.areMany(time.Now())
	begun := time.Now()
	p.restWhileDrawing(2 * time.Millisecond)
	if took, want := time.Since(begun), 18*time.Millisecond; took < want || p.slept.Load() != int64(want) {
		t.Errorf("after two milliseconds it rests for %s (%s), want %s", took, time.Duration(p.slept.Load()), want)
	}
}
