package web

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// things are what addresses of fieldwork name, of the organization of the field.
type things struct{ upload, person, link, job string }

// things makes one of each; the job was asked for by the person.
func (f *field) things(by *person) things {
	f.t.Helper()
	check := func(err error) {
		if err != nil {
			f.t.Fatal(err)
		}
	}
	ctx := f.t.Context()
	f.People(f.t, f.store, 1)
	people, err := f.store.Roster(ctx, f.Wave.ID, store.RosterQuery{Limit: 1})
	check(err)
	links, err := f.store.MakeOpenLinks(ctx, f.Wave.ID, []survey.OpenLink{{OrganizationID: f.Organization.ID}})
	check(err)
	upload, err := f.store.PutUpload(ctx, store.Upload{StudyID: f.Study.ID, WaveID: f.Wave.ID, Kind: store.RosterUpload, Content: []byte("organization,reference\nacme,p0\n")})
	check(err)
	job, err := f.store.StartJob(ctx, store.NewJob{Kind: "some.work", Key: "x", StudyID: f.Study.ID, Parameters: jobs.RosterOrder{By: jobs.By{User: by.user.ID}}.Parameters()})
	check(err)
	return things{upload.ID, string(people[0].InvitationID), links[0].ID, string(job.ID)}
}

// sendFile uploads a file alone.
func (p *person) sendFile(path, content string) answer {
	return p.send(path, "people.csv", content, nil)
}

// work does the jobs that wait.
func (f *field) work() {
	f.t.Helper()
	runner := jobs.New(jobs.Options{Store: f.store, Now: func() time.Time { return f.now }})
	for runner.DoJob(f.t.Context()) {
	}
}

const (
	organizationsAt = "/studies/sales/organizations"
	rosterAt        = "/studies/sales/waves/spring/roster"
	linksAt         = "/studies/sales/waves/spring/links"
)

func newFieldworkField(t *testing.T) *field {
	t.Helper()
	f := newField(t, storetest.SQLite(t))
	if err := f.store.UseKey(t.Context(), storetest.Key); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOrganizationsAreKeptByFormAndByFile(t *testing.T) {
	f := newFieldworkField(t)
	p := f.as(survey.Researcher)
	p.post("/studies/sales/new-organization", url.Values{"name": {""}, "key": {"A B"}}).mustBe(422, "can not stand in an address")
	p.follow("/studies/sales/new-organization", url.Values{"name": {`<b>Bolt</b>`}, "key": {"bolt"}, "region": {"north"}}).mustBe(200, "<b>bolt</b>")
	p.post("/studies/sales/new-organization", url.Values{"name": {"Other"}, "key": {"bolt"}}).mustBe(422, "already")
	p.follow(organizationsAt+"/bolt/teams", url.Values{"teams": {"North\nSouth\n\nNorth"}}).mustBe(200, "2 teams")
	p.get(organizationsAt+"?q=BOL").mustBe(200, "1 organization")
	p.get(organizationsAt+"?q=nothing").mustBe(200, "No organization has")

	p.sendFile("/studies/sales/organization-file", "key;name\na;b\n").mustBe(422, "separated by commas")
	bad := p.sendFile("/studies/sales/organization-file", "key,name\nUPPER,Up\nok,\nok,Twice\n")
	broken := p.get(bad.location)
	broken.mustBe(422, "stands in line 3 already")
	broken.mustBe(422, "nothing of the file can be applied before its 3 mistakes are mended")
	if strings.Contains(textOf(broken.doc), "New") {
		t.Error("a file with mistakes says what would be new")
	}
	rows, err := csv.NewReader(strings.NewReader(p.get(bad.location + "/mistakes").text)).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][2] != "problem" || rows[1][0] != "2" || rows[1][1] != "key" {
		t.Errorf("the mistakes as a file: %v, %v", rows, err)
	}
	file := "key,name,teams\nbolt,Bolt AG,North|West\nnut,Nut,\nacme,Acme,\n"
	sent := p.sendFile("/studies/sales/organization-file", file)
	diff := p.get(sent.location)
	diff.mustBe(200, "name: “<b>Bolt</b>” → “Bolt AG”; new teams: “West”")
	diff.mustBe(200, "Apply: 1 new, 1 changed")
	p.follow(sent.location, url.Values{}).mustBe(200, "1 new, 1 changed, 1 unchanged")
	p.get(sent.location).mustBe(404, "This file is done with")
	p.get(sent.location).mustBe(404, "no longer here")
	again := p.sendFile("/studies/sales/organization-file", file)
	p.get(again.location).mustBe(200, "word for word")
	if o, err := f.store.OrganizationByKey(t.Context(), f.Study.ID, "bolt"); err != nil || o.Region != "north" {
		t.Errorf("what the file does not name is %+v, %v", o, err)
	}
	strange := p.get(p.sendFile("/studies/sales/organization-file", "key,name,industry,size\nbolt,Bolt AG,tin,\nalso,Bolt AG,,huge\n").location)
	strange.mustBe(200, `2industry"tin" is no code of the questionnaire; it is kept`)
	strange.mustBe(200, `3name"bolt" has this name, too: is it the same organization?`)
	strange.mustBe(200, "Codes of industry are ")
	strange.mustBe(200, "Apply: 1 new, 1 changed")
	p.get("/studies/sales/new-organization").mustBe(200, "Codes of the questionnaire: ")
	p.follow(organizationsAt+"/bolt", url.Values{"name": {"Bolt AG"}, "size": {"huge"}}).mustBe(200, `Size: "huge" is no code of the questionnaire`)
	if len(p.get(organizationsAt+"/bolt").find("datalist", "", "")) == 0 {
		t.Error("the form of an organization offers no codes")
	}
	p.follow(organizationsAt+"/nut/delete", url.Values{}).mustBe(200, "“Nut” is deleted")
	f.invited()
	p.post(organizationsAt+"/acme/delete", url.Values{}).mustBe(422, "there are invited people of it")
}

