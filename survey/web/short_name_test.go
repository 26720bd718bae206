package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAShortNameIsMadeFromATitle(t *testing.T) {
	for title, key := range map[string]string{
		"Autumn 2026":                            "autumn-2026",
		"  Wie verkaufen Größte & Öffnen?  ":     "wie-verkaufen-grosste-offnen",
		"Sales' best—practices":                  "sales-best-practices",
		"ﬁeld ①":                                 "field-1",
		"営業":                                     "",
		"…":                                      "",
		strings.Repeat("word ", 20):              strings.TrimSuffix(strings.Repeat("word-", 12), "-"),
		strings.Repeat("x", 90):                  strings.Repeat("x", 60),
		"-- <script>alert(1)</script> \x00 \xff": "script-alert-1-script",
	} {
		got := keyFrom(title)
		if got != key {
			t.Errorf("%q becomes %q, not %q", title, got, key)
		}
		if got != "" && !goodKey.MatchString(got) {
			t.Errorf("%q can not stand in an address", got)
		}
	}
}

func TestStudiesWavesAndOrganizationsGetAShortNameWhereNoneIsTyped(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	root := f.administrator()
	study := url.Values{"title": {"Our Way"}, "purpose": {"To learn."}, "contact": {"us@example.org"}}
	root.post("/studies/new", study).mustSee("/studies/our-way")
	a := root.post("/studies/new", study)
	a.mustBe(http.StatusUnprocessableEntity, `There is a study "our-way" already; "our-way-2" is free.`)
	if a.value("key") != "our-way-2" {
		t.Errorf("the form offers %q", a.value("key"))
	}
	study.Set("key", a.value("key"))
	root.post("/studies/new", study).mustSee("/studies/our-way-2")
	study.Set("key", "")
	study.Set("title", "営業")
	root.post("/studies/new", study).mustBe(http.StatusUnprocessableEntity, "none can be made from these letters")
	study.Set("title", "")
	if a := root.post("/studies/new", study); strings.Contains(a.text, `id="p-key"`) {
		t.Error("a study without a title is asked for a short name")
	}
	root.post("/studies/our-way/new-organization", url.Values{"name": {"Bolt & Söhne"}}).mustSee("/organizations/bolt-sohne")
	wave := url.Values{"title": {"Herbst"}, "instrument": {builtinName}, "criteria": {"none"}, "opens": {"2027-03-01T08:00"}, "late": {"0"}, "minimum": {"10"}, "mode": {"confidential"}, "wave-zone": {"UTC"}}
	root.post("/studies/our-way/waves/new", wave).mustSee("/waves/herbst")
	root.post("/studies/our-way-2/waves/new", wave).mustBe(http.StatusUnprocessableEntity, `"herbst-2" is free`)
}
