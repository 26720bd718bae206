package store_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestDraftsAreKeptTogetherAndABadOneFailsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		begin := func(n string) store.DraftChange {
			return store.DraftChange{Start: true, Resume: auth.HashToken(n),
				Draft: survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Language: "en"}}
		}
		stranger := begin("stranger")
		stranger.Draft.OrganizationID = survey.OrganizationID(store.NewResponseID())
		first := must[[]store.DraftOutcome](t)(s.KeepDrafts(t.Context(), []store.DraftChange{begin("a"), stranger, begin("b"), begin("a"), begin("c")}))
		wantKind(t, first[1].Err, survey.Invalid)
		for _, n := range []int{0, 2, 3, 4} {
			if first[n].Err != nil || first[n].Draft.ID == "" || first[n].Draft.Version != 1 {
				t.Fatalf("draft %d: %+v", n, first[n])
			}
		}
		if first[3].Draft.ID != first[0].Draft.ID || first[2].Draft.ID == first[0].Draft.ID {
			t.Errorf("two tabs of one person got %s and %s, another person %s", first[0].Draft.ID, first[3].Draft.ID, first[2].Draft.ID)
		}
		save := func(d survey.Draft, n int) store.DraftChange {
			d.Answers, d.Seconds, d.Role = f.Answers(n), []float32{1, 2}, "manager"
			return store.DraftChange{Draft: d}
		}
		old, absent := save(first[2].Draft, 3), save(first[4].Draft, 4)
		old.Draft.Version = 7
		absent.Draft.ID = survey.DraftID(store.NewResponseID())
		second := must[[]store.DraftOutcome](t)(s.KeepDrafts(t.Context(),
			[]store.DraftChange{save(first[0].Draft, 1), old, absent, save(first[4].Draft, 2), save(first[0].Draft, 5), begin("d")}))
		wantKind(t, second[1].Err, survey.Conflict)
		wantKind(t, second[2].Err, survey.NotFound)
		wantKind(t, second[4].Err, survey.Conflict)
		for n, want := range map[int]int{0: 1, 3: 2} {
			if second[n].Err != nil || second[n].Draft.Version != 2 {
				t.Errorf("save %d: %+v", n, second[n].Err)
			}
			kept := must[survey.Draft](t)(s.DraftByID(t.Context(), second[n].Draft.ID))
			if !reflect.DeepEqual(kept, second[n].Draft) || !reflect.DeepEqual(kept.Answers, f.Answers(want)) {
				t.Errorf("save %d:\nkept     %+v\nreported %+v", n, kept, second[n].Draft)
			}
		}
		if second[5].Err != nil {
			t.Errorf("a draft begun beside saves: %v", second[5].Err)
		}
	})
}

func TestADraftIsNotBegunWhereAnswersAreSubmittedOrTheInvitationIsElsewhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		other := must[survey.Organization](t)(s.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "other", Name: "Other"}))
		used, _ := f.Invite(t, s, "used")
		free, _ := f.Invite(t, s, "free")
		sub := f.Submission(1)
		sub.InvitationID = used.ID
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{sub}))
		invited := func(id survey.InvitationID, organization survey.OrganizationID) store.DraftChange {
			return store.DraftChange{Start: true, Draft: survey.Draft{WaveID: f.Wave.ID, OrganizationID: organization, InvitationID: id}}
		}
		outcomes := must[[]store.DraftOutcome](t)(s.KeepDrafts(t.Context(), []store.DraftChange{
			invited(used.ID, f.Organization.ID), invited(free.ID, other.ID), invited(free.ID, f.Organization.ID)}))
		wantKind(t, outcomes[0].Err, survey.Conflict)
		// The third has the invitation of the second, and right.
		wantKind(t, outcomes[1].Err, survey.Invalid)
		if outcomes[2].Err != nil {
			t.Error(outcomes[2].Err)
		}
	})
}

