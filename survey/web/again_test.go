package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// busy makes a server refuse everything that is posted, while it is set.
func busy(s *Server) *atomic.Bool {
	var on atomic.Bool
	s.echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if on.Load() && c.Request().Method == http.MethodPost {
				return survey.Errorf(survey.Unavailable, "very many answers arrive at this moment")
			}
			return next(c)
		}
	})
	return &on
}

func TestWhatWasTypedIsCarriedThroughABusyMoment(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	refusing := busy(f.server)
	link := f.invited()
	f.begin(link, "manager")
	typed := url.Values{"complex_sale": {"yes"}, "decision_makers": {"", "6"}, "note": {"<b>\"two\"\nlines</b>"}, "go": {"next"}}
	refusing.Store(true)
	page := f.post(link+"/s/2", typed)
	page.mustBe(503, "Nothing is lost and nothing is counted twice")
	if page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	forms := page.find("form", "", "")
	if len(forms) != 1 {
		t.Fatalf("%d forms", len(forms))
	}
	if action, _ := attribute(forms[0], "action"); action != link+"/s/2" {
		t.Errorf("sent again to %q", action)
	}
	carried := page.form()
	for name, values := range typed {
		if strings.Join(carried[name], "|") != strings.Join(values, "|") {
			t.Errorf("%s: %q is carried as %q", name, values, carried[name])
		}
	}
	again := f.post(link+"/s/2", carried)
	again.mustBe(503, "Nothing is lost and nothing is counted twice")
	if !strings.Contains(again.form().Encode(), carried.Encode()) {
		t.Error("something is lost on the second way")
	}
	refusing.Store(false)
	f.post(link+"/s/2", carried).mustSee("/s/3")
}

func TestABusyMomentWithNothingTypedHasAnOrdinaryPage(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	busy(f.server).Store(true)
	link := f.invited()
	r, err := http.NewRequest(http.MethodPost, link, strings.NewReader("half="))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "multipart/form-data")
	page := f.do(r)
	page.mustBe(503, "Very many answers arrive")
	if len(page.find("form", "", "")) != 0 {
		t.Error("a form that could not be read is offered to be sent again")
	}
}

// beginOnPhone answers the first page and stands before the second.
func (p *phone) beginOnPhone() string {
	p.t.Helper()
	link := p.field.invited()
	p.visit(link)
	p.press("button[type=submit]", "/s/1")
	p.tap("role", "manager")
	p.press("button[value=next]", "/s/2")
	return link
}

func TestABusyMomentInABrowserWithoutScripts(t *testing.T) {
	p := newPhone(t)
	p.withoutScripts()
	refusing := busy(p.field.server)
	p.beginOnPhone()
	p.tap("complex_sale", "yes")
	refusing.Store(true)
	p.press("button[value=next]", "/s/2")
	if words := p.text("main"); !strings.Contains(words, "Nothing is lost and nothing is counted twice") {
		t.Fatalf("the page says %q", words)
	}
	p.press("form button", "/s/2")
	refusing.Store(false)
	p.press("form button", "/s/3")
}

func TestABusyMomentInABrowserPassesByItself(t *testing.T) {
	p := newPhone(t)
	refusing := busy(p.field.server)
	link := p.beginOnPhone()
	refusing.Store(true)
	p.tap("complex_sale", "yes")
	p.do(chromedp.Click("button[value=next]"))
	p.until(`(document.querySelector(".banner") || {textContent: ""}).textContent.includes("Very many people")`)
	refusing.Store(false)
	p.until(`location.pathname.endsWith("/s/3") && document.readyState === "complete"`)

	// A page that was sent before the script could save comes back, and goes on by itself.
	p.visit(link + "/s/2")
	refusing.Store(true)
	p.arrive("/s/2", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`(HTMLFormElement.prototype.submit.call(document.getElementById("answers")), true)`)(ctx, tab)
		return err
	}))
	if p.text("[data-words]") == "" {
		t.Error("the page does not say what happens")
	}
	refusing.Store(false)
	p.until(`!location.pathname.endsWith("/s/2") && document.readyState === "complete"`)
	draft, err := p.field.store.DraftByInvitation(t.Context(), p.field.invitationOf(link))
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := p.field.Instrument.FieldByKey("complex_sale"); draft.Answers[f.Index].State != survey.Valid {
		t.Errorf("the draft has %+v", draft.Answers[f.Index])
	}
}

func TestSendingInABrowserWaitsForABusyServiceAndForTheNetwork(t *testing.T) {
	p := newPhone(t)
	refusing := busy(p.field.server)
	for name, cut := range map[string]*atomic.Bool{"busy": refusing, "away": p.tunnel} {
		link := p.field.invited()
		p.field.begin(link, "manager")
		p.field.fillAll(link)
		p.visit(link + "/review")
		cut.Store(true)
		p.do(chromedp.Click("form[data-once] button"))
		p.until(`document.querySelector("form[data-once]").textContent.includes("Your answers stay in this page")`)
		cut.Store(false)
		p.until(`location.pathname.endsWith("/receipt") && document.readyState === "complete"`)
		if p.text(".receipt-code") == "" {
			t.Errorf("%s: no receipt", name)
		}
	}
}
