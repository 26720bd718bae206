package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/salesbench/salesbench/cmd/internal/ledger"
)

// journey is one respondent on the pages, who comes back after every mishap.
type journey struct {
	*client
	person *person
	link   string // /r/TOKEN
	open   string // /o/TOKEN where the journey begins there; "" when it has begun
	origin string // the same, still after it has begun
	key    string // of the submission, once the review has named it
}

// step does one request and what follows from it. done: the receipt is there or
// the wave is over.
func (j *journey) step(ctx context.Context) (done bool, err error) {
	if j.open != "" {
		a, err := j.post(ctx, j.open, url.Values{"start": {strings.TrimPrefix(j.link, "/r/")}, "language": {"en"}})
		if err != nil || a.verdict() != fine {
			return j.stopped(a, err)
		}
		j.open, j.origin = "", j.open
	}
	a, err := j.get(ctx, j.link)
	if err == nil && a.status == http.StatusOK {
		a, err = j.post(ctx, j.link, url.Values{"language": {"en"}})
	}
	for err == nil && a.status == http.StatusSeeOther {
		switch at := a.location; {
		case strings.HasSuffix(at, "/receipt"):
			return j.receipt(ctx, at)
		case strings.Contains(at, "/review"):
			a, err = j.review(ctx, at)
		case strings.Contains(at, "/s/"):
			a, err = j.section(ctx, at)
		default:
			a, err = j.get(ctx, at)
		}
	}
	return j.stopped(a, err)
}

// section opens a page, answers it and goes on.
func (j *journey) section(ctx context.Context, at string) (answer, error) {
	page, err := j.get(ctx, at)
	if err != nil || page.status != http.StatusOK {
		return page, err
	}
	form := url.Values{"go": {"next"}}
	for _, m := range hiddens.FindAllStringSubmatch(page.body, -1) {
		form.Set(m[1], m[2])
	}
	for _, q := range questionsOn(page.body) {
		if v, answered := j.person.typed[q.name]; answered {
			form.Set(q.name, v)
		}
	}
	return j.post(ctx, at, form)
}

// review sends everything for good.
func (j *journey) review(ctx context.Context, at string) (answer, error) {
	page, err := j.get(ctx, at)
	if err != nil || page.status != http.StatusOK {
		return page, err
	}
	form := url.Values{}
	for _, m := range hiddens.FindAllStringSubmatch(page.body, -1) {
		form.Set(m[1], m[2])
	}
	if open := strings.Count(page.body, absent); j.redoes && open != j.openAt[j.person.role] {
		return j.lookBack(ctx, page)
	}
	j.key = form.Get("key")
	j.book.Sending(j.key, j.person.marker, j.person.answers)
	a, err := j.post(ctx, j.link+"/submit", form)
	if err == nil && a.status == http.StatusSeeOther && strings.HasSuffix(a.location, "/receipt") {
		j.acknowledged(j.key, ledger.Receipt{})
	}
	return a, err
}

// absent marks an open answer on the review page.
const absent = `<dd class="absent`

// lookBack answers all pages again, as somebody does who finds answers missing at
// the review.
func (j *journey) lookBack(ctx context.Context, review answer) (answer, error) {
	j.note(redo{"answers were missing at the review"})
	a, err := review, error(nil)
	for _, m := range changes.FindAllStringSubmatch(review.body, -1) {
		if a, err = j.section(ctx, m[1]); err != nil || a.status != http.StatusSeeOther {
			break
		}
	}
	return a, err
}

// changes are the links from the review to the pages.
var changes = regexp.MustCompile(`<a href="(/r/[^"#]+/s/\d+)">Change`)

// receipt reads the code.
func (j *journey) receipt(ctx context.Context, at string) (bool, error) {
	page, err := j.get(ctx, at)
	if err != nil || page.status != http.StatusOK {
		return j.stopped(page, err)
	}
	code := codes.FindString(page.body)
	if code == "" || j.key == "" {
		return false, fmt.Errorf("a receipt without code or without submission: %s", page.said())
	}
	j.acknowledged(j.key, ledger.Receipt{Code: code})
	return true, nil
}

// stopped ends a step that did not come to the receipt.
func (j *journey) stopped(a answer, err error) (bool, error) {
	if err != nil {
		return false, lost{err}
	}
	switch a.verdict() {
	case over:
		if j.key != "" {
			j.refused(j.key, a.said())
		}
		return true, errOver
	case later:
		return false, asked{a.said()}
	case fine:
		return false, redo{a.said()}
	}
	switch {
	case a.status == http.StatusConflict:
		return false, redo{a.said()}
	case a.status == http.StatusNotFound && j.redoes && j.origin != "":
		// Not even the beginning was on the disk: back to the open link.
		j.open = j.origin
		return false, redo{a.said()}
	}
	return false, errors.New(a.said())
}

// whole is one submission in one request.
type whole struct {
	*client
	person *person
	path   string // /o/TOKEN/responses or /r/TOKEN/responses
}

func (w *whole) step(ctx context.Context) (bool, error) {
	w.book.Sending(w.person.key, w.person.marker, w.person.answers)
	a, err := w.postJSON(ctx, w.path, w.person.document())
	if err != nil {
		return false, lost{err}
	}
	switch {
	case a.status == http.StatusCreated || a.status == http.StatusOK:
		r, err := receiptIn(a.body)
		if err == nil {
			w.acknowledged(w.person.key, r)
			w.keepForLater(*w)
		}
		return true, err
	case a.verdict() == over:
		w.refused(w.person.key, a.said())
		return true, errOver
	case a.verdict() == later:
		return false, asked{a.said()}
	}
	return false, errors.New(a.said())
}

func receiptIn(body string) (ledger.Receipt, error) {
	var r struct {
		Receipt    string `json:"receipt"`
		ResponseID string `json:"response_id"`
	}
	err := json.Unmarshal([]byte(body), &r)
	if err == nil && !codes.MatchString(r.Receipt) {
		err = fmt.Errorf("no receipt in %q", body[:min(len(body), 200)])
	}
	return ledger.Receipt{Code: r.Receipt, ResponseID: r.ResponseID}, err
}
