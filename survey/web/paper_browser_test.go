package web

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sheets are the pages of a PDF: each has one object of that type.
var sheets = regexp.MustCompile(`/Type\s*/Page\b`)

// media lets a tab be a screen or paper, in a scheme, with or without forced colours.
func media(t *testing.T, w *watched, kind, scheme, forced string) {
	t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "forced-colors", Value: forced}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		t.Fatal(err)
	}
}

// onPaper is the number of pages that the tab prints.
func onPaper(t *testing.T, w *watched) int {
	t.Helper()
	printed, err := chromedp.Call(w.ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	return len(sheets.FindAll(printed.Data, -1))
}

// shownOnPaper lists what should not be printed and is, and figures and words that a
// dark screen has left without contrast.
const shownOnPaper = `(() => {
	const seen = n => n.getClientRects().length > 0 && getComputedStyle(n).visibility !== "hidden";
	const wrong = [...document.querySelectorAll("header.site, footer.site, nav, .skip, .actions, .ways, .step, .pager, .search, .staff-form, .row-actions, .no-print")].filter(seen).map(n => "is printed: " + n.outerHTML.slice(0, 80));
	for (const n of [document.body, ...document.querySelectorAll("h1, h2, p, td, th, .face")]) {
		if (!seen(n) || !n.textContent.trim()) continue;
		const ink = getComputedStyle(n).color.match(/\d+/g).map(Number);
		if (ink[0] + ink[1] + ink[2] > 520 && !n.closest(":has(> input:checked)")) wrong.push("is printed pale: " + n.outerHTML.slice(0, 80));
	}
	const edge = document.documentElement.clientWidth + 1;
	for (const n of document.querySelectorAll("table.data")) if (seen(n) && n.getBoundingClientRect().right > edge) wrong.push("is cut: " + n.querySelector("caption").textContent);
	return [...new Set(wrong)];
})()`

// TestPagesPrintedFromADarkScreenAreLightAndWithoutNavigation prints the pages that
// people print.
func TestPagesPrintedFromADarkScreenAreLightAndWithoutNavigation(t *testing.T) {
	walk := newWalk(t)
	l := walk.looker(t)
	most := map[string]int{"/waves/:wave/organizations/:org": 8, "/waves/:wave": 16, "/studies/:study/waves/:wave": 3, "/studies/:study/waves/:wave/fieldwork": 4, "/audit": 4,
		"/studies/:study/waves/:wave/links": 2, "/studies/:study/waves/:wave/links/sheets": 9, "/o/:token/qr": 1, "/r/:token": 2, "/r/:token/s/:n": 3, "/r/:token/review": 8, "/r/:token/receipt": 6}
	for path, pages := range most {
		e := walk.of(path)[0]
		l.as(t, walk.seenBy(path))
		media(t, l.watched, "", "dark", "none")
		l.do(t, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(l.base+e.path))
		if n := onPaper(t, l.watched); n < 1 || n > pages {
			t.Errorf("%s takes %d pages, want at most %d", e.path, n, pages)
		}
		media(t, l.watched, "print", "dark", "none")
		l.do(t, chromedp.EmulateViewport(700, 990))
		for _, wrong := range evaluate[[]string](t, l.watched, shownOnPaper) {
			t.Errorf("%s: %s", e.path, wrong)
		}
	}
}

// unseen lists what carries meaning and can not be told from what lies behind it: the
// chosen answer, the bar of progress, marks, charts and the page one is on.
const unseen = `(() => {
	const lost = [], style = (n, part) => getComputedStyle(n, part);
	for (const n of document.querySelectorAll(".point input:checked + .face, .chip input:checked + span")) {
		if (style(n).backgroundColor === style(document.body).backgroundColor) lost.push("the chosen answer: " + n.textContent);
		if (style(n).backgroundColor === style(n).color) lost.push("the words of the chosen answer: " + n.textContent);
	}
	for (const n of document.querySelectorAll("[class*=key-]:not(.key-rest)")) if (style(n, "::before").backgroundColor === style(document.body).backgroundColor) lost.push("a mark: " + n.className);
	for (const n of document.querySelectorAll("progress, .chart-box, .chart-box svg, .qr")) if (style(n).forcedColorAdjust !== "none") lost.push("a picture: " + n.outerHTML.slice(0, 60));
	const here = document.querySelector(".nav a[aria-current]"), other = document.querySelector(".nav a:not([aria-current])");
	if (here && other && style(here).borderBlockEndColor === style(other).borderBlockEndColor) lost.push("which page this is");
	const focus = document.activeElement.nextElementSibling;
	if (focus && focus.matches(".face") && (style(focus).outlineStyle !== "solid" || style(focus).outlineColor === style(document.body).backgroundColor)) lost.push("where the focus is: " + style(focus).outline);
	return lost;
})()`

// TestWithForcedColoursNothingThatCarriesMeaningIsLost looks with the colours of the
// system in the place of those of the page, as high contrast of Windows has them.
func TestWithForcedColoursNothingThatCarriesMeaningIsLost(t *testing.T) {
	walk := newWalk(t)
	l := walk.looker(t)
	for _, scheme := range []string{"dark", "light"} {
		for _, path := range []string{"/waves/:wave/organizations/:org", "/waves/:wave", "/studies/:study/waves/new", "/studies/:study/waves/:wave", "/r/:token/s/:n", "/o/:token/qr"} {
			e := walk.of(path)[0]
			l.as(t, walk.seenBy(path))
			media(t, l.watched, "", scheme, "active")
			at := strings.Replace(e.path, "/s/2", "/s/3", 1) // statements
			l.do(t, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(l.base+at))
			evaluate[bool](t, l.watched, `(() => { const q = document.querySelectorAll(".question"); if (!q.length || !q[0].querySelector(".point")) return false;
				q[0].querySelectorAll(".point input")[5].click(); q[1].querySelector(".chip input").click(); q[2].querySelector(".point input").focus(); return true })()`)
			l.do(t, chromedp.KeyEvent(kb.Tab))
			for _, lost := range evaluate[[]string](t, l.watched, unseen) {
				t.Errorf("%s, %s: with forced colours one can not see %s", at, scheme, lost)
			}
			keepPicture(t, l.watched, "forced-"+scheme+strings.NewReplacer("/", "-", ":", "").Replace(path))
		}
	}
}
