package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// tablet is a browser on a shared tablet.
func (f *field) tablet() *person { return &person{field: f, cookies: map[string]string{}} }

// beginOnTablet starts on the tablet and chooses the role.
func (p *person) beginOnTablet(link string) {
	p.t.Helper()
	form := p.get(link).form()
	p.post(link, form).mustSee("/s/1")
	first := p.get(link + "/s/1").form()
	first.Set("role", "manager")
	first.Set("go", "next")
	p.post(link+"/s/1", first).mustSee("/s/2")
}

// fillOnTablet answers all pages and sends them.
func (p *person) fillOnTablet(link string) answer {
	p.t.Helper()
	for at := link + "/s/2"; ; {
		form := complete(p.get(at))
		form.Set("go", "next")
		a := p.post(at, form)
		if a.status != http.StatusSeeOther {
			p.t.Fatalf("%s: %d\n%s", at, a.status, textOf(a.doc))
		}
		if !strings.HasPrefix(a.location, link+"/") {
			p.t.Fatalf("the tablet is led away to %s", a.location)
		}
		if at = a.location; strings.Contains(at, "/review") {
			return p.get(at)
		}
	}
}

func TestASharedTabletForgetsWhoeverHasAnswered(t *testing.T) {
	for _, mode := range survey.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			f := newField(t, storetest.SQLite(t), func(_ *store.Store, w *survey.Wave) { w.Mode = mode })
			token := f.openToken()
			link := kioskPath(token)
			p := f.tablet()
			p.get(link).mustBe(200, "On this shared device")
			p.beginOnTablet(link)
			page := p.get(link + "/s/2")
			draft := p.cookies[kioskCookie]
			if strings.Contains(page.text, draft) || strings.Contains(page.text, "Save and stop") || page.header.Get("Cache-Control") != "no-store" || page.header.Get("ETag") != "" {
				t.Errorf("the page on a tablet: %v\n%s", page.header, page.text)
			}
			if refresh := page.header.Get("Refresh"); !strings.HasSuffix(refresh, "url="+link) {
				t.Errorf("without scripts the page goes to %q", refresh)
			}
			review := p.fillOnTablet(link)
			sent := p.post(link+"/submit", review.form())
			if sent.status == http.StatusSeeOther {
				sent = p.get(sent.mustSee(link + "/receipt"))
			}
			sent.mustBe(200, "your answers have arrived")
			if strings.Contains(sent.text, "published figures") || len(sent.find("li", "class", "card")) > 0 {
				t.Errorf("the answers stand on the last page:\n%s", sent.text)
			}
			if refresh := sent.header.Get("Refresh"); refresh != "60; url="+link {
				t.Errorf("the receipt goes to %q", refresh)
			}
			if len(p.cookies) != 0 || !strings.Contains(sent.header.Get("Clear-Site-Data"), "storage") {
				t.Errorf("left behind: %v, %v", p.cookies, sent.header)
			}
			for _, back := range []string{"/s/2", "/review", "/receipt", "/submit", "/saved"} {
				p.get(link + back).mustSee(link)
			}
			p.post(link+"/submit", url.Values{}).mustSee(link)
		})
	}
}

func TestWhoeverLeavesATabletIsForgotten(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := kioskPath(f.openToken())
	p := f.tablet()
	p.beginOnTablet(link)
	form := complete(p.get(link + "/s/2"))
	form.Set("go", "stop")
	p.get(p.post(link+"/s/2", form).mustSee(link+"/saved")).mustBe(200, "nothing was sent")
	p.get(link + "/s/2").mustSee(link)
	p.beginOnTablet(link)
	p.post(link+"/leave", nil).mustBe(200, "You have left")
	p.get(link + "/review").mustSee(link)
	p.beginOnTablet(link)
	p.get(link).mustBe(200, "On this shared device")
	p.get(link + "/s/2").mustSee(link)
	p.cookies[kioskCookie] = strings.Repeat("a", 32)
	p.get(link+"/s/2").mustBe(404, "No questionnaire opens by this link")
	if len(p.cookies) != 0 {
		t.Error("the cookie of a draft that is gone stays")
	}
}
