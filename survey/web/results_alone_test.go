package web

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

// newAlone serves a wave that is over, in which n organizations have answered.
func newAlone(t *testing.T, n int) *field {
	t.Helper()
	f := newField(t, storetest.SQLite(t), judged(t))
	f.now = f.Wave.ClosesAt.Add(1)
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
	for i := range n {
		f.fill([]string{"first", "second", "third"}[i], []string{"First", "Second", "Third"}[i], 3*i+10, 40)
	}
	return f
}

func TestAnOrganizationWithNothingToCompareWithIsNotCalledAheadOrBehind(t *testing.T) {
	for n, want := range map[int]string{1: "no other organization of this wave can be shown", 3: "all organizations together are shown from 5 on, and only 3 can be shown"} {
		page := newAlone(t, n).get("/waves/spring/organizations/first")
		page.mustBe(200, want)
		for _, wrong := range []string{"On no practice", "Furthest behind", "How far from World-Class", "beyond doubt"} {
			if strings.Contains(page.text, wrong) {
				t.Errorf("%d organizations: the page says %q", n, wrong)
			}
		}
		page.mustBe(200, "Agreement here is 50% on every practice that is shown")
		page.mustBe(200, "has no tier: fewer than 10 organizations.")
		page.mustBe(200, "Managers here are between coach and forecast accountant: coach index 1.00")
		page.mustBe(200, "% here say that managers help to advance opportunities")
	}
}

func TestTheListsOfAnOrganizationAreMarkedByTheRuleOfTheirWords(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page := f.get("/waves/spring/organizations/org-09")
	page.mustBe(200, "longest first.")
	page.mustBe(200, "Beyond doubt: p below .05, adjusted for 38 practices")
	lists := page.find("ol", "class", "standings")
	if len(lists) != 2 {
		t.Fatalf("%d lists", len(lists))
	}
	none := strings.Contains(page.text, "On none of 38 practices does it differ")
	for _, row := range page.find("span", "class", "note") {
		if words := row.FirstChild.Data; !strings.Contains(words, "beyond doubt") && !strings.Contains(words, "not tested") && !strings.Contains(words, "withheld") {
			t.Errorf("a distance without a mark: %q", words)
		} else if none && strings.Contains(words, "all others, beyond doubt") {
			t.Errorf("on none beyond doubt, but %q", words)
		}
	}
}

func TestTheWavePagesListTheCriteria(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page, staff := f.get("/waves/spring"), f.administrator().get(wavePath(f.Study, f.Wave, ""))
	for _, a := range []answer{page, staff} {
		a.mustBe(200, "World-Class by the twelve key practices (organizations/1)")
		a.mustBe(200, "Managers help the team to advance deals")
		a.mustBe(200, "The cuts are not frozen: they are made from this wave.")
	}
	if rows := staff.find("tr", "", ""); len(rows) != 13 {
		t.Errorf("%d rows on the page of the staff, want a head and twelve practices", len(rows))
	}
	newField(t, storetest.SQLite(t)).administrator().get("/studies/sales/waves/spring").mustBe(200, "None: the wave names no tiers.")
}
