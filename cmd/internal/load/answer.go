package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

// Limits of an answer. A page is some tens of kilobytes.
const (
	longestHead = 64 << 10
	longestBody = 16 << 20
)

// framing says where the body of an answer ends.
type framing struct {
	length  int // -1: not said
	chunked bool
}

// read takes one answer off the connection, past any interim ones.
func (c *Conn) read() (Answer, error) {
	for {
		head, err := c.head()
		if err != nil {
			return Answer{}, err
		}
		a, f, err := c.parse(head)
		if err != nil {
			return a, err
		}
		if a.Status >= 100 && a.Status < 200 {
			if a.Status == 101 {
				return a, Malformed("switches the protocol")
			}
			continue
		}
		a.Body, err = c.readBody(&a, f)
		return a, err
	}
}

// head reads up to the empty line and returns the lines before it.
func (c *Conn) head() ([]byte, error) {
	seen := 0
	for {
		if i := bytes.Index(c.in[c.from+seen:c.to], []byte("\r\n\r\n")); i >= 0 {
			head := c.in[c.from : c.from+seen+i+2]
			c.from += seen + i + 4
			return head, nil
		}
		seen = max(0, c.to-c.from-3)
		if c.to-c.from > longestHead {
			return nil, Malformed("endless head")
		}
		if err := c.fill(1); err != nil {
			if c.to == c.from && !errors.Is(err, os.ErrDeadlineExceeded) {
				return nil, fmt.Errorf("%w: %w", errSilent, err)
			}
			return nil, cutShort(err)
		}
	}
}

// cutShort makes an end in the middle of an answer what it is.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fill reads more, with room for at least n bytes more than there are.
func (c *Conn) fill(n int) error {
	if c.from > 0 && len(c.in)-c.to < n {
		c.to = copy(c.in, c.in[c.from:c.to])
		c.from = 0
	}
	if len(c.in)-c.to < n {
		c.in = slices.Grow(c.in[:c.to], max(n, len(c.in)))
		c.in = c.in[:cap(c.in)]
	}
	read, err := c.socket.Read(c.in[c.to:])
	c.to += read
	if read > 0 {
		return nil
	}
	return err
}

// parse reads the status line and the few headers that matter.
func (c *Conn) parse(head []byte) (Answer, framing, error) {
	a, f := Answer{}, framing{length: -1}
	line, rest, _ := bytes.Cut(head, []byte("\r\n"))
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' {
		return a, f, Malformed("no status line")
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil || status < 100 {
		return a, f, Malformed("no status")
	}
	a.Status, a.closes = status, line[7] == '0'
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 {
			return a, f, Malformed("header without a name")
		}
		if err := c.header(&a, &f, name, bytes.TrimSpace(value)); err != nil {
			return a, f, err
		}
	}
	return a, f, nil
}

// header takes what matters; the length of a name sorts out most of them.
func (c *Conn) header(a *Answer, f *framing, name, value []byte) error {
	is := func(known string) bool { return len(name) == len(known) && bytes.EqualFold(name, []byte(known)) }
	switch len(name) {
	case len("Location"):
		if is("Location") {
			c.target = append(c.target[:0], value...)
			a.Location = c.target
		}
	case len("Connection"):
		if is("Connection") && bytes.EqualFold(value, []byte("close")) {
			a.closes = true
		}
	case len("Retry-After"):
		if is("Retry-After") {
			a.RetryAfter = bytes.Clone(value)
		}
	case len("Content-Length"):
		if is("Content-Length") {
			n, err := strconv.Atoi(string(value))
			if err != nil || n < 0 || n > longestBody || f.length >= 0 && f.length != n {
				return Malformed("content length")
			}
			f.length = n
		}
	case len("Content-Encoding"):
		if is("Content-Encoding") {
			a.Gzip = bytes.EqualFold(value, []byte("gzip"))
			if !a.Gzip && !bytes.EqualFold(value, []byte("identity")) {
				return Malformed("content encoding that was not asked for")
			}
		}
	case len("Transfer-Encoding"):
		if is("Transfer-Encoding") {
			if !bytes.EqualFold(value, []byte("chunked")) {
				return Malformed("transfer encoding")
			}
			f.chunked = true
		}
	}
	return nil
}

// readBody reads the body as the head announced it.
func (c *Conn) readBody(a *Answer, f framing) ([]byte, error) {
	switch {
	case a.Status == 204 || a.Status == 304:
		return nil, nil
	case f.chunked:
		return c.readChunks()
	case f.length >= 0:
		if err := c.need(f.length); err != nil {
			return nil, err
		}
		body := c.in[c.from : c.from+f.length]
		c.from += f.length
		return body, nil
	}
	a.closes = true
	for {
		err := c.fill(1)
		if errors.Is(err, io.EOF) {
			return c.in[c.from:c.to], nil
		}
		if err != nil {
			return nil, err
		}
		if c.to-c.from > longestBody {
			return nil, Malformed("endless body")
		}
	}
}

// need reads until n bytes are there.
func (c *Conn) need(n int) error {
	for c.to-c.from < n {
		if err := c.fill(n - (c.to - c.from)); err != nil {
			return cutShort(err)
		}
	}
	return nil
}

// readChunks puts the pieces of a body together.
func (c *Conn) readChunks() ([]byte, error) {
	c.body = c.body[:0]
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if err != nil || len(c.body)+int(n) > longestBody {
			return nil, Malformed("chunk")
		}
		if n == 0 {
			return c.body, c.trailer()
		}
		if err := c.need(int(n) + 2); err != nil {
			return nil, err
		}
		c.body = append(c.body, c.in[c.from:c.from+int(n)]...)
		c.from += int(n)
		if c.in[c.from] != '\r' || c.in[c.from+1] != '\n' {
			return nil, Malformed("chunk without an end")
		}
		c.from += 2
	}
}

// trailer reads what may follow the last chunk, up to the empty line.
func (c *Conn) trailer() error {
	for {
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return err
		}
	}
}

// line reads one line. It is valid until the next read.
func (c *Conn) line() ([]byte, error) {
	for {
		if i := bytes.IndexByte(c.in[c.from:c.to], '\n'); i >= 0 {
			line := bytes.TrimSuffix(c.in[c.from:c.from+i], []byte("\r"))
			c.from += i + 1
			return line, nil
		}
		if c.to-c.from > longestHead {
			return nil, Malformed("endless line")
		}
		if err := c.fill(1); err != nil {
			return nil, cutShort(err)
		}
	}
}
