package store_test

import (
	"context"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// roads are the two ways in which drafts are kept, with one behaviour.
var roads = map[string]func(*store.Store) road{
	"alone":    func(s *store.Store) road { return s },
	"together": func(s *store.Store) road { return together{s} },
}

type road interface {
	StartDraft(ctx context.Context, draft survey.Draft, resume auth.Hash) (survey.Draft, error)
	SaveDraft(ctx context.Context, draft survey.Draft) (survey.Draft, error)
}

type together struct{ *store.Store }

func (s together) StartDraft(ctx context.Context, draft survey.Draft, resume auth.Hash) (survey.Draft, error) {
	return s.keep(ctx, store.DraftChange{Draft: draft, Resume: resume, Start: true})
}

func (s together) SaveDraft(ctx context.Context, draft survey.Draft) (survey.Draft, error) {
	return s.keep(ctx, store.DraftChange{Draft: draft})
}

func (s together) keep(ctx context.Context, change store.DraftChange) (survey.Draft, error) {
	outcomes, err := s.KeepDrafts(ctx, []store.DraftChange{change})
	if err != nil {
		return survey.Draft{}, err
	}
	return outcomes[0].Draft, outcomes[0].Err
}

// eachRoad runs the test on both databases and both roads.
func eachRoad(t *testing.T, test func(t *testing.T, config store.Config, on func(*store.Store) road)) {
	for name, on := range roads {
		t.Run(name, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, config store.Config) { test(t, config, on) })
		})
	}
}

func TestADraftIsResumedWhereItWasLeft(t *testing.T) {
	eachRoad(t, func(t *testing.T, config store.Config, on func(*store.Store) road) {
		s := storetest.Open(t, config)
		road := on(s)
		f := storetest.OpenWave(t, s)
		invitation, _ := f.Invite(t, s, "")
		resume := auth.HashToken(auth.NewToken())
		begin := survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Role: "manager", Language: "en"}
		personal := begin
		personal.InvitationID = invitation.ID
		for name, c := range map[string]struct {
			begin  survey.Draft
			resume auth.Hash
			find   func() (survey.Draft, error)
		}{
			"from an open link": {begin, resume, func() (survey.Draft, error) { return s.DraftByToken(t.Context(), resume) }},
			"personal":          {personal, auth.Hash{}, func() (survey.Draft, error) { return s.DraftByInvitation(t.Context(), invitation.ID) }},
		} {
			t.Run(name, func(t *testing.T) {
				draft := must[survey.Draft](t)(road.StartDraft(t.Context(), c.begin, c.resume))
				if draft.ID == "" || draft.Version != 1 || len(draft.Answers) != len(f.Instrument.Fields()) || draft.Answers[0].State != survey.NotShown {
					t.Errorf("a new draft is %+v", draft)
				}
				draft.Answers, draft.Seconds, draft.Role, draft.Language = f.Answers(3), []float32{12.25, 0}, "executive", "de"
				saved := must[survey.Draft](t)(road.SaveDraft(t.Context(), draft))
				if saved.Version != 2 {
					t.Errorf("the saved version is %d", saved.Version)
				}
				second := must[survey.Draft](t)(road.StartDraft(t.Context(), c.begin, c.resume))
				found := must[survey.Draft](t)(c.find())
				byID := must[survey.Draft](t)(s.DraftByID(t.Context(), draft.ID))
				for _, d := range []survey.Draft{second, found, byID} {
					if !reflect.DeepEqual(d, saved) {
						t.Errorf("resumed:\n got %+v\nwant %+v", d, saved)
					}
				}
			})
		}
	})
}

