package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of what is kept for the next exchange, and of an answer whose length is
// not known before it is sent.
const (
	mostHeaders  = 40
	usualHeaders = 14 // a map of more has twice the room, which is emptied after each exchange
	answerRoom   = 16 << 10
	mostBuffered = 64 << 10
)

type atomicState = atomic.Int32

// exchange is one request with its answer. It is used again: a handler must not hold
// on to the request, its headers or its body after it has returned.
type exchange struct {
	conn    *conn
	request *request
	header  http.Header // of the request
	body    body
	length  int64 // of the body; -1: not said
	values  []string

	answer   http.Header
	status   int    // 0: not decided
	out      []byte // what is to be sent: the head, where it is written, and what follows
	text     []byte // a body whose length is not known yet
	headSent bool   // the head is in out or was sent
	chunked  bool
	left     int64 // of the announced length; -1: none was announced
	err      error
}

// request is that of the exchange, with room for its address.
type request struct {
	http.Request
	url url.URL
}

var exchanges = sync.Pool{New: func() any {
	return &exchange{request: new(request), header: make(http.Header, usualHeaders), answer: make(http.Header, usualHeaders), values: make([]string, 0, mostHeaders), out: make([]byte, 0, answerRoom)}
}}

func (x *exchange) release() {
	clear(x.header)
	clear(x.answer)
	clear(x.values)
	out, text := x.out, x.text
	if cap(out) > 4*answerRoom {
		out = make([]byte, 0, answerRoom)
	}
	*x.request = request{}
	*x = exchange{request: x.request, header: x.header, answer: x.answer, values: x.values[:0], out: out[:0], text: text[:0]}
	exchanges.Put(x)
}

// prepare empties the request for the head to be read into.
func (x *exchange) prepare(c *conn) {
	x.conn, x.length, x.left = c, -1, -1
	x.request.Request = *c.listener.base
	x.request.Header, x.request.URL = x.header, &x.request.url
}

// run has the request answered. It is false when the connection has ended.
func (x *exchange) run() bool {
	c := x.conn
	c.close = x.request.Close
	if x.length > int64(c.to-c.from) { // more is to come
		c.readUntil = time.Now().Add(c.listener.options.ReadTimeout)
		_ = c.SetReadDeadline(c.readUntil) // a closed connection says so when it is read
	}
	c.listener.options.Handler.ServeHTTP(x, &x.request.Request)
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	cut := !x.skipBody()
	c.close = c.close || cut
	x.finish()
	if cut && x.err == nil {
		c.linger()
	}
	return x.err == nil
}

// skipBody reads what the handler has left of the body.
func (x *exchange) skipBody() bool {
	if x.length <= 0 || x.body.left == 0 {
		return true
	}
	_, err := io.Copy(io.Discard, &x.body)
	return err == nil
}

// finish sends what is not sent yet.
func (x *exchange) finish() {
	asks := x.request.Method == http.MethodHead
	if x.left > 0 && !asks {
		x.conn.close = true // less came than was announced: the client must not wait
	}
	if !x.headSent {
		if x.left < 0 && mayHaveBody(x.status) && !x.chunked && (!asks || len(x.text) > 0) {
			x.answer["Content-Length"] = []string{strconv.Itoa(len(x.text))}
		}
		x.writeHead(x.text)
		if !asks {
			x.out = append(x.out, x.text...)
		}
	}
	if x.chunked && !asks {
		x.out = append(x.out, "0\r\n\r\n"...)
	}
	x.flush()
}

// Header implements http.ResponseWriter.
func (x *exchange) Header() http.Header { return x.answer }

// WriteHeader implements http.ResponseWriter. Answers that only announce another
// are not sent.
func (x *exchange) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if x.status != 0 || status < 200 {
		return
	}
	x.status = status
	given := x.answer["Content-Length"]
	if len(given) == 0 {
		return
	}
	n, err := strconv.ParseUint(given[0], 10, 63)
	if err != nil || !mayHaveBody(status) {
		delete(x.answer, "Content-Length")
		return
	}
	x.left = int64(n)
}

