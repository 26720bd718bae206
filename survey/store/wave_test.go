package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// eachAt runs the test on both databases with a clock that it sets.
func eachAt(t *testing.T, test func(t *testing.T, s *store.Store, config store.Config, now *time.Time)) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		test(t, storetest.Open(t, config), config, &now)
	})
}

// planned makes a wave open in an hour.
func planned(_ *store.Store, wave *survey.Wave) { wave.OpensAt = storetest.Now.Add(time.Hour) }

func TestAPlannedWaveChangesAndAnOpenOneIsSealed(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s, planned)
		team := must[[]survey.Team](t)(s.PutTeams(ctx, f.Organization.ID, []string{"North"}))[0]
		first := f.Wave.Seal
		targets := []survey.Target{{People: 50}, {OrganizationID: f.Organization.ID, People: 30}, {Role: "manager", People: 10}, {TeamID: team.ID, People: 5}}
		if err := s.SetTargets(ctx, f.Wave.ID, targets); err != nil {
			t.Fatal(err)
		}
		f.Wave.Mode, f.Wave.MinimumGroup, f.Wave.LateHours = survey.Anonymous, 8, 24
		f.Wave.ClosesAt = f.Wave.ClosesAt.Add(time.Hour)
		f.Wave = must[survey.Wave](t)(s.PutWave(ctx, f.Wave))
		seal := must[survey.Seal](t)(s.WaveSeal(ctx, f.Wave.ID))
		if seal.Hash == first || seal.Hash != f.Wave.Seal || seal.Broken != "" || len(seal.Terms.Targets) != 4 || seal.Terms.Mode != survey.Anonymous {
			t.Fatalf("the seal is %+v, the wave %+v", seal, f.Wave)
		}
		if listed := must[[]survey.Target](t)(s.Targets(ctx, f.Wave.ID)); len(listed) != 4 || listed[0] != targets[0] || listed[3] != targets[3] {
			t.Errorf("targets are %+v", listed)
		}
		*now = f.Wave.OpensAt
		for name, change := range map[string]func(*survey.Wave){
			"the criteria":              func(w *survey.Wave) { w.CriteriaHash = "sha256:0" },
			"the mode":                  func(w *survey.Wave) { w.Mode = survey.Confidential },
			"the smallest group":        func(w *survey.Wave) { w.MinimumGroup = 9 },
			"the opening":               func(w *survey.Wave) { w.OpensAt = w.OpensAt.Add(time.Hour) },
			"the end":                   func(w *survey.Wave) { w.ClosesAt = w.ClosesAt.Add(time.Hour) },
			"the rule for late answers": func(w *survey.Wave) { w.LateHours = 0 },
			"the questionnaire":         func(w *survey.Wave) { w.InstrumentHash = "sha256:0" },
		} {
			wave := f.Wave
			change(&wave)
			_, err := s.PutWave(ctx, wave)
			wantKind(t, err, survey.Conflict)
			if !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "sealed") {
				t.Errorf("changing %s: %v", name, err)
			}
		}
		wantKind(t, s.SetTargets(ctx, f.Wave.ID, nil), survey.Conflict)
		renamed := f.Wave
		renamed.Title = "Spring again"
		if got := must[survey.Wave](t)(s.PutWave(ctx, renamed)); got != renamed {
			t.Errorf("renamed to %+v", got)
		}
		if after := must[survey.Seal](t)(s.WaveSeal(ctx, f.Wave.ID)); after.Hash != seal.Hash || after.Broken != "" {
			t.Errorf("afterwards the seal is %+v", after)
		}
	})
}

func TestTheDatabaseRefusesToChangeWhatIsSealed(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, config store.Config, _ *time.Time) {
		f := storetest.OpenWave(t, s)
		db := open(t, config)
		if _, err := db.Exec("PRAGMA foreign_keys = ON"); config.URL == "" && err != nil {
			t.Fatal(err)
		}
		for _, change := range []string{"minimum_group = 5 + 1", "mode = 'anonymous'", "late_hours = 3", "criteria_hash = NULL, key = 'other'",
			"seal_hash = ''", "opens_at = '2001-01-01 00:00:00+00:00'"} {
			if _, err := db.Exec("UPDATE waves SET " + change); err == nil {
				t.Errorf("the database took %s", change)
			}
		}
		if _, err := db.Exec("DELETE FROM waves"); err == nil {
			t.Error("the database removed a sealed wave")
		}
		if seal := must[survey.Seal](t)(s.WaveSeal(t.Context(), f.Wave.ID)); seal.Broken != "" {
			t.Errorf("the seal is said to be broken: %s", seal.Broken)
		}
		for change, says := range map[string]string{
			"UPDATE waves SET closes_at = '2033-01-01 00:00:00+00:00'":                                                "end",
			"INSERT INTO wave_targets (wave_id, scope, reference, people) SELECT id, 'role', 'manager', 3 FROM waves": "target numbers",
			"UPDATE wave_seals SET document = replace(document, 'confidential', 'anonymous')":                         "document",
			"INSERT INTO window_changes SELECT id, 1, 'extended', opens_at, opens_at, opens_at, '' FROM waves":        "moves",
			"DELETE FROM wave_seals": "taken away",
		} {
			changed := storetest.SQLite(t)
			if config.URL != "" {
				changed = storetest.Postgres(t)
			}
			other := storetest.Open(t, changed)
			f := storetest.OpenWave(t, other)
			if _, err := open(t, changed).Exec(change); err != nil {
				t.Fatal(err)
			}
			if seal := must[survey.Seal](t)(other.WaveSeal(t.Context(), f.Wave.ID)); !strings.Contains(seal.Broken, says) {
				t.Errorf("after %s: %q", change, seal.Broken)
			}
		}
	})
}

