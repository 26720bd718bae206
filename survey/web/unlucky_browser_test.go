package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// signIn gives the browser the session of somebody.
func (p *phone) signIn(who *person) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: sessionCookie, Value: who.cookies[sessionCookie], URL: p.base}); err != nil {
		p.t.Fatal(err)
	}
}

// fillStudy types a new study in.
func (p *phone) fillStudy(title string) {
	p.t.Helper()
	p.visit("/studies/new")
	p.do(chromedp.SendKeys(`[name="title"]`, title), chromedp.SendKeys(`[name="purpose"]`, "A long text\nof two lines."), chromedp.SendKeys(`[name="contact"]`, "us@example.org"))
}

func TestInABrowserALongFormOutlivesItsSession(t *testing.T) {
	p := newPhone(t)
	root := p.field.administrator()
	p.signIn(root)
	p.fillStudy("Ours")
	if _, err := p.field.store.EndSessionsOf(t.Context(), tester, root.user.ID); err != nil {
		t.Fatal(err)
	}
	p.arrive("/studies/new", chromedp.Click(submits))
	if words := p.text("main"); !strings.Contains(words, "Your session has ended") {
		t.Fatalf("the page says %q", words)
	}
	root.session() // in another tab
	p.signIn(root)
	p.arrive("/studies/ours", chromedp.Click(submits))
	study, err := p.field.store.StudyByKey(t.Context(), "ours")
	if err != nil || strings.ReplaceAll(study.Purpose, "\r\n", "\n") != "A long text\nof two lines." {
		t.Errorf("%+v, %v", study, err)
	}
	p.noComplaints()
}

func TestInABrowserTwoPressesMakeOneStudy(t *testing.T) {
	p := newPhone(t)
	p.signIn(p.field.administrator())
	p.fillStudy("Twice")
	evaluate[bool](t, p.watched, fmt.Sprintf(`(() => { const b = document.querySelector(%q); b.click(); b.click(); b.click(); return true })()`, submits))
	p.until(`location.pathname === "/studies/twice" && document.readyState === "complete"`)
	entries, err := p.field.store.AuditEntries(t.Context(), store.AuditPage{Text: "study.create", Limit: 9})
	if err != nil || len(entries) != 1 {
		t.Errorf("%d studies were made, %v", len(entries), err)
	}
	p.do(chromedp.NavigateBack())
	p.until(`location.pathname === "/studies/new" && document.readyState === "complete"`)
	p.do(chromedp.SetValue(`[name="title"]`, "Once more"), chromedp.SetValue(`[name="purpose"]`, "x"), chromedp.SetValue(`[name="contact"]`, "x"))
	p.arrive("/studies/once-more", chromedp.Click(submits)) // after "back" the button works
	p.noComplaints()
}

func TestInABrowserNothingIsShownAfterSigningOut(t *testing.T) {
	p := newPhone(t)
	p.signIn(p.field.administrator())
	p.visit("/studies/" + p.field.Study.Key + "/settings")
	p.arrive("/sign-in", chromedp.Click(`.account button`))
	p.do(chromedp.NavigateBack())
	p.until(`document.readyState === "complete" && location.pathname === "/sign-in"`)
	if words := p.text("body"); strings.Contains(words, p.field.Study.Title) {
		t.Errorf("after signing out the page before shows %q", words)
	}
	p.noComplaints()
}

func TestInABrowserALongListIsSearchedAndTickedWithoutTheServer(t *testing.T) {
	p := newPhone(t)
	p.do(chromedp.EmulateViewport(1280, 900))
	p.field.manyOrganizations(1000)
	p.signIn(p.field.administrator())
	at := "/studies/" + p.field.Study.Key + "/members"
	p.visit(at)
	count := func(want string) {
		t.Helper()
		if got := p.text(".pick-count"); got != want {
			t.Errorf("the list says %q, not %q", got, want)
		}
	}
	search := func(text string) {
		t.Helper()
		evaluate[bool](t, p.watched, `(document.querySelector(".pick input[type=search]").value = "", true)`)
		p.do(chromedp.SendKeys(".pick input[type=search]", text))
	}
	count("0 of 1,001 ticked")
	search("ORGANIZATION 99")
	count("0 of 1,001 ticked, 11 shown")
	p.do(chromedp.Click(`button[value^="all:"]`))
	count("11 of 1,001 ticked, 11 shown")
	search("ácme") // what is ticked stays in sight
	count("11 of 1,001 ticked, 12 shown")
	p.do(chromedp.KeyEvent(kb.Enter)) // does not send the form
	p.do(chromedp.Click(`.pick label.option:not([hidden]) input:not(:checked)`))
	count("12 of 1,001 ticked, 12 shown")
	p.do(chromedp.Click(`button[value^="none:"]`))
	count("0 of 1,001 ticked, 1 shown")
	if p.location() != at || !evaluate[bool](t, p.watched, `document.querySelector('button[value^="find:"]').hidden`) {
		t.Errorf("the browser is at %s, or offers to ask the server", p.location())
	}
	search("organization 7")
	p.do(chromedp.Click(`button[value^="all:"]`), chromedp.SendKeys(`[name="email"]`, "new@example.org"), chromedp.SendKeys(`[name="name"]`, "Nora"), chromedp.Click(`input[value="coordinator"]`))
	p.arrive(at, chromedp.Click(`main .staff-form button.primary`))
	members, err := p.field.store.Members(t.Context(), p.field.Study.ID)
	if err != nil || len(members) != 1 || members[0].Role != survey.Coordinator || len(members[0].Organizations) != 111 {
		t.Errorf("%d members, %v: %q", len(members), err, p.text("main"))
	}
	p.noComplaints()
}

func TestInABrowserATextThatIsFarTooLongStaysOnItsPage(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.start(link, "en")
	p.field.fillAll(link)
	page := fmt.Sprintf("/s/%d", len(p.field.Instrument.Sections))
	p.visit(link + page)
	if hint := p.text(`[id^="l-"]`); hint != "At most 2000 characters." {
		t.Errorf("the page says %q", hint)
	}
	paste := func(n int) {
		evaluate[bool](t, p.watched, fmt.Sprintf(`(() => { const a = document.querySelector("textarea"); a.value = "x".repeat(%d); a.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, n))
	}
	length := func() int { return evaluate[int](t, p.watched, `document.querySelector("textarea").value.length`) }
	paste(3 * MaxBodyBytes)
	p.do(chromedp.Click("button[value=next]"))
	p.until(`document.getElementById("saved").textContent.includes("More was sent")`)
	p.until(`document.activeElement.matches("textarea")`)
	if length() != 3*MaxBodyBytes {
		t.Errorf("%d characters are left", length())
	}
	paste(MaxFieldBytes + 1000)
	p.arrive(page, chromedp.Click("button[value=next]"))
	if words := p.text("main"); length() != MaxFieldBytes+1000 || !strings.Contains(words, "at most 2000 can be kept") {
		t.Errorf("%d characters are left: %q", length(), words)
	}
	paste(1999)
	p.arrive("/review", chromedp.Click("button[value=next]"))
	p.noComplaints()
}
