package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// stop says what is wrong with where a press of Tab has led: the focus can not be seen,
// is outside the window, or went back in the page.
const stop = `(() => {
	const n = document.activeElement, was = window.lastStop;
	window.lastStop = n;
	if (n === document.body || n === document.documentElement) return "";
	const name = n.outerHTML.slice(0, 100), b = (n.closest("label") || n).getBoundingClientRect();
	const outlined = e => { if (!e) return false; const s = getComputedStyle(e); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 };
	if (![n, n.nextElementSibling, n.closest("label")].some(outlined)) return "the focus can not be seen on " + name;
	if (b.bottom <= 0 || b.top >= innerHeight || b.right <= 0 || b.left >= innerWidth) return "the focus is outside the window on " + name;
	if (was && was !== document.body && was.isConnected && was.compareDocumentPosition(n) & Node.DOCUMENT_POSITION_PRECEDING) return "the focus goes back in the page to " + name;
	return "";
})()`

// reach presses Tab until the focus is on the element, and looks at each stop.
func (p *phone) reach(selector string) {
	p.t.Helper()
	for range 120 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if wrong := evaluate[string](p.t, p.watched, stop); wrong != "" {
			p.t.Errorf("%s: %s", p.location(), wrong)
		}
		if evaluate[bool](p.t, p.watched, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
	}
	p.t.Fatalf("%s: Tab does not reach %s", p.location(), selector)
}

// enter presses Enter on an element and waits for the page behind it.
func (p *phone) enter(selector, leadsTo string) {
	p.t.Helper()
	p.reach(selector)
	p.arrive(leadsTo, chromedp.KeyEvent(kb.Enter))
}

// typeInto fills a field in.
func (p *phone) typeInto(name, text string) {
	p.t.Helper()
	p.reach(fmt.Sprintf(`[name="%s"]`, name))
	p.do(chromedp.KeyEvent(text))
}

// submits presses Enter on the button of the form.
const submits = `main form button[type="submit"]`

// TestAWholeStudyInABrowserByKeyboardAlone goes from the link that makes the first
// account over roster, mailing and the receipt of a respondent to the close of the wave
// and its results without a pointer.
func TestAWholeStudyInABrowserByKeyboardAlone(t *testing.T) {
	p := newPhone(t)
	if err := p.field.store.UseKey(t.Context(), storetest.Key); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(1280, 900))
	p.setsUpByKeyboard()
	p.plansByKeyboard()
	p.invitesByKeyboard()
	p.visit("/studies/ours/waves/autumn")
	p.enter(`a[href$="/autumn/open"]`, "/autumn/open")
	p.enter(submits, autumnPage)
	if !strings.Contains(p.text(".notice"), "open") {
		t.Errorf("after opening the page says %q", p.text(".notice"))
	}
	link := p.linkByKeyboard()
	p.mailsByKeyboard()
	p.answersByKeyboard(link)
	p.closesByKeyboard()
	p.noComplaints()
}

const autumnPage = "/studies/ours/waves/autumn"

// setsUpByKeyboard makes the first account and the study.
func (p *phone) setsUpByKeyboard() {
	p.t.Helper()
	setUp := "/setup/" + p.field.ticket(store.Ticket{Purpose: store.SetUp})
	p.visit(setUp)
	p.skips()
	p.enter(submits, setUp)
	p.onProblems(".problems")
	p.reach(".problems a")
	p.typeInto("name", "Ada")
	p.typeInto("email", "ada@example.org")
	p.typeInto("new-password", goodPassword)
	p.enter(submits, "/studies")

	p.skips()
	p.enter(`a[href="/studies/new"]`, "/studies/new")
	p.typeInto("title", "Ours")
	p.typeInto("purpose", "To learn.")
	p.typeInto("contact", "us@example.org")
	p.enter(submits, "/studies/ours")
}

// plansByKeyboard adds an organization, a person with a role and a wave.
func (p *phone) plansByKeyboard() {
	p.t.Helper()
	p.enter(`a[href="/studies/ours/organizations"]`, "/studies/ours/organizations")
	p.enter(`a[href="/studies/ours/new-organization"]`, "/studies/ours/new-organization")
	p.typeInto("name", "Bolt")
	p.typeInto("key", "bolt-inc")
	p.enter(submits, "/studies/ours/organizations/bolt-inc")
	p.visit("/studies/ours")
	p.enter(`a[href="/studies/ours/members"]`, "/studies/ours/members")
	p.typeInto("email", "eve@example.org")
	p.typeInto("name", "Eve")
	p.reach(`[name="role"]`)
	p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	p.enter(`form.staff-form button.primary`, "/studies/ours/members")
	if words := p.text(".notice"); words != "Eve is researcher now." {
		p.t.Errorf("after the role was given the page says %q", words)
	}
	p.visit("/studies/ours")
	p.enter(`a[href="/studies/ours/waves/new"]`, "/studies/ours/waves/new")
	p.typeInto("title", "Autumn")
	p.reach(`[name="mode"]`)
	p.enter(submits, autumnPage)
}

