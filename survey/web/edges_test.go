package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestASlashBehindAnAddressLeadsToIt(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	open, personal := "/o/"+f.openToken(), f.invited()
	for _, path := range []string{open, personal, open + "/qr", personal + "/s/2", personal + "/review", "/healthz"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			if method == http.MethodPost && (strings.HasSuffix(path, "/qr") || strings.HasSuffix(path, "/review") || path == "/healthz") {
				continue // nothing takes a form there
			}
			r := httptest.NewRequest(method, path+"/?v=7", nil)
			w := httptest.NewRecorder()
			f.server.ServeHTTP(w, r)
			to, err := r.URL.Parse(w.Header().Get("Location"))
			if w.Code != http.StatusPermanentRedirect || err != nil || to.RequestURI() != path+"?v=7" || to.Host != r.URL.Host {
				t.Errorf("%s %s/: %d to %v, %v", method, path, w.Code, to, err)
			}
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s/ may be kept", method, path)
			}
		}
	}
	for _, path := range []string{open + "//", "//example.org/", "/unknown/", "/static/"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path}
		if res := send(f.server, r); res.StatusCode != http.StatusNotFound || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d to %q", path, res.StatusCode, res.Header.Get("Location"))
		}
	}
}

func TestAByteOrderMarkBeforeADocumentIsNoFault(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	document, err := json.Marshal(whole(aKey))
	if err != nil {
		t.Fatal(err)
	}
	post := func(body []byte) told {
		r := httptest.NewRequest(http.MethodPost, "/o/"+f.openToken()+"/responses", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return f.tellRequest(r)
	}
	if got := post(append([]byte("\xef\xbb\xbf"), document...)); got.status != http.StatusCreated {
		t.Errorf("%+v", got)
	}
	if got := post(append([]byte("\xef\xbb\xbf\xef\xbb\xbf"), document...)); got.status != http.StatusBadRequest {
		t.Errorf("two of them: %+v", got)
	}
}

func TestABodyThatDoesNotComeInTimeIsToldSo(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	late := httptest.NewRequest(http.MethodPost, "/o/"+f.openToken()+"/responses", iotest.ErrReader(os.ErrDeadlineExceeded))
	late.Header.Set("Content-Type", "application/json")
	late.ContentLength = 100
	if got := f.tellRequest(late); got.status != http.StatusRequestTimeout || got.Error.Kind != "timeout" {
		t.Errorf("%+v", got)
	}
	link := f.invited()
	f.begin(link, "manager")
	form := httptest.NewRequest(http.MethodPost, link+"/s/2", iotest.ErrReader(os.ErrDeadlineExceeded))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form.ContentLength = 100
	f.do(form).mustBe(http.StatusRequestTimeout, "did not come in time")
}

func TestTheReviewSaysOnceThatAnswersAreMissing(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	page := f.get(link + "/review")
	page.mustBe(http.StatusOK, "question")
	if strings.Contains(page.text, "Please choose one of the answers") || strings.Contains(page.text, "Please enter a number") {
		t.Errorf("each missing answer has a sentence of its own:\n%s", page.text)
	}
}
