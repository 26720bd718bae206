package web

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

// untilDrawn looks at a page until its figures are all of one edition.
func untilDrawn(f *field, path string) answer {
	f.t.Helper()
	patience := time.NewTimer(testPatience)
	defer patience.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		a := f.get(path)
		if a.benchmark().Provenance.Drawn == "" {
			return a
		}
		select {
		case <-patience.C:
			f.t.Fatalf("figures are drawn of %s, the edition is %s", a.benchmark().Provenance.Drawn, a.benchmark().Provenance.Edition)
		case <-again.C:
		}
	}
}

func TestWhatTakesLongFollowsItsEditionAndHasTheSameBytes(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	want := f.get("/waves/spring.json")
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
	f.server.results.live.apart = 1
	first := f.get("/waves/spring.json").benchmark()
	if p := first.Provenance; p.Edition != want.benchmark().Provenance.Edition || first.Practices[0].All.Value != want.benchmark().Practices[0].All.Value {
		t.Errorf("the first figures are of %s, want %s at once", p.Edition, want.benchmark().Provenance.Edition)
	}
	if got := untilDrawn(f, "/waves/spring.json"); got.text != want.text || got.header.Get("ETag") != want.header.Get("ETag") {
		t.Error("what was drawn in the background gives other bytes than what was drawn at once")
	}
	f.fill("late", "Late", 2, 20)
	next := f.get("/waves/spring.json").benchmark()
	if p := next.Provenance; p.Edition == first.Provenance.Edition || *next.Respondents != *first.Respondents+20 {
		t.Errorf("after twenty more answers: edition %s with %d, drawn of %q", p.Edition, *next.Respondents, p.Drawn)
	}
	if got := untilDrawn(f, "/waves/spring.json").benchmark(); got.Provenance.Edition != next.Provenance.Edition {
		t.Errorf("drawn at last of %s, want %s", got.Provenance.Edition, next.Provenance.Edition)
	}
	if page := f.get("/waves/spring"); strings.Contains(page.text, "still being computed") {
		t.Error("the page says that figures are missing")
	}
}

func TestAPageSaysOfWhichEditionItsDrawnFiguresAre(t *testing.T) {
	for edition, want := range map[string]string{"": "", "pending": "still being computed", "12-x": "are of edition 12-x"} {
		if got := drawnWords(edition); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %q", edition, got)
		}
	}
}

func TestFiguresOfFewWavesAreDrawnAtATime(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
	l := f.server.results.live
	l.apart = 1
	for range drawingsAtOnce { // others draw
		l.drawings <- struct{}{}
	}
	for range 20 {
		if p := f.get("/waves/spring.json").benchmark().Provenance; p.Drawn == "" {
			t.Fatalf("drawn beside %d others", drawingsAtOnce)
		}
	}
	<-l.drawings
	untilDrawn(f, "/waves/spring.json")
	if n := len(l.drawings); n != drawingsAtOnce-1 {
		t.Errorf("%d draw, want the others alone", n)
	}
}