// invitesByKeyboard puts somebody on the roster.
func (p *phone) invitesByKeyboard() {
	p.t.Helper()
	p.enter(`a[href$="/autumn/roster"]`, autumnPage+"/roster")
	p.enter(`a[href$="/roster/new"]`, autumnPage+"/roster/new")
	p.typeInto("place", "Bolt")
	p.typeInto("name", "Grace")
	p.typeInto("email", "grace@example.org")
	p.enter(submits, autumnPage+"/roster")
	if !strings.Contains(p.text("main"), "grace@example.org") {
		p.t.Errorf("the roster says %q", p.text("main"))
	}
	p.visit(autumnPage)
	if words := p.text("main"); !strings.Contains(words, "texts of the invitation") {
		p.t.Errorf("the wave with one person on its roster says %q", words)
	}
}

// linkByKeyboard makes an open link and reads its address.
func (p *phone) linkByKeyboard() string {
	p.t.Helper()
	p.enter(`a[href$="/autumn/links"]`, autumnPage+"/links")
	p.typeInto("place", "Bolt")
	p.enter(submits, autumnPage+"/links")
	p.reach(`main table a[href*="/links/"]`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.readyState === "complete" && document.querySelector("h1").textContent === "Bolt"`)
	address := evaluate[string](p.t, p.watched, `([...document.querySelectorAll("main code")].map(n => new URL(n.textContent, location)).find(u => u.pathname.startsWith("/o/")) || {pathname: ""}).pathname`)
	if address == "" {
		p.t.Fatalf("no link stands in %q", p.text("main"))
	}
	return address
}

// mailsByKeyboard plans and starts the invitations, and looks at the fieldwork.
func (p *phone) mailsByKeyboard() {
	p.t.Helper()
	p.visit(autumnPage)
	p.enter(`a[href$="/autumn/mailings"]`, autumnPage+"/mailings")
	p.enter(`a[href$="/mailings/new"]`, autumnPage+"/mailings/new")
	p.reach(submits)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`/mailings\/[0-9a-f-]{36}$/.test(location.pathname) && document.readyState === "complete"`)
	p.do(chromedp.KeyEvent(kb.Tab))
	sending := p.location()
	p.enter(`a[href$="/start"], form[action$="/start"] button`, "/start")
	p.enter(submits, sending)
	if words := p.text(".notice"); !strings.Contains(words, "started") {
		p.t.Errorf("after the start the page says %q", words)
	}
	p.visit(autumnPage)
	p.enter(`a[href$="/autumn/fieldwork"]`, autumnPage+"/fieldwork")
	p.reach("main a")
}

// closesByKeyboard ends the wave and reads its results.
func (p *phone) closesByKeyboard() {
	p.t.Helper()
	p.visit(autumnPage)
	p.enter(`a[href$="/autumn/end"]`, autumnPage+"/end")
	p.typeInto("why", "enough answers")
	const close = `form[action$="/close"] button[type="submit"]`
	p.enter(close, autumnPage+"/close")
	p.onProblems(".problems")
	p.reach(`[name="sure-end"]`)
	p.do(chromedp.KeyEvent(" "))
	p.enter(close, autumnPage)
	if !strings.Contains(p.text("main"), "Closed") {
		p.t.Errorf("after the close the page says %q", p.text("main"))
	}
	p.enter(`a[href="/waves/autumn"]`, "/waves/autumn")
	if !strings.Contains(p.text("h1"), "Autumn") && p.text("h1") == "" {
		p.t.Errorf("the results have the heading %q", p.text("h1"))
	}
}

// onProblems wants the focus where the problems are told.
func (p *phone) onProblems(selector string) {
	p.t.Helper()
	if !evaluate[bool](p.t, p.watched, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
		p.t.Errorf("%s: with problems the focus is on %s", p.location(), p.focused())
	}
}

// skips takes the link past the head of the page.
func (p *phone) skips() {
	p.t.Helper()
	p.do(chromedp.KeyEvent(kb.Tab))
	if !evaluate[bool](p.t, p.watched, `document.activeElement.matches(".skip") && document.activeElement.getBoundingClientRect().top >= 0`) {
		p.t.Errorf("%s: the first stop is %s", p.location(), p.focused())
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.activeElement.id === "main"`)
}

// answersByKeyboard answers the first pages with keys alone, and sends the answers. What
// lies between has the same controls.
func (p *phone) answersByKeyboard(open string) {
	p.t.Helper()
	p.visit(open)
	p.skips()
	p.enter("button[type=submit]", "/s/1")
	link := strings.TrimSuffix(p.location(), "/s/1")
	p.skips()
	p.reach("input[name=role]")
	p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	p.enter("button[value=next]", "/s/2")
	p.skips()
	p.enter("button[value=next]", "/s/2")
	p.onProblems("fieldset.question, .problems")
	p.reach("input[name=complex_sale]")
	p.do(chromedp.KeyEvent(" "))
	p.typeInto("decision_makers", "5")
	p.enter("button[value=next]", "/s/3")
	for _, name := range evaluate[[]string](p.t, p.watched, `[...new Set([...document.querySelectorAll("input[type=radio]:not([value=''])")].map(r => r.name))]`) {
		p.reach("input[name=" + name + "]")
		p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowRight))
	}
	p.enter("button[value=next]", "/s/4")
	p.field.fillAll(link)
	p.visit(link + "/review")
	p.enter("form[data-once] button", "/receipt")
	p.reach(`a[href^="./answers.html"]`)
	if p.text(".receipt-code") == "" {
		p.t.Error("there is no receipt")
	}
}
