package store_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestStudiesWavesAndOrganizationsKeepTheirIdsWhenTheyAreChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		study := f.Study
		study.Title, study.Origin, study.Attribution = "Renamed </script>", survey.Imported, "Open Government Licence"
		renamed := must[survey.Study](t)(s.PutStudy(ctx, survey.Study{Key: study.Key, Title: study.Title, Purpose: study.Purpose,
			Contact: study.Contact, Origin: study.Origin, Attribution: study.Attribution}))
		byKey := must[survey.Study](t)(s.StudyByKey(ctx, study.Key))
		byID := must[survey.Study](t)(s.StudyByID(ctx, study.ID))
		all := must[[]survey.Study](t)(s.Studies(ctx))
		if renamed != study || byKey != study || byID != study || !reflect.DeepEqual(all, []survey.Study{study}) {
			t.Errorf("the study is %+v, %+v, %+v, %+v; expected %+v", renamed, byKey, byID, all, study)
		}
		wave := f.Wave
		wave.Title, wave.ID = "Spring, renamed", ""
		longer := must[survey.Wave](t)(s.PutWave(ctx, wave))
		wave.ID = f.Wave.ID
		found := must[survey.Wave](t)(s.WaveByKey(ctx, "spring"))
		waves := must[[]survey.Wave](t)(s.Waves(ctx, study.ID))
		if longer != wave || found != wave || !reflect.DeepEqual(waves, []survey.Wave{wave}) {
			t.Errorf("the wave is %+v, %+v, %+v; expected %+v", longer, found, waves, wave)
		}
		beta := survey.Organization{StudyID: study.ID, Key: "beta", Name: `Beta "; DROP TABLE`, Industry: "it", Region: "eu", Size: "large"}
		acme := f.Organization
		acme.Name = "Acme Ltd"
		put := must[[]survey.Organization](t)(s.PutOrganizations(ctx, study.ID, []survey.Organization{beta, acme}))
		beta.ID = put[0].ID
		listed := must[[]survey.Organization](t)(s.Organizations(ctx, study.ID))
		one := must[survey.Organization](t)(s.OrganizationByKey(ctx, study.ID, "beta"))
		if put[1] != acme || put[0] != beta || one != beta || !reflect.DeepEqual(listed, []survey.Organization{acme, beta}) {
			t.Errorf("organizations are %+v, listed %+v", put, listed)
		}
		if n := must[int64](t)(s.CountOrganizations(ctx, study.ID)); n != 2 {
			t.Errorf("%d organizations are counted, there are 2", n)
		}
		teams := must[[]survey.Team](t)(s.PutTeams(ctx, acme.ID, []string{"North", "South"}))
		again := must[[]survey.Team](t)(s.PutTeams(ctx, acme.ID, []string{"South", "North"}))
		if teams[0] != again[1] || teams[1] != again[0] || !reflect.DeepEqual(must[[]survey.Team](t)(s.Teams(ctx, acme.ID)), teams) {
			t.Errorf("teams are %+v, then %+v", teams, again)
		}
	})
}

