package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func taken(path string) bool { return strings.HasPrefix(path, "/r/") }

// echoing answers with what it was asked, and as it was asked to.
func echoing(served *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, here := w.(*exchange); here {
			served.Add(1)
		}
		text, err := io.ReadAll(r.Body)
		h := w.Header()
		h.Set("X-Asked", fmt.Sprintf("%s %s %s host=%s length=%d close=%t body=%q %v", r.Method, r.RequestURI, r.URL, r.Host, r.ContentLength, r.Close, text, err))
		h.Set("X-Broken", "one\r\nX-More: two")
		for _, name := range []string{"Accept", "If-None-Match", "Content-Length", "Connection"} {
			h.Add("X-Header", name+"="+strings.Join(r.Header.Values(name), ","))
		}
		answerAs(w, r)
	})
}

// answerAs answers in one of the ways in which handlers do.
func answerAs(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	switch r.URL.Path {
	case "/r/nothing":
	case "/r/length":
		h.Set("Content-Length", "5")
		h.Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "12345")
	case "/r/sniffed":
		_, _ = io.WriteString(w, "<!doctype html><p>x")
	case "/r/long":
		for range 40 {
			_, _ = w.Write(bytes.Repeat([]byte("long "), 1000))
		}
	case "/r/elsewhere":
		http.Redirect(w, r, "/r/length?v=1", http.StatusSeeOther)
	case "/r/unchanged":
		h.Set("Etag", `W/"1"`)
		w.WriteHeader(http.StatusNotModified)
	case "/r/empty":
		w.WriteHeader(http.StatusNoContent)
	case "/r/ends":
		h.Set("Connection", "close")
		_, _ = io.WriteString(w, "the end")
	case "/r/short":
		h.Set("Content-Length", "9")
		_, _ = io.WriteString(w, "123")
	case "/r/abort":
		panic(http.ErrAbortHandler)
	case "/r/twice":
		w.WriteHeader(http.StatusTeapot)
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "tea")
	default:
		http.NotFound(w, r)
	}
}

// site is a service behind both: once with this package in front, once without.
type site struct {
	address string
	served  atomic.Int64 // answered by this package
	wire    *Listener
	server  *http.Server
}

