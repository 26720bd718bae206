package web

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func decoded[T any](a answer) *T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		a.t.Fatalf("%v in %.200s", err, a.text)
	}
	return &v
}

// cells returns the whole text of the cells of a table, without what stands small
// under it.
func (a answer) cells(id string) [][]string {
	a.t.Helper()
	var rows [][]string
	for n := range a.find("caption", "id", id)[0].Parent.Descendants() {
		if n.Data != "tr" || n.Parent.Data != "tbody" {
			continue
		}
		var cells []string
		for c := range n.ChildNodes() {
			if c.FirstChild == nil {
				continue
			}
			text := c.FirstChild
			if text.FirstChild != nil {
				text = text.FirstChild
			}
			cells = append(cells, strings.TrimSpace(text.Data))
		}
		rows = append(rows, cells)
	}
	return rows
}

func TestTheTrustPageShowsTheNumbersOfTheJSON(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	page, file := f.get("/waves/spring/trust"), f.get("/waves/spring/trust.json")
	trust := decoded[benchmark.Trust](file)
	if page.status != http.StatusOK || page.heading() != "Can these scores be trusted?" {
		t.Fatalf("%d with the heading %q", page.status, page.heading())
	}
	if !strings.Contains(page.text, trust.Headline) || trust.Headline == "" {
		t.Errorf("the page does not say %q", trust.Headline)
	}
	if file.text != f.get("/waves/spring/trust?format=json").text {
		t.Error("the address ending in .json gives something else than format=json")
	}
	verdicts, reliability, worth := page.table("verdict-table"), page.table("reliability-table"), page.table("worth-table")
	if len(verdicts) != len(trust.Scales) || len(reliability) != len(trust.Scales) || len(worth) != len(trust.Scales) || len(trust.Scales) == 0 {
		t.Fatalf("%d verdicts, %d reliabilities, %d worths of %d scales", len(verdicts), len(reliability), len(worth), len(trust.Scales))
	}
	for i, s := range trust.Scales {
		for at, want := range map[int]benchmark.Estimate{2: s.Agreement.ICC1, 3: s.Agreement.ICC2, 4: s.Agreement.RwgjUniform, 5: s.Agreement.RwgjSlight} {
			if got := verdicts[i][at]; got != first(want) {
				t.Errorf("%s: %s is %s on the page, %s in the JSON", s.Key, want.Stat, got, first(want))
			}
		}
		if reliability[i][2] != first(s.Alpha) || reliability[i][3] != first(s.Omega) || reliability[i][4] != first(s.AlphaWithout) {
			t.Errorf("%s: %q on the page, alpha %s in the JSON", s.Key, reliability[i], s.Alpha.Text())
		}
		if worth[i][1] != first(s.Deff) {
			t.Errorf("%s: design effect %s on the page, %s in the JSON", s.Key, worth[i][1], s.Deff.Text())
		}
	}
	if got := len(page.find("details", "class", "method")); got != 6 {
		t.Errorf("%d formulas are one click away, want 6", got)
	}
	for _, id := range []string{"compare", "inside", "reliability", "worth", "careless", "silence", "source", "caveats", "provenance", "downloads"} {
		if len(page.find("h2", "id", id)) != 1 {
			t.Errorf("the page has no part %q", id)
		}
	}
}

func TestASmallOrganizationIsWithheldOnTheTrustPage(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	for _, row := range f.get("/waves/spring/trust").cells("within-table") {
		if shown := strings.Contains(row[0], "Organization ") || strings.Contains(row[0], "HYPERLINK"); shown == (row[len(row)-1] == "withheld") {
			t.Errorf("%q", row)
		}
	}
	for _, o := range decoded[benchmark.Trust](f.get("/waves/spring/trust.json")).Organizations {
		if strings.HasPrefix(o.Key, "org-") == (o.N == nil) || o.N == nil && len(o.Scales) != 0 {
			t.Errorf("%s: n %v, %d scales", o.Key, o.N, len(o.Scales))
		}
	}
}

func TestAWaveWithoutInvitationsSaysWhyItHasNoResponseRate(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	if page := f.get("/waves/spring/trust"); !strings.Contains(page.text, "No personal invitations were made") {
		t.Error("the page of a wave without invitations does not say so")
	}
}

