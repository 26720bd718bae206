package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestTheAuditLogIsListedInPartsFilteredAndDownloaded(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		root := f.administrator()
		for i := range 2*auditRows + 5 {
			deed := store.Deed{Action: "test.act", Object: fmt.Sprintf("thing %d", i), Detail: "=1+1"}
			if i%2 == 0 {
				deed.Study = f.Study.ID
			}
			if err := f.store.Record(t.Context(), tester, deed); err != nil {
				t.Fatal(err)
			}
		}
		first := root.get("/audit")
		first.mustBe(200, "intact in the part that is shown")
		rows := func(a answer) int { return len(a.find("th", "scope", "row")) }
		if n := rows(first); n != auditRows || len(first.find("time", "datetime", "")) != auditRows {
			t.Errorf("%d entries on the first page", n)
		}
		link := func(a answer, rel string) string {
			found := a.find("a", "rel", rel)
			if len(found) == 0 {
				return ""
			}
			href, _ := attribute(found[0], "href")
			return href
		}
		second := root.get(link(first, "next"))
		if back := root.get(link(second, "prev")); textOf(back.find("table", "", "")[0]) != textOf(first.find("table", "", "")[0]) {
			t.Error("going on and back shows another part")
		}
		if link(first, "prev") != "" {
			t.Error("there is something newer than the newest")
		}
		root.get("/audit?q=THING+204").mustBe(200, "thing 204")
		if n := rows(root.get("/audit?q=thing+204")); n != 1 {
			t.Errorf("%d entries fit one thing", n)
		}
		root.get("/audit?q=%25").mustBe(200, "No entry has this text")
		root.get("/audit?q="+strings.Repeat("x", 201)).mustBe(400, "200 characters")
		root.get("/audit?before=nonsense&after=-3").mustBe(200, "The newest first")

		lines, err := csv.NewReader(strings.NewReader(root.get("/audit/download?format=csv&q=thing").text)).ReadAll()
		if err != nil || len(lines) != 2*auditRows+6 || lines[1][7] != "'=1+1" {
			t.Errorf("%d lines, %v: %v", len(lines), err, lines[1])
		}
		var out []auditOut
		if err := json.Unmarshal([]byte(root.get("/audit/download?format=json").text), &out); err != nil || len(out) < 2*auditRows+5 || out[0].Act != "audit.download" {
			t.Errorf("%d entries, %v", len(out), err)
		}
		root.get("/audit/download?format=xml").mustBe(400, "csv or json")

		admin := f.as(survey.Administrator)
		study := admin.get("/studies/" + f.Study.Key + "/audit?q=thing")
		if n := rows(study); n != auditRows {
			t.Errorf("%d entries of the study", n)
		}
		study.mustBe(200, "thing 204")
		if strings.Contains(study.text, "thing 203") {
			t.Error("the log of a study shows what was done elsewhere")
		}
		admin.get("/audit").mustBe(404, "nothing for you")
	})
}

func TestSigningInAndOutStandsInTheAuditLogAndSeriesOfFailuresOnce(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.withPassword(survey.User{Email: "ada@example.org", Name: "Ada"})
	p := f.stranger()
	p.password("ada@example.org")
	p.post("/sign-out", nil)
	for range freeAttemptsOfAccount + 3 {
		p.post("/sign-in", map[string][]string{"email": {"typed-by-mistake"}, "password": {"wrong"}})
	}
	entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Text: "session.", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for _, e := range entries {
		acts = append(acts, e.Action+" "+e.Detail)
		if strings.Contains(fmt.Sprint(e), "typed-by-mistake") {
			t.Errorf("the log holds what was typed: %+v", e)
		}
	}
	if got := strings.Join(acts, ", "); got != "session.throttle 5 failures for one account, session.end , session.begin password" {
		t.Errorf("the log says %s", got)
	}
}

func TestABrokenChainIsFound(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	for range 5 {
		if err := f.store.Record(t.Context(), tester, store.Deed{Action: "test.act", Object: "thing"}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Limit: 100})
	if err != nil || store.BrokenAudit(entries) != 0 {
		t.Fatalf("%v, broken at %d", err, store.BrokenAudit(entries))
	}
	for name, damage := range map[string]func(e *survey.AuditEntry){
		"another object": func(e *survey.AuditEntry) { e.Object = "other" },
		"another chain":  func(e *survey.AuditEntry) { e.Previous[0]++; e.Hash = store.HashAudit(*e) },
	} {
		changed := append([]survey.AuditEntry(nil), entries...)
		damage(&changed[2])
		if broken := store.BrokenAudit(changed); broken == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

func TestTheAuditLogOfAStudyTellsWhatBecameOfWhatAndWhy(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	root.post("/studies/new", url.Values{"title": {"Ours"}, "purpose": {"To learn."}, "contact": {"us@example.org"}, "key": {"ours"}})
	root.post("/studies/ours/settings", url.Values{"title": {"Yours"}, "purpose": {"To learn."}, "contact": {"us@example.org"}})
	wave := url.Values{"title": {"Autumn"}, "instrument": {builtinName}, "criteria": {"none"}, "opens": {"2027-03-01T08:00"}, "late": {"0"}, "minimum": {"10"}, "mode": {"confidential"}, "wave-zone": {"UTC"}, "key": {"autumn"}}
	root.post("/studies/ours/waves/new", wave)
	wave.Set("minimum", "12")
	root.post("/studies/ours/waves/autumn/settings", wave)
	root.post("/studies/ours/waves/autumn/targets", url.Values{"all": {"100"}})
	root.post("/studies/ours/waves/autumn/open", nil)
	root.post("/studies/ours/waves/autumn/close", url.Values{"sure-end": {"yes"}, "why": {"enough answers"}})
	log := textOf(root.get("/studies/ours/audit").doc)
	for _, words := range []string{"study.createstudy ourstitle “Ours”", "study.changestudy ourstitle “Ours” → “Yours”", "wave.createwave autumntitle “Autumn”", "wave.changewave autumnsmallest group 10 → 12",
		"wave.targetswave autumnwhole wave none → 100", "wave.openwave autumnopens 2027-03-01 08:00:00 UTC → ", "→ sha256:", "wave.closewave autumncloses none → ", "reason “enough answers”"} {
		if !strings.Contains(log, words) {
			t.Errorf("the log does not say %q", words)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
	user := f.signedIn(survey.User{Email: "eve@example.org", Name: "Eve"}).user
	root.post("/users/"+string(user.ID)+"/link", nil)
	root.post("/account/zone", url.Values{"zone": {"Europe/Berlin"}})
	log = textOf(root.get("/audit").doc)
	for _, words := range []string{"user.linkuser eve@example.orgshown on a page", "user.zoneuser root@example.orgtime zone none → Europe/Berlin"} {
		if !strings.Contains(log, words) {
			t.Errorf("the log of the installation does not say %q", words)
		}
	}
}
