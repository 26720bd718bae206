package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// example is an address at which a page of the table is looked at.
type example struct {
	path   string
	who    *person // nil: whoever may see such pages
	status int     // 0: 200
	wrong  bool    // its form is sent empty as well
}

// noPages answer GET with something else than a page, and say what.
var noPages = map[string]string{
	"/healthz": "text", "/readyz": "data", "/robots.txt": "text", "/favicon.ico": "a picture", "/static/*": "files",
	"/results/:token": "leads on", "/results/:token/org/:org": "leads on", "/r/:token/submit": "leads on", "/k/:token/submit": "leads on", "/sign-in/service/back": "leads on",
	"/r/:token/answers.html": "a file", "/r/:token/answers.json": "data", "/waves/:wave/group.json": "data", "/waves/:wave/trust.json": "data", "/waves/:wave/league.json": "data", "/waves/:wave/league.csv": "data", "/waves/:wave/drivers.json": "data",
	"/audit/download": "a file", "/studies/:study/audit/download": "a file", "/studies/:study/waves/:wave/data/download": "a file",
	"/studies/:study/organization-file/:upload/mistakes": "a file", "/studies/:study/waves/:wave/roster/file/:upload/mistakes": "a file",
}

// walk is a filled service with an example of each page.
type walk struct {
	*field
	address  *strings.Replacer
	root     *person
	half     *person
	examples map[string][]example
}

// newWalk fills a service: an open wave with people, links, mail, long work and
// answers, a wave that is over with results, and accounts.
func newWalk(t *testing.T) *walk {
	t.Helper()
	f := newField(t, storetest.SQLite(t))
	f.server, f.log = newBare(t, Options{Store: f.store, Intake: newIntake(t, f.store), Now: f.server.Now, OpenResults: true, Version: "test", MailBase: "https://survey.example.org", Development: true,
		SignIn: &SignInService{Name: "Example Corporation", Provider: auth.NewProvider(auth.ProviderSettings{Issuer: "http://127.0.0.1:1"})}})
	w := &walk{field: f, root: f.withPassword(survey.User{Email: "root@example.org", Name: "Root", Administrator: true})}
	coordinator := f.as(survey.Coordinator)
	coded := f.withPassword(survey.User{Email: "coded@example.org", Name: "Coded"})
	coded.codesOn()
	w.half = f.stranger()
	w.half.password("coded@example.org")
	optOut := f.optOutLinks(3)[0]
	things := f.things(coordinator)
	ids := f.answerAlike(12)
	w.root.follow(wavePath(f.Study, f.Wave, "/data/exclude"), url.Values{"response": {string(ids[0])}, "reason": {"careless"}, "from": {"flags"}}).mustBe(200, "left out")
	document := w.root.send("/studies/sales/documents", "ours.json", string(survey.BuiltinDocument()), url.Values{"kind": {"instrument"}}).location
	w.otherWaves(t)
	w.address = strings.NewReplacer(":study", f.Study.Key, ":org", f.Organization.Key, ":user", string(coordinator.user.ID), ":upload", things.upload, ":person", things.person,
		":link", things.link, ":job", things.job, ":document", document[strings.LastIndex(document, "/")+1:], ":campaign", f.campaign(), ":kind", "invitation", ":language", "ar", ":n", "2", ":turn", "cancel", ":wave", f.Wave.Key)
	w.collect(t, optOut)
	return w
}

