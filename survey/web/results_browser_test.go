package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/templates"
)

// keepPictures names a folder in which the browser tests leave what they saw.
const keepPictures = "SALESBENCH_PICTURES"

// requireTool skips where a tool is absent, so that make quick runs on any machine,
// or fails where everything is required, as make test does.
func requireTool(t *testing.T, found bool, name string) {
	t.Helper()
	switch {
	case found:
	case os.Getenv("SALESBENCH_REQUIRE_ALL") == "1":
		t.Fatalf("%s is not installed, and SALESBENCH_REQUIRE_ALL=1 asks for everything", name)
	default:
		t.Skipf("%s is not installed", name)
	}
}

// axeScript is the accessibility rule set that is injected into pages.
func axeScript(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SALESBENCH_AXE")
	if path == "" {
		path = "../../.ci/tools/node_modules/axe-core/axe.min.js"
	}
	script, err := os.ReadFile(path)
	requireTool(t, err == nil, "axe-core")
	return string(script)
}

// view is one look at a page.
type view struct {
	width  int64
	scheme string
}

// watched is a tab that remembers whatever a page must not do.
type watched struct {
	ctx      context.Context
	mu       sync.Mutex
	problems []string
}

func (w *watched) report(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

func (w *watched) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.report("exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			for _, argument := range e.Args {
				w.report("console: %s %s", argument.Value, argument.Description)
			}
		}
	case *cdplog.EventEntryAdded:
		w.report("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *cdppage.EventJavascriptDialogOpening:
		w.report("a dialog opened: %s", e.Message)
	}
}

// open loads the page in a tab of the view.
func open(browser context.Context, t *testing.T, address string, v view) *watched {
	t.Helper()
	return openFor(browser, t, address, v, time.Minute)
}

// openFor is open for whoever stays longer in the tab.
func openFor(browser context.Context, t *testing.T, address string, v view, limit time.Duration) *watched {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tab, cancelTime := context.WithTimeout(tab, limit)
	t.Cleanup(cancelTime)
	w := &watched{ctx: tab}
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(tab, w.hear); err != nil {
		t.Fatal(err)
	}
	w.turn(t, v)
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return w
}

// turn lets the tab have the width and the colours of the view.
func (w *watched) turn(t *testing.T, v view) {
	t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}})
	if err == nil {
		err = chromedp.Do(w.ctx, chromedp.EmulateViewport(v.width, 900))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forget leaves what was told of the page before out.
func (w *watched) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = nil
}

func evaluate[T any](t *testing.T, w *watched, expression string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		t.Fatalf("%.60s: %v", expression, err)
	}
	return value
}