func TestACoordinatorDoesNotRenameWhatRespondentsRead(t *testing.T) {
	f := newFieldworkField(t)
	coordinator, researcher := f.as(survey.Coordinator), f.as(survey.Researcher)
	acme := organizationsAt + "/acme"
	coordinator.follow(acme, url.Values{"name": {"Acme One"}}).mustBe(200, "Saved.")
	f.invited()
	coordinator.post(acme, url.Values{"name": {"Worst Place"}}).mustBe(422, "ask a researcher of the study to change it")
	coordinator.follow(acme, url.Values{"name": {"Acme One"}, "region": {"north"}}).mustBe(200, "Saved.")
	researcher.follow(acme, url.Values{"name": {"Acme Two"}}).mustBe(200, "Saved.")
}

func TestARosterIsTakenFromAFileByAJob(t *testing.T) {
	f := newFieldworkField(t)
	p := f.as(survey.Coordinator)
	p.sendFile(rosterAt+"/file", "").mustBe(422, "choose a file")
	wrong := p.sendFile(rosterAt+"/file", "organization,email\nacme,no address\nother,a@example.org\n")
	p.get(wrong.location).mustBe(422, `"other" is not an organization`)
	// Mistakes of all kinds at once, by lines of the file, and none that counts rows instead.
	all := p.get(p.sendFile(rosterAt+"/file", "organization,email,language,colour\nacme,ada@example.org,en,red\nother,no address,en,red\nacme,ada@example.org,german,red\nshort\n").location)
	for _, words := range []string{"6 mistakes", "1colourHas the unknown column", `3organization"other" is not an organization`, `3email"no address" is not an e-mail`,
		`4language"german" is no code of a language; mails are in ar, de, en, es, fr.`, "4–The same person stands in line 2 already", "5–Has 1 cell where the header has 4"} {
		all.mustBe(422, words)
	}
	many := p.sendFile(rosterAt+"/file", "organization,email\n"+strings.Repeat("other,x@example.org\n", 1500))
	p.get(many.location).mustBe(422, "1,500 mistakes, the first 100")
	listed := p.get(many.location + "/mistakes")
	rows, err := csv.NewReader(strings.NewReader(listed.text)).ReadAll()
	if err != nil || len(rows) != 1501 || rows[1500][0] != "1501" || !strings.Contains(rows[1500][2], "is not an organization") {
		t.Errorf("%d lines of mistakes, %v", len(rows), err)
	}
	if got := listed.header.Get("Content-Disposition"); got != `attachment; filename="spring-roster-file-mistakes.csv"` {
		t.Errorf("the mistakes are named %s", got)
	}
	both := p.get(p.sendFile(rosterAt+"/file", "organization,email,language\nother,a@example.org,zz\n").location)
	both.mustBe(422, `"other" is not an organization`)
	both.mustBe(422, `whoever prefers "zz" gets them in en`)
	if _, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "bolt", Name: "Bolt"}); err != nil {
		t.Fatal(err)
	}
	root := f.administrator()
	doubtful := root.get(root.sendFile(rosterAt+"/file", "organization,email,language\nacme,ada@example.org,pt\nbolt,ada@example.org,de-AT\n").location)
	doubtful.mustBe(200, `2languageMails are in ar, de, en, es, fr: whoever prefers "pt" gets them in en`)
	doubtful.mustBe(200, "3emailThe same address stands in line 2: both get mail")
	doubtful.mustBe(200, "Apply: 2 new")
	file := "organization,reference,email,name\nacme,1,ada@example.org,<i>Ada</i>\nacme,2,,Bert\n"
	sent := p.sendFile(rosterAt+"/file", file)
	p.get(sent.location).mustBe(200, "Apply: 2 new, 0 changed")
	job := p.post(sent.location, url.Values{})
	waiting := p.get(job.location)
	waiting.mustBe(200, "waiting for its turn")
	if waiting.header.Get("Refresh") != "2" {
		t.Errorf("the page of a job that waits does not look again: %v", waiting.header)
	}
	if again := p.post(sent.location, url.Values{}); again.location != job.location {
		t.Errorf("applied twice: %q, then %q", job.location, again.location)
	}
	f.work()
	p.get(job.location).mustBe(200, "2 added, 0 changed")
	p.get(sent.location).mustBe(404, "This file is done with")
	p.get(sent.location).mustBe(404, "no longer here")
	p.get(rosterAt).mustBe(200, "<i>Ada</i>")
	p.get(rosterAt+"?mail=none").mustBe(200, "1 person")
	p.get(rosterAt+"?q=ADA").mustBe(200, "1 person")
	p.get(rosterAt+"?q=%25").mustBe(200, "Nobody on the roster matches")
	f.People(t, f.store, 1)
	changed := p.sendFile(rosterAt+"/file", "organization,reference,name\nacme,1,Ada\n")
	diff := p.get(changed.location)
	diff.mustBe(200, "name: “<i>Ada</i>” → “Ada”")
	diff.mustBe(200, "2 people stay")
	p.follow(changed.location+"/discard", url.Values{}).mustBe(200, "discarded")
	researcher := f.as(survey.Researcher)
	if counts := researcher.get(rosterAt); strings.Contains(counts.text, "ada@") || strings.Contains(counts.text, "Bert") {
		t.Errorf("a researcher reads names:\n%s", counts.text)
	}
	researcher.get(rosterAt).mustBe(200, "Acme320")
}

