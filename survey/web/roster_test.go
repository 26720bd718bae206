package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// rosterRows are the names on a page of the roster with their states.
func (a answer) rosterRows() (names, states []string) {
	for _, row := range a.find("th", "scope", "row") {
		link := textOf(row)
		names = append(names, link)
		last := ""
		for cell := row.NextSibling; cell != nil; cell = cell.NextSibling {
			if text := textOf(cell); text != "" {
				last = text
			}
		}
		states = append(states, last)
	}
	return names, states
}

// TestTheRosterSaysHowFarEachPersonIs follows people from the file to the answer, in a
// confidential wave and in an anonymous one, which does not tell who has begun.
func TestTheRosterSaysHowFarEachPersonIs(t *testing.T) {
	for _, mode := range survey.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, config store.Config) {
				f := newField(t, config, func(_ *store.Store, w *survey.Wave) { w.Mode = mode })
				if err := f.store.UseKey(t.Context(), storetest.Key); err != nil {
					t.Fatal(err)
				}
				f.invitePeople(f.Organization.ID, "a@example.org", "b@example.org", "c@example.org")
				p := f.as(survey.Coordinator)
				states := func() string {
					_, states := p.get(rosterAt).rosterRows()
					return strings.Join(states, ", ")
				}
				expect := func(want string) {
					t.Helper()
					if got := states(); got != want {
						t.Errorf("the states are %q, want %q", got, want)
					}
				}
				expect("no mail yet, no mail yet, no mail yet")
				f.Campaign(t, f.store, survey.InvitationMail, 6000)
				expect("mail queued, mail queued, mail queued")
				mails, err := f.store.ClaimMail(t.Context(), store.Claim{Limit: 1, Lease: time.Minute, Ahead: time.Second})
				if err != nil || len(mails) != 1 {
					t.Fatalf("%d messages, %v", len(mails), err)
				}
				if err := f.store.HoldMail(t.Context(), mails[0], time.Minute); err != nil {
					t.Fatal(err)
				}
				if err := f.store.EndMail(t.Context(), mails[0], store.MailOutcome{Status: survey.MailSent}); err != nil {
					t.Fatal(err)
				}
				if got := states(); !strings.Contains(got, "mail sent") || strings.Count(got, "mail queued") != 2 {
					t.Errorf("after one message the states are %q", got)
				}
				people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 10})
				if err != nil {
					t.Fatal(err)
				}
				at := slices.IndexFunc(people, func(r store.RosterPerson) bool { return r.Email == mails[0].Email })
				link := "/r/" + people[at].Token
				f.begin(link, "manager")
				if mode == survey.Anonymous {
					if got := states(); strings.Contains(got, "started") || !strings.Contains(got, "mail sent") {
						t.Errorf("an anonymous wave tells who has begun: %q", got)
					}
					return
				}
				if got := states(); !strings.Contains(got, "started") {
					t.Errorf("somebody has begun, the states are %q", got)
				}
				f.fillAll(link)
				f.post(link+"/submit", f.get(link+"/review").form()).mustSee("/receipt")
				if got := states(); !strings.Contains(got, "answered") {
					t.Errorf("somebody has answered, the states are %q", got)
				}
			})
		})
	}
}

// TestTheRosterIsInTheOrderInWhichItIsRead pages through people of numbered organizations
// on both databases, and finds each person once.
func TestTheRosterIsInTheOrderInWhichItIsRead(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		var rows []store.RosterRow
		var want []string
		for n, o := range f.manyOrganizations(11) {
			for i := range 3 {
				name := fmt.Sprintf("%d Person %d", n+1, []int{9, 10, 100}[i])
				rows = append(rows, store.RosterRow{OrganizationID: o.ID, Reference: fmt.Sprint(len(rows)), Name: name})
				want = append(want, name)
			}
		}
		slices.Reverse(rows)
		plan, err := f.store.PlanRoster(t.Context(), f.Wave.ID, rows)
		if err == nil {
			err = f.store.ApplyRoster(t.Context(), plan, func(int) {})
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 4, 7, 33, 50} {
			var got []string
			for offset := 0; offset < 40; offset += size {
				people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Offset: offset, Limit: size})
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range people {
					got = append(got, p.Name)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d the order is %q", size, got)
			}
		}
	})
}

func TestOpenLinksAreInTheOrderOfTheirPlaces(t *testing.T) {
	f := newFieldworkField(t)
	made := f.manyOrganizations(12)
	var wanted []survey.OpenLink
	for _, o := range slices.Backward(made) {
		wanted = append(wanted, survey.OpenLink{OrganizationID: o.ID})
	}
	links, err := f.store.MakeOpenLinks(t.Context(), f.Wave.ID, wanted)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.store.RevokeOpenLink(t.Context(), f.Wave.ID, links[0].ID); err != nil {
		t.Fatal(err)
	}
	names, _ := f.as(survey.Researcher).get(linksAt).rosterRows()
	for i, name := range names {
		if want := fmt.Sprintf("Organization %d", i+1); name != want {
			t.Errorf("link %d leads to %q, want %q", i+1, name, want)
		}
	}
}
