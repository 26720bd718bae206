package load

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answering is a server that answers each request with the next text and then
// closes, unless more texts follow. What it got is in the channel.
func answering(t *testing.T, texts ...string) (*Conn, <-chan *http.Request) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *http.Request, len(texts))
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(socket)
			for len(texts) > 0 {
				r, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				got <- r
				text := texts[0]
				texts = texts[1:]
				_, _ = io.WriteString(socket, text)
				if text == "" || strings.Contains(text, "close") {
					break
				}
			}
			_ = socket.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	c := Dial(listener.Addr().String())
	t.Cleanup(c.Close)
	return c, got
}

func TestAnswersOfEveryFormAreUnderstood(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		status   int
		body     string
		location string
		gzip     bool
	}{
		"length":         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", "", false},
		"names in small": {"HTTP/1.1 200 OK\r\ncontent-length:5\r\ncontent-encoding: gzip\r\n\r\nhello", 200, "hello", "", true},
		"chunks": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, respond.\r\n0\r\nTrailer: x\r\n\r\n",
			200, "hello, respond.", "", false},
		"redirect":         {"HTTP/1.1 303 See Other\r\nLocation: /r/abc\r\nContent-Length: 0\r\n\r\n", 303, "", "/r/abc", false},
		"interim":          {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201, "ok", "", false},
		"no content":       {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", "", false},
		"not modified":     {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, "", "", false},
		"until the end":    {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it", 200, "all of it", "", false},
		"old":              {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", 200, "old", "", false},
		"long":             {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000), 200, strings.Repeat("x", 100000), "", false},
		"long in a chunk":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n" + strings.Repeat("y", 100000) + "\r\n0\r\n\r\n", 200, strings.Repeat("y", 100000), "", false},
		"same length said": {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _ := answering(t, c.text)
			a, err := conn.Get([]byte("/"))
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != c.status || string(a.Body) != c.body || string(a.Location) != c.location || a.Gzip != c.gzip {
				t.Errorf("understood %d %q %q %t", a.Status, a.Body, a.Location, a.Gzip)
			}
		})
	}
}

func TestBrokenAnswersAreFaultsOfTheirKind(t *testing.T) {
	for name, c := range map[string]struct{ text, fault string }{
		"nothing":         {"", "connection cut"},
		"half a head":     {"HTTP/1.1 200 OK\r\nContent-Le close", "connection cut"},
		"half a body":     {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nclose", "connection cut"},
		"half a chunk":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nclose", "connection cut"},
		"no HTTP":         {"SSH-2.0 close\r\n\r\n", "malformed answer: no status line"},
		"no status":       {"HTTP/1.1 abc close\r\n\r\n", "malformed answer: no status"},
		"two lengths":     {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nclose", "malformed answer: content length"},
		"negative length": {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nclose", "malformed answer: content length"},
		"no chunk":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nclose", "malformed answer: chunk"},
		"brotli":          {"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nclose", "malformed answer: content encoding that was not asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _ := answering(t, c.text)
			_, err := conn.Get([]byte("/"))
			if err == nil || Fault(err) != c.fault {
				t.Errorf("fault of %v, want %q", err, c.fault)
			}
		})
	}
	refused := Dial("127.0.0.1:1")
	if _, err := refused.Get([]byte("/")); err == nil || Fault(err) != "connection refused" {
		t.Errorf("nobody listens, and the error is %v", err)
	}
}

func TestOnlyAPageIsAskedForAgainOnAConnectionThatWasGivenUp(t *testing.T) {
	ok := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	conn, got := answering(t, ok, "", ok, "", ok)
	for _, path := range []string{"/a", "/b"} { // the connection ends before the answer to /b
		if a, err := conn.Get([]byte(path)); err != nil || string(a.Body) != "ok" {
			t.Fatalf("%s: %v %q", path, err, a.Body)
		}
	}
	_, err := conn.PostForm([]byte("/c"), []byte("x=1"))
	if !errors.Is(err, errSilent) {
		t.Errorf("a post that nobody answered ends with %v", err)
	}
	if a, err := conn.PostForm([]byte("/c"), []byte("x=1")); err != nil || a.Status != 200 {
		t.Errorf("after that: %v", err)
	}
	var paths []string
	for range 5 {
		paths = append(paths, (<-got).URL.Path)
	}
	if s := strings.Join(paths, " "); s != "/a /b /b /c /c" {
		t.Errorf("the server saw %s", s)
	}
}

func TestTheStandardServerUnderstandsTheRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", r.Method+" "+r.URL.Path+" "+r.Header.Get("Accept-Encoding")+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(http.StatusSeeOther)
	}))
	defer server.Close()
	conn := Dial(strings.TrimPrefix(server.URL, "http://"))
	defer conn.Close()
	post := func(a Answer, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(a.Location)
	}
	for want, got := range map[string]string{
		"GET /o/abc gzip": strings.TrimSpace(post(conn.Get([]byte("/o/abc")))),
		"POST /x gzip application/x-www-form-urlencoded a=1": post(conn.PostForm([]byte("/x"), []byte("a=1"))),
		"POST /y gzip application/json {}":                   post(conn.PostJSON([]byte("/y"), []byte("{}"))),
	} {
		if got != want {
			t.Errorf("the server saw %q, want %q", got, want)
		}
	}
	conn.identity()
	if got := strings.TrimSpace(post(conn.Get([]byte("/o/abc")))); got != "GET /o/abc" {
		t.Errorf("uncompressed: the server saw %q", got)
	}
}

func TestDeadlinesAreMovedBeforeTheyExpire(t *testing.T) {
	conn, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	if _, err := conn.Get([]byte("/")); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(conn.until); left < patience-2*time.Second || left > patience {
		t.Errorf("the deadline is in %v", left)
	}
	conn.until = time.Now().Add(patience / 2)
	if err := conn.ready(); err != nil {
		t.Fatal(err)
	}
	if left := time.Until(conn.until); left < patience-2*time.Second {
		t.Errorf("the deadline was not moved, it is in %v", left)
	}
}