func TestAPersonIsAddedChangedAndErasedByForm(t *testing.T) {
	f := newFieldworkField(t)
	p := f.as(survey.Administrator)
	place := teamChoice(f.Organization.ID, "")
	p.post(rosterAt+"/new", url.Values{"place": {place}}).mustBe(422, "neither a reference nor")
	p.post(rosterAt+"/new", url.Values{"place": {"x"}, "email": {"ada@example.org"}}).mustBe(422, "organization")
	p.follow(rosterAt+"/new", url.Values{"place": {place}, "email": {"Ada@example.org"}, "name": {"Ada"}}).mustBe(200, "ada@example.org")
	p.post(rosterAt+"/new", url.Values{"place": {place}, "email": {"ada@example.org"}}).mustBe(422, "on the roster already")
	people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 10})
	if err != nil || len(people) != 1 || people[0].Token == "" {
		t.Fatalf("%+v, %v", people, err)
	}
	at := rosterAt + "/people/" + string(people[0].InvitationID)
	p.follow(at, url.Values{"place": {place}, "email": {"lovelace@example.org"}, "name": {"Ada"}, "reference": {"7"}}).mustBe(200, "Saved")
	p.get(rosterAt+"/sheets?person="+string(people[0].InvitationID)).mustBe(200, "/r/"+people[0].Token)
	p.follow(at+"/erase", url.Values{}).mustBe(200, "erased")
	p.get(rosterAt).mustBe(200, "7Acme")
	f.get("/r/"+people[0].Token).mustBe(200, "How we sell")
	entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint(entries)
	for _, action := range []string{"person.create", "person.change", "person.erase_contact", "invitation.print"} {
		if !strings.Contains(told, action) {
			t.Errorf("the audit log does not tell %s", action)
		}
	}
	if strings.Contains(told, "Ada") || strings.Contains(told, "lovelace") {
		t.Errorf("the audit log names somebody: %s", told)
	}
}

