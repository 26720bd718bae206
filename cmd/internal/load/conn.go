package load

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long an answer may take before the client gives up.
const patience = 20 * time.Second

// Conn is one persistent connection, as a browser keeps it. It is opened at the first
// request and again when the server has closed it. One goroutine uses it at a time.
type Conn struct {
	address string
	tail    string // the headers that every request ends with
	posted  string // the headers that a post adds
	socket  net.Conn
	until   time.Time // deadline that is set on the socket
	out     []byte
	in      []byte
	from    int // first byte of in that is not used up
	to      int // end of what was read into in
	body    []byte
	target  []byte // Location of the last answer
}

// Answer is what came back. It is valid until the next request on the connection.
type Answer struct {
	Status     int
	Location   []byte
	RetryAfter []byte
	Gzip       bool
	Body       []byte
	closes     bool
}

// Dial prepares a connection to a host and port; nothing is opened yet.
func Dial(address string) *Conn {
	return &Conn{
		address: address,
		tail: " HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: Mozilla/5.0 (loadtest)\r\n" +
			"Accept-Language: en\r\nAccept-Encoding: gzip\r\n",
		posted: "Origin: http://" + address + "\r\nSec-Fetch-Site: same-origin\r\n",
		in:     make([]byte, 16<<10),
	}
}

// Get asks for a page.
func (c *Conn) Get(path []byte) (Answer, error) {
	reused := c.socket != nil
	a, err := c.get(path)
	if err != nil && reused && errors.Is(err, errSilent) {
		return c.get(path) // the server had given up the idle connection
	}
	return a, err
}

func (c *Conn) get(path []byte) (Answer, error) {
	c.out = append(c.out[:0], "GET "...)
	c.out = append(c.out, path...)
	c.out = append(c.out, c.tail...)
	c.out = append(c.out, acceptPage+"\r\n"...)
	return c.exchange()
}

// What a browser and a program want to get.
const (
	acceptPage = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
	acceptJSON = "Accept: application/json\r\n"
)

// identity makes the connection ask for answers that are not compressed.
func (c *Conn) identity() { c.tail = strings.Replace(c.tail, "Accept-Encoding: gzip\r\n", "", 1) }

// PostForm sends a form as a browser does. It is never repeated by itself: whoever
// posts decides.
func (c *Conn) PostForm(path, body []byte) (Answer, error) {
	return c.post(path, acceptPage+"Content-Type: application/x-www-form-urlencoded", body)
}

// PostJSON sends a document as a program does.
func (c *Conn) PostJSON(path, body []byte) (Answer, error) {
	return c.post(path, acceptJSON+"Content-Type: application/json", body)
}

func (c *Conn) post(path []byte, headers string, body []byte) (Answer, error) {
	c.out = append(c.out[:0], "POST "...)
	c.out = append(c.out, path...)
	c.out = append(c.out, c.tail...)
	c.out = append(c.out, c.posted...)
	c.out = append(c.out, headers...)
	c.out = append(c.out, "\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, body...)
	return c.exchange()
}

// Close ends the connection; a later request opens a new one.
func (c *Conn) Close() {
	if c.socket != nil {
		_ = c.socket.Close() // nothing is under way
		c.socket = nil
	}
}

// exchange sends what stands in out and reads the answer.
func (c *Conn) exchange() (Answer, error) {
	if err := c.ready(); err != nil {
		return Answer{}, err
	}
	a, err := Answer{}, error(nil)
	if _, err = c.socket.Write(c.out); err == nil {
		a, err = c.read()
	} else {
		err = fmt.Errorf("%w: %w", errSilent, err)
	}
	if err != nil || a.closes {
		c.Close()
	}
	return a, err
}

// ready opens the connection where it is not, and sets the deadline. The deadline is
// moved once a second only, because it costs as much as half a read.
func (c *Conn) ready() error {
	now := time.Now()
	if c.socket == nil {
		socket, err := net.DialTimeout("tcp", c.address, patience)
		if err != nil {
			return err
		}
		c.socket, c.until = socket, time.Time{}
	}
	c.from, c.to = 0, 0
	if c.until.Sub(now) < patience-time.Second {
		c.until = now.Add(patience)
		return c.socket.SetDeadline(c.until)
	}
	return nil
}

// errSilent is a connection that ended before the first byte of an answer.
var errSilent = errors.New("connection closed before an answer")

// Malformed is an answer that is not HTTP as it should be.
type Malformed string

func (m Malformed) Error() string { return "malformed answer: " + string(m) }

// Fault names the kind of an error, for counting.
func Fault(err error) string {
	var unexpected Unexpected
	var malformed Malformed
	switch {
	case errors.As(err, &unexpected):
		return unexpected.Error()
	case errors.As(err, &malformed):
		return malformed.Error()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return "connection refused"
	case errors.Is(err, errSilent), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection cut"
	}
	return err.Error()
}