func TestWhatDoesNotExistIsNotFoundAndWhatCanNotBeIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		other := must[survey.Study](t)(s.PutStudy(ctx, survey.Study{Key: "other", Title: "Other"}))
		unknown := store.NewResponseID()
		wave := func(harm func(*survey.Wave)) error {
			w := f.Wave
			harm(&w)
			_, err := s.PutWave(ctx, w)
			return err
		}
		_, notFound := s.StudyByKey(ctx, "absent")
		if notFound == nil || notFound.Error() != `there is no study "absent"` {
			t.Errorf("the sentence is %v", notFound)
		}
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			err  error
		}{
			"a study":                       {survey.NotFound, notFound},
			"a study's id":                  {survey.NotFound, second(s.StudyByID(ctx, "x"))},
			"a wave":                        {survey.NotFound, second(s.WaveByKey(ctx, "absent"))},
			"a wave's id":                   {survey.NotFound, second(s.WaveByID(ctx, survey.WaveID(unknown)))},
			"a text as a wave's id":         {survey.NotFound, second(s.WaveByID(ctx, "spring"))},
			"the count of no wave":          {survey.NotFound, second(s.CountResponses(ctx, survey.WaveID(unknown)))},
			"the responses of no wave":      {survey.NotFound, s.EachResponse(ctx, survey.WaveID(unknown), nil)},
			"closing no wave":               {survey.NotFound, second(s.CloseWave(ctx, survey.WaveID(unknown)))},
			"an instrument":                 {survey.NotFound, second(s.Instrument(ctx, "sha256:0"))},
			"criteria":                      {survey.NotFound, second(s.Criteria(ctx, "sha256:0"))},
			"an organization":               {survey.NotFound, second(s.OrganizationByKey(ctx, f.Study.ID, "absent"))},
			"organizations of no study":     {survey.NotFound, second(s.PutOrganizations(ctx, survey.StudyID(unknown), []survey.Organization{{Key: "k", Name: "n"}}))},
			"teams of no organization":      {survey.NotFound, second(s.PutTeams(ctx, survey.OrganizationID(unknown), []string{"North"}))},
			"a study without key":           {survey.Invalid, second(s.PutStudy(ctx, survey.Study{Title: "T"}))},
			"a study of unknown origin":     {survey.Invalid, second(s.PutStudy(ctx, survey.Study{Key: "k", Title: "T", Origin: "heaven"}))},
			"a blank organization":          {survey.Invalid, second(s.PutOrganizations(ctx, f.Study.ID, []survey.Organization{{Key: "k", Name: " "}}))},
			"an organization twice":         {survey.Invalid, second(s.PutOrganizations(ctx, f.Study.ID, []survey.Organization{{Key: "k", Name: "a"}, {Key: "k", Name: "b"}}))},
			"a blank team":                  {survey.Invalid, second(s.PutTeams(ctx, f.Organization.ID, []string{""}))},
			"criteria without name":         {survey.Invalid, second(s.PutCriteria(ctx, "", []byte("{}")))},
			"a broken instrument":           {survey.Invalid, second(s.PutInstrument(ctx, []byte("{")))},
			"a wave with a tiny group":      {survey.Invalid, wave(func(w *survey.Wave) { w.MinimumGroup = 4 })},
			"a wave that ends at once":      {survey.Invalid, wave(func(w *survey.Wave) { w.ClosesAt = w.OpensAt })},
			"a wave with absent instrument": {survey.Invalid, wave(func(w *survey.Wave) { w.Key, w.InstrumentHash = "new", "sha256:0" })},
			"a wave of another study":       {survey.Conflict, wave(func(w *survey.Wave) { w.StudyID = other.ID })},
		} {
			if c.err == nil || survey.KindOf(c.err) != c.kind {
				t.Errorf("%s: %v (%s), expected %s", name, c.err, survey.KindOf(c.err), c.kind)
			}
		}
		if listed := must[[]survey.Organization](t)(s.Organizations(ctx, f.Study.ID)); len(listed) != 1 {
			t.Errorf("a refused organization is there: %+v", listed)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAnInstrumentIsKeptOnceAndNeverChanges(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		ctx := t.Context()
		s := storetest.Open(t, config)
		hash := must[string](t)(s.PutInstrument(ctx, survey.BuiltinDocument()))
		again := must[string](t)(s.PutInstrument(ctx, survey.BuiltinDocument()))
		if hash != again || hash != survey.Builtin().Hash() {
			t.Errorf("hashes are %s and %s, the instrument has %s", hash, again, survey.Builtin().Hash())
		}
		other := strings.Replace(string(survey.BuiltinDocument()), "Sales best practices", "Sales practices", 1)
		_, err := s.PutInstrument(ctx, []byte(other))
		wantKind(t, err, survey.Conflict)
		in := must[*survey.Instrument](t)(storetest.Open(t, config).Instrument(ctx, hash))
		if in.Hash() != hash || len(in.Fields()) != len(survey.Builtin().Fields()) {
			t.Errorf("read back: %s with %d fields", in.Hash(), len(in.Fields()))
		}
		if must[*survey.Instrument](t)(s.Instrument(ctx, hash)) != must[*survey.Instrument](t)(s.Instrument(ctx, hash)) {
			t.Error("an instrument is read twice")
		}
		document := []byte("{\"name\": \"organizations/1\"}\n")
		criteria := must[string](t)(s.PutCriteria(ctx, "organizations/1", document))
		if got := must[store.Criteria](t)(s.Criteria(ctx, criteria)); got.Name != "organizations/1" || string(got.Document) != string(document) || got.Hash != criteria {
			t.Errorf("criteria are %+v", got)
		}
	})
}

