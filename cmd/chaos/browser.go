package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// browser sends requests and follows nothing by itself.
type browser struct {
	http  *http.Client
	bases []string // addresses of the replicas; each request goes to the next
	turn  int
}

// slowest is how long a browser waits for an answer. It is longer than what the
// service itself allows a submission.
const slowest = 40 * time.Second

func newBrowser(bases []string, first int) *browser {
	return &browser{bases: bases, turn: first, http: &http.Client{
		Timeout:       slowest,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 2},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	status   int
	location string
	body     string
}

func (b *browser) get(ctx context.Context, path string) (answer, error) {
	return b.send(ctx, http.MethodGet, path, "", "")
}

func (b *browser) post(ctx context.Context, path string, form url.Values) (answer, error) {
	return b.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

func (b *browser) postJSON(ctx context.Context, path string, document []byte) (answer, error) {
	return b.send(ctx, http.MethodPost, path, "application/json", string(document))
}

func (b *browser) send(ctx context.Context, method, path, kind, body string) (answer, error) {
	b.turn++
	base := b.bases[b.turn%len(b.bases)]
	r, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Accept", "text/html")
	if kind == "application/json" {
		r.Header.Set("Accept", kind)
	}
	response, err := b.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	content, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	location := response.Header.Get("Location")
	if at := strings.Index(location, "/r/"); at > 0 {
		location = location[at:]
	}
	return answer{response.StatusCode, location, string(content)}, err
}

// verdict is how an answer is to be taken by somebody who wants to get on.
type verdict int

const (
	fine      verdict = iota
	later             // the service asks to try again
	over              // the wave takes no answers
	surprised         // anything else
)

func (a answer) verdict() verdict {
	switch {
	case a.status < 400:
		return fine
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests || a.status == http.StatusBadGateway || a.status == http.StatusGatewayTimeout:
		return later
	case a.status == http.StatusGone, a.status == http.StatusForbidden && (a.problem().Kind == "closed" || strings.Contains(a.body, "Not open yet")):
		return over
	}
	return surprised
}

// problem is the error of an answer in JSON.
type problem struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func (a answer) problem() problem {
	var b struct {
		Error problem `json:"error"`
	}
	if json.Unmarshal([]byte(a.body), &b) != nil {
		return problem{}
	}
	return b.Error
}

// said is the answer in short, for the report.
func (a answer) said() string {
	words := a.problem().Message
	if m := headings.FindStringSubmatch(a.body); m != nil {
		words = m[1]
	}
	if words == "" {
		words = strings.Join(strings.Fields(a.body[:min(len(a.body), 200)]), " ")
	}
	return fmt.Sprintf("%d %s", a.status, words)
}

var headings = regexp.MustCompile(`<h1[^>]*>([^<]*)</h1>`)
