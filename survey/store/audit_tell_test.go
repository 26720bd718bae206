package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// told does something as Ada and returns what the log says of it.
type told struct {
	*testing.T
	store *store.Store
	study survey.StudyID
}

func (l told) by(action, object string) context.Context {
	return store.Audited(l.Context(), ada, store.Deed{Action: action, Object: object, Study: l.study})
}

// says wants the newest entry, with its study, to have the words and none of the others.
func (l told) says(err error, object string, words []string, never ...string) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
	entries, err := l.store.AuditEntries(l.Context(), store.AuditPage{Study: l.study, Limit: 1})
	if err != nil || len(entries) != 1 {
		l.Fatalf("%d entries, %v", len(entries), err)
	}
	e := entries[0]
	if e.Object != object || e.Actor.Name != ada.Name {
		l.Errorf("%s: the object is %q by %q, not %q", e.Action, e.Object, e.Actor.Name, object)
	}
	for _, word := range words {
		if !strings.Contains(e.Detail, word) {
			l.Errorf("%s %s: %q is not in %q", e.Action, e.Object, word, e.Detail)
		}
	}
	for _, word := range never {
		if strings.Contains(e.Object+e.Detail, word) {
			l.Errorf("%s %s: %q is in %q", e.Action, e.Object, word, e.Detail)
		}
	}
}

func TestTheAuditLogTellsWhatBecameOfWhatInStudiesAndWaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, l := t.Context(), told{T: t, store: s}
		study, err := s.PutStudy(l.by("study.create", "study ours"), survey.Study{Key: "ours", Title: "Ours", Purpose: "To learn.", Contact: "us@example.org"})
		l.study = study.ID // the entry must stand in the log of the study itself
		l.says(err, "study ours", []string{"title “Ours”", "purpose “To learn.”", "contact “us@example.org”"}, "sender", "→")
		study.Title, study.Sender = "Yours", "The team"
		_, err = s.PutStudy(l.by("study.change", "study ours"), study)
		l.says(err, "study ours", []string{"title “Ours” → “Yours”", "sender none → “The team”"}, "purpose", "contact")

		hash := must[string](t)(s.PutInstrument(ctx, survey.Builtin().Canonical()))
		wave := survey.Wave{StudyID: study.ID, Key: "autumn", Title: "Autumn", InstrumentHash: hash, OpensAt: storetest.Now.Add(time.Hour), ClosesAt: storetest.Now.Add(48 * time.Hour), MinimumGroup: 10}
		made, err := s.PutWave(l.by("wave.create", "wave autumn"), wave)
		l.says(err, "wave autumn", []string{"title “Autumn”", "questionnaire " + hash, "mode confidential", "smallest group 10", "seal " + made.Seal}, "→")
		wave.Mode, wave.MinimumGroup = survey.Anonymous, 12
		changed, err := s.PutWave(l.by("wave.change", "wave autumn"), wave)
		l.says(err, "wave autumn", []string{"mode confidential → anonymous", "smallest group 10 → 12", "seal " + made.Seal + " → " + changed.Seal}, "title", "opens")
		organization := must[survey.Organization](t)(s.PutOrganization(ctx, survey.Organization{StudyID: study.ID, Key: "bolt", Name: "Bolt"}))
		targets := []survey.Target{{People: 100}, {OrganizationID: organization.ID, People: 7}}
		l.says(s.SetTargets(l.by("wave.targets", "wave autumn"), made.ID, targets), "wave autumn", []string{"organization bolt none → 7", "whole wave none → 100"})
		targets[1].People = 8
		l.says(s.SetTargets(l.by("wave.targets", "wave autumn"), made.ID, targets[1:]), "wave autumn", []string{"organization bolt 7 → 8", "whole wave 100 → none"})
		wave.OpensAt = storetest.Now
		_, err = s.PutWave(l.by("wave.open", "wave autumn"), wave)
		l.says(err, "wave autumn", []string{"opens " + storetest.Now.Add(time.Hour).Format("2006-01-02 15:04:05") + " UTC → " + storetest.Now.Format("2006-01-02 15:04:05"), "→ sha256:"})
		_, err = s.CloseWaveAt(l.by("wave.close", "wave autumn"), made.ID, time.Time{}, "enough answers")
		l.says(err, "wave autumn", []string{"closes ", " UTC → ", "reason “enough answers”"})
	})
}

