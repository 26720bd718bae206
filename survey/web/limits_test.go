package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestWhatIsTooMuchIsRefusedByItsLimit(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	open := "/o/" + f.openToken()
	form := "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, address, kind, body string
		status                    int
	}{
		{"a body over the limit", link + "/s/2", form, "x=" + strings.Repeat("a", MaxBodyBytes), 413},
		{"too many fields", link + "/s/2", form, strings.Repeat("a=1&", MaxFormFields+1), 413},
		{"too long a field", link + "/submit", form, "x=" + strings.Repeat("a", MaxFieldBytes+1), 413},
		{"too long a name", link + "/submit", form, strings.Repeat("a", MaxNameBytes+1) + "=1", 413},
		{"too long a field of a page that comes back", link + "/s/2", form, "x=" + strings.Repeat("a", MaxFieldBytes+1), 422},
		{"too long an address", link + "/s/2?" + strings.Repeat("a", MaxURLBytes), form, "", 414},
		{"a whole response over the limit", open + "/responses", "application/json", `{"x":"` + strings.Repeat("a", MaxBodyBytes) + `"}`, 413},
		{"too many fields of a whole response", open + "/responses", form, strings.Repeat("a=1&", MaxFormFields+1), 413},
		{"values deep inside each other", open + "/responses", "application/json", strings.Repeat(`{"x":`, 5000) + "1" + strings.Repeat("}", 5000), 400},
		{"another type", open + "/responses", "text/plain", "x", 415},
		{"a type that is none", open + "/responses", "; ;", "x", 415},
		{"a file", link + "/s/2", "multipart/form-data; boundary=x", "--x--", 415},
	} {
		for _, chunked := range []bool{false, true} {
			r := httptest.NewRequest(http.MethodPost, test.address, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.kind)
			if chunked {
				r.ContentLength = -1
			}
			if res := send(f.server, r); res.StatusCode != test.status {
				t.Errorf("%s, chunked %v: %d, want %d", test.name, chunked, res.StatusCode, test.status)
			}
		}
	}
}

func TestACompressedBodyIsRefusedBeforeItCanGrow(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"/o/" + f.openToken() + "/responses", link + "/s/2"} {
		for _, coding := range []string{"gzip", "br", "deflate", "gzip, identity", "x"} {
			r := httptest.NewRequest(http.MethodPost, address, bytes.NewReader(bomb.Bytes()))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Content-Encoding", coding)
			res := send(f.server, r)
			if res.StatusCode != 415 || res.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("%s with %s: %d, accepts %q", address, coding, res.StatusCode, res.Header.Get("Accept-Encoding"))
			}
		}
	}
	plain := httptest.NewRequest(http.MethodPost, link+"/s/2", strings.NewReader(url.Values{"complex_sale": {"yes"}}.Encode()))
	plain.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	plain.Header.Set("Content-Encoding", "identity")
	if res := send(f.server, plain); res.StatusCode != 303 {
		t.Errorf("identity: %d", res.StatusCode)
	}
}
