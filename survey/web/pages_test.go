package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// firstPackets is what a server may send before it must hear from the browser:
// ten packets, less the headers.
const firstPackets = 10*1400 - 1200

// arriving is the weight of a page for somebody who comes by a link from elsewhere.
func (f *field) arriving(path string) (weight int, text string) {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Sec-Fetch-Site", "none")
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		f.t.Fatalf("%s: %d", path, w.Code)
	}
	weight = w.Body.Len()
	t, ok := f.t.(*testing.T)
	if !ok {
		f.t.Fatal("not a test")
	}
	return weight, string(unpacked(t, w))
}

func TestEveryPageOfRespondentsIsLightAndTheFirstOneNeedsOneRoundTrip(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link, open := f.invited(), "/o/"+f.openToken()
	assets := 0
	for _, name := range []string{"respond.css", "respond.js", "mark.svg"} {
		assets += f.weight(static.URL(name))
	}
	look := func(path string) {
		t.Helper()
		weight, text := f.arriving(path)
		if total := weight + assets; total > 60<<10 {
			t.Errorf("%s weighs %d bytes with its assets", path, total)
		}
		// The review of all answers is long, and never the first page of a visit
		// for somebody who has not been here before.
		if weight > firstPackets && !strings.HasSuffix(path, "/review") {
			t.Errorf("%s needs %d bytes before it can be used", path, weight)
		}
		if !strings.Contains(text, "<style>"+static.InlineStyle()+"</style>") {
			t.Errorf("%s comes without its style", path)
		}
		if strings.Count(text, "<script") != strings.Count(text, " defer></script>") {
			t.Errorf("%s waits for a script", path)
		}
	}
	look(link)
	look(open)
	f.begin(link, "executive")
	for n := 1; n <= 11; n++ {
		look(fmt.Sprintf("%s/s/%d", link, n))
	}
	look(link + "/saved")
	look(link + "/review") // with problems
	review := f.fillAll(link)
	look(link + "/review")
	f.post(link+"/submit", review.form()).mustSee("/receipt")
	look(link + "/receipt")
}

func TestAConsentPageMayBeKeptAndAskedForAgain(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	first, second := f.get(f.invited()), f.get(f.invited())
	if first.text != second.text || first.header.Get("ETag") != second.header.Get("ETag") {
		t.Error("two people invited by one organization get two consent pages")
	}
	if got := first.header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("cache-control %q", got)
	}
	r := httptest.NewRequest(http.MethodGet, f.invited(), nil)
	r.Header.Set("If-None-Match", first.header.Get("ETag"))
	if a := f.do(r); a.status != http.StatusNotModified || a.text != "" {
		t.Errorf("asked again: %d, %q", a.status, a.text)
	}
	if open := f.get("/o/" + f.openToken()); open.header.Get("Cache-Control") != "no-store" {
		t.Errorf("an open link, which gives each one a draft: %q", open.header.Get("Cache-Control"))
	}
}
