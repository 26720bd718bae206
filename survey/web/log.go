package web

import (
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
)

// The length of a request id that is taken over from a proxy.
const (
	shortestRequestID = 8
	longestRequestID  = 64
)

// nameRequest names each request, so that a person's report finds its log line. A
// proxy that is trusted may have named it already.
func (s *Server) nameRequest(c echo.Context) {
	given := c.Request().Header[requestIDHeader]
	if len(given) > 0 && wellFormedID(given[0]) && s.fromTrustedProxy(c.Request()) {
		c.Response().Header()[requestIDHeader] = given[:1]
		return
	}
	var b [16]byte
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	hex.Encode(b[:], b[8:])
	c.Response().Header()[requestIDHeader] = []string{string(b[:])}
}

// requestIDHeader is the header that carries the name, as a key of http.Header.
const requestIDHeader = "X-Request-Id"

// wellFormedID keeps everything out of the log that could be more than a name.
func wellFormedID(id string) bool {
	if len(id) < shortestRequestID || len(id) > longestRequestID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// fromTrustedProxy says whether the connection itself comes from a proxy that was
// named.
func (s *Server) fromTrustedProxy(r *http.Request) bool {
	if len(s.TrustedProxies) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range s.TrustedProxies {
		if prefix.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// requestIDOf returns the name of this request.
func requestIDOf(c echo.Context) string {
	if id := c.Response().Header()[requestIDHeader]; len(id) > 0 {
		return id[0]
	}
	return ""
}

// logRequest writes one line per request and counts it: the pattern of the route,
// never the path, which may hold a token, nor the query or an address.
func (s *Server) logRequest(c echo.Context, start time.Time) {
	answer, route, took := c.Response(), c.Path(), time.Since(start)
	s.metrics.answered(route, answer.Status, took)
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" {
		level = slog.LevelDebug
	}
	ctx, handler := c.Request().Context(), s.Log.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(start.Add(took), level, "request", 0) // nobody needs to know this line of the program
	r.AddAttrs(slog.String("id", requestIDOf(c)), slog.String("method", c.Request().Method), slog.String("route", route),
		slog.Int("status", answer.Status), slog.Int64("bytes", answer.Size), slog.Float64("took_ms", float64(took.Microseconds())/1000))
	_ = handler.Handle(ctx, r) // a log that can not be written is told nowhere, as by slog
}
