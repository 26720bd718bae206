package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// start begins in a language and chooses the role.
func (p *phone) start(link, language string) {
	p.t.Helper()
	p.field.post(link, url.Values{"language": {language}}).mustSee("/s/1")
	p.field.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
}

// placesOf are where the points of a scale stand, from the first to the last.
func (p *phone) placesOf(name string) []float64 {
	p.t.Helper()
	return evaluate[[]float64](p.t, p.watched, fmt.Sprintf(
		`[...document.querySelectorAll("input[name=%s]")].filter(r => r.value >= 1).map(r => r.nextElementSibling.getBoundingClientRect().x)`, name))
}

func TestAnArabicScaleInABrowserRunsFromRightToLeft(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.start(link, "ar")
	for _, width := range []int64{phoneWidth, 1280} {
		p.do(chromedp.EmulateViewport(width, phoneHeight))
		p.visit(link + "/s/3")
		places := p.placesOf("problems_first")
		if len(places) != 7 || !slices.IsSortedFunc(places, func(a, b float64) int { return int(b - a) }) || places[0] <= places[6] {
			t.Errorf("at %d pixels the points stand at %v", width, places)
		}
		first, last := p.edges()
		if first < last {
			t.Errorf("at %d pixels the word of the first point stands at %v, of the last at %v", width, first, last)
		}
	}
	if got := evaluate[string](t, p.watched, `document.documentElement.dir + " " + getComputedStyle(document.querySelector("progress")).direction`); got != "rtl rtl" {
		t.Errorf("page and progress run %s", got)
	}
	// The arrow follows what the eye sees: the next point stands at the left.
	p.tabTo("input[name=problems_first]")
	p.do(chromedp.KeyEvent(" "), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.ArrowRight))
	if got := evaluate[string](t, p.watched, `document.querySelector("input[name=problems_first]:checked").value`); got != "2" {
		t.Errorf("two arrows to the left and one to the right lead to %s", got)
	}
}

// edges are where the words of the first and last point of the first scale stand.
func (p *phone) edges() (first, last float64) {
	p.t.Helper()
	words := evaluate[[]float64](p.t, p.watched, `[...document.querySelector(".scale").querySelectorAll(".point:first-child .says, .point:last-child .says")].map(n => { const b = n.getBoundingClientRect(); return b.x + b.width / 2; })`)
	return words[0], words[1]
}

// TestPagesInABrowserAreAccessibleInEachDirection looks at every page with axe, in
// light and dark, at the width of a phone, and keeps pictures where they are asked for.
func TestPagesInABrowserAreAccessibleInEachDirection(t *testing.T) {
	p := newPhone(t)
	p.axe = axeScript(t)
	for _, language := range []string{"ar", "de"} {
		link, open := p.field.invited(), "/o/"+p.field.openToken()
		p.visit(link + "?lang=" + language)
		p.visit(open + "/qr?lang=" + language)
		p.start(link, language)
		for _, n := range []int{1, 2, 3, 9, 11} {
			p.visit(fmt.Sprintf("%s/s/%d", link, n))
		}
		p.visit(link + "/s/9")
		p.do(chromedp.SendKeys(`input[name="time_coaching"]`, "60,5"), chromedp.SendKeys(`input[name="coaching_minutes"]`, "x"))
		p.press("button[value=next]", "/s/9")
		p.field.next(link, 9, url.Values{"time_coaching": {""}, "coaching_minutes": {""}})
		p.visit(link + "/saved")
		p.visit(link + "/review")
		if look := evaluate[string](t, p.watched, `getComputedStyle(document.querySelector("dd.absent")).fontStyle + getComputedStyle(document.querySelector("h1")).letterSpacing`); language == "ar" && look != "normalnormal" && look != "normal0px" {
			t.Errorf("Arabic is slanted or spaced out: %s", look)
		}
		p.field.fillAll(link)
		p.visit(link + "/saved")
		p.visit(link + "/review")
		p.press("form[data-once] button", "/receipt")
		p.visit(link + "/nowhere")
	}
	p.noComplaints()
}

func TestAnotherLanguageInABrowserKeepsWhatWasTyped(t *testing.T) {
	p := newPhone(t)
	link := p.field.invited()
	p.start(link, "en")
	p.visit(link + "/s/2")
	p.do(chromedp.SendKeys(`input[name="cycle_months"]`, "2.5"), chromedp.SendKeys(`input[name="decision_makers"]`, "many"))
	p.press(`button[value="language-de"]`, "/s/2")
	if got := evaluate[string](t, p.watched, `document.documentElement.lang + " " + document.querySelector("input[name=cycle_months]").value + " " + document.querySelector("input[name=decision_makers]").value`); got != "de 2.5 many" {
		t.Errorf("the page has %q", got)
	}
	if got := p.text(".problems"); !strings.Contains(got, "„many“ ist keine Zahl") {
		t.Errorf("the problem reads %q", got)
	}
	p.visit(link + "/s/2")
	if got := evaluate[string](t, p.watched, `document.querySelector("input[name=cycle_months]").value`); got != "2,5" {
		t.Errorf("saved is %q", got)
	}
}

func TestTimesInABrowserAreInTheReadersZone(t *testing.T) {
	p := newPhone(t)
	p.zone("Asia/Dubai")
	for language, want := range map[string]string{"en": "GMT+4", "ar": "غرينتش+4", "de": "GMT+4"} {
		p.visit(p.field.invited() + "?lang=" + language)
		shown := p.text("time[data-local]")
		if !strings.Contains(shown, want) && !strings.Contains(shown, "+4") {
			t.Errorf("%s: the time reads %q", language, shown)
		}
		if was := evaluate[string](t, p.watched, `document.querySelector("time[data-local]").title`); !strings.Contains(was, "UTC") {
			t.Errorf("%s: the time as it was sent reads %q", language, was)
		}
	}
	p.noComplaints()
}

func (p *phone) zone(name string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name}); err != nil {
		p.t.Fatal(err)
	}
}
