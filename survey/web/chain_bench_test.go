package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// discard is an answer nobody reads. It is used again, as a connection is.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkMiddleware is what a request of a respondent pays before and after
// its handler, beside the same handler in a bare Echo.
func BenchmarkMiddleware(b *testing.B) {
	answer := func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
	bare := echo.New()
	bare.GET("/o/:token/x", answer)
	bare.POST("/o/:token/x", answer)
	s, err := New(Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	s.install([]route{{http.MethodGet, "/o/:token/x", linkOwner, answer}, {http.MethodPost, "/o/:token/x", linkOwner, answer}})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for name, handler := range map[string]http.Handler{"bare": bare, "salesbench": s} {
			b.Run(method+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				r := httptest.NewRequest(method, "/o/abcdefghijklmnopqrstuvwxyz234567/x", strings.NewReader("x=1"))
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				body := r.Body
				w := &discard{header: http.Header{}}
				for b.Loop() {
					clear(w.header)
					r.Body = body
					handler.ServeHTTP(w, r)
				}
			})
		}
	}
}