func TestALinkOpensWhatItsStepByStepLookUpsFind(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		invitations, tokens := map[string]survey.Invitation{}, map[string]auth.Hash{}
		for _, name := range []string{"fresh", "begun", "used"} {
			invitation, token := f.Invite(t, s, name)
			invitations[name], tokens[name] = invitation, auth.HashToken(token)
		}
		start := func(name string) survey.Draft {
			tokens["open "+name] = auth.HashToken("open " + name)
			d := must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Language: "en"}, tokens["open "+name]))
			d.Answers, d.Seconds = f.Answers(len(name)), []float32{0.5}
			return must[survey.Draft](t)(s.SaveDraft(t.Context(), d))
		}
		personal := must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: invitations["begun"].ID}, auth.Hash{}))
		draft, sent := start("draft"), start("sent")
		submissions := []survey.Submission{f.Submission(1), f.Submission(2)}
		submissions[0].InvitationID = invitations["used"].ID
		submissions[1].DraftID = sent.ID
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), submissions))
		names := []string{"fresh", "begun", "used", "open draft", "open sent", "unknown", "fresh"}
		var hashes []auth.Hash
		for _, name := range names {
			hashes = append(hashes, tokens[name])
		}
		entrances := must[[]store.Entrance](t)(s.Entrances(t.Context(), hashes))
		wantKind(t, entrances[5].Err, survey.NotFound)
		if entrances[5].Err == nil || !strings.Contains(entrances[5].Err.Error(), "copied completely") {
			t.Errorf("an unknown link: %v", entrances[5].Err)
		}
		place := must[*store.Place](t)(s.Place(t.Context(), f.Wave.ID, f.Organization.ID))
		if place.Wave.Key != f.Wave.Key || place.Study.Title != f.Study.Title || place.Organization != f.Organization || place.Instrument.Hash() != f.Instrument.Hash() {
			t.Errorf("the place is %+v", place)
		}
		used := must[survey.Invitation](t)(s.InvitationByToken(t.Context(), tokens["used"]))
		for i, want := range []store.Entrance{
			{Invitation: invitations["fresh"]},
			{Invitation: invitations["begun"], Draft: personal, Started: true},
			{Invitation: used, Submitted: true},
			{Draft: draft, Started: true},
			{Submitted: true},
			{},
			{Invitation: invitations["fresh"]},
		} {
			want.Place, want.Err = place, nil
			if got := entrances[i]; i != 5 && !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n got %+v\nwant %+v", names[i], got, want)
			}
		}
		if none := must[[]store.Entrance](t)(s.Entrances(t.Context(), nil)); len(none) != 0 {
			t.Errorf("nothing asked for: %+v", none)
		}
	})
}

func TestAPlaceThatThisProgramChangesIsSeenAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		token := auth.HashToken("door")
		link := survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
		if err := s.CreateOpenLink(t.Context(), link, token); err != nil {
			t.Fatal(err)
		}
		look := func() *store.Place {
			got, place, err := s.OpenEntrance(t.Context(), token)
			if err != nil || got.WaveID != link.WaveID || got.OrganizationID != link.OrganizationID {
				t.Fatalf("%+v, %v", got, err)
			}
			return place
		}
		if first, again := look(), look(); first != again {
			t.Error("a place is read again within a moment")
		}
		renamed := f.Organization
		renamed.Name = "Acme & Sons"
		must[survey.Organization](t)(s.PutOrganization(t.Context(), renamed))
		must[survey.Wave](t)(s.CloseWave(t.Context(), f.Wave.ID))
		study := f.Study
		study.Title = "How others sell"
		must[survey.Study](t)(s.PutStudy(t.Context(), study))
		place := look()
		if place.Organization.Name != renamed.Name || place.Study.Title != study.Title || place.Wave.State(storetest.Now) != survey.WaveClosed {
			t.Errorf("the place is still %+v", place)
		}
		_, _, err := s.OpenEntrance(t.Context(), auth.HashToken("guessed"))
		wantKind(t, err, survey.NotFound)
		_, err = s.Place(t.Context(), f.Wave.ID, survey.OrganizationID(store.NewResponseID()))
		wantKind(t, err, survey.NotFound)
		_, err = s.Place(t.Context(), survey.WaveID(store.NewResponseID()), f.Organization.ID)
		wantKind(t, err, survey.NotFound)
	})
}

func TestAnswersAreSubmittedOfTheDraftThatWasLookedAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		begin := func(name string) survey.Draft {
			return must[survey.Draft](t)(s.StartDraft(t.Context(), survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Language: "en"}, auth.HashToken(name)))
		}
		submission := func(n int, d survey.Draft) survey.Submission {
			sub := f.Submission(n)
			sub.Key, sub.DraftID, sub.DraftVersion = string(d.ID), d.ID, d.Version
			return sub
		}
		same, saved, gone := begin("same"), begin("saved"), begin("gone")
		gone.ID = survey.DraftID(store.NewResponseID()) // one that nobody has begun
		later := must[survey.Draft](t)(s.SaveDraft(t.Context(), saved))
		batch := []survey.Submission{submission(1, same), submission(2, saved), submission(3, gone), f.Submission(4)}
		outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), batch))
		for _, n := range []int{0, 3} {
			if outcomes[n].Err != nil || outcomes[n].Receipt.Code == "" {
				t.Errorf("submission %d beside bad ones: %+v", n, outcomes[n])
			}
		}
		for _, n := range []int{1, 2} {
			wantKind(t, outcomes[n].Err, survey.Conflict)
			if outcomes[n].Receipt != (survey.Receipt{}) {
				t.Errorf("submission %d has a receipt: %+v", n, outcomes[n].Receipt)
			}
		}
		if kept := must[survey.Draft](t)(s.DraftByID(t.Context(), saved.ID)); kept.Version != later.Version {
			t.Errorf("the draft that was saved since has version %d, want %d", kept.Version, later.Version)
		}
		again := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{batch[0], submission(2, later)}))
		if again[0].Err != nil || !again[0].Receipt.Again || again[0].Receipt.Code != outcomes[0].Receipt.Code {
			t.Errorf("the same once more, without its draft: %+v", again[0])
		}
		if again[1].Err != nil {
			t.Errorf("looked at again: %v", again[1].Err)
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 3 {
			t.Errorf("%d responses of 3", n)
		}
	})
}