// Write implements io.Writer.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	switch {
	case x.err != nil:
		return 0, x.err
	case !mayHaveBody(x.status):
		return 0, http.ErrBodyNotAllowed
	case x.left >= 0 && int64(len(b)) > x.left:
		return 0, http.ErrContentLength
	}
	switch {
	case x.left >= 0:
		x.left -= int64(len(b))
		if x.request.Method == http.MethodHead {
			break
		}
		if !x.headSent {
			x.writeHead(b)
		}
		x.out = append(x.out, b...)
	case !x.chunked && len(x.text)+len(b) <= mostBuffered:
		x.text = append(x.text, b...)
	case x.request.Method == http.MethodHead:
		x.chunked = true // so its length is not told
	default:
		x.addChunk(b)
	}
	if len(x.out) > mostBuffered {
		x.flush()
	}
	return len(b), x.err
}

// addChunk sends a part of a body whose length nobody knows.
func (x *exchange) addChunk(b []byte) {
	if !x.chunked {
		x.chunked = true
		x.answer["Transfer-Encoding"] = []string{"chunked"}
		x.writeHead(append(x.text, b...))
		x.appendChunk(x.text)
	}
	x.appendChunk(b)
}

func (x *exchange) appendChunk(b []byte) {
	if len(b) == 0 {
		return
	}
	x.out = append(strconv.AppendInt(x.out, int64(len(b)), 16), "\r\n"...)
	x.out = append(append(x.out, b...), "\r\n"...)
}

func (x *exchange) flush() {
	if x.err == nil && len(x.out) > 0 {
		x.err = x.conn.send(x.out)
	}
	x.out = x.out[:0]
}

func mayHaveBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// writeHead appends the head. The beginning of the body tells the type where the
// handler has not.
func (x *exchange) writeHead(beginning []byte) {
	x.headSent = true
	h := x.answer
	if len(h["Content-Type"]) == 0 && len(h["Content-Encoding"]) == 0 && len(beginning) > 0 {
		h["Content-Type"] = []string{http.DetectContentType(beginning)}
	}
	if strings.EqualFold(h.Get("Connection"), "close") || x.conn.listener.closing.Load() {
		x.conn.close = true
	}
	if x.conn.close {
		h["Connection"] = closing
	}
	x.out = append(x.out, "HTTP/1.1 "...)
	x.out = strconv.AppendInt(x.out, int64(x.status), 10)
	x.out = append(append(x.out, ' '), http.StatusText(x.status)...)
	x.out = append(x.out, "\r\nDate: "...)
	x.out = append(x.out, dateNow()...)
	x.out = append(x.out, "\r\n"...)
	for name, values := range h {
		if name == "Date" || !all(name, inName) {
			continue
		}
		for _, value := range values {
			x.out = append(append(x.out, name...), ": "...)
			x.out = appendValue(x.out, value)
			x.out = append(x.out, "\r\n"...)
		}
	}
	x.out = append(x.out, "\r\n"...)
}

var closing = []string{"close"}

// appendValue lets no value begin a line of its own.
func appendValue(b []byte, value string) []byte {
	from := len(b)
	b = append(b, value...)
	if strings.IndexByte(value, '\n') < 0 && strings.IndexByte(value, '\r') < 0 {
		return b
	}
	for i := from; i < len(b); i++ {
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = ' '
		}
	}
	return b
}

// date is the present second as HTTP writes it.
type date struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[date]

func dateNow() string {
	now := time.Now()
	d := lastDate.Load()
	if d == nil || d.second != now.Unix() {
		d = &date{now.Unix(), now.UTC().Format(http.TimeFormat)}
		lastDate.Store(d)
	}
	return d.text
}
