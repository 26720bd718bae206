package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/survey/wire"
)

// phone is a browser of phone size on a real server.
type phone struct {
	*watched
	t      *testing.T
	field  *field
	base   string
	axe    string       // empty: pages are not examined
	tunnel *atomic.Bool // cuts every connection while it is set
	seen   map[string]bool
}

const phoneWidth, phoneHeight = 390, 844

// patience is for the slowest machine: a whole journey with every page examined.
const patience = 6 * time.Minute

// step is the patience with one act of it.
const step = 40 * time.Second

func newPhone(t *testing.T) *phone {
	t.Helper()
	p := &phone{t: t, field: newField(t, storetest.SQLite(t)), tunnel: new(atomic.Bool), seen: make(map[string]bool)}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.tunnel.Load() {
			panic(http.ErrAbortHandler)
		}
		p.field.server.ServeHTTP(w, r)
	})
	server := httptest.NewUnstartedServer(handler)
	server.Listener = wire.New(server.Listener, wire.Options{Handler: handler, Takes: ofRespondents, MaxBody: MaxBodyBytes,
		ReadHeaderTimeout: ReadHeaderTimeout, ReadTimeout: ReadTimeout, WriteTimeout: WriteTimeout, IdleTimeout: IdleTimeout})
	server.Start()
	t.Cleanup(server.Close)
	p.base = strings.Replace(server.URL, "127.0.0.1", officeHost, 1)
	tab, cancel := context.WithTimeout(newResultsBrowser(t), patience)
	t.Cleanup(cancel)
	p.watched = &watched{ctx: tab}
	p.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateTouch))
	if err := chromedp.Listen(tab, p.hear); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, step)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// visit opens a page and looks at it.
func (p *phone) visit(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base + path))
	p.look()
}

// press clicks a button or link, waits for the page behind it and looks at it.
func (p *phone) press(selector, leadsTo string) {
	p.t.Helper()
	p.arrive(leadsTo, chromedp.Click(selector))
	p.look()
}

// arrive waits for the page that the action leads to.
func (p *phone) arrive(leadsTo string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, step)
	defer cancel()
	loaded := chromedp.Events(ctx, cdppage.LoadEventFired)
	p.do(action)
	for _, err := range loaded {
		if err != nil {
			p.t.Fatalf("waiting for %s: %v", leadsTo, err)
		}
		break
	}
	if at := p.location(); !strings.HasSuffix(at, leadsTo) {
		p.t.Fatalf("arrived at %s, expected ...%s", at, leadsTo)
	}
}

func (p *phone) location() string {
	return evaluate[string](p.t, p.watched, "location.pathname")
}

func (p *phone) text(selector string) string {
	p.t.Helper()
	return evaluate[string](p.t, p.watched, fmt.Sprintf("(document.querySelector(%q) || {textContent: ''}).textContent.trim()", selector))
}

// alike are pages that differ from another one in their statements only.
var alike = []string{"s-4", "s-5", "s-6", "s-7", "s-8"}

// look examines a page once: nothing wider than the phone, nothing too small
// for a finger, and axe in light and dark.
func (p *phone) look() {
	p.t.Helper()
	name := p.pageName()
	if p.axe == "" || slices.Contains(alike, name) {
		return
	}
	name = evaluate[string](p.t, p.watched, "document.documentElement.lang") + "-" + name
	if p.seen[name] {
		return
	}
	p.seen[name] = true
	if excess := evaluate[float64](p.t, p.watched, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); excess > 0 {
		p.t.Errorf("%s is %v pixels wider than the phone", name, excess)
	}
	for _, small := range evaluate[[]string](p.t, p.watched, smallTargets) {
		p.t.Errorf("%s: too small for a finger: %s", name, small)
	}
	evaluate[bool](p.t, p.watched, p.axe+"; true")
	for _, scheme := range []string{"dark", "light"} {
		p.scheme(scheme)
		run := axeRun
		if scheme == "dark" { // only the colours are others
			run = strings.Replace(axeRun, "{resultTypes:", `{runOnly: ["color-contrast"], resultTypes:`, 1)
		}
		for _, violation := range evaluate[[]string](p.t, p.watched, run, chromedp.EvalAwaitPromise) {
			p.t.Errorf("%s in %s: axe: %s", name, scheme, violation)
		}
		p.picture(name, scheme)
	}
}

