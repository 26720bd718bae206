package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// A shared tablet shows an open link below /k/. Its draft is named by a cookie that
// ends with the set of answers, never by the address: neither the address bar nor the
// history of the browser leads to what somebody has answered. The pages are those of
// /r/, which say nothing of the link themselves.

const (
	kioskCookie = "kiosk"
	// kioskIdle is after how long without a touch the tablet goes back to its first
	// page; kioskIdlePlain is the same where no script can tell a touch from none.
	kioskIdle      = 3 * time.Minute
	kioskIdlePlain = 15 * time.Minute
	// kioskEnd is how long the receipt stands; it says so.
	kioskEnd = time.Minute
)

// kioskRoutes are the pages of a shared tablet.
func (s *Server) kioskRoutes() []route {
	return []route{
		{http.MethodGet, "/k/:token", linkOwner, s.kioskStart},
		{http.MethodPost, "/k/:token", linkOwner, s.kioskBegin},
		{http.MethodPost, "/k/:token/leave", linkOwner, s.kioskLeave},
		{http.MethodGet, "/k/:token/s/:n", linkOwner, s.onKiosk(s.showSection)},
		{http.MethodPost, "/k/:token/s/:n", linkOwner, s.onKiosk(s.saveSection)},
		{http.MethodGet, "/k/:token/saved", linkOwner, s.kioskLeave},
		{http.MethodGet, "/k/:token/review", linkOwner, s.onKiosk(s.review)},
		{http.MethodPost, "/k/:token/language", linkOwner, s.onKiosk(s.chooseLanguage)},
		{http.MethodGet, "/k/:token/submit", linkOwner, s.onKiosk(s.toReview)},
		{http.MethodPost, "/k/:token/submit", linkOwner, s.onKiosk(s.submit)},
		{http.MethodGet, "/k/:token/receipt", linkOwner, s.onKiosk(s.receipt)},
	}
}

// ofKiosk says whether the page is shown on a shared tablet.
func ofKiosk(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/k/") }

// idleOf is after how many seconds without a touch the page leaves; 0: never.
func (s *Server) idleOf(c echo.Context) int {
	if !ofKiosk(c) {
		return 0
	}
	return int(s.KioskIdle / time.Second)
}

// onTablet makes the frame of a page that of a shared tablet; 0 leaves it.
func onTablet(b *templates.Base, idle int) {
	if idle > 0 {
		b.Idle, b.Scripts = idle, append(b.Scripts, "kiosk.js")
	}
}

// onKiosk serves a page of a draft for the one that the cookie names. Without it there
// is nothing to see: the tablet is at its first page again.
func (s *Server) onKiosk(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		link, err := tokenOf(c)
		if err != nil {
			return err
		}
		draft, script := kioskDraft(c)
		if draft == "" {
			return see(c, kioskPath(link))
		}
		names, values := []string{"token"}, []string{draft}
		if n := c.Param("n"); n != "" {
			names, values = append(names, "n"), append(values, n)
		}
		c.SetParamNames(names...)
		c.SetParamValues(values...)
		// What a browser kept may be of somebody else.
		c.Request().Header.Del("If-None-Match")
		c.Response().Before(func() { s.kioskHeaders(c, link, draft, script) })
		err = next(c)
		if err != nil && isUnknownLink(c, err) { // the draft is gone
			s.setKiosk(c, link, "")
			c.Response().Header().Set("Refresh", refreshTo(5*time.Second, kioskPath(link)))
		}
		return err
	}
}

// kioskHeaders keep the answer out of every cache, lead on below /k/ and, without
// scripts, back to the first page.
func (s *Server) kioskHeaders(c echo.Context, link, draft string, script bool) {
	h := c.Response().Header()
	h["Cache-Control"] = headerNoStore
	h.Del("ETag")
	if to, ok := strings.CutPrefix(h.Get("Location"), "/r/"+draft); ok {
		h.Set("Location", kioskPath(link)+to)
	}
	if !script && h.Get("Refresh") == "" {
		h.Set("Refresh", refreshTo(kioskIdlePlain, kioskPath(link)))
	}
}

func refreshTo(after time.Duration, address string) string {
	return strconv.Itoa(int(after/time.Second)) + "; url=" + address
}