func TestOpenLinksAreMadePrintedAgainAndWithdrawn(t *testing.T) {
	f := newFieldworkField(t)
	f.openToken()
	p := f.as(survey.Researcher)
	if _, err := f.store.PutTeams(t.Context(), f.Organization.ID, []string{"North", "South"}); err != nil {
		t.Fatal(err)
	}
	p.get(linksAt).mustBe(200, "only its hash is kept")
	p.post(linksAt, url.Values{"place": {everyOrganization}}).mustBe(422, "have a valid link already")
	p.follow(linksAt, url.Values{"place": {everyTeam}}).mustBe(200, "2 links are made")
	sheets := p.get(linksAt + "/sheets")
	sheets.mustBe(200, "2 sheets to print")
	links, err := f.store.OpenLinks(t.Context(), f.Wave.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if l.Token == "" {
			continue
		}
		sheets.mustBe(200, "/o/"+l.Token)
		f.get("/o/"+l.Token).mustBe(200, "How we sell")
		p.get(linksAt+"/"+l.ID).mustBe(200, "/k/"+l.Token)
		p.follow(linksAt+"/"+l.ID+"/revoke", url.Values{}).mustBe(200, "is withdrawn")
		f.get("/o/"+l.Token).mustBe(410, "this link was withdrawn")
		f.get("/k/"+l.Token).mustBe(410, "this link was withdrawn")
		f.post("/o/"+l.Token, url.Values{"start": {auth.NewToken()}}).mustBe(410, "this link was withdrawn")
	}
	p.get(linksAt+"/sheets").mustBe(200, "nothing to print")
}

// TestACoordinatorOfAnotherOrganizationIsRefused tries every route about organizations,
// people, links and files with somebody who is there for another organization.
func TestACoordinatorOfAnotherOrganizationIsRefused(t *testing.T) {
	f := newFieldworkField(t)
	own := f.as(survey.Coordinator)
	things := f.things(own)
	other, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "other", Name: "Other"})
	if err != nil {
		t.Fatal(err)
	}
	p := f.signedIn(survey.User{Email: "elsewhere@example.org", Name: "Elsewhere"})
	m := survey.Membership{UserID: p.user.ID, StudyID: f.Study.ID, Role: survey.Coordinator, Organizations: []survey.OrganizationID{other.ID}}
	if err := f.store.PutMembership(t.Context(), tester, m); err != nil {
		t.Fatal(err)
	}
	refusal := "here is nothing for you at this address"
	for _, path := range []string{organizationsAt + "/acme", rosterAt + "?org=acme", rosterAt + "/people/" + things.person, rosterAt + "/sheets?org=acme",
		linksAt + "/" + things.link, "/studies/sales/jobs/" + things.job} {
		p.get(path).mustBe(404, refusal)
	}
	for _, path := range []string{organizationsAt + "/acme", organizationsAt + "/acme/teams", organizationsAt + "/acme/teams/remove", rosterAt + "/people/" + things.person,
		rosterAt + "/people/" + things.person + "/erase", linksAt + "/" + things.link + "/revoke", "/studies/sales/jobs/" + things.job + "/cancel"} {
		p.post(path, url.Values{"name": {"Mine"}, "teams": {"Mine"}}).mustBe(404, refusal)
	}
	for _, path := range []string{organizationsAt, rosterAt, linksAt, rosterAt + "/sheets", linksAt + "/sheets", "/studies/sales/jobs", rosterAt + "/new"} {
		if a := p.get(path); a.status != 200 || strings.Contains(a.text, "Acme") || strings.Contains(a.text, "person-0") {
			t.Errorf("%s tells of another organization: %d\n%s", path, a.status, textOf(a.doc))
		}
	}
	place := url.Values{"place": {teamChoice(f.Organization.ID, "")}, "email": {"x@example.org"}}
	p.post(rosterAt+"/new", place).mustBe(422, "choose one of the organizations")
	p.post(linksAt, place).mustBe(422, "choose one of the organizations")
	p.get(rosterAt+"/file/"+things.upload).mustBe(422, "is not an organization")
	p.post(rosterAt+"/file/"+things.upload, url.Values{}).mustBe(422, "is not an organization")
	if people, err := f.store.Roster(t.Context(), f.Wave.ID, store.RosterQuery{Limit: 5}); err != nil || len(people) != 1 || people[0].Email != "person-0@example.org" {
		t.Errorf("afterwards: %+v, %v", people, err)
	}
}

func TestLongListsComeInParts(t *testing.T) {
	f := newFieldworkField(t)
	f.People(t, f.store, 250)
	p := f.as(survey.Administrator)
	first := p.get(rosterAt)
	first.mustBe(200, "1 to 100 of 250")
	last := p.get(rosterAt + "?page=3")
	last.mustBe(200, "201 to 250 of 250")
	if n := len(last.find("th", "scope", "row")); n != 50 {
		t.Errorf("%d people on the last page", n)
	}
	p.get(rosterAt+"?page=99999999999999999999").mustBe(200, "1 to 100")
	p.get(rosterAt+"?page=-3&q=person-1").mustBe(200, "1 to 100 of 111")
}