// picture keeps the page in both widths where that is asked for.
func (p *phone) picture(name, scheme string) {
	if os.Getenv(keepPictures) == "" {
		return
	}
	keepPicture(p.t, p.watched, name+"-390-"+scheme)
	p.do(chromedp.EmulateViewport(1280, 900))
	keepPicture(p.t, p.watched, name+"-1280-"+scheme)
	p.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateTouch))
}

// smallTargets lists what can be pressed and is smaller than 44 pixels, links
// inside sentences apart.
const smallTargets = `[...document.querySelectorAll("button, .button, .tongue, .tongues a, label.point .face, label.chip, label.option, select, .text-input, .review-head a, summary")]
	.filter(n => { const b = n.getBoundingClientRect(); return b.height > 0 && (b.height < 43.9 || b.width < (n.matches(".face") ? 40 : 43.9)); })
	.map(n => n.outerHTML.slice(0, 80) + " " + Math.round(n.getBoundingClientRect().width) + "x" + Math.round(n.getBoundingClientRect().height))`

func (p *phone) scheme(scheme string) {
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// pageName names a page for pictures and messages, without the token.
func (p *phone) pageName() string {
	parts := strings.Split(p.location(), "/")
	name := strings.Join(parts[min(3, len(parts)):], "-")
	switch {
	case name == "" && parts[1] == "":
		name = "home"
	case name == "":
		name = parts[1] + "-consent"
	}
	if evaluate[bool](p.t, p.watched, `!!document.querySelector(".failure")`) {
		return "failure"
	}
	if evaluate[bool](p.t, p.watched, `!!document.querySelector(".problems")`) {
		name += "-problems"
	}
	return name
}

func (p *phone) withoutScripts() {
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		p.t.Fatal(err)
	}
}

// tap chooses one answer with a finger's click.
func (p *phone) tap(name, value string) {
	p.t.Helper()
	p.do(chromedp.Click(fmt.Sprintf(`input[name="%s"][value="%s"]`, name, value)))
}

// answerAll taps an answer to every statement of the page.
func (p *phone) answerAll() {
	p.t.Helper()
	for i, name := range evaluate[[]string](p.t, p.watched, `[...new Set([...document.querySelectorAll("input[type=radio]:not([value=''])")].map(r => r.name))]`) {
		values := evaluate[[]string](p.t, p.watched, fmt.Sprintf(`[...document.getElementsByName(%q)].map(r => r.value).filter(v => v)`, name))
		p.tap(name, values[(i*5+2)%len(values)])
	}
}

// isSaved waits until the script says that everything is saved.
func (p *phone) isSaved() {
	p.t.Helper()
	p.until(`document.getElementById("saved").textContent === "Saved"`)
}

func (p *phone) until(condition string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// While a page gives way to the next one there is nothing to ask.
		if met, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition)); err == nil && met {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("never came true: %s", condition)
		case <-tick.C:
		}
	}
}

// goBack presses the browser's button, whatever page that leads to.
func (p *phone) goBack() {
	p.t.Helper()
	evaluate[bool](p.t, p.watched, "(window.left = true, history.back(), true)")
	p.until(`!window.left && document.readyState === "complete"`)
}

// journey answers everything from consent to receipt.
func (p *phone) journey(link string) {
	p.t.Helper()
	p.visit(link)
	p.press("button[type=submit]", "/s/1")
	p.tap("role", "manager")
	p.press("button[value=next]", "/s/2")
	p.press("button[value=next]", "/s/2") // nothing entered: problems
	if p.text("#problems h2") == "" {
		p.t.Error("no summary of problems")
	}
	p.tap("complex_sale", "yes")
	p.do(chromedp.SendKeys(`input[name="decision_makers"]`, "6"))
	p.press("button[value=next]", "/s/3")
	for n := 3; n <= 8; n++ {
		p.answerAll()
		p.press("button[value=next]", fmt.Sprintf("/s/%d", n+1))
	}
	p.tap("coaching_formality", "guided")
	p.do(chromedp.SendKeys(`input[name="time_coaching"]`, "60"), chromedp.SendKeys(`input[name="time_selling"]`, "30"))
	p.press("button[value=next]", "/s/9")
	if words := p.text(".problem"); !strings.Contains(words, "10 are missing") {
		p.t.Errorf("the problem reads %q", words)
	}
	p.do(chromedp.SendKeys(`input[name="time_admin"]`, "10"))
	p.press("button[value=next]", "/s/10")
	p.do(chromedp.SendKeys(`input[name="win_rate"]`, "44"))
	p.press("button[value=next]", "/s/11")
	p.do(chromedp.SendKeys(`textarea[name="greatest_risk"]`, "Too few “good” people <b>"))
	p.press("button[value=stop]", "/saved")
	p.press("a.button", "/review")
}