func TestAnOlderTabDoesNotOverwriteANewerOne(t *testing.T) {
	eachRoad(t, func(t *testing.T, config store.Config, on func(*store.Store) road) {
		s := storetest.Open(t, config)
		road := on(s)
		f := storetest.OpenWave(t, s)
		draft := must[survey.Draft](t)(road.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, auth.HashToken("x")))
		must[survey.Draft](t)(road.SaveDraft(t.Context(), draft))
		_, err := road.SaveDraft(t.Context(), draft)
		wantKind(t, err, survey.Conflict)
		var wg sync.WaitGroup
		draft.Version = 2
		kinds := make(chan survey.ErrorKind, 8)
		for range 8 {
			wg.Go(func() {
				_, err := road.SaveDraft(t.Context(), draft)
				if err == nil {
					kinds <- "saved"
					return
				}
				kinds <- survey.KindOf(err)
			})
		}
		wg.Wait()
		close(kinds)
		count := map[survey.ErrorKind]int{}
		for kind := range kinds {
			count[kind]++
		}
		if count["saved"] != 1 || count[survey.Conflict] != 7 {
			t.Errorf("eight tabs saving one version: %v", count)
		}
	})
}

func TestManyTabsStartOneDraft(t *testing.T) {
	eachRoad(t, func(t *testing.T, config store.Config, on func(*store.Store) road) {
		s := storetest.Open(t, config)
		road := on(s)
		f := storetest.OpenWave(t, s)
		invitation, _ := f.Invite(t, s, "anna")
		var ids sync.Map
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				draft, err := road.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: invitation.ID}, auth.Hash{})
				if err != nil {
					t.Error(err)
				}
				ids.Store(draft.ID, true)
			})
		}
		wg.Wait()
		n := 0
		ids.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d drafts for one invitation", n)
		}
	})
}

func TestADraftThatCanNotBeIsRefused(t *testing.T) {
	eachRoad(t, func(t *testing.T, config store.Config, on func(*store.Store) road) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		s := storetest.Open(t, config)
		road := on(s)
		f := storetest.OpenWave(t, s)
		resume := auth.HashToken("resume")
		good := survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
		draft := must[survey.Draft](t)(road.StartDraft(t.Context(), good, resume))
		for name, c := range map[string]struct {
			kind   survey.ErrorKind
			resume auth.Hash
			harm   func(*survey.Draft)
		}{
			"without a way back":    {survey.Invalid, auth.Hash{}, func(*survey.Draft) {}},
			"in no wave":            {survey.NotFound, resume, func(d *survey.Draft) { d.WaveID = "spring" }},
			"in no organization":    {survey.Invalid, resume, func(d *survey.Draft) { d.OrganizationID = survey.OrganizationID(store.NewResponseID()) }},
			"an unknown invitation": {survey.NotFound, auth.Hash{}, func(d *survey.Draft) { d.InvitationID = survey.InvitationID(store.NewResponseID()) }},
			"a text as invitation":  {survey.NotFound, auth.Hash{}, func(d *survey.Draft) { d.InvitationID = "' OR 1=1" }},
			"answers of elsewhere":  {survey.Invalid, resume, func(d *survey.Draft) { d.Answers = make(survey.Answers, 2) }},
			"a time below zero":     {survey.Invalid, resume, func(d *survey.Draft) { d.Seconds = []float32{-1} }},
		} {
			bad := good
			c.harm(&bad)
			if _, err := road.StartDraft(t.Context(), bad, c.resume); survey.KindOf(err) != c.kind || err == nil {
				t.Errorf("starting a draft %s: %v", name, err)
			}
		}
		unknown := draft
		unknown.ID = survey.DraftID(store.NewResponseID())
		_, err := road.SaveDraft(t.Context(), unknown)
		wantKind(t, err, survey.NotFound)
		_, err = s.DraftByID(t.Context(), "x")
		wantKind(t, err, survey.NotFound)
		_, err = s.DraftByToken(t.Context(), auth.HashToken("other"))
		wantKind(t, err, survey.NotFound)
		now = f.Wave.ClosesAt
		_, err = road.SaveDraft(t.Context(), draft)
		wantKind(t, err, survey.Closed)
		_, err = road.StartDraft(t.Context(), good, auth.HashToken("late"))
		wantKind(t, err, survey.Closed)
	})
}
