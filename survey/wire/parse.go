package wire

import (
	"bytes"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// endOfHead is the length of the head with its empty line, or -1.
func endOfHead(b []byte) int {
	if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return -1
}

// endsBare says whether a head has ended with line feeds alone, as people type it: the
// http.Server takes that.
func endsBare(b []byte) bool { return bytes.Contains(b, []byte("\n\n")) }

// Characters of a head by what they may be part of.
const (
	inName  = 1 << iota // of a header
	inPath              // without any need to decode it
	inQuery             // which is passed on as it is
	inValue             // of a header
	inHost
)

var kinds = func() (k [256]uint8) {
	mark := func(characters string, kind uint8) {
		for _, c := range []byte(characters) {
			k[c] |= kind
		}
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	mark(letters+"!#$%&'*+-.^_`|~", inName)
	mark(letters+"-._~/", inPath)
	mark(letters+"-._~/%&=+*!,;:@?", inQuery)
	mark(letters+"-.:[]", inHost)
	for c := 0x20; c < 0x7f; c++ {
		k[c] |= inValue
	}
	k['\t'] |= inValue
	return k
}()

// all says whether all characters are of the kind.
func all(s string, kind uint8) bool {
	for i := range len(s) {
		if kinds[s[i]]&kind == 0 {
			return false
		}
	}
	return true
}

// parse reads a head, which ends with its empty line, into the request. It is false
// where it can not be taken here.
func (x *exchange) parse(head []byte) bool {
	line, rest, _ := bytes.Cut(head, lineEnd)
	if !x.requestLine(string(line)) {
		return false
	}
	for n := 0; len(rest) > len(lineEnd); n++ {
		line, rest, _ = bytes.Cut(rest, lineEnd)
		h, fine := x.conn.said[x.kind()].line(n, line)
		if !fine || !x.take(h) {
			return false
		}
	}
	return x.settle()
}

var lineEnd = []byte("\r\n")

// requestLine reads "GET /path?query HTTP/1.1".
func (x *exchange) requestLine(line string) bool {
	r := x.request
	method, rest, _ := strings.Cut(line, " ")
	target, found := strings.CutSuffix(rest, " HTTP/1.1")
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return false
	}
	path, query, asked := strings.Cut(target, "?")
	if !found || len(path) == 0 || path[0] != '/' || strings.HasPrefix(path, "//") || !all(path, inPath) || !all(query, inQuery) || asked && query == "" {
		return false
	}
	r.url.Path, r.url.RawQuery = path, query
	r.Method, r.RequestURI = method, target
	return x.conn.listener.options.Takes(path)
}

// header is one line of a head.
type header struct{ line, name, value string }

// said holds the header lines of the last head of a connection. A browser says nearly
// the same with each request of one kind: a line that has not changed is not read again.
type said []header

// The kinds of requests whose heads differ from each other.
const (
	asking = iota
	posting
	requestKinds
)

func (x *exchange) kind() int {
	if x.request.Method == http.MethodPost {
		return posting
	}
	return asking
}

// line reads the header line with this number: "Name: value".
func (s *said) line(n int, line []byte) (header, bool) {
	if n < len(*s) && (*s)[n].line == string(line) {
		return (*s)[n], true
	}
	h, fine := readHeader(string(line))
	switch {
	case !fine:
	case n < len(*s):
		(*s)[n] = h
	case n < mostHeaders:
		*s = append(*s, h)
	}
	return h, fine
}

func readHeader(line string) (header, bool) {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || !all(name, inName) || !all(value, inValue) {
		return header{}, false
	}
	return header{line, canonical(name), strings.Trim(value, " \t")}, true
}

// take adds a header to the request.
func (x *exchange) take(h header) bool {
	if len(x.values) == cap(x.values) {
		return false
	}
	switch h.name {
	case "Host":
		if x.request.Host != "" || h.value == "" || !all(h.value, inHost) {
			return false
		}
		x.request.Host = h.value // net/http keeps it nowhere else
		return true
	case "Content-Length":
		n, err := strconv.ParseUint(h.value, 10, 63)
		if err != nil || x.length >= 0 {
			return false
		}
		x.length = int64(n)
	case "Connection":
		if x.request.Close = strings.EqualFold(h.value, "close"); !x.request.Close && !strings.EqualFold(h.value, "keep-alive") {
			return false
		}
	case "Transfer-Encoding", "Expect", "Upgrade", "Trailer", "Te", "Pragma", "Http2-Settings":
		return false
	}
	if len(x.request.Header[h.name]) > 0 {
		return false
	}
	n := len(x.values)
	x.values = append(x.values, h.value)
	x.request.Header[h.name] = x.values[n : n+1 : n+1]
	return true
}

// settle judges the head as a whole.
func (x *exchange) settle() bool {
	r := x.request
	posts := r.Method == http.MethodPost
	if r.Host == "" || posts != (x.length >= 0) || x.length > x.conn.listener.options.MaxBody {
		return false
	}
	r.Body = http.NoBody
	if x.length > 0 {
		x.body = body{conn: x.conn, left: x.length}
		r.Body, r.ContentLength = &x.body, x.length
	}
	r.RemoteAddr = x.conn.remote
	return true
}

// names are those that clients and proxies send, in their usual forms.
var names = func() map[string]string {
	m := make(map[string]string)
	for _, name := range []string{"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Content-Type", "Content-Length",
		"Connection", "Origin", "Referer", "Cookie", "Dnt", "Sec-Gpc", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User",
		"Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform", "Upgrade-Insecure-Requests", "Cache-Control", "If-None-Match", "If-Modified-Since",
		"Idempotency-Key", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "X-Request-Id", "Forwarded", "Priority"} {
		m[name], m[strings.ToLower(name)] = name, name
	}
	return m
}()

func canonical(name string) string {
	if known, ok := names[name]; ok {
		return known
	}
	return textproto.CanonicalMIMEHeaderKey(name)
}