func TestLinksAreFoundByTheHashOfTheirToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		team := must[[]survey.Team](t)(s.PutTeams(ctx, f.Organization.ID, []string{"North"}))[0]
		token := auth.HashToken(auth.NewToken())
		link := survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, TeamID: team.ID}
		if err := s.CreateOpenLink(ctx, link, token); err != nil {
			t.Fatal(err)
		}
		got := must[survey.OpenLink](t)(s.OpenLinkByToken(ctx, token))
		if link.ID, link.CreatedAt = got.ID, got.CreatedAt; got != link || got.ID == "" {
			t.Errorf("the open link is %+v", got)
		}
		wantKind(t, s.CreateOpenLink(ctx, link, token), survey.Conflict)
		_, err := s.OpenLinkByToken(ctx, auth.HashToken("guess"))
		wantKind(t, err, survey.NotFound)

		invitation, invited := f.Invite(t, s, "anna")
		if got := must[survey.Invitation](t)(s.InvitationByToken(ctx, auth.HashToken(invited))); got != invitation || got.Reference != "anna" || !got.UsedAt.IsZero() {
			t.Errorf("the invitation is %+v, expected %+v", got, invitation)
		}
		f.Invite(t, s, "")
		f.Invite(t, s, "")
		if all := must[[]survey.Invitation](t)(s.Invitations(ctx, f.Wave.ID)); len(all) != 3 {
			t.Errorf("%d invitations", len(all))
		}
		elsewhere := must[survey.Organization](t)(s.PutOrganization(ctx, survey.Organization{StudyID: f.Study.ID, Key: "b", Name: "B"}))
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			wave survey.WaveID
			new  store.NewInvitation
		}{
			"a person twice":         {survey.Conflict, f.Wave.ID, store.NewInvitation{OrganizationID: f.Organization.ID, Reference: "anna", Token: auth.HashToken("1")}},
			"a token twice":          {survey.Conflict, f.Wave.ID, store.NewInvitation{OrganizationID: f.Organization.ID, Token: auth.HashToken(invited)}},
			"no organization":        {survey.Invalid, f.Wave.ID, store.NewInvitation{Token: auth.HashToken("2")}},
			"a team of another":      {survey.Invalid, f.Wave.ID, store.NewInvitation{OrganizationID: elsewhere.ID, TeamID: team.ID, Token: auth.HashToken("3")}},
			"a wave that is not one": {survey.NotFound, "spring", store.NewInvitation{OrganizationID: f.Organization.ID, Token: auth.HashToken("4")}},
		} {
			good := store.NewInvitation{OrganizationID: f.Organization.ID, Reference: "bert", Token: auth.HashToken("good")}
			if _, err := s.CreateInvitations(ctx, c.wave, []store.NewInvitation{good, c.new}); survey.KindOf(err) != c.kind || err == nil {
				t.Errorf("inviting %s: %v", name, err)
			}
		}
		if all := must[[]survey.Invitation](t)(s.Invitations(ctx, f.Wave.ID)); len(all) != 3 {
			t.Errorf("a refused roster left %d invitations", len(all)-3)
		}
	})
}

func TestAResultLinkEndsWhenItIsRevoked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		f := storetest.OpenWave(t, s)
		whole, one := auth.HashToken("whole"), auth.HashToken("one")
		for token, organization := range map[auth.Hash]survey.OrganizationID{whole: "", one: f.Organization.ID} {
			link := store.ResultLink{WaveID: f.Wave.ID, OrganizationID: organization}
			if err := s.CreateResultLink(ctx, link, token); err != nil {
				t.Fatal(err)
			}
			link.CreatedAt = storetest.Now
			if got := must[store.ResultLink](t)(s.ResultLinkByToken(ctx, token)); got != link {
				t.Errorf("the link is %+v, expected %+v", got, link)
			}
		}
		for range 2 {
			if err := s.RevokeResultLink(ctx, one); err != nil {
				t.Error(err)
			}
		}
		_, err := s.ResultLinkByToken(ctx, one)
		wantKind(t, err, survey.Forbidden)
		must[store.ResultLink](t)(s.ResultLinkByToken(ctx, whole))
		wantKind(t, s.RevokeResultLink(ctx, auth.HashToken("guess")), survey.NotFound)
		_, err = s.ResultLinkByToken(ctx, auth.HashToken("guess"))
		wantKind(t, err, survey.NotFound)
		wantKind(t, s.CreateResultLink(ctx, store.ResultLink{WaveID: f.Wave.ID, OrganizationID: "x"}, auth.HashToken("n")), survey.Invalid)
	})
}
