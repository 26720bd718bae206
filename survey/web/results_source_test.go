package web

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// newMaking is a source of results alone.
func newMaking() *resultSource {
	return &resultSource{live: &live{pace: Pace{}.withDefaults()}, observe: func(string, time.Duration) {}, kept: map[resultKey]*keptResult{}, making: map[string]*time.Timer{}}
}

func TestAResultThatTakesLongIsFinishedWhileSomebodyAsksForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, view, begun := newMaking(), &liveView{state: "s"}, 0
		slow := func(ctx context.Context) (any, error) {
			begun++
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(5 * r.live.pace.Wanted):
				return "made", nil
			}
		}
		ask := time.NewTicker(r.live.pace.Wanted / 2)
		defer ask.Stop()
		for range 9 {
			if _, err := r.computed(t.Context(), resultKey{part: "/slow"}, view, slow); !errors.As(err, &loading{}) {
				t.Fatalf("before it is made: %v", err)
			}
			<-ask.C
		}
		<-time.After(r.live.pace.Wanted)
		kept, err := r.computed(t.Context(), resultKey{part: "/slow"}, view, slow)
		if err != nil || kept.value != "made" || begun != 1 || len(r.making) != 0 {
			t.Errorf("%v, begun %d times, %d under way", err, begun, len(r.making))
		}
	})
}

func TestAResultThatNobodyWaitsForIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, given := newMaking(), time.Duration(0)
		begun := time.Now()
		endless := func(ctx context.Context) (any, error) {
			<-ctx.Done()
			given = time.Since(begun)
			return nil, ctx.Err()
		}
		leaving, leave := context.WithCancel(t.Context())
		wait := r.begin(leaving, resultKey{part: "/endless"}, &liveView{state: "s"}, endless)
		leave()
		if done := <-wait; done.Err == nil || given != r.live.pace.Wanted {
			t.Errorf("given up after %v: %v", given, done.Err)
		}
		if len(r.making) != 0 {
			t.Errorf("%d are under way", len(r.making))
		}
	})
}

func TestOnlyALittleOlderResultIsShownInThePlaceOfANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, key := newMaking(), resultKey{part: ""}
		make := func(value string) func(context.Context) (any, error) {
			return func(context.Context) (any, error) {
				<-time.After(2 * r.live.pace.Newer)
				return value, nil
			}
		}
		ask := func(state string, sequence int64) any {
			kept, err := r.computed(t.Context(), key, &liveView{state: state, sequence: sequence, published: time.Now()}, make(state))
			if err != nil {
				t.Fatal(err)
			}
			return kept.value
		}
		if got := ask("first", 1); got != "first" {
			t.Errorf("the first is %v", got)
		}
		<-time.After(littleOlder / 2)
		if got := ask("second", 2); got != "first" {
			t.Errorf("half a second later, before the second is made: %v", got)
		}
		<-time.After(time.Minute)
		if got := ask("third", 3); got != "third" {
			t.Errorf("a minute later: %v", got)
		}
	})
}

func TestPagesOfOrganizationsOfAnEarlierStateAreNotHeldForLong(t *testing.T) {
	r, begun := newMaking(), time.Now()
	keep := func(part string, sequence int64, after time.Duration) {
		r.keep(resultKey{part: part}, &keptResult{sequence: sequence, made: begun.Add(after), resting: begun.Add(after)})
	}
	held := func(parts ...string) {
		t.Helper()
		if len(r.kept) != len(parts) || len(r.order) != len(parts) {
			t.Errorf("%d results are held, %d in order, want %q", len(r.kept), len(r.order), parts)
		}
		for _, part := range parts {
			if r.kept[resultKey{part: part}] == nil {
				t.Errorf("%q is gone", part)
			}
		}
	}
	keep("", 1, 0)
	keep("/trust", 1, 0)
	keep("first", 1, 0)
	keep("second", 1, outdatedFor)
	keep("third", 2, outdatedFor)
	held("", "/trust", "first", "second", "third")
	keep("first", 2, outdatedFor+time.Second)
	keep("fourth", 2, 2*outdatedFor)
	held("", "/trust", "first", "second", "third", "fourth")
	keep("fifth", 3, 2*outdatedFor+1)
	held("", "/trust", "first", "fourth", "fifth")
	keep("sixth", 3, time.Hour)
	held("", "/trust", "fifth", "sixth")
	r.keep(resultKey{part: "fifth"}, &keptResult{sequence: 2})
	if r.kept[resultKey{part: "fifth"}].sequence != 3 {
		t.Error("an earlier result took the place of a later one")
	}
}

func TestAPageOfAnEarlierStateIsHeldAsLongAsItRests(t *testing.T) {
	r, begun := newMaking(), time.Now()
	r.keep(resultKey{part: "slow"}, &keptResult{sequence: 1, made: begun, resting: begun.Add(time.Hour)})
	r.keep(resultKey{part: "other"}, &keptResult{sequence: 2, made: begun.Add(time.Minute)})
	if len(r.kept) != 2 {
		t.Errorf("%d results are held, want both", len(r.kept))
	}
}

func TestAWaveIsFoundWithItsStudyWhateverWasKnownBefore(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	results := f.server.results
	for _, known := range []any{nil, f.Study.ID, survey.StudyID(store.NewResponseID()), survey.StudyID("")} {
		if known != nil {
			results.studies.Store(f.Wave.Key, known)
		}
		for range 2 {
			w, err := results.waveByKey(t.Context(), f.Wave.Key)
			if err != nil || w.ID != f.Wave.ID || w.study.ID != f.Study.ID || w.instrument == nil {
				t.Errorf("where %v was known: wave %s of study %s, %v", known, w.ID, w.study.ID, err)
			}
		}
	}
	results.studies.Store("autumn", f.Study.ID)
	if _, err := results.waveByKey(t.Context(), "autumn"); survey.KindOf(err) != survey.NotFound {
		t.Errorf("a wave that does not exist: %v", err)
	}
}