const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v =>
	v.id + ": " + v.help + " at " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(", ")))`

// sampleServer serves pages of invented results under the real policy and layout.
func sampleServer(t *testing.T) (base string, paths []string) {
	t.Helper()
	w := resultWave{Wave: survey.Wave{Key: "demo-2026", Title: "First wave"}, study: survey.Study{Title: "Sales practices", Origin: survey.Generated}, instrument: survey.Builtin()}
	hostile := charttest.Wave()
	for i := range hostile.Practices {
		hostile.Practices[i].Label = charttest.Hostile
		hostile.Distributions[i].Label = strings.Repeat("long ", 60)
	}
	for i := range hostile.Areas {
		hostile.Areas[i].Title, hostile.Areas[i].Key = charttest.Hostile, fmt.Sprint(i)
	}
	for i := range hostile.Time {
		hostile.Time[i].Label = charttest.Hostile
	}
	pages := map[string]func() (templates.Page, error){
		"/sample/wave":         func() (templates.Page, error) { return wavePage(w, charttest.Wave()) },
		"/sample/hostile":      func() (templates.Page, error) { return wavePage(w, hostile) },
		"/sample/organization": func() (templates.Page, error) { return organizationPage(w, charttest.Organization(), true) },
		"/sample/aggregate":    func() (templates.Page, error) { return aggregatePage(w, charttest.Aggregate(false), true) },
		"/sample/own":          func() (templates.Page, error) { return aggregatePage(w, charttest.Aggregate(true), true) },
	}
	var routes []route
	for path, make := range pages {
		paths = append(paths, path)
		routes = append(routes, route{http.MethodGet, path, anybody, func(c echo.Context) error {
			p, err := make()
			if err != nil {
				return err
			}
			return page(c, http.StatusOK, p)
		}})
	}
	s, _ := newBare(t, Options{}, routes...)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	slices.Sort(paths)
	return server.URL, append(paths, "/method")
}

// TestResultPagesInABrowser looks at each page of results, wide and on a phone,
// light and dark: charts are drawn, the policy is kept, axe finds nothing.
func TestResultPagesInABrowser(t *testing.T) {
	axe := axeScript(t)
	base, paths := sampleServer(t)
	browser := newResultsBrowser(t)
	for _, path := range paths {
		views := []view{{1280, "light"}, {390, "dark"}}
		if path == "/sample/wave" || path == "/sample/organization" {
			views = append(views, view{1280, "dark"}, view{390, "light"})
		}
		for _, v := range views {
			t.Run(fmt.Sprintf("%s at %d %s", strings.TrimPrefix(path, "/"), v.width, v.scheme), func(t *testing.T) {
				w := open(browser, t, base+path, v)
				lookAt(t, w, axe)
				keepPicture(t, w, fmt.Sprintf("%s-%d-%s", filepath.Base(path), v.width, v.scheme))
			})
		}
	}
}

func lookAt(t *testing.T, w *watched, axe string) {
	t.Helper()
	for _, undrawn := range evaluate[[]string](t, w, `[...document.querySelectorAll("figure[data-chart]")].filter(f =>
		!f.querySelector(".chart-box svg path, .chart-box svg circle") || f.querySelector("details.twin").open).map(f => f.id)`) {
		t.Errorf("the figure %s is not drawn, or its table still stands open", undrawn)
	}
	if excess := evaluate[float64](t, w, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); excess > 0 {
		t.Errorf("the page is %v pixels wider than the window", excess)
	}
	for _, small := range evaluate[[]string](t, w, `[...document.querySelectorAll(".chart-box svg text")].filter(n => {
		const box = n.closest("svg").getBoundingClientRect(), b = n.getBoundingClientRect();
		return b.left < box.left - 1 || b.right > box.right + 1 }).map(n => n.closest("figure").id + ": " + n.textContent)`) {
		t.Errorf("text is cut off in %s", small)
	}
	evaluate[bool](t, w, axe+"; true")
	for _, violation := range evaluate[[]string](t, w, axeRun, chromedp.EvalAwaitPromise) {
		t.Errorf("axe: %s", violation)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, problem := range w.problems {
		t.Errorf("the browser says: %s", problem)
	}
}

// keepPicture leaves a picture of the whole page where that is asked for.
func keepPicture(t *testing.T, w *watched, name string) {
	t.Helper()
	folder := os.Getenv(keepPictures)
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestALinkToResultsInABrowser goes from the link to the wave and on to an
// organization, on answers that came through the store.
func TestALinkToResultsInABrowser(t *testing.T) {
	axe := axeScript(t)
	browser := newResultsBrowser(t)
	f := newResults(t, false, storetest.SQLite(t))
	server := httptest.NewServer(f.server)
	t.Cleanup(server.Close)
	w := open(browser, t, server.URL+"/results/"+f.link(""), view{1280, "light"})
	if got := evaluate[string](t, w, "location.pathname"); got != "/waves/spring" {
		t.Fatalf("the link leads to %s", got)
	}
	lookAt(t, w, axe)
	if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS(`a[href="/waves/spring/organizations/org-09"]`))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, w, `document.querySelector("h1").textContent`); got != "Organization 9" {
		t.Errorf("the table of organizations leads to %q", got)
	}
	lookAt(t, w, axe)
	keepPicture(t, w, "organization-from-link")
}

// TestOnPaperFiguresAreLightAndFit prints from a dark screen: figures are drawn
// anew, in the colours and the width of paper.
func TestOnPaperFiguresAreLightAndFit(t *testing.T) {
	base, _ := sampleServer(t)
	w := open(newResultsBrowser(t), t, base+"/sample/organization", view{1280, "dark"})
	evaluate[bool](t, w, `dispatchEvent(new Event("beforeprint"))`)
	for _, wide := range evaluate[[]string](t, w, `[...document.querySelectorAll(".chart-box svg")].filter(s => s.clientWidth > 720).map(s => s.closest("figure").id)`) {
		t.Errorf("the figure %s is wider than a page", wide)
	}
	if got := evaluate[bool](t, w, `[...document.querySelectorAll("#gaps svg text")].some(n => n.getAttribute("fill") === "#000000")`); !got {
		t.Error("the figure on paper has no black text: it is printed for a dark screen")
	}
	evaluate[bool](t, w, `dispatchEvent(new Event("afterprint"))`)
	if got := evaluate[bool](t, w, `[...document.querySelectorAll("#gaps svg text")].some(n => n.getAttribute("fill") === "#000000")`); got {
		t.Error("after printing the dark screen keeps the colours of paper")
	}
}