func TestJourneyOnAPhoneWithScripts(t *testing.T) {
	p := newPhone(t)
	p.axe = axeScript(t)
	link := p.field.invited()
	p.journey(link)
	p.press("form[data-once] button", "/receipt")
	p.checkSubmitted(link)
	p.goBack()
	if strings.HasSuffix(p.location(), "/review") { // the browser shows the page it kept
		evaluate[bool](t, p.watched, `(document.querySelector("form[data-once] button").click(), true)`)
		p.until(`location.pathname.endsWith("/receipt") && document.readyState === "complete"`)
	}
	p.checkSubmitted(link)
	p.visit("/r/unknown")
	p.visit("/o/" + p.field.openToken())
	p.visit("/o/" + p.field.openToken() + "/qr")
	p.visit("/")
	p.field.now = p.field.Wave.ClosesAt
	p.visit(p.field.invited())
	p.noComplaints()
}

func TestJourneyOnAPhoneWithoutScripts(t *testing.T) {
	p := newPhone(t)
	p.withoutScripts()
	link := p.field.invited()
	p.journey(link)
	p.press("form[data-once] button", "/receipt")
	p.checkSubmitted(link)
}

// checkSubmitted compares what is stored with what was tapped and typed.
func (p *phone) checkSubmitted(link string) {
	p.t.Helper()
	kept, err := p.field.store.ResponseByInvitation(p.t.Context(), p.field.Wave.ID, p.field.invitationOf(link))
	if err != nil {
		p.t.Fatal(err)
	}
	if got := p.text(".receipt-code"); got != kept.Receipt.Code {
		p.t.Errorf("the page shows %q, stored is %q", got, kept.Receipt.Code)
	}
	for key, want := range map[string]survey.Answer{
		"role":            {State: survey.Valid, Code: 2},
		"decision_makers": {State: survey.Valid, Number: 6},
		"win_rate":        {State: survey.Valid, Number: 44},
		"time_coaching":   {State: survey.Valid, Number: 60},
		"time_other":      {State: survey.Valid},
		"problems_first":  {State: survey.Valid, Code: 3},
		"cycle_months":    {State: survey.Skipped},
		"greatest_risk":   {State: survey.Valid, Text: "Too few “good” people <b>"},
	} {
		f, _ := p.field.Instrument.FieldByKey(key)
		if got := kept.Response.Answers[f.Index]; got != want {
			p.t.Errorf("%s is stored as %+v, want %+v", key, got, want)
		}
	}
}

func (p *phone) noComplaints() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, problem := range p.problems {
		// Pages with a status of 400 and above are part of the journey.
		if !strings.Contains(problem, "Failed to load resource") {
			p.t.Errorf("the browser says: %s", problem)
		}
	}
}

func TestJourneyInABrowserByKeyboardAlone(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.visit(link)
	p.do(chromedp.KeyEvent(kb.Tab))
	if got := p.focused(); !strings.Contains(got, "skip") {
		t.Errorf("the first stop is %s", got)
	}
	p.tabTo("button")
	p.arrive("/s/1", chromedp.KeyEvent(kb.Enter))
	p.tabTo("input[name=role]")
	p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	p.tabTo("button[value=next]")
	p.arrive("/s/2", chromedp.KeyEvent(kb.Enter))
	p.tabTo("button[value=next]")
	p.arrive("/s/2", chromedp.KeyEvent(kb.Enter))
	if got := p.focused(); !strings.Contains(got, `id="q-complex_sale"`) {
		t.Errorf("with problems the focus is on %s", got)
	}
	if got := evaluate[string](t, p.watched, "document.title"); !strings.HasPrefix(got, "Please look again") {
		t.Errorf("with problems the title is %q", got)
	}
	p.tabTo("input[name=complex_sale]")
	p.do(chromedp.KeyEvent(" "))
	p.tabTo("input[name=decision_makers]")
	p.do(chromedp.KeyEvent("5"))
	p.tabTo("button[value=next]")
	p.arrive("/s/3", chromedp.KeyEvent(kb.Enter))
	// One stop per statement; the arrows move inside it.
	for _, name := range []string{"problems_first", "value_message", "marketing_alignment"} {
		p.tabTo("input[name=" + name + "]")
		p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
		if got := evaluate[string](t, p.watched, fmt.Sprintf(`document.querySelector("input[name=%s]:checked").value`, name)); got != "3" {
			t.Errorf("%s is at %s after two arrows", name, got)
		}
	}
	if width := evaluate[string](t, p.watched, `getComputedStyle(document.activeElement.nextElementSibling).outlineStyle`); width != "solid" {
		t.Errorf("the focus is not visible: outline %s", width)
	}
}