// kioskDraft reads the cookie: whose draft it is, and whether scripts run.
func kioskDraft(c echo.Context) (draft string, script bool) {
	cookie, err := c.Cookie(kioskCookie)
	if err != nil {
		return "", false
	}
	draft, script = strings.CutSuffix(cookie.Value, ".script")
	if !auth.LooksLikeToken(draft) {
		return "", false
	}
	return draft, script
}

// setKiosk gives the tablet a draft, or takes it away.
func (s *Server) setKiosk(c echo.Context, link, value string) {
	cookie := &http.Cookie{Name: kioskCookie, Value: value, Path: kioskPath(link), HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: c.Scheme() == "https" || strings.HasPrefix(s.BaseURL, "https:")}
	if value == "" {
		cookie.MaxAge = -1
		// What scripts and forms have kept here goes as well. Browsers do this over TLS only.
		c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
	c.SetCookie(cookie)
}

// kioskStart is the first page of the tablet; whoever was before is forgotten.
func (s *Server) kioskStart(c echo.Context) error {
	link, p, _, err := s.openPlace(c)
	if err != nil {
		return err
	}
	s.setKiosk(c, link, "")
	if err := p.open(s.Now()); err != nil {
		c.Response().Header().Set("Refresh", refreshTo(kioskEnd, kioskPath(link)))
		return err
	}
	b := s.booklets.of(p.instrument, "", languageAsked(c.Request(), p.instrument.Languages))
	first := s.consent(b, p, auth.NewToken())
	onTablet(&first.Base, s.idleOf(c))
	c.Response().Header()["Vary"] = varyLanguage
	return sendKiosk(c, first)
}

func sendKiosk(c echo.Context, p templates.Page) error {
	c.Response().Header()["Cache-Control"] = headerNoStore
	return page(c, http.StatusOK, p)
}

// kioskBegin begins a draft that only the cookie leads to. The page brought its
// token, so that a second touch finds the first one's draft.
func (s *Server) kioskBegin(c echo.Context) error {
	link, p, open, err := s.openPlace(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, err := s.beginOpen(c, p, open, form)
	if err != nil {
		return err
	}
	value := v.token
	if form.Get("script") == "yes" {
		value += ".script"
	}
	s.setKiosk(c, link, value)
	if !v.started {
		return see(c, kioskPath(link)+"/s/1")
	}
	return see(c, kioskPath(link)+strings.TrimPrefix(v.resumeAt(), "/r/"+v.token))
}

// kioskLeave is for whoever goes without sending: nothing leads to the draft any more.
func (s *Server) kioskLeave(c echo.Context) error {
	link, err := tokenOf(c)
	if err != nil {
		return err
	}
	if draft, _ := kioskDraft(c); draft == "" {
		return see(c, kioskPath(link))
	}
	l := s.Words.For(languageAsked(c.Request(), s.Words.Tags()))
	return s.endKiosk(c, link, templates.KioskEnd{Base: templates.Base{Title: l.Say("kiosk_left"), Language: l.Tag(), Words: l, Private: true}})
}

// kioskDone is the receipt on a shared tablet: the code, for a minute, and nothing of
// the answers.
func (s *Server) kioskDone(c echo.Context, v *visit) error {
	b := s.receiptBooklet(c, v)
	return s.endKiosk(c, kioskLinkOf(c), templates.KioskEnd{Base: b.base(b.words.Say("receipt_title"), templates.Tongues{}), Sent: true, Code: v.receipt.Code,
		Contact: v.study.Contact, MinimumGroup: v.wave.MinimumGroup})
}

// kioskLinkOf is the link of the tablet, out of the address: the parameter names the
// draft by then.
func kioskLinkOf(c echo.Context) string {
	link, _, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/k/"), "/")
	return strings.ToLower(link)
}

// endKiosk takes the draft away and goes back to the first page by itself.
func (s *Server) endKiosk(c echo.Context, link string, p templates.KioskEnd) error {
	s.setKiosk(c, link, "")
	c.Response().Header().Set("Refresh", refreshTo(kioskEnd, kioskPath(link)))
	p.Start = kioskPath(link)
	onTablet(&p.Base, s.idleOf(c))
	return sendKiosk(c, p)
}
