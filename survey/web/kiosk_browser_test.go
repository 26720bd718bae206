package web

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestATabletGoesBackByItselfAndKeepsNothing leaves a tablet alone in the middle of the
// questions, then asks for them again.
func TestATabletGoesBackByItselfAndKeepsNothing(t *testing.T) {
	p := newPhone(t)
	p.field.server.KioskIdle = 8 * time.Second
	link := kioskPath(p.field.openToken())
	p.visit(link)
	p.arrive(link+"/s/1", chromedp.Click("form button[type=submit]"))
	kept := evaluate[string](t, p.watched, "document.cookie + localStorage.length + sessionStorage.length")
	if kept != "00" {
		t.Errorf("scripts of the page can read %q", kept)
	}
	p.do(chromedp.Click("#answers label.option"))
	p.arrive(link, chromedp.WaitVisible(".banner"))
	if heading := p.text("h1"); heading != p.field.Study.Title {
		t.Errorf("it goes back to %q", heading)
	}
	if kept := evaluate[string](t, p.watched, "'' + localStorage.length"); kept != "0" {
		t.Errorf("the browser has kept %s things", kept)
	}
	p.arrive(link, chromedp.Navigate(p.base+link+"/s/1"))
}