func (p *phone) focused() string {
	return evaluate[string](p.t, p.watched, `document.activeElement.outerHTML.slice(0, 120)`)
}

// tabTo presses Tab until the focus is on the element.
func (p *phone) tabTo(selector string) {
	p.t.Helper()
	for range 40 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if evaluate[bool](p.t, p.watched, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
	}
	p.t.Fatalf("Tab does not reach %s; the focus is on %s", selector, p.focused())
}

func TestJourneyInABrowserSurvivesATunnel(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.field.begin(link, "salesperson")
	p.visit(link + "/s/3")
	p.tap("problems_first", "6")
	p.isSaved()
	if got := p.field.get(link + "/s/3").form().Get("problems_first"); got != "6" {
		t.Errorf("saved in between: %q", got)
	}
	p.tunnel.Store(true)
	p.tap("value_message", "2")
	p.until(`!!document.querySelector(".banner")`)
	p.tap("marketing_alignment", "dk")
	p.until(`Object.keys(localStorage).length === 1 && localStorage.getItem(localStorage.key(0)).includes("marketing_alignment=dk")`)
	p.tunnel.Store(false)
	p.isSaved()
	if left := evaluate[int](t, p.watched, `localStorage.length`); left != 0 {
		t.Errorf("%d answers stay behind in the browser", left)
	}
	saved := p.field.get(link + "/s/3").form()
	if saved.Get("value_message") != "2" || saved.Get("marketing_alignment") != "dk" {
		t.Errorf("saved after the tunnel: %v", saved)
	}
}

func TestJourneyInABrowserRestoresWhatCouldNotBeSaved(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.field.begin(link, "salesperson")
	p.visit(link + "/s/11")
	p.tunnel.Store(true)
	p.do(chromedp.SendKeys(`textarea[name="greatest_risk"]`, "Typed under ground"))
	p.until(`!!document.querySelector(".banner")`)
	p.do(chromedp.Navigate("about:blank")) // the phone closes the page
	p.tunnel.Store(false)
	p.visit(link + "/s/11")
	p.isSaved()
	if got := p.field.get(link + "/s/11").form().Get("greatest_risk"); got != "Typed under ground" {
		t.Errorf("restored %q", got)
	}
}

func TestJourneyInABrowserCountsADoubleClickOnce(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			p := newPhone(t)
			if !scripts {
				p.withoutScripts()
			}
			link := p.field.invited()
			p.field.begin(link, "salesperson")
			p.field.fillAll(link)
			p.visit(link + "/review")
			p.arrive("/receipt", chromedp.DoubleClick("form[data-once] button"))
			kept, err := p.field.store.ResponseByInvitation(t.Context(), p.field.Wave.ID, p.field.invitationOf(link))
			if err != nil || p.text(".receipt-code") != kept.Receipt.Code {
				t.Errorf("the page shows %q, stored is %q (%v)", p.text(".receipt-code"), kept.Receipt.Code, err)
			}
		})
	}
}

func TestJourneyInABrowserAddsUpSharesAsTheyAreTyped(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.field.begin(link, "executive")
	p.visit(link + "/s/9")
	p.do(chromedp.SendKeys(`input[name="time_coaching"]`, "33,5"), chromedp.SendKeys(`input[name="time_selling"]`, "70"))
	if got := p.text("[data-total]"); got != "103.5 of 100%, 3.5 too many" {
		t.Errorf("the sum reads %q", got)
	}
	p.do(chromedp.SendKeys(`input[name="coaching_minutes"]`, "45"))
	p.tap("coaching_minutes", "dk")
	if got := evaluate[string](t, p.watched, `document.querySelector("input[name=coaching_minutes]").value`); got != "" {
		t.Errorf("a number stays beside Don't know: %q", got)
	}
}
