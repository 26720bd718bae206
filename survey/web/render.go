package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/templates"
)

// compressFrom is the size below which a packet more or less does not matter.
const compressFrom = 1400

var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// page renders the page and sends it.
func page(c echo.Context, status int, p templates.Page) error {
	html, err := templates.Render(p)
	if err != nil {
		return err
	}
	return blob(c, status, "text/html; charset=utf-8", html)
}

// blob sends bytes, compressed where the client takes that.
func blob(c echo.Context, status int, contentType string, body []byte) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) < compressFrom || !accepts(c.Request(), "gzip") {
		return c.Blob(status, contentType, body)
	}
	packed, err := gzipped(body)
	if err != nil {
		return err
	}
	h.Set("Content-Encoding", "gzip")
	return c.Blob(status, contentType, packed)
}

func gzipped(body []byte) ([]byte, error) {
	w, ok := gzipWriters.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer gzipWriters.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// accepts says whether the client takes the content coding. A weight of zero refuses it.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) != coding {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		return !found || strings.Trim(q, "0.") != ""
	}
	return false
}
