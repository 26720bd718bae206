package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

const nowhere = "00000000-0000-7000-8000-000000000000"

var ada = survey.Actor{Name: "ada@example.org", Origin: "192.0.2.1"}

// at is a store on the same database whose clock stands at another moment.
func at(t *testing.T, config store.Config, now time.Time) *store.Store {
	t.Helper()
	config.Clock = func() time.Time { return now }
	return storetest.Open(t, config)
}

func standing(t *testing.T, s *store.Store, wave survey.WaveID) store.Standing {
	t.Helper()
	return must[map[survey.WaveID]store.Standing](t)(s.Standings(t.Context(), []survey.WaveID{wave}))[wave]
}

func excluding(reason survey.ExclusionReason, words string, responses ...*survey.Response) []survey.Exclusion {
	var out []survey.Exclusion
	for _, r := range responses {
		out = append(out, survey.Exclusion{ResponseID: r.ID, Reason: reason, Words: words})
	}
	return out
}

func TestAResponseIsExcludedWithAReasonAndAnEntryInTheAuditLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 4)
		all := collect(t, s, f.Wave.ID)
		made := must[[]survey.Exclusion](t)(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "a straight line", all[1], all[3])))
		want := survey.Exclusion{WaveID: f.Wave.ID, ResponseID: all[1].ID, OrganizationID: f.Organization.ID, Reason: survey.Careless, Words: "a straight line", By: ada.Name, At: storetest.Now}
		if len(made) != 2 || made[0] != want {
			t.Errorf("%+v, want %+v", made, want)
		}
		if got := standing(t, s, f.Wave.ID); got != (store.Standing{Position: 4, Revision: 1}) {
			t.Errorf("the wave stands at %+v", got)
		}
		left := must[map[survey.UID]bool](t)(s.LeftOut(t.Context(), f.Wave.ID, false))
		if id, _ := survey.ParseUID(all[3].ID); len(left) != 2 || !left[id] {
			t.Errorf("left out: %v", left)
		}
		again := must[[]survey.Exclusion](t)(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.OtherExcluded, "a trial", all[1])))
		listed := must[[]survey.Exclusion](t)(s.Exclusions(t.Context(), f.Wave.ID))
		if len(listed) != 2 || again[0].Reason != survey.OtherExcluded || (listed[0] != again[0] && listed[1] != again[0]) {
			t.Errorf("%+v, then %+v", again, listed)
		}
		if err := s.Readmit(t.Context(), ada, f.Wave.ID, []survey.ResponseID{all[1].ID, all[3].ID, all[0].ID}); err != nil {
			t.Fatal(err)
		}
		if left := must[map[survey.UID]bool](t)(s.LeftOut(t.Context(), f.Wave.ID, true)); len(left) != 0 {
			t.Errorf("%d are still left out", len(left))
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 4 {
			t.Errorf("%d responses are left in the database, want all", n)
		}
		var log []string
		for _, e := range must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Limit: 100})) {
			if e.Actor == ada {
				log = append(log, e.Action+" "+e.Detail)
			}
			if strings.Contains(e.Detail+e.Object, "straight line") {
				t.Errorf("words are in the audit log: %+v", e)
			}
		}
		if got := strings.Join(log, ", "); got != "exclusion.remove careless, exclusion.remove other, exclusion.add other, exclusion.add careless, exclusion.add careless" {
			t.Errorf("the audit log says %s", got)
		}
	})
}

func TestWrongExclusionsChangeNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 1)
		one := collect(t, s, f.Wave.ID)[0]
		nobody := &survey.Response{ID: nowhere}
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			err  error
		}{
			"a reason that is none":   {survey.Invalid, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding("boring", "", one)))},
			"other without words":     {survey.Invalid, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.OtherExcluded, " ", one)))},
			"a novel":                 {survey.Invalid, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, strings.Repeat("ä", 501), one)))},
			"a character that is NUL": {survey.Invalid, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "a\x00b", one)))},
			"one that does not exist": {survey.NotFound, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "", one, nobody)))},
			"an id that is none":      {survey.NotFound, second(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "", &survey.Response{ID: "' OR 1=1"})))},
			"another wave":            {survey.NotFound, second(s.Exclude(t.Context(), ada, nowhere, excluding(survey.Careless, "", one)))},
			"no wave":                 {survey.NotFound, second(s.Exclude(t.Context(), ada, "", nil))},
			"letting in nobody":       {survey.NotFound, s.Readmit(t.Context(), ada, f.Wave.ID, []survey.ResponseID{nowhere})},
			"too many":                {survey.Invalid, s.Readmit(t.Context(), ada, f.Wave.ID, make([]survey.ResponseID, 10_001))},
		} {
			if survey.KindOf(c.err) != c.kind {
				t.Errorf("%s: %v, want %s", name, c.err, c.kind)
			}
		}
		if got := standing(t, s, f.Wave.ID); got.Revision != 0 {
			t.Errorf("refused changes moved the wave on: %+v", got)
		}
	})
}

