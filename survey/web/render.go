package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
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
	html, err := templates.Render(inZone(c, p))
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

// offered are the codings that a client takes.
type offered struct{ gzip, brotli bool }

// codingsOf reads what the client takes. What common browsers send is known.
func codingsOf(r *http.Request) offered {
	switch r.Header.Get("Accept-Encoding") {
	case "gzip, deflate, br, zstd", "gzip, deflate, br":
		return offered{gzip: true, brotli: true}
	case "gzip, deflate", "gzip":
		return offered{gzip: true}
	case "":
		return offered{}
	}
	return offered{gzip: accepts(r, "gzip"), brotli: accepts(r, "br")}
}

// whole puts a page of one sheet together, in its brotli form where there is one.
func (c *composer) whole(r *http.Request, s *sheet, values [][]byte) {
	takes := codingsOf(r)
	if takes.brotli {
		if form := s.brotli(); form != nil {
			c.begin(brotliCoding)
			c.fillPacked(form, values)
			return
		}
	}
	c.begin(spliceCoding(takes))
	c.fill(s, 0, values)
}

// sendWhole sends a page of one sheet.
func (c *composer) sendWhole(to echo.Context, s *sheet, values [][]byte) error {
	tag := s.tag
	for _, value := range values {
		tag = mixText(tag, string(value))
	}
	if unchanged(to, tag) {
		return notModified(to, tag)
	}
	c.whole(to.Request(), s, values)
	return c.send(to, http.StatusOK, tag)
}

// spliceCoding is the coding of a page that is spliced from many sheets.
func spliceCoding(takes offered) coding {
	if takes.gzip {
		return gzipCoding
	}
	return plain
}

// Header values that many answers share; nobody may change them.
var (
	htmlType     = []string{"text/html; charset=utf-8"}
	varyCoding   = []string{"Accept-Encoding"}
	codingHeader = [...][]string{gzipCoding: {"gzip"}, brotliCoding: {"br"}}
)

// send sends the page that was put together. The tag names its content.
func (c *composer) send(to echo.Context, status int, tag uint64) error {
	body := c.end()
	h := to.Response().Header()
	h["Content-Type"] = htmlType
	if h["Vary"] == nil {
		h["Vary"] = varyCoding
	}
	h["Etag"] = []string{etag(tag)}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if values := codingHeader[c.coding]; values != nil {
		h["Content-Encoding"] = values
	}
	to.Response().WriteHeader(status)
	_, err := to.Response().Write(body)
	return err
}

// etag is weak: the same page has other bytes in another coding, and says
// another time.
func etag(tag uint64) string {
	b := append(make([]byte, 0, 20), `W/"`...)
	return string(append(appendSeen(b, tag), '"'))
}

// unchanged says whether the client has this page already.
func unchanged(c echo.Context, tag uint64) bool {
	has := c.Request().Header["If-None-Match"]
	if len(has) == 0 {
		return false
	}
	own := strings.TrimPrefix(etag(tag), "W/")
	for part := range strings.SplitSeq(strings.Join(has, ","), ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == own {
			return true
		}
	}
	return false
}

func notModified(c echo.Context, tag uint64) error {
	h := c.Response().Header()
	if h["Vary"] == nil {
		h["Vary"] = varyCoding
	}
	h["Etag"] = []string{etag(tag)}
	return c.NoContent(http.StatusNotModified)
}

// fromElsewhere says whether the page was asked for by a link that stands
// somewhere else, or was typed: then nothing of this site may be at hand.
func fromElsewhere(r *http.Request) bool {
	site := r.Header["Sec-Fetch-Site"]
	return len(site) == 1 && (site[0] == "none" || site[0] == "cross-site")
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
