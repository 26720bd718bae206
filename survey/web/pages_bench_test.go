package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/templates"
)

// requestsPerSecond asks for the page as often as it can on 16 connections that
// stay open.
func requestsPerSecond(b *testing.B, handler http.Handler, path string, within time.Duration) float64 {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: ReadHeaderTimeout}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var asked atomic.Int64
	const connections = 16
	ended := make(chan error, connections)
	for range connections {
		go func() { ended <- askAgain(ctx, listener.Addr().String(), path, &asked) }()
	}
	for range connections {
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	return float64(asked.Load()) / within.Seconds()
}

func askAgain(ctx context.Context, address, path string, asked *atomic.Int64) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: survey.example.org\r\nAccept-Encoding: gzip\r\n\r\n")
	r := bufio.NewReader(conn)
	for ctx.Err() == nil {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", path, res.Status)
		}
		asked.Add(1)
	}
	return nil
}

// sameBytes answers the same bytes with the same headers and does nothing else.
func sameBytes(b *testing.B, f *field, path string) http.Handler {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	w := newSink()
	f.server.ServeHTTP(w, r)
	e := echo.New()
	e.GET("/*", func(c echo.Context) error {
		for name, values := range w.header {
			c.Response().Header()[name] = values
		}
		return c.Blob(http.StatusOK, "text/html; charset=utf-8", w.body)
	})
	return e
}

// sink keeps an answer.
type sink struct {
	header http.Header
	body   []byte
}

func newSink() *sink                              { return &sink{header: make(http.Header)} }
func (s *sink) Header() http.Header               { return s.header }
func (s *sink) WriteHeader(int)                   {}
func (s *sink) Write(b []byte) (n int, err error) { s.body = append(s.body, b...); return len(b), nil }

// BenchmarkSectionPage asks for pages of questions over HTTP and reports them as
// parts of what a bare handler reaches with the same bytes: spliced, through
// everything that a request passes, with its look-up in the database; put
// together without that; and executed by html/template and compressed each time.
func BenchmarkSectionPage(b *testing.B) {
	f := newFieldAt(b)
	f.server.Log = slog.New(slog.DiscardHandler)
	link := f.invited()
	f.begin(link, "manager")
	f.next(link, 4, url.Values{"deal_plan": {"5"}})
	e, err := f.server.Intake.Enter(b.Context(), auth.HashToken(link[len("/r/"):]))
	if err != nil {
		b.Fatal(err)
	}
	v := func() *visit {
		return &visit{place: placeOf(e.Place), token: link[len("/r/"):], books: &f.server.booklets, invitation: &e.Invitation, draft: e.Draft, started: true}
	}
	for _, page := range []struct {
		name string
		at   int
	}{{"untouched", 2}, {"answered", 3}} {
		b.Run(page.name, func(b *testing.B) {
			path := fmt.Sprintf("%s/s/%d", link, page.at+1)
			spliced, rendered := echo.New(), echo.New()
			spliced.GET("/*", func(c echo.Context) error { return f.server.sendSection(c, v(), page.at) })
			rendered.GET("/*", func(c echo.Context) error { return executed(c, f.server.sectionPage(c, v(), page.at, reply{})) })
			const turn = 300 * time.Millisecond
			limit := sameBytes(b, f, path)
			var sums [4]float64
			rounds := 0
			for b.Loop() {
				for i, handler := range []http.Handler{limit, f.server, spliced, rendered} {
					sums[i] += requestsPerSecond(b, handler, path, turn)
				}
				rounds++
			}
			b.ReportMetric(sums[0]/float64(rounds), "bare/s")
			for i, name := range []string{1: "served", 2: "spliced", 3: "template"} {
				if i > 0 {
					b.ReportMetric(sums[i]/sums[0], name+"/bare")
				}
			}
		})
	}
}

// executed is a page as it was made before pages were spliced.
func executed(c echo.Context, p templates.Page) error { return page(c, http.StatusOK, p) }
