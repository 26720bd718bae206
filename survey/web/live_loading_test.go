package web

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestAPageOfResultsThatAreNotThereYetLooksAgainByItself(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	c.replica(testPace).submit(0, 20)
	r := c.replica(Pace{First: time.Nanosecond})
	// One reader at a time may load, and this one does not let go.
	for range loadsAtOnce {
		r.server.results.live.loads <- struct{}{}
	}
	for _, path := range []string{"/waves/spring", "/waves/spring/trust", "/waves/spring/drivers", "/waves/spring/organizations/org-01"} {
		page := r.get(path)
		if page.status != http.StatusOK || page.header.Get("Refresh") != "2" || !strings.Contains(page.body, "being prepared") || !strings.Contains(page.body, "<progress") {
			t.Errorf("%s: %d, refresh %q: %.300s", path, page.status, page.header.Get("Refresh"), page.body)
		}
		if page.header.Get("Cache-Control") != "no-store" || page.edition() != "" {
			t.Errorf("%s may be kept: %v", path, page.header)
		}
	}
	for _, path := range []string{"/waves/spring.json", "/waves/spring?format=csv", "/waves/spring/trust.json", "/waves/spring/organizations/org-01.csv"} {
		answer := r.get(path)
		var got struct{ Error errorJSON }
		if err := json.Unmarshal([]byte(answer.body), &got); err != nil || answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") == "" || got.Error.Kind != "loading" {
			t.Errorf("%s: %d, retry after %q, %v: %s", path, answer.status, answer.header.Get("Retry-After"), err, answer.body)
		}
	}
	if page := r.get("/o/" + strings.Repeat("a", 26)); page.status == http.StatusServiceUnavailable || page.header.Get("Refresh") != "" {
		t.Errorf("a respondent's page is affected: %d", page.status)
	}
	for range loadsAtOnce {
		<-r.server.results.live.loads
	}
	r.until("/waves/spring", "there", people(10))
}

func TestProgressDoesNotTellTheLastDigitsOfHowManyThereAre(t *testing.T) {
	for _, test := range []struct {
		at   loading
		says string
	}{
		{loading{41, 1_003_217}, "About 410,000 of 1,000,000 responses have been read (41%)."},
		{loading{7, 123_456}, "About 8,400 of 120,000 responses have been read (7%)."},
		{loading{50, 4711}, "50% of the responses have been read."},
		{loading{0, 0}, "0% of the responses have been read."},
		{loading{100, 1_000_000}, "All answers have been read; the figures are being computed."},
	} {
		if got := test.at.words(); got != test.says {
			t.Errorf("%+v: %q, want %q", test.at, got, test.says)
		}
	}
}

func TestAServiceIsNotReadyBeforeItKnowsItsWaves(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	c.replica(testPace).submit(0, 20)
	r := c.replica(testPace)
	admin := func() int {
		w := httptest.NewRecorder()
		r.server.Readiness().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	// It could answer already, and nobody has begun to load: a probe that comes so early is told to wait.
	if got := r.get("/readyz"); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, `"status":"loading"`) || admin() != http.StatusServiceUnavailable {
		t.Errorf("before the loading has begun: %d %s", got.status, got.body)
	}
	r.server.WarmUp()
	got := r.until("/readyz", "ready", func(s sent) bool { return s.status == http.StatusOK })
	if !strings.Contains(got.body, string(c.Wave.ID)) || admin() != http.StatusOK {
		t.Errorf("ready without having seen its wave: %s", got.body)
	}
}

func TestAServiceIsReadyWhenItsWavesAreLoaded(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		c.replica(testPace).submit(0, 20)
		r := c.replica(testPace)
		for range loadsAtOnce {
			r.server.results.live.loads <- struct{}{}
		}
		r.server.WarmUp()
		loading := r.until("/readyz", "loading", func(s sent) bool { return strings.Contains(s.body, `"state":"loading"`) })
		if loading.status != http.StatusServiceUnavailable || !strings.Contains(loading.body, `"status":"loading"`) || !strings.Contains(loading.body, string(c.Wave.ID)) {
			t.Errorf("while loading: %d %s", loading.status, loading.body)
		}
		if strings.Contains(loading.body, c.Wave.Key) || strings.Contains(loading.body, "20") && strings.Contains(loading.body, "responses\":") {
			t.Errorf("the probe tells the wave's name or number: %s", loading.body)
		}
		for range loadsAtOnce {
			<-r.server.results.live.loads
		}
		r.until("/readyz", "ready", func(s sent) bool { return s.status == http.StatusOK })
	})
}

