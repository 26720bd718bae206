package web

import (
	"fmt"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestTrustAndDriversInABrowser looks at the pages beside a wave's own with all
// of their parts open: drawn, within the window, and without a complaint of axe.
func TestTrustAndDriversInABrowser(t *testing.T) {
	axe := axeScript(t)
	browser := newResultsBrowser(t)
	f := newResults(t, true, storetest.SQLite(t))
	for i := range 18 { // thirty-two in all, enough for a map
		f.fill(fmt.Sprintf("more-%02d", i), fmt.Sprintf("More %d", i), i%7, 11)
	}
	for i := range 6 {
		o := survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("more-%02d", i), Name: fmt.Sprintf("More %d", i), Industry: "software", Region: "east_asia"}
		if _, err := f.store.PutOrganization(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(f.server)
	t.Cleanup(server.Close)
	for _, address := range []string{"/waves/spring/trust", "/waves/spring/drivers", "/waves/spring/group?region=east_asia"} {
		for _, v := range []view{{1280, "light"}, {390, "dark"}} {
			t.Run(fmt.Sprintf("%s at %d %s", pageName(address), v.width, v.scheme), func(t *testing.T) {
				w := open(browser, t, server.URL+address, v)
				evaluate[bool](t, w, `document.querySelectorAll("details.method, article > section > details").forEach(d => d.open = true); true`)
				lookAt(t, w, axe)
				keepPicture(t, w, fmt.Sprintf("%s-%d-%s", pageName(address), v.width, v.scheme))
			})
		}
	}
}

// pageName names a page in tests and pictures.
func pageName(address string) string {
	name, _, _ := strings.Cut(path.Base(address), "?")
	return name
}