func TestInvitationsGiveAResponseRate(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	o, err := f.store.OrganizationByKey(t.Context(), f.Study.ID, "org-01")
	if err != nil {
		t.Fatal(err)
	}
	var invitations []store.NewInvitation
	for range 25 {
		invitations = append(invitations, store.NewInvitation{OrganizationID: o.ID, Token: auth.HashToken(auth.NewToken())})
	}
	if _, err := f.store.CreateInvitations(t.Context(), f.Wave.ID, invitations); err != nil {
		t.Fatal(err)
	}
	r := decoded[benchmark.Trust](f.get("/waves/spring/trust.json")).Response
	if r.Invited == nil || *r.Invited != 25 || *r.Answered != 0 || *r.Other != resultOrganizations*resultRespondents {
		t.Errorf("%+v", r)
	}
	if page := f.get("/waves/spring/trust"); !strings.Contains(page.text, "0 of 25 invitations were answered") {
		t.Error("the page does not say how many invitations were answered")
	}
}

func TestTheDriversPageShowsTheNumbersOfTheJSON(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	for i := range 18 { // thirty-two in all: areas are weighed, practices are not
		f.fill(fmt.Sprintf("more-%02d", i), fmt.Sprintf("More %d", i), i%7, 11)
	}
	page, d := f.get("/waves/spring/drivers"), decoded[benchmark.Drivers](f.get("/waves/spring/drivers.json"))
	if page.status != http.StatusOK || page.heading() != "What goes together with results" || !strings.Contains(page.text, "<p class=\"lead\">") {
		t.Fatalf("%d with the heading %q", page.status, page.heading())
	}
	if len(d.Outcomes) == 0 {
		t.Fatal("no result is related to anything")
	}
	for _, o := range d.Outcomes {
		single := page.table("single-" + o.Key)
		if len(single) != len(o.Single) {
			t.Fatalf("%s: %d practices on the page, %d in the JSON", o.Key, len(single), len(o.Single))
		}
		for i, r := range o.Single {
			if single[i][1] != first(r.R) {
				t.Errorf("%s, %s: r is %s on the page, %s in the JSON", o.Key, r.Key, single[i][1], first(r.R))
			}
		}
		if o.Level == "" {
			if o.Reason == "" {
				t.Errorf("%s is not weighed and nobody says why", o.Key)
			}
			continue
		}
		for i, row := range page.table("shares-" + o.Key) {
			if row[1] != first(o.Rows[i].Johnson) || row[2] != first(o.Rows[i].LMG) || row[5] != first(o.Rows[i].Share) {
				t.Errorf("%s, %s: %q on the page", o.Key, o.Rows[i].Key, row)
			}
		}
	}
	if causes := regexp.MustCompile(`(?i)>[^<]*\b(drives?|causes|caused by|drivers)\b`).FindString(page.text); causes != "" {
		t.Errorf("the page says %q", causes)
	}
}

func TestOnlyReadersOfTheWholeWaveSeeItsOtherPages(t *testing.T) {
	f := newResults(t, false, storetest.SQLite(t))
	o, err := f.store.OrganizationByKey(t.Context(), f.Study.ID, "org-01")
	if err != nil {
		t.Fatal(err)
	}
	_, whole := f.follow("/results/" + f.link(""))
	_, own := f.follow("/results/" + f.link(o.ID))
	for _, path := range []string{"/waves/spring/trust", "/waves/spring/trust.json", "/waves/spring/drivers", "/waves/spring/drivers.json", "/waves/spring/group?role=manager"} {
		for status, cookie := range map[int]*http.Cookie{http.StatusOK: whole, http.StatusForbidden: own} {
			if got := f.getWith(cookie, path); got.status != status {
				t.Errorf("%s: %d, want %d", path, got.status, status)
			}
		}
		if got := f.get(path); got.status != http.StatusForbidden {
			t.Errorf("%s without a link: %d", path, got.status)
		}
	}
}

// TestNoRankStandsWithoutItsInterval looks at the league table of the page and
// at the files.
func TestNoRankStandsWithoutItsInterval(t *testing.T) {
	f := newResults(t, true, storetest.SQLite(t))
	ranked := 0
	interval := regexp.MustCompile(`^\d+ to \d+$`)
	for _, cells := range f.get("/waves/spring").cells("organization-table") {
		switch rank := cells[4]; {
		case interval.MatchString(rank):
			ranked++
		case rank != "not ranked" && rank != benchmark.Dash:
			t.Errorf("%s has the rank %q", cells[0], rank)
		}
	}
	for _, o := range f.get("/waves/spring.json").benchmark().Organizations {
		if r := o.Classification.Rank; r.Shown() && r.CI == nil {
			t.Errorf("%s has the bare rank %v in the JSON", o.Key, r.Value.Value)
		}
	}
	if ranked == 0 {
		t.Error("no organization has a rank, so the test saw nothing")
	}
}