func TestTheEndOfAWaveMovesByExplicitStepsOnly(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		end := f.Wave.ClosesAt
		extend := func(until time.Time) error { return second(s.ExtendWave(ctx, f.Wave.ID, until, "many are on leave")) }
		early := func(at time.Time) error { return second(s.CloseWaveAt(ctx, f.Wave.ID, at, "enough")) }
		wantKind(t, extend(end), survey.Invalid)
		wantKind(t, extend(end.Add(-time.Hour)), survey.Invalid)
		wantKind(t, early(end), survey.Invalid)
		wantKind(t, early(now.Add(-time.Second)), survey.Invalid)
		wantKind(t, second(s.ExtendWave(ctx, f.Wave.ID, end.Add(time.Hour), "a\x00b")), survey.Invalid)
		wantKind(t, second(s.ExtendWave(ctx, "x", end.Add(time.Hour), "")), survey.NotFound)
		for _, err := range []error{extend(end.Add(48 * time.Hour)), early(end.Add(time.Hour))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		must[survey.Wave](t)(s.HoldWave(ctx, survey.Actor{Name: "test"}, f.Wave.ID))
		must[survey.Wave](t)(s.CloseWave(ctx, f.Wave.ID))
		must[survey.Wave](t)(s.CloseWave(ctx, f.Wave.ID)) // a second time changes nothing
		wantKind(t, early(now.Add(time.Hour)), survey.Conflict)
		closed := *now
		*now = closed.Add(time.Hour)
		if err := extend(now.Add(24 * time.Hour)); err != nil {
			t.Errorf("extending what closed an hour ago: %v", err)
		}
		if _, err := s.SubmitBatch(ctx, []survey.Submission{f.Submission(1)}); err != nil {
			t.Error(err)
		}
		seal := must[survey.Seal](t)(s.WaveSeal(ctx, f.Wave.ID))
		if seal.Broken != "" || len(seal.Changes) != 4 || seal.Changes[0].Kind != survey.Extended || seal.Changes[2].Kind != survey.ClosedEarly ||
			seal.Changes[3].Reason != "many are on leave" || !seal.Changes[0].From.Equal(end) || !seal.Terms.ClosesAt.Equal(end) {
			t.Errorf("the seal is %+v", seal)
		}
		*now = now.Add(24*time.Hour + survey.ExtendWithin)
		wantKind(t, extend(now.Add(time.Hour)), survey.Conflict)
	})
}

// Closed, extended and closed again, a wave would show the answers of whoever came in
// between as the difference of two final results.
func TestAWaveWithFinalResultsIsNotExtended(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.LateHours = 2 })
		must[survey.Wave](t)(s.CloseWave(ctx, f.Wave.ID))
		*now = now.Add(time.Hour) // late answers may come, so nothing is final
		must[survey.Wave](t)(s.ExtendWave(ctx, f.Wave.ID, now.Add(time.Hour), ""))
		closed := must[survey.Wave](t)(s.CloseWave(ctx, f.Wave.ID))
		*now = closed.LateUntil()
		_, err := s.ExtendWave(ctx, f.Wave.ID, now.Add(time.Hour), "")
		wantKind(t, err, survey.Conflict)
		if !strings.Contains(err.Error(), "final") {
			t.Error(err)
		}
		if seal := must[survey.Seal](t)(s.WaveSeal(ctx, f.Wave.ID)); len(seal.Changes) != 3 {
			t.Errorf("%d moves", len(seal.Changes))
		}
	})
}

