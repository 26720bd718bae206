package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// addShop gives an organization of the study so many responses more, each given a
// day after all others.
func (f *field) addShop(n int) {
	f.t.Helper()
	ctx := f.t.Context()
	o, err := f.store.PutOrganization(ctx, survey.Organization{StudyID: f.Study.ID, Key: "corner", Name: "Corner Shop", Industry: "retail"})
	if err != nil {
		f.t.Fatal(err)
	}
	later := storetest.Now.Add(24 * time.Hour)
	responses := func(yield func(store.ImportedResponse, error) bool) {
		for i := range n {
			r := survey.Response{OrganizationID: o.ID, Role: "manager", Language: "en", Answers: f.answersOf(2, i), Weight: 1, SubmittedAt: later, StartedAt: later}
			if !yield(store.ImportedResponse{Key: "corner-" + string(rune('a'+i)) + string(rune('0'+n)), Response: &r}, nil) {
				return
			}
		}
	}
	if _, err := f.store.ImportResponses(ctx, f.Wave.ID, responses, nil); err != nil {
		f.t.Fatal(err)
	}
}

// withoutCorner leaves out what is said of the small organization itself: that it
// is withheld, and how many are.
func withoutCorner(body string) string {
	var kept []string
	for _, line := range strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune("\n{}", r) }) {
		if !strings.Contains(line, "orner") && !strings.Contains(line, "too few people answered") && !strings.Contains(line, "too small to be shown") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestNothingThatIsSentTellsHowManyAnsweredInAnOrganizationThatIsWithheld(t *testing.T) {
	f := newShown(t)
	paths := []string{"/", "/waves/spring", "/waves/spring.json", "/waves/spring.csv", "/waves/spring?format=csv&table=organizations",
		"/waves/spring?format=csv&table=kpis", "/waves/spring/trust", "/waves/spring/trust.json", "/waves/spring/trust?format=csv",
		"/waves/spring/drivers", "/waves/spring/drivers.json", "/waves/spring/drivers?format=csv", "/waves/spring/league.json", "/waves/spring/league.csv",
		"/waves/spring/group?role=manager", "/waves/spring/group?format=csv&role=manager",
		"/waves/spring/organizations", "/waves/spring/organizations?q=corner", "/waves/spring/organizations/org-01", "/waves/spring/organizations/org-01.json", "/waves/spring/organizations/org-01.csv",
		"/waves/spring/organizations/corner", "/waves/spring/organizations/corner.json"}
	// Two and three people; the sentence about what is withheld is the same then.
	look := func(more int) map[string]answer {
		f.addShop(more)
		f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
		answers := map[string]answer{}
		for _, path := range paths {
			answers[path] = f.get(path)
		}
		return answers
	}
	none, two, three := look(0), look(2), look(1)
	for _, path := range paths {
		a, b, c := none[path], two[path], three[path]
		if a.status != http.StatusOK || b.status != http.StatusOK || c.status != http.StatusOK {
			t.Fatalf("%s: %d, %d and %d", path, a.status, b.status, c.status)
		}
		if b.text != c.text {
			t.Errorf("%s tells two people from three:\n%s", path, firstDifference(b.text, c.text))
		}
		for name := range c.header {
			if name == "X-Request-Id" || name == "Set-Cookie" {
				continue
			}
			if got := c.header.Get(name); got != b.header.Get(name) || name != "Content-Length" && got != a.header.Get(name) {
				t.Errorf("%s: the header %s is %q, %q and %q without, with two and with three people", path, name, a.header.Get(name), b.header.Get(name), got)
			}
		}
		if strings.Contains(path, "organizations/org-01") && withoutCorner(a.text) != withoutCorner(c.text) {
			t.Errorf("%s tells whether people answered elsewhere:\n%s", path, firstDifference(withoutCorner(a.text), withoutCorner(c.text)))
		}
	}
	a, c := none["/waves/spring.json"].benchmark(), three["/waves/spring.json"].benchmark()
	if a.Provenance.Edition != c.Provenance.Edition || !a.ComputedAt.Equal(c.ComputedAt) || !c.ComputedAt.Equal(storetest.Now) {
		t.Errorf("edition %s of %s without and %s of %s with three people", a.Provenance.Edition, a.ComputedAt, c.Provenance.Edition, c.ComputedAt)
	}
	if len(a.Practices) == 0 || a.Practices[0].SplitHalf.Value != c.Practices[0].SplitHalf.Value {
		t.Error("figures that are drawn at random depend on who is withheld")
	}
}

// newShown is a closed wave without any organization that is withheld.
func newShown(t *testing.T) *field {
	t.Helper()
	f := newField(t, storetest.SQLite(t), judged(t))
	f.now = f.Wave.ClosesAt.Add(1)
	f.server, f.log = newBare(t, Options{Store: f.store, Now: f.server.Now, OpenResults: true, Version: "test"})
	for i := range resultOrganizations {
		f.fill([]string{"org-00", "org-01", "org-02", "org-03", "org-04", "org-05", "org-06", "org-07", "org-08", "org-09", "org-10", "org-11", "org-12", "org-13"}[i],
			"Organization "+string(rune('A'+i)), i, resultRespondents)
	}
	return f
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	part := func(s string) string { return s[max(0, min(i, len(s))-120):min(len(s), i+120)] }
	return part(a) + "\n---\n" + part(b)
}
