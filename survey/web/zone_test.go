package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAllPagesOfAnAccountTellAndTakeTimesInItsZone(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		p := f.as(survey.Researcher)
		f.Wave.OpensAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		p.post("/account/zone", url.Values{"zone": {"Mars/Olympus"}}).mustBe(400, "is not known")
		p.follow("/account/zone", url.Values{"zone": {"Asia/Tokyo"}}).mustBe(200, "Times are in Asia/Tokyo")

		form := p.get("/studies/sales/waves/new").form()
		if form.Get("zone") != "Asia/Tokyo" || form.Get("wave-zone") != "Asia/Tokyo" || !strings.HasSuffix(form.Get("opens"), "T08:00") {
			t.Fatalf("the form takes %v", form)
		}
		form.Set("title", "Tokyo")
		form.Set("key", "tokyo")
		form.Set("opens", "2026-04-01T09:00")
		p.follow("/studies/sales/waves/new", form).mustBe(200, "1 Apr 2026, 09:00 JST")
		if got := p.get("/studies/sales/waves/tokyo/settings").value("opens"); got != "2026-04-01T09:00" {
			t.Errorf("the settings say %s", got)
		}
		p.get("/studies/sales").mustBe(200, "1 Apr 2026, 09:00 JST")
		if wave, err := f.store.WaveByKey(t.Context(), "tokyo"); err != nil || wave.Zone != "Asia/Tokyo" || !wave.OpensAt.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v, %v", wave, err)
		}
		f.as(survey.Viewer).get("/studies/sales/waves/tokyo").mustBe(200, "1 Apr 2026, 00:00 UTC")
	})
}

func TestSentencesOfTheStoreTellMomentsInTheZoneOfTheReader(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config, func(_ *store.Store, w *survey.Wave) { w.Mode, w.Zone = survey.Anonymous, "Europe/Berlin" })
		p := f.as(survey.Researcher)
		p.follow("/account/zone", url.Values{"zone": {"Asia/Tokyo"}})
		end := f.Wave.ClosesAt.In(survey.ZoneOr("Asia/Tokyo")).Format("2 January 2006, 15:04 JST")
		early := url.Values{"until": {f.now.Add(time.Hour).Format(typedLayout)}, "sure": {"yes"}}
		p.post(wavePath(f.Study, f.Wave, "/extend"), early).mustBe(422, "ends on "+end+" already")
		p.get(resultsPath(f.Wave.Key, "")).mustBe(403, "shown after "+end)
		// Who has no account reads the zone of the wave.
		if err := f.Wave.AnswersShown(t.Context(), f.now); err == nil || !strings.Contains(err.Error(), "CET") {
			t.Errorf("%v", err)
		}
	})
}

func TestTheZoneOfTheBrowserIsLearntOnceAtTheSignIn(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	signIn := func(zone string) survey.User {
		t.Helper()
		p := f.stranger()
		p.follow("/sign-in", url.Values{"email": {"ada@example.org"}, "password": {goodPassword}, "zone": {zone}})
		user, err := f.store.UserByEmail(t.Context(), "ada@example.org")
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	for _, step := range []struct{ zone, want string }{{"Mars/Olympus", ""}, {"", ""}, {"Europe/Berlin", "Europe/Berlin"}, {"Asia/Tokyo", "Europe/Berlin"}} {
		if got := signIn(step.zone).Zone; got != step.want {
			t.Errorf("after a sign-in from %q the zone is %q, expected %q", step.zone, got, step.want)
		}
	}
}

func TestRespondentsReadTheEndInTheZoneOfTheWaveWhereNoScriptsRun(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	wave := survey.Wave{StudyID: f.Study.ID, Key: "berlin", Title: "Berlin", InstrumentHash: f.Instrument.Hash(), Zone: "Europe/Berlin", OpensAt: f.now.Add(time.Hour), ClosesAt: time.Date(2026, 7, 1, 16, 0, 0, 0, time.UTC)}
	var err error
	if f.Wave, err = f.store.PutWave(t.Context(), wave); err != nil {
		t.Fatal(err)
	}
	link := f.invited()
	f.get(link).mustBe(403, "CET (UTC+1)")
	f.now = f.now.Add(2 * time.Hour)
	f.get(link).mustBe(200, "18:00 CEST (UTC+2)")
}
