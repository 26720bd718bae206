package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/salesbench/salesbench/survey/store"
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
// account to the receipt of a respondent without a pointer.
func TestAWholeStudyInABrowserByKeyboardAlone(t *testing.T) {
	p := newPhone(t)
	p.do(chromedp.EmulateViewport(1280, 900))
	setUp := "/setup/" + p.field.ticket(store.Ticket{Purpose: store.SetUp})
	p.visit(setUp)
	p.skips()
	p.enter(submits, setUp)
	if !evaluate[bool](t, p.watched, `document.activeElement.matches(".problems")`) {
		t.Errorf("with problems the focus is on %s", p.focused())
	}
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
	p.typeInto("key", "ours")
	p.enter(submits, "/studies/ours")

	p.visit("/studies/ours/new-organization")
	p.typeInto("name", "Bolt")
	p.typeInto("key", "bolt-inc")
	p.enter(submits, "/studies/ours/organizations/bolt-inc")
	p.visit("/studies/ours")
	p.enter(`a[href="/studies/ours/waves/new"]`, "/studies/ours/waves/new")
	p.typeInto("title", "Autumn")
	p.reach(`[name="mode"]`)
	p.typeInto("key", "autumn")
	p.enter(submits, "/studies/ours/waves/autumn")
	p.visit("/studies/ours/waves/autumn/open")
	p.enter(submits, "/studies/ours/waves/autumn")
	if !strings.Contains(p.text(".notice"), "open") {
		t.Errorf("after opening the page says %q", p.text(".notice"))
	}
	p.answersByKeyboard(p.field.invited())
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
func (p *phone) answersByKeyboard(link string) {
	p.t.Helper()
	p.visit(link)
	p.enter("button[type=submit]", "/s/1")
	p.reach("input[name=role]")
	p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowDown))
	p.enter("button[value=next]", "/s/2")
	p.enter("button[value=next]", "/s/2")
	if !evaluate[bool](p.t, p.watched, `document.activeElement.matches("fieldset.question, .problems")`) {
		p.t.Errorf("with problems the focus is on %s", p.focused())
	}
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