func TestAWaveWhoseHeldResultsWereReleasedIsNotExtended(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		ctx, by := t.Context(), survey.Actor{Name: "test"}
		f := storetest.OpenWave(t, s)
		must[survey.Wave](t)(s.HoldWave(ctx, by, f.Wave.ID))
		must[survey.Wave](t)(s.CloseWave(ctx, f.Wave.ID))
		must[survey.Wave](t)(s.ReleaseWave(ctx, by, f.Wave.ID))
		_, err := s.ExtendWave(ctx, f.Wave.ID, now.Add(time.Hour), "")
		wantKind(t, err, survey.Conflict)
	})
}

func TestAnAnonymousWaveThatHasClosedIsNotExtended(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, _ *time.Time) {
		f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.Mode = survey.Anonymous })
		must[survey.Wave](t)(s.ExtendWave(t.Context(), f.Wave.ID, f.Wave.ClosesAt.Add(time.Hour), ""))
		must[survey.Wave](t)(s.CloseWave(t.Context(), f.Wave.ID))
		_, err := s.ExtendWave(t.Context(), f.Wave.ID, f.Wave.ClosesAt.Add(2*time.Hour), "")
		wantKind(t, err, survey.Conflict)
	})
}

func TestDraftsBegunBeforeTheCloseHaveTheHoursOfTheRule(t *testing.T) {
	eachAt(t, func(t *testing.T, s *store.Store, _ store.Config, now *time.Time) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s, func(_ *store.Store, w *survey.Wave) { w.LateHours = 2 })
		start := func(token string) (survey.Draft, error) {
			return s.StartDraft(ctx, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, auth.HashToken(token))
		}
		draft := must[survey.Draft](t)(start("early"))
		*now = f.Wave.ClosesAt.Add(time.Hour)
		_, err := start("late")
		wantKind(t, err, survey.Closed)
		for _, road := range []func(survey.Draft) (survey.Draft, error){
			func(d survey.Draft) (survey.Draft, error) { return s.SaveDraft(ctx, d) },
			func(d survey.Draft) (survey.Draft, error) {
				outcomes, err := s.KeepDrafts(ctx, []store.DraftChange{{Draft: d}})
				if err != nil {
					return d, err
				}
				return outcomes[0].Draft, outcomes[0].Err
			},
		} {
			if draft, err = road(draft); err != nil {
				t.Fatal(err)
			}
		}
		sent, unbegun := f.Submission(1), f.Submission(2)
		sent.Key, sent.DraftID = string(draft.ID), draft.ID
		unbegun.DraftID = survey.DraftID(store.NewResponseID())
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(ctx, []survey.Submission{sent, unbegun, f.Submission(3)}))
		if outcomes[0].Err != nil {
			t.Errorf("the draft that was begun in time: %v", outcomes[0].Err)
		}
		wantKind(t, outcomes[1].Err, survey.Closed)
		wantKind(t, outcomes[2].Err, survey.Closed)
		*now = f.Wave.ClosesAt.Add(-time.Second)
		draft = must[survey.Draft](t)(start("another"))
		*now = f.Wave.LateUntil()
		_, err = s.SaveDraft(ctx, draft)
		wantKind(t, err, survey.Closed)
		sent = f.Submission(4)
		sent.DraftID = draft.ID
		wantKind(t, must[[]store.Outcome](t)(s.SubmitBatch(ctx, []survey.Submission{sent}))[0].Err, survey.Closed)
		if wave := must[survey.Wave](t)(s.WaveByID(ctx, f.Wave.ID)); !wave.Settled(*now) || wave.Settled(now.Add(-time.Second)) {
			t.Error("the wave is not settled when the hours are over")
		}
	})
}

func TestTargetsForNobodyAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s, planned)
		other := must[survey.Study](t)(s.PutStudy(t.Context(), survey.Study{Key: "other", Title: "Other"}))
		stranger := must[survey.Organization](t)(s.PutOrganization(t.Context(), survey.Organization{StudyID: other.ID, Key: "x", Name: "X"}))
		team := must[[]survey.Team](t)(s.PutTeams(t.Context(), stranger.ID, []string{"North"}))[0]
		for name, target := range map[string]survey.Target{
			"nobody":                 {},
			"a negative number":      {People: -1},
			"two things":             {OrganizationID: f.Organization.ID, Role: "manager", People: 3},
			"an unknown role":        {Role: "astronaut", People: 3},
			"another study":          {OrganizationID: stranger.ID, People: 3},
			"no id":                  {OrganizationID: "x", People: 3},
			"a team of another":      {TeamID: team.ID, People: 3},
			"a team that is no team": {TeamID: "x", People: 3},
		} {
			if err := s.SetTargets(t.Context(), f.Wave.ID, []survey.Target{target}); err == nil || survey.KindOf(err) != survey.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantKind(t, s.SetTargets(t.Context(), f.Wave.ID, []survey.Target{{People: 3}, {People: 4}}), survey.Invalid)
		wantKind(t, s.SetTargets(t.Context(), "x", nil), survey.NotFound)
	})
}
