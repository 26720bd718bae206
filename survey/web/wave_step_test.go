package web

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// nextStep is the sentence and the primary button of a wave's page, of which there is
// one at most.
func (p *person) nextStep(path string) (words, button string) {
	p.t.Helper()
	a := p.get(path)
	primary := a.find("a", "class", "primary")
	if len(primary) != 1 || len(a.find("button", "class", "primary")) > 0 {
		p.t.Fatalf("%d things are wanted most:\n%s", len(primary), textOf(a.doc))
	}
	return textOf(a.find("section", "class", "step")[0]), textOf(primary[0])
}

func TestThePageOfAWaveSaysWhatComesNext(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	root := f.administrator()
	study, err := f.store.PutStudy(t.Context(), survey.Study{Key: "next", Title: "Next", Purpose: "P", Contact: "C"})
	if err != nil {
		t.Fatal(err)
	}
	wave := survey.Wave{StudyID: study.ID, Key: "w", Title: "W", InstrumentHash: f.Instrument.Hash(), OpensAt: f.now.AddDate(0, 0, 1), ClosesAt: f.now.AddDate(0, 0, 9)}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	wave, err = f.store.PutWave(t.Context(), wave)
	check(err)
	expect := func(want string) {
		t.Helper()
		if words, got := root.nextStep("/studies/next/waves/w"); got != want {
			t.Errorf("%q with %q, expected %q", got, words, want)
		}
	}
	expect("Add organizations")
	acme, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: study.ID, Key: "acme", Name: "Acme"})
	check(err)
	expect("Fill the roster")
	plan, err := f.store.PlanRoster(t.Context(), wave.ID, []store.RosterRow{{OrganizationID: acme.ID, Email: "a@example.org"}})
	check(err)
	check(f.store.ApplyRoster(t.Context(), plan, func(int) {}))
	expect("Texts and sending")
	campaign, err := f.store.PlanCampaign(t.Context(), survey.Campaign{WaveID: wave.ID, Kind: survey.InvitationMail})
	check(err)
	expect("Check, then open")
	root.get("/studies/next/waves/w/open").mustBe(200, "1 organization is in the study, 1 person on the roster, 0 open links")
	f.now = wave.OpensAt.AddDate(0, 0, 1)
	expect("Start the invitations")
	_, err = f.store.StartCampaign(t.Context(), campaign.ID)
	check(err)
	expect("Watch the fieldwork")
	root.get("/studies/next/waves/w").mustBe(200, "No answer has come in yet.")
	_, err = f.store.CancelCampaign(t.Context(), campaign.ID)
	check(err)
	expect("Send invitations")
	f.now = wave.ClosesAt.AddDate(0, 0, 1)
	expect("Read the results")
}

func TestEveryRoleIsShownAWayOfItsOwn(t *testing.T) {
	f := newMailField(t, storetest.SQLite(t))
	for role, want := range map[survey.StaffRole]string{survey.Researcher: "Fill the roster", survey.Coordinator: "Fill the roster", survey.Viewer: "Read the results", survey.Executive: "Results of Acme"} {
		if words, got := f.as(role).nextStep(wavePath(f.Study, f.Wave, "")); got != want {
			t.Errorf("%s: %q with %q, expected %q", role, got, words, want)
		}
	}
}

func TestResultsAreReleasedAfterASecondQuestion(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Researcher)
	data := wavePath(f.Study, f.Wave, "/data")
	p.get(data + "/release").mustSee("/data")
	p.follow(data+"/hold", nil).mustBe(200, "are held")
	if _, err := f.store.CloseWave(t.Context(), f.Wave.ID); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.AddDate(0, 2, 0)
	if _, got := p.nextStep(wavePath(f.Study, f.Wave, "")); got != "Look through the data" {
		t.Errorf("next is %q", got)
	}
	p.get(data+"/release").mustBe(200, "It can not be taken back")
	p.follow(data+"/release", nil).mustBe(200, "The results are final")
}
