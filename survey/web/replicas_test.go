package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// replicas are two servers on one database. Each request goes to the other one
// than the request before, which both remember for the whole test.
type replicas struct {
	*field
	both [2]*Server
	turn int
}

func newReplicas(t *testing.T) *replicas {
	t.Helper()
	config := storetest.Postgres(t)
	r := &replicas{field: newField(t, config)}
	config.Clock = func() time.Time { return r.now }
	for i := range r.both {
		s := storetest.Open(t, config)
		in := intake.New(s, intake.Options{Memory: time.Hour})
		t.Cleanup(func() {
			if err := in.Drain(context.Background()); err != nil {
				t.Error(err)
			}
		})
		r.both[i], _ = newBare(t, Options{Store: s, Intake: in, Now: func() time.Time { return r.now }})
	}
	return r
}

func (r *replicas) step(path string, form url.Values) answer {
	r.t.Helper()
	r.server, r.turn = r.both[r.turn%2], r.turn+1
	if form == nil {
		return r.get(path)
	}
	return r.post(path, form)
}

// look has both replicas remember the link as it is now.
func (r *replicas) look(path string) {
	for _, server := range r.both {
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
}

func TestAJourneyOverTwoReplicasMeetsNothingStale(t *testing.T) {
	for _, kind := range []string{"an invitation", "an open link"} {
		t.Run(kind, func(t *testing.T) {
			r := newReplicas(t)
			at, start := r.invited(), url.Values{}
			if kind == "an open link" {
				at = "/o/" + r.openToken()
				start = r.step(at, nil).form()
			}
			r.look(at)
			at = r.step(at, start).mustSee("/s/1")
			link := linkIn(at)
			r.look(at)
			at = r.step(at, url.Values{"role": {"manager"}, "go": {"next"}}).mustSee("/s/2")
			pages := 1
			for !strings.Contains(at, "/review") {
				pages++
				page := r.step(at, nil)
				form := complete(page)
				form.Set("go", "next")
				r.look(link + "/review") // both remember the draft as it is now
				kept := r.step(at, form)
				before := at
				if at = kept.mustSee(""); at == before {
					t.Fatalf("%s leads to itself", at)
				}
				_, version, _ := strings.Cut(at, "?")
				before, _, _ = strings.Cut(before, "?")
				shown := r.step(before+"?"+version, nil).form()
				for name := range form {
					if name != "seen" && name != "shown_at" && name != "go" && shown.Get(name) != form.Get(name) {
						t.Errorf("page %d: the other replica shows %q for %s, want %q", pages, shown.Get(name), name, form.Get(name))
					}
				}
			}
			review := r.step(at, nil)
			review.mustBe(200, "check")
			if strings.Contains(review.text, "Needs an answer") || pages < 8 {
				t.Errorf("after %d pages answers are missing", pages)
			}
			r.look(link + "/review")
			done := r.step(link+"/submit", review.form()).mustSee("/receipt")
			r.step(done, nil).mustBe(200, "have arrived")
			r.step(link, nil).mustSee("/receipt")
			r.step(link, nil).mustSee("/receipt")
			r.step(link+"/submit", review.form()).mustSee("/receipt")
			r.step(link+"/submit", review.form()).mustSee("/receipt")
		})
	}
}

// TestWhatAReplicaRemembersDecidesNothing has one replica remember a draft that
// the other one saves, submits or whose wave closes.
func TestWhatAReplicaRemembersDecidesNothing(t *testing.T) {
	r := newReplicas(t)
	old, now := r.both[0], r.both[1]
	begun := func() string {
		link := r.invited()
		r.server = now
		r.begin(link, "manager")
		r.server = old
		r.get(link+"/s/3?v=2").mustBe(200, "")
		return link
	}

	t.Run("another page saved there", func(t *testing.T) {
		link := begun()
		form := r.get(link + "/s/3").form()
		r.server = now
		r.next(link, 4, url.Values{"deal_plan": {"2"}})
		r.server = old
		form.Set("problems_first", "7")
		form.Set("go", "stop")
		saved := r.post(link+"/s/3", form).mustSee("/saved")
		r.server = now
		version := saved[strings.Index(saved, "?"):]
		if a, b := r.get(link+"/s/3"+version).form().Get("problems_first"), r.get(link+"/s/4"+version).form().Get("deal_plan"); a != "7" || b != "2" {
			t.Errorf("kept %q and %q", a, b)
		}
	})
	t.Run("the same page saved there and shown", func(t *testing.T) {
		link := begun()
		r.server = now
		r.next(link, 3, url.Values{"problems_first": {"7"}})
		form := r.get(link + "/s/3").form() // knows the 7
		r.server = old
		form.Set("problems_first", "2")
		form.Set("go", "stop")
		r.post(link+"/s/3", form).mustSee("/saved")
	})
	t.Run("the same page saved there and not shown", func(t *testing.T) {
		link := begun()
		form := r.get(link + "/s/3").form()
		r.server = now
		r.next(link, 3, url.Values{"problems_first": {"7"}})
		r.server = old
		form.Set("problems_first", "2")
		form.Set("go", "stop")
		r.post(link+"/s/3", form).mustBe(409, "changed in another tab")
	})
	t.Run("submitted there", func(t *testing.T) {
		link := begun()
		form := complete(r.get(link + "/s/3"))
		form.Set("go", "next")
		r.server = now
		if told := r.tell(link, whole(auth.NewToken())); told.status != 201 {
			t.Fatalf("%+v", told)
		}
		r.server = old
		r.post(link+"/s/3", form).mustSee(link)
		r.get(link).mustSee("/receipt")
		r.get(link+"/receipt").mustBe(200, "have arrived")
		r.get(link + "/s/3").mustSee(link)
	})
	t.Run("saved there while the review lay open", func(t *testing.T) {
		link := r.invited()
		r.server = old
		review := r.fillAll(link)
		form := review.form()
		before := r.get(link + "/s/4").form()
		r.server = now
		changed := "2"
		if before.Get("deal_plan") == changed {
			changed = "3"
		}
		r.next(link, 4, url.Values{"deal_plan": {changed}})
		r.server = old
		again := r.post(link+"/submit", form)
		again.mustBe(409, "changed")
		if now := r.get(link + "/s/4").form().Get("deal_plan"); now != changed {
			t.Errorf("the draft has %q now, want %q", now, changed)
		}
		r.post(link+"/submit", again.form()).mustSee("/receipt")
	})
	t.Run("sent there from the same review", func(t *testing.T) {
		link := r.invited()
		r.server = old
		form := r.fillAll(link).form()
		r.server = now
		r.post(link+"/submit", form).mustSee("/receipt")
		r.server = old
		r.post(link+"/submit", form).mustSee("/receipt")
	})
	t.Run("closed", func(t *testing.T) {
		link := begun()
		form := complete(r.get(link + "/s/3"))
		form.Set("go", "next")
		if _, err := r.store.CloseWaveAt(t.Context(), r.Wave.ID, r.now.Add(time.Minute), "enough have answered"); err != nil {
			t.Fatal(err)
		}
		r.now = r.now.Add(2 * time.Minute)
		r.post(link+"/s/3", form).mustBe(410, "closed")
	})
}

func TestOddVersionsInAddressesAskForNothing(t *testing.T) {
	for query, want := range map[string]int{"": 0, "v=7": 7, "v=7&x=1": 7, "x=1": 0, "v=": 0, "v=-3": -3, "v=seven": 0, "v=99999999999999999999": 0, "vv=1": 0} {
		if got := versionIn(query); got != want {
			t.Errorf("%q: %d, want %d", query, got, want)
		}
	}
}
