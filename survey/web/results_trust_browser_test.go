package web

import (
	"fmt"
	"net/http/httptest"
	"path"
	"testing"

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
	server := httptest.NewServer(f.server)
	t.Cleanup(server.Close)
	for _, address := range []string{"/waves/spring/trust", "/waves/spring/drivers"} {
		for _, v := range []view{{1280, "light"}, {390, "dark"}} {
			t.Run(fmt.Sprintf("%s at %d %s", path.Base(address), v.width, v.scheme), func(t *testing.T) {
				w := open(browser, t, server.URL+address, v)
				evaluate[bool](t, w, `document.querySelectorAll("details.method, article > section > details").forEach(d => d.open = true); true`)
				lookAt(t, w, axe)
				keepPicture(t, w, fmt.Sprintf("%s-%d-%s", path.Base(address), v.width, v.scheme))
			})
		}
	}
}