func TestGapTablesCarryEffectSizesAndAdjustedP(t *testing.T) {
	b := charttest.Wave()
	for i := range b.Practices {
		b.Practices[i].Effect = benchmark.Estimate{Stat: "cohen_h", Unit: benchmark.UnitEffect, Status: benchmark.OK, Value: stat.Some(0.123 + float64(i)/100)}
		b.Practices[i].SplitHalf.PBH = stat.Some(0.0123)
	}
	w := resultWave{Wave: survey.Wave{Key: "demo", Title: "First"}, study: survey.Study{Title: "Study"}, instrument: survey.Builtin()}
	page, err := wavePage(w, b)
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]int{}
	for i, h := range page.Practices.Head {
		heads[h.Text] = i - 1
	}
	at := 0
	for _, row := range page.Practices.Rows {
		if row.Group != "" {
			continue
		}
		effect, half, p := row.Cells[heads["Effect (h)"]], row.Cells[heads["Split half"]], row.Cells[heads["p, adjusted"]]
		if !strings.HasPrefix(effect.Text, "0.") || half.Text == "" || p.Text != ".012" {
			t.Errorf("%s: effect %q, split half %q, p %q", row.Heading.Text, effect.Text, half.Text, p.Text)
		}
		at++
	}
	if at != len(b.Practices) {
		t.Errorf("%d rows of %d practices", at, len(b.Practices))
	}
}

// TestWhereNoCommonViewIsShownTheAnswersStandInsteadOfTheScore gives everybody
// random answers, so that no area can tell organizations apart.
func TestWhereNoCommonViewIsShownTheAnswersStandInsteadOfTheScore(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true})
	var ids []survey.OrganizationID
	for i := range 14 {
		o, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("org-%02d", i), Name: fmt.Sprintf("Organization %d", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(yield func(store.ImportedResponse, error) bool) {
		for i := range 14 * 60 {
			answers := f.answersOf(3, i)
			for _, field := range f.Instrument.Fields() {
				if field.Item.Kind == survey.Likert {
					answers[field.Index] = survey.Answer{State: survey.Valid, Code: 1 + random.IntN(field.Points)}
				}
			}
			r := survey.Response{OrganizationID: ids[i%14], Role: "salesperson", Language: "en", Answers: answers, Weight: 1, SubmittedAt: storetest.Now, StartedAt: storetest.Now}
			if !yield(store.ImportedResponse{Key: fmt.Sprintf("noise-%d", i), Response: &r}, nil) {
				return
			}
		}
	}
	if _, err := f.store.ImportResponses(t.Context(), f.Wave.ID, noise, nil); err != nil {
		t.Fatal(err)
	}
	page, r := f.get("/waves/spring/organizations/org-05"), decoded[benchmark.OrganizationReport](f.get("/waves/spring/organizations/org-05.json"))
	without := 0
	for _, a := range r.Areas {
		if a.Spread != nil {
			without++
			if a.Own.Shown() || !strings.Contains(page.text, a.Reason) {
				t.Errorf("%s: own score %s, reason %q", a.Key, a.Own.Text(), a.Reason)
			}
		}
	}
	if without == 0 || len(page.find("figure", "id", "no-score-spread")) != 1 {
		t.Errorf("%d areas without a score, %d figures", without, len(page.find("figure", "id", "no-score-spread")))
	}
}

func TestPublishedSharesCanNotBeJudged(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true})
	o, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "one", Name: "One"})
	if err != nil {
		t.Fatal(err)
	}
	shares := func(yield func(survey.Aggregate, error) bool) {
		yield(survey.Aggregate{WaveID: f.Wave.ID, OrganizationID: o.ID, Measure: "coaching_time", Share: 0.5}, nil)
	}
	if _, err := f.store.ImportAggregates(t.Context(), f.Wave.ID, shares, nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/waves/spring/trust", "/waves/spring/drivers.json"} {
		if got := f.get(path); got.status != http.StatusNotFound || !strings.Contains(got.text, "published shares") {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestAWaveWithoutAnswersHasItsPages(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true})
	for path, words := range map[string]string{"/waves/spring/trust": "Not yet", "/waves/spring/drivers": "Nothing can be set against results"} {
		if got := f.get(path); got.status != http.StatusOK || !strings.Contains(got.text, words) {
			t.Errorf("%s: %d without %q", path, got.status, words)
		}
	}
}