func open(t *testing.T, quick bool, change func(*Options)) *site {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{address: inner.Addr().String()}
	o := Options{Handler: echoing(&s.served), Takes: taken, MaxBody: 64 << 10, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 5 * time.Second, IdleTimeout: 20 * time.Second}
	if change != nil {
		change(&o)
	}
	s.server = &http.Server{Handler: o.Handler, ReadHeaderTimeout: o.ReadHeaderTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, IdleTimeout: o.IdleTimeout}
	listener := inner
	if quick {
		s.wire = New(inner, o)
		listener = s.wire
	}
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.server.Close(); err != nil {
			t.Error(err)
		}
		if quick {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if err := s.wire.Drain(ctx); err != nil {
				t.Error(err)
			}
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

// told is an answer in a form that can be compared.
type told struct {
	status int
	header http.Header
	body   string
	length int64
	err    string
}

// ask sends bytes over a connection and reads all answers until the server closes
// it, or until it has answered as often as wanted.
func (s *site) ask(t *testing.T, sent string, methods []string) []told {
	t.Helper()
	socket, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	if err := socket.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(socket, sent); err != nil {
		t.Fatal(err)
	}
	var answers []told
	in := bufio.NewReader(socket)
	for _, method := range methods {
		res, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			answers = append(answers, told{err: "no answer"})
			break
		}
		text, err := io.ReadAll(res.Body)
		a := told{status: res.StatusCode, header: res.Header, body: string(text), length: res.ContentLength}
		if err != nil {
			a.err = err.Error()
		}
		refused := a.status < 200 || a.status == http.StatusBadRequest || a.status == http.StatusRequestHeaderFieldsTooLarge || a.status == http.StatusNotImplemented
		if date, err := http.ParseTime(a.header.Get("Date")); !refused && (err != nil || time.Since(date) > time.Minute) {
			t.Errorf("date %q: %v", a.header.Get("Date"), err)
		}
		a.header.Del("Date")
		if res.Close {
			a.header.Set("Connection", "close")
		}
		answers = append(answers, a)
	}
	return answers
}

const host = "Host: x.example\r\n"

func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	quick, slow := open(t, true, nil), open(t, false, nil)
	body := strings.Repeat("b", 9000)
	for _, test := range []struct {
		name, sent string
		methods    []string
		here       int // answered by this package
	}{
		{"nothing", "GET /r/nothing HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 1},
		{"length", "GET /r/length?a=%20b&c HTTP/1.1\r\n" + host + "accept: */*\r\nIf-None-Match:  \"x\" \r\n\r\n", []string{"GET"}, 1},
		{"head", "HEAD /r/length HTTP/1.1\r\n" + host + "\r\nHEAD /r/sniffed HTTP/1.1\r\n" + host + "\r\n", []string{"HEAD", "HEAD"}, 2},
		{"sniffed", "GET /r/sniffed HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 1},
		{"long", "GET /r/long HTTP/1.1\r\n" + host + "\r\nGET /r/length HTTP/1.1\r\n" + host + "\r\n", []string{"GET", "GET"}, 2},
		{"redirect", "POST /r/elsewhere HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\na=1GET /r/length HTTP/1.1\r\n" + host + "\r\n", []string{"POST", "GET"}, 2},
		{"empty post", "POST /r/nothing HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", []string{"POST"}, 1},
		{"long body", "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 9000\r\n\r\n" + body + "GET /r/length HTTP/1.1\r\n" + host + "\r\n", []string{"POST", "GET"}, 2},
		{"unchanged", "GET /r/unchanged HTTP/1.1\r\n" + host + "\r\nGET /r/empty HTTP/1.1\r\n" + host + "\r\n", []string{"GET", "GET"}, 2},
		{"lines that change, move and go", "GET /r/length HTTP/1.1\r\n" + host + "Accept: a\r\nIf-None-Match: b\r\n\r\nGET /r/length HTTP/1.1\r\n" + host + "Accept: c\r\nIf-None-Match: b\r\n\r\n" +
			"GET /r/length HTTP/1.1\r\n" + host + "If-None-Match: b\r\nAccept: c\r\n\r\nGET /r/length HTTP/1.1\r\n" + host + "\r\nGET /r/length HTTP/1.1\r\n" + host + "Accept: a\r\n\r\n",
			[]string{"GET", "GET", "GET", "GET", "GET"}, 5},
		{"a post after a get after a post", "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\na=1GET /r/length HTTP/1.1\r\n" + host + "Accept: a\r\n\r\nPOST /r/length HTTP/1.1\r\n" + host + "Content-Length: 4\r\n\r\na=12",
			[]string{"POST", "GET", "POST"}, 3},
		{"a line that was fine twice", "GET /r/length HTTP/1.1\r\n" + host + "Accept: a\r\n\r\nGET /r/length HTTP/1.1\r\n" + host + host + "\r\n", []string{"GET", "GET"}, 1},
		{"the client ends", "GET /r/length HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", []string{"GET", "GET"}, 1},
		{"the handler ends", "GET /r/ends HTTP/1.1\r\n" + host + "\r\n", []string{"GET", "GET"}, 1},
		{"short", "GET /r/short HTTP/1.1\r\n" + host + "\r\n", []string{"GET", "GET"}, 1},
		{"abort", "GET /r/abort HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 1},
		{"twice", "GET /r/twice HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 1},
		{"not found", "GET /r/unknown HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 1},

		{"another path", "GET /x HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 0},
		{"first here, then not", "GET /r/length HTTP/1.1\r\n" + host + "\r\nGET /x HTTP/1.1\r\n" + host + "\r\nGET /r/length HTTP/1.1\r\n" + host + "\r\n", []string{"GET", "GET", "GET"}, 1},
		{"HTTP/1.0", "GET /r/length HTTP/1.0\r\n\r\n", []string{"GET", "GET"}, 0},
		{"no host", "GET /r/length HTTP/1.1\r\n\r\n", []string{"GET"}, 0},
		{"two hosts", "GET /r/length HTTP/1.1\r\n" + host + host + "\r\n", []string{"GET"}, 0},
		{"chunks", "POST /r/length HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", []string{"POST"}, 0},
		{"chunks and a length", "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", []string{"POST"}, 0},
		{"two lengths", "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", []string{"POST"}, 0},
		{"a length with a sign", "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc", []string{"POST"}, 0},
		{"a get with a body", "GET /r/length HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", []string{"GET"}, 0},
		{"a post without length", "POST /r/length HTTP/1.1\r\n" + host + "\r\n", []string{"POST"}, 0},
		{"a blank before the colon", "GET /r/length HTTP/1.1\r\nHost : x\r\n\r\n", []string{"GET"}, 0},
		{"a folded header", "GET /r/length HTTP/1.1\r\n" + host + "Accept: a,\r\n b\r\n\r\n", []string{"GET"}, 0},
		{"a bare line end", "GET /r/length HTTP/1.1\n" + host + "\r\n", []string{"GET"}, 0},
		{"bare line ends alone", "GET /r/length HTTP/1.1\nHost: x.example\n\n", []string{"GET"}, 0},
		{"bare line ends, and a post", "POST /r/length HTTP/1.1\nHost: x.example\nContent-Length: 3\n\na=1", []string{"POST"}, 0},
		{"a zero byte", "GET /r/length HTTP/1.1\r\n" + host + "Accept: \x00\r\n\r\n", []string{"GET"}, 0},
		{"an absolute address", "GET http://x.example/r/length HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 0},
		{"an encoded path", "GET /r/l%65ngth HTTP/1.1\r\n" + host + "\r\n", []string{"GET"}, 0},
		{"expects", "POST /r/length HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", []string{"POST"}, 0},
		{"another method", "PUT /r/length HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", []string{"PUT"}, 0},
		{"a long head", "GET /r/length HTTP/1.1\r\n" + host + "X-Long: " + strings.Repeat("x", 2*headRoom) + "\r\n\r\n", []string{"GET"}, 0},
		{"no request at all", "hello\r\n\r\n", []string{"GET"}, 0},
	} {
		before := quick.served.Load()
		got, want := quick.ask(t, test.sent, test.methods), slow.ask(t, test.sent, test.methods)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v\nnet/http\n%+v", test.name, got, want)
		}
		if n := quick.served.Load() - before; n != int64(test.here) {
			t.Errorf("%s: %d answered here, want %d", test.name, n, test.here)
		}
	}
}

func TestRequestsComeInAnyPieces(t *testing.T) {
	quick := open(t, true, nil)
	whole := "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 6\r\n\r\nabcdefGET /r/sniffed HTTP/1.1\r\n" + host + "\r\n"
	want := quick.ask(t, whole, []string{"POST", "GET"})
	for size := 1; size < len(whole); size += 7 {
		socket, err := net.Dial("tcp", quick.address)
		if err != nil {
			t.Fatal(err)
		}
		for piece := range slices.Chunk([]byte(whole), size) {
			if _, err := socket.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		in := bufio.NewReader(socket)
		for i, method := range []string{"POST", "GET"} {
			res, err := http.ReadResponse(in, &http.Request{Method: method})
			if err != nil {
				t.Fatalf("pieces of %d: %v", size, err)
			}
			if text, err := io.ReadAll(res.Body); err != nil || string(text) != want[i].body || res.Header.Get("X-Asked") != want[i].header.Get("X-Asked") {
				t.Errorf("pieces of %d: %q %q, %v", size, text, res.Header.Get("X-Asked"), err)
			}
		}
		if err := socket.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoeverIsSlowIsCutOff(t *testing.T) {
	short := func(o *Options) {
		o.ReadHeaderTimeout, o.ReadTimeout, o.IdleTimeout = 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	}
	quick := open(t, true, short)
	for name, sent := range map[string]string{
		"nothing":        "",
		"half a head":    "GET /r/length HTTP/1.1\r\nHo",
		"half a body":    "POST /r/length HTTP/1.1\r\n" + host + "Content-Length: 6\r\n\r\nabc",
		"nothing after":  "GET /r/length HTTP/1.1\r\n" + host + "\r\n",
		"a half request": "GET /r/length HTTP/1.1\r\n" + host + "\r\nGET /r",
	} {
		socket, err := net.Dial("tcp", quick.address)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(socket.SetDeadline(time.Now().Add(10*time.Second)), second(io.WriteString(socket, sent))); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(socket); err != nil {
			t.Errorf("%s: the connection is not closed in order: %v", name, err)
		}
		_ = socket.Close() // it ends
	}
}

func second[T any](_ T, err error) error { return err }

func TestEndingAnswersWhatIsUnderWayAndClosesTheRest(t *testing.T) {
	begun, go1 := make(chan struct{}), make(chan struct{})
	quick := open(t, true, func(o *Options) {
		inner := o.Handler
		o.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/r/wait" {
				close(begun)
				<-go1
			}
			inner.ServeHTTP(w, r)
		})
	})
	idling, err := net.Dial("tcp", quick.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idling.Close() }()
	if _, err := io.WriteString(idling, "GET /r/length HTTP/1.1\r\n"+host+"\r\n"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(idling)
	first, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, first.Body); err != nil {
		t.Fatal(err)
	}
	answered := make(chan []told, 1)
	go func() { answered <- quick.ask(t, "GET /r/wait HTTP/1.1\r\n"+host+"\r\n", []string{"GET", "GET"}) }()
	<-begun
	drained := make(chan error, 1)
	go func() { drained <- quick.wire.Drain(t.Context()) }()
	if rest, err := io.ReadAll(in); len(rest) > 0 || err != nil {
		t.Errorf("the idle connection: %q, %v", rest, err)
	}
	select {
	case err := <-drained:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	close(go1)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	got := <-answered
	if len(got) != 2 || got[0].status != 404 || got[0].header.Get("Connection") != "close" || got[1].err == "" {
		t.Errorf("%+v", got)
	}
}

func TestWhenTheTimeToEndIsOverConnectionsAreClosed(t *testing.T) {
	begun, stay := make(chan struct{}), make(chan struct{})
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := New(inner, Options{Takes: taken, IdleTimeout: time.Minute, ReadHeaderTimeout: time.Minute, WriteTimeout: time.Minute,
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-stay
			if r.Context().Err() == nil {
				t.Error("the request goes on for ever")
			}
		})})
	go func() { _, _ = l.Accept() }() // until it is closed
	socket, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(socket, "GET /r/x HTTP/1.1\r\n"+host+"\r\n"); err != nil {
		t.Fatal(err)
	}
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := l.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(stay)
	if rest, err := io.ReadAll(socket); len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

// TestAnAnswerIsNotTakenBackFromWhoStillSends needs what http.Server does on its own
// connections: it ends its half, and the other half is read for a moment.
func TestAnAnswerIsNotTakenBackFromWhoStillSends(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	inner, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inner.Close() }()
	h := &handed{Conn: inner}
	if _, err := io.WriteString(h, "431"); err != nil {
		t.Fatal(err)
	}
	if err := h.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if told, err := io.ReadAll(client); err != nil || string(told) != "431" {
		t.Errorf("the client was told %q, %v", told, err)
	}
	if _, err := io.WriteString(client, "the rest"); err != nil {
		t.Errorf("the client can not go on: %v", err)
	}
	rest := make([]byte, 8)
	if _, err := io.ReadFull(h, rest); err != nil || string(rest) != "the rest" {
		t.Errorf("read %q, %v", rest, err)
	}
}

// FuzzHead compares what is taken here with what net/http reads.
func FuzzHead(f *testing.F) {
	for _, head := range []string{
		"GET /r/x HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /r/x?y=1 HTTP/1.1\r\nhost: x:8\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n",
		"HEAD /r/x HTTP/1.1\r\nHost: [::1]\r\nSEC-fetch-site: none\r\nX: \t y \r\nConnection: close\r\n\r\n",
		"GET /r/%41 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /r/x? HTTP/1.1\r\nHost: x\r\n\r\n", "GET //r/x HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /r/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "POST /r/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n",
		"GET /r/x HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", "GET  /r/x HTTP/1.1\r\nHost: x\r\n\r\n", "GET /r/x HTTP/1.1 \r\nHost: x\r\n\r\n",
		"GET /r/x HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", "GET /r/x HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nCookie: c\r\n\r\n",
	} {
		f.Add([]byte(head))
	}
	l := New(nil, Options{Takes: func(string) bool { return true }, MaxBody: 1 << 20})
	f.Fuzz(func(t *testing.T, head []byte) {
		end := endOfHead(head)
		if end < 0 || end > headRoom {
			return
		}
		head = head[:end]
		c := &conn{listener: l, remote: "192.0.2.1:1"}
		x, _ := exchanges.Get().(*exchange)
		x.prepare(c)
		first := x.parse(head)
		x.release()
		x, _ = exchanges.Get().(*exchange)
		x.prepare(c) // once more: by the lines that the connection remembers
		defer x.release()
		again := x.parse(head)
		if again != first {
			t.Fatalf("%q is taken %t, then %t", head, first, again)
		}
		if !again {
			return
		}
		want, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			t.Fatalf("%q is taken, and net/http says %v", head, err)
		}
		got := &x.request.Request
		same := got.Method == want.Method && got.RequestURI == want.RequestURI && reflect.DeepEqual(got.URL, want.URL) && got.Proto == want.Proto &&
			got.Host == want.Host && got.ContentLength == want.ContentLength && got.Close == want.Close && reflect.DeepEqual(got.Header, want.Header) &&
			len(want.TransferEncoding) == 0 && (got.Body == http.NoBody) == (want.Body == http.NoBody)
		if !same {
			t.Fatalf("%q:\n%+v\nnet/http\n%+v", head, got, want)
		}
	})
}

// BenchmarkRequest is a request with its answer over loopback, here and by net/http.
func BenchmarkRequest(b *testing.B) {
	page := bytes.Repeat([]byte("page"), 1000)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Length"], h["Content-Type"], h["Cache-Control"] = []string{"4000"}, []string{"text/html"}, []string{"no-store"}
		_, _ = w.Write(page)
	})
	for _, quick := range []bool{true, false} {
		b.Run(fmt.Sprintf("quick=%t", quick), func(b *testing.B) {
			server := httptest.NewUnstartedServer(handler)
			if quick {
				server.Listener = New(server.Listener, Options{Handler: handler, Takes: taken, IdleTimeout: time.Minute, ReadHeaderTimeout: time.Minute, WriteTimeout: time.Minute})
			}
			server.Start()
			defer server.Close()
			socket, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = socket.Close() }()
			asked := []byte("GET /r/x HTTP/1.1\r\n" + host + "User-Agent: x\r\nAccept: text/html\r\nAccept-Language: en\r\nAccept-Encoding: gzip\r\n\r\n")
			in := make([]byte, 16<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := socket.Write(asked); err != nil {
					b.Fatal(err)
				}
				for got := 0; got < 4000; {
					n, err := socket.Read(in)
					if err != nil {
						b.Fatal(err)
					}
					got += n
				}
			}
		})
	}
}