func TestWhatIsExcludedAfterTheReleaseIsLate(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 3)
		all := collect(t, s, f.Wave.ID)
		must[[]survey.Exclusion](t)(s.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.TooFast, "", all[0])))
		closed := at(t, config, f.Wave.ClosesAt)
		late := must[[]survey.Exclusion](t)(closed.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.TooFast, "", all[1])))
		must[[]survey.Exclusion](t)(closed.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "", all[0])))
		if !late[0].Late {
			t.Error("an exclusion after the release is not late")
		}
		for counted, want := range map[bool]int{false: 1, true: 2} {
			if left := must[map[survey.UID]bool](t)(closed.LeftOut(t.Context(), f.Wave.ID, counted)); len(left) != want {
				t.Errorf("%d are left out, with late ones: %t; want %d", len(left), counted, want)
			}
		}
		if err := closed.Readmit(t.Context(), ada, f.Wave.ID, []survey.ResponseID{all[0].ID}); survey.KindOf(err) != survey.Conflict {
			t.Errorf("a response without which results are final was let in again: %v", err)
		}
		if err := closed.Readmit(t.Context(), ada, f.Wave.ID, []survey.ResponseID{all[1].ID}); err != nil {
			t.Errorf("a late exclusion can not be taken back: %v", err)
		}
		if _, err := closed.HoldWave(t.Context(), ada, f.Wave.ID); survey.KindOf(err) != survey.Conflict {
			t.Errorf("a wave was held after its results were seen: %v", err)
		}
	})
}

func TestAHeldWaveIsReleasedByHand(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 1)
		if _, err := s.ReleaseWave(t.Context(), ada, f.Wave.ID); survey.KindOf(err) != survey.Conflict {
			t.Errorf("a wave that nobody holds was released: %v", err)
		}
		held := must[survey.Wave](t)(s.HoldWave(t.Context(), ada, f.Wave.ID))
		if held.HeldAt.IsZero() || must[survey.Wave](t)(s.WaveByID(t.Context(), f.Wave.ID)) != held {
			t.Errorf("%+v", held)
		}
		if _, err := s.ReleaseWave(t.Context(), ada, f.Wave.ID); survey.KindOf(err) != survey.Conflict {
			t.Errorf("an open wave was released: %v", err)
		}
		later := at(t, config, f.Wave.ClosesAt.Add(time.Hour))
		made := must[[]survey.Exclusion](t)(later.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.TestResponse, "", collect(t, s, f.Wave.ID)[0])))
		if made[0].Late {
			t.Error("an exclusion while the wave is held is late")
		}
		released := must[survey.Wave](t)(later.ReleaseWave(t.Context(), ada, f.Wave.ID))
		if !released.Released(f.Wave.ClosesAt) || must[survey.Wave](t)(later.ReleaseWave(t.Context(), ada, f.Wave.ID)) != released {
			t.Errorf("%+v", released)
		}
	})
}

func TestImportedDataAreReviewedAtAnyTime(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.Study.Origin = survey.Imported
		must[survey.Study](t)(s.PutStudy(t.Context(), f.Study))
		keep(t, s, f, 1)
		closed := at(t, config, f.Wave.ClosesAt)
		if made := must[[]survey.Exclusion](t)(closed.Exclude(t.Context(), ada, f.Wave.ID, excluding(survey.Careless, "", collect(t, s, f.Wave.ID)[0]))); made[0].Late {
			t.Error("imported data are published by somebody else: nothing is late")
		}
	})
}
