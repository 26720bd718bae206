package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// optOutLinks are the links to end mail of n people.
func (f *field) optOutLinks(n int) []string {
	f.t.Helper()
	f.People(f.t, f.store, n)
	f.Campaign(f.t, f.store, survey.InvitationMail, 6000)
	mails, err := f.store.ClaimMail(f.t.Context(), store.Claim{Limit: n, Lease: time.Minute, Ahead: time.Minute})
	if err != nil || len(mails) != n {
		f.t.Fatalf("%d messages, %v", len(mails), err)
	}
	links := make([]string, n)
	for i, m := range mails {
		links[i] = "/optout/" + m.OptOut
	}
	return links
}

func (f *field) optedOut(link string) store.OptOutPlace {
	f.t.Helper()
	place, err := f.store.OptOutByToken(f.t.Context(), strings.TrimPrefix(link, "/optout/"))
	if err != nil {
		f.t.Fatal(err)
	}
	return place
}

func TestMailEndsWithOneButtonAndNotByOpeningTheLink(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		links := f.optOutLinks(2)
		f.get(links[0]).mustBe(200, "How we sell")
		if f.optedOut(links[0]).OptedOut {
			t.Error("opening the link has ended mail")
		}
		if a := f.post(links[0], url.Values{}); a.status != http.StatusSeeOther || a.location != links[0] {
			t.Errorf("the button answers %d %s", a.status, a.location)
		}
		f.get(links[0]).mustBe(200, "No more mail about")
		if place := f.optedOut(links[0]); !place.OptedOut || place.Everywhere {
			t.Errorf("%+v", place)
		}
		f.post(links[0], url.Values{"everywhere": {"1"}})
		f.get(links[0]).mustBe(200, "about any study")
		if place := f.optedOut(links[1]); place.OptedOut {
			t.Error("somebody else gets no mail any more")
		}
		entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Text: "mail.opt_out", Limit: 10})
		if err != nil || len(entries) != 2 || entries[1].Detail != "of this study, page" || entries[0].Detail != "of all studies, page" ||
			entries[0].Actor.Name != "recipient" || strings.Contains(fmt.Sprint(entries), "person-") {
			t.Errorf("the audit log tells %+v, %v", entries, err)
		}
		if strings.Contains(f.log.String(), strings.TrimPrefix(links[0], "/optout/")) {
			t.Error("the log has the link")
		}
	})
}

func TestTheButtonOfAMailProgramEndsMail(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		links := f.optOutLinks(2)
		if a := f.post(links[0], url.Values{"List-Unsubscribe": {"One-Click"}}); a.status != http.StatusOK || !f.optedOut(links[0]).OptedOut {
			t.Errorf("urlencoded: %d", a.status)
		}
		r := httptest.NewRequest(http.MethodPost, links[1], strings.NewReader("--B\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--B--\r\n"))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		if a := f.do(r); a.status != http.StatusOK || !f.optedOut(links[1]).OptedOut {
			t.Errorf("multipart: %d", a.status)
		}
	})
}

func TestALinkToEndMailThatWasNotMadeHereLeadsNowhere(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		link := f.optOutLinks(1)[0]
		for _, wrong := range []string{"/optout/x", link[:len(link)-6] + "aaaaaa", link + "a", "/optout/" + strings.Repeat("a", 52)} {
			if a := f.get(wrong); a.status != http.StatusNotFound {
				t.Errorf("%s answers %d", wrong, a.status)
			}
			if a := f.post(wrong, url.Values{}); a.status != http.StatusNotFound {
				t.Errorf("posting to %s answers %d", wrong, a.status)
			}
		}
		r := httptest.NewRequest(http.MethodPost, link, strings.NewReader("everywhere=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if a := f.do(r); a.status != http.StatusForbidden || f.optedOut(link).OptedOut {
			t.Errorf("another site's form answers %d", a.status)
		}
		people, err := f.store.Respondents(t.Context(), f.Wave.ID, store.RespondentPage{})
		if err != nil || len(people) != 1 {
			t.Fatal(err)
		}
		if err := f.store.EraseRespondent(t.Context(), people[0].InvitationID); err != nil {
			t.Fatal(err)
		}
		f.get(link).mustBe(200, "not known here any more")
	})
}
