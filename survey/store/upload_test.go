package store_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAFileStaysEncryptedAndNoLongerThanItsJob(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		ctx := t.Context()
		file := store.Upload{StudyID: f.Study.ID, WaveID: f.Wave.ID, Kind: store.RosterUpload, Content: []byte("ada@example.org")}
		_, err := s.PutUpload(ctx, file)
		wantKind(t, err, survey.Unavailable)
		if err := s.UseKey(ctx, storetest.Key); err != nil {
			t.Fatal(err)
		}
		put := func() store.Upload { t.Helper(); return must[store.Upload](t)(s.PutUpload(ctx, file)) }
		gone := func(u store.Upload) {
			t.Helper()
			_, err := s.UploadByID(ctx, f.Study.ID, u.ID)
			wantKind(t, err, survey.NotFound)
		}
		order := func(parameters string) store.NewJob {
			return store.NewJob{Kind: "roster", Key: string(f.Wave.ID), StudyID: f.Study.ID, Parameters: parameters}
		}
		first, second := put(), put()
		if got := must[store.Upload](t)(s.UploadByID(ctx, f.Study.ID, first.ID)); !bytes.Equal(got.Content, file.Content) || got.WaveID != f.Wave.ID {
			t.Errorf("%+v", got)
		}
		_, err = s.UploadByID(ctx, survey.StudyID(f.Wave.ID), first.ID)
		wantKind(t, err, survey.NotFound)
		job := must[survey.Job](t)(s.StartUploadJob(ctx, first.ID, order("first")))
		if again := must[survey.Job](t)(s.StartUploadJob(ctx, first.ID, order("first"))); again.ID != job.ID {
			t.Errorf("a second job %s", again.ID)
		}
		_, err = s.StartUploadJob(ctx, second.ID, order("second"))
		wantKind(t, err, survey.Conflict)
		wantKind(t, s.RemoveUpload(ctx, f.Study.ID, first.ID), survey.NotFound)
		claimed := must[store.ClaimedJob](t)(s.ClaimJob(ctx, []string{"roster"}, time.Minute))
		if err := s.EndJob(ctx, claimed, survey.JobWaiting, "", storetest.Now); err != nil {
			t.Fatal(err)
		}
		must[store.Upload](t)(s.UploadByID(ctx, f.Study.ID, first.ID))
		claimed = must[store.ClaimedJob](t)(s.ClaimJob(ctx, []string{"roster"}, time.Minute))
		if err := s.EndJob(ctx, claimed, survey.JobFailed, "no", time.Time{}); err != nil {
			t.Fatal(err)
		}
		gone(first)
		job = must[survey.Job](t)(s.StartUploadJob(ctx, second.ID, order("second")))
		must[survey.Job](t)(s.CancelJob(ctx, job.ID))
		gone(second)
		left := put()
		if n := must[int](t)(s.ForgetUploads(ctx, storetest.Now.Add(time.Hour))); n != 1 {
			t.Errorf("%d files forgotten", n)
		}
		gone(left)
	})
}

func TestAnOpenLinkIsMadeAgainFromTheKeyUntilItIsWithdrawn(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		ctx := t.Context()
		if err := s.UseKey(ctx, storetest.Key); err != nil {
			t.Fatal(err)
		}
		byHand := auth.NewToken()
		if err := s.CreateOpenLink(ctx, survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}, auth.HashToken(byHand)); err != nil {
			t.Fatal(err)
		}
		must[[]survey.OpenLink](t)(s.MakeOpenLinks(ctx, f.Wave.ID, []survey.OpenLink{{OrganizationID: f.Organization.ID}}))
		_, err := s.MakeOpenLinks(ctx, f.Wave.ID, []survey.OpenLink{{OrganizationID: survey.OrganizationID(f.Wave.ID)}})
		wantKind(t, err, survey.Invalid)
		known := 0
		for _, l := range must[[]store.ListedLink](t)(s.OpenLinks(ctx, f.Wave.ID)) {
			if l.Token == "" {
				continue
			}
			known++
			hash := auth.HashToken(l.Token)
			if got := must[survey.OpenLink](t)(s.OpenLinkByToken(ctx, hash)); got.ID != l.ID {
				t.Errorf("the link leads to %+v", got)
			}
			for range 2 {
				if err := s.RevokeOpenLink(ctx, f.Wave.ID, l.ID); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.OpenLinkByToken(ctx, hash)
			if wantKind(t, err, survey.Closed); got.RevokedAt.IsZero() {
				t.Errorf("a withdrawn link is %+v", got)
			}
			_, _, err = s.OpenEntrance(ctx, hash)
			wantKind(t, err, survey.Closed)
		}
		if known != 1 {
			t.Errorf("%d links can be made again", known)
		}
		must[survey.OpenLink](t)(s.OpenLinkByToken(ctx, auth.HashToken(byHand)))
		_, err = s.OpenLinkByID(ctx, f.Wave.ID, "no id")
		wantKind(t, err, survey.NotFound)
	})
}

func TestAnOrganizationIsRemovedOnlyWhileNothingHangsOnIt(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		ctx := t.Context()
		kept := must[[]survey.Organization](t)(s.PutListedOrganizations(ctx, f.Study.ID, []survey.ListedOrganization{
			{Organization: survey.Organization{Key: "a", Name: "A"}, Teams: []string{"North", "South"}}, {Organization: survey.Organization{Key: "b", Name: "B"}}}))
		again := must[[]survey.Organization](t)(s.PutListedOrganizations(ctx, f.Study.ID, []survey.ListedOrganization{{Organization: kept[0], Teams: []string{"South", "West"}}}))
		teams := must[[]survey.Team](t)(s.Teams(ctx, kept[0].ID))
		if again[0].ID != kept[0].ID || len(teams) != 3 {
			t.Fatalf("%+v with %+v", again, teams)
		}
		f.Invite(t, s, "anna")
		wantKind(t, s.RemoveOrganization(ctx, f.Organization.ID), survey.Conflict)
		if err := s.CreateOpenLink(ctx, survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: kept[0].ID, TeamID: teams[0].ID}, auth.HashToken("x")); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.RemoveTeam(ctx, kept[0].ID, teams[0].ID), survey.Conflict)
		wantKind(t, s.RemoveTeam(ctx, kept[1].ID, teams[1].ID), survey.NotFound)
		if err := s.RemoveTeam(ctx, kept[0].ID, teams[1].ID); err != nil {
			t.Error(err)
		}
		wantKind(t, s.RemoveOrganization(ctx, kept[0].ID), survey.Conflict)
		if err := s.RemoveOrganization(ctx, kept[1].ID); err != nil {
			t.Error(err)
		}
		wantKind(t, s.RemoveOrganization(ctx, kept[1].ID), survey.NotFound)
	})
}