func TestTheAuditLogTellsWhatBecameOfPlacesTextsAndRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		l := told{T: t, store: s, study: f.Study.ID}
		bolt := survey.Organization{StudyID: f.Study.ID, Key: "bolt", Name: "Bolt"}
		bolt, err := s.PutOrganization(l.by("organization.create", "organization bolt"), bolt)
		l.says(err, "organization bolt", []string{"name “Bolt”"}, "→", "industry")
		bolt.Industry = "it"
		l.says(s.ChangeOrganization(l.by("organization.change", "organization bolt"), bolt), "organization bolt", []string{"industry none → it"}, "name")
		teams, err := s.PutTeams(l.by("team.create", "organization bolt"), bolt.ID, []string{"North", "South"})
		l.says(err, "organization bolt", []string{"team “North”; team “South”"})
		_, err = s.MakeOpenLinks(l.by("link.create", "wave spring"), f.Wave.ID, []survey.OpenLink{{OrganizationID: bolt.ID}, {OrganizationID: bolt.ID, TeamID: teams[0].ID}})
		if err == nil {
			t.Fatal("links were made without a key")
		}
		if err := s.UseKey(t.Context(), storetest.Key); err != nil {
			t.Fatal(err)
		}
		links, err := s.MakeOpenLinks(l.by("link.create", "wave spring"), f.Wave.ID, []survey.OpenLink{{OrganizationID: bolt.ID}, {OrganizationID: bolt.ID, TeamID: teams[0].ID}})
		l.says(err, "wave spring", []string{"for organization bolt; for team “North” of bolt"})
		l.says(s.RevokeOpenLink(l.by("link.revoke", "link"), f.Wave.ID, links[1].ID), "link", []string{"for team “North” of bolt"})
		l.says(s.RemoveTeam(l.by("team.delete", "organization bolt"), bolt.ID, teams[1].ID), "organization bolt", []string{"name “South” → none"})
		long := strings.Repeat("x", 500)
		text := survey.MailText{Kind: survey.InvitationMail, Language: "en", Subject: "Come", Body: long + " first {link}\n{optout}"}
		l.says(s.PutMailText(l.by("mailing.text", "wave spring"), f.Wave.ID, text), "wave spring", []string{"invitation in en", "→ “Come”"})
		text.Body = long + " other {link}\n{optout}"
		l.says(s.PutMailText(l.by("mailing.text", "wave spring"), f.Wave.ID, text), "wave spring", []string{"first", "” → “… ", "other"}, "subject", long)
		_, err = s.PlanCampaign(l.by("mailing.plan", "wave spring"), survey.Campaign{WaveID: f.Wave.ID, Kind: survey.InvitationMail, Organizations: []survey.OrganizationID{bolt.ID}})
		l.says(err, "wave spring", []string{"invitation, sending ", "messages a minute 120", "organizations bolt"})

		u := must[survey.User](t)(s.CreateUser(t.Context(), ada, survey.User{Email: "eve@example.org", Name: "Eve"}))
		m := survey.Membership{UserID: u.ID, StudyID: f.Study.ID, Role: survey.Executive, Organizations: []survey.OrganizationID{bolt.ID}}
		l.says(s.PutMembership(t.Context(), ada, m), "user eve@example.org", []string{"role executive; organizations bolt"})
		m.Role, m.Organizations = survey.Viewer, nil
		l.says(s.PutMembership(t.Context(), ada, m), "user eve@example.org", []string{"role executive → viewer; organizations bolt → none"})
		l.says(s.RemoveMembership(t.Context(), ada, u.ID, f.Study.ID), "user eve@example.org", []string{"role viewer → none"})
		l.says(s.SetRetention(t.Context(), ada, f.Study.ID, survey.Retention{IdentityDays: 30}), "study "+f.Study.Key, []string{"identity no limit → 30 days"}, "drafts")
	})
}

func TestTheAuditLogTellsOfPeopleWithoutTheirNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		if err := s.UseKey(t.Context(), storetest.Key); err != nil {
			t.Fatal(err)
		}
		l := told{T: t, store: s, study: f.Study.ID}
		secret := []string{"Grace", "grace@example.org", "P-17"}
		row := store.RosterRow{OrganizationID: f.Organization.ID, Email: "grace@example.org", Name: "Grace", Reference: "P-17", Language: "en"}
		plan := must[store.RosterPlan](t)(s.PlanRoster(t.Context(), f.Wave.ID, []store.RosterRow{row}))
		l.says(s.ApplyRoster(l.by("person.create", "wave spring"), plan, func(int) {}), "wave spring", []string{"invitation ", "for organization " + f.Organization.Key}, secret...)
		people := must[[]store.RosterPerson](t)(s.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 1}))
		row.Name, row.Language = "Grace Hopper", "de"
		plan = must[store.RosterPlan](t)(s.PlanPerson(t.Context(), f.Wave.ID, people[0].InvitationID, row))
		l.says(s.ApplyRoster(l.by("person.change", "invitation"), plan, func(int) {}), "invitation", []string{"name changed; language changed"}, append(secret, "place", "address")...)
	})
}

func TestTheAuditLogTellsWhatBecameOfAccounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := told{T: t, store: s}
		_ = must[survey.User](t)(s.CreateUser(t.Context(), ada, survey.User{Email: "root@example.org", Name: "Root", Administrator: true}))
		u, err := s.CreateUser(t.Context(), ada, survey.User{Email: "eve@example.org", Name: "Eve"})
		l.says(err, "user eve@example.org", []string{"address eve@example.org; name “Eve”"})
		u.Email, u.Administrator = "eva@example.org", true
		l.says(s.ChangeUser(t.Context(), ada, u), "user eva@example.org", []string{"address eve@example.org → eva@example.org; administrator no → yes"}, "name")
		u.DisabledAt = storetest.Now
		l.says(s.ChangeUser(t.Context(), ada, u), "user eva@example.org", []string{"disabled no → yes"}, "administrator")
		l.says(s.SetZone(l.by("user.zone", "user"), u.ID, "Europe/Berlin"), "user", []string{"time zone none → Europe/Berlin"})
		token := auth.Hash{1}
		if err := s.PutSession(t.Context(), store.Session{TokenHash: token, UserID: u.ID, Data: []byte("x"), Origin: "192.0.2.7", ExpiresAt: storetest.Now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		l.says(s.EndSessionOf(t.Context(), ada, u.ID, token), "user "+ada.Name, []string{"of 192.0.2.7, since "})
		_, err = s.EndSessionsOf(t.Context(), ada, u.ID)
		l.says(err, "user eva@example.org", []string{"0 sessions"})
	})
}