func TestAWaveLargerThanTheMemoryIsRefusedInWordsBeforeItIsRead(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	c.replica(testPace).submit(0, 20)
	r := c.replica(testPace)
	l := r.server.results.live
	w, err := l.definition(t.Context(), c.Wave.ID)
	if err != nil {
		t.Fatal(err)
	}
	l.memory = func() (int64, bool) { return 64 << 20, true }
	if err := l.fits(w, 100, 50_000); err != nil {
		t.Errorf("50,000 responses do not fit 64 MB: %v", err)
	}
	err = l.fits(w, 100, 10_000_000)
	if many := l.fits(w, 25_000, 50_000); many == nil {
		t.Error("25,000 organizations of two fit 64 MB")
	}
	var refusal tooLargeToHold
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "64 MB more") {
		t.Fatalf("10 million responses in 64 MB: %v", err)
	}
	l.memory = func() (int64, bool) { return 0, false }
	if err := l.fits(w, 100, 1<<31); err != nil {
		t.Errorf("refused without knowing the memory: %v", err)
	}
	// The refusal is told on the page, to programs, by the probe and in the log.
	l.warmUp()
	r.until("/readyz", "ready", func(s sent) bool { return s.status == http.StatusOK })
	p := l.panelOf(c.Wave.ID)
	p.view.Store(nil)
	p.loaded.Store(false)
	p.tellFailure(t.Context(), err)
	page := r.get("/waves/spring")
	if page.status != http.StatusServiceUnavailable || !strings.Contains(page.body, "larger than the memory") || !strings.Contains(page.body, "64 MB are free") {
		t.Errorf("the page: %d %.600s", page.status, page.body)
	}
	p.tellFailure(t.Context(), err)
	if probe := r.get("/readyz"); probe.status != http.StatusOK && !strings.Contains(probe.body, "refused") {
		t.Errorf("the probe: %d %s", probe.status, probe.body)
	}
	if !strings.Contains(r.log.String(), "need about") {
		t.Errorf("the log: %s", r.log)
	}
}

func TestAPanelThatDisagreesWithTheDatabaseIsBuiltAnewAndSaysSo(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		r := c.replica(testPace)
		r.submit(0, 20)
		before := r.until("/waves/spring.json", "at the first step", people(10))
		p := r.server.results.live.panelOf(c.Wave.ID)
		p.compare(t.Context(), *p.mark.Load())
		if strings.Contains(r.log.String(), "built anew") {
			t.Fatalf("a panel that agrees is built anew: %s", r.log)
		}
		wrong := *p.mark.Load()
		wrong.digest.Add(survey.UID{1})
		p.compare(t.Context(), wrong)
		if !strings.Contains(r.log.String(), "built anew") {
			t.Errorf("nothing is said: %s", r.log)
		}
		if err := p.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := r.get("/waves/spring.json"); got.body != before.body {
			t.Errorf("another result after building anew: %s instead of %s", got.edition(), before.edition())
		}
		// A database that went back, as after a restore.
		p.position.Add(5)
		for range 2 {
			if err := p.catchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.get("/waves/spring.json"); got.body != before.body || strings.Count(r.log.String(), "built anew") != 2 {
			t.Errorf("after the database went back: edition %s, log %s", got.edition(), r.log)
		}
	})
}

func TestAWaveThatNobodyReadsIsForgottenAndComesBack(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	r := c.replica(testPace)
	r.submit(0, 20)
	r.until("/waves/spring", "at the first step", people(10))
	l := r.server.results.live
	if n := len(l.followed()); n != 1 {
		t.Fatalf("%d waves are followed", n)
	}
	l.forget()
	if n := len(l.followed()); n != 1 {
		t.Fatal("a wave that is being read was forgotten")
	}
	l.panelOf(c.Wave.ID).asked.Store(time.Now().Add(-time.Hour).UnixNano())
	l.forget()
	if n := len(l.followed()); n != 0 || len(r.server.results.kept) != 0 {
		t.Fatalf("%d waves and %d results are left", n, len(r.server.results.kept))
	}
	r.submit(0, 10)
	r.until("/waves/spring", "at the second step", people(20))
}

func TestThirtyWavesAreFollowedAtATime(t *testing.T) {
	c := newCluster(t, storetest.SQLite(t))
	r := c.replica(testPace)
	waves := []survey.Wave{c.Wave}
	for i := range 29 {
		w := c.Wave
		w.ID, w.Key = "", "wave-"+string(rune('a'+i/10))+string(rune('0'+i%10))
		w, err := r.store.PutWave(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		waves = append(waves, w)
	}
	for _, w := range waves {
		c.Wave = w
		r.submit(1, 20)
		r.until("/waves/"+w.Key+".json", "at the first step", people(10))
	}
	c.Wave = waves[17]
	r.submit(1, 10)
	r.until("/waves/"+waves[17].Key+".json", "at the second step", people(20))
	if got := r.get("/waves/" + waves[3].Key + ".json"); !people(10)(got) {
		t.Errorf("another wave is at %s", got.edition())
	}
	if n := len(r.server.results.live.followed()); n != 30 {
		t.Errorf("%d waves are followed", n)
	}
}
