package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// longName and longEmail are as long as people have them, or longer.
const (
	longName  = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Senior of the Whole Northern Region"
	longEmail = "wolfeschlegelsteinhausenbergerdorff.hubert.blaine@subsidiary.international.example.org"
)

// staffLook is one look at a page of the staff.
type staffLook struct {
	name string
	path string
	who  *person // nil: nobody
	send bool    // its first form as it is, which is wrong
}

// TestStaffPagesInABrowser opens the pages of people with an account as they are, with
// wrong forms, long names and long lists, on a phone and on a desk, light and dark.
func TestStaffPagesInABrowser(t *testing.T) {
	axe := axeScript(t)
	f := newField(t, storetest.SQLite(t))
	f.now = time.Now()
	f.server.SignIn = &SignInService{Name: "Example Corporation", Provider: auth.NewProvider(auth.ProviderSettings{Issuer: "http://127.0.0.1:1"})}
	root := f.withPassword(survey.User{Email: "root@example.org", Name: longName, Administrator: true})
	roles := make(map[survey.StaffRole]*person)
	for _, role := range survey.StaffRoles() {
		roles[role] = f.as(role)
	}
	long := f.signedIn(survey.User{Email: longEmail, Name: longName})
	for i := range auditRows {
		deed := store.Deed{Action: "user.change", Object: fmt.Sprintf("user %d-%s", i, longEmail), Detail: "administrator"}
		if err := f.store.Record(t.Context(), survey.Actor{Name: longEmail, Origin: "2001:db8:1234:5678:9abc:def0:1234:5678"}, deed); err != nil {
			t.Fatal(err)
		}
	}
	coded := f.withPassword(survey.User{Email: "coded@example.org", Name: "Coded"})
	coded.codesOn()
	half := f.stranger()
	half.password("coded@example.org")
	server := httptest.NewServer(f.server)
	t.Cleanup(server.Close)
	members := "/studies/" + f.Study.Key + "/members"
	looks := []staffLook{
		{"setup", "/setup/" + f.ticket(store.Ticket{Purpose: store.SetUp}), nil, true},
		{"sign-in", "/sign-in", nil, true}, {"service-down", "/sign-in/service", nil, false}, {"code", "/sign-in/code", half, true},
		{"account", "/account", root, false}, {"codes", "/account/codes", root, true}, {"codes-on", "/account/codes", coded, true},
		{"people", "/users", root, false}, {"person-new", "/users/new", root, true}, {"person", "/users/" + string(long.user.ID), root, false},
		{"studies", "/studies", root, false}, {"no-studies", "/studies", long, false}, {"study", "/studies/" + f.Study.Key, root, false}, {"members", members, root, true},
		{"forbidden", "/studies/" + f.Study.Key + "/settings", long, false}, {"not-yours", members, roles[survey.Viewer], false}, {"nothing", "/studies/nonsense/at/all", root, false}, {"closed-results", "/waves/" + f.Wave.Key, long, false},
		{"audit", "/audit", root, false}, {"audit-nothing", "/audit?q=nothing-has-this", root, false},
	}
	w := openFor(newResultsBrowser(t), t, "about:blank", view{390, "light"}, patience)
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			cookie := network.SetCookieParams{Name: sessionCookie, Value: "none", URL: server.URL}
			if look.who != nil {
				cookie.Value = look.who.cookies[sessionCookie]
			}
			if _, err := chromedp.Call(w.ctx, network.SetCookie, cookie); err != nil {
				t.Fatal(err)
			}
			w.forget()
			if err := chromedp.Do(w.ctx, chromedp.Navigate(server.URL+look.path)); err != nil {
				t.Fatal(err)
			}
			w.lookTwice(t, axe, "staff-"+look.name)
			if !look.send {
				return
			}
			if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS("main .staff-form button[type=submit]"))); err != nil {
				t.Fatal(err)
			}
			if evaluate[bool](t, w, `document.querySelector(".problems") === null`) {
				t.Error("an empty form is not answered with its problems")
			}
			w.lookTwice(t, axe, "staff-"+look.name+"-wrong")
		})
	}
}

// settled waits until no colour is on its way to another one.
const settled = `Promise.all(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished)).then(() => true)`

// lookTwice looks at a page of the staff on a phone in daylight and at a desk at night.
// It is the same page: opening it costs more than looking at it.
func (w *watched) lookTwice(t *testing.T, axe, name string) {
	t.Helper()
	for _, v := range []view{{390, "light"}, {1280, "dark"}} {
		w.turn(t, v)
		evaluate[bool](t, w, settled, chromedp.EvalAwaitPromise)
		lookAtStaff(t, w, axe)
		keepPicture(t, w, fmt.Sprintf("%s-%d", name, v.width))
	}
}

// lookAtStaff checks what every page of the staff must keep to.
func lookAtStaff(t *testing.T, w *watched, axe string) {
	t.Helper()
	if excess := evaluate[float64](t, w, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); excess > 0 {
		t.Errorf("the page is %v pixels wider than the window", excess)
	}
	for _, at := range evaluate[[]string](t, w, `[...document.querySelectorAll("main time")].map(n => n.textContent).filter(x => !/ (UTC|[A-Z]{2,5})([+-][0-9:]+)?$/.test(x))`) {
		t.Errorf("the time %q does not name its zone", at)
	}
	for _, small := range evaluate[[]string](t, w, `[...document.querySelectorAll("button:not(.visually-hidden), a.button, input:not([type=hidden]):not([type=checkbox]):not([type=radio])")].filter(n => {
		const b = n.getBoundingClientRect(); return b.height > 0 && b.height < 36 }).map(n => n.outerHTML.slice(0, 80))`) {
		t.Errorf("too small to be touched: %s", small)
	}
	if !evaluate[bool](t, w, `"axe" in window`) {
		evaluate[bool](t, w, axe+"; true")
	}
	for _, violation := range evaluate[[]string](t, w, axeRun, chromedp.EvalAwaitPromise) {
		t.Errorf("axe: %s", violation)
	}
	own := evaluate[[]string](t, w, `["status of " + performance.getEntriesByType("navigation")[0].responseStatus, location.href]`)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range w.problems {
		if strings.HasPrefix(problem, "other: Clear-Site-Data header on") && strings.Contains(problem, "/k/") && strings.Contains(problem, `Cleared data types: "cache", "storage".`) {
			continue // a tablet's page asks for it, and the browser says that it did
		}
		if !strings.Contains(problem, own[0]) || !strings.HasSuffix(problem, own[1]) { // a wrong form, what is not there or not theirs, and the service that is down
			t.Errorf("the browser says: %s", problem)
		}
	}
}