// otherWaves makes a wave that is over, with results, one that is to come, and one whose
// results are held.
func (w *walk) otherWaves(t *testing.T) {
	t.Helper()
	past, open := survey.Wave{StudyID: w.Study.ID, Key: "past", Title: "Past", InstrumentHash: w.Wave.InstrumentHash,
		OpensAt: storetest.Now.Add(-48 * time.Hour), ClosesAt: storetest.Now.Add(-24 * time.Hour)}, w.Wave
	judged(t)(w.store, &past)
	made, err := w.store.PutWave(t.Context(), past)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.PutWave(t.Context(), survey.Wave{StudyID: w.Study.ID, Key: "next", Title: "Next", InstrumentHash: w.Wave.InstrumentHash,
		OpensAt: storetest.Now.Add(48 * time.Hour), ClosesAt: storetest.Now.Add(72 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	held, err := w.store.PutWave(t.Context(), survey.Wave{StudyID: w.Study.ID, Key: "held", Title: "Held", InstrumentHash: w.Wave.InstrumentHash,
		OpensAt: storetest.Now.Add(-48 * time.Hour), ClosesAt: w.now.Add(time.Second)})
	if err == nil {
		_, err = w.store.HoldWave(t.Context(), tester, held.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(2 * time.Second)
	w.Wave = made
	for i := range 6 {
		w.fill(fmt.Sprintf("org-%02d", i), fmt.Sprintf("Organization %d", i), i, resultRespondents)
	}
	w.Wave = open
}

// collect lists the examples that are not an address with its parameters filled in.
func (w *walk) collect(t *testing.T, optOut string) {
	t.Helper()
	fresh, begun, full, sent := w.invited(), w.invited(), w.invited(), w.invited()
	open := w.openToken()
	tablet, reviewing := kioskPath(w.openToken()), w.tablet()
	for _, link := range []string{begun, full, sent} {
		w.begin(link, "manager")
	}
	w.fillAll(full)
	w.fillAll(sent)
	w.post(sent+"/submit", w.get(sent+"/review").form()).mustSee("/receipt")
	reviewing.beginOnTablet(tablet)
	diff := "/studies/sales/diff?from=" + w.Instrument.Hash() + "&to=" + w.Instrument.Hash()
	organizations := w.root.sendFile("/studies/sales/organization-file", "key,name,teams\nbolt,Bolt AG,North|West\nacme,Acme Ltd,\n").location
	badFile := w.root.sendFile("/studies/sales/organization-file", "key,name\nUPPER,Up\n").location
	roster := w.root.sendFile(rosterAt+"/file", "organization,reference,email,name\nacme,1,ada@example.org,Ada\n").location
	badRoster := w.root.sendFile(rosterAt+"/file", "organization,email\nother,a@example.org\n").location
	w.examples = map[string][]example{
		"/o/:token": {{path: "/o/" + open}}, "/o/:token/qr": {{path: "/o/" + open + "/qr"}}, "/o/:token/receipt": nil,
		"/r/:token": {{path: fresh}, {path: fresh + "?lang=ar"}}, "/r/:token/s/:n": {{path: begun + "/s/2"}, {path: begun + "/s/9"}}, "/r/:token/saved": {{path: begun + "/saved"}},
		"/r/:token/review": {{path: begun + "/review"}, {path: full + "/review"}}, "/r/:token/receipt": {{path: sent + "/receipt"}, {path: sent + "/receipt?lang=ar"}},
		"/k/:token": {{path: tablet}}, "/k/:token/s/:n": {{path: tablet + "/s/2", who: reviewing}}, "/k/:token/saved": nil, "/k/:token/review": {{path: tablet + "/review", who: reviewing}}, "/k/:token/receipt": nil,
		galleryRoute:                        {{path: galleryRoute}, {path: galleryRoute + "?lang=ar"}},
		"/optout/:mark":                     {{path: optOut}},
		"/setup/:ticket":                    {{path: "/setup/" + w.ticket(store.Ticket{Purpose: store.SetUp}), wrong: true}},
		"/sign-in":                          {{path: "/sign-in", wrong: true}},
		"/forgotten":                        {{path: "/forgotten", wrong: true}},
		"/sign-in/code":                     {{path: "/sign-in/code", who: w.half, wrong: true}},
		"/users/new":                        {{path: "/users/new", wrong: true}},
		"/audit":                            {{path: "/audit"}, {path: "/audit?q=nothing-has-this"}},
		"/studies/new":                      {{path: "/studies/new", wrong: true}},
		"/account/codes":                    {{path: "/account/codes", wrong: true}},
		"/account":                          {{path: "/account"}},
		"/waves/:wave":                      {{path: "/waves/past"}},
		"/password/:ticket":                 {{path: "/password/" + w.ticket(store.Ticket{Purpose: store.NewPassword, UserID: w.root.user.ID}), wrong: true}},
		"/sign-in/service":                  {{path: "/sign-in/service", status: 503}},
		"/waves/:wave/organizations/:org":   {{path: "/waves/past/organizations/org-05"}},
		"/waves/:wave/group":                {{path: "/waves/past/group?role=manager"}},
		"/waves/:wave/trust":                {{path: "/waves/past/trust"}},
		"/waves/:wave/drivers":              {{path: "/waves/past/drivers"}},
		"/studies/:study/diff":              {{path: "/studies/sales/diff"}, {path: diff}},
		"/studies/:study/new-organization":  {{path: "/studies/sales/new-organization", wrong: true}},
		"/studies/:study/organizations":     {{path: organizationsAt}, {path: organizationsAt + "?q=nothing-has-this"}},
		"/studies/:study/organization-file": {{path: "/studies/sales/organization-file", wrong: true}},
		"/studies/:study/organization-file/:upload":              {{path: organizations}, {path: badFile, status: 422}},
		"/studies/:study/waves/new":                              {{path: "/studies/sales/waves/new", wrong: true}},
		"/studies/:study/waves/:wave/roster/new":                 {{path: rosterAt + "/new", wrong: true}},
		"/studies/:study/waves/:wave/roster":                     {{path: rosterAt}, {path: rosterAt + "?q=nothing-has-this"}},
		"/studies/:study/waves/:wave/roster/file":                {{path: rosterAt + "/file", wrong: true}},
		"/studies/:study/waves/:wave/roster/file/:upload":        {{path: roster}, {path: badRoster, status: 422}},
		"/studies/:study/waves/:wave/erase":                      {{path: wavePath(w.Study, w.Wave, "/erase"), wrong: true}},
		"/studies/:study/documents":                              {{path: "/studies/sales/documents", wrong: true}},
		"/studies/:study/waves/:wave":                            {{path: wavePath(w.Study, w.Wave, "")}, {path: "/studies/sales/waves/past"}, {path: "/studies/sales/waves/next"}},
		"/studies/:study/waves/:wave/open":                       {{path: "/studies/sales/waves/next/open"}},
		"/studies/:study/waves/:wave/data/release":               {{path: "/studies/sales/waves/held/data/release"}},
		"/studies/:study/waves/:wave/settings":                   {{path: "/studies/sales/waves/next/settings", wrong: true}},
		"/studies/:study/waves/:wave/mailings/new":               {{path: wavePath(w.Study, w.Wave, "/mailings/new"), wrong: true}},
		"/studies/:study/members":                                {{path: "/studies/sales/members", wrong: true}},
		"/studies/:study/waves/:wave/data/flags":                 {{path: wavePath(w.Study, w.Wave, "/data/flags")}, {path: "/studies/sales/waves/past/data/flags"}},
		"/studies/:study/waves/:wave/mail-texts/:kind/:language": {{path: wavePath(w.Study, w.Wave, "/mail-texts/invitation/ar"), wrong: true}},
	}
}

// of are the examples of a route: a page without one of its own is at its address.
func (w *walk) of(path string) []example {
	if given, ok := w.examples[path]; ok {
		return given
	}
	return []example{{path: w.address.Replace(path)}}
}

// seenBy is who looks at a page.
func (w *walk) seenBy(path string) *person {
	switch permissions["GET "+path].audience {
	case account, install, member:
		return w.root
	}
	return w.stranger()
}

// TestEveryPageOfTheTableInABrowser opens every page that the table of permissions
// knows, light and dark, and sends forms empty: axe finds nothing, nothing is wider than
// the window, and forms come back with their problems. A new page needs an example
// here only where its address or its state can not be guessed.
func TestEveryPageOfTheTableInABrowser(t *testing.T) {
	w := newWalk(t)
	w.long(t)
	l := w.looker(t)
	l.axe = axeScript(t)
	l.do(t, chromedp.EmulateViewport(1280, 900))
	if err := chromedp.Listen(l.ctx, l.hear); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.server.routes() {
		if r.method != http.MethodGet || noPages[r.path] != "" {
			continue
		}
		for n, e := range w.of(r.path) {
			t.Run(fmt.Sprintf("%s %d", strings.ReplaceAll(r.path[1:], "/", " "), n+1), func(t *testing.T) { l.look(t, r.path, e) })
		}
	}
}

// looker is a tab that goes from page to page.
type looker struct {
	*watched
	walk *walk
	base string
	axe  string
	who  *person
}

// standstill keeps a page from asking for the next one while it is looked at.
type standstill struct {
	http.ResponseWriter
	begun bool
}

func (s *standstill) WriteHeader(status int) {
	s.begun = true
	s.Header().Del("Refresh")
	s.ResponseWriter.WriteHeader(status)
}

func (s *standstill) Write(b []byte) (int, error) {
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	return s.ResponseWriter.Write(b)
}

// looker opens a tab of a browser of its own on the filled service.
func (w *walk) looker(t *testing.T) *looker {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.server.ServeHTTP(&standstill{ResponseWriter: rw}, r) }))
	t.Cleanup(server.Close)
	tab, cancel := context.WithTimeout(newResultsBrowser(t), patience)
	t.Cleanup(cancel)
	l := &looker{watched: &watched{ctx: tab}, walk: w, base: server.URL}
	l.do(t)
	return l
}

func (l *looker) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(l.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func (l *looker) look(t *testing.T, route string, e example) {
	if strings.Contains(e.path, "/:") {
		t.Fatal("there is no example of this page")
	}
	who := e.who
	if who == nil {
		who = l.walk.seenBy(route)
	}
	want := max(e.status, http.StatusOK)
	if a := who.get(e.path); a.status != want || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%s: %d to %q with %s, want a page with %d", e.path, a.status, a.location, a.header.Get("Content-Type"), want)
	}
	l.as(t, who)
	l.problems = nil
	l.do(t, chromedp.Navigate(l.base+e.path))
	l.examine(t, "")
	if !e.wrong {
		return
	}
	evaluate[bool](t, l.watched, `[...document.querySelectorAll("main .staff-form input.text-input")].forEach(n => { n.value = "" }), true`)
	if _, err := chromedp.RunResponse(l.ctx, chromedp.Click(chromedp.CSS("main .staff-form .actions button[type=submit]"))); err != nil {
		t.Fatal(err)
	}
	if evaluate[bool](t, l.watched, `document.querySelector(".problems") === null`) {
		t.Error("an empty form is not answered with its problems")
	}
	// The browser moves the focus some moments after the page is there.
	if _, err := chromedp.Run(l.ctx, chromedp.Poll[bool](`document.activeElement.matches(".problems")`, chromedp.WithPollingTimeout(5*time.Second))); err != nil {
		t.Errorf("with problems the focus is on %s (%v)", evaluate[string](t, l.watched, `document.activeElement.outerHTML.slice(0, 120)`), err)
	}
	l.examine(t, "-wrong")
}

// as lets the tab be the browser of somebody.
func (l *looker) as(t *testing.T, who *person) {
	t.Helper()
	if l.who == who {
		return
	}
	l.who = who
	if _, err := chromedp.Call(l.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	for name, value := range who.cookies {
		if _, err := chromedp.Call(l.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: l.base}); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *looker) examine(t *testing.T, name string) {
	t.Helper()
	l.scheme(t, "light")
	lookAtStaff(t, l.watched, l.axe)
	l.scheme(t, "dark")
	colours := strings.Replace(axeRun, "{resultTypes:", `{runOnly: ["color-contrast", "target-size"], resultTypes:`, 1)
	for _, violation := range evaluate[[]string](t, l.watched, colours, chromedp.EvalAwaitPromise) {
		t.Errorf("dark, and targets: axe: %s", violation)
	}
	name = strings.ReplaceAll("page-"+t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]+name, ":", "")
	keepPicture(t, l.watched, name)
	l.narrow(t, 390, name)
	l.narrow(t, 320, name)
	l.zoomed(t)
}

func (l *looker) scheme(t *testing.T, scheme string) {
	t.Helper()
	_, err := chromedp.Call(l.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		t.Fatal(err)
	}
}

// zoomed looks at the page at a width of 320, which is 1280 at 400 % (WCAG 1.4.10), and
// there with more space in and between lines (1.4.12): nothing is moved sideways but
// tables, which can be moved by the keyboard and say what they are, and nothing is cut off.
func (l *looker) zoomed(t *testing.T) {
	t.Helper()
	defer l.do(t, chromedp.EmulateViewport(1280, 900))
	for _, spaced := range []bool{false, true} {
		how := "at 400 %"
		if spaced {
			how += " with more space"
			evaluate[bool](t, l.watched, moreSpace)
		}
		for _, lost := range evaluate[[]string](t, l.watched, reflowed) {
			t.Errorf("%s: %s", how, lost)
		}
	}
}

// moreSpace is the spacing that readers may set by WCAG 1.4.12.
const moreSpace = `(() => { const sheet = new CSSStyleSheet();
	sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }");
	document.adoptedStyleSheets = [sheet]; return true })()`

// reflowed lists what is lost in a narrow window. Words for those who hear the page,
// the name of whoever is signed in and boxes for typing may be longer than their room.
const reflowed = `(() => {
	const lost = [], excess = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	const name = n => n.outerHTML.slice(0, 90);
	if (excess > 0) lost.push("the page is " + excess + " pixels wider than the window");
	for (const n of document.querySelectorAll("body *")) {
		if (n.closest("svg, .visually-hidden, .account, .skip, [hidden]") || n.matches("input, textarea, select, iframe, progress, script")) continue;
		const style = getComputedStyle(n), wide = n.scrollWidth > n.clientWidth + 1, high = n.scrollHeight > n.clientHeight + 1;
		if (!wide && !high || style.display === "inline" || style.clipPath !== "none") continue;
		const moves = /auto|scroll/.test(style.overflowX), cuts = /hidden|clip/.test(style.overflowX + style.overflowY);
		if (wide && moves && !(n.tabIndex === 0 && n.getAttribute("role") === "region" && document.getElementById(n.getAttribute("aria-labelledby")))) lost.push("moves sideways without keyboard or name: " + name(n));
		if (cuts) lost.push("is cut off: " + name(n));
	}
	// With more space a figure is a picture still; the table below it says the same.
	if (!document.adoptedStyleSheets.length) for (const n of document.querySelectorAll(".chart-box svg text")) {
		const box = n.closest("svg").getBoundingClientRect(), b = n.getBoundingClientRect();
		if (b.left < box.left - 1 || b.right > box.right + 1) lost.push("is cut off in " + n.closest("figure").id + ": " + n.textContent);
	}
	return lost;
})()`
